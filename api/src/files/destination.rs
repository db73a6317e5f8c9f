//! Where a file is to go.

use super::rules::is_path;
use crate::problem::{Problem, edge};
use files::{Destination, FilePath};
use garde::Validate;
use serde::Deserialize;
use utoipa::ToSchema;

/// A place for a file.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DestinationRequest {
    /// The bucket's name; the one where the file is, if nothing is said.
    #[garde(skip)]
    bucket: Option<String>,
    /// The path there.
    #[garde(custom(is_path))]
    #[schema(example = "合同/2026/发票.pdf")]
    path: String,
}

impl DestinationRequest {
    /// The same for the domain. Its path has been checked.
    pub(super) fn destination(self) -> Result<Destination, Problem> {
        let path: FilePath = self.path.parse().map_err(|_| Problem::new(edge::NOT_FOUND))?;
        Ok(Destination { bucket: self.bucket, path })
    }
}
