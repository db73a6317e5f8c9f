//! `GET /v1/shares`

use super::view::ShareView;
use crate::{
    answer::List,
    app::App,
    extract::{Allowed, Filters, PageParams, PageQuery},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use db::DbError;
use kernel::{
    ids::{FileId, ShareId},
    pages::PageRequest,
    permission::FilesRead,
};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which links.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ShareFilters {
    /// Only links of this file.
    file_id: Option<FileId>,
}

/// Lists the firm's share links, newest first, those that open nothing any more too.
#[utoipa::path(operation_id = "list_shares", tag = "shares", security(("bearer" = ["files:read"])),
    params(PageParams, ShareFilters), responses((status = 200, body = List<ShareView>)))]
#[get("/v1/shares")]
pub(super) async fn list_shares(
    app: Data<App>,
    caller: Allowed<FilesRead>,
    page: PageQuery,
    filters: Filters<ShareFilters>,
) -> Result<HttpResponse, Problem> {
    let file = filters.0.file_id;
    app.list("shares.list", &caller, &page, move |tx, page: &PageRequest<ShareId>| {
        let now = tx.now();
        Ok::<_, DbError>(shares::list_shares(tx, file, page)?.map(|share| ShareView::at(share, now)))
    })
    .await
}
