//! `GET /s/{token}`

use super::{
    carrier::{visitor, wants_page},
    page::{self, for_people},
    problems::SHARE_LOCKED,
    seen::SeenView,
};
use crate::{
    answer,
    app::App,
    extract::{Filters, PageParams, PageQuery},
    problem::Problem,
};
use actix_web::{HttpRequest, HttpResponse, get, http::StatusCode, web::Data};
use serde::Deserialize;
use shares::{Entered, Visitor};
use utoipa::IntoParams;

/// Which part of a folder.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SeenFilters {
    /// A folder within the shared one.
    #[param(example = "photos/")]
    path: Option<String>,
}

/// Shows what a share link shows: a page for people, who send `Accept: text/html`; this for programs.
#[utoipa::path(operation_id = "open_share", tag = "shares",
    params(("token" = String, Path), PageParams, SeenFilters), responses((status = 200, body = SeenView)))]
#[get("/s/{token}")]
pub(super) async fn open_share(
    app: Data<App>,
    request: HttpRequest,
    page: PageQuery,
    filters: Filters<SeenFilters>,
) -> Result<HttpResponse, Problem> {
    let folder = filters.0.path.unwrap_or_default();
    let seen = look(&app, &request, &page, folder.clone()).await;
    if !wants_page(&request) {
        let (entered, cursor) = seen?;
        return Ok(answer::json(StatusCode::OK, &SeenView::new(entered, cursor)));
    }
    match seen {
        Ok((entered, cursor)) => Ok(page::of_share(&request, entered, (&folder, cursor))),
        Err(problem) if problem.kind().code == SHARE_LOCKED.code => Ok(page::of_lock(&request, None)),
        Err(problem) => for_people(&request, Err(problem)),
    }
}

/// What the link shows, and the cursor of what follows.
async fn look(
    app: &App,
    request: &HttpRequest,
    page: &PageQuery,
    folder: String,
) -> Result<(Entered, Option<String>), Problem> {
    let visitor = visitor(request)?;
    let owner = list_owner(&visitor);
    let wanted = page.request::<String>(&app.cursors, &owner)?;
    let entered = shares::look(&app.db, &app.master_key, &visitor, (folder, wanted)).await?;
    let next = entered.entries.as_ref().and_then(|entries| entries.next.as_ref());
    let cursor = next.map(|at| app.cursors.write(&page.name(&owner), at));
    Ok((entered, cursor))
}

/// What cursors of a link's folder belong to, without the token itself.
fn list_owner(visitor: &Visitor) -> String {
    hex::encode(visitor.token.digest())
}
