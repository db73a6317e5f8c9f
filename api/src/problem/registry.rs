//! Every problem type of the platform. A domain with problem types of its own adds a line.

use super::ProblemType;

const DOMAINS: &[&[&ProblemType]] = &[
    super::edge::ALL,
    crate::orders::problems::ALL,
    crate::payments::problems::ALL,
    crate::auth::problems::ALL,
    crate::tenants::problems::ALL,
    crate::api_keys::problems::ALL,
    crate::admin::problems::ALL,
    crate::audit_log::problems::ALL,
    crate::catalogue::problems::ALL,
    crate::imports::problems::ALL,
    crate::files::problems::ALL,
    crate::shares::problems::ALL,
    crate::tus::problems::ALL,
];

/// All problem types.
pub fn all() -> impl Iterator<Item = &'static ProblemType> {
    DOMAINS.iter().flat_map(|domain| domain.iter().copied())
}

/// The type that `/problems/{domain}/{name}` names.
pub fn find(domain: &str, name: &str) -> Option<&'static ProblemType> {
    all().find(|kind| kind.domain == domain && kind.name() == name)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    #[test]
    fn codes_are_unique_words_and_statuses_are_errors() {
        let mut seen = HashSet::new();
        for kind in super::all() {
            assert!(seen.insert(kind.code), "{} is declared twice", kind.code);
            assert!(
                kind.code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'),
                "{}",
                kind.code
            );
            assert!((400..600).contains(&kind.status), "{}", kind.code);
            for words in [kind.title, kind.advice] {
                assert!(!words.en.is_empty() && !words.zh.is_ascii(), "{}", kind.code);
            }
            assert!(std::ptr::eq(super::find(kind.domain, &kind.name()).unwrap(), kind));
        }
    }
}
