//! The mail catcher as the product's own SMTP client and as a rude one see it.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "test code outside of test functions")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use lettre::message::{Message, MessageBuilder, MultiPart};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use mail_catcher::{CaughtMail, MailCatcher, SIZE_MAX};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufStream};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A clock that shows one second more each time.
async fn start(dir: &Path) -> MailCatcher {
    let seconds = AtomicI64::new(0);
    let now = move || DateTime::<Utc>::from_timestamp(seconds.fetch_add(1, Ordering::Relaxed), 0).unwrap();
    MailCatcher::start(dir, Arc::new(now)).await.unwrap()
}

fn letter(to: &[&str]) -> MessageBuilder {
    let builder = Message::builder().from("平台 <platform@example.com>".parse().unwrap());
    to.iter().fold(builder, |builder, to| builder.to(to.parse().unwrap()))
}

async fn send(catcher: &MailCatcher, message: Message) -> Result<(), lettre::transport::smtp::Error> {
    let client = AsyncSmtpTransport::<Tokio1Executor>::from_url(&catcher.smtp_url()).unwrap().build();
    client.send(message).await.map(drop)
}

async fn send_text(catcher: &MailCatcher, to: &[&str], subject: &str, text: &str) {
    send(catcher, letter(to).subject(subject).body(text.to_owned()).unwrap()).await.unwrap();
}

/// A client that says what it likes.
struct Rude(BufStream<TcpStream>);

impl Rude {
    async fn connect(catcher: &MailCatcher) -> Self {
        let url = catcher.smtp_url();
        let mut rude = Self(BufStream::new(TcpStream::connect(url.strip_prefix("smtp://").unwrap()).await.unwrap()));
        assert_eq!(rude.reply().await, "220");
        rude
    }

    /// The code of the next reply, its last line.
    async fn reply(&mut self) -> String {
        loop {
            let mut line = String::new();
            let read = timeout(Duration::from_secs(20), self.0.read_line(&mut line)).await.expect("no reply");
            assert_ne!(read.unwrap(), 0, "the server hung up");
            if line.as_bytes()[3] == b' ' {
                return line[..3].to_owned();
            }
        }
    }

    async fn say(&mut self, bytes: &str) -> String {
        self.0.write_all(bytes.as_bytes()).await.unwrap();
        self.0.flush().await.unwrap();
        self.reply().await
    }

    /// Up to the mail's text.
    async fn begin(&mut self) {
        for (line, code) in [("EHLO me", "250"), ("MAIL FROM:<>", "250"), ("RCPT TO:<a@b.cn>", "250"), ("DATA", "354")]
        {
            assert_eq!(self.say(&format!("{line}\r\n")).await, code, "{line}");
        }
    }
}

#[tokio::test]
async fn chinese_subject_and_both_parts_are_decoded() {
    let dir = tempfile::tempdir().unwrap();
    let catcher = start(dir.path()).await;
    let parts = MultiPart::alternative_plain_html("您好,\n请验证".to_owned(), "<p>您好</p>".to_owned());
    let message =
        letter(&["王女士 <wang@example.com>"]).subject("请验证您的电子邮件地址：佛山家具有限公司").multipart(parts);
    send(&catcher, message.unwrap()).await.unwrap();
    let mail = catcher.messages(None).remove(0);
    assert_eq!(mail.to, ["wang@example.com"]);
    assert_eq!(mail.subject, "请验证您的电子邮件地址：佛山家具有限公司");
    assert_eq!(mail.text.trim_end(), "您好,\n请验证");
    assert_eq!(mail.html.trim_end(), "<p>您好</p>");
    assert_eq!(mail.at.timestamp(), 0);
    catcher.stop().await;
}

