//! `GET /v1/shares/{id}/accesses`

use super::view::ShareAccessView;
use crate::{
    answer::List,
    app::App,
    extract::{Allowed, PageParams, PageQuery, PathId},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use kernel::{
    ids::{ShareAccessId, ShareId},
    pages::PageRequest,
    permission::FilesRead,
};
use shares::ShareError;

/// Lists who came by a link and what came of it, newest first. Continued parts of one download are not listed again.
#[utoipa::path(operation_id = "list_share_accesses", tag = "shares", security(("bearer" = ["files:read"])),
    params(("id" = ShareId, Path), PageParams), responses((status = 200, body = List<ShareAccessView>)))]
#[get("/v1/shares/{id}/accesses")]
pub(super) async fn list_share_accesses(
    app: Data<App>,
    caller: Allowed<FilesRead>,
    id: PathId<ShareId>,
    page: PageQuery,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    app.list("shares.list_accesses", &caller, &page, move |tx, page: &PageRequest<ShareAccessId>| {
        Ok::<_, ShareError>(shares::list_accesses(tx, id, page)?.map(ShareAccessView::from))
    })
    .await
}
