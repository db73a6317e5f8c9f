//! Throttling, and what ends a signed-in person's rights.

use crate::place::{PASSWORD, Place};
use auth::{LogInError, SwitchTenant};
use chrono::Duration;
use tenants::{Locale, NewTenant};

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_slowed_down_for_the_guesser_only() {
    let place = Place::new().await;
    place.sign_up("mei@example.cn", "Foshan").await;
    let (attacker, victim) = ("203.0.113.9", "198.51.100.7");
    let mut wrong = 0;
    let throttled = loop {
        match place.log_in_from(attacker, "mei@example.cn", "wrong but long enough").await {
            Err(LogInError::WrongCredentials) => wrong += 1,
            Err(LogInError::Throttled(throttled)) => break throttled,
            other => panic!("{other:?}"),
        }
        assert!(wrong <= 10);
    };
    assert_eq!((wrong, throttled.seconds), (5, 2));
    assert!(matches!(place.log_in_from(attacker, "mei@example.cn", PASSWORD).await, Err(LogInError::Throttled(_))));
    assert!(place.log_in_from(victim, "MEI@example.cn", PASSWORD).await.is_ok());
    place.advance(Duration::seconds(2));
    assert!(place.log_in_from(attacker, "mei@example.cn", PASSWORD).await.is_ok());

    let mut spread = 0;
    while !matches!(
        place.log_in_from(attacker, &format!("u{spread}@example.cn"), "wrong word").await,
        Err(LogInError::Throttled(_))
    ) {
        spread += 1;
        assert!(spread <= 10, "one address over many accounts");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_works_in_the_firm_they_chose_and_loses_it_at_once() {
    let place = Place::new().await;
    let one = place.sign_up("mei@example.cn", "First").await;
    let stranger = place.sign_up("other@example.cn", "Stranger").await;
    let me = place.whoami(&one.tokens.access_token).await.unwrap();
    let new = NewTenant { name: "Second".into(), locale: Locale::En, time_zone: chrono_tz::UTC };
    let user = me.who.user_id;
    let open = move |tx: &mut db::TenantTx<'_>| onboarding::open_firm(tx, user, &new);
    let second = place.db.tenant("test.open_firm", me.scope(), open).await.unwrap();
    let switch = |tenant| SwitchTenant { tenant, user_agent: None };
    assert!(auth::switch_tenant(&place.db, &place.authority, &me, &switch(stranger.tenant.id)).await.is_err());
    place.advance(Duration::seconds(1));
    let there = auth::switch_tenant(&place.db, &place.authority, &me, &switch(second.id)).await.unwrap();
    assert_eq!(place.whoami(&there.tokens.access_token).await.unwrap().tenant_id, second.id);
    assert_eq!(place.whoami(&one.tokens.access_token).await.unwrap().tenant_id, one.tenant.id);
    let again = place.log_in_from("198.51.100.7", "mei@example.cn", PASSWORD).await.unwrap();
    assert_eq!(again.tenant.id, second.id, "the firm chosen last");

    place.sql("UPDATE users SET disabled_at = now() WHERE email = 'mei@example.cn'");
    assert!(place.whoami(&there.tokens.access_token).await.is_none());
    assert!(matches!(
        place.log_in_from("198.51.100.7", "mei@example.cn", PASSWORD).await,
        Err(LogInError::WrongCredentials)
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_of_ipv6_addresses_is_one_guesser() {
    let place = Place::new().await;
    place.sign_up("mei@example.cn", "Foshan").await;
    let guess = |host: u16| {
        let place = &place;
        async move { place.log_in_from(&format!("2001:db8:1:2::{host:x}"), "mei@example.cn", "wrong but long").await }
    };
    let mut wrong = 0;
    while matches!(guess(wrong).await, Err(LogInError::WrongCredentials)) {
        wrong += 1;
        assert!(wrong <= 10, "each of the addresses that one machine has counts for itself");
    }
    let neighbour = place.log_in_from("2001:db8:1:3::1", "mei@example.cn", PASSWORD).await;
    assert!(neighbour.is_ok(), "another network is somebody else");
}
