//! Compares the object store with the rows, both ways, and changes nothing.
//!
//! Both are read in the order of keys, a page at a time, so a million objects need no more memory than a thousand. Keys are
//! compared whole. The two sides are not read at one instant: what looks wrong is looked at again by itself, the object first
//! where the row must be older, and only what is still wrong is told.

mod apply;
mod exceptions;
mod objects;
mod rows;
mod verify;

use crate::{ObjectStore, ObjectStoreError, blob::BlobState};
use chrono::{DateTime, Duration, Utc};
use db::{Db, DbError};
use kernel::{Actor, text_enum};
use objects::Objects;
use rows::{Row, Rows};

pub use apply::remove;
pub(crate) use exceptions::{forget_before, note};
pub(crate) use objects::Stored;

/// What is younger is left alone: an upload may last a day.
pub const SAFE_AGE: Duration = Duration::hours(48);
/// Keys compared between two reports.
const STEPS: usize = 1_000;

text_enum! {
    /// How the object store and the rows differ.
    pub enum Difference {
        /// An object that no row knows.
        Orphan = "orphan",
        /// An object whose row says that it is deleted.
        Leftover = "leftover",
        /// An object whose key is none of the platform's; never removed.
        Foreign = "foreign",
        /// A row whose object is not there; nothing can be done but to restore a backup.
        Missing = "missing",
        /// An object of another size than its row says.
        WrongSize = "wrong_size",
    }
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub difference: Difference,
    /// The object's key, beginning with a slash.
    pub key: String,
    /// Bytes of the object, or that it should have.
    pub size_bytes: i64,
}

/// Why the comparison ended early.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The object store failed.
    #[error(transparent)]
    Store(#[from] ObjectStoreError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// A comparison under way.
#[derive(Debug)]
pub struct Reconciliation {
    db: Db,
    store: ObjectStore,
    actor: Actor,
    before: DateTime<Utc>,
    objects: Objects,
    rows: Rows,
}

impl Reconciliation {
    /// Begins to compare everything that is older than `before`; see [`SAFE_AGE`].
    pub fn new(db: Db, store: ObjectStore, actor: Actor, before: DateTime<Utc>) -> Self {
        Self { db, store, actor, before, objects: Objects::default(), rows: Rows::default() }
    }

    /// What is wrong among the next thousand keys; `None` when all are compared.
    pub async fn next(&mut self) -> Result<Option<Vec<Finding>>, ReconcileError> {
        let (mut findings, mut ended) = (Vec::new(), true);
        for _ in 0..STEPS {
            let Some(suspect) = self.step().await? else { break };
            ended = false;
            if let Some(finding) = self.verify(suspect).await? {
                findings.push(finding);
            }
        }
        Ok((!ended).then_some(findings))
    }

    /// Compares the lowest key that is left.
    async fn step(&mut self) -> Result<Option<Suspect>, ReconcileError> {
        let object = self.objects.peek(&self.store).await?;
        let row = self.rows.peek(&self.db, &self.actor).await?;
        let order = match (&object, &row) {
            (None, None) => return Ok(None),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(object), Some(row)) => object.key.cmp(&row.key),
        };
        let object = if order.is_le() { self.objects.pop() } else { None };
        let row = if order.is_ge() { self.rows.pop() } else { None };
        Ok(Some(suspect(object, row)))
    }
}

/// What must be looked at again.
#[derive(Debug)]
enum Suspect {
    Nothing,
    Object(Stored),
    Row(Row),
    Both(Stored, Row),
}

fn suspect(object: Option<Stored>, row: Option<Row>) -> Suspect {
    match (object, row) {
        (Some(object), None) => Suspect::Object(object),
        (None, Some(row)) if row.state == BlobState::Live => Suspect::Row(row),
        (Some(object), Some(row)) if row.state == BlobState::Live && object.size != row.size => {
            Suspect::Both(object, row)
        }
        _ => Suspect::Nothing,
    }
}
