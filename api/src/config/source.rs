//! Where settings come from.

use super::KEYS;
use kernel::secrets::Secret;
use std::{collections::HashMap, str::FromStr};
use url::Url;

/// A setting that stops the start. Never repeats a value, which may be a secret.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key} {fault}")]
pub struct ConfigError {
    key: String,
    fault: String,
}

impl ConfigError {
    pub(super) fn new(key: &str, fault: &str) -> Self {
        Self { key: key.to_owned(), fault: fault.to_owned() }
    }

    /// The setting.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// Settings as text: a variable goes before the file; an empty one counts as unset.
pub(super) struct Source(HashMap<&'static str, String>);

impl Source {
    pub(super) fn of_process() -> Result<Self, ConfigError> {
        for key in KEYS.iter().chain(&["SMECLOUD_CONFIG"]) {
            if let Err(std::env::VarError::NotUnicode(_)) = std::env::var(key) {
                return Err(ConfigError::new(key, "is not valid UTF-8"));
            }
        }
        Self::new(|key| std::env::var(key).ok())
    }

    pub(super) fn new(variables: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut values = match variables("SMECLOUD_CONFIG").filter(|path| !path.is_empty()) {
            Some(path) => read_file(&path)?,
            None => HashMap::new(),
        };
        values.extend(KEYS.iter().filter_map(|key| Some((*key, variables(key)?))));
        values.retain(|_, value| !value.trim().is_empty());
        Ok(Self(values))
    }

    pub(super) fn text(&self, key: &'static str) -> Option<String> {
        self.0.get(key).map(|value| value.trim().to_owned())
    }

    pub(super) fn required(&self, key: &'static str, because_of: &str) -> Result<String, ConfigError> {
        self.text(key).ok_or_else(|| ConfigError::new(key, &format!("is not set, though {because_of} is")))
    }

    /// Settings that mean nothing without another are mistakes.
    pub(super) fn absent(&self, keys: &[&'static str], without: &str) -> Result<(), ConfigError> {
        match keys.iter().find(|key| self.0.contains_key(**key)) {
            Some(key) => Err(ConfigError::new(key, &format!("is set, though {without} is not"))),
            None => Ok(()),
        }
    }

    pub(super) fn parsed<T: FromStr>(&self, key: &'static str, wanted: &str) -> Result<Option<T>, ConfigError> {
        let wrong = || ConfigError::new(key, &format!("must be {wanted}"));
        self.text(key).map(|text| text.parse().map_err(|_| wrong())).transpose()
    }

    pub(super) fn one_of(
        &self,
        key: &'static str,
        words: &[&'static str],
    ) -> Result<Option<&'static str>, ConfigError> {
        let Some(text) = self.text(key) else { return Ok(None) };
        match words.iter().find(|word| text.eq_ignore_ascii_case(word)) {
            Some(word) => Ok(Some(word)),
            None => Err(ConfigError::new(key, &format!("must be {}", words.join(" or ")))),
        }
    }

    pub(super) fn url(&self, key: &'static str) -> Result<Option<Url>, ConfigError> {
        let url: Option<Url> = self.parsed(key, "an address such as https://example.com")?;
        match url {
            Some(url) if !matches!(url.scheme(), "http" | "https") || url.host().is_none() => {
                Err(ConfigError::new(key, "must be an address such as https://example.com"))
            }
            url => Ok(url),
        }
    }

    pub(super) fn url_secret(&self, key: &'static str, schemes: &[&str]) -> Result<Option<Secret>, ConfigError> {
        let Some(text) = self.text(key) else { return Ok(None) };
        match Url::parse(&text) {
            Ok(url) if schemes.contains(&url.scheme()) => Ok(Some(Secret::new(text))),
            _ => Err(ConfigError::new(
                key,
                &format!("must be an address that begins with {}://", schemes.join(":// or ")),
            )),
        }
    }

    pub(super) fn listed<T>(
        &self,
        key: &'static str,
        wanted: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, ConfigError> {
        let text = self.text(key).unwrap_or_default();
        let parts = text.split([',', ' ']).filter(|part| !part.is_empty());
        parts.map(|part| read(part).ok_or_else(|| ConfigError::new(key, &format!("must be {wanted}")))).collect()
    }
}

/// The file's settings; names may be in capitals or not.
fn read_file(path: &str) -> Result<HashMap<&'static str, String>, ConfigError> {
    let wrong = |fault: String| ConfigError::new("SMECLOUD_CONFIG", &fault);
    let text =
        std::fs::read_to_string(path).map_err(|error| wrong(format!("names {path}, which cannot be read: {error}")))?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(0, |span| text[..span.start].lines().count().max(1));
        wrong(format!("names {path}, which is not valid TOML at line {line}: {}", error.message()))
    })?;
    let mut values = HashMap::new();
    for (name, value) in table {
        let key = KEYS.iter().find(|key| key.eq_ignore_ascii_case(&name));
        let key = key.ok_or_else(|| ConfigError::new(&name, &format!("is not a setting (in {path})")))?;
        if values.insert(*key, as_text(key, value)?).is_some() {
            return Err(ConfigError::new(&name, &format!("stands twice in {path}")));
        }
    }
    Ok(values)
}

fn as_text(key: &str, value: toml::Value) -> Result<String, ConfigError> {
    match value {
        toml::Value::String(text) => Ok(text),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Boolean(true) => Ok("on".to_owned()),
        toml::Value::Boolean(false) => Ok("off".to_owned()),
        toml::Value::Array(items) => {
            let items: Result<Vec<_>, _> = items.into_iter().map(|item| as_text(key, item)).collect();
            Ok(items?.join(","))
        }
        _ => Err(ConfigError::new(key, "must be a text, a number or a list of texts")),
    }
}
