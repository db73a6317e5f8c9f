//! `POST /v1/tenants`

use super::view::TenantView;
use crate::{
    app::App,
    auth::rules::{is_name, is_time_zone_if_given, time_zone},
    extract::{Once, SignedIn, ValidJson},
    problem::Problem,
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use garde::Validate;
use serde::Deserialize;
use tenants::{Locale, NewTenant};
use utoipa::ToSchema;

/// Another firm.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateTenantRequest {
    /// What it is called.
    #[garde(custom(is_name))]
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// Language of mails and pages; zh-CN if missing.
    #[garde(skip)]
    locale: Option<Locale>,
    /// IANA name; Asia/Shanghai if missing.
    #[garde(custom(is_time_zone_if_given))]
    time_zone: Option<String>,
}

/// Founds another firm for the signed-in person, who becomes its owner. `switch-tenant` leads into it.
#[utoipa::path(operation_id = "create_tenant", tag = "tenants", security(("person" = [])),
    request_body = CreateTenantRequest, responses((status = 201, body = TenantView)))]
#[post("/v1/tenants")]
pub(super) async fn create_tenant(
    app: Data<App>,
    caller: SignedIn,
    once: Once,
    body: ValidJson<CreateTenantRequest>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let new = NewTenant {
        name: body.name.trim().to_owned(),
        locale: body.locale.unwrap_or(Locale::ZhCn),
        time_zone: time_zone(body.time_zone.as_deref()).unwrap_or(chrono_tz::Asia::Shanghai),
    };
    let user = caller.principal().who.user_id;
    app.write("onboarding.open_firm", &caller, (&once, StatusCode::CREATED), move |tx| {
        onboarding::open_firm(tx, user, &new).map(TenantView::from)
    })
    .await
}
