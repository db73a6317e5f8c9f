//! Crockford's base 32 in lower case: 128 bits as 26 characters that sort as the bits do.

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Characters of one encoded value.
pub const LENGTH: usize = 26;

/// Encodes 128 bits, most significant first.
pub fn encode(value: u128) -> String {
    (0..LENGTH)
        .rev()
        .map(|position| {
            let digit = (value >> (position * 5)) & 31;
            char::from(ALPHABET[usize::try_from(digit).unwrap_or_default()])
        })
        .collect()
}

/// Decodes exactly what [`encode`] writes; upper case, look-alikes and values above 128 bits are refused.
pub fn decode(text: &str) -> Option<u128> {
    let digits = text.as_bytes();
    if digits.len() != LENGTH || digits[0] > b'7' {
        return None;
    }
    digits.iter().try_fold(0_u128, |value, digit| {
        let position = ALPHABET.iter().position(|letter| letter == digit)?;
        Some((value << 5) | u128::try_from(position).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_value_comes_back_and_order_is_kept(a: u128, b: u128) {
            prop_assert_eq!(decode(&encode(a)), Some(a));
            prop_assert_eq!(a.cmp(&b), encode(a).cmp(&encode(b)));
        }
    }

    #[test]
    fn refuses_what_it_would_not_write() {
        for text in ["", "0", "8zzzzzzzzzzzzzzzzzzzzzzzzz", "0000000000000000000000000O", "0000000000000000000000000l"]
        {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
