//! Some groups of rows in one transaction, each as a whole or not at all.

use crate::{
    Column, Complaint, ImportMode, ProductImport, Reason, ReportRow, RowOutcome, cell,
    complaint::{Placed, refused},
    draft::{self, Draft, Work},
    entry::Group,
    import::{self, Problem},
};
use catalogue::{Product, PublishProduct, PublishProductError, UpdateProduct, WriteProductError, market::Seller};
use db::{DbError, TenantTx};
use kernel::ids::{CategoryId, ProductId, ProductImportId};
use metering::Meter;
use std::collections::{BTreeMap, HashSet};

/// Rows of one product.
const MAX_GROUP: usize = 200;

/// What came of a group: the product, and of each row.
struct Done {
    product: Option<Box<Product>>,
    is_new: bool,
    outcomes: Vec<RowOutcome>,
}

/// Why a group's work is taken back.
enum Undone {
    /// Something is wrong with it.
    Refused(Vec<Placed>),
    /// It was a rehearsal.
    Rehearsed(Done),
    Db(DbError),
}

impl From<DbError> for Undone {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

/// Does a step, unless it is done already or the import has ended. False if there is nothing more to do.
pub(crate) fn step(tx: &mut TenantTx<'_>, id: ProductImportId, from: i64, groups: &[Group]) -> Result<bool, DbError> {
    let Some(import) = import::lock(tx, id)? else { return Ok(false) };
    if import.rows_done != from {
        return Ok(true);
    }
    // The firm stays as it is until the step ends; of one that may not act nothing is shown again.
    let firm = tenants::hold_open(tx)?;
    if !firm.status.may_write() {
        import::finish(tx, id, Some(&Problem::new("firm_held")))?;
        return Ok(false);
    }
    let seller = import.publish.then_some(Seller { slug: firm.slug, name: firm.name });
    let mut bench = Bench::prepare(tx, (&import, seller), groups)?;
    let mut rows = Vec::new();
    for group in groups {
        rows.extend(bench.work(tx, group)?);
    }
    import::report(tx, &import, (&rows, bench.made))?;
    Ok(true)
}

/// What all groups of a step need.
struct Bench<'a> {
    import: &'a ProductImport,
    /// Products that have the SKUs of the rows, as this step has left them so far.
    products: BTreeMap<ProductId, Product>,
    by_sku: BTreeMap<String, ProductId>,
    categories: BTreeMap<String, Option<CategoryId>>,
    /// How the firm appears in the market, if new products are put on sale.
    seller: Option<Seller>,
    /// Products that this step has made, or would.
    made: i64,
    /// The plan's maximum of products, and how many more a rehearsal could make.
    room: (i64, i64),
}

