//! Bodies whose rules the domain checks, because some of them need the database.

use serde::Deserialize;

/// Bytes of a product's JSON: three languages of long descriptions and some hundred variants.
pub(super) const PRODUCT_LIMIT: usize = 1024 * 1024;

/// A body that the use case itself checks.
#[derive(Debug, Deserialize, garde::Validate)]
#[serde(transparent)]
pub(super) struct CheckedByDomain<T>(#[garde(skip)] pub(super) T);
