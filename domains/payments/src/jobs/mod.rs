//! What looks after payments when nobody waits for them.

pub mod follow_payment;
pub mod follow_refund;
pub mod process_provider_event;

use crate::{GatewayError, RecordError};
use ::jobs::JobError;

fn unanswered(error: GatewayError) -> JobError {
    JobError::retry(error)
}

/// A mismatch is an alarm for people: trying again cannot help.
fn unrecorded(error: RecordError) -> JobError {
    match error {
        RecordError::Mismatch => JobError::give_up(error),
        RecordError::Db(_) => JobError::retry(error),
    }
}
