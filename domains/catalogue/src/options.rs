//! The matrix of a product: options with their values, of which each variant is one point.

use crate::{
    stored_json::stored_as_json,
    validate::{Faults, Rule},
    variant::NewVariant,
};
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Jsonb};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use utoipa::ToSchema;

const MAX_OPTIONS: usize = 5;
const MAX_VALUES: usize = 50;

/// Something in which variants differ, for example the colour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductOption {
    /// Its name, 1 to 40 characters.
    pub name: String,
    /// What there is to choose from, in order: at most 50 values of 1 to 40 characters.
    pub values: Vec<String>,
}

/// The options of a product, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, AsExpression, FromSqlRow)]
#[serde(transparent)]
#[diesel(sql_type = Jsonb)]
pub struct ProductOptions(pub Vec<ProductOption>);

stored_as_json!(ProductOptions);

impl ProductOptions {
    /// Whether a variant with these options is a point of the matrix.
    fn holds(&self, variant: &NewVariant) -> bool {
        let chosen = &variant.options.0;
        let of = |option: &ProductOption| chosen.get(&option.name).is_some_and(|value| option.values.contains(value));
        chosen.len() == self.0.len() && self.0.iter().all(of)
    }
}

/// Checks names and values.
pub(crate) fn check(faults: &mut Faults, options: &ProductOptions) {
    faults.count("/options", options.0.len(), MAX_OPTIONS);
    let mut names = HashSet::new();
    for (index, option) in options.0.iter().enumerate() {
        let at = format!("/options/{index}");
        faults.line(&format!("{at}/name"), &option.name, 1, 40);
        faults.check(names.insert(&option.name), format!("{at}/name"), Rule::Once);
        faults.check(!option.values.is_empty(), format!("{at}/values"), Rule::NotEmpty);
        faults.count(&format!("{at}/values"), option.values.len(), MAX_VALUES);
        let mut values = HashSet::new();
        for (index, value) in option.values.iter().enumerate() {
            faults.line(&format!("{at}/values/{index}"), value, 1, 40);
            faults.check(values.insert(value), format!("{at}/values/{index}"), Rule::Once);
        }
    }
}

/// Checks that each variant is a point of the matrix of its own.
pub(crate) fn check_points(faults: &mut Faults, options: &ProductOptions, variants: &[NewVariant]) {
    if options.0.is_empty() {
        return;
    }
    let mut points = HashSet::new();
    for (index, variant) in variants.iter().enumerate() {
        let at = format!("/variants/{index}/options");
        let different = points.insert(&variant.options.0);
        faults.check(different, at.clone(), Rule::Once);
        faults.check(options.holds(variant), at, Rule::OnePointOfTheMatrix);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TextMap;
    use kernel::Currency;

    fn option(name: &str, values: &[&str]) -> ProductOption {
        ProductOption { name: name.into(), values: values.iter().map(ToString::to_string).collect() }
    }

    fn variant(sku: &str, options: &[(&str, &str)]) -> NewVariant {
        let options = options.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        NewVariant { options: TextMap(options), ..NewVariant::new(sku, 100, Currency::Cny) }
    }

    fn codes(options: &[ProductOption], variants: &[NewVariant]) -> Vec<(String, &'static str)> {
        let (mut faults, options) = (Faults::default(), ProductOptions(options.to_vec()));
        check(&mut faults, &options);
        check_points(&mut faults, &options, variants);
        faults.result().err().unwrap_or_default().into_iter().map(|fault| (fault.pointer, fault.rule.code())).collect()
    }

    #[test]
    fn each_variant_is_one_point_of_the_matrix() {
        let matrix = [option("颜色", &["胡桃色", "原木色"]), option("尺寸", &["1.2m", "1.6m"])];
        let walnut = variant("A", &[("颜色", "胡桃色"), ("尺寸", "1.2m")]);
        let larger = variant("B", &[("颜色", "胡桃色"), ("尺寸", "1.6m")]);
        assert_eq!(codes(&matrix, &[walnut.clone(), larger.clone()]), []);
        let twin = NewVariant { sku: "C".into(), ..larger.clone() };
        let half = variant("D", &[("颜色", "胡桃色")]);
        let other = variant("E", &[("颜色", "黑色"), ("尺寸", "1.2m")]);
        assert_eq!(
            codes(&matrix, &[larger, twin, half, other]),
            [
                ("/variants/1/options".to_owned(), "duplicate"),
                ("/variants/2/options".to_owned(), "not_in_matrix"),
                ("/variants/3/options".to_owned(), "not_in_matrix"),
            ]
        );
        assert_eq!(codes(&[], &[walnut]), [], "without a matrix variants say freely what they are");
    }

    #[test]
    fn options_have_names_and_values_of_their_own() {
        let faults = codes(&[option("颜色", &[]), option("颜色", &["红", "红"])], &[]);
        assert_eq!(
            faults,
            [
                ("/options/0/values".to_owned(), "empty"),
                ("/options/1/name".to_owned(), "duplicate"),
                ("/options/1/values/1".to_owned(), "duplicate"),
            ]
        );
    }
}