#[test]
fn the_json_has_exactly_the_promised_fields() {
    let at = DateTime::<Utc>::from_timestamp(0, 0).unwrap();
    let mail = CaughtMail { to: vec!["a@b".into()], subject: "s".into(), text: "t".into(), html: "h".into(), at };
    let json = serde_json::to_string(&mail).unwrap();
    assert_eq!(json, r#"{"to":["a@b"],"subject":"s","text":"t","html":"h","at":"1970-01-01T00:00:00Z"}"#);
}

#[tokio::test]
async fn dots_at_line_starts_survive() {
    let dir = tempfile::tempdir().unwrap();
    let catcher = start(dir.path()).await;
    send_text(&catcher, &["a@example.com"], "dots", ".\n..\n.x\nend\n").await;
    assert_eq!(catcher.messages(None)[0].text.trim_end(), ".\n..\n.x\nend");
    catcher.stop().await;
}

#[tokio::test]
async fn a_restart_keeps_mails_their_order_and_doubles() {
    let dir = tempfile::tempdir().unwrap();
    let catcher = start(dir.path()).await;
    let message = letter(&["a@example.com"]).message_id(Some("<1@example.com>".into())).subject("twice");
    let message = message.body("same".to_owned()).unwrap();
    send(&catcher, message.clone()).await.unwrap();
    send(&catcher, message).await.unwrap();
    send_text(&catcher, &["b@example.com"], "last", "").await;
    let before = catcher.messages(None);
    assert_eq!(before.iter().map(|mail| mail.subject.as_str()).collect::<Vec<_>>(), ["last", "twice", "twice"]);
    catcher.stop().await;

    std::fs::write(dir.path().join("000000000009.tmp"), "cut short").unwrap();
    let catcher = start(dir.path()).await;
    assert_eq!(catcher.messages(None), before);
    assert!(!dir.path().join("000000000009.tmp").exists());
    send_text(&catcher, &["b@example.com"], "newer", "").await;
    assert_eq!(catcher.messages(None)[0].subject, "newer");
    assert_eq!(catcher.messages(None).len(), 4);
    catcher.stop().await;
}

#[tokio::test]
async fn an_acknowledged_mail_is_in_the_directory_already() {
    let dir = tempfile::tempdir().unwrap();
    let catcher = start(dir.path()).await;
    send_text(&catcher, &["a@example.com"], "kept", "").await;
    // A second catcher stands for the one after kill -9: the first had no chance to do anything more.
    let after = start(dir.path()).await;
    assert_eq!(after.messages(None), catcher.messages(None));
    assert_eq!(after.messages(None)[0].subject, "kept");
}

#[tokio::test]
async fn every_recipient_finds_the_mail() {
    let dir = tempfile::tempdir().unwrap();
    let catcher = start(dir.path()).await;
    send_text(&catcher, &["a@example.com", "b@example.com"], "both", "").await;
    send_text(&catcher, &["b@example.com"], "one", "").await;
    assert_eq!(catcher.messages(Some("A@Example.com")).len(), 1);
    assert_eq!(catcher.messages(Some("b@example.com")).len(), 2);
    assert_eq!(catcher.messages(Some("example.com")).len(), 0);
    assert_eq!(catcher.messages(None)[1].to, ["a@example.com", "b@example.com"]);
    catcher.stop().await;
}

#[tokio::test]
async fn one_can_wait_for_a_mail() {
    let dir = tempfile::tempdir().unwrap();
    let catcher = start(dir.path()).await;
    let mailbox = catcher.mailbox();
    let waiting = tokio::spawn(async move {
        mailbox.wait_for(|mails| mails.iter().find(|mail| mail.subject == "awaited").cloned()).await
    });
    send_text(&catcher, &["a@example.com"], "other", "").await;
    assert!(!waiting.is_finished());
    send_text(&catcher, &["a@example.com"], "awaited", "now").await;
    assert_eq!(waiting.await.unwrap().text.trim_end(), "now");
    catcher.stop().await;
}

#[tokio::test]
async fn an_oversize_mail_is_refused_before_and_after_its_text() {
    let dir = tempfile::tempdir().unwrap();
    let catcher = start(dir.path()).await;
    let line = format!("{}\r\n", "x".repeat(898));
    let mut rude = Rude::connect(&catcher).await;
    rude.begin().await;
    let all = line.repeat(SIZE_MAX / line.len());
    assert_eq!(rude.say(&format!("{all}.\r\n")).await, "250", "up to the limit it must be taken");
    rude.begin().await;
    assert_eq!(rude.say(&format!("{all}{line}.\r\n")).await, "552");
    assert_eq!(catcher.messages(None).len(), 1);

    let mut rude = Rude::connect(&catcher).await;
    rude.say("EHLO me\r\n").await;
    assert_eq!(rude.say(&format!("MAIL FROM:<> SIZE={}\r\n", SIZE_MAX + 1)).await, "552");
    assert_eq!(rude.say(&format!("MAIL FROM:<> SIZE={SIZE_MAX}\r\n")).await, "250");
    catcher.stop().await;
}

#[tokio::test]
async fn commands_out_of_order_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let catcher = start(dir.path()).await;
    let mut rude = Rude::connect(&catcher).await;
    for (line, code) in [
        ("MAIL FROM:<a@b.cn>", "503"),
        ("HELO me", "250"),
        ("RCPT TO:<a@b.cn>", "503"),
        ("DATA", "503"),
        ("MAIL FROM:<a@b.cn>", "250"),
        ("DATA", "503"),
        ("MAIL FROM:<a@b.cn>", "503"),
        ("RCPT TO:<a@b.cn>", "250"),
        ("RSET", "250"),
        ("RCPT TO:<a@b.cn>", "503"),
        ("NOOP", "250"),
        ("QUIT", "221"),
    ] {
        assert_eq!(rude.say(&format!("{line}\r\n")).await, code, "{line}");
    }
    assert_eq!(rude.0.read_line(&mut String::new()).await.unwrap(), 0, "QUIT must close");
    catcher.stop().await;
}

