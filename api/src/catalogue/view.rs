use crate::answer::Versioned;
use catalogue::{
    Attributes, LocalTexts, Locale, MediaAlt, PriceTiers, Product, ProductOptions, ProductPatch, ProductStatus,
    TextMap, Translations, Variant, locations::LocationId, pricing::TaxClass, stock::InventoryItem,
};
use chrono::{DateTime, Utc};
use kernel::{
    Currency,
    ids::{CategoryId, FileId, ProductId, VariantId},
};
use serde::Serialize;
use utoipa::ToSchema;

/// A product with its variants.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProductView {
    /// Its id.
    id: ProductId,
    /// Where it stands.
    status: ProductStatus,
    /// Whether it appears in the market once it is published.
    listed: bool,
    /// The title.
    title: String,
    /// The description.
    description: String,
    /// The firm's own category.
    #[schema(required)]
    category_id: Option<CategoryId>,
    /// Words to find it by.
    tags: Vec<String>,
    /// Free facts.
    attributes: Attributes,
    /// Texts in other languages.
    translations: Translations,
    /// Pictures and films, in order.
    media: Vec<FileId>,
    /// The integrator's notes.
    metadata: TextMap,
    /// The matrix of which each variant is one point; empty if variants say freely what makes them different.
    options: ProductOptions,
    /// Which rate of value-added tax holds; null: nothing is said of tax.
    #[schema(required)]
    tax_class: Option<TaxClass>,
    /// Whether prices contain the tax; otherwise it is added to them.
    tax_included: bool,
    /// The language of title and description.
    locale: Locale,
    /// Its name in addresses in that language; null before it is first published.
    #[schema(required)]
    slug: Option<String>,
    /// What readers of each language are told, and in which language that is.
    texts: LocalTexts,
    /// What the files in `media` show, by their ids.
    media_alt: MediaAlt,
    /// What can be bought, in order.
    variants: Vec<VariantView>,
    /// Counts the changes; the `ETag`.
    version: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
    /// When it was first published.
    #[schema(required)]
    published_at: Option<DateTime<Utc>>,
    /// When it is published by itself, or what was written about it goes live.
    #[schema(required)]
    publish_at: Option<DateTime<Utc>>,
    /// When it goes off sale by itself.
    #[schema(required)]
    unpublish_at: Option<DateTime<Utc>>,
    /// What was written about it as a change; buyers see it when the product is published again.
    #[schema(required)]
    change: Option<ProductPatch>,
}

/// A variant with its price ladder and stock.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VariantView {
    /// Its id.
    id: VariantId,
    /// The seller's own code.
    sku: String,
    /// What makes it different.
    options: TextMap,
    /// Price of one unit below the first rung, in minor units.
    price_minor: i64,
    /// Currency of all its prices.
    currency: Currency,
    /// The quantity price ladder.
    price_tiers: PriceTiers,
    /// The least that can be ordered.
    min_order_quantity: i64,
    /// The most that can be ordered; null: any number.
    #[schema(required)]
    max_order_quantity: Option<i64>,
    /// Quantities are multiples of this.
    order_increment: i64,
    /// Whether prices may rise with the quantity.
    price_may_rise: bool,
    /// Unit of measure.
    unit: String,
    /// Global trade item number.
    #[schema(required)]
    gtin: Option<String>,
    /// Shipping weight of one unit in grams.
    #[schema(required)]
    weight_grams: Option<i64>,
    /// Code of the Harmonized System.
    #[schema(required)]
    hs_code: Option<String>,
    /// Country of origin, ISO 3166 two letters.
    #[schema(required)]
    origin_country: Option<String>,
    /// Units in the warehouse; null: unlimited.
    #[schema(required)]
    stock: Option<i64>,
    /// Units of them that are promised to orders.
    reserved: i64,
    /// At this many units or fewer, `inventory.low` is told.
    #[schema(required)]
    low_stock_at: Option<i64>,
}

