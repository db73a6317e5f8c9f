//! A tea firm that sells, a trader that buys, a payment provider, a worker, and a clock that stands still.

use catalogue::{NewProduct, NewVariant, PublishProduct, market::Seller};
use chrono::{DateTime, Duration, Utc};
use db::{AuthTx, Db, DbConfig, DbError, TenantScope, TenantTx, TxError, schema::users};
use diesel::prelude::*;
use jobs::{EventRow, Registry, Worker, WorkerConfig};
use kernel::{
    Actor, Clock, Currency, ManualClock,
    ids::{Id, OrderId, TenantId, UserId, VariantId},
    pages::PageRequest,
    permission::Role,
    secrets::Secret,
};
use metering::Meter;
use orders::{Address, Order, OrderDetail, OrderPayments, PayOrder, PlaceOrder, PlaceOrderError, Terms, WantedLine};
use payments::{Answer, Desk, Gateway, GatewayConfig, Payment, PaymentMethod, ProviderEvent};
use std::sync::Arc;
use stripe_simulator::StripeSimulator;
use tempfile::TempDir;
use tenants::{Locale, NewMember, NewTenant};
use test_cluster::{Cluster, TestDatabase};

const KEY: &str = "sk_test_trade";

pub(crate) struct World {
    pub(crate) db: Db,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) tea: TenantScope,
    pub(crate) trader: TenantScope,
    pub(crate) desk: Desk,
    pub(crate) stripe: StripeSimulator,
    worker: Worker,
    pub(crate) database: TestDatabase,
    _dir: TempDir,
}

