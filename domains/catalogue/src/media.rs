//! Which products show a file.

use crate::product::ProductStatus;
use db::{DbError, TenantTx, schema::products};
use diesel::prelude::*;
use kernel::ids::{FileId, ProductId};

/// Products of the tenant that show a file and are not archived: some of them, oldest first.
pub fn products_showing(tx: &mut TenantTx<'_>, file: FileId) -> Result<Vec<ProductId>, DbError> {
    Ok(products::table
        .filter(products::tenant_id.eq(tx.tenant()))
        .filter(products::status.ne(ProductStatus::Archived))
        .filter(products::media.contains(vec![file]))
        .order(products::id)
        .limit(10)
        .select(products::id)
        .load(tx.conn())?)
}
