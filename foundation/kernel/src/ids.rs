//! Opaque, prefixed, sortable ids: three letters, an underscore, 26 characters of a UUID version 7.

use crate::base32;
use chrono::{DateTime, Utc};
use std::sync::{Mutex, PoisonError};
use uuid::{ContextV7, Timestamp, Uuid};

/// A text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form {prefix}_ and 26 characters")]
pub struct MalformedId {
    /// The three letters that were expected.
    pub prefix: &'static str,
}

/// What every id type can do.
pub trait Id: Copy + std::fmt::Display + std::str::FromStr<Err = MalformedId> + Send + Sync + 'static {
    /// The three letters before the underscore.
    const PREFIX: &'static str;
    /// Wraps a stored value.
    fn from_uuid(value: Uuid) -> Self;
    /// The stored value.
    fn uuid(self) -> Uuid;
    /// A new id that sorts after those made before it in this process at the same instant.
    fn new(at: DateTime<Utc>) -> Self {
        Self::from_uuid(new_uuid(at))
    }
}

static CONTEXT: Mutex<ContextV7> = Mutex::new(ContextV7::new());

/// A UUID version 7 of the given instant; counts up within one millisecond.
pub fn new_uuid(at: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(at.timestamp()).unwrap_or_default();
    let context = CONTEXT.lock().unwrap_or_else(PoisonError::into_inner);
    Uuid::new_v7(Timestamp::from_unix(&*context, seconds, at.timestamp_subsec_nanos()))
}

/// Writes an id as its text.
pub fn write(prefix: &str, value: Uuid, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    write!(f, "{prefix}_{}", base32::encode(value.as_u128()))
}

/// Reads an id's text strictly.
pub fn parse(prefix: &'static str, text: &str) -> Result<Uuid, MalformedId> {
    text.strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .and_then(base32::decode)
        .map(Uuid::from_u128)
        .ok_or(MalformedId { prefix })
}

/// Declares an id type.
#[macro_export]
macro_rules! define_id {
    ($(#[$meta:meta])* $name:ident, $prefix:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord,
            $crate::macro_support::diesel::expression::AsExpression,
            $crate::macro_support::diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = $crate::macro_support::diesel::sql_types::Uuid)]
        pub struct $name($crate::macro_support::uuid::Uuid);

        impl $crate::ids::Id for $name {
            const PREFIX: &'static str = $prefix;
            fn from_uuid(value: $crate::macro_support::uuid::Uuid) -> Self { Self(value) }
            fn uuid(self) -> $crate::macro_support::uuid::Uuid { self.0 }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { $crate::ids::write($prefix, self.0, f) }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { std::fmt::Display::fmt(self, f) }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::ids::MalformedId;
            fn from_str(text: &str) -> Result<Self, Self::Err> { $crate::ids::parse($prefix, text).map(Self) }
        }
        impl $crate::macro_support::serde::Serialize for $name {
            fn serialize<S: $crate::macro_support::serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> $crate::macro_support::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::macro_support::serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as $crate::macro_support::serde::Deserialize>::deserialize(d)?;
                text.parse().map_err($crate::macro_support::serde::de::Error::custom)
            }
        }
        impl $crate::macro_support::diesel::serialize::ToSql<
            $crate::macro_support::diesel::sql_types::Uuid, $crate::macro_support::diesel::pg::Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut $crate::macro_support::diesel::serialize::Output<'b, '_,
                $crate::macro_support::diesel::pg::Pg>) -> $crate::macro_support::diesel::serialize::Result {
                $crate::macro_support::diesel::serialize::ToSql::<$crate::macro_support::diesel::sql_types::Uuid,
                    $crate::macro_support::diesel::pg::Pg>::to_sql(&self.0, out)
            }
        }
        impl $crate::macro_support::diesel::deserialize::FromSql<
            $crate::macro_support::diesel::sql_types::Uuid, $crate::macro_support::diesel::pg::Pg> for $name {
            fn from_sql(bytes: $crate::macro_support::diesel::pg::PgValue<'_>)
                -> $crate::macro_support::diesel::deserialize::Result<Self> {
                $crate::macro_support::diesel::deserialize::FromSql::<$crate::macro_support::diesel::sql_types::Uuid,
                    $crate::macro_support::diesel::pg::Pg>::from_sql(bytes).map(Self)
            }
        }
        impl $crate::macro_support::utoipa::PartialSchema for $name {
            fn schema() -> $crate::macro_support::utoipa::openapi::RefOr<$crate::macro_support::utoipa::openapi::Schema> {
                $crate::macro_support::utoipa::openapi::ObjectBuilder::new()
                    .schema_type($crate::macro_support::utoipa::openapi::schema::Type::String)
                    .pattern(Some(concat!("^", $prefix, "_[0-9a-z]{26}$")))
                    .into()
            }
        }
        impl $crate::macro_support::utoipa::ToSchema for $name {}
    };
}

