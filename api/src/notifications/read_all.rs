//! `POST /v1/notifications/read-all`

use crate::{
    app::App,
    extract::{Once, Person},
    problem::Problem,
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use kernel::permission::NotificationsRead;
use serde::Serialize;
use utoipa::ToSchema;

/// What was marked.
#[derive(Debug, Serialize, ToSchema)]
struct MarkedView {
    /// How many notices were not read before.
    marked: usize,
}

/// Marks all of the member's notices as read.
#[utoipa::path(operation_id = "read_all_notifications", tag = "notifications",
    security(("person" = ["notifications:read"])), responses((status = 200, body = MarkedView)))]
#[post("/v1/notifications/read-all")]
pub(super) async fn read_all_notifications(
    app: Data<App>,
    caller: Person<NotificationsRead>,
    once: Once,
) -> Result<HttpResponse, Problem> {
    let user = caller.principal().who.user_id;
    app.write("notifications.mark_all_read", &caller, (&once, StatusCode::OK), move |tx| {
        notifications::mark_all_read(tx, user).map(|marked| MarkedView { marked })
    })
    .await
}
