//! Payment intents: success, refusal, the buyer's action, manual capture, wallets.

use serde_json::json;
use stripe::StripeError;
use stripe_core::charge::{ListCharge, RetrieveCharge};
use stripe_core::customer::CreateCustomer;
use stripe_core::payment_intent::{
    CancelPaymentIntent, CapturePaymentIntent, ConfirmPaymentIntent, CreatePaymentIntent, RetrievePaymentIntent,
};
use stripe_shared::{PaymentIntentCaptureMethod, PaymentIntentStatus};
use stripe_types::Currency;

use crate::stage::{Stage, field, id, page};

#[tokio::test]
async fn a_card_payment_succeeds_and_the_money_is_on_the_balance() {
    let stage = Stage::new().await;
    let customer = CreateCustomer::new().email("buyer@example.com").send(&stage.client).await.unwrap();
    let intent = CreatePaymentIntent::new(1000, Currency::USD)
        .customer(customer.id.as_str())
        .payment_method("pm_card_visa")
        .confirm(true)
        .metadata([("order", "茶-1")].map(|(key, value)| (key.to_owned(), value.to_owned())))
        .send(&stage.client)
        .await
        .unwrap();
    assert_eq!((intent.status, intent.amount_received), (PaymentIntentStatus::Succeeded, 1000));
    assert_eq!(intent.metadata["order"], "茶-1");
    let charge = intent.latest_charge.unwrap().id().to_string();
    let charge = RetrieveCharge::new(charge.as_str()).expand(vec!["balance_transaction".to_owned()]);
    let charge = charge.send(&stage.client).await.unwrap();
    let transaction = charge.balance_transaction.unwrap().into_object().unwrap();
    assert_eq!((transaction.amount, transaction.fee, transaction.net), (1000, 59, 941));
    assert_eq!(stage.get("/v1/balance").await["available"][0]["amount"], 941);
    let expected = ["customer.created", "payment_intent.created", "charge.succeeded", "payment_intent.succeeded"];
    assert_eq!(stage.events().await, expected);
}

#[tokio::test]
async fn a_declined_card_is_402_with_the_intent_inside_and_a_second_card_pays() {
    let stage = Stage::new().await;
    let refused = CreatePaymentIntent::new(500, Currency::CNY)
        .payment_method("pm_card_chargeDeclinedInsufficientFunds")
        .confirm(true)
        .send(&stage.client)
        .await;
    let Err(StripeError::Stripe(error, 402)) = refused else { panic!("{refused:?}") };
    assert_eq!(error.decline_code.as_deref(), Some("insufficient_funds"));
    let intent = error.payment_intent.unwrap();
    assert_eq!(intent.status, PaymentIntentStatus::RequiresPaymentMethod);
    assert!(intent.last_payment_error.is_some() && intent.payment_method.is_none());
    let charges = ListCharge::new().payment_intent(intent.id.as_str()).send(&stage.client).await.unwrap();
    assert_eq!(charges.data[0].failure_code.as_deref(), Some("card_declined"));

    let paid = ConfirmPaymentIntent::new(intent.id.clone()).payment_method("pm_card_mastercard");
    let paid = paid.send(&stage.client).await.unwrap();
    assert_eq!(paid.status, PaymentIntentStatus::Succeeded);
    assert!(paid.last_payment_error.is_none());
    assert!(stage.events().await.contains(&"payment_intent.payment_failed".to_owned()));
}

#[tokio::test]
async fn every_declining_test_card_says_why() {
    let stage = Stage::new().await;
    for (card, code, decline) in [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
    ] {
        let form = [("amount", "100"), ("currency", "usd"), ("payment_method", card), ("confirm", "true")];
        let (status, answer) = stage.post("/v1/payment_intents", &form).await;
        let error = &answer["error"];
        assert_eq!((status, &error["type"]), (402, &json!("card_error")));
        assert_eq!((&error["code"], &error["decline_code"]), (&json!(code), &json!(decline)));
    }
    assert_eq!(stage.get("/v1/balance").await["available"][0]["amount"], 0);
}

#[tokio::test]
async fn authentication_goes_through_the_page_and_succeeds_or_fails() {
    let stage = Stage::new().await;
    for (outcome, status, sent) in
        [("succeed", "succeeded", "succeeded"), ("fail", "requires_payment_method", "failed")]
    {
        let intent = CreatePaymentIntent::new(700, Currency::USD)
            .payment_method("pm_card_authenticationRequired")
            .confirm(true)
            .return_url("https://shop.example/back?order=1")
            .send(&stage.client)
            .await
            .unwrap();
        assert_eq!(intent.status, PaymentIntentStatus::RequiresAction);
        let url = intent.next_action.unwrap().redirect_to_url.unwrap().url.unwrap();
        let path = url.strip_prefix(&stage.simulator.base_url()).unwrap();
        let (shown, html) = page(stage.request("GET", path)).await;
        assert!(shown == 200 && html.contains("700 USD"), "{html}");
        let answer = stage.request("POST", path).form(&[("outcome", outcome)]).send().await.unwrap();
        assert_eq!(answer.status(), 303);
        let back = answer.headers()["location"].to_str().unwrap();
        assert!(back.starts_with("https://shop.example/back?order=1&payment_intent=pi_"), "{back}");
        assert!(back.ends_with(&format!("redirect_status={sent}")), "{back}");
        let intent = stage.get(&format!("/v1/payment_intents/{}", intent.id)).await;
        assert_eq!(field(&intent, "status"), status);
        let (again, _) = page(stage.request("POST", path)).await;
        assert_eq!(again, 400, "an action is completed once");
    }
}

