//! Invitations, roles, and the last owner.

use crate::place::{PASSWORD, Place, request};
use chrono::Duration;
use kernel::{
    ids::{InvitationId, MemberId},
    permission::Role,
    secrets::Secret,
};
use onboarding::{AcceptInvitation, AcceptInvitationError, Accepted, SendInvitationError, SignedUp, remove_member};
use std::sync::Arc;
use tenants::{
    ChangeRole, ChangeRoleError, Invitation, Invite, InviteError, RemoveMember, RemoveMemberError, change_role,
};

async fn invite(place: &Place, firm: &SignedUp, email: &str, role: Role) -> Result<Invitation, SendInvitationError> {
    let (scope, by) = place.scope(&firm.tokens.access_token).await;
    let email = email.parse().unwrap();
    let command = Invite { email, role: role.into(), locale: None, by_user: by.who.user_id, by: by.grantor() };
    let authority = place.authority.clone();
    place.db.tenant("test.invite", scope, move |tx| onboarding::invite(tx, &authority, &command)).await
}

async fn resend(place: &Place, firm: &SignedUp, id: InvitationId) {
    let (scope, by) = place.scope(&firm.tokens.access_token).await;
    let authority = place.authority.clone();
    let renew = move |tx: &mut db::TenantTx<'_>| onboarding::resend_invitation(tx, &authority, id, by.grantor());
    place.db.tenant("test.resend", scope, renew).await.unwrap();
}

async fn accept(place: &Place, token: &Secret, password: Option<&str>) -> Result<Accepted, AcceptInvitationError> {
    let password = password.map(|text| Secret::new(text.to_owned()));
    let command = AcceptInvitation { token: token.clone(), password, display_name: None, user_agent: None };
    onboarding::accept_invitation(&place.db, &place.authority, &command, request()).await
}

async fn set_role(place: &Place, by: &Secret, member: MemberId, role: Role) -> Result<(), ChangeRoleError> {
    let (scope, principal) = place.scope(by).await;
    let command = ChangeRole { member, role: role.into(), by: principal.grantor(), seen: None };
    place.db.tenant("test.role", scope, move |tx| change_role(tx, &command).map(drop)).await
}

async fn remove(place: &Place, by: &Secret, member: MemberId) -> Result<(), RemoveMemberError> {
    let (scope, principal) = place.scope(by).await;
    let command = RemoveMember { member, by: principal.grantor(), by_user: principal.who.user_id, seen: None };
    place.db.tenant("test.remove", scope, move |tx| remove_member(tx, &command)).await
}

