//! The main story, from order to money.

use crate::world::World;
use orders::OrderStatus;
use payments::{EscrowStatus, PaymentStatus};

#[tokio::test]
async fn an_order_is_placed_paid_shipped_received_and_its_money_released() {
    let world = World::start().await;
    let variant = world.variant(Some(10)).await;

    let order = world.order(&[(variant, 3)]).await;
    assert_eq!(
        (order.status, order.total, order.number_text().as_str()),
        (OrderStatus::AwaitingPayment, 38_400, "000001")
    );
    assert_eq!(order.buyer_name, "深圳贸易");

    let payment = world.pay(order.id, "pm_card_visa").await;
    assert_eq!((payment.status, payment.amount), (PaymentStatus::Succeeded, 38_400));
    // 2.9 % and 30 fen, as the simulator takes them.
    assert_eq!(payment.fee, Some(1_144));
    let paid = world.seen(order.id).await;
    assert_eq!(paid.order.status, OrderStatus::Paid);
    assert_eq!(paid.escrow.map(|escrow| (escrow.status, escrow.held())), Some((EscrowStatus::Held, 38_400)));
    assert_eq!(world.balance().await, (38_400, 0));
    assert_eq!(world.ask("SELECT on_hand FROM product_variants"), "7");

    world.ship(order.id).await;
    let received = world.within(&world.trader, move |tx| orders::confirm_receipt(tx, order.id)).await.unwrap();
    assert_eq!(received.order.status, OrderStatus::Completed);
    assert_eq!(received.escrow.map(|escrow| (escrow.status, escrow.held())), Some((EscrowStatus::Released, 0)));
    assert_eq!(world.balance().await, (0, 38_016));

    let expected = [
        "order.placed",
        "payment.succeeded",
        "escrow.held",
        "order.paid",
        "order.shipped",
        "order.completed",
        "escrow.released",
    ];
    assert_eq!(world.events(&world.tea).await, expected);
    assert_eq!(world.events(&world.trader).await, expected);
    let told = world.ask(
        "SELECT string_agg(template || ' ' || n, ', ' ORDER BY template) FROM
        (SELECT template, count(*) AS n FROM notifications GROUP BY template) AS t",
    );
    assert_eq!(told, "escrow_released 1, order_completed 2, order_paid 2, order_placed 2, order_shipped 2");
    assert_eq!(world.work().await, []);
}

#[tokio::test]
async fn both_sides_list_and_read_the_same_order_and_strangers_nothing() {
    let world = World::start().await;
    let order = world.paid_order().await;
    let page = kernel::pages::PageRequest::default();

    let (id, first) = (order.id, page.clone());
    let bought = world.within(&world.trader, move |tx| orders::list_purchases(tx, &first)).await.unwrap();
    let sold = world.within(&world.tea, move |tx| orders::list_orders(tx, &page)).await.unwrap();
    assert_eq!(bought.data.iter().map(|detail| detail.order.id).collect::<Vec<_>>(), [id]);
    assert_eq!(sold.data[0].lines[0].quantity, 3);

    // The buyer is no seller of it, nor the seller its buyer.
    assert!(world.within(&world.trader, move |tx| orders::order(tx, id)).await.unwrap().is_none());
    assert!(world.within(&world.tea, move |tx| orders::purchase(tx, id)).await.unwrap().is_none());
    let confirmed = world.within(&world.tea, move |tx| orders::confirm_receipt(tx, id)).await;
    assert!(matches!(confirmed, Err(orders::ConfirmReceiptError::NotFound)));
}
