//! What is sown, as written in `data/*.toml`.

use crate::{history, series::Series};
use anyhow::Context;
use catalogue::{Attributes, NewProduct, NewVariant, ProductStatus, Translation, Translations};
use kernel::{ids::FileId, permission::Role};
use orders::{Address, OrderStatus};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Firms with their products; a firm's files are one document.
const FIRMS: [&str; 3] = [
    concat!(
        include_str!("../data/foshan.toml"),
        "\n",
        include_str!("../data/foshan-products.toml"),
        include_str!("../data/foshan-series.toml"),
    ),
    concat!(
        include_str!("../data/chaozhou.toml"),
        "\n",
        include_str!("../data/chaozhou-products.toml"),
        include_str!("../data/chaozhou-series.toml"),
    ),
    concat!(
        include_str!("../data/shenzhen.toml"),
        "\n",
        include_str!("../data/shenzhen-products.toml"),
        include_str!("../data/shenzhen-series.toml"),
    ),
];
const ORDERS: &str = include_str!("../data/orders.toml");

/// Everything that is sown.
pub(crate) struct World {
    pub(crate) firms: Vec<Firm>,
    pub(crate) orders: Vec<Order>,
}

impl World {
    /// Reads the data that came with the program.
    pub(crate) fn load() -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Orders {
            orders: Vec<Order>,
        }
        let firms: Result<Vec<Firm>, _> = FIRMS.into_iter().map(toml::from_str).collect();
        let mut firms = firms.context("the demo firms")?;
        for firm in &mut firms {
            let series: Vec<Product> = firm.series.iter().flat_map(Series::products).collect();
            firm.products.extend(series);
        }
        let Orders { orders } = toml::from_str(ORDERS).context("the demo orders")?;
        let orders = history::orders(&firms).into_iter().chain(orders).collect();
        Ok(Self { firms, orders })
    }
}

/// A firm.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Firm {
    /// Its name in the data.
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) slug: String,
    /// Its unified social credit code.
    pub(crate) uscc: String,
    /// What it says of itself.
    pub(crate) profile: String,
    pub(crate) address: Address,
    /// The owner first.
    pub(crate) people: Vec<Person>,
    pub(crate) pictures: Vec<Picture>,
    /// Those that are written one by one, then those of the series.
    pub(crate) products: Vec<Product>,
    pub(crate) series: Vec<Series>,
}

impl Firm {
    /// The first of its people.
    pub(crate) fn owner(&self) -> anyhow::Result<&Person> {
        self.people.first().with_context(|| format!("{} has no people", self.key))
    }
}

/// Somebody who works there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Person {
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) role: Role,
}

/// A drawing of coloured squares.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Picture {
    pub(crate) name: String,
    /// `rrggbb` of each letter.
    pub(crate) colors: BTreeMap<char, String>,
    /// One letter for each square.
    pub(crate) rows: Vec<String>,
}

/// A product: its own texts are Chinese, `en` is the translation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Product {
    /// Name of its picture.
    pub(crate) picture: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) tags: Vec<String>,
    #[serde(default)]
    pub(crate) attributes: Attributes,
    pub(crate) en: Translation,
    #[serde(default = "published")]
    pub(crate) state: ProductStatus,
    pub(crate) variants: Vec<NewVariant>,
}

const fn published() -> ProductStatus {
    ProductStatus::Published
}

impl Product {
    /// The product as its seller writes it.
    pub(crate) fn written(&self, picture: Option<FileId>) -> NewProduct {
        NewProduct {
            title: self.title.clone(),
            description: self.description.clone(),
            tags: self.tags.clone(),
            attributes: self.attributes.clone(),
            translations: Translations { zh_cn: None, en: Some(self.en.clone()) },
            media: picture.into_iter().collect(),
            variants: self.variants.clone(),
            ..NewProduct::default()
        }
    }
}

/// An order.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    /// The buyer's own number of it.
    pub(crate) po_number: String,
    /// Key of the firm that buys.
    pub(crate) buyer: String,
    /// Key of the firm that sells.
    pub(crate) seller: String,
    /// The day after the firms' founding on which it is placed; now if missing.
    #[serde(default)]
    pub(crate) day: Option<i64>,
    /// Where it is taken to.
    pub(crate) reaches: OrderStatus,
    pub(crate) note: Option<String>,
    pub(crate) carrier: Option<String>,
    pub(crate) tracking_number: Option<String>,
    pub(crate) lines: Vec<Line>,
}

