//! The bytes of a piece on their way in.

use super::problems::of_upload;
use crate::{
    app::App,
    edge::{Deadlines, Watch},
    problem::{Problem, edge},
};
use actix_web::{HttpRequest, web::Payload};
use db::TenantScope;
use files::{Append, Appended, Appending, UploadError};
use kernel::ids::UploadId;

/// Adds the body to an upload, as long as the sender keeps the least speed. What has arrived before a break is kept.
pub(super) async fn append(
    app: &App,
    scope: TenantScope,
    request: &HttpRequest,
    (id, append): (UploadId, Append),
    body: Payload,
) -> Result<Appended, Problem> {
    let watch = Watch::new(Deadlines::of(request).pace);
    let appending = files::append(&app.db, &app.store, &scope, id, append).await?;
    pass_on(body, watch, appending).await
}

async fn pass_on(mut body: Payload, mut watch: Watch, appending: Appending) -> Result<Appended, Problem> {
    loop {
        match watch.next(&mut body).await {
            Ok(Some(Ok(bytes))) => {
                if !appending.push(bytes).await {
                    break;
                }
            }
            Ok(None) => break,
            Ok(Some(Err(_))) => {
                appending.break_off().await;
                return Err(of_upload(UploadError::Incomplete));
            }
            Err(_) => {
                appending.break_off().await;
                return Err(edge::REQUEST_TIMEOUT.into());
            }
        }
    }
    Ok(appending.end().await?)
}
