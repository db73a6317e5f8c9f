//! Mails and notices on a real PostgreSQL and through a real SMTP server.
#![expect(clippy::unwrap_used, reason = "test code outside of test functions")]

use db::{Db, DbConfig, DbError, TenantScope, TenantTx};
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use jobs::{Drained, Registry, Worker, WorkerConfig};
use kernel::{
    Actor, Clock, ManualClock,
    ids::{Id, TenantId, UserId},
    pages::PageRequest,
    permission::Role,
};
use mail_catcher::MailCatcher;
use notifications::{Audience, Mailer, MarkReadError, NewMail, Notice, Notification, SendMail, Template};
use serde_json::{Value, json};
use std::sync::Arc;
use tempfile::TempDir;
use tenants::Locale;
use test_cluster::{Cluster, TestDatabase};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufStream},
    net::TcpListener,
};

struct Place {
    clock: Arc<ManualClock>,
    db: Db,
    firm: TenantScope,
    catcher: MailCatcher,
    database: TestDatabase,
    _dir: TempDir,
}

impl Place {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let database = Cluster::get().database();
        let clock = Arc::new(ManualClock::at("2030-01-01T00:00:00Z".parse().unwrap()));
        let db = Db::new(&DbConfig::new(database.app_url()), clock.clone());
        let firm = TenantScope::grant(TenantId::new(clock.now()), Actor::system("test"));
        let now = clock.clone();
        let catcher = MailCatcher::start(&dir.path().join("mail"), Arc::new(move || now.now())).await.unwrap();
        Self { clock, db, firm, catcher, database, _dir: dir }
    }

    async fn run<T, F>(&self, work: F) -> T
    where
        T: Send + 'static,
        F: Fn(&mut TenantTx<'_>) -> Result<T, DbError> + Send + 'static,
    {
        self.db.tenant("test", self.firm.clone(), work).await.unwrap()
    }

    async fn queue(&self, to: &str, key: Option<&str>) {
        let mail = NewMail {
            to: to.to_owned(),
            template: Template::VerifyEmail,
            locale: Locale::ZhCn,
            params: json!({ "name": "林梅", "link": "https://sme.example/verify?token=secret-1" }),
            dedupe_key: key.map(str::to_owned),
        };
        self.run(move |tx| notifications::queue_mail(tx, &mail)).await;
    }

    /// Runs due jobs with a mail server.
    async fn work(&self, smtp_url: &str) -> Drained {
        let mailer = Mailer::new(smtp_url, "SME Cloud <no-reply@sme.example>").unwrap();
        let registry = Registry::new(self.db.clone()).job::<SendMail>(mailer);
        Worker::new(registry, WorkerConfig::default()).drain().await.unwrap()
    }

    /// State and parameters of the one mail.
    fn mail(&self) -> (String, Value) {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Text)]
            state: String,
            #[diesel(sql_type = Text)]
            params: String,
        }
        let row: Row = sql_query("SELECT state, params::text AS params FROM mails")
            .get_result(&mut self.database.superuser())
            .unwrap();
        (row.state, serde_json::from_str(&row.params).unwrap())
    }

    fn member(&self, name: &str, role: Role, locale: Locale) -> UserId {
        let (id, user) = (uuid_text(&self.clock), UserId::new(self.clock.now()));
        let tenant = self.firm.tenant().uuid();
        let values = format!(
            "'{tenant}', '{id}', '{}', '{name}@b.cn', '{name}', '{locale}', '{role}', now(), now()",
            user.uuid()
        );
        let columns = "tenant_id, id, user_id, email, display_name, locale, role, created_at, updated_at";
        self.database.sql(&format!("INSERT INTO members ({columns}) VALUES ({values})"));
        user
    }

    async fn inbox(&self, user: UserId) -> Vec<Notification> {
        self.run(move |tx| notifications::list(tx, user, &PageRequest::default())).await.data
    }
}

fn uuid_text(clock: &ManualClock) -> String {
    kernel::ids::new_uuid(clock.now()).to_string()
}