macro_rules! ids {
    ($($name:ident $prefix:literal $doc:literal;)+) => {
        $(define_id!(#[doc = $doc] $name, $prefix);)+
    };
}

ids! {
    TenantId "ten" "A firm.";
    UserId "usr" "A person.";
    MemberId "mem" "A person's membership of a firm.";
    RoleId "rol" "A firm's own role.";
    VerificationId "vrf" "A request to have a business verified.";
    InvitationId "inv" "An invitation to become a member.";
    ApiKeyId "key" "A program's key.";
    SessionId "ses" "A signed-in session, that is one family of refresh tokens.";
    BucketId "bkt" "A bucket of files.";
    FileId "fil" "A file.";
    FileVersionId "vsn" "One version of a file's content.";
    ProductImportId "imp" "Products from a spreadsheet.";
    RestorePlanId "rsp" "What it would mean to restore a moment.";
    HoldId "hld" "A legal hold on a file.";
    UploadId "upl" "An upload under way.";
    BlobId "blb" "The stored bytes of file versions; never shown outside.";
    ShareId "shr" "A share link.";
    ShareAccessId "sac" "One access by a share link.";
    ProductId "prd" "A product.";
    VariantId "var" "A variant of a product.";
    CategoryId "cat" "A category of products.";
    ReservationId "rsv" "Stock promised to an order.";
    OrderId "ord" "An order.";
    OrderLineId "lin" "A line of an order.";
    ShipmentId "shp" "A shipment.";
    PaymentId "pay" "A payment.";
    RefundId "rfd" "A refund.";
    DisputeId "dsp" "A dispute.";
    PayoutId "pyo" "A payout.";
    EntryId "ent" "A ledger entry.";
    AccountId "acc" "A ledger account.";
    PlanId "pln" "A plan.";
    SubscriptionId "sub" "A subscription.";
    InvoiceId "ivc" "An invoice.";
    InvoiceLineId "ivl" "A line of an invoice.";
    UsageId "use" "A usage event.";
    NotificationId "ntf" "A notification.";
    MailId "mal" "A mail in the outbox.";
    EventId "evt" "An event.";
    JobId "job" "A background job.";
    AuditId "aud" "A row of the audit log.";
    AdminId "adm" "An administrator of the platform.";
    OperationId "opn" "One planned call to a payment provider.";
    RequestId "req" "One HTTP request.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_is_strict_and_comes_back() {
        let id = ProductId::new(DateTime::<Utc>::UNIX_EPOCH);
        let text = id.to_string();
        assert!(text.starts_with("prd_") && text.len() == 30, "{text}");
        assert_eq!(text.parse(), Ok(id));
        assert!(text.to_uppercase().parse::<ProductId>().is_err());
        assert!(text.parse::<OrderId>().is_err());
    }

    #[test]
    fn later_ids_sort_later() {
        let at = Utc::now();
        let ids: Vec<OrderId> = (0..10_000).map(|_| OrderId::new(at)).collect();
        assert!(ids.is_sorted());
        assert!(ids[9_999] < OrderId::new(at + chrono::Duration::seconds(1)));
    }
}
