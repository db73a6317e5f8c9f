//! `Dockerfile` and `docker-compose.yml`, as far as they can be judged without an engine.

use super::sources::root;
use serde_json::Value;
use std::{collections::BTreeSet, fs};

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

/// The compose file with its anchors and merges resolved.
fn compose() -> Value {
    let mut value: yaml_serde::Value = yaml_serde::from_str(&read("docker-compose.yml")).unwrap();
    value.apply_merge().unwrap();
    serde_json::to_value(value).unwrap()
}

/// What follows an instruction, on its first line.
fn instructions<'a>(dockerfile: &'a str, name: &str) -> Vec<&'a str> {
    dockerfile.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).collect()
}

fn words(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
}

/// The services that run our own image.
const OURS: [&str; 3] = ["migrate", "api", "worker"];

#[test]
fn every_variable_of_our_programs_is_a_setting() {
    let source = read("api/src/config.rs");
    let keys = source.split_once("const KEYS: &[&str] = &[").unwrap().1.split_once("];").unwrap().0;
    let keys: BTreeSet<&str> = keys.split('"').skip(1).step_by(2).collect();
    let compose = compose();
    for name in OURS {
        let settings = compose["services"][name]["environment"].as_object().unwrap();
        let unknown: Vec<_> = settings.keys().filter(|key| !keys.contains(key.as_str())).collect();
        assert!(unknown.is_empty(), "{name} sets {unknown:?}, which no program reads");
    }
    // What api and worker cannot start without.
    for name in ["api", "worker"] {
        for key in ["DATABASE_URL", "SECRETS_KEY", "S3_ENDPOINT", "S3_BUCKET", "SMTP_URL", "PAYMENTS"] {
            assert!(compose["services"][name]["environment"][key].is_string(), "{name} lacks {key}");
        }
    }
}

#[test]
fn no_secret_has_a_default_and_the_script_makes_them_all() {
    let (text, script) = (read("docker-compose.yml"), read("scripts/compose-env.sh"));
    let needed = regex::Regex::new(r"\$\{([A-Z0-9_]+):\?").unwrap();
    let needed: BTreeSet<String> = needed.captures_iter(&text).map(|found| found[1].to_owned()).collect();
    assert!(needed.len() >= 7, "{needed:?}");
    for name in &needed {
        assert!(script.contains(&format!("\n{name}=")), "scripts/compose-env.sh does not make {name}");
    }
    let defaults = regex::Regex::new(r"\$\{([A-Z0-9_]+):-([^}]+)\}").unwrap();
    for found in defaults.captures_iter(&text) {
        let secret = ["PASSWORD", "SECRET", "KEY"].iter().any(|word| found[1].contains(word));
        assert!(!secret, "{} has the default {}", &found[1], &found[2]);
    }
}

#[test]
fn containers_run_without_root_and_without_rights() {
    let dockerfile = read("Dockerfile");
    assert_eq!(instructions(&dockerfile, "USER"), ["10001:10001"]);
    assert_eq!(*instructions(&dockerfile, "FROM").last().unwrap(), "scratch", "nothing but our programs");
    let compose = compose();
    for name in OURS {
        let service = &compose["services"][name];
        assert_eq!(service["user"], "10001:10001", "{name}");
        assert_eq!(service["read_only"], true, "{name}");
        assert_eq!(words(&service["cap_drop"]), ["ALL"], "{name}");
        assert!(service["privileged"].is_null() && service["volumes"].is_null(), "{name}");
    }
}

#[test]
fn ports_health_checks_and_order_agree() {
    let hosts = regex::Regex::new(r"(?:@|http://|smtp://)([a-z]+):\d+").unwrap();
    let (dockerfile, compose) = (read("Dockerfile"), compose());
    let services = compose["services"].as_object().unwrap();
    let listens = dockerfile.split_once("LISTEN_ADDR=0.0.0.0:").unwrap().1.lines().next().unwrap();
    assert_eq!(instructions(&dockerfile, "EXPOSE"), [listens]);
    assert!(dockerfile.contains(&format!("http://127.0.0.1:{listens}/readyz")));
    assert_eq!(words(&compose["services"]["api"]["ports"]), [format!("127.0.0.1:{listens}:{listens}")]);
    let checked = |name: &str| (*words(&compose["services"][name]["healthcheck"]["test"]).last().unwrap()).to_owned();
    assert_eq!(checked("api"), format!("http://127.0.0.1:{listens}/readyz"));
    let metrics = compose["services"]["worker"]["environment"]["METRICS_ADDR"].as_str().unwrap();
    assert_eq!(checked("worker"), format!("http://{}/metrics", metrics.replace("0.0.0.0", "127.0.0.1")));
    for (name, service) in services {
        for port in service["ports"].as_array().into_iter().flatten() {
            assert!(port.as_str().unwrap().starts_with("127.0.0.1:"), "{name} is open to strangers");
        }
        for (needed, condition) in service["depends_on"].as_object().into_iter().flatten() {
            let health = &services[needed]["healthcheck"];
            match condition["condition"].as_str().unwrap() {
                "service_healthy" => assert!(health["test"].is_array(), "{name} waits for the health of {needed}"),
                "service_completed_successfully" => assert_eq!(services[needed]["restart"], "no"),
                other => panic!("{name} waits for {needed}: {other}"),
            }
        }
        assert!(name == "migrate" || service["healthcheck"]["test"].is_array(), "{name} has no health check");
        // Addresses inside name services.
        for (key, value) in service["environment"].as_object().into_iter().flatten() {
            for host in hosts.captures_iter(value.as_str().unwrap_or_default()) {
                assert!(services.contains_key(&host[1]), "{name}: {key} names {}", &host[1]);
            }
        }
    }
}

#[test]
fn what_is_copied_and_mounted_exists() {
    let (dockerfile, compose) = (read("Dockerfile"), compose());
    for copied in instructions(&dockerfile, "COPY").iter().filter(|copied| !copied.starts_with("--from")) {
        let sources: Vec<&str> = copied.split(' ').collect();
        for source in &sources[..sources.len() - 1] {
            assert!(root().join(source).exists(), "{source}");
        }
    }
    let ignored = read(".dockerignore");
    for secret in [".env*", "data", ".git", "**/target"] {
        assert!(ignored.lines().any(|line| line == secret), "{secret} would enter the image's context");
    }
    let workspace: toml::Table = read("Cargo.toml").parse().unwrap();
    for member in workspace["workspace"]["members"].as_array().unwrap() {
        let top = member.as_str().unwrap().split('/').next().unwrap();
        assert!(!ignored.lines().any(|line| line == top), "{top} is needed for the build");
    }
    let volumes = compose["volumes"].as_object().unwrap();
    for service in compose["services"].as_object().unwrap().values() {
        for volume in service["volumes"].as_array().into_iter().flatten() {
            let source = volume.as_str().unwrap().split(':').next().unwrap();
            assert!(volumes.contains_key(source) || root().join(source).is_file(), "{source}");
        }
        for config in service["configs"].as_array().into_iter().flatten() {
            assert!(compose["configs"][config["source"].as_str().unwrap()]["content"].is_string());
        }
    }
    for program in ["api", "worker", "smecloud"] {
        assert!(dockerfile.contains(&format!("target/release/{program}")), "{program}");
    }
}
