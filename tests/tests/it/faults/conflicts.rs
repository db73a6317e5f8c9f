//! F13: a transaction that loses a deadlock or a serialization conflict runs again as a whole, and takes effect once.

use db::{Db, DbConfig, DbError, TenantScope, TenantTx};
use diesel::{RunQueryDsl, connection::SimpleConnection, sql_query};
use kernel::{
    Actor,
    ids::{Id, TenantId},
};
use std::sync::{
    Arc, Barrier,
    atomic::{AtomicUsize, Ordering},
};
use tests::{Firm, TestApp};

const ROUNDS: i64 = 50;

fn scope(firm: &Firm) -> TenantScope {
    TenantScope::grant(firm.id.parse::<TenantId>().unwrap(), Actor::system("test"))
}

fn change(tx: &mut TenantTx<'_>, meter: &str, by: i64) -> Result<(), DbError> {
    let tenant = tx.tenant().uuid();
    let statement =
        format!("UPDATE limits SET maximum = maximum + {by} WHERE tenant_id = '{tenant}' AND meter = '{meter}'");
    assert_eq!(sql_query(statement).execute(tx.conn())?, 1, "{meter}");
    Ok(())
}

/// Takes one from the first meter and gives it to the second. On their first run both sides meet between the two.
async fn moves(db: &Db, firm: &Firm, [from, to]: [&'static str; 2], meet: Arc<Barrier>) -> usize {
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let work = move |tx: &mut TenantTx<'_>| {
        change(tx, from, -1)?;
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            meet.wait();
        }
        change(tx, to, 1)
    };
    db.tenant("test.moves", scope(firm), work).await.unwrap();
    runs.load(Ordering::SeqCst)
}

#[tokio::test(flavor = "multi_thread")]
async fn f13_opposite_transfers_deadlock_and_are_both_made_once() {
    let app = TestApp::start().await;
    app.database.sql(&format!(
        "ALTER DATABASE {} SET deadlock_timeout = '10ms'",
        app.database.ask("SELECT current_database()")
    ));
    // Connections that are open already wait for deadlocks as long as ever.
    let db = Db::new(&DbConfig::new(app.database.app_url()), app.state.db.clock().clone());
    let firm = app.firm("tea-chaozhou").await;
    let maximum = |meter: &str| app.count(&format!("SELECT maximum AS count FROM limits WHERE meter = '{meter}'"));
    let before = (maximum("members"), maximum("storage_bytes"));
    let mut runs = 0;
    for _ in 0..ROUNDS {
        let meet = Arc::new(Barrier::new(2));
        let (there, back) = tokio::join!(
            moves(&db, &firm, ["storage_bytes", "members"], Arc::clone(&meet)),
            moves(&db, &firm, ["members", "storage_bytes"], meet),
        );
        runs += there + back;
    }
    assert_eq!((maximum("members"), maximum("storage_bytes")), before);
    assert_eq!(runs, usize::try_from(ROUNDS).unwrap() * 3, "one of two has lost each time, and has run again");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f13_a_serialization_failure_runs_again_three_times_and_then_is_told() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let runs = Arc::new(AtomicUsize::new(0));
    for (failures, expected) in [(3, 4), (9, 4)] {
        let counted = Arc::clone(&runs);
        runs.store(0, Ordering::SeqCst);
        let work = move |tx: &mut TenantTx<'_>| {
            change(tx, "members", 1)?;
            if counted.fetch_add(1, Ordering::SeqCst) < failures {
                let fails = "DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = 'serialization_failure'; END $$";
                tx.conn().batch_execute(fails).map_err(DbError::from)?;
            }
            Ok(())
        };
        let before = app.count("SELECT maximum AS count FROM limits WHERE meter = 'members'");
        let ended: Result<(), DbError> = app.state.db.tenant("test.serialization", scope(&firm), work).await;
        assert_eq!(runs.load(Ordering::SeqCst), expected);
        let grown = app.count("SELECT maximum AS count FROM limits WHERE meter = 'members'") - before;
        match ended {
            Ok(()) => assert_eq!((failures, grown), (3, 1)),
            Err(error) => assert!(failures == 9 && grown == 0 && error.is_temporary(), "{error}"),
        }
    }
    app.run_jobs().await;
}
