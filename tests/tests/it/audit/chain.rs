//! The chain in the database: what breaks it, what does not, and what is refused in the first place.

use super::rows;
use audit::{BrokenChain, Head, platform_chain};
use chrono::Duration;
use diesel::{RunQueryDsl, connection::SimpleConnection, sql_query};
use kernel::ids::{Id, TenantId};
use platform::VerifyAuditError;
use tests::{Firm, TestApp};

fn tenant(firm: &Firm) -> TenantId {
    firm.id.parse().unwrap()
}

async fn verify(app: &TestApp, tenant: TenantId) -> Result<(u64, Head), BrokenChain> {
    match platform::verify_audit_chain(&app.state.db, tenant).await {
        Ok(whole) => Ok(whole),
        Err(VerifyAuditError::Broken(error)) => Err(error),
        Err(VerifyAuditError::Db(error)) => panic!("{error}"),
    }
}

/// As somebody who has the machine, and so may switch triggers off.
fn tamper(app: &TestApp, sql: &str) {
    let sql = format!("BEGIN; ALTER TABLE audit_log DISABLE TRIGGER append_only; {sql};
        ALTER TABLE audit_log ENABLE TRIGGER append_only; COMMIT");
    app.database.superuser().batch_execute(&sql).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_changes_rows_behind_the_platforms_back_is_found() {
    let app = TestApp::start().await;
    let (firm, other) = app.two_firms().await;
    let administrator = app.administrator().await;
    administrator.get("/admin/v1/overview").ok().await;
    let (count, head) = verify(&app, tenant(&firm)).await.unwrap();
    assert!(count >= 3 && head.seq == i64::try_from(count).unwrap(), "{count} rows");
    for chain in platform::audit_chains(&app.state.db).await.unwrap() {
        verify(&app, chain).await.unwrap();
    }
    assert!(verify(&app, platform_chain()).await.unwrap().0 > 2);

    let firms = |firm: &Firm| format!("tenant_id = '{}'", tenant(firm).uuid());
    tamper(&app, &format!("UPDATE audit_log SET action = 'x' WHERE {} AND seq = 2", firms(&firm)));
    assert_eq!(verify(&app, tenant(&firm)).await, Err(BrokenChain::Changed { seq: 2 }));
    verify(&app, tenant(&other)).await.unwrap();
    tamper(&app, &format!("DELETE FROM audit_log WHERE {} AND seq = 2", firms(&firm)));
    assert_eq!(verify(&app, tenant(&firm)).await, Err(BrokenChain::NotNext { expected: 2, found: 3 }));
    // The last row tells of nothing but a look at the log.
    rows(&other.owner, "").await;
    let last = verify(&app, tenant(&other)).await.unwrap().1.seq;
    tamper(&app, &format!("DELETE FROM audit_log WHERE {} AND seq = {last}", firms(&other)));
    assert_eq!(verify(&app, tenant(&other)).await, Err(BrokenChain::Truncated { last: last - 1, head: last }));
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_lets_nobody_change_a_row_but_erase_its_address() {
    let app = TestApp::start().await;
    app.firm("tea-chaozhou").await;
    let mut superuser = app.database.superuser();
    for sql in [
        "UPDATE audit_log SET action = 'x'",
        "UPDATE audit_log SET ip = '203.0.113.1'",
        "UPDATE audit_log SET ip = NULL, object = 'x'",
        "DELETE FROM audit_log",
    ] {
        let refused = sql_query(sql).execute(&mut superuser).unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{sql}: {refused}");
    }
    assert!(sql_query("UPDATE audit_log SET ip = NULL WHERE ip IS NOT NULL").execute(&mut superuser).unwrap() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn p26_erasing_addresses_and_the_salt_leaves_the_chain_whole() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let digests = "SELECT count(DISTINCT ip_digest) FROM audit_log WHERE ip_digest IS NOT NULL AND tenant_id <> '00000000-0000-0000-0000-000000000000'";
    assert_eq!(app.count(digests), 1, "one address, one salt");
    let erase = "UPDATE heads SET audit_salt = decode(replace(gen_random_uuid()::text, '-', ''), 'hex'); UPDATE audit_log SET ip = NULL";
    app.database.superuser().batch_execute(erase).unwrap();
    verify(&app, tenant(&firm)).await.unwrap();
    // The same address has another digest now, and nobody can tell that the rows before had it.
    rows(&firm.owner, "").await;
    assert_eq!(app.count(digests), 2);
    verify(&app, tenant(&firm)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_erased_when_the_law_wants_them_no_longer() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let plain = "SELECT count(*) FROM audit_log WHERE ip IS NOT NULL";
    let kept = app.count(plain);
    assert!(kept > 2);
    app.pass(audit::ADDRESSES_KEPT - Duration::days(2)).await;
    assert!(app.count(plain) >= kept);
    app.pass(Duration::days(4)).await;
    assert_eq!(app.count(plain), 0);
    verify(&app, tenant(&firm)).await.unwrap();
}
