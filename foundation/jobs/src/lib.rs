//! Background jobs and the event log, both written in the caller's transaction.
//!
//! A job is claimed by a lease, runs outside any transaction, and everything it writes through its [`JobContext`] is refused
//! once its lease is lost. At least once: each job is safe to repeat.
//!
//! ```text
//! ready --claim--> running --done--> (deleted)
//!   ^                |  \--gave up, or too many attempts--> dead --replayed by an administrator--> ready
//!   \--back-off------/
//! ```
//!
//! - INV-J1: a job exists exactly if the transaction that enqueued it committed.
//! - INV-J2: a worker whose lease ran out can write nothing more for that job.
//! - INV-J3: one tenant's jobs never occupy all workers (where a worker runs more than one job at once).
//! - INV-J4: of jobs with one key, one runs at a time.
//! - INV-E1: a tenant's events are numbered 1, 2, 3... in commit order, without gaps.

mod context;
mod enqueue;
mod error;
mod event;
pub mod inspect;
mod job;
mod listen;
mod queue;
mod registry;
mod run;
mod schedule;
mod worker;

pub use context::{JobContext, Lease};
pub use enqueue::{Enqueue, EnqueueFor};
pub use error::JobError;
pub use event::{Emit, Event, EventRow};
pub use inspect::JobState;
pub use job::{Job, JobScope, PlatformScope, Policy};
pub use registry::Registry;
pub use worker::{Drained, Worker, WorkerConfig};
