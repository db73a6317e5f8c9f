//! Problem types of administration.

use crate::problem::problems;

problems! {
    "admin";
    WRONG_CODE 401 "wrong_code" {
        en: "The code is wrong, was used, or the log-in took too long", "Wait for the next code of your authenticator, or log in again.";
        zh: "验证码错误、已使用或登录已超时", "请等待验证器显示下一个验证码，或重新登录。";
    }
}
