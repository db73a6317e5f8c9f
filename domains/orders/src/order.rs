//! An order and the steps it may take.

use catalogue::pricing::PriceReasons;
use chrono::{DateTime, Utc};
use db::schema::{order_lines, order_timeline, orders, shipments};
use diesel::prelude::*;
use kernel::{
    Currency, Money,
    ids::{FileId, OrderId, OrderLineId, ProductId, ShipmentId, TenantId, VariantId},
    text_enum,
};
use serde::{Deserialize, Serialize};

text_enum! {
    /// Where an order stands.
    pub enum OrderStatus {
        /// Placed; stock is promised until the payment window ends.
        AwaitingPayment = "awaiting_payment",
        /// The money is held.
        Paid = "paid",
        /// Some of it is on its way.
        PartiallyShipped = "partially_shipped",
        /// All of it is on its way.
        Shipped = "shipped",
        /// Received; the seller has the money.
        Completed = "completed",
        /// Ended before it was paid.
        Cancelled = "cancelled",
        /// All the money went back.
        Refunded = "refunded",
    }
}

impl OrderStatus {
    /// The table of allowed steps (INV-O1).
    pub const fn next(self) -> &'static [Self] {
        use OrderStatus::{AwaitingPayment, Cancelled, Completed, Paid, PartiallyShipped, Refunded, Shipped};
        match self {
            AwaitingPayment => &[Paid, Cancelled],
            Paid => &[PartiallyShipped, Shipped, Refunded],
            PartiallyShipped => &[Shipped, Refunded],
            Shipped => &[Completed, Refunded],
            Completed | Cancelled | Refunded => &[],
        }
    }

    /// Whether an order may go from here to `next` in one step.
    pub fn may_become(self, next: Self) -> bool {
        self.next().contains(&next)
    }

    /// Whether goods may be sent.
    pub const fn may_ship(self) -> bool {
        matches!(self, Self::Paid | Self::PartiallyShipped)
    }

    /// Whether the buyer's money is held and may go back.
    pub const fn may_refund(self) -> bool {
        matches!(self, Self::Paid | Self::PartiallyShipped | Self::Shipped)
    }
}

text_enum! {
    /// Who did something to an order.
    pub enum Party {
        /// The buyer.
        Buyer = "buyer",
        /// The seller.
        Seller = "seller",
        /// The platform, by a timer or because of a payment.
        Platform = "platform",
    }
}

text_enum! {
    /// A line of an order's timeline.
    pub enum Step {
        /// The buyer ordered.
        Placed = "placed",
        /// A payment was refused.
        PaymentFailed = "payment_failed",
        /// The money came and is held.
        Paid = "paid",
        /// Some or all was sent.
        Shipped = "shipped",
        /// Received, by word or by time.
        Completed = "completed",
        /// Ended unpaid.
        Cancelled = "cancelled",
        /// The seller asked for money to go back.
        RefundRequested = "refund_requested",
        /// Money went back.
        Refunded = "refunded",
        /// Money could not go back.
        RefundFailed = "refund_failed",
        /// Money that nobody was owed goes back.
        PaymentReturned = "payment_returned",
    }
}

/// An order. Amounts are in minor units of its currency.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = orders)]
pub struct Order {
    /// Its id, the same for both parties.
    pub id: OrderId,
    /// The seller.
    #[diesel(column_name = tenant_id)]
    pub seller_id: TenantId,
    /// Counts the seller's orders.
    pub number: i64,
    /// Where it stands.
    pub status: OrderStatus,
    /// The buyer.
    #[diesel(column_name = buyer_tenant_id)]
    pub buyer_id: TenantId,
    /// The buyer's name when it was placed.
    pub buyer_name: String,
    /// The seller's name when it was placed.
    pub seller_name: String,
    /// The currency of all amounts.
    pub currency: Currency,
    /// Sum of the lines.
    pub subtotal: i64,
    /// Freight.
    pub shipping: i64,
    /// Tax.
    pub tax: i64,
    /// What the buyer pays.
    pub total: i64,
    /// What went back to the buyer.
    pub refunded: i64,
    /// The platform's share, in hundredths of a percent.
    pub commission_basis_points: i64,
    /// Where it goes, as [`Address`].
    pub shipping_address: serde_json::Value,
    /// The buyer's words.
    pub note: Option<String>,
    /// The buyer's own number of it.
    pub po_number: Option<String>,
    /// When it was placed.
    pub placed_at: DateTime<Utc>,
    /// Cancelled by itself when unpaid then.
    pub pay_by: DateTime<Utc>,
    /// Completed by itself then.
    pub confirm_by: Option<DateTime<Utc>>,
}

