//! The columns of a product sheet, in Chinese and English.

use kernel::text_enum;
use std::collections::BTreeMap;
use unicode_normalization::UnicodeNormalization;

text_enum! {
    /// A column.
    pub enum Column {
        /// The seller's own code of what can be bought; the only one that every row needs.
        Sku = "sku",
        /// Rows below each other with the same text here are one product.
        Product = "product",
        /// The product's title.
        Title = "title",
        /// Its description.
        Description = "description",
        /// Its title in English.
        TitleEn = "title_en",
        /// Its description in English.
        DescriptionEn = "description_en",
        /// Its category: names from the root, with slashes between.
        Category = "category",
        /// Words to find it by, with semicolons between.
        Tags = "tags",
        /// Whether it appears in the market.
        Listed = "listed",
        /// What makes the variant different: `颜色=红; 尺码=L`.
        Options = "options",
        /// Price of one unit, as people write it.
        Price = "price",
        /// Currency of all prices.
        Currency = "currency",
        /// Lower prices for more: `10:118.00; 50:99.00`.
        PriceTiers = "price_tiers",
        /// The least that can be ordered.
        MinOrderQuantity = "min_order_quantity",
        /// The most that can be ordered.
        MaxOrderQuantity = "max_order_quantity",
        /// Quantities are multiples of this.
        OrderIncrement = "order_increment",
        /// Unit of measure.
        Unit = "unit",
        /// Global trade item number.
        Gtin = "gtin",
        /// Code of the Harmonized System.
        HsCode = "hs_code",
        /// Country of origin, two letters.
        OriginCountry = "origin_country",
        /// Shipping weight of one unit.
        WeightGrams = "weight_grams",
        /// Units at hand, for new variants.
        Stock = "stock",
        /// At this many units or fewer, it is told.
        LowStockAt = "low_stock_at",
        /// Where the product stands; written by the export, and not read.
        Status = "status",
    }
}

impl Column {
    /// The heading in a Chinese sheet.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::Sku => "SKU编码",
            Self::Product => "商品分组",
            Self::Title => "商品名称",
            Self::Description => "商品描述",
            Self::TitleEn => "英文名称",
            Self::DescriptionEn => "英文描述",
            Self::Category => "分类",
            Self::Tags => "标签",
            Self::Listed => "参与市场",
            Self::Options => "规格",
            Self::Price => "价格",
            Self::Currency => "币种",
            Self::PriceTiers => "阶梯价",
            Self::MinOrderQuantity => "起订量",
            Self::MaxOrderQuantity => "限购量",
            Self::OrderIncrement => "订货倍数",
            Self::Unit => "单位",
            Self::Gtin => "商品条码",
            Self::HsCode => "海关编码",
            Self::OriginCountry => "原产国",
            Self::WeightGrams => "重量(克)",
            Self::Stock => "库存",
            Self::LowStockAt => "库存预警",
            Self::Status => "状态",
        }
    }

    /// Whether space before and after belongs to it.
    const fn is_prose(self) -> bool {
        matches!(self, Self::Description | Self::DescriptionEn)
    }

    /// Other headings that firms use.
    const fn also(self) -> &'static [&'static str] {
        match self {
            Self::Sku => &["货号", "商品编码", "规格编码", "sku code", "item number", "variant sku"],
            Self::Product => &["商品编号", "款号", "spu", "handle", "group"],
            Self::Title => &["名称", "标题", "品名", "商品标题", "name", "product name"],
            Self::Description => &["描述", "详情", "商品详情", "body"],
            Self::TitleEn => &["英文标题", "english title", "english name"],
            Self::DescriptionEn => &["english description"],
            Self::Category => &["类目", "商品分类"],
            Self::Tags => &["关键词", "keywords"],
            Self::Listed => &["是否参与市场", "market"],
            Self::Options => &["销售属性", "规格属性", "option"],
            Self::Price => &["单价", "售价", "销售价", "价格(元)", "unit price"],
            Self::Currency => &["货币"],
            Self::PriceTiers => &["批发价", "price ladder", "tier prices"],
            Self::MinOrderQuantity => &["最小起订量", "moq", "minimum order quantity"],
            Self::MaxOrderQuantity => &["最大订货量", "maximum order quantity"],
            Self::OrderIncrement => &["递增数量", "increment"],
            Self::Unit => &["计量单位", "unit of measure"],
            Self::Gtin => &["条码", "条形码", "barcode", "ean", "upc"],
            Self::HsCode => &["hs编码", "hs"],
            Self::OriginCountry => &["原产地", "origin", "country of origin"],
            Self::WeightGrams => &["重量", "克重", "weight", "weight(g)"],
            Self::Stock => &["库存数量", "数量", "quantity", "inventory"],
            Self::LowStockAt => &["预警库存", "low stock"],
            Self::Status => &[],
        }
    }

    /// The column that a heading means.
    pub(crate) fn of_heading(heading: &str) -> Option<Self> {
        let wanted = plain(heading);
        let means = |column: &&Self| {
            let names = [column.as_str(), column.chinese()].into_iter().chain(column.also().iter().copied());
            names.into_iter().any(|name| plain(name) == wanted)
        };
        Self::ALL.iter().find(means).copied()
    }
}

