//! Which version of the platform's terms and privacy policy somebody accepted, and when.

use chrono::{DateTime, Utc};
use db::{AuthTx, DbError, schema::consents};
use diesel::prelude::*;
use kernel::{
    ids::{TenantId, UserId},
    text_enum,
};

text_enum! {
    /// What can be accepted.
    pub enum Document {
        /// The terms of use.
        Terms = "terms",
        /// The privacy policy.
        Privacy = "privacy",
    }
}

text_enum! {
    /// On which occasion something was accepted.
    pub enum Occasion {
        /// By signing up.
        SignUp = "sign_up",
        /// When asked for it.
        Request = "request",
    }
}

impl Document {
    /// The version in force.
    pub const fn current_version(self) -> &'static str {
        match self {
            Self::Terms | Self::Privacy => "2026-11-01",
        }
    }
}

/// A version that is not in force cannot be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("only the version in force can be accepted")]
pub struct NotCurrent;

/// Something that was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = consents)]
pub struct Consent {
    /// What.
    pub document: Document,
    /// Which version of it.
    pub version: String,
    /// When.
    pub accepted_at: DateTime<Utc>,
}

/// The documents with their versions in force, for somebody who accepts them.
pub fn accept_current(accepted: &[(Document, &str)]) -> Result<Vec<Document>, NotCurrent> {
    let current = accepted.iter().all(|(document, version)| document.current_version() == *version);
    if current { Ok(accepted.iter().map(|(document, _)| *document).collect()) } else { Err(NotCurrent) }
}

/// Keeps what a person accepted; what they accepted before stands with its first time.
pub fn record_consents(
    tx: &mut AuthTx<'_>,
    user: UserId,
    documents: &[Document],
    occasion: Occasion,
) -> Result<(), DbError> {
    let now = tx.now();
    let row = |document: &Document| {
        (
            consents::user_id.eq(user),
            consents::document.eq(*document),
            consents::version.eq(document.current_version()),
            consents::occasion.eq(occasion),
            consents::accepted_at.eq(now),
        )
    };
    let rows: Vec<_> = documents.iter().map(row).collect();
    diesel::insert_into(consents::table).values(rows).on_conflict_do_nothing().execute(tx.conn())?;
    Ok(())
}

/// Keeps what a signed-in person accepts when asked, and notes it in the firm they work in. Returns all that they accepted.
pub fn accept(
    tx: &mut AuthTx<'_>,
    user: UserId,
    tenant: TenantId,
    documents: &[Document],
) -> Result<Vec<Consent>, DbError> {
    record_consents(tx, user, documents, Occasion::Request)?;
    crate::security_events::in_own_firm(tx, tenant, "auth.consent_given", user)?;
    list_consents(tx, user)
}

/// All that a person accepted, newest first.
pub fn list_consents(tx: &mut AuthTx<'_>, user: UserId) -> Result<Vec<Consent>, DbError> {
    Ok(consents::table
        .filter(consents::user_id.eq(user))
        .order((consents::accepted_at.desc(), consents::document))
        .select(Consent::as_select())
        .load(tx.conn())?)
}
