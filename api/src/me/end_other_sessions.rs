//! `POST /v1/me/sessions/revoke-others`

use crate::{answer, app::App, extract::SignedIn, problem::Problem};
use actix_web::{HttpResponse, post, web::Data};

/// Ends all the signed-in person's sessions but this one.
#[utoipa::path(operation_id = "end_other_sessions", tag = "me", security(("person" = [])), responses((status = 204)))]
#[post("/v1/me/sessions/revoke-others")]
pub(super) async fn end_other_sessions(app: Data<App>, caller: SignedIn) -> Result<HttpResponse, Problem> {
    auth::end_other_sessions(&app.db, caller.principal()).await?;
    Ok(answer::nothing())
}
