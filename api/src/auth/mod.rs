//! Signing up and in, sessions, and the signed-in person.

mod carrier;
mod forgot_password;
mod jwks;
mod log_in;
mod log_out;
mod me;
mod mfa;
mod origin;
pub mod problems;
mod refresh;
mod resend_verification;
mod reset_password;
pub(crate) mod rules;
mod sign_up;
mod step_up;
mod switch_tenant;
mod verify_email;
pub(crate) mod view;

pub(crate) use carrier::Carrier;
pub(crate) use origin::Origin;
pub(crate) use sign_up::invalid_email;

use utoipa_actix_web::service_config::ServiceConfig;

/// Endpoints of signing in.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(sign_up::sign_up)
        .service(verify_email::verify_email)
        .service(resend_verification::resend_verification)
        .service(log_in::log_in)
        .service(mfa::confirm_log_in)
        .service(forgot_password::forgot_password)
        .service(reset_password::reset_password)
        .service(step_up::step_up)
        .service(refresh::refresh)
        .service(log_out::log_out)
        .service(switch_tenant::switch_tenant)
        .service(me::get_me)
        .service(jwks::get_jwks);
}
