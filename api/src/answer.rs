//! Answers: one transaction, then JSON.

mod list;
mod once;

pub use list::List;
pub(crate) use once::{Waiters, replayed};
pub use once::{in_progress, stored};

use crate::{app::App, edge::tags, extract::Caller, problem::Problem};
use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use db::{PublicTx, TenantTx, TxError};
use serde::Serialize;

/// A response shape of a mutable resource: its version becomes the `ETag`, which `If-Match` compares.
pub trait Versioned: Serialize {
    /// The version.
    fn version(&self) -> i64;
}

/// A JSON answer.
pub fn json<V: Serialize>(status: StatusCode, view: &V) -> HttpResponse {
    HttpResponse::build(status).json(view)
}

/// A JSON answer of a mutable resource, with its `ETag`.
pub fn versioned<V: Versioned>(status: StatusCode, view: &V) -> HttpResponse {
    HttpResponse::build(status).insert_header((header::ETAG, tags::of_version(view.version()))).json(view)
}

/// 204.
pub fn nothing() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

impl App {
    /// Reads in one transaction of the caller's tenant: 200.
    pub async fn read<V, E, F>(
        &self,
        name: &'static str,
        caller: &impl Caller,
        work: F,
    ) -> Result<HttpResponse, Problem>
    where
        V: Serialize + Send + 'static,
        E: TxError + Into<Problem>,
        F: Fn(&mut TenantTx<'_>) -> Result<V, E> + Send + 'static,
    {
        let view = self.db.tenant(name, caller.scope(), work).await.map_err(Into::into)?;
        Ok(json(StatusCode::OK, &view))
    }

    /// Reads or changes a mutable resource in one transaction of the caller's tenant: 200 with an `ETag`.
    pub async fn change<V, E, F>(
        &self,
        name: &'static str,
        caller: &impl Caller,
        work: F,
    ) -> Result<HttpResponse, Problem>
    where
        V: Versioned + Send + 'static,
        E: TxError + Into<Problem>,
        F: Fn(&mut TenantTx<'_>) -> Result<V, E> + Send + 'static,
    {
        let view = self.db.tenant(name, caller.scope(), work).await.map_err(Into::into)?;
        Ok(versioned(StatusCode::OK, &view))
    }

    /// Does something in one transaction of the caller's tenant that leaves nothing to tell: 204.
    pub async fn remove<E, F>(&self, name: &'static str, caller: &impl Caller, work: F) -> Result<HttpResponse, Problem>
    where
        E: TxError + Into<Problem>,
        F: Fn(&mut TenantTx<'_>) -> Result<(), E> + Send + 'static,
    {
        self.db.tenant(name, caller.scope(), work).await.map_err(Into::into)?;
        Ok(nothing())
    }

    /// Reads public data: 200.
    pub async fn public<V, E, F>(&self, name: &'static str, work: F) -> Result<HttpResponse, Problem>
    where
        V: Serialize + Send + 'static,
        E: TxError + Into<Problem>,
        F: Fn(&mut PublicTx<'_>) -> Result<V, E> + Send + 'static,
    {
        let view = self.db.public(name, work).await.map_err(Into::into)?;
        Ok(json(StatusCode::OK, &view))
    }
}
