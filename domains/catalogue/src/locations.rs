//! Where a firm's stock lies. The first location is the default: there lies what lies nowhere else.

use crate::{
    edit::{EditError, fresh, within},
    validate::{Faults, Rule},
};
use audit::Audited;
use chrono::{DateTime, Utc};
use db::{
    DbError, TenantTx,
    schema::{locations, stock_levels as levels},
};
use diesel::prelude::*;
use kernel::{
    ids::VariantId,
    pages::{Page, PageRequest},
};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

kernel::define_id!(
    /// Where stock lies.
    LocationId,
    "loc"
);

/// Locations of a firm.
const MAX_LOCATIONS: i64 = 100;
const NAME: &str = "locations_name";
const DEFAULT: &str = "locations_default";

/// A place where stock lies.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = locations)]
pub struct Location {
    /// Its id.
    pub id: LocationId,
    /// Its name, unique in the firm.
    pub name: String,
    /// Whether it is where everything lies that lies nowhere else.
    pub is_default: bool,
    /// Counts the changes; starts at 1.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A location as it is first written.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLocation {
    /// Its name, 1 to 80 characters, unique in the firm.
    pub name: String,
}

/// Changes to a location; what is absent stays as it is.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LocationPatch {
    /// Its name, 1 to 80 characters, unique in the firm.
    pub name: Option<String>,
}

fn check(name: &str) -> Result<(), EditError> {
    let mut faults = Faults::default();
    faults.line("/name", name, 1, 80);
    faults.result().map_err(EditError::Invalid)
}

/// Makes a location; the first one is the default.
pub fn create(tx: &mut TenantTx<'_>, new: &NewLocation) -> Result<Location, EditError> {
    check(&new.name)?;
    let count: i64 = locations::table
        .filter(locations::tenant_id.eq(tx.tenant()))
        .count()
        .get_result(tx.conn())
        .map_err(DbError::from)?;
    within(count, MAX_LOCATIONS)?;
    let row = Location {
        id: tx.new_id(),
        name: new.name.trim().to_owned(),
        is_default: count == 0,
        version: 1,
        created_at: tx.now(),
    };
    diesel::insert_into(locations::table).values(&row).execute(tx.conn()).map_err(taken)?;
    tx.audit("location.created", row.id, json!({ "is_default": row.is_default }))?;
    Ok(row)
}

/// Two first ones at once: the second one finds that there is a default already, as if its name were taken.
fn taken(error: diesel::result::Error) -> EditError {
    let error = DbError::from(error);
    let named = error.is_unique_violation(NAME) || error.is_unique_violation(DEFAULT);
    if named { EditError::NameTaken } else { error.into() }
}

/// Gives a location another name. What is so already stays as it is.
pub fn update(
    tx: &mut TenantTx<'_>,
    id: LocationId,
    (seen, patch): (Option<i64>, &LocationPatch),
) -> Result<Location, EditError> {
    let row = lock(tx, id)?.ok_or(EditError::NotFound)?;
    let name = patch.name.as_deref().map_or(row.name.as_str(), str::trim).to_owned();
    if name == row.name {
        return Ok(row);
    }
    fresh(seen, row.version)?;
    check(&name)?;
    let row = Location { name, version: row.version + 1, ..row };
    diesel::update(locations::table.filter(locations::tenant_id.eq(tx.tenant())).filter(locations::id.eq(id)))
        .set((locations::name.eq(&row.name), locations::version.eq(row.version)))
        .execute(tx.conn())
        .map_err(taken)?;
    tx.audit("location.updated", id, json!({ "version": row.version }))?;
    Ok(row)
}

/// Deletes a location where nothing lies; the default goes last.
pub fn delete(tx: &mut TenantTx<'_>, id: LocationId) -> Result<(), EditError> {
    let row = lock(tx, id)?.ok_or(EditError::NotFound)?;
    let by = if row.is_default { others(tx, id)? } else { variants_at(tx, id)? };
    if !by.is_empty() {
        return Err(EditError::InUse { by });
    }
    let empty = levels::table.filter(levels::tenant_id.eq(tx.tenant())).filter(levels::location_id.eq(id));
    diesel::delete(empty).execute(tx.conn()).map_err(DbError::from)?;
    diesel::delete(locations::table.filter(locations::tenant_id.eq(tx.tenant())).filter(locations::id.eq(id)))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    tx.audit("location.deleted", id, json!({}))?;
    Ok(())
}

fn others(tx: &mut TenantTx<'_>, id: LocationId) -> Result<Vec<String>, DbError> {
    let found: Vec<LocationId> = locations::table
        .filter(locations::tenant_id.eq(tx.tenant()))
        .filter(locations::id.ne(id))
        .order(locations::id)
        .limit(10)
        .select(locations::id)
        .load(tx.conn())?;
    Ok(found.iter().map(ToString::to_string).collect())
}

fn variants_at(tx: &mut TenantTx<'_>, id: LocationId) -> Result<Vec<String>, DbError> {
    let found: Vec<VariantId> = levels::table
        .filter(levels::tenant_id.eq(tx.tenant()))
        .filter(levels::location_id.eq(id))
        .filter(levels::on_hand.gt(0))
        .order(levels::variant_id)
        .limit(10)
        .select(levels::variant_id)
        .load(tx.conn())?;
    Ok(found.iter().map(ToString::to_string).collect())
}

/// The location, if it is the tenant's.
pub fn find(tx: &mut TenantTx<'_>, id: LocationId) -> Result<Option<Location>, DbError> {
    Ok(locations::table
        .filter(locations::tenant_id.eq(tx.tenant()))
        .filter(locations::id.eq(id))
        .select(Location::as_select())
        .first(tx.conn())
        .optional()?)
}

/// The firm's locations in the order in which they were made: the default first.
pub fn list(tx: &mut TenantTx<'_>, page: &PageRequest<LocationId>) -> Result<Page<Location, LocationId>, DbError> {
    let mut query = locations::table
        .filter(locations::tenant_id.eq(tx.tenant()))
        .order(locations::id)
        .limit(page.fetch())
        .select(Location::as_select())
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(locations::id.gt(after));
    }
    Ok(Page::of(query.load(tx.conn())?, page, |row: &Location| row.id))
}

fn lock(tx: &mut TenantTx<'_>, id: LocationId) -> Result<Option<Location>, DbError> {
    Ok(locations::table
        .filter(locations::tenant_id.eq(tx.tenant()))
        .filter(locations::id.eq(id))
        .select(Location::as_select())
        .for_update()
        .first(tx.conn())
        .optional()?)
}

/// A location that a change of stock names, kept from being deleted until it has happened: `None` is the default one, named or not.
pub(crate) fn named(
    tx: &mut TenantTx<'_>,
    (id, pointer): (Option<LocationId>, &str),
    faults: &mut Faults,
) -> Result<Option<LocationId>, DbError> {
    let Some(id) = id else { return Ok(None) };
    let is_default: Option<bool> = locations::table
        .filter(locations::tenant_id.eq(tx.tenant()))
        .filter(locations::id.eq(id))
        .select(locations::is_default)
        .for_key_share()
        .first(tx.conn())
        .optional()?;
    faults.check(is_default.is_some(), pointer, Rule::Own);
    Ok(Some(id).filter(|_| is_default == Some(false)))
}