impl<'a> Bench<'a> {
    fn prepare(
        tx: &mut TenantTx<'_>,
        (import, seller): (&'a ProductImport, Option<Seller>),
        groups: &[Group],
    ) -> Result<Self, DbError> {
        let entries = || groups.iter().flatten().map(|line| &line.entry);
        let skus: Vec<&str> = entries().map(|entry| entry.sku.as_str()).filter(|sku| !sku.contains('\0')).collect();
        let mut by_sku = BTreeMap::new();
        let mut products = BTreeMap::new();
        for product in catalogue::with_skus(tx, &skus)? {
            by_sku.extend(product.variants.iter().map(|variant| (variant.sku.clone(), product.id)));
            products.insert(product.id, product);
        }
        let mut categories = BTreeMap::new();
        for path in entries().filter_map(|entry| entry.category.clone()) {
            let names = cell::path(&path);
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let found = if path.contains('\0') { None } else { catalogue::category_at(tx, &names)? };
            categories.insert(path, found);
        }
        let limits = metering::limits(tx)?;
        let limit = limits.iter().find(|limit| limit.meter == Meter::Products);
        let maximum = limit.map_or(0, |limit| limit.maximum);
        let room = limit.map_or(0, |limit| maximum - limit.used - limit.reserved - import.products);
        Ok(Self { import, products, by_sku, categories, seller, made: 0, room: (maximum, room) })
    }

    /// Works on a group and tells what came of its rows.
    fn work(&mut self, tx: &mut TenantTx<'_>, group: &Group) -> Result<Vec<ReportRow>, DbError> {
        let result = match self.plan(group) {
            Err(wrong) => Err(Undone::Refused(wrong)),
            Ok((draft, present)) => tx.attempt(|tx| self.write(tx, &draft, (group, present))),
        };
        match result {
            Err(Undone::Rehearsed(done)) if done.is_new && self.made >= self.room.1 => {
                let full = Complaint::row(Reason::ProductLimit(self.room.0));
                Ok(self.refused(group, &[(None, full)]))
            }
            Ok(done) => {
                self.made += i64::from(done.is_new);
                let told = self.told(group, &done);
                // A row further down may be about the same product.
                self.products.extend(done.product.map(|product| (product.id, *product)));
                Ok(told)
            }
            Err(Undone::Rehearsed(done)) => {
                self.made += i64::from(done.is_new);
                Ok(self.told(group, &done))
            }
            Err(Undone::Refused(wrong)) => Ok(self.refused(group, &wrong)),
            Err(Undone::Db(error)) => Err(error),
        }
    }

    /// What a group makes of which product.
    fn plan(&self, group: &Group) -> Result<(Draft, Option<&Product>), Vec<Placed>> {
        let own = |(row, line): (usize, &crate::entry::Line)| {
            line.complaints.iter().map(move |complaint| (Some(row), complaint.clone())).collect::<Vec<_>>()
        };
        let mut wrong: Vec<Placed> = group.iter().enumerate().flat_map(own).collect();
        if group.len() > MAX_GROUP {
            wrong.push((None, Complaint::of(Column::Product, Reason::TooManyVariants)));
        }
        let path = group.iter().find_map(|line| line.entry.category.as_ref());
        let category = path.and_then(|path| self.categories.get(path).copied().flatten());
        if path.is_some() && category.is_none() {
            wrong.push((None, Complaint::of(Column::Category, Reason::UnknownCategory)));
        }
        let found: HashSet<_> = group.iter().filter_map(|line| self.by_sku.get(&line.entry.sku)).collect();
        if found.len() > 1 {
            wrong.push((None, Complaint::of(Column::Product, Reason::SeveralProducts)));
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let present = found.into_iter().next().and_then(|id| self.products.get(id));
        Ok((draft::draft(group, present, category)?, present))
    }

    /// Writes it; a rehearsal ends in an error, so that all is taken back.
    fn write(
        &self,
        tx: &mut TenantTx<'_>,
        draft: &Draft,
        (group, present): (&Group, Option<&Product>),
    ) -> Result<Done, Undone> {
        let refuse = |error: WriteProductError| match refused(error, &draft.rows) {
            Ok(wrong) => Undone::Refused(wrong),
            Err(error) => Undone::Db(error),
        };
        let product = match (&draft.work, present) {
            (Work::Update(patch), Some(product)) => {
                // All variants are written: what somebody else changes meanwhile is not taken back.
                let command = UpdateProduct { id: product.id, seen: Some(product.version), patch: (**patch).clone() };
                catalogue::update(tx, &command).map_err(refuse)?
            }
            (Work::Create(new), _) => {
                let product = catalogue::create(tx, new).map_err(refuse)?;
                self.publish(tx, product.id, &draft.rows)?;
                product
            }
            (Work::Update(_), None) => return Err(Undone::Refused(Vec::new())),
        };
        let outcome = |line: &crate::entry::Line| match present {
            None => RowOutcome::Created,
            Some(before) if !before.variants.iter().any(|variant| variant.sku == line.entry.sku) => RowOutcome::Created,
            Some(before) if before.version == product.version => RowOutcome::Unchanged,
            Some(_) => RowOutcome::Updated,
        };
        let (is_new, outcomes) = (present.is_none(), group.iter().map(outcome).collect());
        if self.import.mode == ImportMode::DryRun {
            return Err(Undone::Rehearsed(Done { product: present.cloned().map(Box::new), is_new, outcomes }));
        }
        Ok(Done { product: Some(Box::new(product)), is_new, outcomes })
    }

    fn publish(&self, tx: &mut TenantTx<'_>, id: ProductId, rows: &[Option<usize>]) -> Result<(), Undone> {
        let Some(seller) = self.seller.clone() else { return Ok(()) };
        match catalogue::publish(tx, &PublishProduct { id, seen: None, seller }) {
            Ok(_) => Ok(()),
            Err(PublishProductError::Db(error)) => Err(error.into()),
            Err(PublishProductError::Change(error)) => Err(Undone::Refused(refused(error, rows)?)),
            Err(PublishProductError::Invalid(faults)) => {
                Err(Undone::Refused(refused(WriteProductError::Invalid(faults), rows)?))
            }
            // A draft that was made in this transaction, with a variant.
            Err(
                PublishProductError::NotFound
                | PublishProductError::Stale { .. }
                | PublishProductError::Archived
                | PublishProductError::NothingToSell,
            ) => Err(Undone::Refused(vec![(None, Complaint::row(Reason::ChangedMeanwhile))])),
        }
    }

    fn told(&self, group: &Group, done: &Done) -> Vec<ReportRow> {
        let product = done.product.as_ref().map(|product| product.id);
        let row = |(line, outcome): (&crate::entry::Line, &RowOutcome)| {
            ReportRow::new(self.import.id, (line.number, line.entry.sku.clone()), *outcome, product, &[])
        };
        group.iter().zip(&done.outcomes).map(row).collect()
    }

    /// No row of a group that is refused does anything: those that are right themselves are told so.
    fn refused(&self, group: &Group, wrong: &[Placed]) -> Vec<ReportRow> {
        let row = |(place, line): (usize, &crate::entry::Line)| {
            let mine = |(at, _): &&Placed| at.is_none_or(|at| at == place);
            let mut complaints: Vec<_> = wrong.iter().filter(mine).map(|(_, complaint)| complaint.clone()).collect();
            if complaints.is_empty() {
                complaints.push(Complaint::of(Column::Product, Reason::AnotherRow));
            }
            let named = (line.number, line.entry.sku.clone());
            ReportRow::new(self.import.id, named, RowOutcome::Failed, None, &complaints)
        };
        group.iter().enumerate().map(row).collect()
    }
}
