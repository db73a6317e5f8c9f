//! What the firms' plans grant, remembered for a while.

use super::policy::LEAST;
use crate::app::App;
use chrono::{DateTime, Duration, Utc};
use db::TenantScope;
use kernel::ids::TenantId;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// After so long a change of plan is seen at the latest.
const REMEMBERED: Duration = Duration::seconds(60);
/// Firms that are remembered at once.
const CAPACITY: usize = 50_000;

/// The requests a minute of firms that called lately, and when they were read.
#[derive(Debug, Default)]
pub(super) struct Plans(Mutex<HashMap<TenantId, (u32, DateTime<Utc>)>>);

impl Plans {
    /// Read at most once a minute for each firm, and otherwise remembered. If it cannot be read, the least counts.
    pub(super) async fn requests_per_minute(&self, app: &App, scope: TenantScope) -> u32 {
        let (tenant, now) = (scope.tenant(), app.db.clock().now());
        if let Some(rate) = self.remembered(tenant, now) {
            return rate;
        }
        let read = app.db.tenant("billing.request_rate", scope, billing::requests_per_minute).await;
        let rate = match read {
            Ok(rate) => rate.unwrap_or(LEAST),
            Err(error) => {
                tracing::warn!(%error, "a plan's request rate cannot be read");
                LEAST
            }
        };
        self.remember(tenant, rate, now);
        rate
    }

    fn remembered(&self, tenant: TenantId, now: DateTime<Utc>) -> Option<u32> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&tenant).filter(|(_, read_at)| now - *read_at < REMEMBERED).map(|(rate, _)| *rate)
    }

    fn remember(&self, tenant: TenantId, rate: u32, now: DateTime<Utc>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= CAPACITY {
            known.retain(|_, (_, read_at)| now - *read_at < REMEMBERED);
        }
        if known.len() < CAPACITY {
            known.insert(tenant, (rate, now));
        }
    }
}
