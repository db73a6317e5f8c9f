//! Periods and invoices on a real PostgreSQL.
#![expect(clippy::unwrap_used, reason = "test code outside of test functions")]

use billing::{
    ClosePeriod, FindEndedPeriods, FindInvoiceError, Invoice, InvoiceStatus, UsageQuery, UsageSum, close_period,
};
use chrono::{DateTime, Utc};
use db::{Db, DbConfig, DbError, TenantScope, TenantTx};
use jobs::{Registry, Worker, WorkerConfig};
use kernel::{
    Actor, Clock, ManualClock,
    ids::{Id, InvoiceId, TenantId},
    pages::PageRequest,
};
use metering::Meter;
use std::{sync::Arc, time::Duration};
use tenants::{Locale, NewTenant};
use test_cluster::{Cluster, TestDatabase};

/// The standard plan: 99 yuan a month, 100 GiB sent out included, 0.50 yuan for each GiB more.
const STANDARD: &str = "01900000-0000-7000-8000-000000000002";
const GIB: i64 = 1 << 30;

struct Place {
    clock: Arc<ManualClock>,
    db: Db,
    firm: TenantScope,
    database: TestDatabase,
}

impl Place {
    /// A firm in Shanghai that signs up in the afternoon of 23 November.
    async fn new() -> Self {
        let database = Cluster::get().database();
        let clock = Arc::new(ManualClock::at(utc("2026-11-23T08:30:00Z")));
        let mut config = DbConfig::new(database.app_url());
        config.wait = Duration::from_mins(1);
        let db = Db::new(&config, clock.clone());
        let firm = TenantScope::grant(TenantId::new(clock.now()), Actor::system("test"));
        let place = Self { clock, db, firm, database };
        place.run(sign_up).await;
        place
    }

