//! `GET /v1/members`

use super::view::MemberView;
use crate::{
    answer::List,
    app::App,
    extract::{Allowed, PageParams, PageQuery},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use db::DbError;
use kernel::{ids::MemberId, pages::PageRequest, permission::TenantsRead};

/// Lists the firm's members in the order of joining.
#[utoipa::path(operation_id = "list_members", tag = "tenants", security(("bearer" = ["tenants:read"])),
    params(PageParams), responses((status = 200, body = List<MemberView>)))]
#[get("/v1/members")]
pub(super) async fn list_members(
    app: Data<App>,
    caller: Allowed<TenantsRead>,
    page: PageQuery,
) -> Result<HttpResponse, Problem> {
    app.list("tenants.list_members", &caller, &page, |tx, page: &PageRequest<MemberId>| {
        Ok::<_, DbError>(tenants::list_members(tx, page)?.map(MemberView::from))
    })
    .await
}
