//! The members that a plan allows, and roles of the firm's own, when many ask at once.

use crate::place::{Place, request};
use kernel::{
    ids::{Id, InvitationId, RoleId},
    permission::{Permission, Role},
    secrets::Secret,
};
use onboarding::{AcceptInvitation, AcceptInvitationError, SignedUp};
use std::sync::Arc;
use tenants::{
    ChangeRole, ChangeRoleError, CreateRole, Invite, MemberRole, NewMember, OwnRole, OwnRoleError, UpdateRole,
    change_role, create_role, delete_role, update_role,
};

async fn invite(place: &Place, firm: &SignedUp, email: String, role: MemberRole) -> InvitationId {
    let (scope, by) = place.scope(&firm.tokens.access_token).await;
    let authority = place.authority.clone();
    let command =
        Invite { email: email.parse().unwrap(), role, locale: None, by_user: by.who.user_id, by: by.grantor() };
    place.db.tenant("test.invite", scope, move |tx| onboarding::invite(tx, &authority, &command)).await.unwrap().id
}

/// Makes an account with a verified address, as people have who are invited to a second firm.
async fn account(place: &Place, email: &str) {
    let new = auth::NewPerson {
        email: email.parse().unwrap(),
        password_hash: "none".into(),
        display_name: "客".into(),
        locale: tenants::Locale::ZhCn,
        email_verified: true,
    };
    place.db.auth("test.account", request().visitor(), move |tx| auth::create_person(tx, &new)).await.unwrap();
}

async fn accept(place: &Place, token: &Secret) -> Result<MemberRole, AcceptInvitationError> {
    let command = AcceptInvitation { token: token.clone(), password: None, display_name: None, user_agent: None };
    let accepted = onboarding::accept_invitation(&place.db, &place.authority, &command, request()).await?;
    Ok(accepted.member.role)
}

