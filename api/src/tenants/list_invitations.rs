//! `GET /v1/invitations`

use super::view::InvitationView;
use crate::{
    answer::List,
    app::App,
    extract::{PageParams, PageQuery, Person},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use db::DbError;
use kernel::{ids::InvitationId, pages::PageRequest, permission::TenantsAdmin};

/// Lists the firm's invitations, newest first.
#[utoipa::path(operation_id = "list_invitations", tag = "tenants", security(("person" = ["tenants:admin"])),
    params(PageParams), responses((status = 200, body = List<InvitationView>)))]
#[get("/v1/invitations")]
pub(super) async fn list_invitations(
    app: Data<App>,
    caller: Person<TenantsAdmin>,
    page: PageQuery,
) -> Result<HttpResponse, Problem> {
    app.list("tenants.list_invitations", &caller, &page, |tx, page: &PageRequest<InvitationId>| {
        let now = tx.now();
        Ok::<_, DbError>(tenants::list_invitations(tx, page)?.map(|invitation| InvitationView::at(invitation, now)))
    })
    .await
}
