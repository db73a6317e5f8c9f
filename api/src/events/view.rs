use chrono::{DateTime, Utc};
use jobs::EventRow;
use kernel::ids::EventId;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Something that happened in the firm.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventView {
    /// Its id.
    pub id: EventId,
    /// Its place in the log, from 1, without gaps.
    pub seq: i64,
    /// Its type.
    pub r#type: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// `object`: what it happened to.
    #[schema(value_type = Object)]
    pub data: Value,
}

impl From<EventRow> for EventView {
    fn from(row: EventRow) -> Self {
        Self { id: row.id, seq: row.seq, r#type: row.kind, created_at: row.created_at, data: row.data }
    }
}
