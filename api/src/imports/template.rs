//! `GET /v1/product-import-template`

use super::export::{self, SheetParams};
use crate::{
    extract::{Allowed, Filters},
    problem::Problem,
};
use actix_web::{HttpResponse, get};
use bytes::Bytes;
use imports::{ExportLine, SheetKind, Workbook};
use kernel::permission::CatalogueRead;

/// Downloads a sheet with all headings and an example, to be filled in and imported.
#[utoipa::path(operation_id = "get_product_import_template", tag = "catalogue",
    security(("bearer" = ["catalogue:read"])), params(SheetParams),
    responses((status = 200, description = "The sheet", content((String = "text/csv"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
#[get("/v1/product-import-template")]
pub(super) async fn get_product_import_template(
    _caller: Allowed<CatalogueRead>,
    Filters(params): Filters<SheetParams>,
) -> Result<HttpResponse, Problem> {
    let lines = imports::template(params.language());
    let bytes: Bytes = match params.kind() {
        SheetKind::Csv => format!("\u{feff}{}", lines.iter().map(ExportLine::csv).collect::<String>()).into(),
        SheetKind::Xlsx => {
            let mut book = Workbook::new();
            for line in &lines {
                book.add(line).map_err(|error| Problem::internal(&error))?;
            }
            book.finish().map_err(|error| Problem::internal(&error))?.into()
        }
    };
    Ok(export::answer(params.kind(), "product-template").body(bytes))
}
