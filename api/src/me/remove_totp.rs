//! `DELETE /v1/me/totp`

use crate::{answer, app::App, extract::SteppedUp, problem::Problem};
use actix_web::{HttpResponse, delete, web::Data};

/// Turns the second factor off; its recovery codes are dead, and other sessions end.
#[utoipa::path(operation_id = "remove_totp", tag = "me", security(("person" = [])), responses((status = 204)))]
#[delete("/v1/me/totp")]
pub(super) async fn remove_totp(app: Data<App>, caller: SteppedUp) -> Result<HttpResponse, Problem> {
    auth::remove_totp(&app.db, caller.principal()).await?;
    Ok(answer::nothing())
}