#[tokio::test]
async fn off_session_authentication_is_a_decline() {
    let stage = Stage::new().await;
    let form = [
        ("amount", "100"),
        ("currency", "usd"),
        ("payment_method", "pm_card_authenticationRequired"),
        ("confirm", "true"),
        ("off_session", "true"),
    ];
    let (status, answer) = stage.post("/v1/payment_intents", &form).await;
    assert_eq!((status, &answer["error"]["code"]), (402, &json!("authentication_required")));
}

#[tokio::test]
async fn wallets_ask_for_an_action_and_may_take_their_time() {
    let stage = Stage::new().await;
    for (kind, action) in [("alipay", "alipay_handle_redirect"), ("wechat_pay", "wechat_pay_display_qr_code")] {
        let form = [
            ("amount", "8800"),
            ("currency", "cny"),
            ("payment_method_types[]", kind),
            ("payment_method_data[type]", kind),
            ("confirm", "true"),
        ];
        let intent = stage.make("/v1/payment_intents", &form).await;
        assert_eq!(
            (field(&intent, "status").as_str(), &intent["next_action"]["type"]),
            ("requires_action", &json!(action))
        );
        let path = format!("/sim/authorize/{}", id(&intent));
        for (outcome, status) in
            [("process", PaymentIntentStatus::Processing), ("succeed", PaymentIntentStatus::Succeeded)]
        {
            let (shown, _) = page(stage.request("POST", &path).form(&[("outcome", outcome)])).await;
            assert_eq!(shown, 200);
            let intent = RetrievePaymentIntent::new(id(&intent)).expand(vec!["latest_charge".to_owned()]);
            assert_eq!(intent.send(&stage.client).await.unwrap().status, status);
        }
    }
}

#[tokio::test]
async fn manual_capture_takes_a_part_or_lets_go() {
    let stage = Stage::new().await;
    let held = || {
        CreatePaymentIntent::new(1000, Currency::USD)
            .payment_method("pm_card_visa")
            .capture_method(PaymentIntentCaptureMethod::Manual)
            .confirm(true)
    };
    let intent = held().send(&stage.client).await.unwrap();
    assert_eq!((intent.status, intent.amount_capturable), (PaymentIntentStatus::RequiresCapture, 1000));
    assert!(CapturePaymentIntent::new(intent.id.clone()).amount_to_capture(1001).send(&stage.client).await.is_err());
    let taken = CapturePaymentIntent::new(intent.id.clone()).amount_to_capture(900).send(&stage.client).await.unwrap();
    assert_eq!((taken.status, taken.amount_received), (PaymentIntentStatus::Succeeded, 900));
    assert!(CapturePaymentIntent::new(intent.id).send(&stage.client).await.is_err(), "captured once");

    let intent = held().send(&stage.client).await.unwrap();
    let gone = CancelPaymentIntent::new(intent.id.clone()).send(&stage.client).await.unwrap();
    assert_eq!((gone.status, gone.amount_capturable), (PaymentIntentStatus::Canceled, 0));
    let refused = ConfirmPaymentIntent::new(intent.id).send(&stage.client).await;
    assert!(matches!(refused, Err(StripeError::Stripe(_, 400))), "{refused:?}");
    assert_eq!(stage.get("/v1/balance").await["available"][0]["amount"], 900 - 56);
}

#[tokio::test]
async fn cards_by_number_attach_to_customers() {
    let stage = Stage::new().await;
    let card = [
        ("type", "card"),
        ("card[number]", "4000 0000 0000 9995"),
        ("card[exp_month]", "12"),
        ("card[exp_year]", "2030"),
        ("card[cvc]", "123"),
    ];
    let method = stage.make("/v1/payment_methods", &card).await;
    assert_eq!((&method["card"]["last4"], &method["card"]["exp_year"]), (&json!("9995"), &json!(2030)));
    let customer = id(&stage.make("/v1/customers", &[]).await);
    let path = format!("/v1/payment_methods/{}/attach", id(&method));
    let attached = stage.make(&path, &[("customer", &customer)]).await;
    assert_eq!(attached["customer"], json!(customer));
    let form = [
        ("amount", "100"),
        ("currency", "usd"),
        ("payment_method", &id(&method)),
        ("customer", &customer),
        ("confirm", "true"),
    ];
    assert_eq!(stage.post("/v1/payment_intents", &form).await.0, 402);
    let stranger = [("amount", "100"), ("currency", "usd"), ("payment_method", &id(&method))];
    assert_eq!(stage.post("/v1/payment_intents", &stranger).await.0, 400);
    let mut wrong = card;
    wrong[1].1 = "4242424242424241";
    let (status, answer) = stage.post("/v1/payment_methods", &wrong).await;
    assert_eq!((status, &answer["error"]["code"]), (402, &json!("incorrect_number")));
}
