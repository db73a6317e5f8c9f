//! What time does to an order.

use crate::world::World;
use chrono::Duration;
use orders::OrderStatus;
use payments::{EscrowStatus, PaymentStatus};

#[tokio::test]
async fn an_unpaid_order_is_cancelled_and_its_stock_freed() {
    let world = World::start().await;
    let variant = world.variant(Some(3)).await;
    let order = world.order(&[(variant, 3)]).await;
    assert_eq!(world.pass(Duration::hours(23)).await, []);
    assert_eq!(world.seen(order.id).await.order.status, OrderStatus::AwaitingPayment);

    assert_eq!(world.pass(Duration::hours(2)).await, []);

    let cancelled = world.seen(order.id).await;
    assert_eq!(cancelled.order.status, OrderStatus::Cancelled);
    assert_eq!(world.ask("SELECT reserved FROM product_variants"), "0");
    world.order(&[(variant, 3)]).await;
}

#[tokio::test]
async fn money_that_comes_after_the_cancellation_goes_back_by_itself() {
    let world = World::start().await;
    let variant = world.variant(Some(3)).await;
    let order = world.order(&[(variant, 1)]).await.id;
    // The buyer leaves the bank's page open, the order is cancelled, and then the buyer pays there.
    let asked = world.pay(order, "pm_card_authenticationRequired").await;
    assert_eq!(asked.status, PaymentStatus::RequiresAction);
    assert_eq!(world.pass(Duration::hours(25)).await, []);
    assert_eq!(world.seen(order).await.order.status, OrderStatus::Cancelled);
    world.agrees(&asked).await;
    assert_eq!(world.work().await, []);

    let late = world.seen(order).await;
    assert_eq!(late.order.status, OrderStatus::Cancelled);
    assert_eq!(late.escrow.unwrap().status, EscrowStatus::Refunded);
    assert_eq!(world.ask("SELECT status || ' ' || automatic FROM refunds"), "succeeded true");
    assert_eq!(world.balance().await, (0, 0));
    assert_eq!(world.events(&world.trader).await.last().map(String::as_str), Some("refund.succeeded"));
}

#[tokio::test]
async fn a_second_success_for_one_order_is_returned() {
    let world = World::start().await;
    let variant = world.variant(Some(9)).await;
    let order = world.order(&[(variant, 1)]).await.id;
    let asked = world.pay(order, "pm_card_authenticationRequired").await;
    world.pay(order, "pm_card_visa").await;
    world.agrees(&asked).await;
    assert_eq!(world.work().await, []);

    let seen = world.seen(order).await;
    assert_eq!((seen.order.status, seen.order.refunded), (OrderStatus::Paid, 0));
    assert_eq!(world.ask("SELECT amount || ' ' || status FROM refunds WHERE automatic"), "12800 succeeded");
    assert_eq!(world.balance().await, (12_800, 0));
    assert_eq!(world.ask("SELECT on_hand FROM product_variants"), "8");
}

#[tokio::test]
async fn silence_after_shipping_completes_the_order() {
    let world = World::start().await;
    let order = world.paid_order().await.id;
    world.ship(order).await;
    assert_eq!(world.pass(Duration::days(14)).await, []);
    assert_eq!(world.seen(order).await.order.status, OrderStatus::Shipped);

    assert_eq!(world.pass(Duration::days(2)).await, []);

    let completed = world.seen(order).await;
    assert_eq!(completed.order.status, OrderStatus::Completed);
    assert_eq!(completed.escrow.unwrap().status, EscrowStatus::Released);
    assert_eq!(world.balance().await, (0, 38_016));
}
