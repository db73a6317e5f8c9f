//! F10: the connection to PostgreSQL breaks at a COMMIT of a request, at each in turn, before the server has heard of it, after,
//! and at its answer. The caller is told that the outcome is not known, and the same request again leaves exactly what one
//! undisturbed request leaves.

use super::{
    effects::{Effect, measures, since, times},
    goods_writes::SHELF,
    stage::{Ask, Stage},
    storage_writes::{READS, STORAGE},
    writes::{self, ACCOUNT, DESKS, FIRMS, GOODS, IDENTITY, MONEY, TRADE},
};
use crate::rules::requests::Operation;
use chrono::Duration;
use serde_json::json;
use std::collections::BTreeSet;
use stripe_simulator::WebhookFault;
use tests::{Answer, Cut, address};

/// A request that was lost between two transactions may be taken over by then.
const TAKEN_OVER: Duration = Duration::seconds(41);

/// What a repetition is told after its first request took effect, where that is not the same answer again.
enum Repeated {
    /// The same answer, or one that says the same.
    Answered,
    /// What was asked for is done already; the code says so.
    Refused(u16, &'static str),
    /// Each attempt has an effect of its own, which is harmless: a session of which nobody knows the tokens, one signing key more,
    /// a second file beside the first.
    Again,
    /// What a repetition leaves takes the place of what the first left, such as a link; that it was asked for twice is noted.
    Anew,
}

fn repeated(operation: &str) -> Repeated {
    match operation {
        "sign_up" => Repeated::Refused(409, "email_taken"),
        "verify_email" | "reset_password" => Repeated::Refused(400, "link_invalid"),
        "accept_invitation" => Repeated::Refused(400, "invitation_invalid"),
        "revoke_invitation" => Repeated::Refused(409, "invitation_settled"),
        "close_tenant" => Repeated::Refused(401, "unauthenticated"),
        "admin_approve_verification" | "admin_reject_verification" => Repeated::Refused(409, "verification_settled"),
        "remove_member"
        | "delete_role"
        | "delete_file"
        | "admin_retry_job"
        | "admin_discard_job"
        | "delete_bucket"
        | "purge_file_version"
        | "purge_file"
        | "release_file_hold"
        | "end_session"
        | "delete_variant"
        | "delete_buyer_group"
        | "delete_price_list"
        | "delete_category"
        | "delete_collection"
        | "delete_location"
        | "discard_product_change" => Repeated::Refused(404, "not_found"),
        "admin_mfa" | "confirm_log_in" => Repeated::Refused(401, "wrong_code"),
        "change_password" => Repeated::Refused(403, "wrong_password"),
        "confirm_totp" => Repeated::Refused(409, "totp_not_enabled"),
        "log_in"
        | "switch_tenant"
        | "resend_verification"
        | "admin_log_in"
        | "admin_rotate_signing_key"
        | "step_up"
        | "unlock_share"
        | "bring_file"
        | "issue_download"
        | "create_resumable_upload" => Repeated::Again,
        "append_to_resumable_upload" => Repeated::Refused(409, "upload_offset_conflict"),
        "end_resumable_upload" => Repeated::Refused(410, "upload_gone"),
        "forgot_password" | "change_email" | "begin_totp" | "replace_recovery_codes" | "record_consent" => {
            Repeated::Anew
        }
        _ => Repeated::Answered,
    }
}

/// Transactions that only read, after the one that takes effect.
fn reads_afterwards(operation: &str) -> u32 {
    // The new key is loaded.
    u32::from(operation == "admin_rotate_signing_key")
}

/// What is not an effect: jobs that wait or look after something from time to time, and the room that an upload of unknown
/// outcome holds until the sweeper gives it back; and the chain that every call of an administrator is in (INV-AD2).
fn is_passing(operation: &str, name: &str) -> bool {
    let table = name.split('.').next().unwrap_or_default();
    match table {
        "jobs" => !operation.ends_with("_job"),
        "audit_log" | "heads" if notes_refusals(operation) => {
            !name.starts_with("audit_log.action=") || is_refusal(name)
        }
        "audit_log" | "heads" => operation.ends_with("_job") || is_decision(operation),
        // The first change of a day makes its row; what is counted in it must be the same.
        "bucket_storage_days" | "bucket_traffic_days" => {
            ![".bytes", ".write_requests", ".read_requests", ".egress_bytes"].iter().any(|sum| name.ends_with(sum))
        }
        "blobs" | "audit_roots" => true,
        _ => name == "limits.reserved",
    }
}

/// A repetition that is refused leaves a row of its own: what was shown serves once.
fn notes_refusals(operation: &str) -> bool {
    matches!(operation, "admin_mfa" | "confirm_log_in" | "change_password")
}

fn is_refusal(name: &str) -> bool {
    ["refused", "failed", "unknown", "wrong"].iter().any(|word| name.contains(word))
}

/// An administrator's attempt is noted though there is nothing left to decide.
fn is_decision(operation: &str) -> bool {
    operation.starts_with("admin_") && operation.ends_with("_verification")
}

/// Rows that tell of refusals.
fn refusals(effect: &Effect) -> i64 {
    let told = effect.iter().filter(|(name, _)| name.starts_with("audit_log.action=") && is_refusal(name));
    told.map(|(_, growth)| growth).sum()
}

fn lasting(operation: &str, effect: Effect) -> Effect {
    effect.into_iter().filter(|(name, _)| !is_passing(operation, name)).collect()
}

/// What a request leaves that nothing disturbs, and how many times it commits.
async fn undisturbed(stage: &Stage, operation: &str) -> (u32, Effect) {
    let ask = writes::ask(stage, operation).await;
    stage.app.run_jobs().await;
    let before = measures(&stage.app);
    stage.app.stripe.faults().next_webhooks(4, WebhookFault::Hold);
    stage.app.proxy().watch();
    let answer = ask.send().await;
    let commits = stage.app.proxy().commits();
    stage.app.stripe.faults().clear();
    assert!(answer.status < 300, "{operation}: {}", answer.text());
    stage.app.run_jobs().await;
    (commits, lasting(operation, since(&before, &stage.app)))
}

/// Repeats a request, and comes back later if it is told to.
async fn again(stage: &Stage, ask: &Ask) -> Answer {
    let answer = ask.send().await;
    if answer.status == 409 && answer.value()["code"] == "idempotency_in_progress" {
        assert!(!answer.header("retry-after").is_empty());
        stage.app.clock.advance(TAKEN_OVER);
        settle(stage).await;
        return ask.send().await;
    }
    answer
}

/// Lets everything come to its end; a message of the provider that came too early is looked at again later.
async fn settle(stage: &Stage) {
    let mut failed = stage.app.run_jobs_that_may_fail().await;
    for _ in 0..3 {
        if failed.is_empty() {
            return;
        }
        stage.app.clock.advance(Duration::minutes(3));
        failed = stage.app.run_jobs_that_may_fail().await;
    }
    assert!(failed.is_empty(), "jobs go on failing: {failed:#?}");
}

async fn survives(stage: &Stage, operation: &str, (cut, number, commits): (Cut, u32, u32), expected: &Effect) {
    let what = format!("{operation}, cut {cut:?} COMMIT {number} of {commits}");
    let ask = writes::ask(stage, operation).await;
    stage.app.run_jobs().await;
    let before = measures(&stage.app);
    stage.app.stripe.faults().next_webhooks(4, WebhookFault::Hold);
    stage.app.proxy().cut(cut, number);
    let answer = ask.send().await;
    assert!(stage.app.proxy().heal().await, "{what}: no cut was made");
    assert_eq!((answer.status, &answer.value()["code"]), (503, &"outcome_unknown".into()), "{what}: {}", answer.text());
    assert!(!answer.header("retry-after").is_empty(), "{what}");
    stage.app.stripe.faults().clear();
    let retried = again(stage, &ask).await;
    settle(stage).await;
    let effect = since(&before, &stage.app);
    let takes_effect = commits - reads_afterwards(operation);
    let may_have = number > takes_effect || (number == takes_effect && cut != Cut::Before);
    if notes_refusals(operation) {
        assert_eq!(
            refusals(&effect),
            i64::from(may_have),
            "{what}: a refused repetition leaves a row, and nothing else does"
        );
    }
    let effect = lasting(operation, effect);
    match repeated(operation) {
        Repeated::Refused(status, code) if may_have => drop(retried.problem(status, code)),
        _ => assert!(retried.status < 300, "{what}: {} {}", retried.status, retried.text()),
    }
    let doubled = match repeated(operation) {
        Repeated::Again => may_have && effect == times(expected, 2),
        Repeated::Anew => may_have && once_or_twice(expected, &effect),
        Repeated::Answered | Repeated::Refused(..) => false,
    };
    assert!(doubled || effect == *expected, "{what}: {:#?}", difference(expected, &effect));
}

/// Whether everything of an effect is there, once or twice, and nothing else.
fn once_or_twice(expected: &Effect, found: &Effect) -> bool {
    let fits =
        |(name, growth): (&String, &i64)| expected.get(name).is_some_and(|once| [*once, 2 * once].contains(growth));
    expected.len() == found.len() && found.iter().all(fits)
}

/// Measures that differ: expected, found.
fn difference<'a>(expected: &'a Effect, found: &'a Effect) -> Vec<(&'a String, i64, i64)> {
    let names: BTreeSet<_> = expected.keys().chain(found.keys()).collect();
    let of = |effect: &Effect, name: &String| effect.get(name).copied().unwrap_or_default();
    let lines = names.into_iter().map(|name| (name, of(expected, name), of(found, name)));
    lines.filter(|(_, expected, found)| expected != found).collect()
}

