//! Collections: ordered lists of products that a firm puts together.

use crate::{
    edit::{EditError, fresh, within},
    validate::{Faults, Rule},
};
use audit::Audited;
use chrono::{DateTime, Utc};
use db::{
    DbError, TenantTx,
    schema::{collection_products as entries, collections, products},
};
use diesel::prelude::*;
use kernel::{
    ids::ProductId,
    pages::{Page, PageRequest},
};
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

kernel::define_id!(
    /// A collection.
    CollectionId,
    "col"
);

/// Collections of a firm.
const MAX_COLLECTIONS: i64 = 500;
/// Products of a collection.
const MAX_PRODUCTS: usize = 500;
const NAME: &str = "collections_name";

/// A collection's own row.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = collections)]
pub struct CollectionRow {
    /// Its id.
    pub id: CollectionId,
    /// Its name, unique in the firm.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// Counts the changes; starts at 1.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A collection with its products.
#[derive(Debug, Clone)]
pub struct Collection {
    /// The collection itself.
    pub row: CollectionRow,
    /// Its products, in the order in which they are shown.
    pub products: Vec<ProductId>,
}

/// A collection as it is first written.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCollection {
    /// Its name, 1 to 80 characters, unique in the firm.
    pub name: String,
    /// What it is about, at most 2,000 characters.
    #[serde(default)]
    pub description: String,
    /// At most 500 products of the firm, each once, in the order in which they are shown.
    #[serde(default)]
    pub products: Vec<ProductId>,
}

/// Changes to a collection; what is absent stays as it is.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CollectionPatch {
    /// Its name, 1 to 80 characters, unique in the firm.
    pub name: Option<String>,
    /// What it is about, at most 2,000 characters.
    pub description: Option<String>,
    /// At most 500 products of the firm, each once: all that there are from now on, in their order.
    pub products: Option<Vec<ProductId>>,
}

fn check(tx: &mut TenantTx<'_>, (name, description): (&str, &str), wanted: &[ProductId]) -> Result<(), EditError> {
    let mut faults = Faults::default();
    faults.line("/name", name, 1, 80);
    faults.text("/description", description, 2_000);
    faults.count("/products", wanted.len(), MAX_PRODUCTS);
    faults.result().map_err(EditError::Invalid)?;
    let known = known(tx, wanted)?;
    let (mut references, mut seen) = (Faults::default(), BTreeSet::new());
    for (index, id) in wanted.iter().enumerate() {
        references.check(seen.insert(id), format!("/products/{index}"), Rule::Once);
        references.check(known.contains(id), format!("/products/{index}"), Rule::Own);
    }
    references.result().map_err(EditError::Invalid)
}

fn known(tx: &mut TenantTx<'_>, wanted: &[ProductId]) -> Result<BTreeSet<ProductId>, DbError> {
    let found: Vec<ProductId> = products::table
        .filter(products::tenant_id.eq(tx.tenant()))
        .filter(products::id.eq_any(wanted))
        .select(products::id)
        .load(tx.conn())?;
    Ok(found.into_iter().collect())
}

/// Makes a collection.
pub fn create(tx: &mut TenantTx<'_>, new: &NewCollection) -> Result<Collection, EditError> {
    check(tx, (&new.name, &new.description), &new.products)?;
    let count = collections::table.filter(collections::tenant_id.eq(tx.tenant())).count().get_result(tx.conn());
    within(count.map_err(DbError::from)?, MAX_COLLECTIONS)?;
    let row = CollectionRow {
        id: tx.new_id(),
        name: new.name.trim().to_owned(),
        description: new.description.clone(),
        version: 1,
        created_at: tx.now(),
    };
    diesel::insert_into(collections::table).values(&row).execute(tx.conn()).map_err(EditError::named(NAME))?;
    insert_entries(tx, row.id, &new.products)?;
    tx.audit("collection.created", row.id, json!({ "products": new.products.len() }))?;
    Ok(Collection { row, products: new.products.clone() })
}

