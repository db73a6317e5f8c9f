//! Connected accounts: onboarding, transfers, reversals, payouts, balances.

use serde_json::json;
use stripe::{StripeError, StripeRequest};
use stripe_connect::account::{CreateAccount, CreateAccountType, RetrieveAccount};
use stripe_connect::account_link::{CreateAccountLink, CreateAccountLinkType};
use stripe_connect::transfer::CreateTransfer;
use stripe_connect::transfer_reversal::CreateIdTransferReversal;
use stripe_core::balance_transaction::ListBalanceTransaction;
use stripe_types::Currency;

use crate::stage::{Stage, field, id};

#[tokio::test]
async fn onboarding_opens_an_account_for_transfers_and_payouts() {
    let stage = Stage::new().await;
    let account = CreateAccount::new().type_(CreateAccountType::Express).country("HK").email("tea@example.com");
    let account = account.send(&stage.client).await.unwrap();
    assert_eq!(account.payouts_enabled, Some(false));
    let link = CreateAccountLink::new(account.id.to_string(), CreateAccountLinkType::AccountOnboarding)
        .return_url("https://shop.example/settings")
        .refresh_url("https://shop.example/again")
        .send(&stage.client)
        .await
        .unwrap();
    stage.pay("1000", "pm_card_visa").await;
    let transfer = || CreateTransfer::new(Currency::USD, account.id.to_string()).amount(100);
    let early = transfer().send(&stage.client).await;
    assert!(matches!(early, Err(StripeError::Stripe(_, 400))), "{early:?}");

    let path = link.url.strip_prefix(&stage.simulator.base_url()).unwrap().to_owned();
    let answer = stage.request("POST", &path).send().await.unwrap();
    assert_eq!(answer.headers()["location"], "https://shop.example/settings");
    let account = RetrieveAccount::new(account.id.clone()).send(&stage.client).await.unwrap();
    assert_eq!((account.payouts_enabled, account.details_submitted), (Some(true), Some(true)));
    assert!(account.requirements.unwrap().currently_due.unwrap().is_empty());
    transfer().send(&stage.client).await.unwrap();
    let (status, page) = stage.as_seller(account.id.as_str(), "GET", "/v1/events?types[]=account.updated", &[]).await;
    assert_eq!((status, &page["data"][0]["account"]), (200, &json!(account.id.as_str())));
}

#[tokio::test]
async fn transfers_draw_on_the_balance_or_on_their_charge() {
    let stage = Stage::new().await;
    let seller = stage.seller().await;
    let transfer = |amount: i64| CreateTransfer::new(Currency::USD, seller.clone()).amount(amount);
    let poor = transfer(1).send(&stage.client).await;
    let Err(StripeError::Stripe(error, 400)) = poor else { panic!("{poor:?}") };
    assert_eq!(error.code.unwrap().as_str(), "balance_insufficient");

    let intent = stage.pay("1000", "pm_card_visa").await;
    let charge = field(&intent, "latest_charge");
    assert!(transfer(942).send(&stage.client).await.is_err(), "only what is left after the fee");
    let first =
        transfer(600).source_transaction(charge.as_str()).transfer_group("order-1").send(&stage.client).await.unwrap();
    assert_eq!((first.amount, first.transfer_group.as_deref()), (600, Some("order-1")));
    assert!(transfer(401).source_transaction(charge.as_str()).send(&stage.client).await.is_err());
    transfer(400).source_transaction(charge.as_str()).send(&stage.client).await.unwrap();
    assert_eq!(stage.get("/v1/balance").await["available"][0]["amount"], -59);
    let (_, balance) = stage.as_seller(&seller, "GET", "/v1/balance", &[]).await;
    assert_eq!(balance["available"][0]["amount"], 1000);

    let transactions = ListBalanceTransaction::new().send(&stage.client).await.unwrap().data;
    assert_eq!(transactions.iter().map(|item| item.net).collect::<Vec<_>>(), [-400, -600, 941]);
}

#[tokio::test]
async fn reversals_bring_money_back_once() {
    let stage = Stage::new().await;
    let seller = stage.seller().await;
    stage.pay("1000", "pm_card_visa").await;
    let transfer = CreateTransfer::new(Currency::USD, seller.clone()).amount(500).send(&stage.client).await.unwrap();
    let reverse = |amount: i64| CreateIdTransferReversal::new(transfer.id.clone()).amount(amount);
    assert_eq!(reverse(200).send(&stage.client).await.unwrap().amount, 200);
    assert!(reverse(301).send(&stage.client).await.is_err());
    reverse(300).send(&stage.client).await.unwrap();
    assert!(reverse(1).send(&stage.client).await.is_err());
    let transfer = stage.get(&format!("/v1/transfers/{}", transfer.id)).await;
    assert_eq!((&transfer["reversed"], &transfer["amount_reversed"]), (&json!(true), &json!(500)));
    assert_eq!(stage.get("/v1/balance").await["available"][0]["amount"], 941);
    let (_, balance) = stage.as_seller(&seller, "GET", "/v1/balance", &[]).await;
    assert_eq!(balance["available"][0]["amount"], 0);
}

#[tokio::test]
async fn payouts_take_only_what_is_available_and_may_come_back() {
    let stage = Stage::new().await;
    stage.pay("5000", "pm_card_visa").await;
    for (number, last, left) in [("000123456789", "paid", 400), ("000111111113", "failed", 1000)] {
        let seller = stage.seller().await;
        let onboard = format!("/sim/onboard/{seller}");
        stage.request("POST", &onboard).form(&[("account_number", number)]).send().await.unwrap();
        CreateTransfer::new(Currency::USD, seller.clone()).amount(1000).send(&stage.client).await.unwrap();
        let payout = |amount: &'static str| [("amount", amount), ("currency", "usd")];
        let (status, answer) = stage.as_seller(&seller, "POST", "/v1/payouts", &payout("1001")).await;
        assert_eq!((status, &answer["error"]["code"]), (400, &json!("balance_insufficient")));
        let (status, answer) = stage.as_seller(&seller, "POST", "/v1/payouts", &payout("600")).await;
        assert_eq!((status, field(&answer, "status").as_str()), (200, "pending"));
        serde_json::from_value::<stripe_shared::Payout>(answer.clone()).unwrap();
        let (_, now) = stage.as_seller(&seller, "GET", &format!("/v1/payouts/{}", id(&answer)), &[]).await;
        assert_eq!(field(&now, "status"), last);
        let (_, balance) = stage.as_seller(&seller, "GET", "/v1/balance", &[]).await;
        assert_eq!(balance["available"][0]["amount"], left);
    }
}

#[tokio::test]
async fn one_account_does_not_see_another_and_unknown_ones_are_refused() {
    let stage = Stage::new().await;
    let intent = id(&stage.pay("1000", "pm_card_visa").await);
    let seller = stage.seller().await;
    let (status, _) = stage.as_seller(&seller, "GET", &format!("/v1/payment_intents/{intent}"), &[]).await;
    assert_eq!(status, 404);
    let (status, answer) = stage.as_seller("acct_none", "GET", "/v1/balance", &[]).await;
    assert_eq!((status, &answer["error"]["code"]), (403, &json!("account_invalid")));
    let transfer = CreateTransfer::new(Currency::USD, "acct_none").amount(1).customize();
    assert!(matches!(transfer.send(&stage.client).await, Err(StripeError::Stripe(_, 404 | 400))));
}
