//! `POST /v1/notifications/{id}/read`

use super::view::{NotificationView, asked, locale};
use crate::{
    app::App,
    extract::{Once, PathId, Person},
    problem::{Problem, edge},
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, post, web::Data};
use kernel::{ids::NotificationId, permission::NotificationsRead};
use notifications::MarkReadError;

impl From<MarkReadError> for Problem {
    fn from(error: MarkReadError) -> Self {
        match error {
            MarkReadError::NotFound => edge::NOT_FOUND.into(),
            MarkReadError::Db(error) => error.into(),
        }
    }
}

/// Marks a notice as read.
#[utoipa::path(operation_id = "read_notification", tag = "notifications",
    security(("person" = ["notifications:read"])), params(("id" = NotificationId, Path)),
    responses((status = 200, body = NotificationView)))]
#[post("/v1/notifications/{id}/read")]
pub(super) async fn read_notification(
    app: Data<App>,
    caller: Person<NotificationsRead>,
    id: PathId<NotificationId>,
    once: Once,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (user, id, asked) = (caller.principal().who.user_id, id.get(), asked(&request));
    app.write("notifications.mark_read", &caller, (&once, StatusCode::OK), move |tx| {
        let notice = notifications::mark_read(tx, user, id)?;
        let locale = locale(tx, asked)?;
        Ok::<_, MarkReadError>(NotificationView::new(notice, locale)?)
    })
    .await
}
