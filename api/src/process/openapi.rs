//! `GET /openapi.yaml` and `GET /openapi.json`

use crate::openapi;
use actix_web::{HttpResponse, get, http::header::CACHE_CONTROL, web::Data};
use bytes::Bytes;

/// The document, written once at the start.
#[derive(Debug, Clone)]
pub(crate) struct Documents {
    yaml: Bytes,
    json: Bytes,
}

impl Documents {
    pub(crate) fn new(document: &utoipa::openapi::OpenApi) -> Result<Self, serde_json::Error> {
        Ok(Self { yaml: openapi::yaml(document)?.into(), json: serde_json::to_vec(document)?.into() })
    }
}

/// Describes the API, as YAML.
#[utoipa::path(operation_id = "read_openapi_yaml", tag = "process",
    responses((status = 200, body = String, content_type = "application/yaml")))]
#[get("/openapi.yaml")]
pub(super) async fn read_openapi_yaml(documents: Data<Documents>) -> HttpResponse {
    document("application/yaml; charset=utf-8", documents.yaml.clone())
}

/// Describes the API, as JSON.
#[utoipa::path(operation_id = "read_openapi_json", tag = "process",
    responses((status = 200, body = Object, content_type = "application/json")))]
#[get("/openapi.json")]
pub(super) async fn read_openapi_json(documents: Data<Documents>) -> HttpResponse {
    document("application/json", documents.json.clone())
}

fn document(content_type: &'static str, body: Bytes) -> HttpResponse {
    HttpResponse::Ok().content_type(content_type).insert_header((CACHE_CONTROL, "no-cache")).body(body)
}
