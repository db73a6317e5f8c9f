//! What every command but the plain ones needs: the parts, and the platform's state on them.

use crate::{admin, ground::Ground, parts::Parts};
use api::{app::App, config::Config};
use kernel::{SharedClock, SystemClock};
use std::sync::Arc;

/// Parts and state, with a schema of this version and an administrator.
pub(crate) struct Base {
    /// The settings, completed with the addresses of the parts.
    pub(crate) config: Config,
    /// What the embedded parts stand on, if there are any.
    pub(crate) ground: Option<Ground>,
    /// The embedded parts.
    pub(crate) parts: Parts,
    /// The platform's state.
    pub(crate) app: App,
    /// The administrator who was made just now.
    pub(crate) administrator: Option<admin::Made>,
}

impl Base {
    /// Starts what the settings leave out.
    pub(crate) async fn start(mut config: Config) -> anyhow::Result<Self> {
        let ground = Ground::open(&mut config)?;
        let parts = match &ground {
            Some(ground) => Parts::start(&mut config, ground).await?,
            None => Parts::default(),
        };
        let clock: SharedClock = match &ground {
            Some(ground) if parts.has_database() => ground.clock.clock(),
            _ => Arc::new(SystemClock::default()),
        };
        let app = App::new(&config, clock).await?;
        let dir = ground.as_ref().filter(|_| parts.has_database()).map(|ground| &*ground.dir);
        let administrator = admin::ensure(&app.db, &app.authority, config.platform_admin.as_ref(), dir).await?;
        Ok(Self { config, ground, parts, app, administrator })
    }

    /// Closes the connections, then stops the parts. The data directory is free afterwards.
    pub(crate) async fn stop(self) {
        drop(self.app);
        self.parts.stop().await;
    }
}
