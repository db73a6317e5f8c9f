//! Orders among the demo firms, each taken as far as its data says, at the times at which that would have happened.

use crate::{Run, data, firm::OpenFirm};
use anyhow::Context;
use chrono::{DateTime, Duration, Utc};
use db::{Db, DbError, TenantTx};
use kernel::{
    ids::OrderId,
    pages::{MAX_LIMIT, PageRequest},
    secrets::digest,
};
use orders::{
    Order, OrderStatus, PayOrder, PayOrderError, PlaceOrder, PlaceOrderError, RefundOrder, RefundOrderError, ShipOrder,
    Terms, WantedLine,
};
use payments::{Gateway, Operation, PaymentMethod};

/// The provider's test card that is always good.
const CARD: &str = "pm_card_visa";

/// What comes next for an order on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    Pay,
    Ship,
    Confirm,
    Refund,
    Cancel,
}

impl Move {
    /// The next move from where an order stands to where it is taken; nothing once it is there, or has left the way.
    const fn from(status: OrderStatus, goal: OrderStatus) -> Option<Self> {
        use OrderStatus::{AwaitingPayment, Cancelled, Completed, Paid, Refunded, Shipped};
        match (status, goal) {
            (AwaitingPayment, Cancelled) => Some(Self::Cancel),
            (AwaitingPayment, Paid | Shipped | Completed | Refunded) => Some(Self::Pay),
            (Paid, Refunded) => Some(Self::Refund),
            (Paid, Shipped | Completed) => Some(Self::Ship),
            (Shipped, Completed) => Some(Self::Confirm),
            _ => None,
        }
    }

    /// How long after the order was placed it is made.
    fn after(self) -> Duration {
        match self {
            Self::Cancel => Duration::hours(3),
            Self::Pay => Duration::hours(2),
            Self::Ship => Duration::hours(26),
            Self::Refund => Duration::hours(30),
            Self::Confirm => Duration::days(5),
        }
    }
}

/// An order with its two firms.
struct Deal<'a> {
    data: &'a data::Order,
    buyer: &'a OpenFirm<'a>,
    seller: &'a OpenFirm<'a>,
    /// When it is placed; now if missing.
    at: Option<DateTime<Utc>>,
}

/// Places the orders that are not there and takes each further.
pub(crate) async fn replay(run: Run<'_>, firms: &[OpenFirm<'_>], orders: &[data::Order]) -> anyhow::Result<()> {
    let firm = |key: &str| {
        firms.iter().find(|firm| firm.data.key == key).with_context(|| format!("there is no demo firm {key}"))
    };
    let founded_at = firms.iter().map(|firm| firm.founded_at).max();
    for data in orders {
        let at = founded_at.zip(data.day).map(|(founded_at, day)| founded_at + Duration::days(day));
        let deal = Deal { data, buyer: firm(&data.buyer)?, seller: firm(&data.seller)?, at };
        deal.replay(run).await.with_context(|| format!("order {}", data.po_number))?;
    }
    Ok(())
}

