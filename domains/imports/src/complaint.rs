//! What is wrong with a row, kept for programs; people are told in their language where it is shown.

use crate::Column;
use catalogue::{Fault, Rule, WriteProductError};
use serde::{Deserialize, Serialize};

/// One thing wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    /// The column, if it is about one.
    pub column: Option<Column>,
    /// What is wrong.
    pub reason: Reason,
}

/// Why nothing came of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A rule of the catalogue is broken.
    Rule(Rule),
    /// Nothing is said where something must be.
    Required,
    /// The cell does not say what its column is about.
    Unreadable,
    /// An amount is finer than its currency.
    TooFine,
    /// The row of this number has the same SKU.
    SkuTwice(i64),
    /// Another product has it.
    SkuTaken,
    /// Another product has its name in addresses.
    SlugTaken,
    /// There is no such category.
    UnknownCategory,
    /// The rows belong to several products.
    SeveralProducts,
    /// A product has more rows than it can have variants.
    TooManyVariants,
    /// Another row of the same product is wrong.
    AnotherRow,
    /// The product is archived.
    Archived,
    /// The plan allows only so many products.
    ProductLimit(i64),
    /// A change of the product waits to be published.
    ChangeWaits,
    /// Somebody changed the product at the same time.
    ChangedMeanwhile,
}

impl Reason {
    /// A stable word.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Rule(rule) => rule.code(),
            Self::Required => "required",
            Self::Unreadable => "unreadable",
            Self::TooFine => "too_fine",
            Self::SkuTwice(_) => "sku_twice",
            Self::SkuTaken => "sku_taken",
            Self::SlugTaken => "product_slug_taken",
            Self::UnknownCategory => "unknown_category",
            Self::SeveralProducts => "several_products",
            Self::TooManyVariants => "too_many_variants",
            Self::AnotherRow => "another_row",
            Self::Archived => "product_archived",
            Self::ProductLimit(_) => "product_limit_reached",
            Self::ChangeWaits => "product_change_waits",
            Self::ChangedMeanwhile => "changed_meanwhile",
        }
    }
}

impl Complaint {
    /// About a column.
    pub(crate) const fn of(column: Column, reason: Reason) -> Self {
        Self { column: Some(column), reason }
    }

    /// About the row.
    pub(crate) const fn row(reason: Reason) -> Self {
        Self { column: None, reason }
    }
}

/// A complaint about one row of a group, or about all of them.
pub(crate) type Placed = (Option<usize>, Complaint);

/// What the catalogue refuses. Variants are told by their place in `rows`: the rows that wrote them, in the product's order.
pub(crate) fn refused(error: WriteProductError, rows: &[Option<usize>]) -> Result<Vec<Placed>, db::DbError> {
    let one = |reason| Ok(vec![(None, Complaint::row(reason))]);
    match error {
        WriteProductError::Invalid(faults) => Ok(faults.into_iter().map(|fault| placed(&fault, rows)).collect()),
        WriteProductError::Archived => one(Reason::Archived),
        WriteProductError::ChangeWaits => one(Reason::ChangeWaits),
        WriteProductError::SkuTaken => Ok(vec![(None, Complaint::of(Column::Sku, Reason::SkuTaken))]),
        WriteProductError::SlugTaken { .. } => one(Reason::SlugTaken),
        WriteProductError::LimitReached { maximum, .. } => one(Reason::ProductLimit(maximum)),
        // A sheet takes no variant away and says nothing of versions: the product is not what it was a moment ago.
        WriteProductError::Reserved { .. }
        | WriteProductError::NothingToSell
        | WriteProductError::NotFound
        | WriteProductError::Stale { .. } => one(Reason::ChangedMeanwhile),
        WriteProductError::Db(error) => Err(error),
    }
}

fn placed(fault: &Fault, rows: &[Option<usize>]) -> Placed {
    let mut parts = fault.pointer.split('/').skip(1);
    let (place, field) = match parts.next() {
        Some("variants") => {
            let row = parts.next().and_then(|index| index.parse::<usize>().ok()).and_then(|index| *rows.get(index)?);
            (row, parts.next())
        }
        field => (None, field),
    };
    let column = match (field, parts.next()) {
        (Some("translations"), Some("en")) if fault.pointer.ends_with("title") => Some(Column::TitleEn),
        (Some("translations"), Some("en")) => Some(Column::DescriptionEn),
        (Some("price_minor"), _) => Some(Column::Price),
        (Some("category_id"), _) => Some(Column::Category),
        (Some(name), _) => name.parse().ok(),
        (None, _) => None,
    };
    (place, Complaint { column, reason: Reason::Rule(fault.rule) })
}
