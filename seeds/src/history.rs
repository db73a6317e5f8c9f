//! The firms' trade of the months before: orders made by combination, the same in every run.

use crate::data::{Firm, Line, Order, Product};
use catalogue::{NewVariant, ProductStatus};
use chrono::Duration;
use orders::OrderStatus;
use std::collections::HashMap;

/// How long before the first run the firms were founded.
pub(crate) const AGE: Duration = Duration::days(125);
/// Orders of that time.
const ORDERS: usize = 48;
/// The first of them is placed this many days after the founding, the last this many before today.
const MARGIN: usize = 6;
const CARRIERS: [&str; 4] = ["顺丰速运", "德邦物流", "安能物流", "跨越速运"];
const NOTES: [&str; 5] =
    ["请在工作日送货。", "发票抬头同公司名称。", "送货前请先电话联系。", "外箱请贴我方订单号。", "与上一批同样规格。"];

/// Numbers that look like chance.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % bound.max(1)
    }
}

/// The orders, oldest first. What is sold leaves at least half of each stock to others.
pub(crate) fn orders(firms: &[Firm]) -> Vec<Order> {
    let (mut dice, mut sold) = (Dice(20_260_701), HashMap::new());
    let pairs: Vec<(&Firm, &Firm)> = firms
        .iter()
        .flat_map(|buyer| firms.iter().filter(move |seller| seller.key != buyer.key).map(move |seller| (buyer, seller)))
        .collect();
    (0..ORDERS)
        .map(|number| {
            let (buyer, seller) = pairs[dice.below(pairs.len())];
            let days = usize::try_from(AGE.num_days()).unwrap_or_default() - 2 * MARGIN - 10;
            Order {
                po_number: format!("{}-H{:03}", buyer.key[..2].to_uppercase(), number + 1),
                buyer: buyer.key.clone(),
                seller: seller.key.clone(),
                day: i64::try_from(MARGIN + number * days / ORDERS).ok(),
                reaches: goal(number),
                note: (number % 3 == 0).then(|| NOTES[dice.below(NOTES.len())].to_owned()),
                carrier: Some(CARRIERS[dice.below(CARRIERS.len())].to_owned()),
                tracking_number: Some(format!("DEMO1{number:09}")),
                lines: lines(seller, &mut dice, &mut sold),
            }
        })
        .collect()
}

/// Most orders end well.
const fn goal(number: usize) -> OrderStatus {
    match number % 12 {
        5 => OrderStatus::Cancelled,
        9 => OrderStatus::Refunded,
        _ => OrderStatus::Completed,
    }
}

/// One to three products, each of which a lot or some are left of.
fn lines(seller: &Firm, dice: &mut Dice, sold: &mut HashMap<String, i64>) -> Vec<Line> {
    let on_sale = seller.products.iter().filter(|product| product.state == ProductStatus::Published);
    let offers: Vec<&NewVariant> = on_sale.flat_map(|Product { variants, .. }| variants).collect();
    let mut lines: Vec<Line> = Vec::new();
    let wanted = 1 + dice.below(3);
    while lines.len() < wanted {
        let offer = offers[dice.below(offers.len())];
        let lot = offer.min_order_quantity.or(offer.order_increment).unwrap_or(1);
        let quantity = lot * i64::try_from(1 + dice.below(3)).unwrap_or(1);
        let gone = sold.entry(offer.sku.clone()).or_default();
        let is_left = offer.stock.is_none_or(|stock| *gone + quantity <= stock / 2);
        if is_left && lines.iter().all(|line| line.sku != offer.sku) {
            *gone += quantity;
            lines.push(Line { sku: offer.sku.clone(), quantity });
        }
    }
    lines
}
