//! What is refused leaves nothing behind.

use crate::world::{World, pay_with};
use orders::{CancelOrderError, ConfirmReceiptError, OrderStatus, PayOrderError, PlaceOrderError};
use payments::PaymentStatus;

#[tokio::test]
async fn a_declined_card_fails_the_payment_and_a_second_try_is_a_new_one() {
    let world = World::start().await;
    let variant = world.variant(Some(10)).await;
    let order = world.order(&[(variant, 1)]).await;

    let declined = world.pay(order.id, "pm_card_chargeDeclined").await;
    assert_eq!((declined.status, declined.failure_code.as_deref()), (PaymentStatus::Failed, Some("card_declined")));
    assert_eq!(world.seen(order.id).await.order.status, OrderStatus::AwaitingPayment);
    assert_eq!(world.balance().await, (0, 0));
    assert_eq!(world.events(&world.trader).await, ["order.placed", "payment.failed"]);

    let paid = world.pay(order.id, "pm_card_visa").await;
    assert_eq!(paid.status, PaymentStatus::Succeeded);
    assert_ne!(paid.id, declined.id);
    let again = pay_with(order.id, "pm_card_visa");
    let refused = world.within(&world.trader, move |tx| orders::plan_payment(tx, &again)).await;
    assert!(matches!(refused, Err(PayOrderError::NotPayable { status: OrderStatus::Paid })));
}

#[tokio::test]
async fn an_unknown_payment_method_fails_and_authentication_asks_the_buyer() {
    let world = World::start().await;
    let variant = world.variant(None).await;
    let order = world.order(&[(variant, 1)]).await;

    let unknown = world.pay(order.id, "pm_nobody_knows").await;
    assert_eq!((unknown.status, unknown.failure_code.as_deref()), (PaymentStatus::Failed, Some("resource_missing")));

    let asked = world.pay(order.id, "pm_card_authenticationRequired").await;
    assert_eq!(asked.status, PaymentStatus::RequiresAction);
    assert!(asked.client_secret.is_some());
}

#[tokio::test]
async fn more_than_the_stock_is_not_promised_and_cancelling_frees_it() {
    let world = World::start().await;
    let variant = world.variant(Some(3)).await;
    let order = world.order(&[(variant, 2)]).await;

    let refused = world.place(&[(variant, 2)]).await;
    assert!(matches!(refused, Err(PlaceOrderError::OutOfStock { available: 1, .. })), "{refused:?}");
    assert_eq!(world.ask("SELECT count(*) FROM orders"), "1");

    let id = order.id;
    let cancelled = world.within(&world.trader, move |tx| orders::cancel_as_buyer(tx, id)).await.unwrap();
    assert_eq!(cancelled.order.status, OrderStatus::Cancelled);
    world.within(&world.tea, move |tx| orders::cancel_as_seller(tx, id)).await.unwrap();
    let second = world.order(&[(variant, 3)]).await;
    assert_eq!(second.number, 2);
    let expected = ["order.placed", "order.cancelled", "order.placed"];
    assert_eq!(world.events(&world.tea).await, expected);
    assert_eq!(world.events(&world.trader).await, expected);
}

#[tokio::test]
async fn what_is_not_shipped_is_not_received_and_what_is_paid_is_not_cancelled() {
    let world = World::start().await;
    let order = world.paid_order().await.id;

    let received = world.within(&world.trader, move |tx| orders::confirm_receipt(tx, order)).await;
    assert!(matches!(received, Err(ConfirmReceiptError::NotShipped { status: OrderStatus::Paid })));
    let cancelled = world.within(&world.tea, move |tx| orders::cancel_as_seller(tx, order)).await;
    assert!(matches!(cancelled, Err(CancelOrderError::NotCancellable { status: OrderStatus::Paid })));
    assert_eq!(world.balance().await, (38_400, 0));
}

#[tokio::test]
async fn nobody_buys_from_themselves_nor_what_is_not_on_sale() {
    let world = World::start().await;
    let variant = world.variant(None).await;
    let unknown: kernel::ids::VariantId = kernel::ids::Id::new(chrono::Utc::now());
    assert!(matches!(world.place(&[(variant, 1), (unknown, 1)]).await, Err(PlaceOrderError::NotOnSale { line: 1 })));
    assert!(matches!(world.place(&[(variant, 1), (variant, 1)]).await, Err(PlaceOrderError::Repeated { line: 1 })));
    let command = orders::PlaceOrder {
        lines: vec![orders::WantedLine { variant_id: variant, quantity: 1 }],
        shipping_address: crate::world::address(),
        note: None,
        po_number: None,
    };
    let own = world.within(&world.tea, move |tx| orders::place(tx, &orders::Terms::default(), &command)).await;
    assert!(matches!(own, Err(PlaceOrderError::OwnProduct { line: 0 })));
    assert_eq!(world.ask("SELECT count(*) FROM orders"), "0");
}