impl Order {
    /// What the buyer pays.
    pub const fn money(&self) -> Money {
        Money::new(self.total, self.currency)
    }

    /// The number as people read it.
    pub fn number_text(&self) -> String {
        format!("{:06}", self.number)
    }
}

/// A line of an order, as it was agreed.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = order_lines)]
pub struct OrderLine {
    /// Its id.
    pub id: OrderLineId,
    /// The order.
    pub order_id: OrderId,
    /// Its place, from 1.
    pub position: i16,
    /// The product.
    pub product_id: ProductId,
    /// The variant.
    pub variant_id: VariantId,
    /// The seller's code of it.
    pub sku: String,
    /// Its title.
    pub title: String,
    /// Unit of measure.
    pub unit: String,
    /// Units ordered.
    pub quantity: i64,
    /// Price of one, in minor units.
    pub unit_price: i64,
    /// Price of all, in minor units.
    pub total: i64,
    /// Units sent so far.
    pub shipped: i64,
    /// Tax of all: contained in the total or added to it, as the reasons say.
    pub tax: i64,
    /// How the price came about.
    pub price_reasons: PriceReasons,
}

/// Where an order goes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Address {
    /// Who receives it.
    pub name: String,
    /// How to call them.
    pub phone: String,
    /// Country, ISO 3166 two letters.
    pub country: String,
    /// Province.
    pub province: String,
    /// City.
    pub city: String,
    /// District.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub district: Option<String>,
    /// Street and number.
    pub line1: String,
    /// More of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
    /// Postal code.
    pub postal_code: String,
}

/// Goods on their way.
#[derive(Debug, Clone)]
pub struct Shipment {
    /// Its id.
    pub id: ShipmentId,
    /// Who carries it.
    pub carrier: String,
    /// The carrier's number of it.
    pub tracking_number: String,
    /// A file of the seller that proves it.
    pub proof_file_id: Option<FileId>,
    /// When it was announced.
    pub created_at: DateTime<Utc>,
    /// What is in it.
    pub lines: Vec<ShipmentLine>,
}

/// Some units of an order's line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShipmentLine {
    /// The line.
    pub line_id: OrderLineId,
    /// Units.
    pub quantity: i64,
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = shipments)]
pub(crate) struct ShipmentRow {
    pub(crate) id: ShipmentId,
    pub(crate) order_id: OrderId,
    pub(crate) carrier: String,
    pub(crate) tracking_number: String,
    pub(crate) proof_file_id: Option<FileId>,
    pub(crate) created_at: DateTime<Utc>,
}

/// What happened to an order.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = order_timeline)]
pub struct TimelineLine {
    /// The order.
    pub order_id: OrderId,
    /// What.
    pub step: Step,
    /// By whom.
    pub by_party: Party,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_status() -> impl Strategy<Value = OrderStatus> {
        proptest::sample::select(OrderStatus::ALL)
    }

    proptest! {
        /// However wishes follow one another, only allowed ones happen, no status comes back, and the end is an end.
        #[test]
        fn orders_only_go_forward(wishes in proptest::collection::vec(any_status(), 0..40)) {
            let mut seen = vec![OrderStatus::AwaitingPayment];
            for wish in wishes {
                let present = seen[seen.len() - 1];
                if present.may_become(wish) {
                    prop_assert!(!seen.contains(&wish));
                    seen.push(wish);
                }
            }
            let was = |status| seen.contains(&status);
            prop_assert!(!was(OrderStatus::Completed) || was(OrderStatus::Shipped) && was(OrderStatus::Paid));
            prop_assert!(!was(OrderStatus::Cancelled) || seen.len() == 2);
            prop_assert!(!(was(OrderStatus::Completed) && was(OrderStatus::Refunded)));
        }
    }

    #[test]
    fn goods_and_money_move_only_while_money_is_held() {
        for status in OrderStatus::ALL {
            assert_eq!(status.may_refund(), status.may_become(OrderStatus::Refunded), "{status}");
            assert_eq!(status.may_ship(), status.may_become(OrderStatus::Shipped), "{status}");
        }
    }
}
