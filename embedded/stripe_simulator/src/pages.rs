//! The pages a person sees in place of a bank's, a wallet's or Stripe's own.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde_json::Value;
use url::Url;

use crate::form;
use crate::objects::{number, text};
use crate::params::Params;
use crate::server::Simulator;
use crate::store::Call;

const HTML: &str = "text/html; charset=utf-8";

/// `/sim/authorize/{payment_intent}` and `/sim/onboard/{account}`, each to look at (GET) and to decide (POST).
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/sim/authorize/{id}", web::get().to(show_authorize))
        .route("/sim/authorize/{id}", web::post().to(authorize))
        .route("/sim/onboard/{id}", web::get().to(show_onboard))
        .route("/sim/onboard/{id}", web::post().to(onboard));
}

async fn show_authorize(simulator: web::Data<Simulator>, id: web::Path<String>) -> HttpResponse {
    show(&simulator, "authorize", &id, |intent| {
        let what = format!("{} {}", number(intent, "amount"), text(intent, "currency").to_ascii_uppercase());
        let waits = matches!(text(intent, "status"), "requires_action" | "processing");
        let buttons = "<form method=post><button name=outcome value=succeed>Pay / 付款</button> \
                       <button name=outcome value=fail>Refuse / 拒绝</button></form>";
        let content = if waits { buttons } else { "<p>Nothing to do here any more. 无需操作。</p>" };
        page("Authorise the payment / 确认付款", &format!("<p>{what} (minor units / 最小货币单位)</p>{content}"))
    })
    .await
}

async fn show_onboard(simulator: web::Data<Simulator>, id: web::Path<String>) -> HttpResponse {
    show(&simulator, "onboard", &id, |_| {
        let form = "<form method=post><button>Complete / 完成</button></form>";
        page("Set up payouts / 设置收款账户", form)
    })
    .await
}

async fn authorize(simulator: web::Data<Simulator>, id: web::Path<String>, body: web::Bytes) -> HttpResponse {
    decide(&simulator, "authorize", &id, &body).await
}

async fn onboard(simulator: web::Data<Simulator>, id: web::Path<String>, body: web::Bytes) -> HttpResponse {
    decide(&simulator, "onboard", &id, &body).await
}

async fn run(simulator: &Simulator, method: &str, path: String, params: Params) -> (u16, Value) {
    let mut context = simulator.context();
    // A page carries no account header: the object itself tells whose it is.
    context.account = path.rsplit('/').next().and_then(|id| simulator.store.owner(id));
    let reply = simulator.run(Call { method: method.to_owned(), path, params, context }).await;
    (reply.status, serde_json::from_str(&reply.body).unwrap_or(Value::Null))
}

async fn show(simulator: &Simulator, verb: &str, id: &str, content: impl FnOnce(&Value) -> String) -> HttpResponse {
    match run(simulator, "GET", format!("/sim/{verb}/{id}"), Params::default()).await {
        (200, object) => HttpResponse::Ok().content_type(HTML).body(content(&object)),
        (status, error) => refuse(status, &error),
    }
}

async fn decide(simulator: &Simulator, verb: &str, id: &str, body: &[u8]) -> HttpResponse {
    let params = match form::parse(body) {
        Ok(map) => Params::new(map),
        Err(error) => return refuse(error.status, &error.body()),
    };
    match run(simulator, "POST", format!("/sim/{verb}/{id}"), params).await {
        (200, object) => leave(&object),
        (status, error) => refuse(status, &error),
    }
}

/// Sends the person back to where they came from, as Stripe does, or tells them that all is done.
fn leave(object: &Value) -> HttpResponse {
    let Ok(mut url) = Url::parse(text(object, "return_url")) else {
        return HttpResponse::Ok().content_type(HTML).body(page("Done / 完成", ""));
    };
    if text(object, "object") == "payment_intent" {
        let failed = text(object, "status") == "requires_payment_method";
        url.query_pairs_mut()
            .append_pair("payment_intent", text(object, "id"))
            .append_pair("payment_intent_client_secret", text(object, "client_secret"))
            .append_pair("redirect_status", if failed { "failed" } else { "succeeded" });
    }
    HttpResponse::SeeOther().insert_header(("location", url.as_str())).finish()
}

fn refuse(status: u16, error: &Value) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    HttpResponse::build(status).json(error)
}

fn page(title: &str, content: &str) -> String {
    format!(
        "<!doctype html><html lang=zh><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>{title}</title><body style=\"font:1.2rem sans-serif;max-width:30rem;margin:4rem auto\">\
         <h1>{title}</h1><p>This is a simulation; no money moves. 此为模拟页面，不涉及真实资金。</p>{content}</body></html>"
    )
}
