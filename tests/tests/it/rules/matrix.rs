//! `authorisation.toml`: what each operation demands of its caller.

use super::requests::Operation;
use kernel::permission::{Permission, Role};
use std::{collections::BTreeMap, sync::LazyLock};

/// Who may call at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// `public`
    Everybody,
    /// `signed_in`
    Person,
    /// `administrator`
    Administrator,
    /// `<permission>`, or `owner`, who has all.
    Holder(Permission),
}

/// What an operation demands of its caller.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each stands for a word of the file")]
pub struct Demand {
    pub who: Who,
    /// No program, whatever its key may do.
    pub people: bool,
    /// Nobody but an owner.
    pub owner: bool,
    /// A password or code was shown lately.
    pub step_up: bool,
    /// The e-mail address is verified.
    pub verified: bool,
    /// `step_up` and `verified` where the change lets somebody do more than before.
    pub to_widen: bool,
}

impl Demand {
    fn read(text: &str) -> Self {
        let mut words = text.split(", ");
        let first = words.next().unwrap();
        let who = match first {
            "public" => Who::Everybody,
            "signed_in" => Who::Person,
            "administrator" => Who::Administrator,
            "owner" => Who::Holder(Permission::TenantsAdmin),
            permission => Who::Holder(permission.parse().unwrap()),
        };
        let owner = first == "owner";
        let people = owner || who == Who::Person;
        let mut demand = Self { who, people, owner, step_up: false, verified: false, to_widen: false };
        for word in words {
            match word {
                "people" => demand.people = true,
                "step_up" => demand.step_up = true,
                "verified" => demand.verified = true,
                "to_widen" => demand.to_widen = true,
                other => panic!("{other} is no word of authorisation.toml: {text}"),
            }
        }
        demand
    }

    /// What the matrix says of an operation.
    pub fn of(operation: &Operation) -> Self {
        *MATRIX.get(operation.id()).unwrap_or_else(|| panic!("{} is not in authorisation.toml", operation.id()))
    }

    /// Whether a member with this role gets in, if nothing else is missing.
    pub fn admits(self, role: Role) -> bool {
        match self.who {
            Who::Everybody | Who::Person => true,
            Who::Administrator => false,
            Who::Holder(permission) => role.permissions().contains(&permission) && (!self.owner || role == Role::Owner),
        }
    }

    /// The scope with which a program gets in.
    pub const fn scope(self) -> Option<Permission> {
        match self.who {
            Who::Holder(permission) if !self.people => Some(permission),
            _ => None,
        }
    }

    /// The permission that a person needs.
    pub const fn permission(self) -> Option<Permission> {
        match self.who {
            Who::Holder(permission) => Some(permission),
            _ => None,
        }
    }
}

/// By operation.
pub static MATRIX: LazyLock<BTreeMap<String, Demand>> = LazyLock::new(|| {
    let lines: BTreeMap<String, String> = toml::from_str(include_str!("authorisation.toml")).unwrap();
    lines.into_iter().map(|(operation, text)| (operation, Demand::read(&text))).collect()
});
