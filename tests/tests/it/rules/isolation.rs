//! What one firm has, another neither sees nor changes: at the database, table by table and verb by verb.

use db::tables::{self, Scope};
use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, result::Error,
    sql_types::BigInt,
};
use kernel::ids::{Id, TenantId};
use tests::{Firm, TestApp};

/// Runs statements in a tenant's role, or in no tenant at all, and takes everything back. Within a transaction.
fn as_tenant<T>(conn: &mut PgConnection, tenant: Option<&str>, work: impl FnOnce(&mut PgConnection) -> T) -> T {
    let setting = tenant.map_or(String::new(), |id| format!("; SET LOCAL app.tenant_id = '{id}'"));
    conn.batch_execute(&format!("SAVEPOINT role; SET LOCAL ROLE app_tenant{setting}")).unwrap();
    let result = work(conn);
    conn.batch_execute("ROLLBACK TO role").unwrap();
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

/// A firm's id as the database knows it.
pub fn uuid(firm: &Firm) -> String {
    firm.id.parse::<TenantId>().unwrap().uuid().to_string()
}

/// Rows that somebody has in a table.
#[derive(Debug)]
pub struct Possession {
    table: String,
    owner: String,
    rows: usize,
}

/// What some firms have in each tenant table.
pub fn possessions(app: &TestApp, owners: &[&Firm]) -> Vec<Possession> {
    let tables = tables::all().unwrap().into_iter().filter(|(_, table)| table.scope == Scope::Tenant);
    let counted = tables.flat_map(|(table, _)| {
        owners.iter().map(move |owner| {
            let owner = uuid(owner);
            let rows = app.count(&format!("SELECT count(*) FROM {table} WHERE tenant_id = '{owner}'"));
            Possession { table: table.clone(), owner, rows: usize::try_from(rows).unwrap() }
        })
    });
    counted.collect()
}

/// Everything that somebody else, or nobody in particular, can do with what firms have; and what these do not see of their own.
/// Within a transaction that any role of ours may have begun.
pub fn leaks(conn: &mut PgConnection, possessions: &[Possession], stranger: &str) -> Vec<String> {
    let mut leaks = Vec::new();
    for Possession { table, owner, rows } in possessions {
        let deeds = [
            format!("SELECT 1 FROM {table} WHERE tenant_id = '{owner}'"),
            format!("UPDATE {table} SET tenant_id = tenant_id WHERE tenant_id = '{owner}'"),
            format!("DELETE FROM {table} WHERE tenant_id = '{owner}'"),
            format!("INSERT INTO {table} (tenant_id) VALUES ('{owner}')"),
        ];
        for (other, deed) in [None, Some(stranger)].into_iter().flat_map(|other| deeds.iter().map(move |d| (other, d)))
        {
            let rows = as_tenant(conn, other, |conn| touched(conn, deed));
            if rows > 0 {
                leaks.push(format!("{rows} rows by {other:?}: {deed}"));
            }
        }
        let own = format!("SELECT 1 FROM {table} WHERE tenant_id IS NOT NULL");
        let own = as_tenant(conn, Some(owner), |conn| touched(conn, &own));
        if *rows > 0 && own != *rows {
            leaks.push(format!("{table}: its owner sees {own} of {rows} rows"));
        }
    }
    leaks
}

#[tokio::test(flavor = "multi_thread")]
async fn t01_t09_every_tenant_table_shows_nothing_without_a_tenant_or_to_another() {
    let app = TestApp::start().await;
    let (seller, buyer) = crate::trade::a_completed_sale(&app).await;
    let stranger = app.firm("stranger").await;
    let possessions = possessions(&app, &[&seller, &buyer]);
    let with_rows = possessions.iter().filter(|possession| possession.rows > 0).count();
    assert!(with_rows > 25, "only {with_rows} tables hold rows of this story: the test would see little");
    let mut conn = PgConnection::establish(&app.database.app_url()).unwrap();
    conn.batch_execute("BEGIN").unwrap();
    let leaks = leaks(&mut conn, &possessions, &uuid(&stranger));
    assert!(leaks.is_empty(), "{leaks:#?}");
}

/// A row can be neither moved to another tenant nor made for one.
#[tokio::test(flavor = "multi_thread")]
async fn rows_cannot_be_given_to_another_tenant() {
    let app = TestApp::start().await;
    let (tea, parts) = app.two_firms().await;
    let mut conn = PgConnection::establish(&app.database.app_url()).unwrap();
    conn.batch_execute("BEGIN").unwrap();
    let moved = as_tenant(&mut conn, Some(&uuid(&tea)), |conn| {
        diesel::sql_query(format!("UPDATE limits SET tenant_id = '{}' WHERE tenant_id IS NOT NULL", uuid(&parts)))
            .execute(conn)
    });
    assert!(matches!(moved, Err(Error::DatabaseError(..))), "{moved:?}");
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// The login itself, before it has stepped into a role, sees no table at all.
#[tokio::test(flavor = "multi_thread")]
async fn t09_the_login_without_a_role_reads_nothing() {
    let app = TestApp::start().await;
    app.firm("tea-chaozhou").await;
    let mut conn = PgConnection::establish(&app.database.app_url()).unwrap();
    for table in tables::all().unwrap().into_keys() {
        let read = diesel::sql_query(format!("SELECT count(*) FROM {table}")).get_result::<Count>(&mut conn);
        assert!(read.is_err(), "{table}: {} rows", read.map_or(0, |rows| rows.count));
    }
}