async fn make_role(place: &Place, firm: &SignedUp, name: &str, allows: &[Permission]) -> Result<OwnRole, OwnRoleError> {
    let (scope, by) = place.scope(&firm.tokens.access_token).await;
    let permissions = allows.iter().copied().collect();
    let command = CreateRole { name: name.into(), permissions, by: by.grantor() };
    place.db.tenant("test.create_role", scope, move |tx| create_role(tx, &command)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a20_of_fifty_invited_people_at_once_exactly_as_many_join_as_there_are_seats() {
    let place = Arc::new(Place::new().await);
    let firm = place.sign_up("mei@example.cn", "Foshan").await;
    let mut tokens = Vec::new();
    for guest in 0..50 {
        let email = format!("guest{guest}@example.cn");
        account(&place, &email).await;
        invite(&place, &firm, email.clone(), Role::Viewer.into()).await;
        tokens.push(place.mailed_token("invitation", &email));
    }
    let tries: Vec<_> = tokens
        .iter()
        .cloned()
        .map(|token| {
            let place = place.clone();
            tokio::spawn(async move { accept(&place, &token).await })
        })
        .collect();
    let (mut joined, mut full) = (0, 0);
    for attempt in tries {
        match attempt.await.unwrap() {
            Ok(_) => joined += 1,
            Err(AcceptInvitationError::LimitReached { maximum: 5 }) => full += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((joined, full), (4, 46));
    assert_eq!(
        place
            .ask("SELECT count(*) || ' ' || (SELECT used + reserved FROM limits WHERE meter = 'members') FROM members"),
        "5 5"
    );
    assert_eq!(
        place.ask("SELECT count(*) FROM invitations WHERE accepted_at IS NOT NULL"),
        "4",
        "the others may come later"
    );

    // One seat comes free, and one of those who were turned away takes it.
    place.sql("DELETE FROM members WHERE email = (SELECT max(email) FROM members WHERE role = 'viewer')");
    place.sql("UPDATE limits SET used = used - 1 WHERE meter = 'members'");
    let mut late = 0;
    for token in &tokens {
        late += usize::from(accept(&place, token).await.is_ok());
    }
    assert_eq!(late, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_acceptances_of_one_invitation_make_one_member() {
    let place = Arc::new(Place::new().await);
    let firm = place.sign_up("mei@example.cn", "Foshan").await;
    account(&place, "guest@example.cn").await;
    invite(&place, &firm, "guest@example.cn".into(), Role::Sales.into()).await;
    let token = place.mailed_token("invitation", "guest@example.cn");
    let tries: Vec<_> = (0..20)
        .map(|_| {
            let (place, token) = (place.clone(), token.clone());
            tokio::spawn(async move { accept(&place, &token).await.is_ok() })
        })
        .collect();
    let mut accepted = 0;
    for attempt in tries {
        accepted += usize::from(attempt.await.unwrap());
    }
    assert_eq!(accepted, 1);
    assert_eq!(place.ask("SELECT used FROM limits WHERE meter = 'members'"), "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_a_member_already_stays_as_they_are_and_takes_no_second_seat() {
    let place = Place::new().await;
    let firm = place.sign_up("mei@example.cn", "Foshan").await;
    account(&place, "guest@example.cn").await;
    invite(&place, &firm, "guest@example.cn".into(), Role::Admin.into()).await;
    let token = place.mailed_token("invitation", "guest@example.cn");
    let guest = place.ask("SELECT id FROM users WHERE email = 'guest@example.cn'").parse().unwrap();
    let new = NewMember {
        user: kernel::ids::UserId::from_uuid(guest),
        email: "guest@example.cn".parse().unwrap(),
        display_name: "客".into(),
        locale: tenants::Locale::ZhCn,
        role: Role::Viewer.into(),
    };
    let (scope, _) = place.scope(&firm.tokens.access_token).await;
    place.db.tenant("test.join", scope, move |tx| tenants::join(tx, &new)).await.unwrap();
    assert_eq!(accept(&place, &token).await.unwrap(), Role::Viewer.into());
    assert_eq!(place.ask("SELECT used FROM limits WHERE meter = 'members'"), "2");
    assert!(matches!(accept(&place, &token).await, Err(AcceptInvitationError::Invalid)), "it is used up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_either_given_or_removed_whoever_is_first() {
    let place = Arc::new(Place::new().await);
    let firm = place.sign_up("mei@example.cn", "Foshan").await;
    account(&place, "guest@example.cn").await;
    invite(&place, &firm, "guest@example.cn".into(), Role::Viewer.into()).await;
    accept(&place, &place.mailed_token("invitation", "guest@example.cn")).await.unwrap();
    let guest = place.ask("SELECT id FROM members WHERE role = 'viewer'").parse().unwrap();
    let guest = kernel::ids::MemberId::from_uuid(guest);
    for round in 0..10 {
        let role = make_role(&place, &firm, &format!("Packer {round}"), &[Permission::OrdersRead]).await.unwrap().id;
        let (given, removed) = tokio::join!(give(&place, &firm, guest, role), remove(&place, &firm, role));
        match (&given, &removed) {
            (Ok(()), Err(OwnRoleError::InUse(users))) => assert_eq!(users.members, [guest]),
            (Err(ChangeRoleError::UnknownRole), Ok(())) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(
        place.ask("SELECT count(*) FROM members WHERE own_role IS NOT NULL AND own_role NOT IN (SELECT id FROM roles)"),
        "0"
    );
}

async fn give(
    place: &Place,
    firm: &SignedUp,
    member: kernel::ids::MemberId,
    role: RoleId,
) -> Result<(), ChangeRoleError> {
    let (scope, by) = place.scope(&firm.tokens.access_token).await;
    let command = ChangeRole { member, role: MemberRole::Own(role), by: by.grantor(), seen: None };
    place.db.tenant("test.give", scope, move |tx| change_role(tx, &command).map(drop)).await
}

async fn remove(place: &Place, firm: &SignedUp, role: RoleId) -> Result<(), OwnRoleError> {
    let (scope, by) = place.scope(&firm.tokens.access_token).await;
    let by = by.grantor();
    place.db.tenant("test.remove_role", scope, move |tx| delete_role(tx, role, by)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_firm_makes_fifty_roles_and_no_more_however_many_ask_at_once() {
    let place = Arc::new(Place::new().await);
    let firm = Arc::new(place.sign_up("mei@example.cn", "Foshan").await);
    let tries: Vec<_> = (0..60)
        .map(|number| {
            let (place, firm) = (place.clone(), firm.clone());
            tokio::spawn(async move {
                make_role(&place, &firm, &format!("Role {number}"), &[Permission::FilesRead]).await.map(drop)
            })
        })
        .collect();
    let mut made = 0;
    for attempt in tries {
        match attempt.await.unwrap() {
            Ok(()) => made += 1,
            Err(OwnRoleError::TooMany) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(made, tenants::MAX_OWN_ROLES);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_this_version_does_not_know_is_held_by_nobody() {
    let place = Place::new().await;
    let firm = place.sign_up("mei@example.cn", "Foshan").await;
    let role = make_role(&place, &firm, "Packer", &[Permission::OrdersRead]).await.unwrap();
    place.sql("UPDATE roles SET permissions = '{orders:read,rockets:launch}'");
    place.sql("UPDATE members SET role = (SELECT id::text FROM roles)");
    let me = place.whoami(&firm.tokens.access_token).await.unwrap();
    assert_eq!(me.who.role, MemberRole::Own(role.id));
    assert_eq!(me.permissions.iter().collect::<Vec<_>>(), [Permission::OrdersRead]);
    let (scope, by) = place.scope(&firm.tokens.access_token).await;
    let command =
        UpdateRole { id: role.id, if_version: None, name: Some("Boss".into()), permissions: None, by: by.grantor() };
    let refused = place.db.tenant("test.update_role", scope, move |tx| update_role(tx, &command)).await;
    assert!(matches!(refused, Err(OwnRoleError::NotAllowed)));
}
