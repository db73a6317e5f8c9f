use super::{RequestContext, RouteTable, limits::Limits};
use crate::problem::{Occurrence, Problem};
use actix_web::{
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, StatusCode},
    web::Data,
};

/// Counts the requests of callers who are not known: those of public operations before the handler, and those that came with a
/// wrong token after it. Known callers are counted when they have been recognised.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    /// `None`: limits are off.
    pub(crate) limits: Data<Option<Limits>>,
    pub(crate) table: Data<RouteTable>,
}

impl Limiter {
    /// Why the request goes no further. What needs signing in is left to the caller's extractor, which costs a stranger's
    /// request nothing.
    pub(super) fn before(&self, request: &ServiceRequest, context: &RequestContext) -> Option<Problem> {
        let (method, path) = (request.method(), request.path());
        if self.table.is_secured(method.as_str(), path) {
            return None;
        }
        self.charge(context, method, path)
    }

    /// The same answer, or, if it says that the caller is not known and the address has tried that too often, another.
    pub(super) fn after(
        &self,
        response: ServiceResponse<BoxBody>,
        context: &RequestContext,
        at: &Occurrence,
    ) -> ServiceResponse<BoxBody> {
        if response.status() != StatusCode::UNAUTHORIZED || !context.counted.borrow().is_empty() {
            return response;
        }
        let request = response.request();
        match self.charge(context, request.method(), request.path()) {
            Some(problem) => response.into_response(problem.response(at)),
            None => response,
        }
    }

    fn charge(&self, context: &RequestContext, method: &Method, path: &str) -> Option<Problem> {
        let limits = self.limits.as_ref().as_ref().filter(|_| Limits::counts(path))?;
        limits.charge_address(context, method, path).err()
    }
}
