//! What may be done, and the roles that are sets of it.

use crate::text_enum;

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
            AuditRead, BillingRead, CatalogueRead, CatalogueWrite, FilesRead, FilesWrite, NotificationsRead,
            NotificationsWrite, OrdersRead, OrdersWrite, PaymentsRead, PaymentsWrite, TenantsRead,
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
            ],
            Self::Viewer => {
                &[TenantsRead, FilesRead, CatalogueRead, OrdersRead, PaymentsRead, BillingRead, NotificationsRead]
            }
            Self::Auditor => &[AuditRead],
        }
    }

    /// Whether a member with this role may do what `permission` names.
    pub fn allows(self, permission: Permission) -> bool {
        self.permissions().contains(&permission)
    }

    /// Whether a member with this role may give, change or take away `other`: nobody hands out more than they have,
    /// and only an owner makes or removes an owner.
    pub fn may_grant(self, other: Self) -> bool {
        match (self, other) {
            (Self::Owner, _) => true,
            (Self::Admin, other) => other != Self::Owner,
            _ => false,
        }
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
    TenantsRead, TenantsWrite, TenantsAdmin, FilesRead, FilesWrite, CatalogueRead, CatalogueWrite, OrdersRead, OrdersWrite,
    PaymentsRead, PaymentsWrite, BillingRead, BillingWrite, NotificationsRead, NotificationsWrite, AuditRead,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_owner_makes_an_owner_and_an_auditor_only_reads_the_log() {
        assert!(Role::Owner.may_grant(Role::Owner) && !Role::Admin.may_grant(Role::Owner));
        assert!(!Role::Sales.may_grant(Role::Viewer));
        assert_eq!(Role::Auditor.permissions(), [Permission::AuditRead]);
    }
}
