use crate::problem::{FieldError, Problem, edge};
use audit::Wanted;
use chrono::{DateTime, Utc};
use kernel::ids::{RequestId, TenantId};
use serde::Deserialize;
use utoipa::IntoParams;

/// Longest text that is searched for.
const LONGEST: usize = 100;

/// Filters of an audit log, after those that one list alone knows.
macro_rules! audit_filters {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $field:ident: [$($kind:tt)*],)* }) => {
        $(#[$doc])*
        #[derive(Debug, Default, Deserialize, IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub(crate) struct $name {
            $($(#[$about])* pub(crate) $field: $($kind)*,)*
            /// Only what this actor did or tried: the id of a person, key, administrator or job.
            actor: Option<String>,
            /// Only this action.
            #[param(example = "product.published")]
            action: Option<String>,
            /// Only what was done to this object.
            object: Option<String>,
            /// Only what came with this request.
            request_id: Option<RequestId>,
            /// Only from this instant on.
            from: Option<DateTime<Utc>>,
            /// Only before this instant.
            to: Option<DateTime<Utc>>,
            /// Only with this in action, object or actor.
            #[param(max_length = 100)]
            q: Option<String>,
        }

        impl $name {
            /// The filters as the log takes them.
            pub(crate) fn wanted(self) -> Result<Wanted, Problem> {
                check_q(self.q.as_deref())?;
                Ok(Wanted {
                    action: self.action,
                    object: self.object,
                    actor: self.actor,
                    request: self.request_id,
                    from: self.from,
                    to: self.to,
                    q: self.q,
                })
            }
        }
    };
}

audit_filters! {
    /// Which rows of the firm's log.
    AuditFilters {}
}

audit_filters! {
    /// Which rows of which log.
    AdminAuditFilters {
        /// Of this firm; the platform's own rows if missing.
        tenant_id: [Option<TenantId>],
    }
}

/// A text to search for must not be long.
fn check_q(q: Option<&str>) -> Result<(), Problem> {
    if q.is_none_or(|q| q.chars().count() <= LONGEST) {
        return Ok(());
    }
    let field = FieldError::new("/q", "too_long", "must not be longer than 100", "长度不能大于 100");
    Err(edge::VALIDATION_FAILED.error(field.in_query()))
}