impl Deal<'_> {
    async fn replay(&self, run: Run<'_>) -> anyhow::Result<()> {
        let mut order = self.place(run).await?;
        while let Some(next) = Move::from(order.status, self.data.reaches) {
            let (id, before) = (order.id, order.status);
            let db = run.db_at(self.at.map(|at| at + next.after()));
            match (next, &run.deps.gateway) {
                (Move::Pay, Some(gateway)) => self.pay(run, (&db, gateway), id).await?,
                (Move::Refund, Some(gateway)) => self.refund((&db, gateway), id).await?,
                (Move::Pay | Move::Refund, None) => return Ok(()),
                (Move::Ship, _) => self.ship(run, &db, id).await?,
                (Move::Confirm, _) => self.confirm(&db, id).await?,
                (Move::Cancel, _) => self.cancel(&db, id).await?,
            }
            let find = run.deps.db.tenant("seeds.find_order", self.buyer.scope(), move |tx| orders::purchase(tx, id));
            order = find.await?.context("it is gone")?.order;
            if order.status == before {
                // The payment was refused: the order stays unpaid, as any other would.
                return Ok(());
            }
            run.say(&format!("{}: {}", self.data.po_number, order.status));
        }
        Ok(())
    }

    /// The order as it stands, placed now unless it was before.
    async fn place(&self, run: Run<'_>) -> anyhow::Result<Order> {
        let mut lines = Vec::new();
        for line in &self.data.lines {
            let variant = self.seller.variants.get(&line.sku).with_context(|| format!("{} is not sold", line.sku))?;
            lines.push(WantedLine { variant_id: *variant, quantity: line.quantity });
        }
        let command = PlaceOrder {
            lines,
            shipping_address: self.buyer.data.address.clone(),
            note: self.data.note.clone(),
            po_number: Some(self.data.po_number.clone()),
        };
        let terms = run.deps.terms.clone();
        let place = move |tx: &mut TenantTx<'_>| find_or_place(tx, &terms, &command);
        let (order, placed) = run.db_at(self.at).tenant("seeds.place", self.buyer.scope(), place).await?;
        let order = order.context("nothing was ordered")?;
        if placed {
            run.say(&format!("{}: {} orders of {}", self.data.po_number, order.buyer_name, order.seller_name));
        }
        Ok(order)
    }

    async fn pay(&self, run: Run<'_>, (db, gateway): (&Db, &Gateway), id: OrderId) -> anyhow::Result<()> {
        let command = PayOrder {
            order: id,
            method: PaymentMethod::Card,
            payment_method: Some(CARD.to_owned()),
            return_url: None,
            request_key: digest(&format!("seeds {id}")),
        };
        let plan = move |tx: &mut TenantTx<'_>| plan(tx, &command);
        let operation = db.tenant("seeds.plan_payment", self.buyer.scope(), plan).await?;
        run.say(&format!("{}: pays {}", self.data.po_number, operation.payment_id));
        let answer = gateway.perform(&operation).await?;
        let payment = operation.payment_id;
        let record = move |tx: &mut TenantTx<'_>| orders::record_payment(tx, id, payment, Some(&answer));
        db.tenant("seeds.record_payment", self.buyer.scope(), record).await?;
        Ok(())
    }

    async fn refund(&self, (db, gateway): (&Db, &Gateway), id: OrderId) -> anyhow::Result<()> {
        let command = RefundOrder {
            order: id,
            amount_minor: None,
            reason: "型号缺货，协商后全额退款。".to_owned(),
            request_key: digest(&format!("seeds refund {id}")),
        };
        let plan = move |tx: &mut TenantTx<'_>| plan_refund(tx, &command);
        let operation = db.tenant("seeds.plan_refund", self.seller.scope(), plan).await?;
        let answer = gateway.perform(&operation).await?;
        let refund = operation.refund_id.context("no refund was planned")?;
        let record = move |tx: &mut TenantTx<'_>| orders::record_refund(tx, refund, Some(&answer));
        db.tenant("seeds.record_refund", self.seller.scope(), record).await?;
        Ok(())
    }

    async fn ship(&self, run: Run<'_>, db: &Db, id: OrderId) -> anyhow::Result<()> {
        let command = ShipOrder {
            order: id,
            carrier: self.data.carrier.clone().context("nobody carries it")?,
            tracking_number: self.data.tracking_number.clone().context("it has no tracking number")?,
            lines: None,
            proof_file_id: None,
        };
        let terms = run.deps.terms.clone();
        let ship = move |tx: &mut TenantTx<'_>| orders::ship(tx, &terms, &command);
        db.tenant("seeds.ship", self.seller.scope(), ship).await?;
        Ok(())
    }

    async fn confirm(&self, db: &Db, id: OrderId) -> anyhow::Result<()> {
        let confirm = move |tx: &mut TenantTx<'_>| orders::confirm_receipt(tx, id);
        db.tenant("seeds.confirm", self.buyer.scope(), confirm).await?;
        Ok(())
    }

    async fn cancel(&self, db: &Db, id: OrderId) -> anyhow::Result<()> {
        let cancel = move |tx: &mut TenantTx<'_>| orders::cancel_as_buyer(tx, id);
        db.tenant("seeds.cancel", self.buyer.scope(), cancel).await?;
        Ok(())
    }
}

/// The buyer's order with its own number, and whether it was placed just now.
fn find_or_place(
    tx: &mut TenantTx<'_>,
    terms: &Terms,
    command: &PlaceOrder,
) -> Result<(Option<Order>, bool), PlaceOrderError> {
    if let Some(found) = find(tx, command.po_number.as_deref())? {
        return Ok((Some(found), false));
    }
    let placed = orders::place(tx, terms, command)?;
    Ok((placed.into_iter().next().map(|detail| detail.order), true))
}

fn find(tx: &mut TenantTx<'_>, po_number: Option<&str>) -> Result<Option<Order>, DbError> {
    let mut request = PageRequest { limit: MAX_LIMIT, after: None };
    loop {
        let page = orders::list_purchases(tx, &request)?;
        let found =
            page.data.into_iter().map(|detail| detail.order).find(|order| order.po_number.as_deref() == po_number);
        if found.is_some() || page.next.is_none() {
            return Ok(found);
        }
        request.after = page.next;
    }
}

/// The same of money that goes back.
fn plan_refund(tx: &mut TenantTx<'_>, command: &RefundOrder) -> Result<Operation, RefundOrderError> {
    match orders::resume_refund(tx, command)? {
        Some(operation) => Ok(operation),
        None => orders::plan_refund(tx, command),
    }
}

/// The call that an interrupted run wrote down, or a new one.
fn plan(tx: &mut TenantTx<'_>, command: &PayOrder) -> Result<Operation, PayOrderError> {
    match orders::resume_payment(tx, command)? {
        Some(operation) => Ok(operation),
        None => orders::plan_payment(tx, command),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_gets_where_it_is_taken() {
        use OrderStatus::{AwaitingPayment, Cancelled, Completed, Paid, Refunded, Shipped};
        for goal in [AwaitingPayment, Paid, Shipped, Completed, Cancelled, Refunded] {
            let mut status = AwaitingPayment;
            while let Some(next) = Move::from(status, goal) {
                status = match next {
                    Move::Pay => Paid,
                    Move::Ship => Shipped,
                    Move::Confirm => Completed,
                    Move::Refund => Refunded,
                    Move::Cancel => Cancelled,
                };
            }
            assert_eq!(status, goal);
        }
    }

    #[test]
    fn an_order_that_left_the_way_is_left_alone() {
        assert_eq!(Move::from(OrderStatus::Cancelled, OrderStatus::Completed), None);
        assert_eq!(Move::from(OrderStatus::Refunded, OrderStatus::Shipped), None);
        assert_eq!(Move::from(OrderStatus::Completed, OrderStatus::Paid), None);
    }
}