#[tokio::test]
async fn limits_on_lines_and_recipients_hold_and_the_session_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let catcher = start(dir.path()).await;
    let mut rude = Rude::connect(&catcher).await;
    assert_eq!(rude.say(&format!("EHLO {}\r\n", "x".repeat(100_000))).await, "500");
    rude.begin().await;
    assert_eq!(rude.say(&format!("{}\r\n.\r\n", "x".repeat(100_000))).await, "500");
    rude.say("MAIL FROM:<>\r\n").await;
    for _ in 0..100 {
        assert_eq!(rude.say("RCPT TO:<a@b.cn>\r\n").await, "250");
    }
    assert_eq!(rude.say("RCPT TO:<a@b.cn>\r\n").await, "452");
    assert_eq!(rude.say("DATA\r\n").await, "354");
    assert_eq!(rude.say("Subject: many\r\n\r\n.\r\n").await, "250");
    assert_eq!(catcher.messages(None)[0].to.len(), 100);
    catcher.stop().await;
}

#[tokio::test]
async fn no_mail_can_be_smuggled_into_another() {
    let dir = tempfile::tempdir().unwrap();
    let catcher = start(dir.path()).await;
    for end in ["\n.\r\n", "\n.\n", "\r\n.\n", "\r.\r\n"] {
        let mut rude = Rude::connect(&catcher).await;
        rude.begin().await;
        let inner = "MAIL FROM:<>\r\nRCPT TO:<victim@b.cn>\r\nDATA\r\nSubject: smuggled\r\n";
        rude.say(&format!("Subject: outer\r\n\r\ntext{end}{inner}\r\n.\r\n")).await;
        assert_eq!(rude.say("QUIT\r\n").await, "221", "{end:?} ended the mail");
    }
    assert!(catcher.messages(Some("victim@b.cn")).is_empty());
    catcher.stop().await;
}

#[tokio::test]
async fn an_unfinished_mail_is_not_kept_and_stop_ends_idle_clients() {
    let dir = tempfile::tempdir().unwrap();
    let catcher = start(dir.path()).await;
    let mut gone = Rude::connect(&catcher).await;
    gone.begin().await;
    gone.0.write_all(b"Subject: cut\r\n").await.unwrap();
    gone.0.flush().await.unwrap();
    drop(gone);
    let mut idle = Rude::connect(&catcher).await;
    catcher.stop().await;
    assert_eq!(idle.reply().await, "421");
    let catcher = start(dir.path()).await;
    assert!(catcher.messages(None).is_empty());
    catcher.stop().await;
}

#[tokio::test]
async fn a_mail_that_cannot_be_stored_is_not_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let catcher = start(dir.path()).await;
    std::fs::remove_dir_all(dir.path()).unwrap();
    let mut rude = Rude::connect(&catcher).await;
    rude.begin().await;
    assert_eq!(rude.say("Subject: lost\r\n.\r\n").await, "451");
    assert!(catcher.messages(None).is_empty());
    std::fs::create_dir(dir.path()).unwrap();
    rude.begin().await;
    assert_eq!(rude.say("Subject: kept\r\n.\r\n").await, "250", "the session must go on");
    catcher.stop().await;
}
