//! The order of refusals: first who you are, then what you sent.

use actix_web::{HttpMessage, HttpRequest};
use tokio_util::sync::{CancellationToken, DropGuard};

/// In a request's extensions: the caller's extractor is still at work.
struct Gate(CancellationToken);

/// Held by a caller's extractor; dropped when it is done, which lets the others go on.
///
/// If it refuses, the handler's arguments fail as a whole and the others are never asked again.
pub(super) struct Closed(#[expect(dead_code, reason = "opens the gate when dropped")] DropGuard);

/// Makes the extractors of the arguments that follow wait.
pub(super) fn close(request: &HttpRequest) -> Closed {
    let token = CancellationToken::new();
    request.extensions_mut().insert(Gate(token.clone()));
    Closed(token.drop_guard())
}

/// Waits for the caller's extractor, if the handler has one before this argument. Called when the argument's turn comes.
pub(super) fn opened(request: &HttpRequest) -> impl Future<Output = ()> + use<> {
    let token = request.extensions().get::<Gate>().map(|gate| gate.0.clone());
    async move {
        if let Some(token) = token {
            token.cancelled().await;
        }
    }
}
