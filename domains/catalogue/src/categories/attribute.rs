//! Typed attributes: what a category asks of its products.

use crate::{
    product::Attributes,
    stored_json::stored_as_json,
    validate::{Faults, Rule, escape},
};
use chrono::NaiveDate;
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Jsonb};
use kernel::text_enum;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashSet;
use utoipa::ToSchema;

const MAX_ATTRIBUTES: usize = 50;
const MAX_VALUES: usize = 100;

text_enum! {
    /// What an attribute's value is.
    pub enum AttributeKind {
        /// A text of at most 500 characters.
        Text = "text",
        /// A number, in the attribute's unit if it has one.
        Number = "number",
        /// One of the attribute's values.
        Enum = "enum",
        /// True or false.
        Boolean = "boolean",
        /// A day, as `2026-01-31`.
        Date = "date",
    }
}

/// An attribute that the products of a category have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryAttribute {
    /// Its name in a product's `attributes`, 1 to 40 characters.
    pub key: String,
    /// What people read, 1 to 80 characters.
    pub name: String,
    /// What its value is.
    pub kind: AttributeKind,
    /// Whether a published product must have it.
    #[serde(default)]
    pub required: bool,
    /// Unit of a number, for example `cm`; at most 20 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The values of an enum, at most 100 of 1 to 80 characters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

/// The attributes of a category, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, AsExpression, FromSqlRow)]
#[serde(transparent)]
#[diesel(sql_type = Jsonb)]
pub struct CategoryAttributes(pub Vec<CategoryAttribute>);

stored_as_json!(CategoryAttributes);

impl CategoryAttribute {
    fn rule_for(&self, value: &Value) -> Option<Rule> {
        let fits = match self.kind {
            AttributeKind::Text => value.as_str().is_some_and(|text| text.chars().count() <= 500),
            AttributeKind::Number => value.is_number(),
            AttributeKind::Enum => value.as_str().is_some_and(|text| self.values.iter().any(|known| known == text)),
            AttributeKind::Boolean => value.is_boolean(),
            AttributeKind::Date => value.as_str().is_some_and(is_day),
        };
        if fits { None } else { Some(Rule::OfKind(self.kind)) }
    }
}

fn is_day(text: &str) -> bool {
    text.len() == 10 && text.parse::<NaiveDate>().is_ok()
}

/// Checks the attributes that a category defines.
pub(super) fn check(faults: &mut Faults, attributes: &CategoryAttributes) {
    faults.count("/attributes", attributes.0.len(), MAX_ATTRIBUTES);
    let mut keys = HashSet::new();
    for (index, attribute) in attributes.0.iter().enumerate() {
        let at = format!("/attributes/{index}");
        faults.line(&format!("{at}/key"), &attribute.key, 1, 40);
        faults.check(keys.insert(&attribute.key), format!("{at}/key"), Rule::Once);
        faults.line(&format!("{at}/name"), &attribute.name, 1, 80);
        let unit_fits = attribute.unit.is_none() || attribute.kind == AttributeKind::Number;
        faults.check(unit_fits, format!("{at}/unit"), Rule::ForNumbers);
        if let Some(unit) = &attribute.unit {
            faults.line(&format!("{at}/unit"), unit, 1, 20);
        }
        let chosen = attribute.kind == AttributeKind::Enum;
        faults.check(attribute.values.is_empty() != chosen, format!("{at}/values"), Rule::ForEnums);
        faults.count(&format!("{at}/values"), attribute.values.len(), MAX_VALUES);
        let mut values = HashSet::new();
        for (index, value) in attribute.values.iter().enumerate() {
            faults.line(&format!("{at}/values/{index}"), value, 1, 80);
            faults.check(values.insert(value), format!("{at}/values/{index}"), Rule::Once);
        }
    }
}

/// Checks that what a product says is of the kind that its category asks for. What the category does not know may be said freely.
pub(crate) fn check_types(faults: &mut Faults, asked: &[CategoryAttribute], said: &Attributes) {
    for attribute in asked {
        let rule = said.0.get(&attribute.key).and_then(|value| attribute.rule_for(value));
        if let Some(rule) = rule {
            faults.check(false, format!("/attributes/{}", escape(&attribute.key)), rule);
        }
    }
}

/// Checks that a product says all that its category requires.
pub(crate) fn check_required(faults: &mut Faults, asked: &[CategoryAttribute], said: &Attributes) {
    for attribute in asked.iter().filter(|attribute| attribute.required) {
        let pointer = format!("/attributes/{}", escape(&attribute.key));
        faults.check(said.0.contains_key(&attribute.key), pointer, Rule::Required);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn attribute(kind: AttributeKind) -> CategoryAttribute {
        let values = if kind == AttributeKind::Enum { vec!["实木".to_owned()] } else { Vec::new() };
        CategoryAttribute { key: "a/b".into(), name: "A".into(), kind, required: true, unit: None, values }
    }

    fn codes(check: impl Fn(&mut Faults)) -> Vec<(String, &'static str)> {
        let mut faults = Faults::default();
        check(&mut faults);
        faults.result().err().unwrap_or_default().into_iter().map(|fault| (fault.pointer, fault.rule.code())).collect()
    }

    #[test]
    fn each_kind_takes_its_values_and_no_others() {
        let good = [json!("松木"), json!(1.5), json!("实木"), json!(true), json!("2026-02-28")];
        for (index, kind) in AttributeKind::ALL.iter().enumerate() {
            for (other, value) in good.iter().enumerate() {
                let said = Attributes([("a/b".to_owned(), value.clone())].into_iter().collect());
                let found = codes(|faults| check_types(faults, &[attribute(*kind)], &said));
                // A text is also what stands for a choice or a day.
                let fits = index == other || (*kind == AttributeKind::Text && value.is_string());
                assert_eq!(found.is_empty(), fits, "{kind} {value}: {found:?}");
                assert!(found.iter().all(|found| *found == ("/attributes/a~1b".to_owned(), "wrong_kind")));
            }
        }
        for wrong in [json!("2026-02-30"), json!("2026-2-1"), json!(null)] {
            let said = Attributes([("a/b".to_owned(), wrong.clone())].into_iter().collect());
            assert!(
                !codes(|faults| check_types(faults, &[attribute(AttributeKind::Date)], &said)).is_empty(),
                "{wrong}"
            );
        }
    }

    #[test]
    fn what_is_required_must_be_said() {
        let asked = [attribute(AttributeKind::Text)];
        let found = codes(|faults| check_required(faults, &asked, &Attributes::default()));
        assert_eq!(found, [("/attributes/a~1b".to_owned(), "required")]);
    }

    #[test]
    fn units_are_for_numbers_and_values_for_enums() {
        let unit = CategoryAttribute { unit: Some("cm".into()), ..attribute(AttributeKind::Text) };
        let bare = CategoryAttribute { key: "c".into(), values: Vec::new(), ..attribute(AttributeKind::Enum) };
        let found = codes(|faults| check(faults, &CategoryAttributes(vec![unit.clone(), bare.clone(), bare.clone()])));
        assert_eq!(
            found,
            [
                ("/attributes/0/unit".to_owned(), "only_for_numbers"),
                ("/attributes/1/values".to_owned(), "only_for_enums"),
                ("/attributes/2/key".to_owned(), "duplicate"),
                ("/attributes/2/values".to_owned(), "only_for_enums"),
            ]
        );
    }
}
