//! Closes a firm for good, once nothing of other people's hangs on it.

use db::{DbError, TenantTx};
use kernel::ids::UserId;
use notifications::{NewMail, Template, queue_mail};
use orders::OpenTrade;
use serde_json::json;
use tenants::{CloseError, Tenant};

/// Why a firm was not closed.
#[derive(Debug, thiserror::Error)]
pub enum CloseFirmError {
    /// Orders are under way, as seller or as buyer.
    #[error("{} orders and {} purchases are under way", .0.orders, .0.purchases)]
    OpenTrade(OpenTrade),
    /// Money is held for it, or owed by it.
    #[error("the books are not settled")]
    Unsettled(Vec<ledger::Unsettled>),
    /// The firm's own rules.
    #[error(transparent)]
    Close(#[from] CloseError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Closes the transaction's firm: its offers leave the market, everybody's sessions end, everybody is told. The running billing
/// period is the last one (INV-ON3).
pub fn close_firm(tx: &mut TenantTx<'_>, by: UserId) -> Result<Tenant, CloseFirmError> {
    tenants::lock_for_closing(tx, by)?;
    let trade = orders::open_trade(tx)?;
    if trade != OpenTrade::default() {
        return Err(CloseFirmError::OpenTrade(trade));
    }
    let unsettled = ledger::unsettled(tx)?;
    if !unsettled.is_empty() {
        return Err(CloseFirmError::Unsettled(unsettled));
    }
    let tenant = tenants::close(tx)?;
    catalogue::market::withdraw_seller(tx)?;
    let id = tenant.id;
    tx.in_auth(|tx| auth::end_all_sessions(tx, id))?;
    tell(tx, &tenant)?;
    Ok(tenant)
}

fn tell(tx: &mut TenantTx<'_>, tenant: &Tenant) -> Result<(), DbError> {
    for member in tenants::everybody(tx)? {
        let mail = NewMail {
            to: member.email,
            template: Template::FirmClosed,
            locale: member.locale,
            params: json!({ "firm": tenant.name }),
            dedupe_key: Some("tenant.closed".into()),
        };
        queue_mail(tx, &mail)?;
    }
    Ok(())
}
