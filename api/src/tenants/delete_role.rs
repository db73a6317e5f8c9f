//! `DELETE /v1/roles/{id}`

use crate::{
    app::App,
    extract::{PathId, Person},
    problem::Problem,
};
use actix_web::{HttpResponse, delete, web::Data};
use kernel::{ids::RoleId, permission::TenantsAdmin};

/// Removes one of the firm's own roles. One that is in use stays; the problem names who uses it.
#[utoipa::path(operation_id = "delete_role", tag = "tenants", security(("person" = ["tenants:admin"])),
    params(("id" = RoleId, Path)), responses((status = 204)))]
#[delete("/v1/roles/{id}")]
pub(super) async fn delete_role(
    app: Data<App>,
    caller: Person<TenantsAdmin>,
    id: PathId<RoleId>,
) -> Result<HttpResponse, Problem> {
    let (id, by) = (id.get(), caller.principal().grantor());
    app.remove("tenants.delete_role", &caller, move |tx| tenants::delete_role(tx, id, by)).await
}