    async fn run<T, F>(&self, work: F) -> T
    where
        T: Send + 'static,
        F: Fn(&mut TenantTx<'_>) -> Result<T, DbError> + Send + 'static,
    {
        self.db.tenant("test", self.firm.clone(), work).await.unwrap()
    }

    async fn close(&self) -> Option<Invoice> {
        self.db.tenant("test", self.firm.clone(), close_period).await.unwrap()
    }

    async fn sends(&self, bytes: i64) {
        self.run(move |tx| metering::record(tx, tx.new_id(), Meter::EgressBytes, bytes).map(drop)).await;
    }

    async fn invoices(&self) -> Vec<Invoice> {
        self.run(|tx| billing::list_invoices(tx, &PageRequest { limit: 100, after: None })).await.data
    }

    fn stands_at(&self, instant: &str) {
        self.clock.advance(utc(instant) - self.clock.now());
    }

    async fn work(&self) {
        let registry = Registry::new(self.db.clone())
            .job::<ClosePeriod>(())
            .job::<FindEndedPeriods>(())
            .schedule(Duration::from_hours(1), || FindEndedPeriods {});
        let drained = Worker::new(registry, WorkerConfig::default()).drain().await.unwrap();
        assert_eq!(drained.failed, []);
    }
}

fn sign_up(tx: &mut TenantTx<'_>) -> Result<(), DbError> {
    let time_zone = "Asia/Shanghai".parse().unwrap();
    tenants::create(tx, &NewTenant { name: "潮州茶业".into(), locale: Locale::ZhCn, time_zone })?;
    billing::start_subscription(tx)
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_period_gets_one_invoice_however_many_close_it() {
    let place = Place::new().await;
    place.stands_at("2026-11-30T15:59:59.999999Z");
    assert!(place.close().await.is_none(), "the month has not ended in Shanghai");
    place.work().await;
    assert!(place.invoices().await.is_empty());
    place.stands_at("2026-11-30T16:00:00Z");
    let place = Arc::new(place);
    let closers: Vec<_> = (0..8)
        .map(|_| {
            let place = Arc::clone(&place);
            tokio::spawn(async move { place.close().await })
        })
        .collect();
    let mut made = Vec::new();
    for closer in closers {
        made.extend(closer.await.unwrap());
    }
    place.work().await;
    let invoices = place.invoices().await;
    assert_eq!((made.len(), invoices.len()), (1, 1));
    let invoice = &invoices[0];
    assert_eq!((invoice.number.as_str(), invoice.total_minor), ("2026-11-0001", 0));
    assert_eq!(invoice.status, InvoiceStatus::Paid, "nothing is to be paid for the free plan");
    assert_eq!((invoice.period_start, invoice.period_end), (utc("2026-11-23T08:30:00Z"), utc("2026-11-30T16:00:00Z")));
    let (subscription, _) = place.run(billing::current).await;
    assert_eq!(subscription.period_start, invoice.period_end);
    assert_eq!(subscription.period_end, utc("2026-12-31T16:00:00Z"));
}

#[tokio::test(flavor = "multi_thread")]
async fn three_months_make_three_invoices_without_a_gap_and_each_is_the_sum_of_its_lines() {
    let place = Place::new().await;
    place.database.sql(&format!("UPDATE subscriptions SET plan_id = '{STANDARD}'"));
    place.sends(100 * GIB).await;
    place.stands_at("2026-12-10T00:00:00Z");
    place.work().await;
    // Two started units beyond what is included.
    place.sends(101 * GIB + 1).await;
    // The worker stood still for two months and catches up.
    place.stands_at("2027-02-02T00:00:00Z");
    place.work().await;
    let mut invoices = place.invoices().await;
    invoices.reverse();
    let told: Vec<_> = invoices.iter().map(|i| (i.number.as_str(), i.total_minor, i.status)).collect();
    let open = InvoiceStatus::Open;
    assert_eq!(told, [("2026-11-0001", 9_900, open), ("2026-12-0002", 10_000, open), ("2027-01-0003", 9_900, open)]);
    for pair in invoices.windows(2) {
        assert_eq!(pair[0].period_end, pair[1].period_start);
    }
    for invoice in invoices {
        let id = invoice.id;
        let (found, lines) =
            place.db.tenant("test", place.firm.clone(), move |tx| billing::find_invoice(tx, id)).await.unwrap();
        assert_eq!(lines.iter().map(|line| line.amount_minor).sum::<i64>(), found.total_minor);
        assert_eq!(lines.iter().map(|line| line.kind.as_str()).collect::<Vec<_>>()[0], "plan");
        assert_eq!(lines.len(), 4);
    }
    let none = InvoiceId::new(place.clock.now());
    let missing = place.db.tenant("test", place.firm.clone(), move |tx| billing::find_invoice(tx, none)).await;
    assert!(matches!(missing, Err(FindInvoiceError::NotFound)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sweeper_finds_a_period_whose_job_is_lost() {
    let place = Place::new().await;
    place.database.sql("DELETE FROM jobs");
    place.stands_at("2026-12-01T00:00:00Z");
    place.work().await;
    assert_eq!(place.invoices().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn use_and_limits_explain_themselves() {
    let place = Place::new().await;
    place.sends(5).await;
    place.run(|tx| metering::settle(tx, Meter::Products, 0, 3)).await;
    let sums = place.run(|tx| billing::usage(tx, &UsageQuery::default())).await;
    let meters: Vec<_> = sums.iter().map(|sum| (sum.meter, sum.quantity)).collect();
    let expected =
        [(Meter::StorageByteHours, 0), (Meter::EgressBytes, 5), (Meter::ApiRequests, 0), (Meter::OrdersValue, 0)];
    assert_eq!(meters, expected);
    let query = UsageQuery { to: Some(place.clock.now()), meter: Some(Meter::EgressBytes), from: None };
    let before: Vec<UsageSum> = place.run(move |tx| billing::usage(tx, &query)).await;
    assert_eq!((before.len(), before[0].quantity), (1, 0), "the span ends before the instant of the use");
    let limits = place.run(billing::entitlements).await;
    let told: Vec<_> =
        limits.iter().map(|limit| (limit.meter, limit.maximum, limit.used, limit.why.as_str())).collect();
    assert_eq!(
        told,
        [
            (Meter::ApiKeys, 20, 0, "free"),
            (Meter::Members, 5, 0, "free"),
            (Meter::Products, 10_000, 3, "free"),
            (Meter::StorageBytes, 5 * GIB, 0, "free")
        ]
    );
}
