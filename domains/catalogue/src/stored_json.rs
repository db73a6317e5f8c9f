//! Values of this domain that are kept as `jsonb`.

/// Maps a serde type to a `jsonb` column.
macro_rules! stored_as_json {
    ($($type:ty),+ $(,)?) => {
        $(
            impl diesel::serialize::ToSql<diesel::sql_types::Jsonb, diesel::pg::Pg> for $type {
                fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>) -> diesel::serialize::Result {
                    let value = serde_json::to_value(self)?;
                    diesel::serialize::ToSql::<diesel::sql_types::Jsonb, diesel::pg::Pg>::to_sql(&value, &mut out.reborrow())
                }
            }
            impl diesel::deserialize::FromSql<diesel::sql_types::Jsonb, diesel::pg::Pg> for $type {
                fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                    let value = <serde_json::Value as diesel::deserialize::FromSql<
                        diesel::sql_types::Jsonb,
                        diesel::pg::Pg,
                    >>::from_sql(bytes)?;
                    Ok(serde_json::from_value(value)?)
                }
            }
        )+
    };
}

pub(crate) use stored_as_json;
