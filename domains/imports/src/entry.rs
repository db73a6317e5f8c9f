//! A row, understood. An empty cell says nothing: what is there stays, what is new gets what the catalogue gives it.

use crate::{
    Column, Complaint, Reason,
    cell::{self, Decimal},
    column::Layout,
    sheet::Row,
};
use catalogue::TextMap;
use kernel::{Currency, spreadsheet::unguarded};
use std::collections::BTreeMap;

/// What a row says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) sku: String,
    pub(crate) product: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) title_en: Option<String>,
    pub(crate) description_en: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) tags: Option<Vec<String>>,
    pub(crate) listed: Option<bool>,
    pub(crate) options: Option<TextMap>,
    pub(crate) price: Option<Decimal>,
    pub(crate) currency: Option<Currency>,
    pub(crate) ladder: Option<Vec<(i64, Decimal)>>,
    pub(crate) minimum: Option<i64>,
    pub(crate) maximum: Option<i64>,
    pub(crate) increment: Option<i64>,
    pub(crate) unit: Option<String>,
    pub(crate) gtin: Option<String>,
    pub(crate) weight_grams: Option<i64>,
    pub(crate) hs_code: Option<String>,
    pub(crate) origin: Option<String>,
    pub(crate) stock: Option<i64>,
    pub(crate) low_stock_at: Option<i64>,
}

/// A row of the sheet: what it says, or what is wrong with it.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) number: i64,
    pub(crate) entry: Entry,
    pub(crate) complaints: Vec<Complaint>,
}

impl Line {
    /// Understands a row.
    pub(crate) fn read(row: &Row, layout: &Layout) -> Self {
        let number = i64::try_from(row.number).unwrap_or(i64::MAX);
        let mut line = Self { number, entry: Entry::default(), complaints: Vec::new() };
        for (column, cell) in layout.cells(&row.cells) {
            if line.entry.take(column, unguarded(cell)).is_none() {
                line.complaints.push(Complaint::of(column, Reason::Unreadable));
            }
        }
        if line.entry.sku.is_empty() {
            line.complaints.push(Complaint::of(Column::Sku, Reason::Required));
        }
        line
    }
}

impl Entry {
    /// Takes a cell; `None` if it does not say what its column is about.
    fn take(&mut self, column: Column, cell: &str) -> Option<()> {
        let text = || Some(cell.to_owned());
        // What other programs leave behind in one line of text.
        let line = || Some(cell.replace(char::is_control, " ").trim().to_owned());
        match column {
            Column::Sku => cell.clone_into(&mut self.sku),
            Column::Product => self.product = text(),
            Column::Title => self.title = line(),
            Column::Description => self.description = text(),
            Column::TitleEn => self.title_en = line(),
            Column::DescriptionEn => self.description_en = text(),
            Column::Category => self.category = text(),
            Column::Tags => self.tags = Some(cell::list(cell)),
            Column::Listed => self.listed = Some(cell::truth(cell)?),
            Column::Options => self.options = Some(cell::options(cell)?),
            Column::Price => self.price = Some(Decimal::read(cell)?),
            Column::Currency => self.currency = Some(cell.to_uppercase().parse().ok()?),
            Column::PriceTiers => self.ladder = Some(cell::ladder(cell)?),
            Column::MinOrderQuantity => self.minimum = Some(cell::whole(cell)?),
            Column::MaxOrderQuantity => self.maximum = Some(cell::whole(cell)?),
            Column::OrderIncrement => self.increment = Some(cell::whole(cell)?),
            Column::Unit => self.unit = text(),
            Column::Gtin => self.gtin = text(),
            Column::HsCode => self.hs_code = text(),
            Column::OriginCountry => self.origin = Some(cell.to_uppercase()),
            Column::WeightGrams => self.weight_grams = Some(cell::whole(cell)?),
            Column::Stock => self.stock = Some(cell::whole(cell)?),
            Column::LowStockAt => self.low_stock_at = Some(cell::whole(cell)?),
            Column::Status => {}
        }
        Some(())
    }
}

/// Rows that are one product: those below each other that name the same, or one alone.
pub(crate) type Group = Vec<Line>;

/// Gathers rows into groups.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    open: Group,
    /// SKUs that were seen, by a digest, with their rows.
    seen: BTreeMap<u64, i64>,
}

impl Groups {
    /// Takes a row; gives the group that ended before it.
    pub(crate) fn add(&mut self, mut line: Line) -> Option<Group> {
        let digest = digest(&line.entry.sku);
        if let Some(before) = self.seen.insert(digest, line.number).filter(|_| !line.entry.sku.is_empty()) {
            line.complaints.push(Complaint::of(Column::Sku, Reason::SkuTwice(before)));
        }
        let same = |last: &Line| last.entry.product.is_some() && last.entry.product == line.entry.product;
        let goes_on = self.open.last().is_some_and(same);
        let ended = if goes_on { Vec::new() } else { std::mem::take(&mut self.open) };
        self.open.push(line);
        Some(ended).filter(|group| !group.is_empty())
    }

    /// The last group.
    pub(crate) fn end(&mut self) -> Option<Group> {
        Some(std::mem::take(&mut self.open)).filter(|group| !group.is_empty())
    }
}

/// Half the memory of the texts themselves, and less; two of 200,000 SKUs meet by chance once in a billion sheets.
fn digest(sku: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    sku.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: u64, headings: &[&str], cells: &[&str]) -> Line {
        let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let layout = Layout::read(&texts(headings), &BTreeMap::new()).unwrap();
        Line::read(&Row { number, cells: texts(cells) }, &layout)
    }

    #[test]
    fn cells_that_say_something_else_are_told_by_column() {
        let headings = ["sku", "price", "stock", "listed", "currency", "title"];
        let line = line(2, &headings, &["'=A-1", "12,8", "many", "是", "cny", "茶"]);
        assert_eq!(
            (line.entry.sku.as_str(), line.entry.listed, line.entry.currency),
            ("=A-1", Some(true), Some(Currency::Cny))
        );
        let unreadable = |column| Complaint::of(column, Reason::Unreadable);
        assert_eq!(line.complaints, [unreadable(Column::Price), unreadable(Column::Stock)]);
    }

    #[test]
    fn rows_below_each_other_that_name_one_product_are_one() {
        let headings = ["sku", "product"];
        let mut groups = Groups::default();
        let mut sizes = Vec::new();
        for (number, cells) in (2..).zip([["A", "茶"], ["B", "茶"], ["C", ""], ["D", ""], ["E", "茶"], ["A", "茶"]])
        {
            sizes.extend(groups.add(line(number, &headings, &cells)).map(|group| group.len()));
        }
        let last = groups.end().unwrap();
        assert_eq!((sizes.as_slice(), last.len()), ([2, 1, 1].as_slice(), 2));
        assert_eq!(last[1].complaints, [Complaint::of(Column::Sku, Reason::SkuTwice(2))]);
        assert!(groups.end().is_none());
    }
}
