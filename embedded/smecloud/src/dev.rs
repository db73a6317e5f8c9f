//! `/dev/clock` and `/dev/mail`: for developers on this machine only.

use crate::{base::Base, clock::PlatformClock};
use actix_web::{
    HttpResponse,
    guard::{Guard, GuardContext},
    http::{
        header::{FORWARDED, HOST},
        uri::Authority,
    },
    web::{self, Data, ServiceConfig},
};
use api::{
    extract::ValidJson,
    problem::{FieldError, Problem, edge},
};
use chrono::{DateTime, Duration, Utc};
use mail_catcher::Mailbox;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What developers see and turn.
#[derive(Clone)]
pub(crate) struct DevTools {
    /// The platform's clock, where no other process follows another one.
    clock: Option<Arc<PlatformClock>>,
    /// The caught mails, if mail is caught.
    mailbox: Option<Mailbox>,
}

impl DevTools {
    /// The tools that the embedded parts give.
    pub(crate) fn of(base: &Base) -> Self {
        let ground = base.ground.as_ref().filter(|_| base.parts.has_database());
        Self { clock: ground.map(|ground| Arc::clone(&ground.clock)), mailbox: base.parts.mailbox() }
    }

    /// Registers the endpoints. Whoever comes from elsewhere finds nothing.
    pub(crate) fn configure(self, cfg: &mut ServiceConfig) {
        let mut scope = web::scope("/dev").guard(FromThisMachine);
        if let Some(clock) = self.clock {
            let resource = web::resource("/clock").get(read_clock).post(advance_clock);
            scope = scope.app_data(Data::from(clock)).service(resource);
        }
        if let Some(mailbox) = self.mailbox {
            scope = scope.app_data(Data::new(mailbox)).service(web::resource("/mail").get(list_mails));
        }
        cfg.service(scope);
    }
}

/// The socket's peer is this machine, no proxy speaks for somebody else, and no page of another site does
/// (its browser would name that site's host).
struct FromThisMachine;

impl Guard for FromThisMachine {
    fn check(&self, request: &GuardContext<'_>) -> bool {
        let head = request.head();
        let near = head.peer_addr.is_some_and(|peer| peer.ip().to_canonical().is_loopback());
        let headers = head.headers();
        let passed_on = headers.contains_key(FORWARDED) || headers.contains_key("x-forwarded-for");
        let host =
            headers.get(HOST).and_then(|host| host.to_str().ok()).or(head.uri.authority().map(Authority::as_str));
        near && !passed_on && host.is_some_and(is_loopback_name)
    }
}

fn is_loopback_name(host: &str) -> bool {
    let name = if host.ends_with(']') { host } else { host.rsplit_once(':').map_or(host, |(name, _)| name) };
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[derive(Serialize)]
struct ClockView {
    now: DateTime<Utc>,
    /// Seconds ahead of the machine's time.
    ahead_seconds: i64,
}

impl ClockView {
    fn of(clock: &PlatformClock) -> HttpResponse {
        let (now, ahead) = clock.read();
        HttpResponse::Ok().json(Self { now, ahead_seconds: ahead.num_seconds() })
    }
}

/// How far the clock is to move.
#[derive(Deserialize, garde::Validate)]
#[serde(deny_unknown_fields)]
struct Advance {
    #[garde(range(min = 0, max = 3_153_600_000))]
    advance_seconds: i64,
}

async fn read_clock(clock: Data<PlatformClock>) -> HttpResponse {
    ClockView::of(&clock)
}

async fn advance_clock(clock: Data<PlatformClock>, body: ValidJson<Advance>) -> Result<HttpResponse, Problem> {
    let step = Duration::seconds(body.0.advance_seconds);
    let turned = {
        let clock = Data::clone(&clock);
        web::block(move || clock.advance(step)).await
    };
    match turned {
        Ok(Ok(true)) => Ok(ClockView::of(&clock)),
        Ok(Ok(false)) => Err(edge::VALIDATION_FAILED.error(FieldError::new(
            "/advance_seconds",
            "out_of_range",
            "must leave the clock within a hundred years of the machine's time",
            "时钟与机器时间的差距不得超过一百年",
        ))),
        Ok(Err(error)) => Err(refused(&error)),
        Err(error) => Err(refused(&error.into())),
    }
}

fn refused(error: &anyhow::Error) -> Problem {
    tracing::error!(error = format!("{error:#}"), "cannot advance the clock");
    Problem::new(edge::INTERNAL)
}

#[derive(Deserialize)]
struct MailQuery {
    to: Option<String>,
}

async fn list_mails(mailbox: Data<Mailbox>, query: web::Query<MailQuery>) -> HttpResponse {
    HttpResponse::Ok().json(mailbox.messages(query.to.as_deref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_loopback() {
        for name in ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:8080", "[::1]", "[::1]:80"] {
            assert!(is_loopback_name(name), "{name}");
        }
        for name in ["evil.example", "127.0.0.1.evil.example:80", "10.0.0.1", "", "[2001:db8::1]:80"] {
            assert!(!is_loopback_name(name), "{name}");
        }
    }
}
