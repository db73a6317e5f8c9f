//! `GET /problems` and `GET /problems/{domain}/{name}`: what the `type` of a problem leads to.

use crate::{
    answer,
    problem::{Problem, ProblemType, Words, edge, registry},
};
use actix_web::{HttpResponse, get, http::StatusCode, web::Path};
use serde::Serialize;
use utoipa::ToSchema;

/// The same in two languages.
#[derive(Debug, Serialize, ToSchema)]
struct WordsView {
    /// English.
    en: &'static str,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    zh: &'static str,
}

impl From<Words> for WordsView {
    fn from(words: Words) -> Self {
        Self { en: words.en, zh: words.zh }
    }
}

/// A type of problem.
#[derive(Debug, Serialize, ToSchema)]
struct ProblemTypeView {
    /// `type` of its occurrences.
    r#type: String,
    /// `code` of its occurrences.
    code: &'static str,
    /// `status` of its occurrences.
    status: u16,
    /// What happened.
    title: WordsView,
    /// What to do next.
    advice: WordsView,
}

impl From<&ProblemType> for ProblemTypeView {
    fn from(kind: &ProblemType) -> Self {
        Self {
            r#type: kind.uri(),
            code: kind.code,
            status: kind.status,
            title: kind.title.into(),
            advice: kind.advice.into(),
        }
    }
}

/// Every type of problem.
#[derive(Debug, Serialize, ToSchema)]
struct ProblemTypes {
    /// The types, by domain.
    data: Vec<ProblemTypeView>,
}

/// Lists every type of problem that the API may answer with.
#[utoipa::path(operation_id = "list_problem_types", tag = "process", responses((status = 200, body = ProblemTypes)))]
#[get("/problems")]
pub(super) async fn list_problem_types() -> HttpResponse {
    let data = registry::all().map(ProblemTypeView::from).collect();
    answer::json(StatusCode::OK, &ProblemTypes { data })
}

/// Explains a type of problem.
#[utoipa::path(operation_id = "read_problem_type", tag = "process",
    params(("domain" = String, Path), ("name" = String, Path)), responses((status = 200, body = ProblemTypeView)))]
#[get("/problems/{domain}/{name}")]
pub(super) async fn read_problem_type(path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    let (domain, name) = path.into_inner();
    let kind = registry::find(&domain, &name).ok_or_else(|| Problem::new(edge::NOT_FOUND))?;
    Ok(answer::json(StatusCode::OK, &ProblemTypeView::from(kind)))
}
