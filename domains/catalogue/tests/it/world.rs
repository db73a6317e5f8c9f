//! A private database with two firms.

use catalogue::{NewProduct, NewVariant, Product, ProductPatch, PublishProduct, market::Seller};
use chrono::Utc;
use db::{Db, DbConfig, DbError, TenantScope, TenantTx, TxError, schema::heads};
use diesel::prelude::*;
use kernel::{
    Actor, Currency, ManualClock,
    ids::{Id, TenantId},
};
use metering::Meter;
use std::{sync::Arc, time::Duration};
use test_cluster::{Cluster, TestDatabase};

/// A migrated database, a clock that stands still, and two firms.
pub struct World {
    pub db: Db,
    pub clock: Arc<ManualClock>,
    pub tea: TenantScope,
    pub trader: TenantScope,
    database: TestDatabase,
}

impl World {
    pub async fn start() -> Self {
        let database = Cluster::get().database();
        let clock = Arc::new(ManualClock::at(Utc::now()));
        let config = DbConfig { wait: Duration::from_mins(1), ..DbConfig::new(database.app_url()) };
        let db = Db::new(&config, Arc::<ManualClock>::clone(&clock));
        let [tea, trader] = [firm(&db).await, firm(&db).await];
        Self { db, clock, tea, trader, database }
    }

    pub async fn within<T, E, F>(&self, firm: &TenantScope, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: TxError,
        F: Fn(&mut TenantTx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.db.tenant("test", firm.clone(), work).await
    }

    /// What is behind it.
    pub const fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// A draft of the tea firm.
    pub async fn draft(&self, new: NewProduct) -> Product {
        self.within(&self.tea, move |tx| catalogue::create(tx, &new)).await.unwrap()
    }

    /// A published product of the tea firm.
    pub async fn published(&self, new: NewProduct) -> Product {
        let product = self.draft(new).await;
        self.publish(&product).await
    }

    pub async fn publish(&self, product: &Product) -> Product {
        let command = PublishProduct { id: product.id, seen: Some(product.version), seller: tea_house() };
        self.within(&self.tea, move |tx| catalogue::publish(tx, &command)).await.unwrap()
    }

    pub async fn change(&self, product: &Product, patch: ProductPatch) -> Product {
        let command = catalogue::UpdateProduct { id: product.id, seen: Some(product.version), patch };
        self.within(&self.tea, move |tx| catalogue::update(tx, &command)).await.unwrap()
    }
}

async fn firm(db: &Db) -> TenantScope {
    let scope = TenantScope::grant(TenantId::new(Utc::now()), Actor::system("test"));
    db.tenant("test.firm", scope.clone(), |tx| {
        diesel::insert_into(heads::table).values(heads::tenant_id.eq(tx.tenant())).execute(tx.conn())?;
        metering::set_limit(tx, Meter::Products, 100)?;
        Ok::<_, DbError>(())
    })
    .await
    .unwrap();
    scope
}

pub fn tea_house() -> Seller {
    Seller { slug: "chaozhou-tea".into(), name: "潮州单丛茶业".into() }
}

/// A product with one variant, of which there are `stock`.
pub fn product(title: &str, sku: &str, stock: Option<i64>) -> NewProduct {
    let variant = NewVariant { stock, ..NewVariant::new(sku, 12_800, Currency::Cny) };
    NewProduct { title: title.into(), variants: vec![variant], ..NewProduct::default() }
}
