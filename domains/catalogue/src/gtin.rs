//! Global trade item numbers: the digits under a barcode.

/// Whether `text` is a GTIN-8, -12, -13 or -14 with the right check digit (GS1 General Specifications 7.9).
pub(crate) fn is_valid(text: &str) -> bool {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(10)).collect();
    digits.is_some_and(|digits| {
        // From the right, the check digit counts once, its neighbour three times, and so on.
        let sum: u32 = digits.iter().rev().zip([1, 3].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
        matches!(digits.len(), 8 | 12 | 13 | 14) && sum.is_multiple_of(10)
    })
}

#[cfg(test)]
mod tests {
    use super::is_valid;

    #[test]
    fn the_check_digit_decides() {
        for valid in ["4006381333931", "96385074", "036000291452", "10614141000415", "6901234567892"] {
            assert!(is_valid(valid), "{valid}");
        }
        for invalid in ["4006381333930", "96385075", "", "0", "690123456789", "69012345678９2", "69012-4567892"] {
            assert!(!is_valid(invalid), "{invalid}");
        }
    }
}
