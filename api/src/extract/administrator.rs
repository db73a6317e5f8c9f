use super::{
    caller::{bearer, unauthenticated},
    gate,
};
use crate::{
    app::App,
    edge::{RequestContext, limits},
    problem::{Problem, edge},
};
use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};
use futures_util::future::LocalBoxFuture;
use kernel::Actor;
use platform::AdminPrincipal;

/// An administrator of the platform who has shown a second factor.
#[derive(Debug)]
pub struct Administrator(AdminPrincipal);

impl Administrator {
    /// Who it is.
    pub const fn principal(&self) -> &AdminPrincipal {
        &self.0
    }

    /// The actor of the transactions that this request runs.
    pub fn actor(&self) -> Actor {
        self.0.actor()
    }
}

impl FromRequest for Administrator {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (request, closed) = (request.clone(), gate::close(request));
        Box::pin(async move {
            let _closed = closed;
            let app = request.app_data::<Data<App>>().ok_or_else(|| Problem::new(edge::INTERNAL))?;
            let token = bearer(&request).ok_or_else(unauthenticated)?;
            let keyring = &app.authority.keyring;
            let meta = RequestContext::of(&request).meta();
            let principal = platform::authenticate_admin(&app.db, keyring, token, meta).await?;
            limits::admit_administrator(&request, &principal.administrator.id.to_string())?;
            Ok(Self(principal))
        })
    }
}
