//! `POST /v1/auth/switch-tenant`

use super::{Origin, view::TokensView};
use crate::{
    answer,
    app::App,
    extract::{SignedIn, ValidJson},
    problem::{Problem, edge},
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, post, web::Data};
use auth::{SwitchTenant, SwitchTenantError};
use garde::Validate;
use kernel::ids::TenantId;
use serde::Deserialize;
use utoipa::ToSchema;

/// Where to.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct SwitchTenantRequest {
    /// A firm the person belongs to.
    #[garde(skip)]
    tenant_id: TenantId,
}

impl From<SwitchTenantError> for Problem {
    fn from(error: SwitchTenantError) -> Self {
        match error {
            SwitchTenantError::NotFound => edge::NOT_FOUND.into(),
            SwitchTenantError::Sign(error) => error.into(),
            SwitchTenantError::Db(error) => error.into(),
        }
    }
}

/// Gives tokens for another of the person's firms. The present session goes on.
#[utoipa::path(operation_id = "switch_tenant", tag = "auth", security(("person" = [])),
    request_body = SwitchTenantRequest, responses((status = 200, body = TokensView)))]
#[post("/v1/auth/switch-tenant")]
pub(super) async fn switch_tenant(
    app: Data<App>,
    caller: SignedIn,
    request: HttpRequest,
    body: ValidJson<SwitchTenantRequest>,
) -> Result<HttpResponse, Problem> {
    let command = SwitchTenant { tenant: body.into_inner().tenant_id, user_agent: Origin::of(&request).user_agent };
    let signed_in = auth::switch_tenant(&app.db, &app.authority, caller.principal(), &command).await?;
    Ok(answer::json(StatusCode::OK, &TokensView::from(signed_in.tokens)))
}
