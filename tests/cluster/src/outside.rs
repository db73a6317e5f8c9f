use std::env;

/// An object store that was started before the tests: `make test-s3` names it.
#[derive(Debug, Clone)]
pub struct OutsideStore {
    /// `127.0.0.1:3900`
    pub address: String,
    /// Region of signatures.
    pub region: String,
    /// Access key that may make buckets.
    pub access_key: String,
    /// Its secret.
    pub secret_key: String,
}

impl OutsideStore {
    /// The one named by `TEST_S3_ADDRESS`, `TEST_S3_REGION`, `TEST_S3_ACCESS_KEY` and `TEST_S3_SECRET_KEY`; without the first,
    /// tests start the embedded one.
    pub fn named() -> Option<Self> {
        let variable = |name: &str| env::var(name).expect(name);
        Some(Self {
            address: env::var("TEST_S3_ADDRESS").ok()?,
            region: variable("TEST_S3_REGION"),
            access_key: variable("TEST_S3_ACCESS_KEY"),
            secret_key: variable("TEST_S3_SECRET_KEY"),
        })
    }

    /// `http://127.0.0.1:3900`
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}
