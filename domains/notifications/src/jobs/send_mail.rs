//! Hands one queued mail to the mail server.

use crate::{
    MailError, Mailer,
    mail::{Mail, MailState, find_queued, settle},
};
use chrono::Duration;
use db::{DbError, TenantScope};
use jobs::{Job, JobContext, JobError, Policy};
use kernel::ids::MailId;

/// What happened this long ago is no news any more: after a long standstill, or of a history that was told afterwards.
const STALE: Duration = Duration::days(7);

/// Sends one mail.
///
/// Enqueued by: `queue_mail`. Repeats: safe up to the mail server's answer; a crash after that sends the mail again with the
/// same Message-ID. Order: none. Gives up: when the server refuses the mail for good, it cannot be rendered, or
/// the last attempt has failed; a mail older than a week is not sent.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct SendMail {
    /// The mail.
    pub mail_id: MailId,
}

impl Job for SendMail {
    const KIND: &'static str = "notifications.send_mail";
    const POLICY: Policy = Policy::remote();
    type Scope = TenantScope;
    type Deps = Mailer;

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        let id = self.mail_id;
        let Some(mail) = context.tenant("notifications.find_mail", move |tx| find_queued(tx, id)).await? else {
            return Ok(());
        };
        if context.now() - mail.created_at > STALE {
            return Ok(settle_as(context, id, MailState::Failed, Some("older than a week".to_owned())).await?);
        }
        let sent = send(context.deps(), &mail).await;
        match sent {
            Ok(()) => Ok(settle_as(context, id, MailState::Sent, None).await?),
            // After the last attempt the link has no more use either.
            Err(error) if error.is_final() || context.is_last_attempt() => {
                settle_as(context, id, MailState::Failed, Some(error.to_string())).await?;
                Err(JobError::give_up(error))
            }
            Err(error) => Err(JobError::retry(error)),
        }
    }
}

async fn send(mailer: &Mailer, mail: &Mail) -> Result<(), MailError> {
    let rendered = mail.template.render(mail.locale, &mail.params).map_err(MailError::Render)?;
    mailer.send(mail.id, &mail.recipient, mail.created_at, rendered).await
}

async fn settle_as(
    context: &JobContext<SendMail>,
    id: MailId,
    state: MailState,
    error: Option<String>,
) -> Result<(), DbError> {
    context.tenant("notifications.settle_mail", move |tx| settle(tx, id, state, error.as_deref())).await
}
