use super::index;
use crate::{
    options::ProductOptions,
    pricing::TaxClass,
    product::{Attributes, Product, ProductStatus, TextMap, Translations},
    stored_json::stored_as_json,
    texts::{Locale, MediaAlt},
    variant::{PriceTiers, Variant},
};
use db::{
    DbError, TenantTx,
    schema::{market_listings as listings, market_variants},
};
use diesel::{deserialize::FromSqlRow, expression::AsExpression, prelude::*, sql_types::Jsonb};
use kernel::ids::{FileId, ProductId, TenantId, VariantId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a visitor sees of a product beyond its title, price range and seller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, AsExpression, FromSqlRow)]
#[diesel(sql_type = Jsonb)]
pub struct MarketDetail {
    /// The description.
    pub description: String,
    /// Words the seller gave.
    pub tags: Vec<String>,
    /// Free facts.
    pub attributes: Attributes,
    /// Texts in other languages.
    pub translations: Translations,
    /// Pictures and films, in order.
    pub media: Vec<FileId>,
    /// The matrix of which each variant is one point.
    #[serde(default)]
    pub options: ProductOptions,
    /// Which rate of value-added tax holds.
    #[serde(default)]
    pub tax_class: Option<TaxClass>,
    /// Whether prices contain the tax.
    #[serde(default = "included")]
    pub tax_included: bool,
    /// The language of title and description.
    #[serde(default = "chinese")]
    pub locale: Locale,
    /// Its name in addresses in that language.
    #[serde(default)]
    pub slug: Option<String>,
    /// What its pictures show.
    #[serde(default)]
    pub media_alt: MediaAlt,
    /// What can be bought.
    pub variants: Vec<MarketVariant>,
}

const fn chinese() -> Locale {
    Locale::ZhCn
}

const fn included() -> bool {
    true
}

/// A variant as a visitor sees it, always with its whole ladder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MarketVariant {
    /// Its id, to be named in an order.
    pub id: VariantId,
    /// The seller's code.
    pub sku: String,
    /// What makes it different.
    pub options: TextMap,
    /// Price of one unit below the first rung, in minor units.
    pub price_minor: i64,
    /// Currency of all its prices.
    pub currency: kernel::Currency,
    /// The quantity price ladder.
    pub price_tiers: PriceTiers,
    /// The least that can be ordered.
    pub min_order_quantity: i64,
    /// Quantities are multiples of this.
    pub order_increment: i64,
    /// The most that can be ordered.
    #[serde(default)]
    pub max_order_quantity: Option<i64>,
    /// Unit of measure.
    pub unit: String,
    /// Global trade item number.
    pub gtin: Option<String>,
    /// Shipping weight of one unit in grams.
    pub weight_grams: Option<i64>,
    /// Code of the Harmonized System.
    #[serde(default)]
    pub hs_code: Option<String>,
    /// Country of origin.
    #[serde(default)]
    pub origin_country: Option<String>,
}

stored_as_json!(MarketDetail);

impl From<&Variant> for MarketVariant {
    fn from(variant: &Variant) -> Self {
        Self {
            id: variant.id,
            sku: variant.sku.clone(),
            options: variant.options.clone(),
            price_minor: variant.price_minor,
            currency: variant.currency,
            price_tiers: variant.price_tiers.clone(),
            min_order_quantity: variant.min_order_quantity,
            order_increment: variant.order_increment,
            max_order_quantity: variant.max_order_quantity,
            unit: variant.unit.clone(),
            gtin: variant.gtin.clone(),
            weight_grams: variant.weight_grams,
            hs_code: variant.hs_code.clone(),
            origin_country: variant.origin_country.clone(),
        }
    }
}

impl From<&Product> for MarketDetail {
    fn from(product: &Product) -> Self {
        let content = &product.content;
        Self {
            description: content.description.clone(),
            tags: content.tags.clone(),
            attributes: content.attributes.clone(),
            translations: content.translations.clone(),
            media: content.media.clone(),
            options: content.options.clone(),
            tax_class: content.tax_class,
            tax_included: content.tax_included,
            locale: content.locale,
            slug: content.slug.clone(),
            media_alt: content.media_alt.clone(),
            variants: product.variants.iter().map(MarketVariant::from).collect(),
        }
    }
}

/// Makes the market show the product as it now is: its variants while it is published, its listing while it is also listed.
pub(crate) fn show(tx: &mut TenantTx<'_>, product: &Product) -> Result<(), DbError> {
    let published = product.status == ProductStatus::Published;
    replace_variants(tx, product, published)?;
    remove_listing(tx, product.id)?;
    if published && product.content.listed { add_listing(tx, product) } else { Ok(()) }
}

fn replace_variants(tx: &mut TenantTx<'_>, product: &Product, published: bool) -> Result<(), DbError> {
    let seller = tx.tenant();
    diesel::delete(market_variants::table.filter(market_variants::product_id.eq(product.id))).execute(tx.conn())?;
    if published {
        let row = |variant: &Variant| {
            (
                market_variants::variant_id.eq(variant.id),
                market_variants::product_id.eq(product.id),
                market_variants::seller_id.eq::<TenantId>(seller),
            )
        };
        let rows: Vec<_> = product.variants.iter().map(row).collect();
        diesel::insert_into(market_variants::table).values(rows).execute(tx.conn())?;
    }
    Ok(())
}

fn remove_listing(tx: &mut TenantTx<'_>, id: ProductId) -> Result<(), DbError> {
    index::remove(tx, &[id])?;
    diesel::delete(listings::table.filter(listings::id.eq(id))).execute(tx.conn())?;
    Ok(())
}

fn add_listing(tx: &mut TenantTx<'_>, product: &Product) -> Result<(), DbError> {
    let Some((currency, cheapest, dearest)) = price_range(&product.variants) else { return Ok(()) };
    let row = (
        listings::id.eq(product.id),
        listings::seller_id.eq::<TenantId>(tx.tenant()),
        listings::title.eq(&product.content.title),
        listings::category_id.eq(product.content.category_id),
        listings::currency.eq(currency),
        listings::min_price_minor.eq(cheapest),
        listings::max_price_minor.eq(dearest),
        listings::detail.eq(MarketDetail::from(product)),
        listings::version.eq(product.version),
        listings::published_at.eq(product.published_at.unwrap_or_else(|| tx.now())),
    );
    diesel::insert_into(listings::table).values(row).execute(tx.conn())?;
    index::write(tx, product, cheapest)
}

/// Currency, lowest and highest price of one unit, ladders included.
fn price_range(variants: &[Variant]) -> Option<(kernel::Currency, i64, i64)> {
    let rungs = |variant: &Variant| {
        let tiers = variant.price_tiers.0.iter().map(|tier| tier.price_minor);
        tiers.chain([variant.price_minor]).collect::<Vec<_>>()
    };
    let least = |variant: &Variant| rungs(variant).into_iter().min().unwrap_or(variant.price_minor);
    let most = |variant: &Variant| rungs(variant).into_iter().max().unwrap_or(variant.price_minor);
    let first = variants.first()?;
    let cheapest = variants.iter().map(least).min()?;
    let dearest = variants.iter().map(most).max()?;
    Some((first.currency, cheapest, dearest))
}
