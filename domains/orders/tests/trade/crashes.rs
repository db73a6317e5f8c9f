//! Lost answers, lost requests, repeated and early messages: one payment, one effect.

use crate::world::{World, pay_with};
use chrono::Duration;
use orders::OrderStatus;
use payments::PaymentStatus;
use stripe_simulator::CallFault;

#[tokio::test]
async fn a_payment_whose_answer_was_lost_is_finished_with_the_same_key() {
    let world = World::start().await;
    let variant = world.variant(Some(10)).await;
    let order = world.order(&[(variant, 3)]).await;
    let command = pay_with(order.id, "pm_card_visa");
    let operation = world.within(&world.trader, move |tx| orders::plan_payment(tx, &command)).await.unwrap();

    // The provider takes the money; its answer never arrives, and neither does ours.
    world.stripe.faults().next_calls("POST /v1/payment_intents", 1, CallFault::Cut);
    assert!(world.desk.gateway.perform(&operation).await.is_err());
    assert_eq!(world.seen(order.id).await.order.status, OrderStatus::AwaitingPayment);

    assert_eq!(world.pass(Duration::minutes(2)).await, []);

    assert_eq!(world.seen(order.id).await.order.status, OrderStatus::Paid);
    assert_eq!(world.balance().await, (38_400, 0));
    // The late request of the first attempt changes nothing.
    let answer = world.desk.gateway.perform(&operation).await.unwrap();
    let payment = world.record(order.id, &operation, &answer).await;
    assert_eq!(payment.status, PaymentStatus::Succeeded);
    assert_eq!(world.ask("SELECT count(*) FROM provider_objects"), "1");
    assert_eq!(world.ask("SELECT count(*) FROM ledger_entries"), "2");
    assert_eq!(world.events(&world.trader).await.len(), 4);
}

#[tokio::test]
async fn a_second_payment_is_refused_while_one_is_under_way() {
    let world = World::start().await;
    let variant = world.variant(None).await;
    let order = world.order(&[(variant, 1)]).await.id;
    let (first, second) = (pay_with(order, "pm_card_visa"), pay_with(order, "pm_card_visa"));
    let repeated = first.clone();
    let planned = world.within(&world.trader, move |tx| orders::plan_payment(tx, &first)).await.unwrap();
    let refused = world.within(&world.trader, move |tx| orders::plan_payment(tx, &second)).await;
    assert!(matches!(refused, Err(orders::PayOrderError::UnderWay)));
    let found = world.within(&world.trader, move |tx| orders::resume_payment(tx, &repeated)).await.unwrap().unwrap();
    assert_eq!((found.id, found.done), (planned.id, false));
    let cancelled = world.within(&world.tea, move |tx| orders::cancel_as_seller(tx, order)).await;
    assert!(matches!(cancelled, Err(orders::CancelOrderError::PaymentUnderWay)));
}

#[tokio::test]
async fn a_message_that_comes_twice_or_before_our_commit_takes_effect_once() {
    let world = World::start().await;
    let variant = world.variant(None).await;
    let order = world.order(&[(variant, 1)]).await;
    let command = pay_with(order.id, "pm_card_visa");
    let operation = world.within(&world.trader, move |tx| orders::plan_payment(tx, &command)).await.unwrap();
    let answer = world.desk.gateway.perform(&operation).await.unwrap();
    let payments::Answer::Payment(said) = &answer else { panic!("{answer:?}") };

    assert!(world.provider_says("evt_1", &said.provider_id).await);
    assert!(!world.provider_says("evt_1", &said.provider_id).await);
    let failed = world.work().await;
    assert_eq!(failed.len(), 1, "{failed:?}");
    world.record(order.id, &operation, &answer).await;
    assert_eq!(world.pass(Duration::minutes(1)).await, []);

    assert_eq!(world.ask("SELECT string_agg(state, ',') FROM provider_events"), "processed");
    assert_eq!(world.ask("SELECT count(*) FROM ledger_entries"), "2");
    assert_eq!(world.balance().await, (12_800, 0));
}

#[tokio::test]
async fn an_answer_about_another_amount_is_an_alarm_and_nothing_is_booked() {
    let world = World::start().await;
    let variant = world.variant(None).await;
    let order = world.order(&[(variant, 1)]).await.id;
    let command = pay_with(order, "pm_card_visa");
    let operation = world.within(&world.trader, move |tx| orders::plan_payment(tx, &command)).await.unwrap();
    let answer = world.desk.gateway.perform(&operation).await.unwrap();
    let payments::Answer::Payment(mut said) = answer else { panic!("no payment") };
    said.money = Some(kernel::Money::new(1, kernel::Currency::Cny));

    let id = operation.payment_id;
    let hostile = payments::Answer::Payment(said);
    let refused = world.within(&world.trader, move |tx| orders::record_payment(tx, order, id, Some(&hostile))).await;

    assert!(matches!(refused, Err(orders::PayOrderError::Record(payments::RecordError::Mismatch))));
    assert_eq!(world.ask("SELECT count(*) FROM ledger_entries"), "0");
    assert_eq!(world.seen(order).await.order.status, OrderStatus::AwaitingPayment);
}

#[tokio::test]
async fn twenty_confirmations_release_once() {
    let world = std::sync::Arc::new(World::start().await);
    let order = world.paid_order().await.id;
    world.ship(order).await;
    let confirm = |world: std::sync::Arc<World>| async move {
        world.within(&world.trader, move |tx| orders::confirm_receipt(tx, order)).await.map(drop)
    };
    let all: Vec<_> = (0..20).map(|_| tokio::spawn(confirm(std::sync::Arc::clone(&world)))).collect();
    for one in all {
        one.await.unwrap().unwrap();
    }
    assert_eq!(world.balance().await, (0, 38_016));
    assert_eq!(world.ask("SELECT count(*) FROM ledger_entries WHERE source LIKE 'escrow.release%'"), "1");
    assert_eq!(world.events(&world.tea).await.iter().filter(|kind| *kind == "escrow.released").count(), 1);
}
