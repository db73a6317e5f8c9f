//! Problem types of keys.

use crate::problem::{FieldError, Problem, edge, problems};
use auth::ApiKeyError;

problems! {
    "api_keys";
    API_KEY_REVOKED 409 "api_key_revoked" {
        en: "The key is revoked", "Make a new one; a revoked key stays revoked.";
        zh: "该密钥已被吊销", "请创建新的密钥；已吊销的密钥不能恢复。";
    }
    API_KEY_EXPIRED 409 "api_key_expired" {
        en: "The key has expired", "Give it a later `expires_at` first, or make a new one.";
        zh: "该密钥已过期", "请先设置更晚的 expires_at，或创建新的密钥。";
    }
    API_KEY_LIMIT_REACHED 409 "api_key_limit_reached" {
        en: "The firm's plan allows no more keys", "Revoke a key that is not needed, or choose a larger plan.";
        zh: "企业套餐的密钥数已达上限", "请吊销不再需要的密钥，或升级套餐。";
    }
    TOO_MANY_SECRETS 409 "too_many_secrets" {
        en: "Five secrets of this key work at present", "Wait until an old one ends, or rotate with `overlap_seconds` 0, which ends all of them.";
        zh: "该密钥目前已有五个有效的密文", "请等待旧密文失效，或将 overlap_seconds 设为 0 进行轮换，使其全部立即失效。";
    }
    SCOPE_NOT_YOURS 403 "scope_not_yours" {
        en: "You cannot give a key a permission that you do not have", "Leave it out, or ask somebody who has it.";
        zh: "您不能向密钥授予自己没有的权限", "请去掉该权限，或请拥有该权限的成员操作。";
    }
}

impl From<ApiKeyError> for Problem {
    fn from(error: ApiKeyError) -> Self {
        match error {
            ApiKeyError::NotFound => edge::NOT_FOUND.into(),
            ApiKeyError::Revoked => API_KEY_REVOKED.into(),
            ApiKeyError::Expired => API_KEY_EXPIRED.into(),
            ApiKeyError::Stale => edge::PRECONDITION_FAILED.into(),
            ApiKeyError::ScopeNotYours(permission) => SCOPE_NOT_YOURS.with("permission", permission),
            ApiKeyError::ScopeForPeople(permission) => {
                let (en, zh) = (format!("{permission} is for people only"), format!("{permission} 仅限人员使用"));
                edge::VALIDATION_FAILED.error(FieldError::new("/scopes", "people_only", en, zh))
            }
            ApiKeyError::ExpiryPassed => edge::VALIDATION_FAILED.error(FieldError::new(
                "/expires_at",
                "passed",
                "lies in the past",
                "已是过去的时间",
            )),
            ApiKeyError::TooManyTokens => TOO_MANY_SECRETS.into(),
            ApiKeyError::LimitReached { maximum } => API_KEY_LIMIT_REACHED.with("maximum", maximum),
            ApiKeyError::StepUpRequired => edge::STEP_UP_REQUIRED.into(),
            ApiKeyError::EmailNotVerified => edge::EMAIL_NOT_VERIFIED.into(),
            ApiKeyError::Secret(error) => Self::internal(&error),
            ApiKeyError::Db(error) => error.into(),
        }
    }
}
