//! Usage and limits on a real PostgreSQL.
#![expect(clippy::unwrap_used, reason = "test code")]

use db::{Db, DbConfig, DbError, TenantScope, TenantTx};
use kernel::{
    Actor, Clock, ManualClock,
    ids::{Id, TenantId, UsageId},
};
use metering::{Limit, Meter, ReserveError};
use std::sync::Arc;
use test_cluster::{Cluster, TestDatabase};

struct Place {
    clock: Arc<ManualClock>,
    db: Db,
    _database: TestDatabase,
}

impl Place {
    fn new() -> Self {
        let database = Cluster::get().database();
        let clock = Arc::new(ManualClock::at("2030-01-01T00:00:00Z".parse().unwrap()));
        let db = Db::new(&DbConfig::new(database.app_url()), clock.clone());
        Self { clock, db, _database: database }
    }

    async fn run<T, E, F>(&self, scope: &TenantScope, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: db::TxError,
        F: Fn(&mut TenantTx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.db.tenant("test", scope.clone(), work).await
    }
}

fn tenant() -> TenantScope {
    TenantScope::grant(TenantId::new(chrono::Utc::now()), Actor::system("test"))
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_at_once_for_seven_places_get_exactly_seven() {
    let (place, scope) = (Place::new(), tenant());
    place.run(&scope, |tx| metering::set_limit(tx, Meter::Products, 8)).await.unwrap();
    place.run(&scope, |tx| metering::settle(tx, Meter::Products, 0, 1)).await.unwrap();
    let tries: Vec<_> = (0..50)
        .map(|_| {
            let (db, scope) = (place.db.clone(), scope.clone());
            tokio::spawn(async move { db.tenant("test", scope, |tx| metering::reserve(tx, Meter::Products, 1)).await })
        })
        .collect();
    let mut reserved = 0;
    for attempt in tries {
        match attempt.await.unwrap() {
            Ok(()) => reserved += 1,
            Err(error) => assert!(
                matches!(error, ReserveError::LimitReached { meter: Meter::Products, maximum: 8, used: 8 }),
                "{error:?}"
            ),
        }
    }
    assert_eq!(reserved, 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reservation_is_settled_or_released() {
    let (place, scope) = (Place::new(), tenant());
    let limits = place
        .run::<_, ReserveError, _>(&scope, |tx| {
            metering::set_limit(tx, Meter::StorageBytes, 100)?;
            metering::reserve(tx, Meter::StorageBytes, 60)?;
            metering::reserve(tx, Meter::StorageBytes, 40)?;
            metering::settle(tx, Meter::StorageBytes, 60, 50)?;
            metering::release(tx, Meter::StorageBytes, 40)?;
            metering::settle(tx, Meter::StorageBytes, 0, -20)?;
            metering::set_limit(tx, Meter::StorageBytes, 10)?;
            Ok(metering::limits(tx)?)
        })
        .await
        .unwrap();
    assert_eq!(limits, [Limit { meter: Meter::StorageBytes, maximum: 10, used: 30, reserved: 0 }]);
    let more = place.run(&scope, |tx| metering::reserve(tx, Meter::StorageBytes, 1)).await;
    assert!(matches!(more, Err(ReserveError::LimitReached { maximum: 10, used: 30, .. })), "{more:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused() {
    let (place, scope) = (Place::new(), tenant());
    let none = place.run(&scope, |tx| metering::reserve(tx, Meter::Members, 1)).await;
    assert!(matches!(none, Err(ReserveError::LimitReached { maximum: 0, used: 0, .. })), "{none:?}");
    place.run(&scope, |tx| metering::set_limit(tx, Meter::Members, i64::MAX)).await.unwrap();
    place.run(&scope, |tx| metering::reserve(tx, Meter::Members, i64::MAX)).await.unwrap();
    for amount in [1, i64::MAX, -1, i64::MIN] {
        assert!(place.run(&scope, move |tx| metering::reserve(tx, Meter::Members, amount)).await.is_err(), "{amount}");
    }
    assert!(place.run(&scope, |tx| metering::settle(tx, Meter::Members, 0, -1)).await.is_err());
    assert!(place.run(&scope, |tx| metering::settle(tx, Meter::Products, 0, 1)).await.is_err());
    place.run(&scope, |tx| metering::release(tx, Meter::Members, i64::MAX)).await.unwrap();
    assert!(place.run(&scope, |tx| metering::release(tx, Meter::Members, 1)).await.is_err());
    assert!(place.run(&scope, |tx| metering::set_limit(tx, Meter::Members, -1)).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_cause_counts_once_and_sums_are_of_one_tenant_meter_and_period() {
    let (place, scope, other) = (Place::new(), tenant(), tenant());
    let begin = place.clock.now();
    let cause = UsageId::new(begin);
    let count = move |tx: &mut TenantTx<'_>| metering::record(tx, cause, Meter::EgressBytes, 5);
    assert!(place.run::<_, DbError, _>(&scope, count).await.unwrap());
    assert!(!place.run::<_, DbError, _>(&scope, count).await.unwrap());
    assert!(place.run::<_, DbError, _>(&other, count).await.unwrap(), "another firm's cause may have the same id");
    place.clock.advance(chrono::Duration::hours(1));
    let more = |tx: &mut TenantTx<'_>| {
        metering::record(tx, tx.new_id(), Meter::EgressBytes, 7)?;
        metering::record(tx, tx.new_id(), Meter::ApiRequests, 11)
    };
    place.run::<_, DbError, _>(&scope, more).await.unwrap();
    let end = place.clock.now();
    let sum = move |from, to| move |tx: &mut TenantTx<'_>| metering::usage(tx, Meter::EgressBytes, from, to);
    assert_eq!(place.run::<_, DbError, _>(&scope, sum(begin, end)).await.unwrap(), 5);
    let after = end + chrono::Duration::microseconds(1);
    assert_eq!(place.run::<_, DbError, _>(&scope, sum(begin, after)).await.unwrap(), 12);
    assert_eq!(place.run::<_, DbError, _>(&scope, sum(after, after)).await.unwrap(), 0);
    let negative = |tx: &mut TenantTx<'_>| metering::record(tx, tx.new_id(), Meter::EgressBytes, -1);
    assert!(place.run::<_, DbError, _>(&scope, negative).await.is_err());
}
