//! Problem types of the edge itself, shared by all operations.

use super::problems;

problems! {
    "edge";
    MALFORMED_JSON 400 "malformed_json" {
        en: "The body is not valid JSON", "Send one JSON value in UTF-8, nested at most 127 deep.";
        zh: "请求体不是有效的 JSON", "请发送一个 UTF-8 编码的 JSON 值，嵌套不超过 127 层。";
    }
    MALFORMED_REQUEST 400 "malformed_request" {
        en: "The request cannot be read", "Check the request's line, headers and query against the documentation.";
        zh: "无法读取该请求", "请对照文档检查请求行、请求头和查询参数。";
    }
    CURSOR_MISMATCH 400 "cursor_mismatch" {
        en: "The cursor belongs to another list or filter", "Start again without `cursor`, or keep the filters of the page it came from.";
        zh: "游标不属于该列表或筛选条件", "请去掉 cursor 重新开始，或保持与上一页相同的筛选条件。";
    }
    IDEMPOTENCY_KEY_INVALID 400 "idempotency_key_invalid" {
        en: "The Idempotency-Key header is malformed", "Send 1 to 255 printable ASCII characters, bare or in double quotes; a UUID is best.";
        zh: "Idempotency-Key 请求头格式不正确", "请使用 1 到 255 个可打印 ASCII 字符，可加双引号；建议使用 UUID。";
    }
    IDEMPOTENCY_KEY_REQUIRED 400 "idempotency_key_required" {
        en: "This operation needs an Idempotency-Key header", "Send a new unique key, and the same one again when you repeat this request.";
        zh: "此操作需要 Idempotency-Key 请求头", "请为每次操作发送新的唯一键；重试同一请求时使用相同的键。";
    }
    UNAUTHENTICATED 401 "unauthenticated" {
        en: "Who you are is not known", "Send `Authorization: Bearer <token>` with a valid access token or API key; log in again if it has expired.";
        zh: "未通过身份验证", "请在 Authorization: Bearer 中发送有效的访问令牌或 API 密钥；若已过期请重新登录。";
    }
    PERMISSION_DENIED 403 "permission_denied" {
        en: "You may not do this", "Ask an owner or administrator of your firm for the permission that is named.";
        zh: "没有执行此操作的权限", "请联系企业的所有者或管理员授予所列权限。";
    }
    PEOPLE_ONLY 403 "people_only" {
        en: "An API key may not do this", "A person of your firm must sign in and do it.";
        zh: "API 密钥不能执行此操作", "请由企业成员登录后操作。";
    }
    IP_NOT_ALLOWED 403 "ip_not_allowed" {
        en: "The API key may not be used from this address", "Send the request from one of the key's networks, or let a person change its `ip_allow_list`.";
        zh: "该 API 密钥不允许从此 IP 地址使用", "请从密钥允许的网络发送请求，或由企业成员修改其 ip_allow_list。";
    }
    STEP_UP_REQUIRED 403 "step_up_required" {
        en: "Show again who you are", "Send your password or a code to `POST /v1/auth/step-up`, then repeat the request within five minutes.";
        zh: "请再次验证身份", "请先向 POST /v1/auth/step-up 提交密码或验证码，然后在五分钟内重试。";
    }
    EMAIL_NOT_VERIFIED 403 "email_not_verified" {
        en: "Your e-mail address is not verified yet", "Open the link in the verification mail, or ask for a new one.";
        zh: "您的邮箱尚未验证", "请打开验证邮件中的链接，或重新发送验证邮件。";
    }
    TENANT_READ_ONLY 403 "tenant_read_only" {
        en: "The firm's account is read-only at present", "Look at the notices in your account, or write to the platform's support.";
        zh: "该企业账户目前为只读状态", "请查看账户通知，或联系平台客服。";
    }
    TENANT_SUSPENDED 403 "tenant_suspended" {
        en: "The firm's account is suspended", "Write to the platform's support.";
        zh: "该企业账户已被停用", "请联系平台客服。";
    }
    HTTPS_REQUIRED 403 "https_required" {
        en: "The token came over a connection without TLS", "Replace the token, which others may have read, and use https.";
        zh: "令牌通过未加密的连接发送", "该令牌可能已泄露，请更换令牌并使用 https。";
    }
    NOT_FOUND 404 "not_found" {
        en: "There is nothing here", "Check the address and the id; what belongs to another firm cannot be seen.";
        zh: "未找到该资源", "请检查地址和 ID；其他企业的数据不可见。";
    }
    METHOD_NOT_ALLOWED 405 "method_not_allowed" {
        en: "This method is not possible here", "Use one of the methods in the Allow header.";
        zh: "此地址不支持该请求方法", "请使用 Allow 响应头中列出的方法。";
    }
    REQUEST_TIMEOUT 408 "request_timeout" {
        en: "The body came too slowly", "Send it again over a better connection.";
        zh: "请求体传输过慢", "请在更好的网络条件下重新发送。";
    }
    IDEMPOTENCY_IN_PROGRESS 409 "idempotency_in_progress" {
        en: "A request with this Idempotency-Key is still running", "Repeat it after the time in Retry-After to get its answer.";
        zh: "使用相同 Idempotency-Key 的请求仍在处理中", "请在 Retry-After 指定的时间后重试以获取结果。";
    }
    PRECONDITION_FAILED 412 "precondition_failed" {
        en: "The object was changed since you read it", "Read it again, apply your change to the new state, and send its ETag in If-Match.";
        zh: "该对象在您读取之后已被修改", "请重新读取，在新状态上修改，并在 If-Match 中发送其 ETag。";
    }
    BODY_TOO_LARGE 413 "body_too_large" {
        en: "The body is too large", "Send less than the limit that is named.";
        zh: "请求体过大", "请将请求体控制在所示上限以内。";
    }
    UNSUPPORTED_MEDIA_TYPE 415 "unsupported_media_type" {
        en: "The body's type is not accepted here", "Send `Content-Type: application/json` without a Content-Encoding.";
        zh: "不支持该请求体类型", "请使用 Content-Type: application/json，且不要使用 Content-Encoding。";
    }
    VALIDATION_FAILED 422 "validation_failed" {
        en: "Some fields are not as they must be", "Correct the fields listed in `errors` and send the request again.";
        zh: "部分字段不符合要求", "请修正 errors 中列出的字段后重新发送。";
    }
    IDEMPOTENCY_KEY_REUSED 422 "idempotency_key_reused" {
        en: "This Idempotency-Key was used for another request", "Use a new key for a new request; a repeated request must be the same to the byte.";
        zh: "该 Idempotency-Key 已用于其他请求", "新请求请使用新的键；重试请求的内容必须完全一致。";
    }
    TOO_MANY_REQUESTS 429 "too_many_requests" {
        en: "Too many requests", "Wait for the time in Retry-After.";
        zh: "请求过于频繁", "请等待 Retry-After 指定的时间。";
    }
    HEADERS_TOO_LARGE 431 "headers_too_large" {
        en: "The request's headers are too large", "Send fewer or shorter headers.";
        zh: "请求头过大", "请减少或缩短请求头。";
    }
    INTERNAL 500 "internal_error" {
        en: "Something went wrong on our side", "Try again later; if it stays so, tell support the request_id.";
        zh: "服务器内部出错", "请稍后重试；若问题持续，请将 request_id 告知客服。";
    }
    UNAVAILABLE 503 "unavailable" {
        en: "The platform is busy or a part of it is down", "Nothing was done. Try again after the time in Retry-After.";
        zh: "平台繁忙或部分服务不可用", "操作未执行，请在 Retry-After 指定的时间后重试。";
    }
    NOT_READY 503 "not_ready" {
        en: "A part of the platform does not answer", "Send requests to another instance; `failing` names the part.";
        zh: "平台的某个组件没有响应", "请将请求发送到其他实例；failing 列出了出问题的组件。";
    }
    OUTCOME_UNKNOWN 503 "outcome_unknown" {
        en: "It is not known whether the request took effect", "Repeat it with the same Idempotency-Key: it takes effect at most once.";
        zh: "无法确定请求是否已生效", "请使用相同的 Idempotency-Key 重试：操作最多只会生效一次。";
    }
}
