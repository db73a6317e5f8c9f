use crate::problem::{FieldError, Problem, edge};
use audit::Wanted;
use chrono::{DateTime, Utc};
use kernel::ids::RequestId;
use serde::Deserialize;
use utoipa::IntoParams;

/// Longest text that is searched for.
const LONGEST: usize = 100;

/// Which rows.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditFilters {
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

impl AuditFilters {
    /// The filters as the log takes them.
    pub(super) fn wanted(self) -> Result<Wanted, Problem> {
        let Self { actor, action, object, request_id, from, to, q } = self;
        check_q(q.as_deref())?;
        Ok(Wanted { action, object, actor, request: request_id, from, to, q })
    }
}

/// A text to search for must not be long.
pub(crate) fn check_q(q: Option<&str>) -> Result<(), Problem> {
    if q.is_none_or(|q| q.chars().count() <= LONGEST) {
        return Ok(());
    }
    let field = FieldError::new("/q", "too_long", "must not be longer than 100", "长度不能大于 100");
    Err(edge::VALIDATION_FAILED.error(field.in_query()))
}
