//! Work in the background.

mod run_product_import;

pub use run_product_import::RunProductImport;
