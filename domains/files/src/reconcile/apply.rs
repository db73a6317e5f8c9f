use super::{Difference, Finding};
use crate::{ObjectStore, ObjectStoreError};

/// Removes what a finding shows to be of no use to anybody: an object that no row knows, or whose row says that it is deleted.
/// `false`: nothing can be done here.
pub async fn remove(store: &ObjectStore, finding: &Finding) -> Result<bool, ObjectStoreError> {
    match finding.difference {
        Difference::Orphan | Difference::Leftover => store.delete(&finding.key).await.map(|()| true),
        Difference::Foreign | Difference::Missing | Difference::WrongSize => Ok(false),
    }
}
