//! The description of the API, made from the very endpoints that serve it.

use crate::{problem::CONTENT_TYPE, routes::routes};
use serde::Serialize;
use utoipa::{
    OpenApi, PartialSchema, ToSchema,
    openapi::{
        Components, ContentBuilder, PathItem, Ref, RefOr, Required, ResponseBuilder,
        header::HeaderBuilder,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn},
        schema::{ObjectBuilder, Type},
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_actix_web::AppExt;

const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
/// Where answers hold secrets, which are not kept to be repeated.
const KEEPS_NO_ANSWER: [&str; 2] = ["/v1/auth/", "/v1/me/"];
/// Who may call. The names behind a scheme are the permissions that it takes.
const SCHEMES: [(&str, &str); 2] = [
    ("bearer", "The access token of a signed-in person, or an API key (`sk_live_...`) with the scope that is named."),
    ("person", "The access token of a signed-in person. An API key is refused (403 `people_only`)."),
];

#[derive(OpenApi)]
#[openapi(info(
    title = "SME Cloud",
    description = "A platform for small and medium-sized firms: data storage, product promotion and trade payment. \
                   Every refusal is a problem (RFC 9457); amounts are integers in minor units; lists are pages.",
    license(name = "Apache-2.0", identifier = "Apache-2.0")
))]
struct Api;

/// The body of every refusal (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
struct ProblemBody {
    /// Which problem it is; leads to its description.
    r#type: String,
    /// What happened, in the caller's language.
    title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What to do next, in the caller's language.
    detail: String,
    /// The path that was asked for.
    instance: Option<String>,
    /// Which problem it is, for programs.
    #[schema(pattern = "^[a-z][a-z0-9_]*$")]
    code: String,
    /// The request's id.
    request_id: Option<String>,
    /// What is wrong with which field.
    errors: Option<Vec<ProblemField>>,
}

/// What is wrong with one field.
#[derive(Debug, Serialize, ToSchema)]
struct ProblemField {
    /// JSON pointer into the body, or `?name` for a query parameter.
    pointer: String,
    /// What is wrong, for programs.
    code: String,
    /// What is wrong, in the caller's language.
    detail: String,
}

/// The whole document.
pub fn document() -> utoipa::openapi::OpenApi {
    let (_, mut document) =
        actix_web::App::new().into_utoipa_app().openapi(Api::openapi()).configure(routes).split_for_parts();
    let components = document.components.get_or_insert_default();
    add_problem(components);
    for (name, description) in SCHEMES {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description)).build();
        components.add_security_scheme(name, SecurityScheme::Http(scheme));
    }
    for (path, item) in &mut document.paths.paths {
        if let Some(operation) =
            item.post.as_mut().filter(|_| !KEEPS_NO_ANSWER.iter().any(|prefix| path.starts_with(prefix)))
        {
            accept_key(operation);
        }
        if let Some(operation) = &mut item.get {
            name_tag(operation);
        }
        for operation in operations(item) {
            operation.responses.responses.insert("default".into(), RefOr::Ref(Ref::from_response_name("Problem")));
        }
    }
    document
}

/// The document as YAML, as it is served and committed.
pub fn yaml(document: &utoipa::openapi::OpenApi) -> Result<String, serde_json::Error> {
    document.to_yaml().map_err(serde::ser::Error::custom)
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.head, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete]
        .into_iter()
        .filter_map(Option::as_mut)
}

fn add_problem(components: &mut Components) {
    components.schemas.insert("Problem".into(), ProblemBody::schema());
    components.schemas.insert("ProblemField".into(), ProblemField::schema());
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let id = HeaderBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String))).build();
    let response = ResponseBuilder::new()
        .description("A refusal: `code` says which.")
        .content(CONTENT_TYPE, content)
        .header("X-Request-Id", id)
        .build();
    components.responses.insert("Problem".into(), response.into());
}

/// POSTs of somebody signed in that take no `Idempotency-Key`: what is so already stays so, or each has an effect of its own,
/// which is harmless.
const KEYLESS: [&str; 13] = [
    "begin_totp",
    "change_email",
    "change_password",
    "close_tenant",
    "complete_upload",
    "confirm_totp",
    "create_resumable_upload",
    "end_other_sessions",
    "issue_download",
    "record_consent",
    "replace_recovery_codes",
    "step_up",
    "switch_tenant",
];

/// Whether an operation heeds an `Idempotency-Key`: those of visitors and administrators do not.
fn heeds_key(operation: &Operation) -> bool {
    let id = operation.operation_id.as_deref().unwrap_or_default();
    operation.security.is_some() && !id.starts_with("admin_") && !KEYLESS.contains(&id)
}

/// Every other POST of somebody signed in accepts an `Idempotency-Key`; those that demand it say so themselves.
fn accept_key(operation: &mut Operation) {
    let heeds_key = heeds_key(operation);
    let parameters = operation.parameters.get_or_insert_default();
    if !heeds_key || parameters.iter().any(is_key) {
        return;
    }
    let schema = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255)).build();
    let parameter = ParameterBuilder::new()
        .name(IDEMPOTENCY_KEY)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("Repeats with the same key take effect once and get the same answer."))
        .schema(Some(schema))
        .build();
    parameters.push(parameter.into());
}

/// Every JSON answer to a GET has a tag, and is not sent again to a reader who has it.
fn name_tag(operation: &mut Operation) {
    let Some(RefOr::T(answer)) = operation.responses.responses.get_mut("200") else { return };
    if !answer.content.contains_key("application/json") {
        return;
    }
    let text = || ObjectBuilder::new().schema_type(Type::String);
    answer.headers.insert("ETag".into(), RefOr::T(HeaderBuilder::new().schema(Some(text())).build()));
    let same = ResponseBuilder::new().description("The reader has it already").build();
    operation.responses.responses.insert("304".into(), same.into());
    let parameter = ParameterBuilder::new()
        .name("If-None-Match")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The `ETag` of what the reader has."))
        .schema(Some(text()))
        .build();
    operation.parameters.get_or_insert_default().push(parameter.into());
}

fn is_key(parameter: &RefOr<Parameter>) -> bool {
    matches!(parameter, RefOr::T(parameter) if parameter.name == IDEMPOTENCY_KEY)
}
