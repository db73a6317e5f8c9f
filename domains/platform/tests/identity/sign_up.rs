//! INV-ON1: everything or nothing.

use crate::place::{Place, request};
use chrono::Duration;
use onboarding::SignUpError;

const ROWS: &str =
    "SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM tenants) + (SELECT count(*) FROM members)
    + (SELECT count(*) FROM heads) + (SELECT count(*) FROM sessions) + (SELECT count(*) FROM subscriptions)
    + (SELECT count(*) FROM mails) + (SELECT count(*) FROM user_tenants) + (SELECT count(*) FROM audit_log)";

#[tokio::test(flavor = "multi_thread")]
async fn a_person_gets_a_firm_a_plan_and_a_mail_together_or_nothing() {
    let place = Place::new().await;
    let signed_up = place.sign_up("Mei@Example.CN", "Foshan Furniture").await;
    assert_eq!(
        (signed_up.person.email.as_str(), signed_up.tenant.slug.as_str()),
        ("mei@example.cn", "foshan-furniture")
    );
    let me = place.whoami(&signed_up.tokens.access_token).await.unwrap();
    assert_eq!(
        (me.tenant_id, me.who.role, me.email_verified),
        (signed_up.tenant.id, tenants::MemberRole::OWNER, false)
    );
    assert_eq!(place.ask("SELECT string_agg(type, ' ' ORDER BY seq) FROM events"), "tenant.created member.joined");
    assert_eq!(place.ask("SELECT used FROM limits WHERE meter = 'members'"), "1");
    assert!(place.ask("SELECT password_hash FROM users").starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));

    let before = place.ask(ROWS);
    assert!(matches!(place.try_sign_up("mei@example.cn", "Other").await, Err(SignUpError::EmailTaken)));
    assert_eq!(place.ask(ROWS), before);
    // Whatever breaks on the way takes everything back: here the very last write.
    place.sql("REVOKE INSERT ON refresh_tokens FROM app_auth");
    assert!(matches!(place.try_sign_up("second@example.cn", "Second").await, Err(SignUpError::Db(_))));
    assert_eq!(place.ask(ROWS), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_sign_ups_with_one_address_wins_and_slugs_differ() {
    let place = std::sync::Arc::new(Place::new().await);
    let tries: Vec<_> = (0..6)
        .map(|_| {
            let place = place.clone();
            tokio::spawn(async move { place.try_sign_up("race@example.cn", "Race").await.is_ok() })
        })
        .collect();
    let mut won = 0;
    for attempt in tries {
        won += u32::from(attempt.await.unwrap());
    }
    assert_eq!(won, 1);
    let twin = place.sign_up("twin@example.cn", "Race").await;
    assert!(twin.tenant.slug.starts_with("race-") && twin.tenant.slug.len() == 11, "{}", twin.tenant.slug);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_link_works_once_for_a_day_and_only_the_newest() {
    let place = Place::new().await;
    let signed_up = place.sign_up("mei@example.cn", "Foshan").await;
    let first = place.mailed_token("verify_email", "mei@example.cn");
    let email = || "mei@example.cn".parse().unwrap();
    auth::resend_verification(&place.db, &place.authority, email(), request()).await.unwrap();
    auth::resend_verification(&place.db, &place.authority, "nobody@example.cn".parse().unwrap(), request())
        .await
        .unwrap();
    assert_eq!(place.ask("SELECT count(*) FROM mails WHERE template = 'verify_email'"), "2");
    assert!(auth::verify_email(&place.db, first.expose(), request()).await.is_err(), "replaced");

    place.advance(Duration::hours(24));
    let second = place.mailed_token("verify_email", "mei@example.cn");
    assert!(auth::verify_email(&place.db, second.expose(), request()).await.is_err(), "too old");
    auth::resend_verification(&place.db, &place.authority, email(), request()).await.unwrap();
    let third = place.mailed_token("verify_email", "mei@example.cn");
    auth::verify_email(&place.db, third.expose(), request()).await.unwrap();
    assert!(auth::verify_email(&place.db, third.expose(), request()).await.is_err(), "used");
    let tokens = place.log_in_from("198.51.100.7", "mei@example.cn", crate::place::PASSWORD).await.unwrap().tokens;
    assert!(place.whoami(&tokens.access_token).await.unwrap().email_verified);
    assert_eq!(place.ask("SELECT count(*) FROM mails WHERE template = 'welcome'"), "1");
    assert!(!place.ask("SELECT string_agg(encode(digest, 'hex'), ' ') FROM email_tokens").contains(third.expose()));
    drop(signed_up);
}
