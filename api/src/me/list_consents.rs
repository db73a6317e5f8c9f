//! `GET /v1/me/consents`

use super::consent::ConsentView;
use crate::{
    answer::{self, List},
    app::App,
    extract::SignedIn,
    problem::Problem,
};
use actix_web::{HttpResponse, get, http::StatusCode, web::Data};

/// Shows which versions of the terms and the privacy policy the signed-in person accepted, and which are in force.
#[utoipa::path(operation_id = "list_consents", tag = "me", security(("person" = [])),
    responses((status = 200, body = List<ConsentView>)))]
#[get("/v1/me/consents")]
pub(super) async fn list_consents(app: Data<App>, caller: SignedIn) -> Result<HttpResponse, Problem> {
    let (user, actor) = (caller.principal().who.user_id, caller.principal().actor());
    let given = app.db.auth("me.list_consents", actor, move |tx| auth::list_consents(tx, user)).await?;
    Ok(answer::json(StatusCode::OK, &ConsentView::all(&given)))
}
