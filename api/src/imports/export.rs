//! `GET /v1/product-export`

use crate::{
    app::App,
    edge::{Deadlines, watched},
    extract::{Allowed, Filters},
    problem::Problem,
};
use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder, get,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    web::Data,
};
use audit::Audited;
use bytes::Bytes;
use db::{Db, DbError, TenantScope, TenantTx};
use futures_util::{Stream, stream};
use imports::{ExportLine, SheetKind, SheetLanguage, Workbook};
use kernel::{ids::ProductId, permission::CatalogueRead};
use serde::Deserialize;
use serde_json::json;
use std::io;
use utoipa::IntoParams;

/// The form of the sheet.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SheetParams {
    /// csv if missing.
    #[param(inline)]
    format: Option<SheetKind>,
    /// The language of the headings; zh-CN if missing.
    #[param(inline)]
    language: Option<SheetLanguage>,
}

impl SheetParams {
    pub(super) fn kind(&self) -> SheetKind {
        self.format.unwrap_or(SheetKind::Csv)
    }

    pub(super) fn language(&self) -> SheetLanguage {
        self.language.unwrap_or(SheetLanguage::Chinese)
    }
}

/// The head of an answer with a sheet.
pub(super) fn answer(kind: SheetKind, name: &str) -> HttpResponseBuilder {
    let content_type = match kind {
        SheetKind::Csv => "text/csv; charset=utf-8",
        SheetKind::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    };
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CONTENT_TYPE, content_type));
    answer.insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.{kind}\"")));
    answer
}

/// Exports the firm's products, a row for each variant, oldest first. Imported again, the sheet changes nothing.
///
/// No cell is a formula: in CSV, what begins like one has an apostrophe before it, which an import takes away.
#[utoipa::path(operation_id = "export_products", tag = "catalogue", security(("bearer" = ["catalogue:read"])),
    params(SheetParams), responses((status = 200, description = "The sheet", content((String = "text/csv"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
#[get("/v1/product-export")]
pub(super) async fn export_products(
    app: Data<App>,
    caller: Allowed<CatalogueRead>,
    Filters(params): Filters<SheetParams>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (kind, scope) = (params.kind(), caller.scope());
    let begin = move |tx: &mut TenantTx<'_>| {
        tx.audit("products.exported", "products", json!({ "format": kind }))?;
        Ok::<_, DbError>(())
    };
    app.db.tenant("imports.begin_export", scope.clone(), begin).await?;
    let language = params.language();
    let headings = ExportLine::headings(language);
    let pages = Pages { db: app.db.clone(), scope, language, after: None };
    let mut answer = answer(kind, "products");
    Ok(match kind {
        SheetKind::Csv => answer.streaming(watched(Box::pin(pages.csv(&headings)), Deadlines::of(&request).pace)),
        SheetKind::Xlsx => answer.body(pages.workbook(&headings).await.map_err(|error| Problem::internal(&error))?),
    })
}

/// Products in pages, each read in a transaction of its own: memory and connections do not grow with their number.
struct Pages {
    db: Db,
    scope: TenantScope,
    language: SheetLanguage,
    after: Option<ProductId>,
}

impl Pages {
    async fn next(&mut self) -> io::Result<Option<Vec<ExportLine>>> {
        let (after, language) = (self.after, self.language);
        let page = move |tx: &mut TenantTx<'_>| imports::export_page(tx, after, language);
        let page = self.db.tenant("imports.export", self.scope.clone(), page).await.map_err(io::Error::other)?;
        Ok(page.map(|(lines, last)| {
            self.after = Some(last);
            lines
        }))
    }

    /// With a byte order mark, without which spreadsheets take UTF-8 for another encoding.
    fn csv(self, headings: &ExportLine) -> impl Stream<Item = io::Result<Bytes>> + use<> {
        let head = Bytes::from(format!("\u{feff}{}", headings.csv()));
        stream::try_unfold((Some(head), self), |(head, mut pages)| async move {
            if let Some(head) = head {
                return Ok(Some((head, (None, pages))));
            }
            let page = pages.next().await?;
            Ok(page.map(|lines| (lines.iter().map(ExportLine::csv).collect::<String>().into(), (None, pages))))
        })
    }

    async fn workbook(mut self, headings: &ExportLine) -> io::Result<Bytes> {
        let mut book = Workbook::new();
        book.add(headings).map_err(io::Error::other)?;
        while let Some(lines) = self.next().await? {
            for line in &lines {
                book.add(line).map_err(io::Error::other)?;
            }
        }
        let bytes = tokio::task::spawn_blocking(move || book.finish()).await.map_err(io::Error::other)?;
        Ok(bytes.map_err(io::Error::other)?.into())
    }
}