async fn every_cut(operations: &[&str]) {
    let mut stage = Stage::new().await;
    for operation in operations {
        // Some things are written at first only, such as a seller's first day of orders.
        undisturbed(&stage, operation).await;
        let (commits, expected) = undisturbed(&stage, operation).await;
        let (_, once_more) = undisturbed(&stage, operation).await;
        assert_eq!(expected, once_more, "{operation}: two equal requests leave the same");
        assert!(commits > 0 && !expected.is_empty(), "{operation}: {commits} commits, {expected:?}");
        for number in 1..=commits {
            stage.sign_in_again().await;
            for cut in Cut::ALL {
                survives(&stage, operation, (cut, number, commits), &expected).await;
            }
        }
    }
    stage.app.books_balance();
    stage.app.forgive_dead_jobs();
}

#[test]
fn f10_every_operation_that_writes_is_cut() {
    let documented: BTreeSet<&str> = Operation::all()
        .filter(|operation| !matches!(operation.method().as_str(), "GET" | "HEAD"))
        .filter(|operation| !READS.contains(&operation.id()))
        .map(|operation| operation.id())
        .collect();
    let cut: BTreeSet<&str> =
        [IDENTITY, ACCOUNT, FIRMS, GOODS, SHELF, STORAGE, TRADE, MONEY, DESKS].concat().into_iter().collect();
    let missing: Vec<_> = documented.difference(&cut).collect();
    assert!(missing.is_empty(), "add a request to faults/writes.rs for {missing:?}");
    assert_eq!(documented, cut, "in faults/writes.rs, but not in the document");
}

