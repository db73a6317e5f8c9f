//! `GET /v1/event-types`

use crate::{answer, extract::Allowed};
use actix_web::{HttpResponse, get, http::StatusCode};
use kernel::permission::NotificationsRead;
use serde::Serialize;
use utoipa::ToSchema;

/// Every type of event, by domain.
const TYPES: &[&str] = &[
    "tenant.created",
    "tenant.updated",
    "tenant.closed",
    "tenant.verification_requested",
    "tenant.verified",
    "tenant.verification_rejected",
    "role.created",
    "role.updated",
    "role.deleted",
    "member.invited",
    "member.joined",
    "member.updated",
    "member.removed",
    "api_key.created",
    "api_key.rotated",
    "api_key.revoked",
    "file.created",
    "file.updated",
    "file.deleted",
    "file.quarantined",
    "file.restored",
    "product.published",
    "product.updated",
    "product.archived",
    "inventory.low",
    "order.placed",
    "order.paid",
    "order.shipped",
    "order.completed",
    "order.cancelled",
    "payment.succeeded",
    "payment.failed",
    "refund.succeeded",
    "refund.failed",
    "dispute.opened",
    "dispute.closed",
    "escrow.held",
    "escrow.released",
    "payout.paid",
    "payout.failed",
    "invoice.finalized",
    "invoice.paid",
    "invoice.payment_failed",
    "subscription.changed",
    "usage.threshold_reached",
    "webhook_endpoint.disabled",
    "webhook_endpoint.recovered",
];

/// The types of events.
#[derive(Debug, Serialize, ToSchema)]
struct EventTypes {
    /// Their names.
    data: &'static [&'static str],
}

/// Lists the types of events that there are.
#[utoipa::path(operation_id = "list_event_types", tag = "events", security(("bearer" = ["notifications:read"])),
    responses((status = 200, body = EventTypes)))]
#[get("/v1/event-types")]
pub(super) async fn list_event_types(_caller: Allowed<NotificationsRead>) -> HttpResponse {
    answer::json(StatusCode::OK, &EventTypes { data: TYPES })
}
