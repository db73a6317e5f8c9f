//! A second process of the API, as far as one can be had within a test.

use crate::{Client, TestApp};
use api::{app::App, server};
use kernel::SharedClock;
use std::sync::Arc;

impl TestApp {
    /// Starts another API on the same database, with connections and memory of its own, and returns a visitor of it.
    pub async fn another_node(&self) -> Client {
        let state = App::new(&self.config, Arc::clone(&self.clock) as SharedClock).await.expect("the API's state");
        let settings = server::Settings { workers: 1, ..server::Settings::new(&self.config) };
        let running = server::start(&state, &settings).expect("the API listens");
        Client::visitor(&format!("http://{}", running.address()))
    }
}
