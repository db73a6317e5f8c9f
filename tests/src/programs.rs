//! Programs with keys.

use crate::{Client, Firm};
use serde_json::{Value, json};

/// A program that has a key.
#[derive(Debug, Clone)]
pub struct Program {
    /// The key's id.
    pub id: String,
    /// Speaks with the key.
    pub client: Client,
    /// The text of the key.
    pub secret: String,
}

impl Program {
    /// From an answer that shows a secret.
    pub fn of(visitor: &Client, answer: &Value) -> Self {
        let text = |name: &str| answer[name].as_str().expect(name).to_owned();
        Self { id: text("id"), client: visitor.with_token(text("secret")), secret: text("secret") }
    }

    /// The key's path.
    pub fn path(&self) -> String {
        format!("/v1/api-keys/{}", self.id)
    }
}

impl Firm {
    /// A program whose key has these scopes and nothing else that is special.
    pub async fn program(&self, scopes: &[&str]) -> Program {
        self.program_with(json!({ "name": "warehouse", "scopes": scopes })).await
    }

    /// A program whose key is made by this body.
    pub async fn program_with(&self, body: Value) -> Program {
        Program::of(&self.owner, &self.owner.post("/v1/api-keys", body).ok().await)
    }

    /// Gives a program's key a new secret, and returns the program as it is then.
    pub async fn rotates(&self, program: &Program, overlap_seconds: u32) -> Program {
        let body = json!({ "overlap_seconds": overlap_seconds });
        Program::of(&self.owner, &self.owner.post(format!("{}/rotate", program.path()), body).ok().await)
    }
}
