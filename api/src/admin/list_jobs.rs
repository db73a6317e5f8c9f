//! `GET /admin/v1/jobs`

use super::view::JobView;
use crate::{
    answer::List,
    app::App,
    extract::{Administrator, Filters, PageParams, PageQuery},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use jobs::JobState;
use kernel::{ids::JobId, pages::PageRequest};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which jobs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct JobFilters {
    /// In this state only.
    state: Option<JobState>,
}

/// Lists background jobs that are not done, newest first.
#[utoipa::path(operation_id = "admin_list_jobs", tag = "admin", security(("bearer" = [])),
    params(PageParams, JobFilters), responses((status = 200, body = List<JobView>)))]
#[get("/admin/v1/jobs")]
pub(super) async fn admin_list_jobs(
    app: Data<App>,
    caller: Administrator,
    page: PageQuery,
    filters: Filters<JobFilters>,
) -> Result<HttpResponse, Problem> {
    let state = filters.0.state;
    let request: PageRequest<JobId> = page.request(&app.cursors, "platform")?;
    let rows =
        app.db.jobs("platform.list_jobs", caller.actor(), move |tx| platform::list_jobs(tx, state, &request)).await?;
    Ok(app.page(&page, "platform", rows.map(JobView::from)))
}
