//! `PUT /s/{token}/{name}`

use super::{carrier::visitor, seen::name_of};
use crate::{
    answer,
    app::App,
    edge::{Deadlines, Watch},
    files::{content_type, declared_bytes, pass_on},
    problem::Problem,
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    put,
    web::{Data, Payload},
};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use shares::{Bring, BringError, VisitError};
use utoipa::ToSchema;

/// Parts of an address before a name: `/s/{token}/`.
const PARTS_BEFORE: usize = 3;

/// What somebody who brought a file is told.
#[derive(Debug, Serialize, ToSchema)]
struct BroughtFileView {
    /// What it is called: with a number, if another file had the name.
    #[schema(example = "invoice (2).pdf")]
    name: String,
    /// Size in bytes.
    size_bytes: i64,
}

/// Brings a file by a link of mode `upload`. A file of the same name is left as it is: the new one gets a number.
///
/// The same request again brings another file. The media type is found out if the request names none.
#[utoipa::path(operation_id = "bring_file", tag = "shares", params(("token" = String, Path), ("name" = String, Path)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, description = "Stored", body = BroughtFileView)))]
#[put("/s/{token}/{name}")]
pub(super) async fn bring_file(app: Data<App>, request: HttpRequest, body: Payload) -> Result<HttpResponse, Problem> {
    let visitor = visitor(&request)?;
    let brought = Bring {
        name: name(&request).ok_or(VisitError::MalformedName)?,
        declared_bytes: declared_bytes(request.headers()),
        content_type: content_type(request.headers())?,
    };
    let received = shares::bring(&app.db, (&app.store, &app.master_key), &visitor, brought).await?;
    let watch = Watch::new(Deadlines::of(&request).pace);
    let file = pass_on(body, watch, received).await?.map_err(BringError::Upload)?.file;
    let view = BroughtFileView { name: name_of(&file.path), size_bytes: file.size_bytes };
    Ok(answer::json(StatusCode::CREATED, &view))
}

/// The name in the address as it was sent, decoded once.
fn name(request: &HttpRequest) -> Option<String> {
    let sent = request.uri().path().splitn(PARTS_BEFORE + 1, '/').nth(PARTS_BEFORE)?;
    percent_decode_str(sent).decode_utf8().ok().map(String::from)
}
