//! A private server's ordinary life: made, started, used, stopped, started again.

mod place;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use diesel::{Connection, PgConnection};
use embedded_postgres::{EmbeddedPostgres, StartError};

use crate::place::{Place, ask, run};

#[test]
fn a_second_start_keeps_data_and_password() {
    let place = Place::new();
    let first = place.start();
    run(&first, "CREATE TABLE firms AS SELECT '佛山家具'::text AS name");
    let url = first.superuser_url("postgres");
    let pid = first.pid();
    first.stop();
    assert!(!Path::new(&format!("/proc/{pid}")).exists(), "stop must wait for the server's end");

    let second = place.start();
    assert_eq!(second.superuser_url("postgres"), url);
    assert_eq!(ask(&second, "SELECT name FROM firms"), "佛山家具");
    let log = fs::read_to_string(place.root().join("postgres.log")).unwrap();
    assert!(log.contains("database system was shut down at"), "the stop was not an orderly one:\n{log}");
}

#[test]
fn the_cluster_is_made_as_promised() {
    let place = Place::new();
    let server = place.start();
    for (setting, value) in [
        ("server_encoding", "UTF8"),
        ("data_checksums", "on"),
        ("password_encryption", "scram-sha-256"),
        ("listen_addresses", ""),
        ("max_connections", "20"),
        ("TimeZone", "UTC"),
    ] {
        assert_eq!(
            ask(&server, &format!("current_setting('{setting}')")).replace("Etc/UTC", "UTC"),
            value,
            "{setting}"
        );
    }
    assert_eq!(ask(&server, "SELECT datcollate FROM pg_database WHERE datname = current_database()"), "C.UTF-8");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place.root().join("pg/password")), 0o600);
    assert_eq!(mode(server.socket_dir()), 0o700);
    assert_ne!(fs::metadata(place.cluster()).unwrap().uid(), 0, "PostgreSQL refuses to run as root");
}

#[test]
fn a_wrong_password_is_refused_and_odd_names_survive_the_url() {
    let place = Place::new();
    let server = place.start();
    assert!(PgConnection::establish(&server.url("postgres", "wrong", "postgres")).is_err());
    run(&server, "CREATE ROLE \"a@b/c\" LOGIN PASSWORD 'p:@/%? '");
    run(&server, "CREATE DATABASE \"d b?\"");
    PgConnection::establish(&server.url("a@b/c", "p:@/%? ", "d b?")).unwrap();
}

#[test]
fn a_second_instance_on_the_directory_is_refused() {
    let place = Place::new();
    let server = place.start();
    let second = EmbeddedPostgres::start(&place.config());
    assert!(matches!(second, Err(StartError::InUse(_))), "{second:?}");
    assert_eq!(ask(&server, "1"), "1");
}

#[test]
fn a_bad_setting_fails_with_the_servers_own_words() {
    let place = Place::new();
    let mut config = place.config();
    config.settings.push(("max_connections".to_owned(), "many".to_owned()));
    let error = EmbeddedPostgres::start(&config).unwrap_err().to_string();
    assert!(error.contains("invalid value for parameter \"max_connections\""), "{error}");
    drop(place.start());
}

#[test]
fn a_path_too_long_for_a_socket_works() {
    let place = Place::new();
    let mut config = place.config();
    config.root = config.root.join("long".repeat(30));
    let server = EmbeddedPostgres::start(&config).unwrap();
    let socket_dir = server.socket_dir().to_owned();
    assert!(socket_dir.as_os_str().len() < 60);
    assert_eq!(ask(&server, "1"), "1");
    server.stop();
    assert!(!socket_dir.exists(), "the temporary folder must go");
}

#[test]
fn a_directory_closed_to_the_servers_account_works() {
    let place = Place::new();
    fs::create_dir(place.root()).unwrap();
    fs::set_permissions(place.root(), fs::Permissions::from_mode(0o700)).unwrap();
    let server = place.start();
    run(&server, "CREATE TABLE kept ()");
    server.stop();
    assert_eq!(ask(&place.start(), "to_regclass('kept')"), "kept");
    let home = place.root().join("pg");
    if home.is_symlink() {
        fs::remove_dir_all(home.canonicalize().unwrap()).unwrap(); // as root it lies in /var/lib
    }
}
