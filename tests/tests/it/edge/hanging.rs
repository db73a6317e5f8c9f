//! A database that takes a statement and never answers.

use db::{Db, DbConfig, DbError};
use std::time::Duration;
use tests::TestApp;

/// The caller is told that the outcome is unknown; the next one finds the connection free once the server has answered.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_ever_for_a_database_that_hangs() {
    let app = TestApp::start().await;
    let url = app.database.app_url();
    let config = DbConfig { pool_size: 1, answer: Duration::from_millis(500), ..DbConfig::new(url) };
    let config = DbConfig { wait: Duration::from_mins(1), ..config };
    let db = Db::new(&config, app.state.db.clock().clone());
    let slow = db.public("test.hang", |tx| -> Result<(), DbError> {
        diesel::RunQueryDsl::execute(diesel::sql_query("SELECT pg_sleep(2)"), tx.conn())?;
        Ok(())
    });
    let outcome = slow.await;
    assert!(matches!(outcome, Err(DbError::CommitUnknown(_))), "{outcome:?}");
    db.public("test.after", |_| Ok::<_, DbError>(())).await.unwrap();
}
