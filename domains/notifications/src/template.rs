//! What mails and notices say, in Chinese and English.
//!
//! A template is one text file: the first line is the subject, the paragraphs after it are the body. Text and HTML come from
//! the same source; a paragraph that is a link becomes a button in HTML.

use kernel::text_enum;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, value::Serde};
use serde_json::{Value, json};
use std::sync::LazyLock;
use tenants::Locale;

macro_rules! templates {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        text_enum! {
            /// A kind of message.
            pub enum Template { $($(#[$doc])* $variant = $name),+ }
        }

        impl Template {
            const fn source(self, locale: Locale) -> &'static str {
                match (self, locale) {
                    $(
                        (Self::$variant, Locale::ZhCn) => include_str!(concat!("../templates/zh-CN/", $name, ".txt")),
                        (Self::$variant, Locale::En) => include_str!(concat!("../templates/en/", $name, ".txt")),
                    )+
                }
            }
        }
    };
}

templates! {
    /// To a new person: `link`, `name`.
    VerifyEmail = "verify_email",
    /// To somebody invited: `link`, `firm`, `inviter`, `role`.
    Invitation = "invitation",
    /// To a new firm's owner once the address is verified: `firm`.
    Welcome = "welcome",
    /// To both parties: `number`, `firm`, `total`.
    OrderPlaced = "order_placed",
    /// To both parties: `number`, `firm`, `total`.
    OrderPaid = "order_paid",
    /// To both parties: `number`, `firm`, `carrier`, `tracking_number`.
    OrderShipped = "order_shipped",
    /// To both parties: `number`, `firm`.
    OrderCompleted = "order_completed",
    /// To both parties: `number`, `firm`, `reason`.
    OrderCancelled = "order_cancelled",
    /// To the seller: `number`, `amount`.
    EscrowReleased = "escrow_released",
    /// To both parties: `number`, `amount`.
    RefundSucceeded = "refund_succeeded",
    /// To the buyer: `number`, `reason`.
    PaymentFailed = "payment_failed",
    /// To owner and finance: `number`, `period`, `total`.
    InvoiceFinalized = "invoice_finalized",
    /// To a member who has another role: `firm`, `role`.
    RoleChanged = "role_changed",
    /// To a person who no longer belongs to a firm: `firm`.
    MemberRemoved = "member_removed",
    /// To owners and administrators: `firm`, `name` of the new owner.
    OwnershipTransferred = "ownership_transferred",
    /// To owners and administrators: `bucket`, `path`, `finding`.
    FileQuarantined = "file_quarantined",
    /// To every member: `firm`.
    FirmClosed = "firm_closed",
    /// To owners and administrators: `firm`, `code`.
    VerificationApproved = "verification_approved",
    /// To owners and administrators: `firm`, `code`, `reason`.
    VerificationRejected = "verification_rejected",
    /// To a person whose refresh token was used twice: `at`.
    RefreshReuse = "refresh_reuse",
    /// To a person who forgot the password: `link`, `name`.
    ResetPassword = "reset_password",
    /// To the new address of a person: `link`, `name`.
    ChangeEmail = "change_email",
    /// To the old address of a person: `at`.
    EmailChanged = "email_changed",
    /// To a person: `at`.
    PasswordChanged = "password_changed",
    /// To a person: `at`.
    SecondFactorOn = "second_factor_on",
    /// To a person: `at`.
    SecondFactorOff = "second_factor_off",
    /// To those who may run the firm: `percent`, `used`, `maximum`.
    StorageNearlyFull = "storage_nearly_full",
}

/// A message ready to be sent or shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

static TEXT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment
});

static HTML: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment
});

const LAYOUT: &str = include_str!("../templates/layout.html");

impl Template {
    /// Fills in the parameters; a missing one is an error, not an empty place.
    pub fn render(self, locale: Locale, params: &Value) -> Result<Rendered, minijinja::Error> {
        let filled = TEXT.render_str(self.source(locale), Serde(params))?;
        let (subject, body) = filled.split_once('\n').unwrap_or((&filled, ""));
        let subject: String = subject.chars().filter(|c| !c.is_control()).collect();
        let paragraphs: Vec<&str> = body.trim().split("\n\n").collect();
        let view =
            json!({ "subject": subject, "paragraphs": paragraphs, "language": locale, "link": params.get("link") });
        let html = HTML.render_str(LAYOUT, Serde(view))?;
        Ok(Rendered { subject, text: format!("{}\n", body.trim()), html })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everything() -> Value {
        json!({ "link": "https://sme.example/x?token=abc&y=1", "name": "<b>陈</b>", "firm": "佛山\r\nBcc: v@y.com", "inviter": "李",
            "role": "sales", "number": "{{7*7}}", "total": "¥1.00", "carrier": "SF", "tracking_number": "SF1", "reason": "x",
            "amount": "¥2.00", "period": "2026-11", "at": "2026-11-01", "bucket": "docs", "path": "a\r\nb", "finding": "Eicar", "code": "91440300708461136T", "percent": 80, "used": "4.01 GiB", "maximum": "5.00 GiB" })
    }

    #[test]
    fn every_template_renders_in_both_languages_and_keeps_input_literal() {
        for template in Template::ALL {
            for locale in Locale::ALL {
                let mail = template.render(*locale, &everything()).unwrap();
                assert!(!mail.subject.is_empty() && !mail.subject.contains(['\r', '\n']), "{template} {locale}");
                assert!(mail.text.len() > 20 && !mail.text.contains("49"), "{template} {locale}: {}", mail.text);
                assert!(!mail.html.contains("<b>陈</b>"), "{template} {locale}");
            }
        }
    }

    #[test]
    fn a_link_is_whole_in_text_and_a_button_in_html() {
        let mail = Template::VerifyEmail.render(Locale::ZhCn, &everything()).unwrap();
        assert!(mail.text.contains("\nhttps://sme.example/x?token=abc&y=1\n"), "{}", mail.text);
        assert!(mail.html.contains("href=\"https:&#x2f;&#x2f;sme.example&#x2f;x?token=abc&amp;y=1\""), "{}", mail.html);
    }

    #[test]
    fn a_missing_parameter_is_an_error() {
        assert!(Template::OrderPaid.render(Locale::En, &json!({})).is_err());
    }
}
