//! Prices that a seller has agreed on with one buyer, or with a group of them, for a time.

use crate::{
    buyer_groups::{self, BuyerGroupId},
    edit::{EditError, fresh, within},
    pricing::{AgreedTerms, AgreedWith, OwnedTerms},
    validate::{self, Faults, Rule},
    variant::{PriceTiers, Variant},
};
use audit::Audited;
use chrono::{DateTime, Utc};
use db::{
    DbError, TenantTx,
    schema::{
        buyer_group_members as members, price_list_prices as prices, price_lists as lists, product_variants as variants,
    },
};
use diesel::prelude::*;
use kernel::{
    Currency,
    ids::{TenantId, VariantId},
    pages::{Page, PageRequest},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeSet, HashMap};
use utoipa::ToSchema;

kernel::define_id!(
    /// A price list.
    PriceListId,
    "prl"
);

/// Lists of a firm.
const MAX_LISTS: i64 = 1_000;
/// Prices of a list.
const MAX_PRICES: usize = 1_000;
const NAME: &str = "price_lists_name";

/// A list without its prices.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = lists, treat_none_as_null = true)]
pub struct PriceListRow {
    /// Its id.
    pub id: PriceListId,
    /// Its name, unique in the firm.
    pub name: String,
    /// The firm with which it is agreed, if it is one.
    pub buyer_id: Option<TenantId>,
    /// The group with which it is agreed, if it is one.
    pub group_id: Option<BuyerGroupId>,
    /// From when on it holds.
    pub valid_from: Option<DateTime<Utc>>,
    /// Until when it holds, that instant excluded.
    pub valid_until: Option<DateTime<Utc>>,
    /// Counts the changes; starts at 1.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A list with its prices.
#[derive(Debug, Clone)]
pub struct PriceList {
    /// The list itself.
    pub row: PriceListRow,
    /// Its prices, in the order of the variants' ids.
    pub prices: Vec<AgreedPrice>,
}

/// What is agreed for a variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgreedPrice {
    /// The variant, one of the firm's own.
    pub variant_id: VariantId,
    /// Price of one unit in minor units of the variant's currency, at least 1.
    pub price_minor: i64,
    /// At most 10 rungs: quantities strictly rising, prices not rising.
    #[serde(default)]
    pub price_tiers: PriceTiers,
    /// Whether prices may rise with the quantity.
    #[serde(default)]
    pub price_may_rise: bool,
    /// The least that can be ordered, a multiple of the increment; as the variant's if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_order_quantity: Option<i64>,
    /// The most that can be ordered; as the variant's if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_order_quantity: Option<i64>,
    /// Quantities are multiples of this; as the variant's if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_increment: Option<i64>,
}

/// A list as it is first written. It is agreed with a buyer or with a group, not both; one that names nobody holds for nobody yet.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPriceList {
    /// Its name, 1 to 80 characters, unique in the firm.
    pub name: String,
    /// The firm with which it is agreed.
    pub buyer_id: Option<TenantId>,
    /// The group with which it is agreed.
    pub group_id: Option<BuyerGroupId>,
    /// From when on it holds; from now on if absent.
    pub valid_from: Option<DateTime<Utc>>,
    /// Until when it holds; without end if absent.
    pub valid_until: Option<DateTime<Utc>>,
    /// At most 1,000 prices, each variant once.
    #[serde(default)]
    pub prices: Vec<AgreedPrice>,
}

/// Changes to a list; what is absent stays as it is.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceListPatch {
    /// Its name, 1 to 80 characters, unique in the firm.
    pub name: Option<String>,
    /// The firm with which it is agreed.
    #[serde(default, deserialize_with = "crate::product::present")]
    pub buyer_id: Option<Option<TenantId>>,
    /// The group with which it is agreed.
    #[serde(default, deserialize_with = "crate::product::present")]
    pub group_id: Option<Option<BuyerGroupId>>,
    /// From when on it holds; null: since ever.
    #[serde(default, deserialize_with = "crate::product::present")]
    pub valid_from: Option<Option<DateTime<Utc>>>,
    /// Until when it holds; null: without end.
    #[serde(default, deserialize_with = "crate::product::present")]
    pub valid_until: Option<Option<DateTime<Utc>>>,
    /// At most 1,000 prices, each variant once: all that there are from now on.
    pub prices: Option<Vec<AgreedPrice>>,
}

