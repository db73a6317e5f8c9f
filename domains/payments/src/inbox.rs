//! What a provider tells us, kept before anything is done about it.

use crate::{Gateway, ProcessProviderEvent};
use db::{DbError, JobsTx, schema::provider_events};
use diesel::prelude::*;
use jobs::Enqueue;
use serde::Deserialize;

/// A message of the provider, as far as we read it: the object itself is fetched when the message is processed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderEvent {
    /// The provider's id of the message.
    pub event_id: String,
    /// What kind of message.
    pub kind: String,
    /// The id of the object it is about.
    pub object_id: String,
    /// The message as it came.
    pub raw: Vec<u8>,
}

/// A signed body that is no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body is not an event")]
pub struct BadEvent;

#[derive(Deserialize)]
struct Envelope {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    #[serde(default)]
    id: String,
}

impl ProviderEvent {
    /// Reads a body whose signature was checked.
    pub fn parse(body: &[u8]) -> Result<Self, BadEvent> {
        let envelope: Envelope = serde_json::from_slice(body).map_err(|_| BadEvent)?;
        let fits = |text: &str| text.len() <= 255 && !text.contains('\0');
        let Envelope { id, kind, data } = envelope;
        if id.is_empty() || ![&id, &kind, &data.object.id].into_iter().all(|text| fits(text)) {
            return Err(BadEvent);
        }
        Ok(Self { event_id: id, kind, object_id: data.object.id, raw: body.to_vec() })
    }
}

/// Keeps a message and leaves the work on it to the worker. A message that came before changes nothing; tells whether it is new.
pub fn receive(tx: &mut JobsTx<'_>, event: &ProviderEvent) -> Result<bool, DbError> {
    let row = (
        provider_events::provider.eq(Gateway::PROVIDER),
        provider_events::event_id.eq(&event.event_id),
        provider_events::kind.eq(&event.kind),
        provider_events::object_id.eq(&event.object_id),
        provider_events::raw.eq(&event.raw),
        provider_events::received_at.eq(tx.now()),
    );
    let inserted =
        diesel::insert_into(provider_events::table).values(row).on_conflict_do_nothing().execute(tx.conn())?;
    if inserted > 0 {
        tx.enqueue(&ProcessProviderEvent { event_id: event.event_id.clone() })?;
    }
    Ok(inserted > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_ids_and_kind_and_nothing_else() {
        let body =
            br#"{"id":"evt_1","type":"payment_intent.succeeded","data":{"object":{"id":"pi_1","amount":5}},"x":1}"#;
        let event = ProviderEvent::parse(body).unwrap();
        assert_eq!((event.event_id.as_str(), event.object_id.as_str()), ("evt_1", "pi_1"));
        assert_eq!(event.kind, "payment_intent.succeeded");
        assert_eq!(event.raw, body);
    }

    #[test]
    fn refuses_what_is_no_event() {
        for body in [&b"[]"[..], b"{}", b"\xff", br#"{"id":"","type":"x","data":{"object":{"id":"a"}}}"#] {
            assert_eq!(ProviderEvent::parse(body), Err(BadEvent));
        }
        let null = br#"{"id":"a\u0000","type":"x","data":{"object":{"id":"a"}}}"#;
        assert_eq!(ProviderEvent::parse(null), Err(BadEvent));
    }
}
