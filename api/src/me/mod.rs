//! What signed-in people do about their own account.

mod begin_totp;
mod change_email;
mod change_password;
mod confirm_totp;
pub(crate) mod consent;
mod end_other_sessions;
mod end_session;
mod list_consents;
mod list_sessions;
mod record_consent;
mod remove_totp;
mod replace_recovery_codes;
mod update;

use utoipa_actix_web::service_config::ServiceConfig;

/// Endpoints of one's own account; `GET /v1/me` stands with signing in.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(update::update_me)
        .service(change_password::change_password)
        .service(change_email::change_email)
        .service(list_sessions::list_sessions)
        .service(end_session::end_session)
        .service(end_other_sessions::end_other_sessions)
        .service(begin_totp::begin_totp)
        .service(confirm_totp::confirm_totp)
        .service(remove_totp::remove_totp)
        .service(replace_recovery_codes::replace_recovery_codes)
        .service(list_consents::list_consents)
        .service(record_consent::record_consent);
}
