//! `GET /v1/notifications`

use super::view::{NotificationView, asked, locale};
use crate::{
    answer::List,
    app::App,
    extract::{PageParams, PageQuery, Person},
    problem::Problem,
};
use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use db::DbError;
use kernel::{
    ids::NotificationId,
    pages::{Page, PageRequest},
    permission::NotificationsRead,
};

/// Lists the member's notices, newest first.
#[utoipa::path(operation_id = "list_notifications", tag = "notifications",
    security(("person" = ["notifications:read"])), params(PageParams),
    responses((status = 200, body = List<NotificationView>)))]
#[get("/v1/notifications")]
pub(super) async fn list_notifications(
    app: Data<App>,
    caller: Person<NotificationsRead>,
    page: PageQuery,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (user, asked) = (caller.principal().who.user_id, asked(&request));
    app.list("notifications.list", &caller, &page, move |tx, page: &PageRequest<NotificationId>| {
        let Page { data, next } = notifications::list(tx, user, page)?;
        let locale = locale(tx, asked)?;
        let data = data.into_iter().map(|notice| NotificationView::new(notice, locale)).collect::<Result<_, _>>()?;
        Ok::<_, DbError>(Page { data, next })
    })
    .await
}
