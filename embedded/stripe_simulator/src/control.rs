//! The faults over HTTP, for test programs in other languages. Needs the secret key.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use crate::faults::{CallFault, WebhookFault};
use crate::server::Simulator;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Calls {
    path: String,
    count: usize,
    fault: CallFault,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Webhooks {
    count: usize,
    fault: WebhookFault,
}

/// `POST /sim/faults/calls`, `POST /sim/faults/webhooks`, `DELETE /sim/faults`.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/sim/faults/calls", web::post().to(plan_calls))
        .route("/sim/faults/webhooks", web::post().to(plan_webhooks))
        .route("/sim/faults", web::delete().to(clear));
}

fn guarded(request: &HttpRequest, simulator: &Simulator, act: impl FnOnce()) -> HttpResponse {
    match simulator.authorise(request.headers()) {
        Ok(()) => {
            act();
            HttpResponse::NoContent().finish()
        }
        Err(error) => HttpResponse::Unauthorized().json(error.body()),
    }
}

async fn plan_calls(request: HttpRequest, simulator: web::Data<Simulator>, calls: web::Json<Calls>) -> HttpResponse {
    let Calls { path, count, fault } = calls.into_inner();
    guarded(&request, &simulator, || simulator.faults.next_calls(&path, count, fault))
}

async fn plan_webhooks(
    request: HttpRequest,
    simulator: web::Data<Simulator>,
    webhooks: web::Json<Webhooks>,
) -> HttpResponse {
    guarded(&request, &simulator, || simulator.faults.next_webhooks(webhooks.count, webhooks.fault))
}

async fn clear(request: HttpRequest, simulator: web::Data<Simulator>) -> HttpResponse {
    guarded(&request, &simulator, || simulator.faults.clear())
}
