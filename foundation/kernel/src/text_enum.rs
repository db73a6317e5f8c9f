/// Declares an enum whose values are stored in PostgreSQL and spoken in JSON as short texts.
///
/// Gives `as_str`, `ALL`, `Display`, `FromStr`, serde, a diesel mapping to `Text`, and an OpenAPI schema.
#[macro_export]
macro_rules! text_enum {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord,
            $crate::macro_support::diesel::expression::AsExpression,
            $crate::macro_support::diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = $crate::macro_support::diesel::sql_types::Text)]
        $vis enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            /// Every value, in the order of its declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The text that is stored and spoken.
            pub const fn as_str(self) -> &'static str { match self { $(Self::$variant => $text),+ } }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }
        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(format!("expected one of {}", [$($text),+].join(", "))),
                }
            }
        }
        impl $crate::macro_support::serde::Serialize for $name {
            fn serialize<S: $crate::macro_support::serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(self.as_str())
            }
        }
        impl<'de> $crate::macro_support::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::macro_support::serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as $crate::macro_support::serde::Deserialize>::deserialize(d)?;
                text.parse().map_err($crate::macro_support::serde::de::Error::custom)
            }
        }
        impl $crate::macro_support::diesel::serialize::ToSql<
            $crate::macro_support::diesel::sql_types::Text, $crate::macro_support::diesel::pg::Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut $crate::macro_support::diesel::serialize::Output<'b, '_,
                $crate::macro_support::diesel::pg::Pg>) -> $crate::macro_support::diesel::serialize::Result {
                std::io::Write::write_all(out, self.as_str().as_bytes())?;
                Ok($crate::macro_support::diesel::serialize::IsNull::No)
            }
        }
        impl $crate::macro_support::diesel::deserialize::FromSql<
            $crate::macro_support::diesel::sql_types::Text, $crate::macro_support::diesel::pg::Pg> for $name {
            fn from_sql(bytes: $crate::macro_support::diesel::pg::PgValue<'_>)
                -> $crate::macro_support::diesel::deserialize::Result<Self> {
                Ok(std::str::from_utf8(bytes.as_bytes())?.parse::<Self>()?)
            }
        }
        impl $crate::macro_support::utoipa::PartialSchema for $name {
            fn schema() -> $crate::macro_support::utoipa::openapi::RefOr<$crate::macro_support::utoipa::openapi::Schema> {
                $crate::macro_support::utoipa::openapi::ObjectBuilder::new()
                    .schema_type($crate::macro_support::utoipa::openapi::schema::Type::String)
                    .enum_values(Some([$($text),+]))
                    .into()
            }
        }
        impl $crate::macro_support::utoipa::ToSchema for $name {}
    };
}
