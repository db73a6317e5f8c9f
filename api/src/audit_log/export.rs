//! `GET /v1/audit-log/export`

use super::sheet;
use crate::{
    app::App,
    extract::{Allowed, Filters},
    problem::Problem,
};
use actix_web::{
    HttpResponse, get,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName},
    web::Data,
};
use audit::{Audited, Row, Span};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use db::{Db, DbError, TenantScope, TenantTx};
use futures_util::{Stream, stream};
use kernel::{ids::TenantId, permission::AuditRead};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::io;
use utoipa::{IntoParams, ToSchema};

/// The number and hash of the last row: whoever keeps it apart from the export can tell later whether its end was cut off.
const HEAD: HeaderName = HeaderName::from_static("audit-head");
/// Rows read, and sent, at a time.
const BATCH: i64 = 500;

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ExportFormat {
    /// An object of JSON on each line, with all that its hash covers.
    Jsonl,
    /// For spreadsheets.
    Csv,
}

impl ExportFormat {
    /// Type and name of the file.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Jsonl => ("application/jsonl", "attachment; filename=\"audit-log.jsonl\""),
            Self::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"audit-log.csv\""),
        }
    }
}

/// Which rows, and how.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExportFilters {
    /// jsonl if missing.
    #[param(inline)]
    format: Option<ExportFormat>,
    /// From this instant on.
    from: Option<DateTime<Utc>>,
    /// Before this instant.
    to: Option<DateTime<Utc>>,
}

/// Exports the firm's audit log, or a time of it, from the oldest row on, with everything that recomputing the hashes needs.
///
/// The rows are a run of the chain without gaps. The header `Audit-Head` names the last of them. The export is audited itself.
#[utoipa::path(operation_id = "export_audit_log", tag = "tenants", security(("bearer" = ["audit:read"])),
    params(ExportFilters), responses((status = 200, description = "The rows, one on a line",
        content((String = "application/jsonl"), (String = "text/csv")))))]
#[get("/v1/audit-log/export")]
pub(super) async fn export_audit_log(
    app: Data<App>,
    caller: Allowed<AuditRead>,
    filters: Filters<ExportFilters>,
) -> Result<HttpResponse, Problem> {
    let Filters(ExportFilters { format, from, to }) = filters;
    let (format, scope) = (format.unwrap_or(ExportFormat::Jsonl), caller.scope());
    let begin = move |tx: &mut TenantTx<'_>| begin(tx, format, (from, to));
    let span = app.db.tenant("audit.begin_export", scope.clone(), begin).await?;
    let (content_type, disposition) = format.names();
    let db = app.db.clone();
    let export = Export { db, scope, format, after: span.before, last: span.last.seq, begun: false };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((CONTENT_DISPOSITION, disposition))
        .insert_header((HEAD, span.last.to_string()))
        .streaming(export.read()))
}

/// Decides which rows there are, and tells the log of the export, whose own row comes after them.
fn begin(
    tx: &mut TenantTx<'_>,
    format: ExportFormat,
    time: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
) -> Result<Span, DbError> {
    let span = audit::span(tx, time)?;
    let detail = json!({ "format": format, "after": span.before, "last": span.last.seq });
    tx.audit("audit_log.exported", "audit_log", detail)?;
    Ok(span)
}

/// An export under way: a transaction for each batch, so that memory and connections do not grow with its length.
struct Export {
    db: Db,
    scope: TenantScope,
    format: ExportFormat,
    after: i64,
    last: i64,
    begun: bool,
}

impl Export {
    fn read(self) -> impl Stream<Item = io::Result<Bytes>> {
        stream::try_unfold(self, |mut export| async move { Ok(export.next().await?.map(|bytes| (bytes, export))) })
    }

    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        if !self.begun && self.format == ExportFormat::Csv {
            self.begun = true;
            return Ok(Some(sheet::heading().into()));
        }
        if self.after >= self.last {
            return Ok(None);
        }
        let (after, last) = (self.after, self.last);
        let rows = move |tx: &mut TenantTx<'_>| audit::rows_after(tx, after, last, BATCH);
        // An answer that breaks off in the middle tells the reader that something is missing.
        let rows = self.db.tenant("audit.export", self.scope.clone(), rows).await.map_err(io::Error::other)?;
        let (Some(end), tenant) = (rows.last().map(|row| row.seq), self.scope.tenant()) else { return Ok(None) };
        self.after = end;
        Ok(Some(rows.iter().map(|row| self.line(tenant, row)).collect::<String>().into()))
    }

    fn line(&self, tenant: TenantId, row: &Row) -> String {
        match self.format {
            ExportFormat::Jsonl => format!("{}\n", row.line(tenant)),
            ExportFormat::Csv => sheet::line(tenant, row),
        }
    }
}
