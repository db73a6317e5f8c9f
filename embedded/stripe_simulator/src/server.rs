//! The HTTP edge: authentication, faults, idempotency, and answers as Stripe sends them.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::dev::Server;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::Clock;
use crate::error::ApiError;
use crate::faults::{CallFault, Faults};
use crate::params::Params;
use crate::store::{Call, Reply, Store};
use crate::tx::{API_VERSION, Context, derive};
use crate::webhook::Target;
use crate::{control, form, pages};

/// Largest request body, bytes.
const MAX_BODY: usize = 1 << 20;
/// Longest idempotency key Stripe takes.
const MAX_KEY: usize = 255;

/// What every handler shares.
pub(crate) struct Simulator {
    pub(crate) store: Arc<Store>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) target: Target,
    pub(crate) clock: Clock,
    pub(crate) seed: u64,
    pub(crate) secret_key: String,
    pub(crate) base_url: String,
    pub(crate) requests: AtomicU64,
}

impl Simulator {
    /// The surroundings of a call made now.
    pub(crate) fn context(&self) -> Context {
        let webhook = self.target.read().is_ok_and(|target| target.is_some());
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        Context {
            now: (self.clock)().timestamp(),
            seed: self.seed,
            base_url: self.base_url.clone(),
            request_id: Some(format!("req_{}", &derive(self.seed, "request", number)[..14])),
            webhook,
            ..Context::default()
        }
    }

    /// Runs a call on a thread that may block.
    pub(crate) async fn run(&self, call: Call) -> Reply {
        let store = Arc::clone(&self.store);
        web::block(move || store.run(&call))
            .await
            .unwrap_or_else(|_| Reply::from(&ApiError::provider(500, "The simulator is stopping.")))
    }

    pub(crate) fn authorise(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let given = header(headers, "authorization").unwrap_or_default();
        let key = match given.split_once(' ') {
            Some(("Bearer", key)) => key.to_owned(),
            Some(("Basic", pair)) => basic_user(pair).unwrap_or_default(),
            _ => {
                return Err(ApiError::unauthorised(
                    "You did not provide an API key. You need to provide your API key in the Authorization header, \
                     using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
                ));
            }
        };
        if key == self.secret_key { Ok(()) } else { Err(ApiError::unauthorised("Invalid API Key provided.")) }
    }
}

fn basic_user(pair: &str) -> Option<String> {
    let pair = String::from_utf8(STANDARD.decode(pair).ok()?).ok()?;
    Some(pair.split_once(':').map_or(pair.as_str(), |(user, _)| user).to_owned())
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The server on a bound listener; it runs when awaited or spawned.
pub(crate) fn serve(listener: TcpListener, simulator: Arc<Simulator>) -> std::io::Result<Server> {
    let data = web::Data::from(simulator);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .app_data(web::PayloadConfig::new(MAX_BODY))
            .configure(pages::routes)
            .configure(control::routes)
            .default_service(web::to(api))
    });
    Ok(server.workers(1).disable_signals().shutdown_timeout(1).listen(listener)?.run())
}

async fn api(request: HttpRequest, body: web::Bytes, simulator: web::Data<Simulator>) -> HttpResponse {
    let context = simulator.context();
    let request_id = context.request_id.clone().unwrap_or_default();
    let (reply, cut) = match read(&request, &body, &simulator, context) {
        Ok(call) => answer(&simulator, call).await,
        Err(error) => (Reply::from(&error), false),
    };
    if cut {
        return cut_connection();
    }
    respond(&request, &reply, &request_id)
}

fn read(
    request: &HttpRequest,
    body: &web::Bytes,
    simulator: &Simulator,
    mut context: Context,
) -> Result<Call, ApiError> {
    simulator.authorise(request.headers())?;
    let method = request.method().as_str().to_owned();
    let media_type = header(request.headers(), "content-type").unwrap_or_default();
    if !body.is_empty() && !media_type.starts_with("application/x-www-form-urlencoded") {
        return Err(ApiError::invalid(
            "Invalid request (check that your POST content type is application/x-www-form-urlencoded).",
        ));
    }
    let encoded = if method == "POST" { body.as_ref() } else { request.query_string().as_bytes() };
    let params = Params::new(form::parse(encoded)?);
    context.account = header(request.headers(), "stripe-account").map(str::to_owned);
    context.idempotency_key = header(request.headers(), "idempotency-key").map(str::to_owned);
    if context.idempotency_key.as_ref().is_some_and(|key| key.is_empty() || key.len() > MAX_KEY) {
        return Err(ApiError::invalid("Idempotency keys must have 1 to 255 characters."));
    }
    Ok(Call { method, path: request.path().to_owned(), params, context })
}

/// The reply, and whether it must get lost on the way.
async fn answer(simulator: &Simulator, call: Call) -> (Reply, bool) {
    let fault = simulator.faults.take_call(&call.method, &call.path);
    let _claim = match simulator.store.claim(&call) {
        Ok(claim) => claim,
        Err(error) => return (Reply::from(&error), false),
    };
    match fault {
        Some(CallFault::Status { status }) => {
            return (Reply::from(&ApiError::provider(status, "An injected failure.")), false);
        }
        Some(CallFault::Hang) => simulator.faults.hang().await,
        Some(CallFault::Delay { milliseconds }) => {
            tokio::time::sleep(std::time::Duration::from_millis(milliseconds)).await;
        }
        Some(CallFault::Cut) | None => {}
    }
    (simulator.run(call).await, fault == Some(CallFault::Cut))
}

/// A body that breaks before its first byte, so that the server drops the connection.
fn cut_connection() -> HttpResponse {
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionAborted);
    let body = futures_util::stream::iter([Err::<web::Bytes, _>(broken)]);
    HttpResponse::Ok().streaming(body)
}

fn respond(request: &HttpRequest, reply: &Reply, request_id: &str) -> HttpResponse {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let version = header(request.headers(), "stripe-version").unwrap_or(API_VERSION);
    let mut response = HttpResponse::build(status);
    response.content_type("application/json");
    response.insert_header(("request-id", request_id)).insert_header(("stripe-version", version));
    for name in ["idempotency-key", "stripe-account"] {
        if let Some(value) = header(request.headers(), name) {
            response.insert_header((HeaderName::from_static(name), value));
        }
    }
    if reply.replayed {
        response.insert_header(("idempotent-replayed", "true"));
    }
    response.body(reply.body.clone())
}