#[tokio::test(flavor = "multi_thread")]
async fn f10_signing_in_survives_a_cut_commit() {
    every_cut(IDENTITY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f10_accounts_of_people_survive_a_cut_commit() {
    every_cut(ACCOUNT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f10_firms_and_members_survive_a_cut_commit() {
    every_cut(FIRMS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f10_goods_survive_a_cut_commit() {
    every_cut(GOODS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f10_the_shelf_survives_a_cut_commit() {
    every_cut(SHELF).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f10_files_survive_a_cut_commit() {
    every_cut(STORAGE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f10_orders_survive_a_cut_commit() {
    every_cut(TRADE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f10_money_survives_a_cut_commit() {
    every_cut(MONEY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f10_notices_and_administrators_survive_a_cut_commit() {
    every_cut(DESKS).await;
}

/// A refusal is definite although its keeping under the key came to nothing: the work was taken back before.
#[tokio::test(flavor = "multi_thread")]
async fn f10_a_refusal_that_could_not_be_kept_is_a_refusal() {
    let stage = Stage::new().await;
    let product = stage.seller.publishes("凤凰单丛", 12_800, Some(1)).await;
    let line = json!({ "variant_id": product["variants"][0]["id"], "quantity": 5 });
    let body = json!({ "lines": [line], "shipping_address": address() });
    for cut in Cut::ALL {
        let ask = Ask::post(&stage.buyer.owner, "/v1/purchases", body.clone());
        // The first COMMIT is that of signing in, the second keeps the refusal.
        stage.app.proxy().cut(cut, 2);
        let refused = ask.send().await;
        assert!(stage.app.proxy().heal().await, "{cut:?}");
        refused.problem(409, "out_of_stock");
        ask.send().await.problem(409, "out_of_stock");
    }
    assert_eq!(stage.app.count("SELECT count(*) FROM orders"), 0);
    stage.app.run_jobs().await;
}
