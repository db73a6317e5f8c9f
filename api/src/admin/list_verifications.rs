//! `GET /admin/v1/verifications`

use super::verification::FiledVerificationView;
use crate::{
    answer::List,
    app::App,
    extract::{Administrator, Filters, PageParams, PageQuery},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use kernel::{ids::VerificationId, pages::PageRequest};
use serde::Deserialize;
use tenants::VerificationStatus;
use utoipa::IntoParams;

/// Which requests.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct VerificationFilters {
    /// Of this status only.
    status: Option<VerificationStatus>,
}

/// Lists requests to have businesses verified, newest first.
#[utoipa::path(operation_id = "admin_list_verifications", tag = "admin", security(("bearer" = [])),
    params(PageParams, VerificationFilters), responses((status = 200, body = List<FiledVerificationView>)))]
#[get("/admin/v1/verifications")]
pub(super) async fn admin_list_verifications(
    app: Data<App>,
    caller: Administrator,
    page: PageQuery,
    filters: Filters<VerificationFilters>,
) -> Result<HttpResponse, Problem> {
    let Filters(VerificationFilters { status }) = filters;
    let request: PageRequest<VerificationId> = page.request(&app.cursors, "platform")?;
    let rows = app
        .db
        .platform("platform.list_verifications", caller.actor(), move |tx| {
            platform::list_verifications(tx, status, &request)
        })
        .await?;
    Ok(app.page(&page, "platform", rows.map(FiledVerificationView::from)))
}
