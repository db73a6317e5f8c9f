//! Groups of buyers with whom a seller agrees on prices.

use crate::{
    edit::{EditError, fresh, within},
    validate::{Faults, Rule},
};
use audit::Audited;
use chrono::{DateTime, Utc};
use db::{
    DbError, TenantTx,
    schema::{buyer_group_members as members, buyer_groups as groups, price_lists},
};
use diesel::prelude::*;
use kernel::{
    ids::TenantId,
    pages::{Page, PageRequest},
};
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

kernel::define_id!(
    /// A group of buyers.
    BuyerGroupId,
    "bgr"
);

/// Groups of a firm.
const MAX_GROUPS: i64 = 200;
/// Buyers of a group.
const MAX_BUYERS: usize = 500;
const NAME: &str = "buyer_groups_name";

/// A group of buyers.
#[derive(Debug, Clone)]
pub struct BuyerGroup {
    /// The group itself.
    pub row: BuyerGroupRow,
    /// The firms in it, in the order of their ids.
    pub buyers: Vec<TenantId>,
}

/// A group's own row.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = groups)]
pub struct BuyerGroupRow {
    /// Its id.
    pub id: BuyerGroupId,
    /// Its name, unique in the firm.
    pub name: String,
    /// Counts the changes; starts at 1.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A group as it is first written.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBuyerGroup {
    /// Its name, 1 to 80 characters, unique in the firm.
    pub name: String,
    /// At most 500 firms.
    #[serde(default)]
    pub buyers: BTreeSet<TenantId>,
}

/// Changes to a group; what is absent stays as it is.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BuyerGroupPatch {
    /// Its name, 1 to 80 characters, unique in the firm.
    pub name: Option<String>,
    /// At most 500 firms: those who are in it from now on.
    pub buyers: Option<BTreeSet<TenantId>>,
}

fn check(name: &str, buyers: &BTreeSet<TenantId>) -> Result<(), EditError> {
    let mut faults = Faults::default();
    faults.line("/name", name, 1, 80);
    faults.check(buyers.len() <= MAX_BUYERS, "/buyers", Rule::AtMostEntries(MAX_BUYERS));
    faults.result().map_err(EditError::Invalid)
}

/// Makes a group. Whom it names need not exist, so that nobody learns who does.
pub fn create(tx: &mut TenantTx<'_>, new: &NewBuyerGroup) -> Result<BuyerGroup, EditError> {
    check(&new.name, &new.buyers)?;
    let count = groups::table.filter(groups::tenant_id.eq(tx.tenant())).count().get_result(tx.conn());
    within(count.map_err(DbError::from)?, MAX_GROUPS)?;
    let row = BuyerGroupRow { id: tx.new_id(), name: new.name.trim().to_owned(), version: 1, created_at: tx.now() };
    diesel::insert_into(groups::table).values(&row).execute(tx.conn()).map_err(EditError::named(NAME))?;
    insert_members(tx, row.id, &new.buyers)?;
    tx.audit("buyer_group.created", row.id, json!({ "buyers": new.buyers.len() }))?;
    Ok(BuyerGroup { row, buyers: new.buyers.iter().copied().collect() })
}

/// Changes a group. What is so already stays as it is.
pub fn update(
    tx: &mut TenantTx<'_>,
    id: BuyerGroupId,
    (seen, patch): (Option<i64>, &BuyerGroupPatch),
) -> Result<BuyerGroup, EditError> {
    let row = lock(tx, id)?.ok_or(EditError::NotFound)?;
    let present: BTreeSet<TenantId> = members_of(tx, &[id])?.remove(&id).unwrap_or_default().into_iter().collect();
    let name = patch.name.as_deref().map_or(row.name.as_str(), str::trim).to_owned();
    let buyers = patch.buyers.as_ref().unwrap_or(&present).clone();
    if name == row.name && buyers == present {
        return Ok(BuyerGroup { row, buyers: present.into_iter().collect() });
    }
    fresh(seen, row.version)?;
    check(&name, &buyers)?;
    let row = BuyerGroupRow { name, version: row.version + 1, ..row };
    diesel::update(groups::table.filter(groups::tenant_id.eq(tx.tenant())).filter(groups::id.eq(id)))
        .set((groups::name.eq(&row.name), groups::version.eq(row.version)))
        .execute(tx.conn())
        .map_err(EditError::named(NAME))?;
    delete_members(tx, id)?;
    insert_members(tx, id, &buyers)?;
    tx.audit("buyer_group.updated", id, json!({ "version": row.version }))?;
    Ok(BuyerGroup { row, buyers: buyers.into_iter().collect() })
}

