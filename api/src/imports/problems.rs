//! Problem types of imports.

use crate::problem::problems;

problems! { "imports";
    SHEET_TOO_LARGE 422 "sheet_too_large" {
        en: "The sheet is larger than 64 MiB", "Divide it into several sheets.";
        zh: "表格文件超过 64 MiB", "请将表格拆分为多个文件。";
    }
}
