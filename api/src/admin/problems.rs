//! Problem types of administration.

use crate::problem::problems;

problems! {
    "admin";
    VERIFICATION_SETTLED 409 "verification_settled" {
        en: "The request was decided already", "Look at its present status.";
        zh: "该申请已有审核结果", "请查看其当前状态。";
    }
    LICENCE_CHANGED 409 "licence_changed" {
        en: "The licence is not the one that the request was made with", "Reject the request; the firm can send a new one.";
        zh: "营业执照文件在提交后已被更改", "请驳回该申请，企业可重新提交。";
    }
    WRONG_CODE 401 "wrong_code" {
        en: "The code is wrong, was used, or the log-in took too long", "Wait for the next code of your authenticator, or log in again.";
        zh: "验证码错误、已使用或登录已超时", "请等待验证器显示下一个验证码，或重新登录。";
    }
}
