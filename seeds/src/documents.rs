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
pub(crate) fn of(firm: &Firm) -> [Document; 7] {
    let text =
        |path, text: String| Document { path, content_type: "text/plain; charset=utf-8", bytes: text.into_bytes() };
    let table =
        |path, text: String| Document { path, content_type: "text/csv; charset=utf-8", bytes: text.into_bytes() };
    [
        text("公司简介.txt", firm.profile.clone()),
        table("报价/价目表.csv", price_list(firm)),
        table("质检/2026/出货检验记录.csv", inspections(firm)),
        text("合同/购销框架合同.txt", contract(firm)),
        text("资质/企业信息.txt", particulars(firm)),
        table("人事/通讯录.csv", people(firm)),
        Document { path: "门头招牌.svg", content_type: "image/svg+xml", bytes: sign(firm).into_bytes() },
    ]
}

/// What was looked at before it left.
fn inspections(firm: &Firm) -> String {
    let rows = firm.products.iter().enumerate().take(24).map(|(number, product)| {
        let sku = product.variants.first().map_or("", |variant| variant.sku.as_str());
        let faults = usize::from(number % 7 == 3);
        let verdict = if faults == 0 { "合格" } else { "返工后合格" };
        let (batch, title) = (format!("QC-{:03}", number + 1), &product.title);
        format!("{batch},{},{},{},{faults},{verdict}\r\n", quoted(sku), quoted(title), 8 + number % 5)
    });
    format!("\u{feff}批次,货号,品名,抽检数,不合格数,结论\r\n{}", rows.collect::<String>())
}

fn contract(firm: &Firm) -> String {
    format!(
        "购销框架合同（示例）\n\n供方：{}\n需方：________________\n\n\
         一、产品、规格和单价以平台订单为准。\n二、货款由平台托管，需方确认收货后结算给供方。\n\
         三、质量异议须在收货后七日内提出，并附照片。\n四、本合同为演示文本，不具法律效力。\n",
        firm.name
    )
}

fn particulars(firm: &Firm) -> String {
    format!("企业名称：{}\n统一社会信用代码：{}\n（虚构企业，仅供演示。）\n", firm.name, firm.uscc)
}

fn people(firm: &Firm) -> String {
    let rows =
        firm.people.iter().map(|person| format!("{},{},{}\r\n", quoted(&person.name), person.role, person.email));
    std::iter::once("\u{feff}姓名,角色,邮箱\r\n".to_owned()).chain(rows).collect()
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
