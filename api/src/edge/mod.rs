//! What happens to every request before and after its handler: an id, an address, a span, a log line, metrics, headers, and
//! one shape for every refusal.

mod access_log;
mod address;
mod context;
mod cors;
mod deadlines;
mod headers;
mod limit;
pub(crate) mod limits;
mod parent;
mod refused_body;
mod represent;
mod route_table;
mod rules;
mod security_events;
mod shape;
pub(crate) mod tags;

pub use context::RequestContext;
pub use deadlines::{Deadlines, Pace};
pub(crate) use deadlines::{Watch, watched};
pub(crate) use limit::Limiter;
pub(crate) use represent::represent;
pub(crate) use route_table::{RouteTable, fallback};
pub use rules::Rules;

use crate::{app::App, tus};
use access_log::AccessLog;
use actix_web::{
    Error, HttpMessage,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use tracing::Instrument;

/// The middleware around everything.
pub(crate) async fn around<B: MessageBody + 'static>(
    rules: Data<Rules>,
    limiter: Data<Limiter>,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
    let client = address::client(peer, request.headers(), &rules.trusted_proxies);
    let context = RequestContext::new(request.headers(), client);
    request.extensions_mut().insert(context.clone());
    represent::soften(&mut request);
    tus::override_method(&mut request);
    let kept = refused_body::Kept::of(&mut request);
    let log = AccessLog::begin(&request, context.clone());
    if rules.trusts(peer) {
        parent::adopt(&log.span(), request.headers());
    }
    let occurrence = context.occurrence(request.request());
    let app = request.app_data::<Data<App>>().cloned();
    let refused = || limiter.before(&request, &context).map(|problem| problem.response(&occurrence));
    if let Some(answer) = rules.before(&request, peer, &occurrence).or_else(refused) {
        let mut response = shape::shaped(request.into_response(answer), &occurrence);
        rules.after(&mut response, &context);
        log.end(Some(&response));
        return Ok(refused_body::keep(response, kept));
    }
    let origin = cors::allowed(&request, &rules.cors_origins);

    // A panicking handler must not take the other requests of its thread with it.
    let answered = AssertUnwindSafe(next.call(request)).catch_unwind().instrument(log.span()).await;

    match answered {
        Ok(Ok(response)) => {
            let response = limiter.after(response.map_into_boxed_body(), &context, &occurrence);
            security_events::note(app.as_ref().map(Data::get_ref), &context, &response).await;
            let mut response = shape::shaped(response, &occurrence);
            represent::finish(response.headers_mut());
            rules.after(&mut response, &context);
            cors::mark(response.headers_mut(), origin, &rules.cors_origins);
            log.end(Some(&response));
            Ok(refused_body::keep(response, kept))
        }
        Ok(Err(error)) => {
            log.end(None);
            tracing::error!(%error, request_id = %context.shown_id, "a request failed outside its handler");
            Err(shape::Failed { rules, context, occurrence, kept }.into())
        }
        Err(_) => {
            log.end(None);
            tracing::error!(request_id = %context.shown_id, "a handler panicked");
            Err(shape::Failed { rules, context, occurrence, kept }.into())
        }
    }
}
