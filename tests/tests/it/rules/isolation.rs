//! What one firm has, another neither sees nor changes: at the database, table by table and verb by verb.

use db::tables::{self, Scope};
use diesel::{Connection, PgConnection, RunQueryDsl, connection::SimpleConnection, result::Error};
use tests::TestApp;

/// Runs statements as the unprivileged login in a tenant's role, or in no tenant at all, and takes everything back.
fn as_tenant<T>(url: &str, tenant: Option<&str>, work: impl FnOnce(&mut PgConnection) -> T) -> T {
    let mut conn = PgConnection::establish(url).unwrap();
    let setting = tenant.map_or(String::new(), |id| format!("; SET LOCAL app.tenant_id = '{id}'"));
    conn.batch_execute(&format!("BEGIN; SET LOCAL ROLE app_tenant{setting}")).unwrap();
    let result = work(&mut conn);
    conn.batch_execute("ROLLBACK").unwrap();
    result
}

/// Rows that a statement touches; a refusal counts as none.
fn touched(conn: &mut PgConnection, sql: &str) -> usize {
    conn.batch_execute("SAVEPOINT attempt").unwrap();
    match diesel::sql_query(sql).execute(conn) {
        Ok(rows) => rows,
        Err(Error::DatabaseError(..)) => {
            conn.batch_execute("ROLLBACK TO attempt").unwrap();
            0
        }
        Err(error) => panic!("{sql}: {error}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t01_t09_every_tenant_table_shows_nothing_without_a_tenant_or_to_another() {
    let app = TestApp::start().await;
    let (seller, buyer) = crate::trade::a_completed_sale(&app).await;
    let stranger = app.firm("stranger").await;
    let id = |firm: &tests::Firm| {
        firm.id.parse::<kernel::ids::TenantId>().map(|id| kernel::ids::Id::uuid(id).to_string()).unwrap()
    };
    let (owners, stranger) = ([id(&seller), id(&buyer)], id(&stranger));
    let url = app.database.app_url();
    let mut with_rows = 0;
    for (table, _) in tables::all().unwrap().into_iter().filter(|(_, table)| table.scope == Scope::Tenant) {
        for owner in &owners {
            let rows = app.count(&format!("SELECT count(*) FROM {table} WHERE tenant_id = '{owner}'"));
            with_rows += usize::from(rows > 0);
            for other in [None, Some(stranger.as_str())] {
                as_tenant(&url, other, |conn| {
                    let seen = touched(conn, &format!("SELECT 1 FROM {table} WHERE tenant_id = '{owner}'"));
                    assert_eq!(seen, 0, "{table}: rows of {owner} seen by {other:?}");
                    for verb in ["UPDATE {} SET tenant_id = tenant_id", "DELETE FROM {}"] {
                        let sql = format!("{} WHERE tenant_id = '{owner}'", verb.replace("{}", &table));
                        assert_eq!(touched(conn, &sql), 0, "{table}: {sql} by {other:?}");
                    }
                    let forged = touched(conn, &format!("INSERT INTO {table} (tenant_id) VALUES ('{owner}')"));
                    assert_eq!(forged, 0, "{table}: a row for {owner} made by {other:?}");
                });
            }
            if rows > 0 {
                let own = as_tenant(&url, Some(owner), |conn| {
                    touched(conn, &format!("SELECT 1 FROM {table} WHERE tenant_id IS NOT NULL"))
                });
                assert_eq!(i64::try_from(own).unwrap(), rows, "{table}: its owner sees all of its rows");
            }
        }
    }
    assert!(with_rows > 25, "only {with_rows} tables hold rows of this story: the test would see little");
}

/// A row can be neither moved to another tenant nor made for one.
#[tokio::test(flavor = "multi_thread")]
async fn rows_cannot_be_given_to_another_tenant() {
    let app = TestApp::start().await;
    let (tea, parts) = app.two_firms().await;
    let uuid = |firm: &tests::Firm| {
        firm.id.parse::<kernel::ids::TenantId>().map(|id| kernel::ids::Id::uuid(id).to_string()).unwrap()
    };
    let moved = as_tenant(&app.database.app_url(), Some(&uuid(&tea)), |conn| {
        diesel::sql_query(format!("UPDATE limits SET tenant_id = '{}' WHERE tenant_id IS NOT NULL", uuid(&parts)))
            .execute(conn)
    });
    assert!(matches!(moved, Err(Error::DatabaseError(..))), "{moved:?}");
}
