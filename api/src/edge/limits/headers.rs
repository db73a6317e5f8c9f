//! `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers).

use super::{bucket::Verdict, policy::Policy};
use crate::problem::{Problem, edge};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// The registered type of a quota that is used up.
const QUOTA_EXCEEDED: &str = "https://iana.org/assignments/http-problem-types#quota-exceeded";

/// A request that was counted by a rule.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted {
    pub(super) policy: Policy,
    pub(super) verdict: Verdict,
    /// Seconds until there is more, with what spreads the return of those who were refused.
    pub(super) more_in: u32,
}

impl Counted {
    pub(super) fn new(policy: Policy, verdict: Verdict, spread: u32) -> Self {
        let seconds = u32::try_from(verdict.more_in.div_euclid(1_000_000)).unwrap_or(u32::MAX).saturating_add(1);
        // At most a tenth of the window, so that many who wait do not come back at one instant.
        let jitter = if verdict.admitted { 0 } else { spread % (policy.rate.window_seconds / 10 + 1) };
        Self { policy, verdict, more_in: seconds.saturating_add(jitter) }
    }

    /// 429, if the rule does not admit the request.
    pub(super) fn problem(&self) -> Option<Problem> {
        (!self.verdict.admitted).then(|| {
            Problem::new(edge::TOO_MANY_REQUESTS)
                .with("type", QUOTA_EXCEEDED)
                .with("violated-policies", [self.policy.name])
                .retry_after(self.more_in)
        })
    }
}

/// Tells the caller how far they may go.
pub(crate) fn write(headers: &mut HeaderMap, counted: &[Counted]) {
    let list = |item: fn(&Counted) -> String| counted.iter().map(item).collect::<Vec<_>>().join(", ");
    let policies = list(|one| {
        let (name, rate) = (one.policy.name, one.policy.rate);
        format!("\"{name}\";q={};w={}", rate.quota, rate.window_seconds)
    });
    let limits = list(|one| format!("\"{}\";r={};t={}", one.policy.name, one.verdict.remaining, one.more_in));
    for (name, value) in [(POLICY, policies), (LIMIT, limits)] {
        if let Ok(value) = HeaderValue::from_str(&value)
            && !value.is_empty()
        {
            headers.insert(name, value);
        }
    }
}
