//! The state survives: restart, torn tail, and no second user of the folder.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use stripe_simulator::{Config, JournalError, StartError, StripeSimulator};
use tokio::sync::watch;

use crate::stage::{KEY, Stage, config, id, read};

#[tokio::test]
async fn everything_acknowledged_is_there_after_a_restart() {
    let stage = Stage::new().await;
    let seller = stage.seller().await;
    let intent = stage.pay("1000", "pm_card_visa").await;
    stage.make("/v1/refunds", &[("payment_intent", &id(&intent)), ("amount", "100")]).await;
    let form = [("amount", "500"), ("currency", "usd"), ("destination", seller.as_str())];
    stage.make("/v1/transfers", &form).await;
    let paths =
        ["payment_intents", "charges", "refunds", "transfers", "balance", "balance_transactions", "events?limit=100"];
    let mut before = Vec::new();
    for path in paths {
        before.push(stage.get(&format!("/v1/{path}")).await);
    }
    let mut stage = stage;
    for _ in 0..2 {
        stage = stage.restart(None).await;
        for (path, before) in paths.iter().zip(&before) {
            assert_eq!(stage.get(&format!("/v1/{path}")).await, *before, "{path}");
        }
    }
    assert_ne!(id(&stage.pay("1000", "pm_card_visa").await), id(&intent), "ids go on after a restart");
}

#[tokio::test]
async fn a_torn_record_is_cut_and_the_simulator_goes_on() {
    let stage = Stage::new().await;
    let intent = id(&stage.pay("1000", "pm_card_visa").await);
    let Stage { folder, simulator, .. } = stage;
    simulator.stop().await;
    let mut journal = OpenOptions::new().append(true).open(folder.path().join("journal.jsonl")).unwrap();
    journal.write_all(b"0123456789abcdef {\"put\":[{\"acc").unwrap();
    let stage = Stage::on(folder, None).await;
    let second = id(&stage.pay("500", "pm_card_visa").await);
    let stage = stage.restart(None).await;
    for intent in [intent, second] {
        assert_eq!(stage.get(&format!("/v1/payment_intents/{intent}")).await["status"], "succeeded");
    }
}

#[tokio::test]
async fn a_folder_serves_one_simulator_at_a_time() {
    let stage = Stage::new().await;
    let second = StripeSimulator::start(Config { seed: None, ..config(stage.folder.path()) }).await;
    assert!(matches!(second, Err(StartError::Journal(JournalError::Locked))));
}

const FOLDER: &str = "SIMULATOR_FOLDER";
const ADDRESS: &str = "listening on ";

/// The other process of the test below: serves until it is killed.
#[tokio::test]
#[ignore = "run as a child process by kill_nine_loses_nothing_and_doubles_nothing"]
async fn serve_until_killed() {
    let folder = std::env::var(FOLDER).unwrap();
    let simulator = StripeSimulator::start(config(folder.as_ref())).await.unwrap();
    writeln!(std::io::stdout(), "{ADDRESS}{}", simulator.base_url()).unwrap();
    std::future::pending::<()>().await;
}

/// The child and its address; killed as by `kill -9`, also when the test fails.
struct Victim(Child, String);

impl Drop for Victim {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn spawn(folder: &std::path::Path) -> Victim {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["crash::serve_until_killed", "--exact", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let line = lines.find(|line| line.contains(ADDRESS)).unwrap();
    Victim(child, line.split_once(ADDRESS).unwrap().1.to_owned())
}

/// Pays under a key; none when the connection broke.
async fn pay(url: &str, order: usize) -> Option<String> {
    let form = [("amount", "1000"), ("currency", "usd"), ("payment_method", "pm_card_visa"), ("confirm", "true")];
    let request = reqwest::Client::new().post(format!("{url}/v1/payment_intents")).bearer_auth(KEY);
    let answer = request.header("idempotency-key", format!("order-{order}")).form(&form).send().await.ok()?;
    assert_eq!(answer.status(), 200);
    Some(id(&serde_json::from_str(&answer.text().await.ok()?).unwrap()))
}

#[tokio::test]
async fn kill_nine_loses_nothing_and_doubles_nothing() {
    const ORDERS: usize = 60;
    let folder = tempfile::tempdir().unwrap();
    let mut paid: Vec<Option<String>> = vec![None; ORDERS];
    for round in 0..5 {
        let victim = spawn(folder.path());
        let url = victim.1.clone();
        let answered = watch::Sender::new(0);
        let all = futures_util::future::join_all((0..ORDERS).map(async |order| {
            let answer = pay(&url, order).await;
            answered.send_modify(|count| *count += 1);
            answer
        }));
        // The kill falls into the middle of the calls, each round a little later.
        let kill = async {
            answered.subscribe().wait_for(|count| *count >= 5 + 10 * round).await.unwrap();
            drop(victim);
        };
        let (answers, ()) = tokio::join!(all, kill);
        for (known, answer) in paid.iter_mut().zip(answers) {
            assert!(known.is_none() || answer.is_none() || *known == answer, "one key, one payment");
            *known = known.take().or(answer);
        }
    }
    let victim = spawn(folder.path());
    let url = victim.1.clone();
    for (order, known) in paid.iter().enumerate() {
        let answer = pay(&url, order).await.unwrap();
        assert!(known.as_ref().is_none_or(|known| *known == answer), "an acknowledged payment is there");
    }
    let get = |path: &str| read(reqwest::Client::new().get(format!("{url}{path}")).bearer_auth(KEY));
    let charges = get("/v1/charges?limit=100").await.1;
    assert_eq!(charges["data"].as_array().unwrap().len(), ORDERS);
    assert_eq!(get("/v1/balance").await.1["available"][0]["amount"], 941 * i64::try_from(ORDERS).unwrap());
}