/// Changes a collection. What is so already stays as it is.
pub fn update(
    tx: &mut TenantTx<'_>,
    id: CollectionId,
    (seen, patch): (Option<i64>, &CollectionPatch),
) -> Result<Collection, EditError> {
    let Collection { row, products } = lock(tx, id)?.ok_or(EditError::NotFound)?;
    let wanted = CollectionRow {
        name: patch.name.as_deref().map_or(row.name.as_str(), str::trim).to_owned(),
        description: patch.description.as_ref().unwrap_or(&row.description).clone(),
        ..row.clone()
    };
    let chosen = patch.products.as_ref().unwrap_or(&products).clone();
    if wanted == row && chosen == products {
        return Ok(Collection { row, products });
    }
    fresh(seen, row.version)?;
    check(tx, (&wanted.name, &wanted.description), patch.products.as_deref().unwrap_or_default())?;
    let row = CollectionRow { version: row.version + 1, ..wanted };
    diesel::update(collections::table.filter(collections::tenant_id.eq(tx.tenant())).filter(collections::id.eq(id)))
        .set((
            collections::name.eq(&row.name),
            collections::description.eq(&row.description),
            collections::version.eq(row.version),
        ))
        .execute(tx.conn())
        .map_err(EditError::named(NAME))?;
    if chosen != products {
        delete_entries(tx, id)?;
        insert_entries(tx, id, &chosen)?;
    }
    tx.audit("collection.updated", id, json!({ "version": row.version }))?;
    Ok(Collection { row, products: chosen })
}

/// Deletes a collection; its products stay.
pub fn delete(tx: &mut TenantTx<'_>, id: CollectionId) -> Result<(), EditError> {
    lock(tx, id)?.ok_or(EditError::NotFound)?;
    delete_entries(tx, id)?;
    diesel::delete(collections::table.filter(collections::tenant_id.eq(tx.tenant())).filter(collections::id.eq(id)))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    tx.audit("collection.deleted", id, json!({}))?;
    Ok(())
}

/// The collection with its products, if it is the tenant's.
pub fn find(tx: &mut TenantTx<'_>, id: CollectionId) -> Result<Option<Collection>, DbError> {
    let row = collections::table
        .filter(collections::tenant_id.eq(tx.tenant()))
        .filter(collections::id.eq(id))
        .select(CollectionRow::as_select())
        .first(tx.conn())
        .optional()?;
    row.map(|row| with_products(tx, row)).transpose()
}

/// The firm's collections in the order in which they were made.
pub fn list(
    tx: &mut TenantTx<'_>,
    page: &PageRequest<CollectionId>,
) -> Result<Page<Collection, CollectionId>, DbError> {
    let mut query = collections::table
        .filter(collections::tenant_id.eq(tx.tenant()))
        .order(collections::id)
        .limit(page.fetch())
        .select(CollectionRow::as_select())
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(collections::id.gt(after));
    }
    let rows = Page::of(query.load(tx.conn())?, page, |row: &CollectionRow| row.id);
    let ids: Vec<CollectionId> = rows.data.iter().map(|row| row.id).collect();
    let mut entries = entries_of(tx, &ids)?;
    Ok(rows.map(|row| Collection { products: entries.remove(&row.id).unwrap_or_default(), row }))
}

fn lock(tx: &mut TenantTx<'_>, id: CollectionId) -> Result<Option<Collection>, DbError> {
    let row = collections::table
        .filter(collections::tenant_id.eq(tx.tenant()))
        .filter(collections::id.eq(id))
        .select(CollectionRow::as_select())
        .for_update()
        .first(tx.conn())
        .optional()?;
    row.map(|row| with_products(tx, row)).transpose()
}

fn with_products(tx: &mut TenantTx<'_>, row: CollectionRow) -> Result<Collection, DbError> {
    let products = entries_of(tx, &[row.id])?.remove(&row.id).unwrap_or_default();
    Ok(Collection { row, products })
}

fn entries_of(tx: &mut TenantTx<'_>, ids: &[CollectionId]) -> Result<BTreeMap<CollectionId, Vec<ProductId>>, DbError> {
    let rows: Vec<(CollectionId, ProductId)> = entries::table
        .filter(entries::tenant_id.eq(tx.tenant()))
        .filter(entries::collection_id.eq_any(ids))
        .order((entries::collection_id, entries::position))
        .select((entries::collection_id, entries::product_id))
        .load(tx.conn())?;
    let mut found: BTreeMap<CollectionId, Vec<ProductId>> = BTreeMap::new();
    for (collection, product) in rows {
        found.entry(collection).or_default().push(product);
    }
    Ok(found)
}

fn insert_entries(tx: &mut TenantTx<'_>, id: CollectionId, wanted: &[ProductId]) -> Result<(), DbError> {
    if wanted.is_empty() {
        return Ok(());
    }
    let row = |(position, product): (i32, &ProductId)| {
        (entries::collection_id.eq(id), entries::product_id.eq(*product), entries::position.eq(position))
    };
    let rows: Vec<_> = (0..).zip(wanted).map(row).collect();
    diesel::insert_into(entries::table).values(rows).execute(tx.conn())?;
    Ok(())
}

fn delete_entries(tx: &mut TenantTx<'_>, id: CollectionId) -> Result<(), DbError> {
    diesel::delete(entries::table.filter(entries::tenant_id.eq(tx.tenant())).filter(entries::collection_id.eq(id)))
        .execute(tx.conn())?;
    Ok(())
}
