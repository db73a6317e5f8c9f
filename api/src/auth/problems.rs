//! Problem types of signing up and in.

use crate::problem::{FieldError, Problem, edge, problems};
use auth::{HashError, InvalidToken, WeakPassword, throttle::Throttled};

problems! {
    "auth";
    EMAIL_TAKEN 409 "email_taken" {
        en: "This e-mail address has an account already", "Log in, or reset the password if it is forgotten.";
        zh: "该邮箱已注册", "请直接登录；若忘记密码，请重置密码。";
    }
    WRONG_CREDENTIALS 401 "wrong_credentials" {
        en: "E-mail address or password is wrong", "Check both and try again, or reset the password.";
        zh: "邮箱或密码错误", "请检查后重试，或重置密码。";
    }
    REFRESH_TOKEN_INVALID 401 "refresh_token_invalid" {
        en: "The session cannot be continued", "Log in again.";
        zh: "会话已失效", "请重新登录。";
    }
    LINK_INVALID 400 "link_invalid" {
        en: "This link does not work any more", "Ask for a new one; each works once and only the newest counts.";
        zh: "该链接已失效", "请重新获取；每个链接只能使用一次，且以最新的一封为准。";
    }
    NO_FIRM 403 "no_firm" {
        en: "You belong to no firm at present", "Your firm may have closed or your membership ended. Ask for an invitation to one.";
        zh: "您目前不属于任何企业", "您的企业可能已关闭，或您的成员身份已结束。请联系企业管理员邀请您加入。";
    }
}

/// What is wrong with a chosen password.
pub(crate) fn weak_password(error: WeakPassword) -> Problem {
    let (code, en, zh) = match error {
        WeakPassword::TooShort => ("too_short", "must have at least 8 characters", "至少需要 8 个字符"),
        WeakPassword::TooLong => ("too_long", "must have at most 128 characters", "最多 128 个字符"),
        WeakPassword::Common => {
            ("too_common", "is among the first that are tried; choose a longer phrase", "过于常见，请使用更长的短语")
        }
        WeakPassword::OwnName => {
            ("own_name", "must not be your own or your firm's name or address", "不能是您本人或企业的名称、邮箱")
        }
    };
    edge::VALIDATION_FAILED.error(FieldError::new("/password", code, en, zh))
}

impl From<HashError> for Problem {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => edge::UNAVAILABLE.retry_after(2),
            HashError::Failed(_) => Self::internal(&error),
        }
    }
}

impl From<InvalidToken> for Problem {
    /// For tokens that could not be signed; wrong ones of callers never come this way.
    fn from(error: InvalidToken) -> Self {
        Self::internal(&error)
    }
}

impl From<Throttled> for Problem {
    fn from(error: Throttled) -> Self {
        edge::TOO_MANY_REQUESTS.retry_after(error.seconds)
    }
}