fn member_id(place: &Place, email: &str) -> MemberId {
    use kernel::ids::Id;
    let id = place.ask(&format!("SELECT id FROM members WHERE email = '{email}'"));
    MemberId::from_uuid(id.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_makes_one_member_once() {
    let place = Arc::new(Place::new().await);
    let firm = place.sign_up("mei@example.cn", "Foshan").await;
    let invitation = invite(&place, &firm, "New@Example.CN", Role::Sales).await.unwrap();
    assert!(matches!(
        invite(&place, &firm, "new@example.cn", Role::Sales).await,
        Err(SendInvitationError::Invite(InviteError::AlreadyInvited))
    ));
    assert!(matches!(
        invite(&place, &firm, "mei@example.cn", Role::Sales).await,
        Err(SendInvitationError::Invite(InviteError::AlreadyMember))
    ));
    let old = place.mailed_token("invitation", "new@example.cn");
    resend(&place, &firm, invitation.id).await;
    let token = place.mailed_token("invitation", "new@example.cn");
    assert!(matches!(accept(&place, &old, Some(PASSWORD)).await, Err(AcceptInvitationError::Invalid)));
    assert!(matches!(accept(&place, &token, None).await, Err(AcceptInvitationError::PasswordNeeded)));
    assert!(matches!(accept(&place, &token, Some("short")).await, Err(AcceptInvitationError::WeakPassword(_))));

    let tries: Vec<_> = (0..5)
        .map(|_| {
            let (place, token) = (place.clone(), token.clone());
            tokio::spawn(async move { accept(&place, &token, Some(PASSWORD)).await.ok() })
        })
        .collect();
    let mut accepted = Vec::new();
    for attempt in tries {
        accepted.extend(attempt.await.unwrap());
    }
    assert_eq!(accepted.len(), 1);
    let tokens = accepted.pop().unwrap().tokens.unwrap();
    let member = place.whoami(&tokens.access_token).await.unwrap();
    assert_eq!((member.who.role, member.email_verified), (Role::Sales.into(), true));
    assert_eq!(place.ask("SELECT used FROM limits WHERE meter = 'members'"), "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_an_account_joins_with_it_if_the_address_is_theirs() {
    let place = Place::new().await;
    let firm = place.sign_up("mei@example.cn", "Foshan").await;
    place.sign_up("chen@example.cn", "Shenzhen").await;
    invite(&place, &firm, "chen@example.cn", Role::Finance).await.unwrap();
    let token = place.mailed_token("invitation", "chen@example.cn");
    assert!(matches!(accept(&place, &token, None).await, Err(AcceptInvitationError::NotVerified)));
    let proof = place.mailed_token("verify_email", "chen@example.cn");
    auth::verify_email(&place.db, proof.expose(), request()).await.unwrap();
    let accepted = accept(&place, &token, None).await.unwrap();
    assert!(accepted.tokens.is_none(), "an invitation is no log-in");
    assert_eq!((accepted.tenant.id, accepted.member.role), (firm.tenant.id, Role::Finance.into()));

    invite(&place, &firm, "late@example.cn", Role::Viewer).await.unwrap();
    let late = place.mailed_token("invitation", "late@example.cn");
    place.advance(Duration::days(7));
    assert!(matches!(accept(&place, &late, Some(PASSWORD)).await, Err(AcceptInvitationError::Invalid)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_owner_stays_and_nobody_hands_out_more_than_they_have() {
    let place = Place::new().await;
    let firm = place.sign_up("mei@example.cn", "Foshan").await;
    let owner = &firm.tokens.access_token;
    let mei = member_id(&place, "mei@example.cn");
    assert!(matches!(remove(&place, owner, mei).await, Err(RemoveMemberError::LastOwner)));
    assert!(matches!(set_role(&place, owner, mei, Role::Admin).await, Err(ChangeRoleError::LastOwner)));

    invite(&place, &firm, "admin@example.cn", Role::Admin).await.unwrap();
    let token = place.mailed_token("invitation", "admin@example.cn");
    let admin = accept(&place, &token, Some(PASSWORD)).await.unwrap();
    let (member, admin) = (admin.member.id, admin.tokens.unwrap());
    assert!(matches!(
        set_role(&place, &admin.access_token, member, Role::Owner).await,
        Err(ChangeRoleError::NotAllowed)
    ));
    assert!(matches!(remove(&place, &admin.access_token, mei).await, Err(RemoveMemberError::NotAllowed)));

    set_role(&place, owner, member, Role::Owner).await.unwrap();
    assert_eq!(place.whoami(&admin.access_token).await.unwrap().who.role, Role::Owner.into(), "at once");
    // Two owners who leave at the same moment: one stays.
    let (one, two) = tokio::join!(remove(&place, owner, mei), remove(&place, &admin.access_token, member));
    assert_eq!(u8::from(one.is_ok()) + u8::from(two.is_ok()), 1);
    assert_eq!(place.ask("SELECT count(*) FROM members WHERE role = 'owner'"), "1");
    let gone = if one.is_ok() { owner } else { &admin.access_token };
    assert!(place.whoami(gone).await.is_none());
    assert_eq!(place.ask("SELECT used FROM limits WHERE meter = 'members'"), "1");
}
