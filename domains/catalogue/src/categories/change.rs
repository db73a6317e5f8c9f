//! Makes, changes, moves and deletes categories.

use super::{Category, CategoryAttributes, attribute, read::find_category};
use crate::{
    edit::{EditError, fresh, within},
    product::present,
    validate::{Faults, Rule},
};
use audit::Audited;
use db::{
    DbError, TenantTx,
    schema::{categories, products},
};
use diesel::prelude::*;
use kernel::ids::{CategoryId, ProductId};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// Categories of a firm.
const MAX_CATEGORIES: i64 = 2_000;
/// Categories from the root down.
const MAX_DEPTH: usize = 8;

/// A category as it is first written.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCategory {
    /// Its name, 1 to 80 characters.
    pub name: String,
    /// The category it belongs to; at most 8 lie in one another.
    pub parent_id: Option<CategoryId>,
    /// What its products are asked for, at most 50; those of the categories above hold too, unless one here has the same key.
    #[serde(default)]
    pub attributes: CategoryAttributes,
}

/// Changes to a category; what is absent stays as it is. Products are held to it when they are written next.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryPatch {
    /// Its name, 1 to 80 characters.
    pub name: Option<String>,
    /// The category it belongs to, with all that lies in it; null: none.
    #[serde(default, deserialize_with = "present")]
    pub parent_id: Option<Option<CategoryId>>,
    /// What its products are asked for, at most 50.
    pub attributes: Option<CategoryAttributes>,
}

/// Makes a category.
pub fn create_category(tx: &mut TenantTx<'_>, new: &NewCategory) -> Result<Category, EditError> {
    let above = path_of(tx, new.parent_id)?;
    let mut faults = checked(&new.name, &new.attributes);
    faults.check(above.is_some(), "/parent_id", Rule::Own);
    let mut path = above.unwrap_or_default();
    faults.check(path.len() < MAX_DEPTH, "/parent_id", Rule::AtMostDeep(MAX_DEPTH));
    faults.result().map_err(EditError::Invalid)?;
    let count = categories::table.filter(categories::tenant_id.eq(tx.tenant())).count().get_result(tx.conn());
    within(count.map_err(DbError::from)?, MAX_CATEGORIES)?;
    let id = tx.new_id();
    path.push(id);
    let category = Category {
        id,
        parent_id: new.parent_id,
        name: new.name.trim().to_owned(),
        created_at: tx.now(),
        path,
        attributes: new.attributes.clone(),
        version: 1,
    };
    diesel::insert_into(categories::table).values(&category).execute(tx.conn()).map_err(DbError::from)?;
    tx.audit("category.created", category.id, json!({ "parent": category.parent_id }))?;
    Ok(category)
}

fn checked(name: &str, attributes: &CategoryAttributes) -> Faults {
    let mut faults = Faults::default();
    faults.line("/name", name, 1, 80);
    attribute::check(&mut faults, attributes);
    faults
}

/// The path of a category that others are to lie in; locked, so that it stays where it is.
fn path_of(tx: &mut TenantTx<'_>, parent: Option<CategoryId>) -> Result<Option<Vec<CategoryId>>, DbError> {
    let Some(parent) = parent else { return Ok(Some(Vec::new())) };
    Ok(categories::table
        .filter(categories::tenant_id.eq(tx.tenant()))
        .filter(categories::id.eq(parent))
        .select(categories::path)
        .for_update()
        .first(tx.conn())
        .optional()?)
}

/// Changes a category, and moves it with all that lies in it. What is so already stays as it is.
pub fn update_category(
    tx: &mut TenantTx<'_>,
    id: CategoryId,
    (seen, patch): (Option<i64>, &CategoryPatch),
) -> Result<Category, EditError> {
    let tree = lock_all(tx)?;
    let old = tree.iter().find(|category| category.id == id).ok_or(EditError::NotFound)?;
    let wanted = Category {
        name: patch.name.as_deref().map_or(old.name.as_str(), str::trim).to_owned(),
        parent_id: patch.parent_id.unwrap_or(old.parent_id),
        attributes: patch.attributes.as_ref().unwrap_or(&old.attributes).clone(),
        ..old.clone()
    };
    if wanted == *old {
        return Ok(wanted);
    }
    fresh(seen, old.version)?;
    let mut faults = checked(&wanted.name, &wanted.attributes);
    let above = placed(&mut faults, &tree, (old, wanted.parent_id));
    faults.result().map_err(EditError::Invalid)?;
    let wanted = Category { version: old.version + 1, ..wanted };
    store(tx, &wanted)?;
    for category in tree.iter().filter(|category| category.path.contains(&id)) {
        let below = &category.path[old.path.len() - 1..];
        set_path(tx, category, [&above[..], below].concat())?;
    }
    tx.audit("category.updated", id, json!({ "version": wanted.version, "parent": wanted.parent_id }))?;
    find_category(tx, id)?.ok_or(EditError::NotFound)
}