/// Makes a list.
pub fn create(tx: &mut TenantTx<'_>, new: &NewPriceList) -> Result<PriceList, EditError> {
    let row = PriceListRow {
        id: tx.new_id(),
        name: new.name.trim().to_owned(),
        buyer_id: new.buyer_id,
        group_id: new.group_id,
        valid_from: new.valid_from,
        valid_until: new.valid_until,
        version: 1,
        created_at: tx.now(),
    };
    let currencies = check(tx, &row, &new.prices)?;
    let count = lists::table.filter(lists::tenant_id.eq(tx.tenant())).count().get_result(tx.conn());
    within(count.map_err(DbError::from)?, MAX_LISTS)?;
    diesel::insert_into(lists::table).values(&row).execute(tx.conn()).map_err(EditError::named(NAME))?;
    insert_prices(tx, row.id, &new.prices, &currencies)?;
    tx.audit("price_list.created", row.id, json!({ "prices": new.prices.len() }))?;
    Ok(PriceList { row, prices: sorted(&new.prices) })
}

/// Changes a list. What is so already stays as it is.
pub fn update(
    tx: &mut TenantTx<'_>,
    id: PriceListId,
    (seen, patch): (Option<i64>, &PriceListPatch),
) -> Result<PriceList, EditError> {
    let PriceList { row, prices } = lock(tx, id)?.ok_or(EditError::NotFound)?;
    let wanted = PriceListRow {
        name: patch.name.as_deref().map_or(row.name.as_str(), str::trim).to_owned(),
        buyer_id: patch.buyer_id.unwrap_or(row.buyer_id),
        group_id: patch.group_id.unwrap_or(row.group_id),
        valid_from: patch.valid_from.unwrap_or(row.valid_from),
        valid_until: patch.valid_until.unwrap_or(row.valid_until),
        ..row.clone()
    };
    let new_prices = patch.prices.as_ref().map_or(prices.clone(), |new| sorted(new));
    // The same number in another currency is another price.
    let other_money = patch.prices.is_some() && is_in_other_money(tx, id)?;
    if wanted == row && new_prices == prices && !other_money {
        return Ok(PriceList { row, prices });
    }
    fresh(seen, row.version)?;
    let currencies = check(tx, &wanted, patch.prices.as_deref().unwrap_or_default())?;
    let row = PriceListRow { version: row.version + 1, ..wanted };
    diesel::update(lists::table.filter(lists::tenant_id.eq(tx.tenant())).filter(lists::id.eq(id)))
        .set(&row)
        .execute(tx.conn())
        .map_err(EditError::named(NAME))?;
    if patch.prices.is_some() {
        delete_prices(tx, id)?;
        insert_prices(tx, id, &new_prices, &currencies)?;
    }
    tx.audit("price_list.updated", id, json!({ "version": row.version }))?;
    Ok(PriceList { row, prices: new_prices })
}

/// Whether something was agreed in a currency in which its variant is not sold any more.
fn is_in_other_money(tx: &mut TenantTx<'_>, id: PriceListId) -> Result<bool, DbError> {
    let found: Vec<PriceRow> = prices::table
        .filter(prices::tenant_id.eq(tx.tenant()))
        .filter(prices::list_id.eq(id))
        .select(PriceRow::as_select())
        .load(tx.conn())?;
    let agreed: Vec<(VariantId, Currency)> = found.iter().map(|row| (row.variant_id, row.currency)).collect();
    let prices: Vec<AgreedPrice> = found.into_iter().map(AgreedPrice::from).collect();
    let now = currencies(tx, &prices)?;
    Ok(agreed.iter().any(|(variant, currency)| now.get(variant).is_some_and(|now| now != currency)))
}

/// Deletes a list. Orders keep what they were priced by.
pub fn delete(tx: &mut TenantTx<'_>, id: PriceListId) -> Result<(), EditError> {
    lock(tx, id)?.ok_or(EditError::NotFound)?;
    delete_prices(tx, id)?;
    diesel::delete(lists::table.filter(lists::tenant_id.eq(tx.tenant())).filter(lists::id.eq(id)))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    tx.audit("price_list.deleted", id, json!({}))?;
    Ok(())
}

/// The list with its prices, if it is the tenant's.
pub fn find(tx: &mut TenantTx<'_>, id: PriceListId) -> Result<Option<PriceList>, DbError> {
    let row = lists::table
        .filter(lists::tenant_id.eq(tx.tenant()))
        .filter(lists::id.eq(id))
        .select(PriceListRow::as_select())
        .first(tx.conn())
        .optional()?;
    row.map(|row| with_prices(tx, row)).transpose()
}

