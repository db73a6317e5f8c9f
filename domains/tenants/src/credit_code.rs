/// A text is not a unified social credit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a unified social credit code")]
pub struct MalformedCreditCode;

/// A firm's registration number (GB 32100-2015): 17 characters and one that checks them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnifiedSocialCreditCode(String);

/// Digits and capital letters without I, O, S, V and Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

impl UnifiedSocialCreditCode {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for UnifiedSocialCreditCode {
    type Err = MalformedCreditCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits: Vec<usize> = text
            .bytes()
            .map(|byte| ALPHABET.iter().position(|letter| *letter == byte))
            .collect::<Option<_>>()
            .ok_or(MalformedCreditCode)?;
        let (Some((check, body)), 18) = (digits.split_last(), digits.len()) else { return Err(MalformedCreditCode) };
        if *check == check_digit(body) { Ok(Self(text.to_owned())) } else { Err(MalformedCreditCode) }
    }
}

/// The i-th character weighs 3^i modulo 31; all eighteen together give zero modulo 31.
fn check_digit(body: &[usize]) -> usize {
    let (sum, _) = body.iter().fold((0, 1), |(sum, weight), digit| (sum + digit * weight, weight * 3 % 31));
    (31 - sum % 31) % 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_character_is_found() {
        // Published numbers of listed firms.
        for code in ["91440300708461136T", "914403001922038216"] {
            assert!(code.parse::<UnifiedSocialCreditCode>().is_ok(), "{code}");
            for position in 0..18 {
                let mut changed = code.as_bytes().to_vec();
                changed[position] = if changed[position] == b'1' { b'2' } else { b'1' };
                let changed = String::from_utf8(changed).unwrap();
                assert_eq!(changed.parse::<UnifiedSocialCreditCode>(), Err(MalformedCreditCode), "{changed}");
            }
        }
        assert!("".parse::<UnifiedSocialCreditCode>().is_err());
        assert!("91440300708461136".parse::<UnifiedSocialCreditCode>().is_err());
    }
}
