//! `DELETE /v1/me/sessions/{id}`

use crate::{
    answer,
    app::App,
    extract::{PathId, SignedIn},
    problem::{Problem, edge},
};
use actix_web::{HttpResponse, delete, web::Data};
use kernel::ids::SessionId;

/// Ends one of the signed-in person's sessions: its access and refresh tokens stop working at once.
#[utoipa::path(operation_id = "end_session", tag = "me", security(("person" = [])),
    params(("id" = SessionId, Path, description = "The session")), responses((status = 204)))]
#[delete("/v1/me/sessions/{id}")]
pub(super) async fn end_session(
    app: Data<App>,
    caller: SignedIn,
    id: PathId<SessionId>,
) -> Result<HttpResponse, Problem> {
    if auth::end_other_session(&app.db, caller.principal(), id.get()).await? {
        Ok(answer::nothing())
    } else {
        Err(edge::NOT_FOUND.into())
    }
}
