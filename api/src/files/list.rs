//! `GET /v1/buckets/{name}/files`

use super::{place, view::EntryView};
use crate::{
    answer::List,
    app::App,
    extract::{Allowed, Filters, PageParams, PageQuery},
    problem::Problem,
};
use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use files::{FileError, ListFiles};
use kernel::{pages::PageRequest, permission::FilesRead};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// What ends a folder's name.
#[derive(Debug, Deserialize, ToSchema)]
enum Delimiter {
    /// The only one there is.
    #[serde(rename = "/")]
    Slash,
}

/// Which files.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FileFilters {
    /// Only paths that begin so.
    #[param(example = "contracts/2026/")]
    prefix: Option<String>,
    /// Shows paths with a slash after the prefix as the folder they are in.
    #[param(inline)]
    delimiter: Option<Delimiter>,
    /// Only files whose path or a tag contains this, in any case of letters.
    q: Option<String>,
    /// Only files with exactly this tag.
    tag: Option<String>,
}

/// Lists a bucket's files, and with `delimiter=/` its folders, in order of their paths.
#[utoipa::path(operation_id = "list_files", tag = "files", security(("bearer" = ["files:read"])),
    params(("name" = String, Path), PageParams, FileFilters), responses((status = 200, body = List<EntryView>)))]
#[get("/v1/buckets/{name}/files")]
pub(super) async fn list_files(
    app: Data<App>,
    caller: Allowed<FilesRead>,
    page: PageQuery,
    filters: Filters<FileFilters>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Filters(FileFilters { prefix, delimiter, q, tag }) = filters;
    let (bucket, q) = (place::bucket(&request)?, q.filter(|text| !text.is_empty()));
    let wanted = ListFiles::new(bucket, &prefix.unwrap_or_default(), delimiter.is_some(), q.as_deref()).tagged(tag);
    app.list("files.list", &caller, &page, move |tx, page: &PageRequest<String>| {
        Ok::<_, FileError>(files::list_files(tx, &wanted, page)?.map(EntryView::from))
    })
    .await
}
