//! Problem types and the macro that declares them.

use super::{FieldError, Problem};
use actix_web::http::StatusCode;
use serde::Serialize;

/// Fixed words in both languages.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    /// English.
    pub en: &'static str,
    /// Simplified Chinese.
    pub zh: &'static str,
}

/// A kind of problem: what stays the same between its occurrences.
#[derive(Debug)]
pub struct ProblemType {
    /// HTTP status.
    pub status: u16,
    /// The domain that it belongs to.
    pub domain: &'static str,
    /// Stable word for programs, `snake_case`, unique over all domains.
    pub code: &'static str,
    /// What happened.
    pub title: Words,
    /// What the caller can do next.
    pub advice: Words,
}

impl ProblemType {
    /// The URI reference that names the type and leads to its description.
    pub fn uri(&self) -> String {
        format!("/problems/{}/{}", self.domain, self.name())
    }

    /// The last part of the URI.
    pub fn name(&self) -> String {
        self.code.replace('_', "-")
    }

    /// The status as a type.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// An occurrence with its own words.
    pub fn detail(&'static self, en: impl Into<String>, zh: impl Into<String>) -> Problem {
        Problem::new(self).detail(en, zh)
    }

    /// An occurrence with an extension member.
    pub fn with(&'static self, name: &'static str, value: impl Serialize) -> Problem {
        Problem::new(self).with(name, value)
    }

    /// An occurrence about one field.
    pub fn error(&'static self, error: FieldError) -> Problem {
        Problem::new(self).error(error)
    }

    /// An occurrence that says when to come back.
    pub fn retry_after(&'static self, seconds: u32) -> Problem {
        Problem::new(self).retry_after(seconds)
    }
}

/// Declares the problem types of a domain as constants, and `ALL` with every one of them.
macro_rules! problems {
    ($domain:literal; $($name:ident $status:literal $code:literal {
        en: $title_en:literal, $advice_en:literal;
        zh: $title_zh:literal, $advice_zh:literal;
    })+) => {
        $(
            #[doc = concat!("`", $code, "` (", $status, "): ", $title_en, ".")]
            pub const $name: &$crate::problem::ProblemType = &$crate::problem::ProblemType {
                status: $status,
                domain: $domain,
                code: $code,
                title: $crate::problem::Words { en: $title_en, zh: $title_zh },
                advice: $crate::problem::Words { en: $advice_en, zh: $advice_zh },
            };
        )+
        /// Every problem type of this domain.
        pub const ALL: &[&$crate::problem::ProblemType] = &[$($name),+];
    };
}
pub(crate) use problems;
