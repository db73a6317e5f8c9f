use super::Config;
use std::collections::HashMap;

fn load(variables: &[(&str, &str)]) -> Result<Config, String> {
    let variables: HashMap<_, _> = variables.iter().copied().collect();
    Config::from_variables(|key| variables.get(key).map(|value| (*value).to_owned())).map_err(|error| error.to_string())
}

fn load_file(text: &str) -> Result<Config, String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("smecloud.toml");
    std::fs::write(&path, text).unwrap();
    load(&[("SMECLOUD_CONFIG", path.to_str().unwrap()), ("LOG", "warn")])
}

#[test]
fn nothing_set_means_the_documented_defaults() {
    let config = load(&[]).unwrap();
    assert_eq!(config.listen_addr.to_string(), "127.0.0.1:8080");
    assert_eq!(config.public_url.as_str(), "http://127.0.0.1:8080/");
    assert!(config.s3.is_none() && config.stripe.is_none() && config.rate_limits && !config.demo);
    assert!(config.require_payments().unwrap_err().to_string().starts_with("STRIPE_SECRET_KEY "));
    assert!(load(&[("PAYMENTS", "simulator")]).unwrap().require_payments().is_ok());
}

#[test]
fn a_malformed_value_is_named_and_not_repeated() {
    for (key, value) in [
        ("LISTEN_ADDR", "localhost"),
        ("METRICS_ADDR", "9090"),
        ("PUBLIC_URL", "shop.example.com"),
        ("PUBLIC_URL", "ftp://shop.example.com"),
        ("DATABASE_URL", "mysql://u:hunter2@h/d"),
        ("DATABASE_POOL_SIZE", "0"),
        ("DATABASE_POOL_SIZE", "many"),
        ("S3_ENDPOINT", "hunter2"),
        ("SMTP_URL", "hunter2"),
        ("SECRETS_KEY", "hunter2"),
        ("TRUSTED_PROXIES", "10.0.0.0/33"),
        ("CORS_ORIGINS", "https://a.example/path"),
        ("CORS_ORIGINS", "*"),
        ("CLAMD_ADDR", "hunter2"),
        ("PAYMENTS", "hunter2"),
        ("RATE_LIMITS", "maybe"),
        ("DEMO", "hunter2"),
        ("MAIL_FROM", "nobody"),
        ("PORTAL_DIR", "/no/such/place"),
        ("LOG", "info,=="),
        ("PLATFORM_ADMIN_EMAIL", "root"),
        ("SMECLOUD_CONFIG", "/no/such/file"),
    ] {
        let error = load(&[(key, value)]).unwrap_err();
        assert!(error.starts_with(key), "{key}={value}: {error}");
        assert!(!error.contains("hunter2") && error.lines().count() == 1, "{error}");
    }
}

#[test]
fn half_a_setting_is_a_mistake() {
    for (set, missing) in [
        (vec![("S3_ENDPOINT", "http://s3:9000")], "S3_BUCKET"),
        (vec![("S3_BUCKET", "b")], "S3_BUCKET"),
        (vec![("STRIPE_SECRET_KEY", "sk")], "STRIPE_WEBHOOK_SECRET"),
        (vec![("PLATFORM_ADMIN_EMAIL", "a@b.example")], "PLATFORM_ADMIN_PASSWORD"),
    ] {
        let error = load(&set).unwrap_err();
        assert!(error.starts_with(missing), "{error}");
    }
}

#[test]
fn a_file_is_read_and_the_environment_goes_before_it() {
    let config =
        load_file("listen_addr = '0.0.0.0:80'\nDATABASE_POOL_SIZE = 3\nrate_limits = false\nLOG = 'debug'").unwrap();
    assert_eq!((config.listen_addr.port(), config.database_pool_size, config.rate_limits), (80, 3, false));
    assert_eq!(config.log, "warn");
}

#[test]
fn a_file_with_anything_else_stops_the_start() {
    for (text, key) in [
        ("listen_adr = '0.0.0.0:80'", "listen_adr"),
        ("[server]\nport = 1", "server"),
        ("DATABASE_POOL_SIZE = 1.5", "DATABASE_POOL_SIZE"),
        ("LISTEN_ADDR = \n", "SMECLOUD_CONFIG"),
        ("DATA_DIR = '/a'\ndata_dir = '/b'", "data_dir"),
    ] {
        let error = load_file(text).unwrap_err();
        assert!(error.starts_with(key), "{text}: {error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

#[test]
fn secrets_do_not_print() {
    let config = load(&[("DATABASE_URL", "postgres://u:hunter2@h/d"), ("SECRETS_KEY", &"0a".repeat(32))]).unwrap();
    let printed = format!("{config:?}");
    assert!(!printed.contains("hunter2") && !printed.contains("0a0a"), "{printed}");
}