/// The firm's lists without their prices, in the order in which they were made.
pub fn list(
    tx: &mut TenantTx<'_>,
    page: &PageRequest<PriceListId>,
) -> Result<Page<PriceListRow, PriceListId>, DbError> {
    let mut query = lists::table
        .filter(lists::tenant_id.eq(tx.tenant()))
        .order(lists::id)
        .limit(page.fetch())
        .select(PriceListRow::as_select())
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(lists::id.gt(after));
    }
    Ok(Page::of(query.load(tx.conn())?, page, |row: &PriceListRow| row.id))
}

fn lock(tx: &mut TenantTx<'_>, id: PriceListId) -> Result<Option<PriceList>, DbError> {
    let row = lists::table
        .filter(lists::tenant_id.eq(tx.tenant()))
        .filter(lists::id.eq(id))
        .select(PriceListRow::as_select())
        .for_update()
        .first(tx.conn())
        .optional()?;
    row.map(|row| with_prices(tx, row)).transpose()
}

/// Checks what is written, and finds the currency of each variant.
fn check(
    tx: &mut TenantTx<'_>,
    row: &PriceListRow,
    prices: &[AgreedPrice],
) -> Result<HashMap<VariantId, Currency>, EditError> {
    let mut faults = Faults::default();
    faults.line("/name", &row.name, 1, 80);
    faults.check(row.buyer_id.is_none() || row.group_id.is_none(), "/buyer_id", Rule::NotWithGroup);
    let in_order = row.valid_from.zip(row.valid_until).is_none_or(|(from, until)| from < until);
    faults.check(in_order, "/valid_until", Rule::LaterThanBeginning);
    faults.count("/prices", prices.len(), MAX_PRICES);
    let mut seen = BTreeSet::new();
    for (index, price) in prices.iter().enumerate() {
        let at = format!("/prices/{index}");
        faults.check(seen.insert(price.variant_id), format!("{at}/variant_id"), Rule::Once);
        validate::agreed_price(&mut faults, &at, price);
    }
    faults.result().map_err(EditError::Invalid)?;
    let currencies = currencies(tx, prices)?;
    let mut references = Faults::default();
    for (index, price) in prices.iter().enumerate() {
        let known = currencies.contains_key(&price.variant_id);
        references.check(known, format!("/prices/{index}/variant_id"), Rule::Own);
    }
    let group_is_known = match row.group_id {
        Some(group) => buyer_groups::lock(tx, group)?.is_some(),
        None => true,
    };
    references.check(group_is_known, "/group_id", Rule::Own);
    references.result().map_err(EditError::Invalid)?;
    Ok(currencies)
}

fn currencies(tx: &mut TenantTx<'_>, prices: &[AgreedPrice]) -> Result<HashMap<VariantId, Currency>, DbError> {
    let ids: Vec<VariantId> = prices.iter().map(|price| price.variant_id).collect();
    let rows: Vec<(VariantId, Currency)> = variants::table
        .filter(variants::tenant_id.eq(tx.tenant()))
        .filter(variants::id.eq_any(ids))
        .select((variants::id, variants::currency))
        .load(tx.conn())?;
    Ok(rows.into_iter().collect())
}

fn sorted(prices: &[AgreedPrice]) -> Vec<AgreedPrice> {
    let mut sorted = prices.to_vec();
    sorted.sort_by_key(|price| price.variant_id);
    sorted
}

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = prices)]
struct PriceRow {
    list_id: PriceListId,
    variant_id: VariantId,
    currency: Currency,
    price_minor: i64,
    price_tiers: PriceTiers,
    price_may_rise: bool,
    min_order_quantity: Option<i64>,
    max_order_quantity: Option<i64>,
    order_increment: Option<i64>,
}

impl PriceRow {
    /// The terms, with those of the variant where the list has none, so that they fit each other whatever the variant became.
    fn terms(&self, variant: &Variant) -> OwnedTerms {
        let increment = self.order_increment.unwrap_or(variant.order_increment).max(1);
        let wanted = self.min_order_quantity.unwrap_or(variant.min_order_quantity);
        let whole = (wanted % increment + increment) % increment;
        let minimum = if whole == 0 { wanted } else { wanted.saturating_add(increment - whole) };
        OwnedTerms {
            price_minor: self.price_minor,
            tiers: self.price_tiers.0.clone(),
            minimum,
            maximum: self.max_order_quantity.or(variant.max_order_quantity).map(|most| most.max(minimum)),
            increment,
        }
    }
}

