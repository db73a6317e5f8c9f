//! `docs/AUTHORISATION.md` says to people what `authorisation.toml` says to the suite.

use super::{
    matrix::{Demand, Who},
    requests::Operation,
    sources::root,
};
use kernel::permission::Role;
use std::{collections::BTreeMap, fmt::Write, fs};

const HEAD: &str = "# Who may do what

Made from `tests/tests/it/rules/authorisation.toml`, which the suite holds against the API for each role, for keys, and for firms that are
suspended or read-only. `UPDATE=1 cargo nextest run -p tests -E 'test(rules::authorisation_table)'` writes it anew.

A column of a role says whether its members may call the operation; a firm's own roles may do what their permissions name. *Key* is the scope that
an API key needs; without one, the operation is for people, and a key gets 403 `people_only`. *Notes*: `verified` needs a verified e-mail
address (a program's key was made by somebody who has one); `step-up` needs a password or code shown within the last five minutes; `to widen` needs both
where the change lets a key do more than before. Operations that change something need a firm that is active; those that read are open to one that is
read-only as well; those without a permission are open to any signed-in person.
";

fn row(operation: &Operation, demand: Demand) -> String {
    let dot = |yes: bool| if yes { "●" } else { "" };
    let roles: Vec<_> = Role::ALL.iter().map(|role| dot(demand.admits(*role))).collect();
    let key = demand.scope().map(|scope| format!("`{scope}`")).unwrap_or_default();
    let mut notes = Vec::new();
    match demand.who {
        Who::Everybody => notes.push("public"),
        Who::Person => notes.push("any signed-in person"),
        Who::Administrator => notes.push("administrators of the platform"),
        Who::Holder(_) if demand.people => notes.push("people only"),
        Who::Holder(_) => {}
    }
    let flags = [
        (demand.owner, "owners only"),
        (demand.verified, "verified"),
        (demand.step_up, "step-up"),
        (demand.to_widen, "to widen"),
    ];
    notes.extend(flags.iter().filter(|(set, _)| *set).map(|(_, word)| *word));
    let call = format!("{} {}", operation.method(), operation.template);
    format!("| {} | `{call}` | {} | {key} | {} |", operation.id(), roles.join(" | "), notes.join(", "))
}

fn table() -> String {
    let mut by_tag: BTreeMap<&str, BTreeMap<&str, String>> = BTreeMap::new();
    for operation in Operation::all() {
        let tag = operation.spec["tags"][0].as_str().unwrap();
        by_tag.entry(tag).or_default().insert(operation.id(), row(&operation, Demand::of(&operation)));
    }
    let roles: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
    let mut text = HEAD.to_owned();
    for (tag, rows) in by_tag {
        write!(text, "\n## {tag}\n\n| operation | call | {} | key | notes |\n", roles.join(" | ")).unwrap();
        writeln!(text, "|---|---|{}---|---|", ":-:|".repeat(roles.len())).unwrap();
        for row in rows.values() {
            writeln!(text, "{row}").unwrap();
        }
    }
    text
}

#[test]
fn the_table_for_people_is_up_to_date() {
    let (path, made) = (root().join("docs/AUTHORISATION.md"), table());
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let command = "UPDATE=1 cargo nextest run -p tests -E 'test(rules::authorisation_table)'";
    assert!(made == committed, "docs/AUTHORISATION.md differs from authorisation.toml: run `{command}`");
}
