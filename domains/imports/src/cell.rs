//! What people write into cells.

use catalogue::TextMap;
use kernel::Currency;
use std::collections::BTreeMap;
use unicode_normalization::UnicodeNormalization;

/// Between the parts of a list.
const LIST: [char; 3] = [';', '；', '\n'];
/// Between a name and its value.
const PAIR: [char; 4] = ['=', ':', '：', '＝'];
/// Between the names of a category's path.
const PATH: [char; 3] = ['/', '／', '>'];

/// A number as it is written: digits, and how many of them stand behind the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    digits: i64,
    behind: u32,
}

impl Decimal {
    /// `128`, `128.50`, `1,280.00`, `￥128`; full-width forms too. Commas stand before three digits or nowhere.
    pub(crate) fn read(cell: &str) -> Option<Self> {
        let plain: String = cell.nfkc().filter(|c| !c.is_whitespace()).collect();
        let plain = plain.trim_start_matches(['¥', '$', '€', '£']).trim_end_matches('元');
        let (whole, part) = plain.split_once('.').unwrap_or((plain, ""));
        let mut groups = whole.split(',');
        let first = groups.next().unwrap_or_default();
        let grouped = whole.contains(',');
        if (grouped && first.len() > 3) || first.is_empty() || groups.any(|group| group.len() != 3) {
            return None;
        }
        let digits: String = whole.chars().filter(|c| *c != ',').chain(part.chars()).collect();
        let numeric = !digits.is_empty() && digits.len() <= 18 && digits.bytes().all(|b| b.is_ascii_digit());
        if !numeric {
            return None;
        }
        Some(Self { digits: digits.parse().ok()?, behind: u32::try_from(part.len()).ok()? })
    }

    /// In minor units of a currency; `None` if it is finer than those.
    pub(crate) fn minor(self, currency: Currency) -> Option<i64> {
        let wanted = currency.minor_digits();
        if let Some(more) = wanted.checked_sub(self.behind) {
            return self.digits.checked_mul(10_i64.checked_pow(more)?);
        }
        let step = 10_i64.checked_pow(self.behind - wanted)?;
        (self.digits % step == 0).then_some(self.digits / step)
    }
}

/// An amount as people write it.
pub(crate) fn amount(minor: i64, currency: Currency) -> String {
    let digits = currency.minor_digits();
    if digits == 0 {
        return minor.to_string();
    }
    let step = 10_i64.pow(digits);
    format!("{}.{:0width$}", minor / step, minor % step, width = digits as usize)
}

/// A whole number; `3.0`, as spreadsheets have it, is one.
pub(crate) fn whole(cell: &str) -> Option<i64> {
    let Decimal { digits, behind } = Decimal::read(cell)?;
    let step = 10_i64.checked_pow(behind)?;
    (digits % step == 0).then_some(digits / step)
}

/// Yes or no.
pub(crate) fn truth(cell: &str) -> Option<bool> {
    match cell.to_lowercase().as_str() {
        "是" | "yes" | "y" | "true" | "1" | "√" => Some(true),
        "否" | "no" | "n" | "false" | "0" | "×" => Some(false),
        _ => None,
    }
}

/// Before and after the first of these signs that has no backslash before it.
fn cut<'a>(text: &'a str, signs: &[char]) -> Option<(&'a str, &'a str)> {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        if !escaped && signs.contains(&character) {
            let (before, rest) = text.split_at(at);
            return Some((before, rest.strip_prefix(character)?));
        }
        escaped = !escaped && character == '\\';
    }
    None
}

/// What stands between these signs, if it says something.
fn parts<'a>(mut cell: &'a str, signs: &[char]) -> Vec<&'a str> {
    let mut parts = Vec::new();
    while let Some((part, rest)) = cut(cell, signs) {
        parts.push(part);
        cell = rest;
    }
    parts.push(cell);
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// A text whose signs part nothing: each has a backslash before it.
pub(crate) fn escaped(text: &str) -> String {
    let mut written = String::new();
    for character in text.chars() {
        if is_sign(character) {
            written.push('\\');
        }
        written.push(character);
    }
    written
}

