//! `POST /v1/product-imports`

use super::{problems::SHEET_TOO_LARGE, view::ProductImportView};
use crate::{
    app::App,
    extract::{RequiredOnce, ValidJson, Verified},
    problem::{FieldError, Problem, edge},
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use garde::Validate;
use imports::{Column, ImportMode, StartImport, StartImportError};
use kernel::{ids::FileId, permission::CatalogueWrite};
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A sheet of products.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct StartProductImport {
    /// A stored file: CSV in UTF-8, UTF-16 or GB18030, or XLSX, of which the first sheet is read.
    #[garde(skip)]
    file_id: FileId,
    /// `dry_run` tells what each row would do.
    #[garde(skip)]
    mode: ImportMode,
    /// Whether new products are put on sale; otherwise they are drafts.
    #[garde(skip)]
    #[serde(default)]
    publish: bool,
    /// What headings mean that are neither in Chinese nor in English what the template has: a column for each.
    #[garde(length(max = 100))]
    #[serde(default)]
    mapping: BTreeMap<String, Column>,
}

impl From<StartImportError> for Problem {
    fn from(error: StartImportError) -> Self {
        match error {
            StartImportError::NoFile => {
                let unknown = ("there is no such file in your firm", "您的企业中没有此文件");
                Self::new(edge::VALIDATION_FAILED).error(FieldError::new("/file_id", "unknown", unknown.0, unknown.1))
            }
            StartImportError::TooLarge => SHEET_TOO_LARGE.into(),
            StartImportError::Db(error) => error.into(),
        }
    }
}

/// Reads a sheet of products in the background, or rehearses it.
///
/// A row is a variant, found by its SKU: known ones are changed, others are added. Rows below each other that have the same text
/// under `product` are one product. An empty cell leaves what is there. Stock is taken for new variants only. The same sheet
/// once more changes nothing. Needs a verified e-mail address.
#[utoipa::path(operation_id = "start_product_import", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    request_body = StartProductImport, responses((status = 202, body = ProductImportView)))]
#[post("/v1/product-imports")]
pub(super) async fn start_product_import(
    app: Data<App>,
    caller: Verified<CatalogueWrite>,
    once: RequiredOnce,
    body: ValidJson<StartProductImport>,
) -> Result<HttpResponse, Problem> {
    let StartProductImport { file_id, mode, publish, mapping } = body.into_inner();
    let command = StartImport { file: file_id, mode, publish, mapping };
    app.write("imports.start", &caller, (&once, StatusCode::ACCEPTED), move |tx| {
        imports::start_import(tx, &command).map(ProductImportView::from)
    })
    .await
}
