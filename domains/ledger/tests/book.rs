//! The book on a real PostgreSQL, through the unprivileged login role.
#![expect(clippy::unwrap_used, reason = "test code")]

use chrono::Utc;
use db::{Db, DbConfig, DbError, TenantScope, TenantTx};
use diesel::connection::SimpleConnection;
use kernel::{
    Actor, Currency, ManualClock, Money,
    ids::{Id, TenantId},
    pages::PageRequest,
};
use ledger::{AccountKey, AccountKind, BalancedEntry, Leg, PostError, Posted, post};
use std::sync::Arc;
use test_cluster::{Cluster, TestDatabase};

struct Books {
    db: Db,
    firm: TenantScope,
    database: TestDatabase,
}

impl Books {
    fn open() -> Self {
        let database = Cluster::get().database();
        let clock = Arc::new(ManualClock::at(Utc::now()));
        let db = Db::new(&DbConfig::new(database.app_url()), clock);
        let firm = TenantScope::grant(TenantId::new(Utc::now()), Actor::system("test"));
        Self { db, firm, database }
    }

    async fn post(&self, entry: BalancedEntry) -> Result<Posted, PostError> {
        self.db.tenant("test", self.firm.clone(), move |tx| post(tx, &entry)).await
    }

    /// The firm's available balance, after the book was proved right.
    async fn available(&self) -> i64 {
        let (proof, balances) = self
            .db
            .tenant("test", self.firm.clone(), |tx| {
                Ok::<_, DbError>((ledger::trial_balance(tx)?, ledger::balances(tx)?))
            })
            .await
            .unwrap();
        assert!(proof.is_right(), "{proof:?}");
        balances.first().map_or(0, |balance| balance.available_minor)
    }

    /// Statements as the tenant, past all our code.
    async fn raw(&self, sql: impl Fn(&TenantTx<'_>) -> String + Send + 'static) -> Result<(), DbError> {
        let run = move |tx: &mut TenantTx<'_>| {
            let sql = sql(tx);
            Ok(tx.conn().batch_execute(&sql)?)
        };
        self.db.tenant("test.raw", self.firm.clone(), run).await
    }
}

fn moved(source: &str, from: AccountKind, to: AccountKind, amount: i64) -> BalancedEntry {
    let amount = Money::new(amount, Currency::Cny);
    let legs = vec![Leg::debit(AccountKey::of(from), amount), Leg::credit(AccountKey::of(to), amount)];
    BalancedEntry::new(source, legs).unwrap()
}

fn income(source: &str, amount: i64) -> BalancedEntry {
    moved(source, AccountKind::Clearing, AccountKind::Available, amount)
}

fn payout(source: &str, amount: i64) -> BalancedEntry {
    moved(source, AccountKind::Available, AccountKind::Clearing, amount)
}

#[tokio::test]
async fn a_source_is_posted_once_and_never_with_another_content() {
    let books = Books::open();
    let first = books.post(income("sale 1", 500)).await.unwrap();
    let again = books.post(income("sale 1", 500)).await.unwrap();
    assert_eq!((first.fresh, again.fresh, first.entry), (true, false, again.entry));
    assert!(matches!(books.post(income("sale 1", 501)).await, Err(PostError::Conflict)));
    assert_eq!(books.available().await, 500);
}

#[tokio::test]
async fn nothing_below_zero_and_a_refusal_leaves_nothing() {
    let books = Books::open();
    books.post(income("sale", 500)).await.unwrap();
    assert!(matches!(books.post(payout("payout", 501)).await, Err(PostError::InsufficientFunds(_))));
    books.post(payout("payout", 500)).await.unwrap();
    assert_eq!(books.available().await, 0);
    let page = PageRequest::default();
    let listed = books.db.tenant("test", books.firm.clone(), move |tx| ledger::entries(tx, None, &page)).await;
    let sources: Vec<String> = listed.map_err(|e: DbError| e).unwrap().data.into_iter().map(|e| e.source).collect();
    assert_eq!(sources, ["payout", "sale"]);
}

#[tokio::test]
async fn parallel_payouts_never_take_more_than_there_is() {
    let books = Arc::new(Books::open());
    books.post(income("sale", 1_000)).await.unwrap();
    let pay = |n: usize| {
        let books = Arc::clone(&books);
        tokio::spawn(async move { books.post(payout(&format!("payout {n}"), 100)).await })
    };
    let tries: Vec<_> = (0..24).map(pay).collect();
    let mut paid = 0;
    for one in tries {
        match one.await.unwrap() {
            Ok(posted) => paid += i32::from(posted.fresh),
            Err(error) => assert!(matches!(error, PostError::InsufficientFunds(_)), "{error}"),
        }
    }
    assert_eq!((paid, books.available().await), (10, 0));
}

#[tokio::test]
async fn the_database_refuses_what_the_type_cannot_stop() {
    let books = Books::open();
    books.post(income("sale", 500)).await.unwrap();
    let one_sided = |tx: &TenantTx<'_>| {
        let entry = kernel::ids::new_uuid(tx.now());
        format!(
            "INSERT INTO ledger_entries (id, source, content, posted_at) VALUES ('{entry}', 'forged', '', now());
             INSERT INTO ledger_postings (entry_id, position, account_id, side, amount, currency)
             SELECT '{entry}', row_number() OVER (), id, 'debit', 5, 'CNY' FROM ledger_accounts"
        )
    };
    let refused = books.raw(one_sided).await.unwrap_err();
    assert!(std::error::Error::source(&refused).unwrap().to_string().contains("does not balance"), "{refused:?}");
    let empty =
        "INSERT INTO ledger_entries (id, source, content, posted_at) VALUES (gen_random_uuid(), 'e', '', now())";
    assert!(books.raw(move |_| empty.to_owned()).await.is_err());
    for statement in [
        "UPDATE ledger_postings SET amount = 1",
        "DELETE FROM ledger_entries",
        "UPDATE ledger_accounts SET kind = 'bank'",
        "UPDATE ledger_balances SET debits = credits + 1 WHERE guarded",
    ] {
        assert!(books.raw(move |_| statement.to_owned()).await.is_err(), "{statement}");
    }
    // Not even the owner by accident.
    assert!(books.database.superuser().batch_execute("DELETE FROM ledger_postings").is_err());
    assert_eq!(books.available().await, 500);
}

#[tokio::test]
async fn a_look_over_the_book_finds_a_balance_that_was_tampered_with() {
    let books = Books::open();
    books.post(income("sale", 500)).await.unwrap();
    books.database.sql("UPDATE ledger_balances SET credits = credits + 1 WHERE guarded");
    let proof = books.db.tenant("test", books.firm.clone(), ledger::trial_balance).await;
    let proof = proof.map_err(|error: DbError| error).unwrap();
    assert_eq!(proof.wrong_balances, ["available CNY"]);
    assert_eq!(proof.postings, 2);
}
