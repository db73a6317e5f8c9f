//! Finds and lists categories, with what they inherit.

use super::{Category, CategoryAttribute};
use db::{DbError, TenantTx, schema::categories};
use diesel::prelude::*;
use kernel::{
    ids::CategoryId,
    pages::{Page, PageRequest},
};

/// The category, if it is the tenant's.
pub fn find_category(tx: &mut TenantTx<'_>, id: CategoryId) -> Result<Option<Category>, DbError> {
    Ok(categories::table
        .filter(categories::tenant_id.eq(tx.tenant()))
        .filter(categories::id.eq(id))
        .select(Category::as_select())
        .first(tx.conn())
        .optional()?)
}

/// The firm's categories in the order they were made.
pub fn list_categories(
    tx: &mut TenantTx<'_>,
    page: &PageRequest<CategoryId>,
) -> Result<Page<Category, CategoryId>, DbError> {
    let mut query = categories::table
        .filter(categories::tenant_id.eq(tx.tenant()))
        .order(categories::id)
        .limit(page.fetch())
        .select(Category::as_select())
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(categories::id.gt(after));
    }
    Ok(Page::of(query.load(tx.conn())?, page, |category: &Category| category.id))
}

/// What a category has from those above it, from the root down; what it defines itself is not among it.
pub fn inherited(tx: &mut TenantTx<'_>, category: &Category) -> Result<Vec<CategoryAttribute>, DbError> {
    let Some((_, above)) = category.path.split_last() else { return Ok(Vec::new()) };
    if above.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: Vec<Category> = categories::table
        .filter(categories::tenant_id.eq(tx.tenant()))
        .filter(categories::id.eq_any(above))
        .select(Category::as_select())
        .load(tx.conn())?;
    found.sort_by_key(|category| category.path.len());
    let all = found.into_iter().flat_map(|category| category.attributes.0).collect();
    Ok(nearest(all).into_iter().filter(|from_above| !defines(category, &from_above.key)).collect())
}

/// All attributes that products of a category have, if the category is the tenant's.
pub(crate) fn attributes_of(tx: &mut TenantTx<'_>, id: CategoryId) -> Result<Option<Vec<CategoryAttribute>>, DbError> {
    let Some(category) = find_category(tx, id)? else { return Ok(None) };
    let mut all = inherited(tx, &category)?;
    all.extend(category.attributes.0);
    Ok(Some(all))
}

fn defines(category: &Category, key: &str) -> bool {
    category.attributes.0.iter().any(|attribute| attribute.key == key)
}

/// Of several definitions of a key, the last one: that of the category nearest to the product.
fn nearest(all: Vec<CategoryAttribute>) -> Vec<CategoryAttribute> {
    let mut kept: Vec<CategoryAttribute> = Vec::new();
    for attribute in all {
        kept.retain(|other| other.key != attribute.key);
        kept.push(attribute);
    }
    kept
}
