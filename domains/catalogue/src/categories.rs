//! A firm's own tree of categories.

use audit::Audited;
use chrono::{DateTime, Utc};
use db::{DbError, TenantTx, schema::categories};
use diesel::prelude::*;
use kernel::{
    ids::CategoryId,
    pages::{Page, PageRequest},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::validate::{Fault, Faults};

/// A category.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable)]
#[diesel(table_name = categories)]
pub struct Category {
    /// Its id.
    pub id: CategoryId,
    /// The category it belongs to.
    pub parent_id: Option<CategoryId>,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A category as it is first written.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCategory {
    /// Its name, 1 to 80 characters.
    pub name: String,
    /// The category it belongs to.
    pub parent_id: Option<CategoryId>,
}

/// Why a category was not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateCategoryError {
    /// Fields are wrong.
    #[error("the category is not valid")]
    Invalid(Vec<Fault>),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Makes a category.
pub fn create_category(tx: &mut TenantTx<'_>, new: &NewCategory) -> Result<Category, CreateCategoryError> {
    let known = match new.parent_id {
        None => true,
        Some(parent) => find(tx, parent)?.is_some(),
    };
    let mut faults = Faults::default();
    faults.category(&new.name, known);
    faults.result().map_err(CreateCategoryError::Invalid)?;
    let name = new.name.trim().to_owned();
    let category = Category { id: tx.new_id(), parent_id: new.parent_id, name, created_at: tx.now() };
    insert(tx, &category)?;
    tx.audit("category.created", category.id, json!({ "parent": category.parent_id }))?;
    Ok(category)
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

pub(crate) fn find(tx: &mut TenantTx<'_>, id: CategoryId) -> Result<Option<Category>, DbError> {
    Ok(categories::table
        .filter(categories::tenant_id.eq(tx.tenant()))
        .filter(categories::id.eq(id))
        .select(Category::as_select())
        .first(tx.conn())
        .optional()?)
}

fn insert(tx: &mut TenantTx<'_>, category: &Category) -> Result<(), DbError> {
    diesel::insert_into(categories::table).values(category).execute(tx.conn())?;
    Ok(())
}
