//! How many requests a caller may send: buckets in this process's memory, by credential or by address.

mod bucket;
mod buckets;
mod headers;
mod plans;
mod policy;

pub(crate) use headers::write;
pub(crate) use policy::costly;

use super::RequestContext;
use crate::{
    app::App,
    problem::{Problem, edge},
};
use actix_web::{HttpRequest, http::Method, web::Data};
use buckets::{Buckets, Subject};
use db::TenantScope;
pub(crate) use headers::Counted;
use kernel::{SharedClock, ids::Id};
use plans::Plans;
use policy::{ADDRESS, ADMINISTRATOR, Policy};

/// Buckets of each kind that are remembered: some 10 MB.
const CAPACITY: usize = 65_536;

/// All that is counted in this process. Strangers cannot push credentials out, since only known ones get a bucket.
#[derive(Debug)]
pub(crate) struct Limits {
    clock: SharedClock,
    addresses: Buckets,
    credentials: Buckets,
    plans: Plans,
}

impl Limits {
    pub(crate) fn new(clock: SharedClock) -> Self {
        let (addresses, credentials) = (Buckets::new(CAPACITY), Buckets::new(CAPACITY));
        Self { clock, addresses, credentials, plans: Plans::default() }
    }

    /// Whether this request is counted at all.
    pub(super) fn counts(path: &str) -> bool {
        policy::is_counted(path)
    }

    /// Counts a request of somebody who is not known, or who showed a token that is not valid.
    pub(super) fn charge_address(&self, context: &RequestContext, method: &Method, path: &str) -> Result<(), Problem> {
        let subject = Subject::address(context.ip);
        self.charge(&self.addresses, &subject, context, costly(method, path).into_iter().chain([ADDRESS]))
    }

    fn charge_credential(
        &self,
        request: &HttpRequest,
        context: &RequestContext,
        credential: String,
        general: Policy,
    ) -> Result<(), Problem> {
        let subject = Subject::Credential(credential.into());
        let policies = costly(request.method(), request.path()).into_iter().chain([general]);
        self.charge(&self.credentials, &subject, context, policies)
    }

    /// The tighter rule comes first: what it refuses is not counted by the wider one.
    fn charge(
        &self,
        buckets: &Buckets,
        subject: &Subject,
        context: &RequestContext,
        policies: impl Iterator<Item = Policy>,
    ) -> Result<(), Problem> {
        let now = self.clock.now().timestamp_micros();
        let spread = context.id.uuid().as_fields().2.into();
        for policy in policies {
            let verdict = buckets.take(policy.name, subject, policy.rate, now);
            let counted = Counted::new(policy, verdict, spread);
            context.counted.borrow_mut().push(counted);
            if let Some(problem) = counted.problem() {
                metrics::counter!("http_requests_limited_total", "policy" => policy.name).increment(1);
                return Err(problem);
            }
        }
        Ok(())
    }
}

/// Counts a request of a caller who is known now, by what the firm's plan grants each credential.
pub(crate) async fn admit(request: &HttpRequest, scope: TenantScope, credential: &str) -> Result<(), Problem> {
    let Some(limits) = request.app_data::<Data<Option<Limits>>>().and_then(|limits| limits.as_ref().as_ref()) else {
        return Ok(());
    };
    let app = request.app_data::<Data<App>>().ok_or_else(|| Problem::new(edge::INTERNAL))?;
    let key = format!("{} {credential}", scope.tenant());
    let general = policy::of_plan(limits.plans.requests_per_minute(app, scope).await);
    limits.charge_credential(request, &RequestContext::of(request), key, general)
}

/// Counts a request of an administrator of the platform.
pub(crate) fn admit_administrator(request: &HttpRequest, administrator: &str) -> Result<(), Problem> {
    match request.app_data::<Data<Option<Limits>>>().and_then(|limits| limits.as_ref().as_ref()) {
        Some(limits) => {
            limits.charge_credential(request, &RequestContext::of(request), administrator.to_owned(), ADMINISTRATOR)
        }
        None => Ok(()),
    }
}