/// Deletes a group with which no price list is agreed.
pub fn delete(tx: &mut TenantTx<'_>, id: BuyerGroupId) -> Result<(), EditError> {
    lock(tx, id)?.ok_or(EditError::NotFound)?;
    let lists: Vec<crate::price_lists::PriceListId> = price_lists::table
        .filter(price_lists::tenant_id.eq(tx.tenant()))
        .filter(price_lists::group_id.eq(id))
        .order(price_lists::id)
        .limit(10)
        .select(price_lists::id)
        .load(tx.conn())
        .map_err(DbError::from)?;
    if !lists.is_empty() {
        return Err(EditError::InUse { by: lists.iter().map(ToString::to_string).collect() });
    }
    delete_members(tx, id)?;
    diesel::delete(groups::table.filter(groups::tenant_id.eq(tx.tenant())).filter(groups::id.eq(id)))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    tx.audit("buyer_group.deleted", id, json!({}))?;
    Ok(())
}

/// The group, if it is the tenant's.
pub fn find(tx: &mut TenantTx<'_>, id: BuyerGroupId) -> Result<Option<BuyerGroup>, DbError> {
    let row = groups::table
        .filter(groups::tenant_id.eq(tx.tenant()))
        .filter(groups::id.eq(id))
        .select(BuyerGroupRow::as_select())
        .first(tx.conn())
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let buyers = members_of(tx, &[id])?.remove(&id).unwrap_or_default();
    Ok(Some(BuyerGroup { row, buyers }))
}

/// The firm's groups in the order in which they were made.
pub fn list(
    tx: &mut TenantTx<'_>,
    page: &PageRequest<BuyerGroupId>,
) -> Result<Page<BuyerGroup, BuyerGroupId>, DbError> {
    let mut query = groups::table
        .filter(groups::tenant_id.eq(tx.tenant()))
        .order(groups::id)
        .limit(page.fetch())
        .select(BuyerGroupRow::as_select())
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(groups::id.gt(after));
    }
    let rows = Page::of(query.load(tx.conn())?, page, |row: &BuyerGroupRow| row.id);
    let ids: Vec<BuyerGroupId> = rows.data.iter().map(|row| row.id).collect();
    let mut buyers = members_of(tx, &ids)?;
    Ok(rows.map(|row| BuyerGroup { buyers: buyers.remove(&row.id).unwrap_or_default(), row }))
}

/// Locks a group, so that its changes, and lists that are agreed with it, follow one another.
pub(crate) fn lock(tx: &mut TenantTx<'_>, id: BuyerGroupId) -> Result<Option<BuyerGroupRow>, DbError> {
    Ok(groups::table
        .filter(groups::tenant_id.eq(tx.tenant()))
        .filter(groups::id.eq(id))
        .select(BuyerGroupRow::as_select())
        .for_update()
        .first(tx.conn())
        .optional()?)
}

fn members_of(tx: &mut TenantTx<'_>, ids: &[BuyerGroupId]) -> Result<BTreeMap<BuyerGroupId, Vec<TenantId>>, DbError> {
    let rows: Vec<(BuyerGroupId, TenantId)> = members::table
        .filter(members::tenant_id.eq(tx.tenant()))
        .filter(members::group_id.eq_any(ids))
        .order((members::group_id, members::buyer_id))
        .select((members::group_id, members::buyer_id))
        .load(tx.conn())?;
    let mut found: BTreeMap<BuyerGroupId, Vec<TenantId>> = BTreeMap::new();
    for (group, buyer) in rows {
        found.entry(group).or_default().push(buyer);
    }
    Ok(found)
}

fn insert_members(tx: &mut TenantTx<'_>, id: BuyerGroupId, buyers: &BTreeSet<TenantId>) -> Result<(), DbError> {
    if buyers.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = buyers.iter().map(|buyer| (members::group_id.eq(id), members::buyer_id.eq(*buyer))).collect();
    diesel::insert_into(members::table).values(rows).execute(tx.conn())?;
    Ok(())
}

fn delete_members(tx: &mut TenantTx<'_>, id: BuyerGroupId) -> Result<(), DbError> {
    diesel::delete(members::table.filter(members::tenant_id.eq(tx.tenant())).filter(members::group_id.eq(id)))
        .execute(tx.conn())?;
    Ok(())
}