impl World {
    pub(crate) async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let database = Cluster::get().database();
        let clock = Arc::new(ManualClock::at(Utc::now()));
        let config = DbConfig::new(database.app_url());
        let db = Db::new(&config, Arc::<ManualClock>::clone(&clock));
        let stripe = simulator(&dir, Arc::clone(&clock)).await;
        let gateway = GatewayConfig {
            api_base: Some(stripe.base_url()),
            secret_key: Secret::new(KEY.into()),
            timeout: std::time::Duration::from_secs(5),
        };
        let desk = Desk { gateway: Gateway::new(&gateway).unwrap(), listener: Arc::new(OrderPayments) };
        let [tea, trader] = [firm(&db, "潮州单丛茶业").await, firm(&db, "深圳贸易").await];
        let worker = Worker::new(registry(&db, &desk), WorkerConfig { concurrency: 1, ..WorkerConfig::default() });
        Self { db, clock, tea, trader, desk, stripe, worker, database, _dir: dir }
    }

    pub(crate) async fn within<T, E, F>(&self, firm: &TenantScope, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: TxError,
        F: Fn(&mut TenantTx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.db.tenant("test", firm.clone(), work).await
    }

    /// A published variant of the tea firm at 128.00 CNY.
    pub(crate) async fn variant(&self, stock: Option<i64>) -> VariantId {
        let sku = format!("tea-{}", VariantId::new(Utc::now()));
        self.within(&self.tea, move |tx| {
            let variants = vec![NewVariant { stock, ..NewVariant::new(sku.clone(), 12_800, Currency::Cny) }];
            let new = NewProduct { title: "凤凰单丛".into(), variants, ..NewProduct::default() };
            let product = catalogue::create(tx, &new).map_err(|e| DbError::Corrupt(e.to_string()))?;
            let seller = Seller { slug: "chaozhou-tea".into(), name: "潮州单丛茶业".into() };
            let command = PublishProduct { id: product.id, seen: None, seller };
            catalogue::publish(tx, &command).map_err(|e| DbError::Corrupt(e.to_string()))?;
            Ok::<_, DbError>(product.variants[0].id)
        })
        .await
        .unwrap()
    }

    pub(crate) async fn place(&self, lines: &[(VariantId, i64)]) -> Result<Vec<OrderDetail>, PlaceOrderError> {
        let command = PlaceOrder {
            lines: lines
                .iter()
                .map(|(variant_id, quantity)| WantedLine { variant_id: *variant_id, quantity: *quantity })
                .collect(),
            shipping_address: address(),
            note: None,
            po_number: Some("PO-7".into()),
        };
        self.within(&self.trader, move |tx| orders::place(tx, &Terms::default(), &command)).await
    }

    /// One order of the trader.
    pub(crate) async fn order(&self, lines: &[(VariantId, i64)]) -> Order {
        self.place(lines).await.unwrap().remove(0).order
    }

    /// Pays as the API does: plan, call, record.
    pub(crate) async fn pay(&self, order: OrderId, card: &str) -> Payment {
        let command = pay_with(order, card);
        let operation = self.within(&self.trader, move |tx| orders::plan_payment(tx, &command)).await.unwrap();
        let answer = self.desk.gateway.perform(&operation).await.unwrap();
        self.record(order, &operation, &answer).await
    }

    /// The buyer agrees on the bank's page; the provider tells us.
    pub(crate) async fn agrees(&self, payment: &Payment) {
        let id = payment.provider_id.as_deref().unwrap();
        let page = format!("{}/sim/authorize/{id}", self.stripe.base_url());
        let answer = reqwest::Client::new().post(page).body("outcome=succeed").send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
        assert!(self.provider_says(&format!("evt_{id}"), id).await);
    }

    pub(crate) async fn record(&self, order: OrderId, operation: &payments::Operation, answer: &Answer) -> Payment {
        let (id, answer) = (operation.payment_id, answer.clone());
        self.within(&self.trader, move |tx| orders::record_payment(tx, order, id, Some(&answer))).await.unwrap()
    }

    pub(crate) async fn ship(&self, order: OrderId) {
        let command = orders::ShipOrder {
            order,
            carrier: "SF".into(),
            tracking_number: "SF1".into(),
            lines: None,
            proof_file_id: None,
        };
        self.within(&self.tea, move |tx| orders::ship(tx, &Terms::default(), &command)).await.unwrap();
    }

    pub(crate) async fn paid_order(&self) -> Order {
        let variant = self.variant(Some(10)).await;
        let order = self.order(&[(variant, 3)]).await;
        self.pay(order.id, "pm_card_visa").await;
        order
    }

    /// The order as its seller sees it.
    pub(crate) async fn seen(&self, id: OrderId) -> OrderDetail {
        self.within(&self.tea, move |tx| orders::order(tx, id)).await.unwrap().unwrap()
    }

    /// A message of the provider, as the webhook keeps it.
    pub(crate) async fn provider_says(&self, event: &str, object: &str) -> bool {
        let event = ProviderEvent {
            event_id: event.into(),
            kind: "payment_intent.succeeded".into(),
            object_id: object.into(),
            raw: b"{}".to_vec(),
        };
        self.db
            .jobs("test", Actor::system("test"), move |tx| payments::receive(tx, &event))
            .await
            .map_err(|error: DbError| error)
            .unwrap()
    }

    /// Runs what is due; the failures.
    pub(crate) async fn work(&self) -> Vec<(String, String)> {
        let mut failed = Vec::new();
        loop {
            let drained = self.worker.drain().await.unwrap();
            failed.extend(drained.failed);
            if drained.ran == 0 {
                return failed;
            }
        }
    }

    pub(crate) async fn pass(&self, time: Duration) -> Vec<(String, String)> {
        self.clock.advance(time);
        self.work().await
    }

    pub(crate) async fn events(&self, firm: &TenantScope) -> Vec<String> {
        let page = PageRequest { limit: 100, after: None };
        let rows = self.within(firm, move |tx| EventRow::list(tx, &[], &page)).await.map_err(|e: DbError| e).unwrap();
        rows.data
            .into_iter()
            .map(|row| row.kind)
            .filter(|kind| !kind.starts_with("tenant") && !kind.starts_with("member") && !kind.starts_with("product"))
            .collect()
    }

    /// `(pending, available)` of the tea firm, after its book was proved right.
    pub(crate) async fn balance(&self) -> (i64, i64) {
        let (proof, balances) = self
            .within(&self.tea, |tx| Ok::<_, DbError>((ledger::trial_balance(tx)?, ledger::balances(tx)?)))
            .await
            .unwrap();
        assert!(proof.is_right(), "{proof:?}");
        balances.first().map_or((0, 0), |balance| (balance.pending_minor, balance.available_minor))
    }

    /// The one value of a query that sees everything, as text.
    pub(crate) fn ask(&self, sql: &str) -> String {
        self.database.ask(sql)
    }
}

