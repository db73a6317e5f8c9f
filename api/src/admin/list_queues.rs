//! `GET /admin/v1/queues`

use super::view::QueueView;
use crate::{
    answer::{self, List},
    app::App,
    extract::Administrator,
    problem::Problem,
};
use actix_web::{HttpResponse, get, http::StatusCode, web::Data};

/// Shows how full the queue is, by kind and state.
#[utoipa::path(operation_id = "admin_list_queues", tag = "admin", security(("bearer" = [])),
    responses((status = 200, body = List<QueueView>)))]
#[get("/admin/v1/queues")]
pub(super) async fn admin_list_queues(app: Data<App>, caller: Administrator) -> Result<HttpResponse, Problem> {
    let depths = app.db.jobs("platform.list_queues", caller.actor(), platform::list_queues).await?;
    let data: Vec<_> = depths.into_iter().map(QueueView::from).collect();
    Ok(answer::json(StatusCode::OK, &List { data, has_more: false, next_cursor: None }))
}
