//! `GET /v1/audit-log/{id}/proof`

use super::problems;
use crate::{
    app::App,
    extract::{Allowed, PathId},
    problem::{Problem, edge},
};
use actix_web::{HttpResponse, get, web::Data};
use audit::{Proof, ProofError, SignedRoot, note_reading};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::SecondsFormat;
use kernel::{
    ids::{AuditId, TenantId},
    permission::AuditRead,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A root over a run of rows, signed.
#[derive(Debug, Serialize, ToSchema)]
struct SignedRootView {
    /// The firm.
    tenant: TenantId,
    /// The first row's number.
    first_seq: i64,
    /// The last row's number.
    last_seq: i64,
    /// The root, in hexadecimal.
    hash: String,
    /// When it was made and signed, with microseconds.
    #[schema(format = DateTime)]
    made_at: String,
    /// Ed25519 over the lines `smecloud audit root 1`, `tenant`, `first_seq`, `last_seq`, `hash` and `made_at`, each with a line
    /// feed; in base64url.
    signature: String,
    /// The public key. `/.well-known/jwks.json` named it when it signed.
    #[schema(value_type = Object)]
    key: Value,
}

impl From<SignedRoot> for SignedRootView {
    fn from(root: SignedRoot) -> Self {
        Self {
            tenant: root.tenant_id,
            first_seq: root.first_seq,
            last_seq: root.last_seq,
            hash: hex::encode(root.root),
            made_at: root.made_at.to_rfc3339_opts(SecondsFormat::Micros, true),
            signature: URL_SAFE_NO_PAD.encode(root.signature),
            key: root.public_jwk,
        }
    }
}

/// That a row stood in the log when the root was signed.
#[derive(Debug, Serialize, ToSchema)]
struct ProofView {
    /// The row as the export has it; its hash is the leaf.
    #[schema(value_type = Object)]
    leaf: Value,
    /// The hashes beside the way from the leaf to the root, in hexadecimal, as in RFC 6962.
    path: Vec<String>,
    /// The root.
    root: SignedRootView,
}

impl From<Proof> for ProofView {
    fn from(proof: Proof) -> Self {
        Self {
            leaf: proof.row.line(proof.root.tenant_id),
            path: proof.path.iter().map(hex::encode).collect(),
            root: proof.root.into(),
        }
    }
}

impl From<ProofError> for Problem {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::NotFound => edge::NOT_FOUND.into(),
            ProofError::NotYet => problems::NOT_PROVABLE_YET.into(),
            ProofError::Db(error) => error.into(),
        }
    }
}

/// Proves that a row of the firm's log is what it was when a root over it was signed, which happens every hour.
///
/// `docs/examples/verify_audit_proof.py` checks it without the platform. Reading is audited: a row for each reader and hour.
#[utoipa::path(operation_id = "prove_audit_row", tag = "tenants", security(("bearer" = ["audit:read"])),
    params(("id" = AuditId, Path)), responses((status = 200, body = ProofView)))]
#[get("/v1/audit-log/{id}/proof")]
pub(super) async fn prove_audit_row(
    app: Data<App>,
    caller: Allowed<AuditRead>,
    id: PathId<AuditId>,
) -> Result<HttpResponse, Problem> {
    app.read("audit.prove", &caller, move |tx| {
        let proof = audit::prove(tx, id.get())?;
        note_reading(tx)?;
        Ok::<_, ProofError>(ProofView::from(proof))
    })
    .await
}
