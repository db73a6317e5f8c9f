//! `POST /v1/verification`

use super::{problems, verification_view::VerificationView};
use crate::{
    app::App,
    auth::rules::is_name,
    extract::{Once, Person, ValidJson},
    problem::{FieldError, Problem, edge},
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use garde::Validate;
use kernel::{ids::FileId, permission::TenantsAdmin};
use onboarding::{RequestVerification, RequestVerificationError};
use serde::Deserialize;
use tenants::CreditCode;
use utoipa::ToSchema;

/// What shall be verified.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct VerificationRequest {
    /// Unified social credit code (GB 32100-2015): 18 letters and digits. One whose check character does not fit is taken with a
    /// warning.
    #[garde(custom(is_credit_code))]
    #[schema(example = "91440300708461136T")]
    unified_social_credit_code: String,
    /// The name on the licence.
    #[garde(custom(is_name))]
    #[schema(min_length = 1, max_length = 200)]
    legal_name: String,
    /// A file of yours: a picture or copy of the licence.
    #[garde(skip)]
    licence_file_id: FileId,
}

/// A text that can be a code at all. The signature is garde's.
pub(super) fn is_credit_code(text: &str, (): &()) -> garde::Result {
    text.parse::<CreditCode>().map(drop).map_err(garde::Error::new)
}

impl From<RequestVerificationError> for Problem {
    fn from(error: RequestVerificationError) -> Self {
        use tenants::RequestVerificationError as Refused;
        match error {
            RequestVerificationError::UnknownFile => edge::VALIDATION_FAILED.error(FieldError::new(
                "/licence_file_id",
                "unknown_file",
                "you have no such file",
                "您没有该文件",
            )),
            RequestVerificationError::Request(Refused::Pending) => problems::VERIFICATION_PENDING.into(),
            RequestVerificationError::Request(Refused::Verified) => problems::ALREADY_VERIFIED.into(),
            RequestVerificationError::Request(Refused::Db(error)) | RequestVerificationError::Db(error) => error.into(),
        }
    }
}

/// Asks the platform to verify the firm's business. One request at a time; after a rejection it may be asked anew.
#[utoipa::path(operation_id = "request_verification", tag = "tenants", security(("person" = ["tenants:admin"])),
    request_body = VerificationRequest, responses((status = 201, body = VerificationView)))]
#[post("/v1/verification")]
pub(super) async fn request_verification(
    app: Data<App>,
    caller: Person<TenantsAdmin>,
    once: Once,
    body: ValidJson<VerificationRequest>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let malformed = |_| {
        let field = "/unified_social_credit_code";
        edge::VALIDATION_FAILED.error(FieldError::new(
            field,
            "invalid",
            "expected 18 letters and digits",
            "应为 18 位字母或数字",
        ))
    };
    let command = RequestVerification {
        code: body.unified_social_credit_code.parse().map_err(malformed)?,
        legal_name: body.legal_name.trim().to_owned(),
        licence_file: body.licence_file_id,
        by_user: caller.principal().who.user_id,
    };
    app.write("onboarding.request_verification", &caller, (&once, StatusCode::CREATED), move |tx| {
        onboarding::request_verification(tx, &command).map(VerificationView::from)
    })
    .await
}
