//! The test matrix of refresh rotation.

use crate::place::{Place, request};
use auth::{RefreshError, Tokens};
use chrono::Duration;
use kernel::secrets::Secret;
use std::{collections::HashSet, sync::Arc};

async fn refresh(place: &Place, token: &Secret) -> Result<Tokens, RefreshError> {
    auth::refresh(&place.db, &place.authority, token.expose(), request()).await
}

async fn first_token(place: &Place) -> Tokens {
    place.sign_up("mei@example.cn", "Foshan").await.tokens
}

fn live_sessions(place: &Place) -> String {
    place.ask("SELECT count(*) FROM sessions WHERE revoked_at IS NULL")
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_at_once_get_one_child() {
    let place = Arc::new(Place::new().await);
    let parent = first_token(&place).await.refresh_token;
    let tries: Vec<_> = (0..30)
        .map(|_| {
            let (place, parent) = (place.clone(), parent.clone());
            tokio::spawn(async move { refresh(&place, &parent).await.unwrap().refresh_token.expose().clone() })
        })
        .collect();
    let mut children = HashSet::new();
    for attempt in tries {
        children.insert(attempt.await.unwrap());
    }
    assert_eq!(children.len(), 1);
    assert_eq!(place.ask("SELECT count(*) FROM refresh_tokens"), "2");
    let child = Secret::new(children.into_iter().next().unwrap());
    assert!(refresh(&place, &child).await.is_ok());
    assert_eq!(live_sessions(&place), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_can_be_asked_for_again_until_the_grace_time_ends() {
    let place = Place::new().await;
    let parent = first_token(&place).await.refresh_token;
    let child = refresh(&place, &parent).await.unwrap().refresh_token;
    place.advance(Duration::seconds(10));
    assert_eq!(refresh(&place, &parent).await.unwrap().refresh_token, child);
    place.advance(Duration::microseconds(1));
    assert!(matches!(refresh(&place, &parent).await, Err(RefreshError::Invalid)));
    assert!(matches!(refresh(&place, &child).await, Err(RefreshError::Invalid)), "the whole session ended");
    assert_eq!(live_sessions(&place), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grandparent_ends_the_session_even_within_the_grace_time() {
    let place = Place::new().await;
    let tokens = first_token(&place).await;
    let child = refresh(&place, &tokens.refresh_token).await.unwrap();
    let grandchild = refresh(&place, &child.refresh_token).await.unwrap();
    assert!(refresh(&place, &tokens.refresh_token).await.is_err());
    assert!(refresh(&place, &grandchild.refresh_token).await.is_err());
    assert!(place.whoami(&grandchild.access_token).await.is_none(), "access ends with the session");
    assert_eq!(place.ask("SELECT revoked_reason FROM sessions"), "refresh_reuse");
    assert_eq!(place.ask("SELECT count(*) FROM audit_log WHERE action = 'auth.refresh_reuse'"), "1");
    assert_eq!(place.ask("SELECT count(*) FROM mails WHERE template = 'refresh_reuse'"), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_end_by_idleness_age_and_log_out() {
    let place = Place::new().await;
    let mut token = first_token(&place).await.refresh_token;
    for _ in 0..6 {
        place.advance(Duration::days(14) - Duration::seconds(1));
        token = refresh(&place, &token).await.unwrap().refresh_token;
    }
    // 84 days less six seconds are over; six days remain, however often it is refreshed.
    place.advance(Duration::days(6) + Duration::seconds(5));
    token = refresh(&place, &token).await.unwrap().refresh_token;
    place.advance(Duration::seconds(1));
    assert!(refresh(&place, &token).await.is_err(), "90 days");

    let sign_in = || place.log_in_from("198.51.100.7", "mei@example.cn", crate::place::PASSWORD);
    let idle = sign_in().await.unwrap().tokens.refresh_token;
    place.advance(Duration::days(14));
    assert!(refresh(&place, &idle).await.is_err(), "14 days idle");

    let tokens = sign_in().await.unwrap().tokens;
    auth::log_out(&place.db, tokens.refresh_token.expose(), request()).await.unwrap();
    assert!(place.whoami(&tokens.access_token).await.is_none());
    assert!(refresh(&place, &tokens.refresh_token).await.is_err());
    assert_eq!(place.ask("SELECT count(*) FROM mails WHERE template = 'refresh_reuse'"), "0");
    assert!(refresh(&place, &Secret::new("unknown".into())).await.is_err());
}