/// The text before [`escaped`].
fn unescaped(part: &str) -> String {
    let mut characters = part.chars().peekable();
    let mut text = String::new();
    while let Some(character) = characters.next() {
        let sign = characters.next_if(|next| character == '\\' && is_sign(*next));
        text.push(sign.unwrap_or(character));
    }
    text
}

fn is_sign(character: char) -> bool {
    character == '\\' || [&LIST[..], &PAIR, &PATH].concat().contains(&character)
}

/// What stands between semicolons of either width, or on lines of its own.
pub(crate) fn list(cell: &str) -> Vec<String> {
    parts(cell, &LIST).into_iter().map(unescaped).collect()
}

/// The names of a path, with slashes of either width between.
pub(crate) fn path(cell: &str) -> Vec<String> {
    parts(cell, &PATH).into_iter().map(unescaped).collect()
}

/// `颜色=红; 尺码=L`, with equals signs or colons.
pub(crate) fn options(cell: &str) -> Option<TextMap> {
    let mut map = BTreeMap::new();
    for part in parts(cell, &LIST) {
        let (name, value) = cut(part, &PAIR)?;
        let (name, value) = (unescaped(name.trim()), unescaped(value.trim()));
        let is_said = !name.is_empty() && !value.is_empty();
        if map.insert(name, value).is_some() || !is_said {
            return None;
        }
    }
    Some(TextMap(map))
}

/// `10:118.00; 50:99.00`: quantity and price of each rung.
pub(crate) fn ladder(cell: &str) -> Option<Vec<(i64, Decimal)>> {
    let rung = |part: &str| {
        let (quantity, price) = cut(part, &PAIR)?;
        Some((whole(quantity)?, Decimal::read(price)?))
    };
    parts(cell, &LIST).into_iter().map(rung).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (cell, minor) in [
            ("128", 12_800),
            ("128.5", 12_850),
            ("￥１２８．５０", 12_850),
            ("1,280.00", 128_000),
            ("12,345,678", 1_234_567_800),
            ("0.01元", 1),
            ("3.100", 310),
        ] {
            assert_eq!(Decimal::read(cell).and_then(|d| d.minor(Currency::Cny)), Some(minor), "{cell}");
        }
    }

    #[test]
    fn what_could_mean_two_amounts_is_none() {
        for cell in ["1,28", "1.280,00", "12,34,567", "-5", "1e3", "", ".", ".5", "1.2.3", "abc", "1234,567", ",123"] {
            assert_eq!(Decimal::read(cell), None, "{cell}");
        }
        assert_eq!(Decimal::read("1.005").and_then(|d| d.minor(Currency::Cny)), None);
        assert_eq!(Decimal::read("1.5").and_then(|d| d.minor(Currency::Jpy)), None);
    }

    #[test]
    fn lists_take_either_width() {
        let map = options("颜色=红；尺码：L").unwrap();
        assert_eq!(map.0.get("尺码").map(String::as_str), Some("L"));
        assert_eq!(options("红"), None);
        assert_eq!(options("颜色=红;颜色=蓝"), None);
        assert_eq!(ladder("10:118; 50：99.5").unwrap().len(), 2);
        assert_eq!(ladder("10-118"), None);
    }

    proptest! {
        #[test]
        fn any_amount_is_read_back(minor in 0_i64..100_000_000_000) {
            for currency in [Currency::Cny, Currency::Jpy] {
                let read = Decimal::read(&amount(minor, currency)).and_then(|d| d.minor(currency));
                prop_assert_eq!(read, Some(minor));
            }
        }

        #[test]
        fn any_texts_are_read_back(texts in proptest::collection::vec("[a茶;；=:：/>\\\\]{1,6}", 1..4)) {
            let written: Vec<_> = texts.iter().map(|text| escaped(text)).collect();
            prop_assert_eq!(&list(&written.join("; ")), &texts);
            prop_assert_eq!(&path(&written.join("/")), &texts);
            let pair = options(&format!("{}={}", written[0], written[written.len() - 1])).unwrap();
            prop_assert_eq!(pair.0.into_iter().next(), Some((texts[0].clone(), texts[texts.len() - 1].clone())));
        }

        #[test]
        fn no_cell_panics(cell in ".{0,40}") {
            let _ = (Decimal::read(&cell), whole(&cell), options(&cell), ladder(&cell), truth(&cell));
        }
    }
}
