//! `GET /v1/me/sessions`

use crate::{
    answer::{self, List},
    app::App,
    extract::SignedIn,
    problem::Problem,
};
use actix_web::{HttpResponse, get, http::StatusCode, web::Data};
use auth::OpenSession;
use chrono::{DateTime, Utc};
use kernel::ids::{SessionId, TenantId};
use serde::Serialize;
use utoipa::ToSchema;

/// A session of the signed-in person.
#[derive(Debug, Serialize, ToSchema)]
struct SessionView {
    /// Its id.
    id: SessionId,
    /// Whether this request came from it.
    current: bool,
    /// The firm it works in.
    tenant_id: TenantId,
    /// The browser or program and the system it runs on, as far as it can be told.
    #[schema(required)]
    device: Option<String>,
    /// What the browser or program says it is.
    #[schema(required)]
    user_agent: Option<String>,
    /// Where it began.
    #[schema(required)]
    address: Option<String>,
    /// When it began.
    created_at: DateTime<Utc>,
    /// When it was last refreshed, which a browser does every fifteen minutes of use.
    last_seen_at: DateTime<Utc>,
}

impl SessionView {
    fn new(session: OpenSession, current: SessionId) -> Self {
        Self {
            id: session.id,
            current: session.id == current,
            tenant_id: session.for_tenant,
            device: session.user_agent.as_deref().and_then(device),
            user_agent: session.user_agent,
            address: session.ip,
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
        }
    }
}

/// Lists the signed-in person's sessions that live, the one used last first; at most a hundred.
#[utoipa::path(operation_id = "list_sessions", tag = "me", security(("person" = [])),
    responses((status = 200, body = List<SessionView>)))]
#[get("/v1/me/sessions")]
pub(super) async fn list_sessions(app: Data<App>, caller: SignedIn) -> Result<HttpResponse, Problem> {
    let (who, actor) = (caller.principal().who, caller.principal().actor());
    let sessions = app.db.auth("me.list_sessions", actor, move |tx| auth::list_sessions(tx, who.user_id)).await?;
    let data = sessions.into_iter().map(|session| SessionView::new(session, who.session_id)).collect();
    Ok(answer::json(StatusCode::OK, &List { data, has_more: false, next_cursor: None }))
}

/// Marks of programs in what they say they are; whoever takes another's mark too stands before it.
const PROGRAMS: [(&str, &str); 8] = [
    ("MicroMessenger/", "WeChat"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python-requests/", "Python"),
];
/// The same of systems.
const SYSTEMS: [(&str, &str); 7] = [
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

fn device(user_agent: &str) -> Option<String> {
    let named = |marks: &[(&str, &'static str)]| {
        marks.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    let found: Vec<&str> = [named(&PROGRAMS), named(&SYSTEMS)].into_iter().flatten().collect();
    (!found.is_empty()).then(|| found.join(", "))
}

#[cfg(test)]
mod tests {
    #[test]
    fn devices_are_told_apart() {
        let windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)";
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15";
        for (user_agent, expected) in [
            (format!("{windows} Chrome/130.0.0.0 Safari/537.36"), Some("Chrome, Windows")),
            (format!("{windows} Chrome/130.0.0.0 Safari/537.36 Edg/130.0"), Some("Edge, Windows")),
            (format!("{phone} Version/18.0 Mobile/15E148 Safari/604.1"), Some("Safari, iPhone")),
            (format!("{phone} MicroMessenger/8.0.50"), Some("WeChat, iPhone")),
            ("curl/8.5.0".to_owned(), Some("curl")),
            ("<script>".to_owned(), None),
        ] {
            assert_eq!(super::device(&user_agent).as_deref(), expected, "{user_agent}");
        }
    }
}