/// The path above a category in its new place, which lies neither in itself nor too deep.
fn placed(faults: &mut Faults, tree: &[Category], (old, parent): (&Category, Option<CategoryId>)) -> Vec<CategoryId> {
    let found = parent.map(|parent| tree.iter().find(|category| category.id == parent));
    faults.check(!matches!(found, Some(None)), "/parent_id", Rule::Own);
    let above = found.flatten().map(|parent| parent.path.clone()).unwrap_or_default();
    faults.check(!above.contains(&old.id), "/parent_id", Rule::NotInItself);
    let inside = tree.iter().filter(|category| category.path.contains(&old.id));
    let height = inside.map(|category| category.path.len() - old.path.len() + 1).max().unwrap_or(1);
    faults.check(above.len() + height <= MAX_DEPTH, "/parent_id", Rule::AtMostDeep(MAX_DEPTH));
    above
}

/// All categories, locked in the order of their ids: two that are moved into each other at once must see each other.
fn lock_all(tx: &mut TenantTx<'_>) -> Result<Vec<Category>, DbError> {
    let _: Vec<CategoryId> = categories::table
        .filter(categories::tenant_id.eq(tx.tenant()))
        .order(categories::id)
        .select(categories::id)
        .for_update()
        .load(tx.conn())?;
    // Read again: one that was made in a locked one meanwhile is seen now.
    Ok(categories::table
        .filter(categories::tenant_id.eq(tx.tenant()))
        .order(categories::id)
        .select(Category::as_select())
        .load(tx.conn())?)
}

fn store(tx: &mut TenantTx<'_>, wanted: &Category) -> Result<(), DbError> {
    diesel::update(
        categories::table.filter(categories::tenant_id.eq(tx.tenant())).filter(categories::id.eq(wanted.id)),
    )
    .set((
        categories::name.eq(&wanted.name),
        categories::parent_id.eq(wanted.parent_id),
        categories::attributes.eq(&wanted.attributes),
        categories::version.eq(wanted.version),
    ))
    .execute(tx.conn())?;
    Ok(())
}

fn set_path(tx: &mut TenantTx<'_>, category: &Category, path: Vec<CategoryId>) -> Result<(), DbError> {
    if category.path == path {
        return Ok(());
    }
    let row = categories::table.filter(categories::tenant_id.eq(tx.tenant())).filter(categories::id.eq(category.id));
    diesel::update(row).set(categories::path.eq(path)).execute(tx.conn())?;
    Ok(())
}

/// Deletes a category in which nothing lies, neither categories nor products.
pub fn delete_category(tx: &mut TenantTx<'_>, id: CategoryId) -> Result<(), EditError> {
    path_of(tx, Some(id))?.ok_or(EditError::NotFound)?;
    let mut by = children(tx, id)?;
    by.extend(products_in(tx, id)?);
    if !by.is_empty() {
        return Err(EditError::InUse { by });
    }
    diesel::delete(categories::table.filter(categories::tenant_id.eq(tx.tenant())).filter(categories::id.eq(id)))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    tx.audit("category.deleted", id, json!({}))?;
    Ok(())
}

fn children(tx: &mut TenantTx<'_>, id: CategoryId) -> Result<Vec<String>, DbError> {
    let found: Vec<CategoryId> = categories::table
        .filter(categories::tenant_id.eq(tx.tenant()))
        .filter(categories::parent_id.eq(id))
        .order(categories::id)
        .limit(10)
        .select(categories::id)
        .load(tx.conn())?;
    Ok(found.iter().map(ToString::to_string).collect())
}

fn products_in(tx: &mut TenantTx<'_>, id: CategoryId) -> Result<Vec<String>, DbError> {
    let found: Vec<ProductId> = products::table
        .filter(products::tenant_id.eq(tx.tenant()))
        .filter(products::category_id.eq(id))
        .order(products::id)
        .limit(10)
        .select(products::id)
        .load(tx.conn())?;
    Ok(found.iter().map(ToString::to_string).collect())
}
