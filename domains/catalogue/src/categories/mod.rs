//! A firm's own tree of categories, with the attributes that products in them have.

mod attribute;
mod change;
mod read;

pub use attribute::{AttributeKind, CategoryAttribute, CategoryAttributes};
pub(crate) use attribute::{check_required, check_types};
pub use change::{CategoryPatch, NewCategory, create_category, delete_category, update_category};
pub(crate) use read::attributes_of;
pub use read::{find_category, inherited, list_categories};

use chrono::{DateTime, Utc};
use db::schema::categories;
use diesel::prelude::*;
use kernel::ids::CategoryId;

/// A category.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
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
    /// Ids from the root down to the category itself.
    pub path: Vec<CategoryId>,
    /// Its own attributes; it has those of the categories above it too.
    pub attributes: CategoryAttributes,
    /// Counts the changes; starts at 1.
    pub version: i64,
}
