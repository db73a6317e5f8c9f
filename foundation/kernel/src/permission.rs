//! What may be done, and the roles that are sets of it.

use crate::text_enum;
use serde::{Serialize, Serializer};

text_enum! {
    /// A permission: `<domain>:<read|write|admin>`.
    pub enum Permission {
        /// See the firm's profile and members.
        TenantsRead = "tenants:read",
        /// Change the firm's profile.
        TenantsWrite = "tenants:write",
        /// Invite, change and remove members.
        TenantsAdmin = "tenants:admin",
        /// See files.
        FilesRead = "files:read",
        /// Store, change and delete files.
        FilesWrite = "files:write",
        /// Place and release legal holds on files.
        FilesAdmin = "files:admin",
        /// See products and stock.
        CatalogueRead = "catalogue:read",
        /// Change products and stock.
        CatalogueWrite = "catalogue:write",
        /// See orders and purchases.
        OrdersRead = "orders:read",
        /// Place, ship, confirm and cancel orders.
        OrdersWrite = "orders:write",
        /// See payments, balances and the ledger.
        PaymentsRead = "payments:read",
        /// Pay and refund.
        PaymentsWrite = "payments:write",
        /// See plan, usage and invoices.
        BillingRead = "billing:read",
        /// Change the plan.
        BillingWrite = "billing:write",
        /// See notifications and events.
        NotificationsRead = "notifications:read",
        /// Change notification settings.
        NotificationsWrite = "notifications:write",
        /// Read the audit log.
        AuditRead = "audit:read",
        /// See the keys of programs.
        ApiKeysRead = "api_keys:read",
        /// Make, change, rotate and revoke keys of programs.
        ApiKeysWrite = "api_keys:write",
    }
}

impl Permission {
    /// Whether a program may have it. People and their keys are people's business: who may let others in is not a program.
    pub const fn suits_programs(self) -> bool {
        !matches!(self, Self::TenantsAdmin | Self::ApiKeysRead | Self::ApiKeysWrite)
    }
}

text_enum! {
    /// A built-in role of a member.
    pub enum Role {
        /// Everything, including closing the firm.
        Owner = "owner",
        /// Everything but what only an owner may do.
        Admin = "admin",
        /// Keeps products, stock and their pictures.
        CatalogueManager = "catalogue_manager",
        /// Sells: orders, shipments, and what they need to see.
        Sales = "sales",
        /// Money: payments, balances, invoices.
        Finance = "finance",
        /// Connects programs.
        Developer = "developer",
        /// Sees, changes nothing.
        Viewer = "viewer",
        /// Reads the audit log and nothing else.
        Auditor = "auditor",
    }
}

impl Role {
    /// What a member with this role may do.
    pub const fn permissions(self) -> &'static [Permission] {
        use Permission::{
            ApiKeysRead, ApiKeysWrite, AuditRead, BillingRead, CatalogueRead, CatalogueWrite, FilesRead, FilesWrite,
            NotificationsRead, NotificationsWrite, OrdersRead, OrdersWrite, PaymentsRead, PaymentsWrite, TenantsRead,
        };
        match self {
            Self::Owner | Self::Admin => Permission::ALL,
            Self::CatalogueManager => {
                &[TenantsRead, FilesRead, FilesWrite, CatalogueRead, CatalogueWrite, OrdersRead, NotificationsRead]
            }
            Self::Sales => &[
                TenantsRead,
                FilesRead,
                FilesWrite,
                CatalogueRead,
                OrdersRead,
                OrdersWrite,
                PaymentsRead,
                NotificationsRead,
            ],
            Self::Finance => {
                &[TenantsRead, FilesRead, OrdersRead, PaymentsRead, PaymentsWrite, BillingRead, NotificationsRead]
            }
            Self::Developer => &[
                TenantsRead,
                FilesRead,
                FilesWrite,
                CatalogueRead,
                CatalogueWrite,
                OrdersRead,
                NotificationsRead,
                NotificationsWrite,
                ApiKeysRead,
                ApiKeysWrite,
            ],
            Self::Viewer => {
                &[TenantsRead, FilesRead, CatalogueRead, OrdersRead, PaymentsRead, BillingRead, NotificationsRead]
            }
            Self::Auditor => &[AuditRead],
        }
    }

    /// The same as a set.
    pub fn set(self) -> Permissions {
        self.permissions().iter().copied().collect()
    }
}

/// A set of permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permissions(u32);

impl Permissions {
    /// The permission's place in the set.
    const fn bit(permission: Permission) -> u32 {
        1 << permission as u32
    }

    /// Whether it holds a permission.
    pub const fn allows(self, permission: Permission) -> bool {
        self.0 & Self::bit(permission) != 0
    }

    /// Whether it holds all that `other` holds.
    pub const fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// Its permissions, in the order of their declaration.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.allows(*permission))
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().fold(0, |set, permission| set | Self::bit(permission)))
    }
}

impl Serialize for Permissions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// A permission as a type, so that a handler's signature says what it demands.
pub trait RequiredPermission: Send + Sync + 'static {
    /// The permission.
    const PERMISSION: Permission;
}

macro_rules! permission_types {
    ($($name:ident),+ $(,)?) => {
        $(
            #[doc = concat!("Demands `Permission::", stringify!($name), "`.")]
            #[derive(Debug, Clone, Copy)]
            pub struct $name;
            impl RequiredPermission for $name {
                const PERMISSION: Permission = Permission::$name;
            }
        )+
    };
}

permission_types! {
    TenantsRead, TenantsWrite, TenantsAdmin, FilesRead, FilesWrite, FilesAdmin, CatalogueRead, CatalogueWrite, OrdersRead, OrdersWrite,
    PaymentsRead, PaymentsWrite, BillingRead, BillingWrite, NotificationsRead, NotificationsWrite, AuditRead, ApiKeysRead,
    ApiKeysWrite,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_auditor_only_reads_the_log() {
        assert_eq!(Role::Auditor.permissions(), [Permission::AuditRead]);
    }

    #[test]
    fn a_set_holds_what_was_put_in_and_nothing_else() {
        for role in Role::ALL {
            let set = role.set();
            assert!(Permission::ALL.iter().all(|p| set.allows(*p) == role.permissions().contains(p)), "{role}");
            assert!(Role::Owner.set().covers(set) && set.covers(Permissions::default()));
        }
        assert!(!Role::Viewer.set().covers(Role::Sales.set()));
    }
}
