//! `GET /v1/market/suggestions`

use super::cached;
use crate::{app::App, extract::Filters, problem::Problem};
use actix_web::{HttpResponse, get, web::Data};
use catalogue::market;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What somebody is typing.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Typed {
    /// The text so far, or the first letters of its pronunciation.
    #[param(example = "dc")]
    q: Option<String>,
}

/// What somebody may be about to type.
#[derive(Debug, Serialize, ToSchema)]
struct Suggestions {
    /// At most ten, the most common first.
    #[schema(example = json!(["单丛", "电池"]))]
    data: Vec<String>,
}

/// Proposes what to look for while somebody types: words of published products that begin so, or whose initials do (`dc` for 单丛).
#[utoipa::path(operation_id = "suggest_market", tag = "market", params(Typed),
    responses((status = 200, body = Suggestions)))]
#[get("/v1/market/suggestions")]
pub(super) async fn suggest_market(app: Data<App>, typed: Filters<Typed>) -> Result<HttpResponse, Problem> {
    let text = typed.0.q.unwrap_or_default();
    let data = app.db.public("market.suggest", move |tx| market::suggest(tx.conn(), &text)).await?;
    Ok(cached::for_minutes(&Suggestions { data }))
}
