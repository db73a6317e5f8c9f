//! Administrators: two factors, each code once, every call in the chain.

use crate::place::{Place, request};
use argon2::PasswordHasher;
use auth::{Password, RequestMeta, WeakPassword, totp::TotpSecret};
use chrono::Duration;
use kernel::{Actor, Clock, pages::PageRequest, secrets::Secret};
use platform::{
    AdminLogIn, AdminLogInError, ConfirmCodeError, EnsureAdministratorError, NewAdministrator, TenantFilter,
    authenticate_admin, confirm_code, ensure_administrator, list_tenants, log_in, overview,
};

const EMAIL: &str = "root@cloud.example";
const PASSWORD: &str = "granite lantern 41 orchard";

async fn ensure(place: &Place, totp: Option<TotpSecret>) -> bool {
    let new = NewAdministrator { email: EMAIL.parse().unwrap(), password: Secret::new(PASSWORD.into()), totp };
    ensure_administrator(&place.db, &place.authority, &new).await.unwrap()
}

async fn first_step(place: &Place, password: &str) -> Result<platform::Challenge, AdminLogInError> {
    let command = AdminLogIn { email: EMAIL.parse().ok(), password: Password::entered(password) };
    log_in(&place.db, &place.authority, &command, request()).await
}

async fn second_step(place: &Place, mfa: &Secret, code: &str) -> Result<platform::AdminToken, ConfirmCodeError> {
    confirm_code(&place.db, &place.authority, (mfa.expose(), code), request()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_log_in_enrols_and_a_code_serves_once() {
    let place = Place::new().await;
    assert!(ensure(&place, None).await);
    assert!(!ensure(&place, None).await, "made once");
    assert!(matches!(first_step(&place, "wrong wrong wrong").await, Err(AdminLogInError::WrongCredentials)));
    let challenge = first_step(&place, PASSWORD).await.unwrap();
    let enrolment = challenge.enrolment.unwrap();
    assert!(enrolment.otpauth_url.expose().contains(enrolment.secret.expose()));
    let secret = TotpSecret::from_base32(enrolment.secret.expose()).unwrap();
    let keyring = &place.authority.keyring;
    assert!(authenticate_admin(&place.db, keyring, challenge.mfa_token.expose(), request()).await.is_err());

    let code = secret.code(place.clock.now()).unwrap();
    let token = second_step(&place, &challenge.mfa_token, &code).await.unwrap();
    assert!(matches!(second_step(&place, &challenge.mfa_token, &code).await, Err(ConfirmCodeError::WrongCode)));
    let admin = authenticate_admin(&place.db, keyring, token.access_token.expose(), request()).await.unwrap();
    assert_eq!(admin.administrator.email, EMAIL);
    assert!(first_step(&place, PASSWORD).await.unwrap().enrolment.is_none(), "enrolled");
    place.advance(Duration::minutes(60));
    assert!(authenticate_admin(&place.db, keyring, token.access_token.expose(), request()).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_cannot_be_guessed_and_calls_are_chained() {
    let place = Place::new().await;
    let secret = TotpSecret::generate().unwrap();
    ensure(&place, Some(secret.clone())).await;
    let challenge = first_step(&place, PASSWORD).await.unwrap();
    assert!(challenge.enrolment.is_none(), "the secret was handed over");
    let right = secret.code(place.clock.now()).unwrap();
    let wrong = if right == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        assert!(matches!(second_step(&place, &challenge.mfa_token, wrong).await, Err(ConfirmCodeError::WrongCode)));
    }
    assert!(matches!(second_step(&place, &challenge.mfa_token, &right).await, Err(ConfirmCodeError::Throttled(_))));
    let elsewhere = RequestMeta { ip: "203.0.113.9".parse().ok(), ..request() };
    let proof = (challenge.mfa_token.expose().as_str(), right.as_str());
    assert!(
        confirm_code(&place.db, &place.authority, proof, elsewhere).await.is_ok(),
        "a50: who guesses keeps nobody out"
    );

    place.sign_up("mei@example.cn", "Foshan 100% Furniture").await;
    place.sign_up("chen@example.cn", "Shenzhen").await;
    let actor = || Actor::system("test");
    let find = |q: &str| TenantFilter { q: Some(q.to_owned()), status: None };
    for (filter, found) in [(find("FOSHAN"), 1), (find("100%"), 1), (find("%"), 1), (TenantFilter::default(), 2)] {
        let list = move |tx: &mut db::PlatformTx<'_>| list_tenants(tx, &filter, &PageRequest::default());
        let page = place.db.platform("test.list", actor(), list).await.unwrap();
        assert_eq!(page.data.len(), found);
    }
    let glance = place.db.jobs("test.overview", actor(), overview).await.unwrap();
    assert_eq!((glance.tenants[0].1, glance.members), (2, 2));
    let chain = "SELECT string_agg(action, ' ' ORDER BY seq) FROM audit_log WHERE tenant_id = '00000000-0000-0000-0000-000000000000'";
    assert_eq!(
        place.ask(chain),
        "administrator.created administrator.password_accepted administrator.code_refused administrator.code_refused \
         administrator.code_refused administrator.code_refused administrator.code_refused administrator.logged_in \
         admin.tenants_listed admin.tenants_listed admin.tenants_listed admin.tenants_listed admin.overview_read"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a45_a_failed_log_in_is_noted_and_a_weak_password_makes_no_administrator() {
    let place = Place::new().await;
    for (password, short) in [("granite lan 41", true), ("password1234567", false), ("root@cloud.example", false)] {
        let new =
            NewAdministrator { email: EMAIL.parse().unwrap(), password: Secret::new(password.into()), totp: None };
        let refused = ensure_administrator(&place.db, &place.authority, &new).await;
        let Err(EnsureAdministratorError::WeakPassword(why)) = refused else { panic!("{password}: {refused:?}") };
        assert_eq!(matches!(why, WeakPassword::TooShort { least: 15 }), short, "{password}");
    }
    ensure(&place, None).await;
    assert!(matches!(first_step(&place, "wrong wrong wrong").await, Err(AdminLogInError::WrongCredentials)));
    let unknown = AdminLogIn { email: "nobody@cloud.example".parse().ok(), password: Password::entered("wrong wrong") };
    assert!(log_in(&place.db, &place.authority, &unknown, request()).await.is_err());
    let noted = "SELECT string_agg(CASE object WHEN 'unknown' THEN object ELSE left(object, 3) END, ' ' ORDER BY seq)
        FROM audit_log WHERE action = 'administrator.log_in_failed'";
    assert_eq!(place.ask(noted), "adm unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn hashes_of_administrators_grow_stronger_too() {
    let place = Place::new().await;
    ensure(&place, None).await;
    let params = argon2::Params::new(8 * 1024, 1, 1, None).unwrap();
    let weak = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let hash = weak.hash_password(PASSWORD.as_bytes()).unwrap().to_string();
    place.sql(&format!("UPDATE administrators SET password_hash = '{hash}'"));
    assert!(first_step(&place, PASSWORD).await.is_ok());
    assert!(place.ask("SELECT password_hash FROM administrators").starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
}
