//! Requests to have businesses verified, seen and decided by administrators.

use crate::chain::record;
use audit::Audited;
use db::{
    DbError, PlatformTx, TenantScope, TenantTx,
    schema::{tenants as firms, verifications},
};
use diesel::prelude::*;
use files::{File, NotReadable, Readable};
use kernel::{
    ids::{AdminId, VerificationId},
    pages::{Page, PageRequest},
    permission::Permission,
};
use notifications::{Audience, Notice, Template, notify};
use serde_json::json;
use tenants::{DecideVerification, DecideVerificationError, Decision, Tenant, Verification, VerificationStatus};

/// A request with the firm that makes it.
pub type FiledVerification = (Verification, Tenant);

/// Why there was nothing to decide or to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerificationRefusal {
    /// No such request, or its licence is gone.
    NotFound,
    /// It was decided before.
    Settled,
    /// The licence is not the one that the request was made with.
    LicenceChanged,
}

/// The licence of a request.
#[derive(Debug, Clone)]
pub struct Licence {
    /// The file.
    pub file: File,
    /// The way to its bytes, unless it is in quarantine.
    pub readable: Result<Readable, NotReadable>,
}

/// Requests of a status, newest first.
pub fn list_verifications(
    tx: &mut PlatformTx<'_>,
    status: Option<VerificationStatus>,
    page: &PageRequest<VerificationId>,
) -> Result<Page<FiledVerification, VerificationId>, DbError> {
    record(tx, "admin.verifications_listed", "verifications", json!({ "status": status }))?;
    let mut query = verifications::table
        .inner_join(firms::table.on(firms::id.eq(verifications::tenant_id)))
        .order(verifications::id.desc())
        .limit(page.fetch())
        .select((Verification::as_select(), Tenant::as_select()))
        .into_boxed();
    if let Some(status) = status {
        query = query.filter(verifications::status.eq(status));
    }
    if let Some(after) = page.after {
        query = query.filter(verifications::id.lt(after));
    }
    Ok(Page::of(query.load(tx.conn())?, page, |(request, _): &FiledVerification| request.id))
}

/// Decides a request and tells its firm. A refusal is an answer that commits, since the attempt is noted too (INV-AD2).
pub fn decide_verification(
    tx: &mut PlatformTx<'_>,
    command: &DecideVerification,
) -> Result<Result<FiledVerification, VerificationRefusal>, DbError> {
    let action = match command.decision {
        Decision::Approve => "admin.verification_approved",
        Decision::Reject { .. } => "admin.verification_rejected",
    };
    record(tx, action, command.id, json!({}))?;
    let Some(scope) = firm_of(tx, command.id)? else { return Ok(Err(VerificationRefusal::NotFound)) };
    match tx.in_tenant(&scope, |tx| decide(tx, command)) {
        Ok(filed) => Ok(Ok(filed)),
        Err(DecideVerificationError::NotFound) => Ok(Err(VerificationRefusal::NotFound)),
        Err(DecideVerificationError::Settled) => Ok(Err(VerificationRefusal::Settled)),
        Err(DecideVerificationError::Db(error)) => Err(error),
    }
}

/// The licence of a request, for an administrator to look at; the firm's own audit log says that it was.
pub fn open_licence(
    tx: &mut PlatformTx<'_>,
    id: VerificationId,
    by: AdminId,
) -> Result<Result<Licence, VerificationRefusal>, DbError> {
    record(tx, "admin.licence_read", id, json!({}))?;
    let Some((request, scope)) = find(tx, id)? else { return Ok(Err(VerificationRefusal::NotFound)) };
    let file = tx.in_tenant(&scope, |tx| {
        tx.audit("tenant.licence_read", id, json!({ "administrator": by }))?;
        let Some(file) = files::find(tx, request.licence_file_id)? else { return Ok(None) };
        let readable = files::readable(tx, &file)?;
        Ok::<_, DbError>(Some((file, readable)))
    })?;
    Ok(match file {
        None => Err(VerificationRefusal::NotFound),
        Some((file, _)) if file.sha256 != request.licence_sha256 => Err(VerificationRefusal::LicenceChanged),
        Some((file, readable)) => Ok(Licence { file, readable }),
    })
}

/// A request, and the right to act in its firm. One of the few places that grant a scope: an administrator acts for the platform,
/// and every act is noted in its chain (INV-AD2).
fn find(tx: &mut PlatformTx<'_>, id: VerificationId) -> Result<Option<(Verification, TenantScope)>, DbError> {
    let found: Option<Verification> = verifications::table
        .filter(verifications::id.eq(id))
        .select(Verification::as_select())
        .first(tx.conn())
        .optional()?;
    let actor = tx.actor().clone();
    Ok(found.map(|request| {
        let scope = TenantScope::grant(request.tenant_id, actor);
        (request, scope)
    }))
}

fn firm_of(tx: &mut PlatformTx<'_>, id: VerificationId) -> Result<Option<TenantScope>, DbError> {
    Ok(find(tx, id)?.map(|(_, scope)| scope))
}

fn decide(tx: &mut TenantTx<'_>, command: &DecideVerification) -> Result<FiledVerification, DecideVerificationError> {
    let settled = tenants::decide_verification(tx, command)?;
    let firm = tenants::find(tx)?;
    let template = match command.decision {
        Decision::Approve => Template::VerificationApproved,
        Decision::Reject { .. } => Template::VerificationRejected,
    };
    let notice = Notice {
        to: Audience::Allowed(Permission::TenantsAdmin),
        template,
        params: json!({ "firm": firm.name, "code": settled.unified_social_credit_code, "reason": settled.reason }),
        dedupe_key: format!("verification {}", settled.id),
    };
    notify(tx, &notice)?;
    Ok((settled, firm))
}
