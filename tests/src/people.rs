//! Members with other roles than the owner's, and the platform's own people.

use crate::{Client, Firm, PASSWORD, TestApp};
use auth::totp::TotpSecret;
use kernel::{Clock, secrets::Secret};
use platform::NewAdministrator;
use serde_json::json;

const ADMINISTRATOR: &str = "root@cloud.example";
const ADMINISTRATOR_PASSWORD: &str = "granite lantern 41 orchard";

impl TestApp {
    /// Somebody new who was invited to a firm in a role, and has accepted: signed in there.
    pub async fn member(&self, firm: &Firm, role: &str) -> Client {
        let email = format!("{role}@{}", firm.email.split('@').next_back().expect("an address has a domain"));
        firm.owner.post("/v1/invitations", json!({ "email": email, "role": role })).ok().await;
        self.run_jobs().await;
        let token = self.token_from_mail(&email);
        let body = json!({ "token": token, "password": PASSWORD, "display_name": role });
        let accepted = self.visitor().post("/v1/invitations/accept", body).ok().await;
        self.visitor().with_token(accepted["access_token"].as_str().expect("a new account gets tokens"))
    }

    /// An administrator of the platform who has shown a second factor.
    pub async fn administrator(&self) -> Client {
        let secret = TotpSecret::generate().expect("randomness");
        let new = NewAdministrator {
            email: ADMINISTRATOR.parse().expect("an address"),
            password: Secret::new(ADMINISTRATOR_PASSWORD.into()),
            totp: Some(secret.clone()),
        };
        platform::ensure_administrator(&self.state.db, &self.state.authority, &new).await.expect("administrator");
        let credentials = json!({ "email": ADMINISTRATOR, "password": ADMINISTRATOR_PASSWORD });
        let challenge = self.visitor().post("/admin/v1/log-in", credentials).ok().await;
        let code = secret.code(self.clock.now()).expect("a code");
        let proof = json!({ "mfa_token": challenge["mfa_token"], "code": code });
        let signed_in = self.visitor().post("/admin/v1/mfa", proof).ok().await;
        self.visitor().with_token(signed_in["access_token"].as_str().expect("a token"))
    }
}
