//! What serde and garde say, in the platform's words: a code for programs, a sentence in two languages.

use crate::problem::FieldError;

/// A field that could not be read. `message` is serde's, in which values of the caller are not repeated.
pub(super) fn unreadable(mut pointer: String, message: &str) -> FieldError {
    let named = |prefix: &str| message.strip_prefix(prefix).and_then(|rest| rest.split('`').next());
    let kinds = [
        ("unknown field `", "unknown_field", "is not a field of this request", "不是此请求的字段"),
        ("missing field `", "required", "is required", "为必填项"),
        ("duplicate field `", "duplicate_field", "stands here twice", "重复出现"),
    ];
    for (prefix, code, en, zh) in kinds {
        if let Some(name) = named(prefix) {
            let mut end = String::new();
            super::pointer::push(&mut end, name);
            if !pointer.ends_with(&end) {
                pointer.push_str(&end);
            }
            return FieldError::new(pointer, code, en, zh);
        }
    }
    let expected = message.rsplit_once("expected ").map(|(_, rest)| rest.split(" at line ").next().unwrap_or(rest));
    let code = if message.starts_with("invalid type") { "wrong_type" } else { "invalid" };
    match expected {
        Some(expected) => FieldError::new(pointer, code, format!("must be {expected}"), format!("应为 {expected}")),
        None => FieldError::new(pointer, code, "is not valid", "无效"),
    }
}

/// A field that breaks a rule. `message` is garde's or a domain's own.
pub(super) fn broken(pointer: String, message: &str) -> FieldError {
    let known = [
        ("length is lower than ", "too_short", "must not be shorter than ", "长度不能小于 "),
        ("length is greater than ", "too_long", "must not be longer than ", "长度不能大于 "),
        ("lower than ", "too_small", "must not be lower than ", "不能小于 "),
        ("greater than ", "too_large", "must not be greater than ", "不能大于 "),
    ];
    for (prefix, code, en, zh) in known {
        if let Some(bound) = message.strip_prefix(prefix) {
            return FieldError::new(pointer, code, format!("{en}{bound}"), format!("{zh}{bound}"));
        }
    }
    let (code, zh) = match message {
        text if text.starts_with("not a valid email") => ("invalid_email", "邮箱地址无效"),
        "not set" => ("required", "为必填项"),
        _ => ("invalid", "无效"),
    };
    FieldError::new(pointer, code, message, zh)
}
