//! `GET /admin/v1/me`

use crate::{answer, app::App, extract::Administrator, problem::Problem};
use actix_web::{HttpResponse, get, http::StatusCode, web::Data};
use chrono::{DateTime, Utc};
use kernel::ids::AdminId;
use serde::Serialize;
use utoipa::ToSchema;

/// The signed-in administrator.
#[derive(Debug, Serialize, ToSchema)]
struct AdministratorView {
    /// Their id.
    id: AdminId,
    /// Their address.
    email: String,
    /// When the account was made.
    created_at: DateTime<Utc>,
}

/// Shows the signed-in administrator.
#[utoipa::path(operation_id = "admin_me", tag = "admin", security(("bearer" = [])),
    responses((status = 200, body = AdministratorView)))]
#[get("/admin/v1/me")]
pub(super) async fn admin_me(app: Data<App>, caller: Administrator) -> Result<HttpResponse, Problem> {
    let principal = caller.principal().clone();
    app.db.platform("platform.me", caller.actor(), move |tx| platform::note_own_read(tx, &principal)).await?;
    let known = &caller.principal().administrator;
    let view = AdministratorView { id: known.id, email: known.email.clone(), created_at: known.created_at };
    Ok(answer::json(StatusCode::OK, &view))
}
