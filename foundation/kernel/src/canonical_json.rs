//! JSON in canonical form (RFC 8785) for hashing: keys sorted by their UTF-16 code units, no white space, numbers as
//! ECMAScript writes them.

use serde::{Serialize, ser::Error};
use serde_json::{Map, Number, Value};
use sha2::{Digest, Sha256};

/// Integers up to this size are the same in every reader; larger ones are rounded, as RFC 8785 has it.
const EXACT: u64 = 1 << 53;

/// The canonical text of a value.
pub fn text<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    let mut out = String::new();
    write(&serde_json::to_value(value)?, &mut out)?;
    Ok(out)
}

/// SHA-256 of the canonical text.
pub fn digest<T: Serialize>(value: &T) -> Result<[u8; 32], serde_json::Error> {
    Ok(Sha256::digest(text(value)?.as_bytes()).into())
}

fn write(value: &Value, out: &mut String) -> Result<(), serde_json::Error> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number_text(number)?),
        // The escapes of serde_json are those of the RFC.
        Value::String(text) => out.push_str(&serde_json::to_string(text)?),
        Value::Array(values) => {
            out.push('[');
            for (at, value) in values.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(value, out)?;
            }
            out.push(']');
        }
        Value::Object(members) => write_object(members, out)?,
    }
    Ok(())
}

fn write_object(members: &Map<String, Value>, out: &mut String) -> Result<(), serde_json::Error> {
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
    out.push('{');
    for (at, (key, value)) in sorted.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(&serde_json::to_string(key)?);
        out.push(':');
        write(value, out)?;
    }
    out.push('}');
    Ok(())
}

fn number_text(number: &Number) -> Result<String, serde_json::Error> {
    if number.as_u64().is_some_and(|n| n <= EXACT) || number.as_i64().is_some_and(|n| n.unsigned_abs() <= EXACT) {
        return Ok(number.to_string());
    }
    let value = number.as_f64().filter(|value| value.is_finite());
    Ok(ecmascript(value.ok_or_else(|| serde_json::Error::custom("not a number of JSON"))?))
}

/// The shortest digits that read back as the same number and, of those, the closest to it: the plain format may take either
/// of two where the number lies in the middle between them.
fn closest(value: f64) -> String {
    let shortest = format!("{value:e}");
    let digits = shortest.split('e').next().map_or(1, |mantissa| mantissa.replace('.', "").len());
    let closest = format!("{value:.*e}", digits - 1);
    if closest.parse() == Ok(value) { closest } else { shortest }
}

/// `Number::toString` of ECMAScript: the shortest digits that read back as the same number.
fn ecmascript(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let scientific = closest(value.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits = mantissa.replace('.', "");
    // The decimal point stands after this many digits.
    let point = exponent.parse::<i32>().unwrap_or_default() + 1;
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or_default());
    let body = if count <= point && point <= 21 {
        digits + &zeros(point - count)
    } else if 0 < point && point <= 21 {
        let (whole, part) = digits.split_at(usize::try_from(point).unwrap_or_default());
        format!("{whole}.{part}")
    } else if -6 < point && point <= 0 {
        format!("0.{}{digits}", zeros(-point))
    } else {
        let (first, rest) = digits.split_at(1);
        let rest = if rest.is_empty() { String::new() } else { format!(".{rest}") };
        format!("{first}{rest}e{:+}", point - 1)
    };
    format!("{sign}{body}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// RFC 8785, appendix B.
    const NUMBERS: [(u64, &str); 24] = [
        (0x0000_0000_0000_0000, "0"),
        (0x8000_0000_0000_0000, "0"),
        (0x0000_0000_0000_0001, "5e-324"),
        (0x8000_0000_0000_0001, "-5e-324"),
        (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
        (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
        (0x4340_0000_0000_0000, "9007199254740992"),
        (0xc340_0000_0000_0000, "-9007199254740992"),
        (0x4430_0000_0000_0000, "295147905179352830000"),
        (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
        (0x44b5_2d02_c7e1_4af6, "1e+23"),
        (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
        (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
        (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
        (0x444b_1ae4_d6e2_ef50, "1e+21"),
        (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
        (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
        (0x41b3_de43_5555_5553, "333333333.3333332"),
        (0x41b3_de43_5555_5554, "333333333.33333325"),
        (0x41b3_de43_5555_5555, "333333333.3333333"),
        (0x41b3_de43_5555_5556, "333333333.3333334"),
        (0x41b3_de43_5555_5557, "333333333.33333343"),
        (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
        (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
    ];

    #[test]
    fn numbers_are_written_as_rfc_8785_has_them() {
        for (bits, expected) in NUMBERS {
            assert_eq!(text(&f64::from_bits(bits)).unwrap(), expected, "{bits:016x}");
        }
        let integers = json!([0, -1, 56, 9_007_199_254_740_992_i64, 9_007_199_254_740_993_i64, u64::MAX]);
        assert_eq!(text(&integers).unwrap(), "[0,-1,56,9007199254740992,9007199254740992,18446744073709552000]");
    }

    /// RFC 8785, 3.2.2 and 3.2.3.
    #[test]
    fn texts_and_members_are_written_as_rfc_8785_has_them() {
        let value = json!({
            "numbers": [333_333_333.333_333_3_f64, 1E30, 4.50, 2e-3, 0.000_000_000_000_000_000_000_000_001],
            "string": "\u{20ac}$\u{f}\nA'B\"\\\\\"/",
            "literals": [null, true, false]
        });
        let expected = r#"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#;
        assert_eq!(text(&value).unwrap(), expected);

        let keys = json!({
            "\u{20ac}": "Euro Sign",
            "\r": "Carriage Return",
            "\u{fb33}": "Hebrew Letter Dalet With Dagesh",
            "1": "One",
            "\u{1f600}": "Emoji: Grinning Face",
            "\u{80}": "Control",
            "\u{f6}": "Latin Small Letter O With Diaeresis"
        });
        let sorted = [
            "Carriage Return",
            "One",
            "Control",
            "Latin Small Letter O With Diaeresis",
            "Euro Sign",
            "Emoji: Grinning Face",
            "Hebrew Letter Dalet With Dagesh",
        ];
        let (text, mut from) = (text(&keys).unwrap(), 0);
        for name in sorted {
            from += text[from..].find(name).unwrap_or_else(|| panic!("{name} is out of order in {text}"));
        }
    }

    #[test]
    fn keys_are_sorted_at_every_depth() {
        let value = json!({"b": 1, "a": {"d": "\u{7}茶", "c": [2, 1]}});
        assert_eq!(text(&value).unwrap(), "{\"a\":{\"c\":[2,1],\"d\":\"\\u0007茶\"},\"b\":1}");
    }
}
