//! `GET /admin/v1/overview`

use super::view::QueueView;
use crate::{answer, app::App, extract::Administrator, problem::Problem};
use actix_web::{HttpResponse, get, http::StatusCode, web::Data};
use platform::Overview;
use serde::Serialize;
use tenants::TenantStatus;
use utoipa::ToSchema;

/// How many firms have a status.
#[derive(Debug, Serialize, ToSchema)]
struct TenantCount {
    /// The status.
    status: TenantStatus,
    /// How many.
    count: i64,
}

/// The platform at a glance.
#[derive(Debug, Serialize, ToSchema)]
struct OverviewView {
    /// Firms by status.
    tenants: Vec<TenantCount>,
    /// Memberships.
    members: i64,
    /// Jobs by kind and state.
    queues: Vec<QueueView>,
}

impl From<Overview> for OverviewView {
    fn from(overview: Overview) -> Self {
        Self {
            tenants: overview.tenants.into_iter().map(|(status, count)| TenantCount { status, count }).collect(),
            members: overview.members,
            queues: overview.queues.into_iter().map(QueueView::from).collect(),
        }
    }
}

/// Shows the platform at a glance.
#[utoipa::path(operation_id = "admin_overview", tag = "admin", security(("bearer" = [])),
    responses((status = 200, body = OverviewView)))]
#[get("/admin/v1/overview")]
pub(super) async fn admin_overview(app: Data<App>, caller: Administrator) -> Result<HttpResponse, Problem> {
    let overview = app.db.jobs("platform.overview", caller.actor(), platform::overview).await?;
    Ok(answer::json(StatusCode::OK, &OverviewView::from(overview)))
}
