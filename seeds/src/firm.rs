//! A demo firm and its owner, signed in.

use crate::{PASSWORD, Run, data, history};
use anyhow::Context;
use auth::{Authenticator, LogIn, Password, Principal, RequestMeta, SignedInPerson, Tokens};
use chrono::{DateTime, Utc};
use db::{AuthTx, Db, DbError, TenantScope, TenantTx};
use kernel::{Actor, ids::VariantId, secrets::Secret};
use onboarding::SignUp;
use serde_json::{Value, json};
use std::{collections::HashMap, sync::Arc};
use tenants::{EmailAddress, Locale, Slug, Tenant, UpdateTenant, UpdateTenantError};

/// In a firm's metadata: how far it is planted.
const MARK: &str = "demo";
const COMPLETE: &str = "complete";

/// A firm whose owner is signed in.
pub(crate) struct OpenFirm<'w> {
    pub(crate) data: &'w data::Firm,
    pub(crate) owner: Principal<SignedInPerson>,
    /// When it signed up.
    pub(crate) founded_at: DateTime<Utc>,
    /// What it sells, by SKU.
    pub(crate) variants: HashMap<String, VariantId>,
}

/// Whether there is nothing left to plant, as the firms themselves say.
pub(crate) async fn all_complete(run: Run<'_>, firms: &[data::Firm]) -> anyhow::Result<bool> {
    let owners: Result<Vec<EmailAddress>, _> =
        firms.iter().map(|firm| anyhow::Ok(firm.owner()?.email.parse::<EmailAddress>()?)).collect();
    let owners = owners?;
    let complete = run.deps.db.auth("seeds.all_complete", Actor::system("seeds"), move |tx| {
        for owner in &owners {
            let Some(person) = auth::find_person_by_email(tx, owner)? else { return Ok(false) };
            let firms = auth::list_firms(tx, person.id)?;
            if !firms.iter().any(|(tenant, _)| tenant.metadata.get(MARK).is_some_and(|mark| mark == COMPLETE)) {
                return Ok(false);
            }
        }
        Ok::<_, DbError>(true)
    });
    Ok(complete.await?)
}

impl<'w> OpenFirm<'w> {
    /// Signs the owner up or, where that was done before, in.
    pub(crate) async fn open(run: Run<'_>, data: &'w data::Firm) -> anyhow::Result<Self> {
        // Asked first: sign-up slows down whoever tries addresses that have accounts.
        let db = &run.deps.db;
        let (db, tokens) = if has_account(run, data).await? {
            (db.clone(), log_in(run, data).await?)
        } else {
            let then = run.db_at(Some(db.clock().now() - history::AGE));
            let tokens = sign_up(run, &then, data).await?;
            (then, tokens)
        };
        let authenticator = Authenticator::new(Arc::clone(&run.deps.authority.keyring));
        let owner = authenticator.authenticate(&db, tokens.access_token.expose(), RequestMeta::default()).await?;
        auth::mark_verified(&db, &owner).await?;
        let founded_at = db.tenant("seeds.founded_at", owner.scope(), founded_at).await?;
        Ok(Self { data, owner, founded_at, variants: HashMap::new() })
    }

    /// The right to act in the firm as its owner.
    pub(crate) fn scope(&self) -> TenantScope {
        self.owner.scope()
    }

    /// Writes address, number and short name, unless the firm has a number already.
    pub(crate) async fn describe(&self, run: Run<'_>) -> anyhow::Result<()> {
        let number = self.data.uscc.parse().with_context(|| format!("{} is no number", self.data.uscc))?;
        let slug: Slug = self.data.slug.parse().map_err(anyhow::Error::msg)?;
        let profile = UpdateTenant {
            slug: Some(slug),
            address: Some(Some(serde_json::to_value(&self.data.address)?)),
            unified_social_credit_code: Some(Some(number)),
            ..UpdateTenant::default()
        };
        let described = run.db_at(Some(self.founded_at)).tenant("seeds.describe", self.scope(), move |tx| describe(tx, &profile)).await;
        match described {
            // Somebody else has the short name: the firm keeps the one it was given.
            Err(UpdateTenantError::SlugTaken) => Ok(()),
            other => Ok(other?),
        }
    }

    /// Writes down that nothing is left to be planted here.
    pub(crate) async fn mark_complete(&self, run: Run<'_>) -> anyhow::Result<()> {
        run.deps.db.tenant("seeds.mark_complete", self.scope(), mark_complete).await?;
        Ok(())
    }
}

async fn has_account(run: Run<'_>, data: &data::Firm) -> anyhow::Result<bool> {
    let email: EmailAddress = data.owner()?.email.parse()?;
    let find = move |tx: &mut AuthTx<'_>| auth::find_person_by_email(tx, &email);
    Ok(run.deps.db.auth("seeds.has_account", Actor::system("seeds"), find).await?.is_some())
}

async fn sign_up(run: Run<'_>, db: &Db, data: &data::Firm) -> anyhow::Result<Tokens> {
    let owner = data.owner()?;
    let command = SignUp {
        email: owner.email.parse()?,
        password: Secret::new(PASSWORD.to_owned()),
        display_name: owner.name.clone(),
        company_name: data.name.clone(),
        locale: Locale::ZhCn,
        time_zone: chrono_tz::Asia::Shanghai,
        user_agent: None,
    };
    let signed_up = onboarding::sign_up(db, &run.deps.authority, &command, RequestMeta::default()).await?;
    run.say(&format!("{}: signed up", data.name));
    Ok(signed_up.tokens)
}

async fn log_in(run: Run<'_>, data: &data::Firm) -> anyhow::Result<Tokens> {
    let email = &data.owner()?.email;
    let command = LogIn { email: email.parse().ok(), password: Password::entered(PASSWORD), user_agent: None };
    let signed_in = auth::log_in(&run.deps.db, &run.deps.authority, &command, RequestMeta::default()).await;
    Ok(signed_in.with_context(|| format!("{email} does not sign in with the demo password"))?.tokens)
}

fn founded_at(tx: &mut TenantTx<'_>) -> Result<DateTime<Utc>, DbError> {
    Ok(tenants::find(tx)?.created_at)
}

fn describe(tx: &mut TenantTx<'_>, profile: &UpdateTenant) -> Result<(), UpdateTenantError> {
    if tenants::find(tx)?.unified_social_credit_code.is_none() {
        tenants::update(tx, profile)?;
    }
    Ok(())
}

fn mark_complete(tx: &mut TenantTx<'_>) -> Result<(), UpdateTenantError> {
    let Tenant { metadata, .. } = tenants::find(tx)?;
    let mut metadata = metadata.as_object().cloned().unwrap_or_default();
    if metadata.get(MARK).is_none_or(|mark| mark != COMPLETE) {
        metadata.insert(MARK.to_owned(), json!(COMPLETE));
        tenants::update(tx, &UpdateTenant { metadata: Some(Value::Object(metadata)), ..UpdateTenant::default() })?;
    }
    Ok(())
}
