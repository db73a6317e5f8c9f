//! What people accept, as the API speaks of it.

use crate::{
    answer::List,
    problem::{FieldError, Problem, edge},
};
use auth::{Consent, Document, accept_current};
use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A document that somebody accepts.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConsentBody {
    /// Which document.
    #[garde(skip)]
    pub(crate) document: Document,
    /// The version in force.
    #[garde(length(chars, min = 1, max = 40))]
    pub(crate) version: String,
}

/// How a person stands to a document.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConsentView {
    /// Which document.
    document: Document,
    /// The version in force.
    current_version: &'static str,
    /// The newest version that the person accepted.
    #[schema(required)]
    accepted_version: Option<String>,
    /// When.
    #[schema(required)]
    accepted_at: Option<DateTime<Utc>>,
}

impl ConsentView {
    fn new(document: Document, given: &[Consent]) -> Self {
        let newest = given.iter().find(|consent| consent.document == document);
        Self {
            document,
            current_version: document.current_version(),
            accepted_version: newest.map(|consent| consent.version.clone()),
            accepted_at: newest.map(|consent| consent.accepted_at),
        }
    }

    /// How a person stands to every document, by what they accepted, newest first.
    pub(super) fn all(given: &[Consent]) -> List<Self> {
        let data = Document::ALL.iter().map(|document| Self::new(*document, given)).collect();
        List { data, has_more: false, next_cursor: None }
    }
}

/// The documents that somebody accepts, if these are the versions in force.
pub(crate) fn accepted(bodies: &[ConsentBody]) -> Result<Vec<Document>, Problem> {
    let named: Vec<_> = bodies.iter().map(|body| (body.document, body.version.as_str())).collect();
    accept_current(&named).map_err(|_| {
        let (en, zh) = ("is not the version in force", "不是现行版本");
        edge::VALIDATION_FAILED.error(FieldError::new("/version", "not_current", en, zh))
    })
}
