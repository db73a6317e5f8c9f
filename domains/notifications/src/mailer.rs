//! The only place that speaks SMTP.

use crate::Rendered;
use chrono::{DateTime, Utc};
use kernel::ids::MailId;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, MultiPart},
};
use std::{error::Error, sync::Arc, time::Duration};

/// A silent server is given up after this long; the transport's own time limit does not cover every wait.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);

/// Why a mail could not be sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// `SMTP_URL` or `MAIL_FROM` cannot be read.
    #[error("{0}")]
    Configuration(String),
    /// A template misses a parameter.
    #[error("the mail cannot be rendered")]
    Render(#[source] minijinja::Error),
    /// The recipient is not an address, or the mail cannot be built.
    #[error("the mail cannot be built: {0}")]
    Build(String),
    /// The server refused, or could not be reached. Its own words are left out, since they often repeat the address.
    #[error("the mail server did not take the mail: {reason}")]
    Smtp {
        /// The reply's code, or what became of the connection.
        reason: String,
        /// Whether the server refused for good.
        refused: bool,
    },
    /// No answer in time.
    #[error("the mail server gave no answer in time")]
    Timeout,
}

impl MailError {
    /// Whether trying again cannot help.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Configuration(_) | Self::Render(_) | Self::Build(_) => true,
            Self::Smtp { refused, .. } => *refused,
            Self::Timeout => false,
        }
    }
}

impl From<lettre::transport::smtp::Error> for MailError {
    fn from(error: lettre::transport::smtp::Error) -> Self {
        let reason = match error.status() {
            Some(code) => code.to_string(),
            None if error.is_timeout() => "timeout".to_owned(),
            None => error.source().map_or_else(|| "no connection".to_owned(), ToString::to_string),
        };
        Self::Smtp { reason, refused: error.is_permanent() }
    }
}

/// Sends mails through one SMTP server. Cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Arc<Mailbox>,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer").field("from", &self.from).finish_non_exhaustive()
    }
}

impl Mailer {
    /// A mailer for `SMTP_URL` (`smtp://user:password@host:port?tls=required`) and `MAIL_FROM` (`Name <address>`).
    pub fn new(smtp_url: &str, from: &str) -> Result<Self, MailError> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(smtp_url)
            .map_err(|_| MailError::Configuration("SMTP_URL must look like smtp://host:port".into()))?
            .timeout(Some(Duration::from_secs(20)))
            .build();
        let from = from.parse().map_err(|_| MailError::Configuration("MAIL_FROM must be a mail address".into()))?;
        Ok(Self { transport, from: Arc::new(from) })
    }

    /// Sends one mail; `id` makes its `Message-ID`, the same at every attempt.
    pub async fn send(&self, id: MailId, to: &str, date: DateTime<Utc>, mail: Rendered) -> Result<(), MailError> {
        let to: Mailbox = to.parse().map_err(|e| MailError::Build(format!("recipient: {e}")))?;
        let message = Message::builder()
            .from((*self.from).clone())
            .to(to)
            .date(date.into())
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .subject(mail.subject)
            .multipart(MultiPart::alternative_plain_html(mail.text, mail.html))
            .map_err(|e| MailError::Build(e.to_string()))?;
        tokio::time::timeout(SEND_TIMEOUT, self.transport.send(message)).await.map_err(|_| MailError::Timeout)??;
        Ok(())
    }
}