/// A mail server that answers every recipient with this line; the address to reach it.
async fn server_that_says(reply: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = BufStream::new(stream);
            stream.write_all(b"220 ready\r\n").await.unwrap();
            stream.flush().await.unwrap();
            let mut line = String::new();
            while stream.read_line(&mut line).await.is_ok_and(|read| read > 0) {
                let answer = if line.starts_with("RCPT") { reply } else { "250 ok" };
                stream.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
                stream.flush().await.unwrap();
                line.clear();
            }
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn one_cause_sends_one_mail_and_its_link_leaves_the_database() {
    let place = Place::new().await;
    for _ in 0..2 {
        place.queue("lin@b.cn", Some("verify usr_1")).await;
    }
    assert_eq!(place.mail().0, "queued");
    let drained = place.work(&place.catcher.smtp_url()).await;
    assert_eq!((drained.ran, drained.failed), (1, vec![]));
    let caught = place.catcher.messages(None);
    assert_eq!(caught.len(), 1);
    assert!(caught[0].text.contains("https://sme.example/verify?token=secret-1"), "{}", caught[0].text);
    assert_eq!(place.mail(), ("sent".to_owned(), json!({})));
    place.queue("other@b.cn", Some("verify usr_1")).await;
    for _ in 0..2 {
        place.queue("lin@b.cn", None).await;
    }
    place.work(&place.catcher.smtp_url()).await;
    assert_eq!(
        place.catcher.messages(None).len(),
        4,
        "another address and causes without a name are mails of their own"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_waits_while_the_server_is_down() {
    let place = Place::new().await;
    place.queue("lin@b.cn", Some("k")).await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for url in [format!("smtp://{closed}"), server_that_says("451 later").await] {
        let drained = place.work(&url).await;
        assert_eq!((drained.ran, drained.failed.len()), (1, 1), "{url}");
        assert_eq!(place.mail().0, "queued");
        place.clock.advance(chrono::Duration::hours(2));
    }
    let drained = place.work(&place.catcher.smtp_url()).await;
    assert_eq!((drained.ran, drained.failed), (1, vec![]));
    assert_eq!((place.mail().0.as_str(), place.catcher.messages(Some("lin@b.cn")).len()), ("sent", 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_no_server_ever_takes_is_failed_and_its_link_leaves_the_database() {
    let place = Place::new().await;
    place.queue("lin@b.cn", Some("k")).await;
    let before_last = <SendMail as jobs::Job>::POLICY.max_attempts - 1;
    place.database.sql(&format!("UPDATE jobs SET attempts = {before_last}"));
    let busy = server_that_says("451 later").await;
    assert_eq!(place.work(&busy).await.failed.len(), 1);
    assert_eq!(place.mail(), ("failed".to_owned(), serde_json::json!({})));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_refused_for_good_is_not_tried_again() {
    let place = Place::new().await;
    place.queue("gone@b.cn", None).await;
    let url = server_that_says("550 no such mailbox: gone@b.cn").await;
    let failed = place.work(&url).await.failed;
    assert!(failed[0].1.contains("550") && !failed[0].1.contains("gone@b.cn"), "no address in logs: {failed:?}");
    assert_eq!(failed.len(), 1);
    assert_eq!(place.mail(), ("failed".to_owned(), json!({})));
    place.clock.advance(chrono::Duration::days(7));
    assert_eq!(place.work(&place.catcher.smtp_url()).await.ran, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_reaches_the_members_who_care_once_in_their_language() {
    let place = Place::new().await;
    let owner = place.member("owner", Role::Owner, Locale::ZhCn);
    let finance = place.member("finance", Role::Finance, Locale::En);
    let viewer = place.member("viewer", Role::Viewer, Locale::En);
    for _ in 0..2 {
        place.run(tell).await;
    }
    place.work(&place.catcher.smtp_url()).await;
    for (user, notices) in [(owner, 1), (finance, 1), (viewer, 0)] {
        assert_eq!(place.inbox(user).await.len(), notices);
    }
    assert_eq!(place.catcher.messages(None).len(), 2);
    assert!(place.catcher.messages(Some("finance@b.cn"))[0].subject.contains("invoice"));
    assert!(!place.catcher.messages(Some("owner@b.cn"))[0].subject.contains("invoice"));
    let id = place.inbox(owner).await[0].id;
    let mark = |user| place.db.tenant("test", place.firm.clone(), move |tx| notifications::mark_read(tx, user, id));
    assert!(matches!(mark(finance).await, Err(MarkReadError::NotFound)), "somebody else's notice");
    let first = mark(owner).await.unwrap().read_at;
    assert_eq!(first, Some(place.clock.now()));
    place.clock.advance(chrono::Duration::hours(1));
    assert_eq!(mark(owner).await.unwrap().read_at, first, "read once");
    for marked in [1, 0] {
        assert_eq!(place.run(move |tx| notifications::mark_all_read(tx, finance)).await, marked);
    }
}

fn tell(tx: &mut TenantTx<'_>) -> Result<(), DbError> {
    let notice = Notice {
        to: Audience::Roles(&[Role::Owner, Role::Finance]),
        template: Template::InvoiceFinalized,
        params: json!({ "number": "2026-11-0001", "period": "2026-11", "total": "CNY 99.00" }),
        dedupe_key: "invoice 1".to_owned(),
    };
    notifications::notify(tx, &notice)
}
