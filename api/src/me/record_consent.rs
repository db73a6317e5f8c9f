//! `POST /v1/me/consents`

use super::consent::{ConsentBody, ConsentView, accepted};
use crate::{
    answer::{self, List},
    app::App,
    extract::{SignedIn, ValidJson},
    problem::Problem,
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};

/// Keeps that the signed-in person accepts the version of a document that is in force. Twice is once.
#[utoipa::path(operation_id = "record_consent", tag = "me", security(("person" = [])), request_body = ConsentBody,
    responses((status = 200, body = List<ConsentView>)))]
#[post("/v1/me/consents")]
pub(super) async fn record_consent(
    app: Data<App>,
    caller: SignedIn,
    body: ValidJson<ConsentBody>,
) -> Result<HttpResponse, Problem> {
    let documents = accepted(&[body.into_inner()])?;
    let principal = *caller.principal();
    let (user, tenant) = (principal.who.user_id, principal.tenant_id);
    let given = app
        .db
        .auth("me.record_consent", principal.actor(), move |tx| auth::accept(tx, user, tenant, &documents))
        .await?;
    Ok(answer::json(StatusCode::OK, &ConsentView::all(&given)))
}
