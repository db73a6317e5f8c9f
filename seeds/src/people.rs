//! The people of a demo firm beside its owner.

use crate::{PASSWORD, Run, data::Person, firm::OpenFirm};
use auth::{CreatePersonError, NewPerson, Password, find_person_by_email};
use db::{DbError, TenantTx};
use tenants::{EmailAddress, JoinError, Locale, NewMember};

/// Why somebody did not start to work.
#[derive(Debug, thiserror::Error)]
enum HireError {
    #[error(transparent)]
    Account(#[from] CreatePersonError),
    #[error(transparent)]
    Join(#[from] JoinError),
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Makes accounts for the firm's people and makes them members. Whoever has an account is left alone: account and membership
/// come in one transaction, so it is either done, or somebody else's address.
pub(crate) async fn hire(run: Run<'_>, firm: &OpenFirm<'_>) -> anyhow::Result<()> {
    for person in firm.data.people.iter().skip(1) {
        let email: EmailAddress = person.email.parse()?;
        if is_known(run, firm, email.clone()).await? {
            continue;
        }
        let new = NewPerson {
            password_hash: hash(run, firm, person).await?,
            email,
            display_name: person.name.clone(),
            locale: Locale::ZhCn,
            email_verified: true,
        };
        let role = person.role;
        let then = run.db_at(Some(firm.founded_at));
        then.tenant("seeds.hire", firm.scope(), move |tx| start(tx, &new, role)).await?;
        run.say(&format!("{}: {} joined", firm.data.name, person.name));
    }
    Ok(())
}

async fn is_known(run: Run<'_>, firm: &OpenFirm<'_>, email: EmailAddress) -> anyhow::Result<bool> {
    let find = run.deps.db.auth("seeds.find_person", firm.owner.actor(), move |tx| find_person_by_email(tx, &email));
    Ok(find.await?.is_some())
}

async fn hash(run: Run<'_>, firm: &OpenFirm<'_>, person: &Person) -> anyhow::Result<String> {
    let password = Password::chosen(PASSWORD, &[&person.email, &person.name, &firm.data.name])?;
    Ok(run.deps.authority.hasher.hash(&password).await?)
}

fn start(tx: &mut TenantTx<'_>, new: &NewPerson, role: kernel::permission::Role) -> Result<(), HireError> {
    let person = tx.in_auth(|tx| auth::create_person(tx, new))?;
    let member = NewMember {
        user: person.id,
        email: new.email.clone(),
        display_name: new.display_name.clone(),
        locale: new.locale,
        role: role.into(),
    };
    tenants::join(tx, &member)?;
    Ok(())
}
