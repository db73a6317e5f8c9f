//! Migrations go up, come back down, and go up again.

use super::sources::root;
use db::migrate;
use diesel::{Connection, PgConnection, connection::SimpleConnection};
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

/// A firm with a category in another, a file of two versions and one in the trash, from before files had versions.
const OLD_ROWS: &str = "
SET session_replication_role = replica;
INSERT INTO buckets (tenant_id, id, name, visibility, created_at) VALUES (t(), u(1), 'docs', 'private', now());
INSERT INTO files (tenant_id, id, bucket_id, path, version_id, deleted_at, created_at, updated_at)
    VALUES (t(), u(2), u(1), 'a', u(5), NULL, now(), now()), (t(), u(3), u(1), 'b', u(6), now(), now(), now());
INSERT INTO file_versions (tenant_id, id, file_id, blob_id, size_bytes, content_type, sha256, created_at)
    SELECT t(), u(v), u(f), u(9), 10, 'text/plain', '\\x00', now() FROM (VALUES (4, 2), (5, 2), (6, 3)) AS x (v, f);
INSERT INTO storage_gauges (tenant_id, bytes, since) VALUES (t(), 30, now());
INSERT INTO categories (tenant_id, id, parent_id, name, created_at)
    VALUES (t(), u(7), NULL, '茶', now()), (t(), u(8), u(7), '乌龙', now());
";

#[test]
fn rows_of_before_are_brought_to_the_new_schema() {
    let database = Cluster::get().empty_database();
    let mut owner = PgConnection::establish(&database.owner_url()).unwrap();
    let mut folders: Vec<_> = std::fs::read_dir(root().join("migrations")).unwrap().flatten().collect();
    folders.sort_by_key(std::fs::DirEntry::file_name);
    let (old, new): (Vec<_>, Vec<_>) =
        folders.into_iter().partition(|folder| *folder.file_name() < *"2026-11-25-000100");
    let mut up = |folders: Vec<std::fs::DirEntry>| {
        for folder in folders {
            let sql = std::fs::read_to_string(folder.path().join("up.sql")).unwrap();
            owner.transaction(|conn| conn.batch_execute(&sql)).unwrap();
        }
    };
    up(old);
    database.sql("CREATE FUNCTION t() RETURNS uuid LANGUAGE sql RETURN '00000000-0000-7000-8000-00000000000a'::uuid");
    database.sql("CREATE FUNCTION u(n int) RETURNS uuid LANGUAGE sql RETURN lpad(n::text, 32, '0')::uuid");
    database.superuser().batch_execute(OLD_ROWS).unwrap();
    up(new);
    for (sql, count) in [
        ("SELECT sum(bytes)::bigint AS count FROM bucket_storage_days WHERE bucket = 'docs'", 30),
        ("SELECT count(*) FROM files WHERE id = u(3) AND purge_at IS NOT NULL", 1),
        ("SELECT count(*) FROM file_versions WHERE id = u(4) AND purge_at IS NOT NULL", 1),
        ("SELECT count(*) FROM file_versions WHERE purge_at IS NOT NULL", 1),
        ("SELECT count(*) FROM file_history", 2),
        ("SELECT count(*) FROM storage_gauges WHERE next_purge_at IS NOT NULL", 1),
        ("SELECT count(*) FROM categories WHERE id = u(8) AND path = ARRAY[u(7), u(8)]", 1),
        ("SELECT count(*) FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity", 0),
    ] {
        assert_eq!(database.count(sql), count, "{sql}");
    }
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
