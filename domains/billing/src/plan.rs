use db::{
    DbError,
    schema::{plan_meters, plans},
};
use diesel::{PgConnection, prelude::*};
use kernel::{Currency, ids::PlanId};
use metering::Meter;

/// The plan that every new firm starts with.
pub(crate) const DEFAULT: &str = "free";

/// What a month costs.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = plans)]
pub struct Plan {
    /// Its id; a new price is a new plan.
    pub id: PlanId,
    /// `free`, `standard` or `pro`.
    pub code: String,
    /// Name in English.
    pub name_en: String,
    /// Name in Chinese.
    pub name_zh: String,
    /// Currency of its prices.
    pub currency: Currency,
    /// Price of a month, in minor units.
    pub price_minor: i64,
}

/// What a plan includes of one meter.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = plan_meters)]
pub struct PlanMeter {
    /// The meter.
    pub meter: Meter,
    /// The limit, or the amount included in a month.
    pub included: i64,
    /// Whether `included` is a limit, and not an amount beyond which more is paid.
    pub is_limit: bool,
    /// How much `price_minor` buys beyond what is included.
    pub unit: i64,
    /// Price of a further `unit`, in minor units.
    pub price_minor: i64,
}

/// Plans that can be chosen now, cheapest first, with what they include.
pub fn on_sale(conn: &mut PgConnection) -> Result<Vec<(Plan, Vec<PlanMeter>)>, DbError> {
    let plans: Vec<Plan> =
        plans::table.filter(plans::on_sale).order(plans::price_minor).select(Plan::as_select()).load(conn)?;
    plans.into_iter().map(|plan| meters(conn, plan.id).map(|meters| (plan, meters))).collect()
}

/// What a plan includes.
pub(crate) fn meters(conn: &mut PgConnection, plan: PlanId) -> Result<Vec<PlanMeter>, DbError> {
    Ok(plan_meters::table
        .filter(plan_meters::plan_id.eq(plan))
        .order(plan_meters::meter)
        .select(PlanMeter::as_select())
        .load(conn)?)
}

/// A plan by its id.
pub(crate) fn find(conn: &mut PgConnection, id: PlanId) -> Result<Plan, DbError> {
    Ok(plans::table.filter(plans::id.eq(id)).select(Plan::as_select()).first(conn)?)
}

/// The newest version on sale of a plan by its code.
pub(crate) fn find_by_code(conn: &mut PgConnection, code: &str) -> Result<Plan, DbError> {
    Ok(plans::table
        .filter(plans::code.eq(code))
        .filter(plans::on_sale)
        .order(plans::version.desc())
        .select(Plan::as_select())
        .first(conn)?)
}
