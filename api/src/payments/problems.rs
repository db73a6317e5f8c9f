//! Refusals of payments.

use crate::problem::problems;

problems! { "payments";
    SIGNATURE_INVALID 400 "signature_invalid" {
        en: "The message's signature is not valid", "Sign the raw body with the webhook's secret, at the time of sending.";
        zh: "消息签名无效", "请在发送时使用 webhook 密钥对原始正文签名。";
    }
    PROVIDER_ANSWER 502 "provider_answer" {
        en: "The payment provider's answer does not fit", "Nothing was booked; our people have been alarmed. Read the order again later.";
        zh: "支付服务商的应答不符", "未记账，我们的人员已收到警报。请稍后重新查看订单。";
    }
}
