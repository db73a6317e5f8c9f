//! Tells people what happened: mails, and notices in a member's inbox.
//!
//! A mail is a row written in the transaction of its cause and sent by a job afterwards, so it goes out exactly if the cause
//! committed.
//!
//! ```text
//! queued --SendMail--> sent
//!    \--refused for good--> failed
//! ```
//!
//! - INV-N1: one cause sends one mail to one address: the dedupe key is unique in the tenant.
//! - INV-N2: every attempt carries the same `Message-ID`, so a repeated delivery is recognised by the receiver.
//! - INV-N3: one-time links leave the database once the mail is out.

mod inbox;
mod jobs;
mod mail;
mod mailer;
mod notify;
mod template;

pub use inbox::{MarkReadError, Notification, list, mark_all_read, mark_read};
pub use jobs::SendMail;
pub use mail::{NewMail, queue_mail};
pub use mailer::{MailError, Mailer};
pub use notify::{Audience, Notice, notify};
pub use template::{Rendered, Template};
