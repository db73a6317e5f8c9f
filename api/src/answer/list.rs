//! Pages of lists.

use crate::{
    app::App,
    extract::{Caller, PageQuery},
    problem::Problem,
};
use actix_web::{HttpResponse, http::StatusCode};
use db::{PublicTx, TenantTx, TxError};
use kernel::pages::{Page, PageRequest};
use serde::Serialize;
use std::{fmt::Display, str::FromStr};
use utoipa::ToSchema;

/// The owner's name in cursors of lists that everybody may read.
const PUBLIC: &str = "public";

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<V> {
    /// The rows.
    pub data: Vec<V>,
    /// Whether more rows follow.
    pub has_more: bool,
    /// The `cursor` for the next page, if more rows follow.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

impl App {
    /// A page of a list of the caller's tenant. `work` makes the rows into views.
    pub async fn list<V, K, E, F>(
        &self,
        name: &'static str,
        caller: &impl Caller,
        page: &PageQuery,
        work: F,
    ) -> Result<HttpResponse, Problem>
    where
        V: Serialize + Send + 'static,
        K: FromStr + Display + Send + Sync + 'static,
        E: TxError + Into<Problem>,
        F: Fn(&mut TenantTx<'_>, &PageRequest<K>) -> Result<Page<V, K>, E> + Send + 'static,
    {
        let scope = caller.scope();
        let owner = scope.tenant().to_string();
        let request = page.request::<K>(&self.cursors, &owner)?;
        let rows = self.db.tenant(name, scope, move |tx| work(tx, &request)).await.map_err(Into::into)?;
        Ok(self.page(page, &owner, rows))
    }

    /// A page of a list that everybody may read.
    pub async fn public_list<V, K, E, F>(
        &self,
        name: &'static str,
        page: &PageQuery,
        work: F,
    ) -> Result<HttpResponse, Problem>
    where
        V: Serialize + Send + 'static,
        K: FromStr + Display + Send + Sync + 'static,
        E: TxError + Into<Problem>,
        F: Fn(&mut PublicTx<'_>, &PageRequest<K>) -> Result<Page<V, K>, E> + Send + 'static,
    {
        let request = page.request::<K>(&self.cursors, PUBLIC)?;
        let rows = self.db.public(name, move |tx| work(tx, &request)).await.map_err(Into::into)?;
        Ok(self.page(page, PUBLIC, rows))
    }

    /// The answer for a page that was read by other means; `owner` as in [`PageQuery::request`].
    pub fn page<V: Serialize, K: Display>(&self, page: &PageQuery, owner: &str, rows: Page<V, K>) -> HttpResponse {
        let next_cursor = rows.next.map(|key| self.cursors.write(&page.name(owner), &key.to_string()));
        super::json(StatusCode::OK, &List { data: rows.data, has_more: next_cursor.is_some(), next_cursor })
    }
}
