//! Money back before it is released.

use crate::world::World;
use kernel::ids::OrderId;
use orders::{OrderStatus, RefundOrder, RefundOrderError};
use payments::{EscrowStatus, Refund, RefundStatus};

fn wish(order: OrderId, amount_minor: Option<i64>) -> RefundOrder {
    let request_key = kernel::secrets::random_bytes().unwrap();
    RefundOrder { order, amount_minor, reason: "破损".into(), request_key }
}

async fn refund(world: &World, order: OrderId, amount: Option<i64>) -> Refund {
    let command = wish(order, amount);
    let operation = world.within(&world.tea, move |tx| orders::plan_refund(tx, &command)).await.unwrap();
    let answer = world.desk.gateway.perform(&operation).await.unwrap();
    let id = operation.refund_id.unwrap();
    world.within(&world.tea, move |tx| orders::record_refund(tx, id, Some(&answer))).await.unwrap()
}

#[tokio::test]
async fn a_part_goes_back_and_the_rest_is_released() {
    let world = World::start().await;
    let order = world.paid_order().await.id;

    let part = refund(&world, order, Some(8_400)).await;
    assert_eq!(part.status, RefundStatus::Succeeded);
    assert_eq!(world.balance().await, (30_000, 0));
    assert_eq!(world.seen(order).await.order.refunded, 8_400);

    world.ship(order).await;
    let done = world.within(&world.trader, move |tx| orders::confirm_receipt(tx, order)).await.unwrap();
    assert_eq!(done.escrow.unwrap().status, EscrowStatus::Split);
    assert_eq!(world.balance().await, (0, 29_700));
    assert_eq!(world.ask("SELECT quantity FROM usage_events WHERE meter = 'orders_value'"), "30000");
}

#[tokio::test]
async fn all_of_it_goes_back_and_never_more() {
    let world = World::start().await;
    let order = world.paid_order().await.id;
    refund(&world, order, Some(400)).await;

    let command = wish(order, Some(38_001));
    let refused = world.within(&world.tea, move |tx| orders::plan_refund(tx, &command)).await;
    assert!(matches!(refused, Err(RefundOrderError::Exceeds { refundable_minor: 38_000 })));

    let rest = refund(&world, order, None).await;
    assert_eq!(rest.amount, 38_000);
    let seen = world.seen(order).await;
    assert_eq!((seen.order.status, seen.escrow.unwrap().status), (OrderStatus::Refunded, EscrowStatus::Refunded));
    assert_eq!(world.balance().await, (0, 0));
    let command = wish(order, None);
    let refused = world.within(&world.tea, move |tx| orders::plan_refund(tx, &command)).await;
    assert!(matches!(refused, Err(RefundOrderError::NotRefundable { status: OrderStatus::Refunded })));
    let events = world.events(&world.trader).await;
    assert_eq!(events.iter().filter(|kind| *kind == "refund.succeeded").count(), 2);
}

#[tokio::test]
async fn a_refund_whose_answer_was_lost_is_finished_once_and_receipt_waits_for_it() {
    let world = World::start().await;
    let order = world.paid_order().await.id;
    world.ship(order).await;
    let command = wish(order, Some(400));
    world.within(&world.tea, move |tx| orders::plan_refund(tx, &command)).await.unwrap();
    let early = world.within(&world.trader, move |tx| orders::confirm_receipt(tx, order)).await;
    assert!(matches!(early, Err(orders::ConfirmReceiptError::RefundUnderWay)));

    assert_eq!(world.pass(chrono::Duration::minutes(2)).await, []);

    assert_eq!(world.ask("SELECT status FROM refunds"), "succeeded");
    world.within(&world.trader, move |tx| orders::confirm_receipt(tx, order)).await.unwrap();
    assert_eq!(world.balance().await, (0, 37_620));
}

#[tokio::test]
async fn a_refund_that_the_bank_returns_is_money_held_again() {
    let world = World::start().await;
    let variant = world.variant(Some(10)).await;
    let order = world.order(&[(variant, 1)]).await.id;
    world.pay(order, "pm_card_refundFail").await;

    refund(&world, order, Some(800)).await;
    world.provider_says("evt_r", &world.ask("SELECT provider_id FROM refunds")).await;
    let kind = "UPDATE provider_events SET type = 'refund.failed'";
    world.database.sql(kind);
    assert_eq!(world.work().await, []);

    assert_eq!(world.ask("SELECT status FROM refunds"), "failed");
    assert_eq!(world.seen(order).await.order.refunded, 0);
    assert_eq!(world.balance().await, (12_800, 0));
    assert_eq!(world.events(&world.tea).await.last().map(String::as_str), Some("refund.failed"));
}
