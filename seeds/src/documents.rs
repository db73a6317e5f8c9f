//! Documents that a firm has of its own: made from its data.

use crate::data::Firm;
use catalogue::ProductStatus;

/// A file to be stored.
pub(crate) struct Document {
    pub(crate) path: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Vec<u8>,
}

/// A firm's documents.
pub(crate) fn of(firm: &Firm) -> [Document; 3] {
    [
        Document {
            path: "公司简介.txt",
            content_type: "text/plain; charset=utf-8",
            bytes: firm.profile.clone().into_bytes(),
        },
        Document {
            path: "报价/价目表.csv",
            content_type: "text/csv; charset=utf-8",
            bytes: price_list(firm).into_bytes(),
        },
        Document { path: "门头招牌.svg", content_type: "image/svg+xml", bytes: sign(firm).into_bytes() },
    ]
}

/// All that is on sale, with a byte order mark, without which spreadsheets take UTF-8 for another encoding.
fn price_list(firm: &Firm) -> String {
    let mut list = String::from("\u{feff}货号,品名,单价(元),起订量,单位,条码\r\n");
    for product in firm.products.iter().filter(|product| product.state == ProductStatus::Published) {
        for variant in &product.variants {
            let price = format!("{}.{:02}", variant.price_minor / 100, variant.price_minor % 100);
            let minimum = variant.min_order_quantity.unwrap_or(1).to_string();
            let unit = variant.unit.as_deref().unwrap_or_default();
            let gtin = variant.gtin.as_deref().unwrap_or_default();
            let cells = [&variant.sku, &product.title, &price, &minimum, unit, gtin].map(quoted);
            list.push_str(&cells.join(","));
            list.push_str("\r\n");
        }
    }
    list
}

/// A cell as RFC 4180 writes it.
fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

/// The sign above the door.
fn sign(firm: &Firm) -> String {
    let name = firm.name.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 160\" role=\"img\">\n  \
         <rect width=\"640\" height=\"160\" rx=\"12\" fill=\"#274060\"/>\n  \
         <text x=\"320\" y=\"95\" font-size=\"40\" text-anchor=\"middle\" fill=\"#f6f1e7\" \
         font-family=\"sans-serif\">{name}</text>\n</svg>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::World;

    #[test]
    fn the_price_list_has_a_row_for_each_variant_on_sale() {
        let world = World::load().unwrap();
        let list = price_list(&world.firms[0]);
        assert!(
            list.contains("\"HS-CY-101-N\",\"北美白蜡木餐椅 软包坐垫\",\"268.00\",\"4\",\"把\",\"2044060000011\"\r\n")
        );
        assert!(!list.contains("HS-DN-971") && !list.contains("HS-ET-961"), "what is not on sale has no price");
        assert_eq!(quoted("三\"防\""), "\"三\"\"防\"\"\"");
    }
}
