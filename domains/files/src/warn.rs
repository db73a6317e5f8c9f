//! Tells a firm that its storage fills up.

use crate::events::ThresholdReached;
use audit::Audited;
use db::{DbError, TenantTx};
use jobs::Emit;
use kernel::permission::Permission;
use metering::{Meter, Passed, passed};
use notifications::{Audience, Notice, Template, notify};
use serde_json::json;

/// Tells those who may run the firm if the transaction's change of what is stored has passed a mark.
pub(crate) fn near_limit(tx: &mut TenantTx<'_>) -> Result<(), DbError> {
    let Some(Passed { percent, used, maximum }) = passed(tx, Meter::StorageBytes)? else { return Ok(()) };
    tx.emit(&ThresholdReached { meter: Meter::StorageBytes, percent, used, maximum })?;
    let facts = json!({ "meter": Meter::StorageBytes, "percent": percent, "used": used, "maximum": maximum });
    tx.audit("usage.threshold_reached", Meter::StorageBytes, facts)?;
    let params = json!({ "percent": percent, "used": gibibytes(used), "maximum": gibibytes(maximum) });
    let dedupe_key = format!("usage.threshold_reached storage_bytes {percent} {}", tx.now().timestamp_micros());
    let to = Audience::Allowed(Permission::TenantsAdmin);
    notify(tx, &Notice { to, template: Template::StorageNearlyFull, params, dedupe_key })
}

/// With two places, rounded down.
fn gibibytes(bytes: i64) -> String {
    let hundredths = i128::from(bytes) * 100 / (1 << 30);
    format!("{}.{:02} GiB", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::gibibytes;

    #[test]
    fn bytes_are_shown_as_people_read_them() {
        assert_eq!((gibibytes(0), gibibytes((5 << 30) - 1)), ("0.00 GiB".to_owned(), "4.99 GiB".to_owned()));
        assert_eq!(gibibytes(5 << 29), "2.50 GiB");
    }
}
