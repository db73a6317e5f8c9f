use garde::Validate;
use orders::Address;
use serde::Deserialize;
use utoipa::ToSchema;

/// Where goods go.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ShippingAddress)]
pub(super) struct AddressBody {
    /// Who receives them.
    #[garde(length(chars, min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// How to call them.
    #[garde(length(chars, min = 3, max = 40))]
    #[schema(min_length = 3, max_length = 40)]
    phone: String,
    /// Country, ISO 3166-1 two capital letters.
    #[garde(custom(is_country))]
    #[schema(pattern = "^[A-Z]{2}$", example = "CN")]
    country: String,
    /// Province.
    #[garde(length(chars, min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    province: String,
    /// City.
    #[garde(length(chars, min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    city: String,
    /// District.
    #[garde(inner(length(chars, max = 100)))]
    #[schema(max_length = 100)]
    district: Option<String>,
    /// Street and number.
    #[garde(length(chars, min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    line1: String,
    /// More of it.
    #[garde(inner(length(chars, max = 200)))]
    #[schema(max_length = 200)]
    line2: Option<String>,
    /// Postal code.
    #[garde(length(chars, min = 1, max = 20))]
    #[schema(min_length = 1, max_length = 20)]
    postal_code: String,
}

fn is_country(text: &str, (): &()) -> garde::Result {
    if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        Ok(())
    } else {
        Err(garde::Error::new("must be two capital letters"))
    }
}

impl From<AddressBody> for Address {
    fn from(body: AddressBody) -> Self {
        Self {
            name: body.name,
            phone: body.phone,
            country: body.country,
            province: body.province,
            city: body.city,
            district: body.district,
            line1: body.line1,
            line2: body.line2,
            postal_code: body.postal_code,
        }
    }
}
