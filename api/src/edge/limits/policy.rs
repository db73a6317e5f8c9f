//! Which requests are counted by which rule.

use super::bucket::Rate;
use actix_web::http::Method;

/// A rule with a name that callers see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Policy {
    pub(crate) name: &'static str,
    pub(crate) rate: Rate,
}

const fn a_minute(name: &'static str, quota: u32) -> Policy {
    Policy { name, rate: Rate { quota, window_seconds: 60 } }
}

/// Requests of callers who are not known, and attempts with wrong tokens and keys, by address.
pub(super) const ADDRESS: Policy = a_minute("address", 300);
/// Requests of an administrator of the platform.
pub(super) const ADMINISTRATOR: Policy = a_minute("administrator", 600);
/// What a plan grants each credential when the firm's plan cannot be read.
pub(super) const LEAST: u32 = 300;

/// What the firm's plan grants each credential.
pub(super) const fn of_plan(requests_per_minute: u32) -> Policy {
    a_minute("requests", requests_per_minute)
}

/// What costs more than others: a password's hash, a mail, a scan. The end of the path decides.
const COSTLY: &[(Method, &str, Policy)] = &[
    (Method::POST, "/log-in", a_minute("log-in", 60)),
    (Method::POST, "/mfa", a_minute("log-in", 60)),
    (Method::POST, "/sign-up", a_minute("sign-up", 20)),
    (Method::POST, "/forgot-password", a_minute("mail", 20)),
    (Method::POST, "/reset-password", a_minute("log-in", 60)),
    (Method::POST, "/resend-verification", a_minute("mail", 20)),
    (Method::POST, "/v1/invitations", a_minute("invitations", 30)),
    (Method::POST, "/resend", a_minute("invitations", 30)),
    (Method::GET, "/export", a_minute("export", 10)),
    (Method::GET, "-export", a_minute("export", 10)),
    (Method::GET, "/v1/market/products", a_minute("search", 120)),
    (Method::GET, "/v1/audit-log", a_minute("search", 120)),
];

/// Passwords of share links, whose addresses end with anything.
const SHARE_PASSWORDS: Policy = a_minute("share-password", 30);

/// The tighter rule of a costly operation.
pub(crate) fn costly(method: &Method, path: &str) -> Option<Policy> {
    if path.starts_with("/s/") {
        return (method == Method::POST).then_some(SHARE_PASSWORDS);
    }
    COSTLY.iter().find(|(verb, end, _)| verb == method && path.ends_with(end)).map(|(_, _, policy)| *policy)
}

/// Whether requests for this path are counted. Pages and documents cost nothing; the payment provider's events are signed, and
/// refused they would only come again.
pub(super) fn is_counted(path: &str) -> bool {
    let counted = ["/v1/", "/admin/", "/s/", "/public/"];
    let free = ["/v1/providers/", "/s/assets/"];
    counted.iter().any(|start| path.starts_with(start)) && !free.iter().any(|start| path.starts_with(start))
}