impl From<PriceRow> for AgreedPrice {
    fn from(row: PriceRow) -> Self {
        Self {
            variant_id: row.variant_id,
            price_minor: row.price_minor,
            price_tiers: row.price_tiers,
            price_may_rise: row.price_may_rise,
            min_order_quantity: row.min_order_quantity,
            max_order_quantity: row.max_order_quantity,
            order_increment: row.order_increment,
        }
    }
}

fn with_prices(tx: &mut TenantTx<'_>, row: PriceListRow) -> Result<PriceList, DbError> {
    let found: Vec<PriceRow> = prices::table
        .filter(prices::tenant_id.eq(tx.tenant()))
        .filter(prices::list_id.eq(row.id))
        .order(prices::variant_id)
        .select(PriceRow::as_select())
        .load(tx.conn())?;
    Ok(PriceList { row, prices: found.into_iter().map(AgreedPrice::from).collect() })
}

fn insert_prices(
    tx: &mut TenantTx<'_>,
    list_id: PriceListId,
    agreed: &[AgreedPrice],
    currencies: &HashMap<VariantId, Currency>,
) -> Result<(), DbError> {
    let row = |price: &AgreedPrice| {
        currencies.get(&price.variant_id).map(|currency| PriceRow {
            list_id,
            variant_id: price.variant_id,
            currency: *currency,
            price_minor: price.price_minor,
            price_tiers: price.price_tiers.clone(),
            price_may_rise: price.price_may_rise,
            min_order_quantity: price.min_order_quantity,
            max_order_quantity: price.max_order_quantity,
            order_increment: price.order_increment,
        })
    };
    let rows: Vec<PriceRow> = agreed.iter().filter_map(row).collect();
    if rows.is_empty() {
        return Ok(());
    }
    diesel::insert_into(prices::table).values(rows).execute(tx.conn())?;
    Ok(())
}

fn delete_prices(tx: &mut TenantTx<'_>, id: PriceListId) -> Result<(), DbError> {
    diesel::delete(prices::table.filter(prices::tenant_id.eq(tx.tenant())).filter(prices::list_id.eq(id)))
        .execute(tx.conn())?;
    Ok(())
}

/// What is agreed with a buyer, or with groups that it is in, for these variants; and those groups.
pub(crate) fn agreed_with(
    tx: &mut TenantTx<'_>,
    buyer: TenantId,
    wanted: &[&Variant],
) -> Result<Vec<(VariantId, AgreedTerms)>, DbError> {
    let ids: Vec<VariantId> = wanted.iter().map(|variant| variant.id).collect();
    let groups = members::table
        .filter(members::tenant_id.eq(tx.tenant()))
        .filter(members::buyer_id.eq(buyer))
        .select(members::group_id.nullable());
    let rows: Vec<(PriceListRow, PriceRow)> = prices::table
        .inner_join(lists::table.on(lists::tenant_id.eq(prices::tenant_id).and(lists::id.eq(prices::list_id))))
        .filter(prices::tenant_id.eq(tx.tenant()))
        .filter(prices::variant_id.eq_any(ids))
        .filter(lists::tenant_id.eq(tx.tenant()))
        .filter(lists::buyer_id.eq(buyer).or(lists::group_id.eq_any(groups)))
        .select((PriceListRow::as_select(), PriceRow::as_select()))
        .load(tx.conn())?;
    Ok(rows.iter().filter_map(|(list, price)| agreed(list, price, wanted)).collect())
}

fn agreed(list: &PriceListRow, price: &PriceRow, wanted: &[&Variant]) -> Option<(VariantId, AgreedTerms)> {
    let variant = wanted.iter().find(|variant| variant.id == price.variant_id)?;
    let with = match (list.buyer_id, list.group_id) {
        (Some(buyer), _) => AgreedWith::Buyer(buyer),
        (None, Some(group)) => AgreedWith::Group(group),
        (None, None) => return None,
    };
    let terms = price.terms(variant);
    let (valid_from, valid_until) = (list.valid_from, list.valid_until);
    Some((variant.id, AgreedTerms { list: list.id, with, valid_from, valid_until, currency: price.currency, terms }))
}
