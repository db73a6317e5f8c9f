use super::{RequestContext, cors, headers};
use crate::{
    config::Config,
    problem::{Occurrence, Problem, edge},
    tus,
};
use actix_web::{
    HttpResponse,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::AUTHORIZATION,
};
use ipnet::IpNet;
use std::net::IpAddr;

/// What the edge demands of every request and adds to every answer.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    pub(super) trusted_proxies: Vec<IpNet>,
    pub(super) cors_origins: Vec<String>,
    /// The platform is reached over TLS, which a proxy in front ends.
    pub(super) https: bool,
}

impl Rules {
    /// From the settings.
    pub fn new(config: &Config) -> Self {
        let https = config.public_url.scheme() == "https";
        if https && config.trusted_proxies.is_empty() {
            tracing::warn!(
                "PUBLIC_URL is https and TRUSTED_PROXIES names nobody who could end TLS: tokens will be refused"
            );
        }
        Self { trusted_proxies: config.trusted_proxies.clone(), cors_origins: config.cors_origins.clone(), https }
    }

    /// An answer that makes the handler superfluous.
    pub(super) fn before(
        &self,
        request: &ServiceRequest,
        peer: Option<IpAddr>,
        at: &Occurrence,
    ) -> Option<HttpResponse> {
        if self.https && self.came_plain(request, peer) && request.headers().contains_key(AUTHORIZATION) {
            // The token has been seen on the way: a redirect would only hide the mistake.
            return Some(Problem::new(edge::HTTPS_REQUIRED).response(at));
        }
        cors::preflight(request, &self.cors_origins)
    }

    /// Headers of every answer.
    pub(super) fn after(&self, response: &mut ServiceResponse<BoxBody>, context: &RequestContext) {
        tus::mark(response);
        headers::complete(response.headers_mut(), context, self.https);
    }

    /// Whether a peer is a proxy that is believed.
    pub(super) fn trusts(&self, peer: Option<IpAddr>) -> bool {
        peer.is_some_and(|peer| self.trusted_proxies.iter().any(|net| net.contains(&peer)))
    }

    /// Whether no proxy that is believed says that the caller spoke over TLS. We ourselves speak none: whoever else reaches us
    /// came without.
    fn came_plain(&self, request: &ServiceRequest, peer: Option<IpAddr>) -> bool {
        let trusted = self.trusts(peer);
        // The nearest proxy has added the last word.
        let said = request.headers().get_all("x-forwarded-proto").last().and_then(|value| value.to_str().ok());
        let nearest = said.and_then(|said| said.rsplit(',').next()).map(str::trim);
        !(trusted && nearest.is_some_and(|proto| proto.eq_ignore_ascii_case("https")))
    }
}
