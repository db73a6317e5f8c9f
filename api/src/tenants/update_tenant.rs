//! `PATCH /v1/tenant`

#![expect(
    clippy::option_option,
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "null and missing differ; garde hands over the field"
)]

use super::{problems, request_verification, view::TenantView};
use crate::{
    app::App,
    auth::rules::{is_name_if_given, is_time_zone_if_given, nullable, time_zone},
    extract::{Allowed, IfMatch, IfMatchHeader, ValidJson, is_metadata, is_small},
    problem::{Problem, edge},
};
use actix_web::{HttpResponse, patch, web::Data};
use catalogue::market::{Seller, rename_seller};
use garde::Validate;
use kernel::{Currency, permission::TenantsWrite};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tenants::{Locale, Slug, UpdateTenant, UpdateTenantError};
use utoipa::ToSchema;

/// An address of a firm.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddressBody {
    /// Who or which department.
    #[garde(length(chars, min = 1, max = 200))]
    name: String,
    /// Telephone number.
    #[garde(length(chars, min = 1, max = 40))]
    phone: String,
    /// ISO 3166 code.
    #[garde(length(chars, min = 2, max = 2), alphanumeric)]
    country: String,
    /// Province.
    #[garde(length(chars, min = 1, max = 100))]
    province: String,
    /// City.
    #[garde(length(chars, min = 1, max = 100))]
    city: String,
    /// District.
    #[garde(length(chars, max = 100))]
    #[serde(skip_serializing_if = "Option::is_none")]
    district: Option<String>,
    /// Street and number.
    #[garde(length(chars, min = 1, max = 200))]
    line1: String,
    /// Building, floor, room.
    #[garde(length(chars, max = 200))]
    #[serde(skip_serializing_if = "Option::is_none")]
    line2: Option<String>,
    /// Postal code.
    #[garde(length(chars, min = 1, max = 20))]
    postal_code: String,
}

/// Changes of a firm; what is missing stays as it is.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct UpdateTenantRequest {
    /// Name.
    #[garde(custom(is_name_if_given))]
    name: Option<String>,
    /// Name in addresses: 3 to 60 of `a-z`, `0-9` and single inner hyphens, unique.
    #[garde(custom(is_slug))]
    slug: Option<String>,
    /// Language of mails and pages.
    #[garde(skip)]
    locale: Option<Locale>,
    /// IANA name.
    #[garde(custom(is_time_zone_if_given))]
    time_zone: Option<String>,
    /// The currency offered first.
    #[garde(skip)]
    currency: Option<Currency>,
    /// Where the firm is; null removes it.
    #[garde(custom(is_address))]
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<AddressBody>)]
    address: Option<Option<AddressBody>>,
    /// Registration number (GB 32100-2015), 18 letters and digits; null removes it. `warnings` tells what is odd about it.
    #[garde(custom(is_credit_code))]
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    unified_social_credit_code: Option<Option<String>>,
    /// What invoices must say: at most 20 short texts; null removes it.
    #[garde(custom(is_profile))]
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    invoice_profile: Option<Option<BTreeMap<String, String>>>,
    /// Whether the platform's people may look in to help.
    #[garde(skip)]
    support_access: Option<bool>,
    /// The integrator's own: at most 50 keys, 500 characters each.
    #[garde(custom(is_metadata))]
    metadata: Option<BTreeMap<String, String>>,
}

/// garde dives no deeper than one option.
fn is_address(address: &Option<Option<AddressBody>>, (): &()) -> garde::Result {
    let broken = address.iter().flatten().find_map(|address| address.validate().err());
    broken.map_or(Ok(()), |report| Err(garde::Error::new(report.to_string().trim())))
}

fn is_slug(text: &Option<String>, (): &()) -> garde::Result {
    text.as_ref().map_or(Ok(()), |text| text.parse::<Slug>().map(drop).map_err(garde::Error::new))
}

fn is_credit_code(text: &Option<Option<String>>, (): &()) -> garde::Result {
    text.iter().flatten().try_for_each(|text| request_verification::is_credit_code(text, &()))
}

fn is_profile(profile: &Option<Option<BTreeMap<String, String>>>, (): &()) -> garde::Result {
    profile.iter().flatten().try_for_each(|map| is_small(map, 20))
}

impl From<UpdateTenantError> for Problem {
    fn from(error: UpdateTenantError) -> Self {
        match error {
            UpdateTenantError::SlugTaken => problems::SLUG_TAKEN.into(),
            UpdateTenantError::CodeVerified => problems::CREDIT_CODE_VERIFIED.into(),
            UpdateTenantError::Stale => edge::PRECONDITION_FAILED.into(),
            UpdateTenantError::Db(error) => error.into(),
        }
    }
}

impl UpdateTenantRequest {
    /// The command; validation has let every text through that it parses.
    fn command(self, if_version: Option<i64>) -> UpdateTenant {
        UpdateTenant {
            if_version,
            name: self.name.map(|name| name.trim().to_owned()),
            slug: self.slug.and_then(|slug| slug.parse().ok()),
            locale: self.locale,
            time_zone: time_zone(self.time_zone.as_deref()),
            currency: self.currency,
            address: self.address.map(|address| address.map(|address| json!(address))),
            unified_social_credit_code: self
                .unified_social_credit_code
                .map(|code| code.and_then(|code| code.parse().ok())),
            invoice_profile: self.invoice_profile.map(|profile| profile.map(|profile| json!(profile))),
            support_access: self.support_access,
            metadata: self.metadata.map(|metadata| -> Value { json!(metadata) }),
        }
    }
}

/// Changes the firm's profile.
#[utoipa::path(operation_id = "update_tenant", tag = "tenants", security(("bearer" = ["tenants:write"])),
    params(IfMatchHeader), request_body = UpdateTenantRequest, responses((status = 200, body = TenantView)))]
#[patch("/v1/tenant")]
pub(super) async fn update_tenant(
    app: Data<App>,
    caller: Allowed<TenantsWrite>,
    seen: IfMatch,
    body: ValidJson<UpdateTenantRequest>,
) -> Result<HttpResponse, Problem> {
    let command = body.into_inner().command(seen.version());
    app.change("tenants.update", &caller, move |tx| {
        let tenant = tenants::update(tx, &command)?;
        rename_seller(tx, &Seller { slug: tenant.slug.clone(), name: tenant.name.clone() })?;
        Ok::<_, UpdateTenantError>(TenantView::from(tenant))
    })
    .await
}
