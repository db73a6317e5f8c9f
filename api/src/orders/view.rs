use crate::payments::view::PaymentView;
use catalogue::pricing::PriceReasons;
use chrono::{DateTime, Utc};
use kernel::{
    Currency,
    ids::{FileId, OrderId, OrderLineId, ProductId, ShipmentId, TenantId, VariantId},
};
use orders::{OrderDetail, OrderLine, OrderStatus, Party, Shipment, ShipmentLine, Step, TimelineLine};
use payments::Escrow;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A party of an order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PartyView {
    /// The firm.
    pub id: TenantId,
    /// Its name when the order was placed.
    pub name: String,
}

/// A line of an order, as it was agreed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrderLineView {
    /// Its id.
    pub id: OrderLineId,
    /// The product.
    pub product_id: ProductId,
    /// The variant.
    pub variant_id: VariantId,
    /// The seller's code of the variant.
    pub sku: String,
    /// Its title.
    pub title: String,
    /// Unit of measure.
    pub unit: String,
    /// Units ordered.
    pub quantity: i64,
    /// Units sent so far.
    pub shipped_quantity: i64,
    /// Price of one.
    pub unit_price_minor: i64,
    /// Price of all.
    pub total_minor: i64,
    /// Tax of all: contained in the total or added to it, as the reasons say.
    pub tax_minor: i64,
    /// How the price came about, in the order in which it was decided.
    pub price_reasons: PriceReasons,
}

/// Where the buyer's money is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EscrowView {
    /// `created` before the money came, then `held`, and at the end `released`, `refunded` or `split`.
    #[schema(example = "held")]
    pub status: &'static str,
    /// What is held.
    pub held_minor: i64,
}

/// Some units of a line.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShipmentLineView {
    /// The line.
    pub line_id: OrderLineId,
    /// Units.
    pub quantity: i64,
}

/// Goods on their way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShipmentView {
    /// Its id.
    pub id: ShipmentId,
    /// Who carries it.
    pub carrier: String,
    /// The carrier's number of it.
    pub tracking_number: String,
    /// What is in it.
    pub lines: Vec<ShipmentLineView>,
    /// A file of the seller that proves it.
    pub proof_file_id: Option<FileId>,
    /// When it was announced.
    pub created_at: DateTime<Utc>,
}

/// What happened to an order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TimelineView {
    /// What.
    pub step: Step,
    /// By whom.
    pub by: Party,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// An order. Amounts are in minor units of its currency.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrderView {
    /// Its id, the same for both parties.
    pub id: OrderId,
    /// The seller's number of it.
    pub number: String,
    /// Where it stands.
    pub status: OrderStatus,
    /// Who pays.
    pub buyer: PartyView,
    /// Who delivers.
    pub seller: PartyView,
    /// What.
    pub lines: Vec<OrderLineView>,
    /// The currency of all amounts.
    pub currency: Currency,
    /// Sum of the lines.
    pub subtotal_minor: i64,
    /// Freight.
    pub shipping_minor: i64,
    /// Tax that is added to the lines.
    pub tax_minor: i64,
    /// What the buyer pays.
    pub total_minor: i64,
    /// What went back to the buyer.
    pub refunded_minor: i64,
    /// Where the money is.
    pub escrow: EscrowView,
    /// Its payments, oldest first.
    pub payments: Vec<PaymentView>,
    /// Its shipments, oldest first.
    pub shipments: Vec<ShipmentView>,
    /// What happened, oldest first.
    pub timeline: Vec<TimelineView>,
    /// Where it goes.
    #[schema(value_type = Object)]
    pub shipping_address: Value,
    /// The buyer's words.
    pub note: Option<String>,
    /// The buyer's own number of it.
    pub po_number: Option<String>,
    /// When it is cancelled by itself if unpaid.
    pub pay_by: DateTime<Utc>,
    /// When receipt counts as confirmed.
    pub confirm_by: Option<DateTime<Utc>>,
    /// When it was placed.
    pub created_at: DateTime<Utc>,
}

impl OrderView {
    /// As the buyer sees it.
    pub(crate) fn for_buyer(detail: OrderDetail) -> Self {
        Self::of(detail, PaymentView::for_payer)
    }

    /// As the seller sees it: without what only the payer may use.
    pub(crate) fn for_seller(detail: OrderDetail) -> Self {
        Self::of(detail, PaymentView::for_payee)
    }

    fn of(detail: OrderDetail, payment: fn(payments::Payment) -> PaymentView) -> Self {
        let OrderDetail { order, lines, shipments, timeline, payments, escrow } = detail;
        Self {
            id: order.id,
            number: order.number_text(),
            status: order.status,
            buyer: PartyView { id: order.buyer_id, name: order.buyer_name },
            seller: PartyView { id: order.seller_id, name: order.seller_name },
            lines: lines.into_iter().map(OrderLineView::from).collect(),
            currency: order.currency,
            subtotal_minor: order.subtotal,
            shipping_minor: order.shipping,
            tax_minor: order.tax,
            total_minor: order.total,
            refunded_minor: order.refunded,
            escrow: escrow.as_ref().into(),
            payments: payments.into_iter().map(payment).collect(),
            shipments: shipments.into_iter().map(ShipmentView::from).collect(),
            timeline: timeline.into_iter().map(TimelineView::from).collect(),
            shipping_address: order.shipping_address,
            note: order.note,
            po_number: order.po_number,
            pay_by: order.pay_by,
            confirm_by: order.confirm_by,
            created_at: order.placed_at,
        }
    }
}

impl From<OrderLine> for OrderLineView {
    fn from(line: OrderLine) -> Self {
        Self {
            id: line.id,
            product_id: line.product_id,
            variant_id: line.variant_id,
            sku: line.sku,
            title: line.title,
            unit: line.unit,
            quantity: line.quantity,
            shipped_quantity: line.shipped,
            unit_price_minor: line.unit_price,
            total_minor: line.total,
            tax_minor: line.tax,
            price_reasons: line.price_reasons,
        }
    }
}

impl From<Option<&Escrow>> for EscrowView {
    fn from(escrow: Option<&Escrow>) -> Self {
        match escrow {
            Some(escrow) => Self { status: escrow.status.as_str(), held_minor: escrow.held() },
            None => Self { status: "created", held_minor: 0 },
        }
    }
}

impl From<Shipment> for ShipmentView {
    fn from(shipment: Shipment) -> Self {
        let line = |ShipmentLine { line_id, quantity }| ShipmentLineView { line_id, quantity };
        Self {
            id: shipment.id,
            carrier: shipment.carrier,
            tracking_number: shipment.tracking_number,
            lines: shipment.lines.into_iter().map(line).collect(),
            proof_file_id: shipment.proof_file_id,
            created_at: shipment.created_at,
        }
    }
}

impl From<TimelineLine> for TimelineView {
    fn from(line: TimelineLine) -> Self {
        Self { step: line.step, by: line.by_party, reason: line.reason, at: line.at }
    }
}
