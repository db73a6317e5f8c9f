//! Problem types of signing up and in.

use crate::problem::{FieldError, Problem, edge, problems};
use auth::{ChoosePasswordError, HashError, InvalidToken, ProofError, WeakPassword, throttle::Throttled};

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
    WRONG_PASSWORD 403 "wrong_password" {
        en: "The password is wrong", "Enter your present password; nothing was changed.";
        zh: "密码错误", "请输入当前密码；未作任何更改。";
    }
    CODE_REFUSED 403 "code_refused" {
        en: "The code is wrong or was used", "Wait for the next code of your authenticator, or use another recovery code.";
        zh: "验证码错误或已使用", "请等待验证器显示下一个验证码，或使用其他恢复码。";
    }
    TOTP_ENABLED 409 "totp_enabled" {
        en: "Two-step log-in is on already", "Turn it off first to set up another authenticator.";
        zh: "两步验证已开启", "如需更换验证器，请先关闭两步验证。";
    }
    TOTP_NOT_ENABLED 409 "totp_not_enabled" {
        en: "Two-step log-in is not on", "Begin with `POST /v1/me/totp` and confirm with the first code.";
        zh: "尚未开启两步验证", "请先调用 POST /v1/me/totp，并用首个验证码确认。";
    }
    CROSS_SITE 403 "cross_site_request" {
        en: "Another site sent this request", "Use the platform's own pages; programs send the refresh token in the body instead.";
        zh: "该请求来自其他网站", "请使用平台自身的页面；程序请在请求体中发送刷新令牌。";
    }
    NO_FIRM 403 "no_firm" {
        en: "You belong to no firm at present", "Your firm may have closed or your membership ended. Ask for an invitation to one.";
        zh: "您目前不属于任何企业", "您的企业可能已关闭，或您的成员身份已结束。请联系企业管理员邀请您加入。";
    }
}

/// What is wrong with a chosen password.
pub(crate) fn weak_password(error: WeakPassword) -> Problem {
    let (code, en, zh) = match error {
        WeakPassword::TooShort { .. } => ("too_short", "must have at least 8 characters", "至少需要 8 个字符"),
        WeakPassword::TooLong => ("too_long", "must have at most 128 characters", "最多 128 个字符"),
        WeakPassword::Guessable => {
            ("too_common", "is easy to guess; choose a longer phrase", "容易被猜到，请使用更长的短语")
        }
        WeakPassword::OwnName => (
            "own_name",
            "must not be made of your own or your firm's name or address",
            "不能由您本人或企业的名称、邮箱构成",
        ),
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

impl From<ChoosePasswordError> for Problem {
    fn from(error: ChoosePasswordError) -> Self {
        match error {
            ChoosePasswordError::Weak(error) => weak_password(error),
            ChoosePasswordError::Hash(error) => error.into(),
        }
    }
}

impl From<ProofError> for Problem {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::WrongPassword => WRONG_PASSWORD.into(),
            ProofError::WrongCode => CODE_REFUSED.into(),
            ProofError::Throttled(error) => error.into(),
            ProofError::Hash(error) => error.into(),
            ProofError::Db(error) => error.into(),
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
