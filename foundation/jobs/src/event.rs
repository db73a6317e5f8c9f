use chrono::{DateTime, Utc};
use db::{
    DbError, Keep, Tail, TenantTx,
    schema::{events, heads},
};
use diesel::prelude::*;
use kernel::{
    ids::EventId,
    pages::{Page, PageRequest},
};
use serde::Serialize;
use serde_json::{Value, json};

/// Something that happened. The value is the event's object as integrators see it: ids, states and amounts, no secrets and
/// no personal data; below 20 kB.
pub trait Event: Serialize {
    /// `<noun>.<past participle>`, for example `order.paid`.
    const TYPE: &'static str;
}

/// Transactions that can tell the tenant's event log what happened.
pub trait Emit {
    /// Adds an event when the transaction commits.
    fn emit<E: Event>(&mut self, event: &E) -> Result<(), DbError>;
}

impl Emit for TenantTx<'_> {
    fn emit<E: Event>(&mut self, event: &E) -> Result<(), DbError> {
        let object = serde_json::to_value(event).map_err(|e| DbError::Corrupt(e.to_string()))?;
        self.defer(Box::new(Record { kind: E::TYPE, data: json!({ "object": object }) }));
        Ok(())
    }
}

struct Record {
    kind: &'static str,
    data: Value,
}

impl Tail for Record {
    fn write(self: Box<Self>, tx: &mut TenantTx<'_>) -> Result<(), DbError> {
        let seq: i64 = diesel::update(heads::table.filter(heads::tenant_id.eq(tx.tenant())))
            .set(heads::event_seq.eq(heads::event_seq + 1))
            .returning(heads::event_seq)
            .kept()
            .get_result(tx.conn())?;
        let row = (
            events::seq.eq(seq),
            events::id.eq(tx.new_id::<EventId>()),
            events::kind.eq(self.kind),
            events::data.eq(self.data),
            events::created_at.eq(tx.now()),
        );
        diesel::insert_into(events::table).values(row).kept().execute(tx.conn())?;
        Ok(())
    }
}

/// One event of a tenant's log.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = events)]
pub struct EventRow {
    /// Position in the log, from 1, without gaps.
    pub seq: i64,
    /// Id of the event.
    pub id: EventId,
    /// Its type.
    pub kind: String,
    /// `{"object": ...}`.
    pub data: Value,
    /// When it happened.
    pub created_at: DateTime<Utc>,
}

impl EventRow {
    /// Events after `page.after`, oldest first; of the given types only, if any are given.
    pub fn list(tx: &mut TenantTx<'_>, types: &[String], page: &PageRequest<i64>) -> Result<Page<Self, i64>, DbError> {
        let mut query = events::table
            .filter(events::tenant_id.eq(tx.tenant()))
            .filter(events::seq.gt(page.after.unwrap_or_default()))
            .order(events::seq)
            .limit(page.fetch())
            .select(Self::as_select())
            .into_boxed();
        if !types.is_empty() {
            query = query.filter(events::kind.eq_any(types));
        }
        Ok(Page::of(query.load(tx.conn())?, page, |row| row.seq))
    }
}
