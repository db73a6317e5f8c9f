//! Problem types of share links.

use crate::problem::{FieldError, Problem, edge, problems};
use actix_web::http::header::{HeaderValue, WWW_AUTHENTICATE};
use files::UploadError;
use shares::{BringError, ShareError, UnlockError, VisitError};

problems! { "shares";
    SHARE_LOCKED 401 "share_locked" {
        en: "This link needs a password", "Send it with `POST /s/{token}`, then show the `pass` of the answer as `Authorization: Share <pass>`.";
        zh: "此链接需要密码", "请先通过 POST /s/{token} 提交密码，再以 Authorization: Share <pass> 携带返回的 pass。";
    }
    SHARE_PASSWORD_WRONG 403 "share_password_wrong" {
        en: "The password is wrong", "Ask whoever sent you the link for the password.";
        zh: "密码错误", "请向分享者确认密码。";
    }
    SHARE_REFUSES 403 "share_refuses" {
        en: "This link does not allow that", "`mode` tells what it allows: to view, to download, or to bring files.";
        zh: "此链接不允许该操作", "mode 说明了允许的操作：查看、下载或上传文件。";
    }
    SHARE_NOT_PREVIEWABLE 403 "share_not_previewable" {
        en: "This file cannot be shown in a browser", "The link allows no download; ask whoever sent it for another one.";
        zh: "此文件无法在浏览器中显示", "该链接不允许下载，请联系分享者获取其他链接。";
    }
    SHARE_FULL 507 "share_full" {
        en: "There is no room for this file", "Nothing was stored. Tell whoever sent you the link.";
        zh: "存储空间不足，无法接收此文件", "文件未保存，请告知分享者。";
    }
    SHARE_USED_UP 410 "share_used_up" {
        en: "All downloads of this link were taken", "Ask whoever sent you the link for a new one.";
        zh: "此链接的下载次数已用完", "请联系分享者获取新的链接。";
    }
}

impl From<ShareError> for Problem {
    fn from(error: ShareError) -> Self {
        match error {
            ShareError::NotFound => edge::NOT_FOUND.into(),
            ShareError::Db(error) => error.into(),
        }
    }
}

impl From<VisitError> for Problem {
    fn from(error: VisitError) -> Self {
        match error {
            VisitError::NotFound | VisitError::Ended(_) => edge::NOT_FOUND.into(),
            VisitError::Locked => Self::new(SHARE_LOCKED).header(WWW_AUTHENTICATE, HeaderValue::from_static("Share")),
            VisitError::Refused => SHARE_REFUSES.into(),
            VisitError::NotPreviewable => SHARE_NOT_PREVIEWABLE.into(),
            VisitError::UsedUp(_) => SHARE_USED_UP.into(),
            VisitError::MalformedName => edge::VALIDATION_FAILED.error(FieldError::new(
                "/name",
                "invalid",
                "must be the name of a file, of at most 255 bytes",
                "须为文件名，且不超过 255 字节",
            )),
            VisitError::File(error) => error.into(),
            VisitError::Db(error) => error.into(),
        }
    }
}

impl From<BringError> for Problem {
    fn from(error: BringError) -> Self {
        match error {
            BringError::Visit(error) => error.into(),
            // How much the firm has stored is told to nobody outside.
            BringError::Upload(UploadError::QuotaExceeded { .. }) => SHARE_FULL.into(),
            BringError::Upload(error) => error.into(),
        }
    }
}

impl From<UnlockError> for Problem {
    fn from(error: UnlockError) -> Self {
        match error {
            UnlockError::WrongPassword => SHARE_PASSWORD_WRONG.into(),
            UnlockError::Throttled(error) => error.into(),
            UnlockError::Visit(error) => error.into(),
            UnlockError::Hash(error) => error.into(),
            UnlockError::Db(error) => error.into(),
        }
    }
}
