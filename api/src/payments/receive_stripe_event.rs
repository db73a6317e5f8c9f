//! `POST /v1/providers/stripe/webhook`

use super::problems;
use crate::{
    app::App,
    extract::read_body,
    problem::{Problem, edge},
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, post, web::Data, web::Payload};
use db::DbError;
use kernel::{Actor, ActorKind};
use payments::ProviderEvent;
use serde::Serialize;
use utoipa::ToSchema;

/// Bytes of one message.
const LIMIT: usize = 1024 * 1024;

/// The message was kept.
#[derive(Debug, Serialize, ToSchema)]
struct ReceivedView {
    /// Always true.
    received: bool,
}

/// Takes a message of the payment provider: checks its signature, keeps it, and leaves the work to the worker.
#[utoipa::path(operation_id = "receive_stripe_event", tag = "payments",
    params(("Stripe-Signature" = String, Header, description = "Time and signature of the raw body.")),
    request_body(content = Object, description = "The event, signed byte for byte."),
    responses((status = 200, body = ReceivedView)))]
#[post("/v1/providers/stripe/webhook")]
pub(super) async fn receive_stripe_event(
    app: Data<App>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let body = read_body(&request, &mut payload.into_inner(), LIMIT).await?;
    let header = request.headers().get("stripe-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    payments::verify(&app.stripe_webhook_secret, header, &body, app.db.clock().now()).map_err(|error| {
        tracing::warn!(%error, "a message to the payment webhook was refused");
        Problem::new(problems::SIGNATURE_INVALID)
    })?;
    let event = ProviderEvent::parse(&body).map_err(|_| Problem::new(edge::MALFORMED_REQUEST))?;
    let actor = Actor::new(ActorKind::Provider, "stripe");
    app.db
        .jobs("payments.receive_event", actor, move |tx| payments::receive(tx, &event))
        .await
        .map_err(|error: DbError| Problem::from(error))?;
    Ok(crate::answer::json(StatusCode::OK, &ReceivedView { received: true }))
}