/// A variant's stock.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InventoryView {
    /// The variant.
    variant_id: VariantId,
    /// Its product.
    product_id: ProductId,
    /// The product's title.
    title: String,
    /// The seller's own code.
    sku: String,
    /// Units in the warehouse; null: unlimited.
    #[schema(required)]
    on_hand: Option<i64>,
    /// Units of them that are promised to orders.
    reserved: i64,
    /// Units that can still be sold; null: unlimited.
    #[schema(required)]
    available: Option<i64>,
    /// At this many units or fewer, `inventory.low` is told.
    #[schema(required)]
    low_stock_at: Option<i64>,
    /// Units of `on_hand` at other locations than the default; what is not among them lies there.
    locations: Vec<LevelView>,
}

/// Units at a location.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LevelView {
    /// The location.
    location_id: LocationId,
    /// Units there.
    on_hand: i64,
}

impl From<Product> for ProductView {
    fn from(product: Product) -> Self {
        let content = product.content;
        let texts = LocalTexts::of(&content);
        Self {
            id: product.id,
            status: product.status,
            listed: content.listed,
            title: content.title,
            description: content.description,
            category_id: content.category_id,
            tags: content.tags,
            attributes: content.attributes,
            translations: content.translations,
            media: content.media,
            metadata: content.metadata,
            options: content.options,
            tax_class: content.tax_class,
            tax_included: content.tax_included,
            locale: content.locale,
            slug: content.slug,
            texts,
            media_alt: content.media_alt,
            variants: product.variants.into_iter().map(VariantView::from).collect(),
            version: product.version,
            created_at: product.created_at,
            updated_at: product.updated_at,
            published_at: product.published_at,
            publish_at: product.schedule.publish_at,
            unpublish_at: product.schedule.unpublish_at,
            change: product.change,
        }
    }
}

impl Versioned for ProductView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Variant> for VariantView {
    fn from(variant: Variant) -> Self {
        Self {
            id: variant.id,
            sku: variant.sku,
            options: variant.options,
            price_minor: variant.price_minor,
            currency: variant.currency,
            price_tiers: variant.price_tiers,
            min_order_quantity: variant.min_order_quantity,
            max_order_quantity: variant.max_order_quantity,
            order_increment: variant.order_increment,
            price_may_rise: variant.price_may_rise,
            unit: variant.unit,
            gtin: variant.gtin,
            weight_grams: variant.weight_grams,
            hs_code: variant.hs_code,
            origin_country: variant.origin_country,
            stock: variant.on_hand,
            reserved: variant.reserved,
            low_stock_at: variant.low_stock_at,
        }
    }
}

/// A variant as its own resource: its version is its product's.
pub(super) struct OneVariant {
    view: VariantView,
    version: i64,
}

impl OneVariant {
    /// The variant of a product, or the last one.
    pub(super) fn of(product: Product, id: Option<VariantId>) -> Option<Self> {
        let version = product.version;
        let mut variants = product.variants.into_iter();
        let variant = match id {
            Some(id) => variants.find(|variant| variant.id == id),
            None => variants.next_back(),
        };
        variant.map(|variant| Self { view: variant.into(), version })
    }
}

impl Serialize for OneVariant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.view.serialize(serializer)
    }
}

impl Versioned for OneVariant {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<InventoryItem> for InventoryView {
    fn from(item: InventoryItem) -> Self {
        let available = item.variant.available();
        Self {
            variant_id: item.variant.id,
            product_id: item.variant.product_id,
            title: item.title,
            sku: item.variant.sku,
            on_hand: item.variant.on_hand,
            reserved: item.variant.reserved,
            available,
            low_stock_at: item.variant.low_stock_at,
            locations: item
                .elsewhere
                .into_iter()
                .map(|(location_id, on_hand)| LevelView { location_id, on_hand })
                .collect(),
        }
    }
}
