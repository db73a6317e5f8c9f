use unicode_normalization::UnicodeNormalization;

/// A text is not an e-mail address that mail can be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct MalformedEmail;

/// An e-mail address, normalised: NFKC, lower case, no surrounding space. Two spellings of one mailbox are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The normalised text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the `@`.
    pub fn local_part(&self) -> &str {
        self.0.split_once('@').map_or("", |(local, _)| local)
    }
}

impl std::fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for EmailAddress {
    type Err = MalformedEmail;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Normalising multiplies a text's length at most by 18, so the bound comes first.
        if text.len() > 1024 {
            return Err(MalformedEmail);
        }
        let address: String = text.trim().nfkc().collect::<String>().to_lowercase().nfkc().collect();
        let (local, domain) = address.split_once('@').ok_or(MalformedEmail)?;
        let sound = address.len() <= 254 && is_local_part(local) && is_domain(domain);
        if sound { Ok(Self(address)) } else { Err(MalformedEmail) }
    }
}

/// Letters, digits and the marks of RFC 5322's dot-atom; no quoted strings, which nobody has and header tricks need.
fn is_local_part(local: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c);
    local.len() <= 64 && local.chars().all(allowed) && local.split('.').all(|atom| !atom.is_empty())
}

/// Two labels or more, of letters, digits and inner hyphens.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.contains('.') && domain.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<String> {
        text.parse::<EmailAddress>().ok().map(|address| address.to_string())
    }

    #[test]
    fn spellings_of_one_mailbox_are_equal() {
        for spelling in ["lin.mei@example.cn", " Lin.Mei@Example.CN ", "ｌｉｎ.mei@example.cn", "LIN.MEI@EXAMPLE.CN\n"]
        {
            assert_eq!(read(spelling).as_deref(), Some("lin.mei@example.cn"), "{spelling:?}");
        }
        assert_eq!(read("林梅@例子.中国").as_deref(), Some("林梅@例子.中国"));
    }

    #[test]
    fn refuses_what_mail_cannot_reach() {
        let long = format!("{}@example.cn", "a".repeat(65));
        for text in [
            "",
            "a",
            "@b.cn",
            "a@",
            "a@b",
            "a@b..cn",
            "a@-b.cn",
            "a b@c.cn",
            "a@b@c.cn",
            "a\r\nBcc: x@y.cn@b.cn",
            "a..b@c.cn",
            "a\0@b.cn",
            "<a@b.cn>",
            &long,
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in "\\PC{1,12}@\\PC{1,12}\\.[a-z]{2}") {
            if let Some(once) = read(&text) {
                prop_assert_eq!(read(&once), Some(once.clone()));
                prop_assert!(!once.chars().any(|c| c.is_whitespace() || c.is_control()));
            }
        }
    }
}
