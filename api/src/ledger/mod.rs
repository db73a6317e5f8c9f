//! The firm's book: balances, accounts and entries.

mod get_balance;
mod list_accounts;
mod list_entries;

use utoipa_actix_web::service_config::ServiceConfig;

/// Endpoints of the ledger.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(get_balance::get_balance)
        .service(list_accounts::list_ledger_accounts)
        .service(list_entries::list_ledger_entries);
}
