//! What fields of people and firms must be like.

#![expect(
    clippy::option_option,
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "null and missing differ; garde hands over the field"
)]

use serde::{Deserialize, Deserializer};
use tenants::EmailAddress;

/// An address that mail can be sent to. The signature is garde's.
pub(crate) fn is_email(text: &str, (): &()) -> garde::Result {
    text.parse::<EmailAddress>().map(drop).map_err(|_| garde::Error::new("not a valid email"))
}

/// 1 to 200 characters that can be seen.
pub(crate) fn is_name(text: &str, (): &()) -> garde::Result {
    let sound = text.chars().count() <= 200 && !text.trim().is_empty() && !text.chars().any(char::is_control);
    if sound { Ok(()) } else { Err(garde::Error::new("must be 1 to 200 printable characters, not only spaces")) }
}

/// The same where it may be left out.
pub(crate) fn is_name_if_given(text: &Option<String>, (): &()) -> garde::Result {
    text.as_deref().map_or(Ok(()), |text| is_name(text, &()))
}

/// An IANA time zone, where given.
pub(crate) fn is_time_zone_if_given(text: &Option<String>, (): &()) -> garde::Result {
    let sound = text.as_ref().is_none_or(|text| text.parse::<chrono_tz::Tz>().is_ok());
    if sound { Ok(()) } else { Err(garde::Error::new("not an IANA time zone, such as Asia/Shanghai")) }
}

/// The time zone of a field that [`is_time_zone_if_given`] has checked.
pub(crate) fn time_zone(text: Option<&str>) -> Option<chrono_tz::Tz> {
    text.and_then(|text| text.parse().ok())
}

/// Tells a field that is `null` (`Some(None)`) from one that is missing (`None`, by `#[serde(default)]`).
pub(crate) fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(d: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(d).map(Some)
}
