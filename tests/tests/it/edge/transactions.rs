use db::{DbError, TenantScope, TenantTx};
use jobs::{Emit, Event};
use kernel::{Actor, ids::TenantId};
use metering::Meter;
use serde::Serialize;
use tests::{Firm, TestApp};

#[derive(Serialize)]
struct Attempted {
    number: u8,
}

impl Event for Attempted {
    const TYPE: &'static str = "test.attempted";
}

fn scope(firm: &Firm) -> TenantScope {
    TenantScope::grant(firm.id.parse::<TenantId>().unwrap(), Actor::system("test"))
}

fn write(tx: &mut TenantTx<'_>, number: u8) -> Result<(), DbError> {
    tx.emit(&Attempted { number })?;
    metering::set_limit(tx, Meter::ApiRequests, i64::from(number))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_attempt_takes_back_what_it_wrote_and_what_it_deferred() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let work = |tx: &mut TenantTx<'_>| -> Result<(), DbError> {
        write(tx, 1)?;
        let refused = tx.attempt(|tx| write(tx, 2).and_then(|()| Err::<(), _>(DbError::Corrupt("no".into()))));
        assert!(refused.is_err());
        tx.attempt(|tx| tx.emit(&Attempted { number: 3 }))
    };
    app.state.db.tenant("test.attempt", scope(&firm), work).await.unwrap();
    let events = firm.owner.get("/v1/events?types=test.attempted").ok().await;
    let numbers: Vec<_> =
        events["data"].as_array().unwrap().iter().map(|event| &event["data"]["object"]["number"]).collect();
    assert_eq!(numbers, [1, 3]);
    assert_eq!(app.count("SELECT sum(maximum)::bigint AS count FROM limits WHERE meter = 'api_requests'"), 1);
}

/// An archive that commits between the price and the promise is seen by the promise (INV-C4).
#[tokio::test(flavor = "multi_thread")]
async fn what_is_archived_meanwhile_is_not_promised() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let product = firm.publishes("凤凰单丛", 12_800, Some(5)).await;
    let variant = product["variants"][0]["id"].as_str().unwrap().parse().unwrap();
    let reserve = move |tx: &mut TenantTx<'_>| {
        let (order, until) = (tx.new_id(), tx.now() + chrono::Duration::hours(1));
        catalogue::reserve(tx, order, &[(variant, 1)], until)
    };
    let archive = format!("/v1/products/{}/archive", product["id"].as_str().unwrap());
    firm.owner.post(archive, serde_json::json!({})).ok().await;
    let refused = app.state.db.tenant("test.reserve", scope(&firm), reserve).await;
    assert!(matches!(refused, Err(catalogue::ReserveError::OutOfStock { available: 0, .. })), "{refused:?}");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_firm_sells_under_its_new_name() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let product = firm.publishes("凤凰单丛", 12_800, Some(5)).await;
    firm.owner.patch("/v1/tenant", serde_json::json!({ "name": "云岽茶业", "slug": "yundong-tea" })).ok().await;
    let listing = app.visitor().get(format!("/v1/market/products/{}", product["id"].as_str().unwrap())).ok().await;
    assert_eq!(listing["seller"]["name"], "云岽茶业", "{listing:#}");
    app.visitor().get("/v1/market/sellers/yundong-tea").ok().await;
    app.run_jobs().await;
}
