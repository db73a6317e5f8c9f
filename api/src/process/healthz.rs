//! `GET /healthz`

use crate::answer;
use actix_web::{HttpResponse, get, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

/// The process lives.
#[derive(Debug, Serialize, ToSchema)]
struct Health {
    /// `ok`.
    status: &'static str,
}

/// Says that the process lives.
#[utoipa::path(operation_id = "read_health", tag = "process", responses((status = 200, body = Health)))]
#[get("/healthz")]
pub(super) async fn read_health() -> HttpResponse {
    answer::json(StatusCode::OK, &Health { status: "ok" })
}
