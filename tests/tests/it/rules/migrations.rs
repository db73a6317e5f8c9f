//! Migrations go up, come back down, and go up again.

use db::migrate;
use tests::Cluster;

#[test]
fn up_down_up_leaves_nothing_behind_and_the_same_schema() {
    let database = Cluster::get().empty_database();
    let up = migrate::migrate(&database.owner_url()).unwrap();
    assert!(up > 3, "{up} migrations");
    let before = database.count(OBJECTS);
    migrate::revert_all(&database.owner_url()).unwrap();
    let left = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE '\\_\\_diesel%'";
    assert_eq!(database.count(left), 0, "tables are left behind");
    assert_eq!(migrate::migrate(&database.owner_url()).unwrap(), up);
    assert_eq!(database.count(OBJECTS), before);
    assert_eq!(migrate::migrate(&database.owner_url()).unwrap(), 0, "a second run does nothing");
}

const OBJECTS: &str = "SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace)
    + (SELECT count(*) FROM pg_constraint) + (SELECT count(*) FROM pg_policy) + (SELECT count(*) FROM pg_trigger)
    + (SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace) AS count";

#[tokio::test(flavor = "multi_thread")]
async fn a_program_refuses_a_schema_it_does_not_know_and_a_role_that_sees_everything() {
    let (database, empty) =
        tokio::task::spawn_blocking(|| (Cluster::get().database(), Cluster::get().empty_database())).await.unwrap();
    let clock: kernel::SharedClock = std::sync::Arc::new(kernel::SystemClock::default());
    let check = |url: String| {
        let db = db::Db::new(&db::DbConfig::new(url), clock.clone());
        async move { db.self_check().await.map_err(|error| error.to_string()) }
    };
    assert_eq!(check(database.app_url()).await, Ok(()));
    assert!(check(database.superuser_url()).await.unwrap_err().contains("superuser"));
    assert!(check(database.owner_url()).await.is_err());
    assert!(check(empty.app_url()).await.is_err(), "no schema at all");
    diesel::RunQueryDsl::execute(
        diesel::sql_query("INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231235959')"),
        &mut database.superuser(),
    )
    .unwrap();
    assert!(check(database.app_url()).await.unwrap_err().contains("does not know"));
}