pub(crate) fn pay_with(order: OrderId, card: &str) -> PayOrder {
    PayOrder {
        order,
        method: PaymentMethod::Card,
        payment_method: Some(card.into()),
        return_url: None,
        request_key: kernel::secrets::random_bytes().unwrap(),
    }
}

pub(crate) fn address() -> Address {
    Address {
        name: "李雷".into(),
        phone: "13800000000".into(),
        country: "CN".into(),
        province: "广东".into(),
        city: "深圳".into(),
        district: None,
        line1: "科技路 1 号".into(),
        line2: None,
        postal_code: "518000".into(),
    }
}

async fn simulator(dir: &TempDir, clock: Arc<ManualClock>) -> StripeSimulator {
    let config = stripe_simulator::Config {
        root: dir.path().join("stripe"),
        listen: "127.0.0.1:0".parse().unwrap(),
        secret_key: KEY.into(),
        webhook: None,
        clock: Arc::new(move || -> DateTime<Utc> { clock.now() }),
        seed: Some(7),
        fsync: false,
    };
    StripeSimulator::start(config).await.unwrap()
}

fn registry(db: &Db, desk: &Desk) -> Registry {
    Registry::new(db.clone())
        .job::<payments::FollowPayment>(desk.clone())
        .job::<payments::FollowRefund>(desk.clone())
        .job::<payments::ProcessProviderEvent>(())
        .job::<orders::CancelUnpaid>(())
        .job::<orders::CompleteUnconfirmed>(())
        .job::<ledger::CheckBooks>(())
        .job::<ledger::CheckBook>(())
}

async fn firm(db: &Db, name: &'static str) -> TenantScope {
    let scope = TenantScope::grant(TenantId::new(Utc::now()), Actor::system("test"));
    db.tenant("test.firm", scope.clone(), move |tx| {
        let new = NewTenant { name: name.into(), locale: Locale::ZhCn, time_zone: "Asia/Shanghai".parse().unwrap() };
        tenants::create(tx, &new)?;
        metering::set_limit(tx, Meter::Products, 100)?;
        metering::set_limit(tx, Meter::Members, 5)?;
        let member = NewMember {
            user: UserId::new(tx.now()),
            email: format!("owner-{}@example.com", tx.tenant()).parse().unwrap(),
            display_name: "老板".into(),
            locale: Locale::ZhCn,
            role: Role::Owner.into(),
        };
        tx.in_auth(|tx| add_person(tx, &member))?;
        tenants::join(tx, &member).map_err(|error| DbError::Corrupt(error.to_string()))?;
        Ok::<_, DbError>(())
    })
    .await
    .unwrap();
    scope
}

fn add_person(tx: &mut AuthTx<'_>, person: &NewMember) -> Result<(), DbError> {
    let row = (
        users::id.eq(person.user),
        users::email.eq(person.email.to_string()),
        users::password_hash.eq("none"),
        users::display_name.eq(&person.display_name),
        users::locale.eq(person.locale),
        users::created_at.eq(tx.now()),
        users::updated_at.eq(tx.now()),
    );
    diesel::insert_into(users::table).values(row).execute(tx.conn())?;
    Ok(())
}