/// A line of an order.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    pub(crate) sku: String,
    pub(crate) quantity: i64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use OrderStatus::{AwaitingPayment, Cancelled, Completed, Paid, Refunded, Shipped};
    use catalogue::pricing::{PriceTerms, unit_price};
    use std::collections::{HashMap, HashSet};

    fn skus(firm: &Firm) -> HashMap<&str, (&Product, &NewVariant)> {
        let pairs =
            firm.products.iter().flat_map(|product| product.variants.iter().map(move |variant| (product, variant)));
        pairs.map(|(product, variant)| (variant.sku.as_str(), (product, variant))).collect()
    }

    fn terms(variant: &NewVariant) -> PriceTerms<'_> {
        let increment = variant.order_increment.unwrap_or(1);
        PriceTerms {
            price_minor: variant.price_minor,
            tiers: &variant.price_tiers.0,
            minimum: variant.min_order_quantity.unwrap_or(increment),
            maximum: variant.max_order_quantity,
            increment,
        }
    }

    #[test]
    fn products_are_sound() {
        let world = World::load().unwrap();
        for firm in &world.firms {
            let pictures: HashSet<&str> = firm.pictures.iter().map(|picture| picture.name.as_str()).collect();
            let variants: usize = firm.products.iter().map(|product| product.variants.len()).sum();
            assert_eq!(skus(firm).len(), variants, "{}: a SKU stands twice", firm.key);
            assert!((60..=75).contains(&firm.products.len()), "{}", firm.key);
            for product in &firm.products {
                assert!(pictures.contains(product.picture.as_str()), "{} has no picture", product.title);
                let is_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
                assert!(is_chinese(&product.title) && is_chinese(&product.description), "{}", product.en.title);
                assert!(!is_chinese(&product.en.title) && !is_chinese(&product.en.description), "{}", product.title);
                assert!(!product.en.description.is_empty(), "{}", product.title);
            }
            for (sku, (_, variant)) in skus(firm) {
                let mut rung = (1, variant.price_minor);
                for tier in &variant.price_tiers.0 {
                    let next = (tier.min_quantity, tier.price_minor);
                    assert!(next.0 > rung.0 && next.1 <= rung.1 && next.1 > 0, "{sku}: {rung:?} then {next:?}");
                    rung = next;
                }
                let terms = terms(variant);
                assert_eq!(terms.minimum % terms.increment, 0, "{sku}");
            }
        }
    }

    #[test]
    fn there_are_two_hundred_products_every_role_and_trade_of_four_months() {
        let world = World::load().unwrap();
        assert!(world.firms.iter().map(|firm| firm.products.len()).sum::<usize>() >= 200);
        let roles: HashSet<Role> = world.firms.iter().flat_map(|firm| &firm.people).map(|person| person.role).collect();
        assert_eq!(roles.len(), Role::ALL.len());
        // The smallest plan has five seats.
        assert!(world.firms.iter().all(|firm| firm.people.len() <= 5));
        let days: Vec<i64> = world.orders.iter().filter_map(|order| order.day).collect();
        assert!(days.len() > 40 && days.is_sorted() && days[days.len() - 1] - days[0] > 90, "{days:?}");
        let last = days[days.len() - 1];
        assert!(chrono::Duration::days(last + 8) < history::AGE, "the last order must have ended by now");
    }

    #[test]
    fn people_and_firms_can_be_told_apart_and_may_be_who_they_are() {
        let world = World::load().unwrap();
        let mut seen = HashSet::new();
        for firm in &world.firms {
            assert!(seen.insert(firm.slug.clone()) && seen.insert(firm.uscc.clone()));
            assert_eq!(firm.uscc.parse::<tenants::CreditCode>().unwrap().warnings(), []);
            firm.slug.parse::<tenants::Slug>().unwrap();
            assert_eq!(firm.owner().unwrap().role, Role::Owner);
            for person in &firm.people {
                assert!(seen.insert(person.email.clone()), "{}", person.email);
                assert!(person.email.ends_with(".example"), "{} could be somebody's", person.email);
                let names = [&person.email, &person.name, &firm.name].map(String::as_str);
                auth::Password::chosen(crate::PASSWORD, &names).unwrap();
            }
        }
    }

    #[test]
    fn orders_can_be_placed_and_show_every_state() {
        let world = World::load().unwrap();
        let firms: HashMap<&str, &Firm> = world.firms.iter().map(|firm| (firm.key.as_str(), firm)).collect();
        let (mut numbers, mut sold_of) = (HashSet::new(), HashMap::new());
        for order in &world.orders {
            assert!(numbers.insert(&order.po_number), "{}", order.po_number);
            assert!(firms.contains_key(order.buyer.as_str()) && order.buyer != order.seller);
            let sold = skus(firms[order.seller.as_str()]);
            for line in &order.lines {
                let (product, variant) = sold[line.sku.as_str()];
                assert_eq!(product.state, ProductStatus::Published, "{}", line.sku);
                unit_price(&terms(variant), line.quantity).unwrap();
                let gone: &mut i64 = sold_of.entry(&line.sku).or_default();
                *gone += line.quantity;
                assert!(variant.stock.is_none_or(|stock| stock >= *gone), "{}", line.sku);
            }
        }
        for state in [AwaitingPayment, Paid, Shipped, Completed, Cancelled, Refunded] {
            assert!(world.orders.iter().any(|order| order.reaches == state), "no order is {state}");
        }
    }
}
