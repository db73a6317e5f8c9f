//! The event log: gap-free, in commit order, with or without trouble.

use crate::place::{Act, Place};
use db::{DbError, TenantScope, TenantTx};
use jobs::{Emit, Enqueue, Event, EventRow};
use kernel::pages::PageRequest;
use serde::Serialize;

#[derive(Serialize)]
struct Happened {
    n: i64,
}

impl Event for Happened {
    const TYPE: &'static str = "thing.happened";
}

/// Emits an event in both tenants, enqueues a job, and fails for odd numbers.
async fn change(db: db::Db, one: TenantScope, two: TenantScope, n: i64) -> Result<(), DbError> {
    let work = move |tx: &mut TenantTx<'_>| {
        tx.emit(&Happened { n })?;
        tx.in_tenant(&two, |tx| tx.emit(&Happened { n }))?;
        tx.enqueue(&Act { n })?;
        if n % 2 == 1 { Err(DbError::Corrupt("on purpose".into())) } else { Ok(()) }
    };
    db.tenant("test.change", one, work).await
}

async fn read(place: &Place, scope: &TenantScope) -> Vec<EventRow> {
    let page = PageRequest { limit: 100, after: None };
    let list = move |tx: &mut TenantTx<'_>| EventRow::list(tx, &[], &page);
    place.db.tenant::<_, DbError, _>("test.read", scope.clone(), list).await.unwrap().data
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_changes_at_once_on_two_tenants_leave_no_gap() {
    let place = Place::new();
    let (one, two) = (place.tenant(), place.tenant());
    let changes: Vec<_> = (1..=20)
        .map(|n| {
            let (a, b) = if n % 3 == 0 { (one.clone(), two.clone()) } else { (two.clone(), one.clone()) };
            tokio::spawn(change(place.db.clone(), a, b, n))
        })
        .collect();
    let mut committed = 0;
    for change in changes {
        committed += i64::from(change.await.unwrap().is_ok());
    }
    assert_eq!(committed, 10);
    for tenant in [&one, &two] {
        let events = read(&place, tenant).await;
        assert_eq!(events.iter().map(|event| event.seq).collect::<Vec<_>>(), (1..=10).collect::<Vec<_>>());
        let mut numbers: Vec<_> = events.iter().map(|event| event.data["object"]["n"].as_i64().unwrap()).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=10).map(|n| n * 2).collect::<Vec<_>>());
    }
    assert_eq!(place.ask("SELECT count(*) FROM jobs"), "10", "a job exists exactly if its transaction committed");
}