/// A heading without what people write in different ways: width, case, spaces and underlines, a star that marks what is needed.
fn plain(heading: &str) -> String {
    let shown = heading.nfkc().filter(|c| !c.is_whitespace() && !matches!(c, '_' | '*' | '\u{feff}'));
    shown.flat_map(char::to_lowercase).collect()
}

/// Which cell of a row holds what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout(Vec<Option<Column>>);

/// Why a first row tells no layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoLayout {
    /// No heading means the SKU.
    NoSku,
    /// Two headings mean this column.
    Twice(Column),
}

impl Layout {
    /// Reads the headings; those that mean nothing are passed over. What `mapping` says of a heading goes before.
    pub(crate) fn read(headings: &[String], mapping: &BTreeMap<String, Column>) -> Result<Self, NoLayout> {
        let said: BTreeMap<String, Column> = mapping.iter().map(|(name, column)| (plain(name), *column)).collect();
        let meant = |heading: &String| said.get(&plain(heading)).copied().or_else(|| Column::of_heading(heading));
        let columns: Vec<_> = headings.iter().map(meant).collect();
        for column in Column::ALL {
            let count = columns.iter().filter(|found| **found == Some(*column)).count();
            match (column, count) {
                (Column::Sku, 0) => return Err(NoLayout::NoSku),
                (_, 0 | 1) => {}
                (twice, _) => return Err(NoLayout::Twice(*twice)),
            }
        }
        Ok(Self(columns))
    }

    /// The cells of a row that say something, by column.
    pub(crate) fn cells<'a>(&'a self, row: &'a [String]) -> impl Iterator<Item = (Column, &'a str)> {
        let named = self.0.iter().zip(row).filter_map(|(column, cell)| column.map(|column| (column, cell.as_str())));
        let said = named.filter(|(_, cell)| !cell.trim().is_empty());
        said.map(|(column, cell)| if column.is_prose() { (column, cell) } else { (column, cell.trim()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headings(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn headings_are_known_in_both_languages_and_any_width() {
        for (heading, column) in [
            ("SKU", Column::Sku),
            ("ＳＫＵ编码", Column::Sku),
            ("* 商品名称", Column::Title),
            ("Product Name", Column::Title),
            ("重量（克）", Column::WeightGrams),
            ("MOQ", Column::MinOrderQuantity),
            ("price_tiers", Column::PriceTiers),
        ] {
            assert_eq!(Column::of_heading(heading), Some(column), "{heading}");
        }
        assert_eq!(Column::of_heading("颜值"), None);
    }

    #[test]
    fn no_heading_means_two_columns() {
        for column in Column::ALL {
            for name in [column.as_str(), column.chinese()].iter().chain(column.also()) {
                assert_eq!(Column::of_heading(name), Some(*column), "{name}");
            }
        }
    }

    #[test]
    fn a_sheet_needs_the_sku_once() {
        let none = BTreeMap::new();
        assert_eq!(Layout::read(&headings(&["品名"]), &none), Err(NoLayout::NoSku));
        assert_eq!(Layout::read(&headings(&["sku", "货号"]), &none), Err(NoLayout::Twice(Column::Sku)));
        let said = BTreeMap::from([("我的编号".to_owned(), Column::Sku), ("货号".to_owned(), Column::Product)]);
        let layout = Layout::read(&headings(&["我的编号", "货号", "其他"]), &said).unwrap();
        let row = headings(&[" A-1 ", "G", "x", "y"]);
        assert_eq!(layout.cells(&row).collect::<Vec<_>>(), [(Column::Sku, "A-1"), (Column::Product, "G")]);
    }
}
