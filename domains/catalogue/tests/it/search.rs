//! How well the market is searched: slips, initials, most of the words, facets, proposals, counts, plans, quality.

use crate::{
    market::words,
    world::{World, product},
};
use catalogue::{
    NewProduct, ProductPatch, TextMap,
    categories::{CategoryAttributes, NewCategory, create_category},
    jobs::{CountWords, CutListings, SweepCuts},
    market::{MarketQuery, MarketSort},
};
use db::{Db, DbConfig, DbError};
use diesel::{prelude::*, sql_types::Text};
use jobs::{Enqueue, Registry, Worker, WorkerConfig};
use kernel::{Actor, ManualClock, ids::ProductId, pages::PageRequest};
use serde_json::json;
use std::{collections::BTreeMap, sync::Arc};

impl World {
    /// Runs what counts and cuts, until there is no more to do.
    async fn settle(&self) {
        self.db
            .platform("test.count", Actor::system("test"), |tx| {
                tx.enqueue_once(&CountWords {}, "test", tx.now())?;
                tx.enqueue_once(&SweepCuts {}, "test", tx.now())
            })
            .await
            .unwrap();
        let registry = Registry::new(self.db.clone()).job::<CountWords>(()).job::<CutListings>(()).job::<SweepCuts>(());
        assert_eq!(Worker::new(registry, WorkerConfig::default()).drain().await.unwrap().failed, []);
    }

    async fn corrected(&self, text: &str) -> (Vec<ProductId>, Option<String>) {
        let results = self.results(words(text), PageRequest::default()).await;
        (results.page.data.into_iter().map(|listing| listing.id).collect(), results.corrected)
    }

    async fn suggested(&self, typed: &'static str) -> Vec<String> {
        self.db.public("test.suggest", move |tx| catalogue::market::suggest(tx.conn(), typed)).await.unwrap()
    }
}

#[tokio::test]
async fn slips_initials_and_most_of_the_words_find_the_product() {
    let world = World::start().await;
    let case = world.published(product("适用iPhone15手机壳 防摔透明", "CASE-1588", None)).await.id;
    let tea = world.published(product("凤凰单丛 乌岽高山茶", "TEA-500", None)).await.id;
    world.settle().await;

    assert_eq!(world.corrected("ihpone15 手机壳").await, (vec![case], Some("iphon 15 手机 壳".into())));
    assert_eq!(world.corrected("case1589").await.0, [case]);
    assert_eq!(world.corrected("fhdc").await, (vec![tea], Some("fhdc".into())));
    assert_eq!(world.corrected("凤凰单丛 高山茶 自行车").await, (vec![tea], None), "two words of three");
    assert!(world.found("凤凰 自行车 电风扇").await.is_empty(), "one word of three");
    for text in ["手機殼", "鳳凰單叢", "ＩＰＨＯＮＥ", "case 1588", "透明iphone"] {
        assert_eq!(world.found(text).await.len(), 1, "{text}");
    }
    let long = "凤凰单丛 iphone15 手机壳 ".repeat(5_000);
    assert_eq!(world.found(&long).await, [case], "three words of five");
}

#[tokio::test]
async fn a_listing_is_found_at_once_and_counted_by_the_next_run() {
    let world = World::start().await;
    let count = |word: &'static str| {
        world.database().count(&format!(
            "SELECT coalesce(sum(listings), 0)::bigint AS count FROM market_terms WHERE word = '{word}'"
        ))
    };
    let first = world.published(product("胡桃木茶几", "A", None)).await;
    let second = world.published(product("胡桃木书桌", "B", None)).await;
    assert_eq!(world.found("茶几").await, [first.id], "before it is counted");
    world.settle().await;
    assert_eq!((count("胡桃"), count("茶几"), count("total:listings")), (2, 1, 2));

    let renamed = ProductPatch { title: Some("胡桃木餐桌".into()), ..ProductPatch::default() };
    world.change(&first, renamed).await;
    let id = second.id;
    world.within(&world.tea, move |tx| catalogue::archive(tx, id, None)).await.unwrap();
    world.settle().await;
    assert_eq!((count("胡桃"), count("茶几"), count("餐桌"), count("total:listings")), (1, 0, 1, 1));

    world.within(&world.tea, catalogue::market::withdraw_seller).await.unwrap();
    world.settle().await;
    assert_eq!(world.database().count("SELECT count(*) FROM market_terms"), 0);
    assert_eq!(world.database().count("SELECT count(*) FROM market_changes"), 0);
}

#[tokio::test]
async fn what_another_version_has_cut_is_cut_anew() {
    let world = World::start().await;
    let tea = world.published(product("凤凰单丛", "A", None)).await.id;
    world.settle().await;
    let other = "SET session_replication_role = replica; UPDATE market_index SET cutter = 0, head = '{}', weights = ''";
    world.database().sql(other);
    assert!(world.found("单丛").await.is_empty());
    world.settle().await;
    assert_eq!(world.found("单丛").await, [tea]);
    world.settle().await;
    assert_eq!(world.database().count("SELECT count(*) FROM market_index WHERE cutter <> 0"), 1);
}

fn coloured(title: &str, sku: &str, colour: &str, price: i64) -> NewProduct {
    let mut new = product(title, sku, None);
    new.variants[0].options = TextMap(BTreeMap::from([("颜色".into(), colour.into())]));
    new.variants[0].price_minor = price;
    new.attributes.0.insert("材质".into(), json!("陶瓷"));
    new
}

#[tokio::test]
async fn results_are_counted_and_narrowed_by_category_seller_price_and_attribute() {
    let world = World::start().await;
    let category = NewCategory { name: "茶具".into(), parent_id: None, attributes: CategoryAttributes::default() };
    let category = world.within(&world.tea, move |tx| create_category(tx, &category)).await.unwrap();
    let cup = NewProduct { category_id: Some(category.id), ..coloured("功夫茶杯", "A", "青花", 800) };
    let cup = world.published(cup).await.id;
    let pot = world.published(coloured("功夫茶壶", "B", "红", 60_000)).await.id;
    world.settle().await;

    for text in ["功夫", ""] {
        let facets = world.results(words(text), PageRequest::default()).await.facets.unwrap();
        assert_eq!(facets.counted, 2, "{text}");
        let categories: Vec<_> = facets.categories.iter().map(|found| (found.value.as_str(), found.count)).collect();
        assert_eq!(categories, [("茶具", 1)]);
        assert_eq!((facets.sellers[0].value.1.slug.as_str(), facets.sellers[0].count), ("chaozhou-tea", 2));
        let (material, values) = facets.attributes.iter().find(|(name, _)| name == "材质").unwrap();
        assert_eq!((material.as_str(), values[0].value.as_str(), values[0].count), ("材质", "陶瓷", 2));
        if !text.is_empty() {
            let prices: Vec<_> = facets.prices.iter().map(|range| (range.value, range.count)).collect();
            assert_eq!(prices, [((0, Some(1_000)), 1), ((50_000, Some(100_000)), 1)]);
        }
        let by_name = MarketQuery { category: Some("茶具".into()), ..words(text) };
        assert_eq!(world.search(by_name).await, [cup]);
        let by_id = MarketQuery { category: Some(category.id.to_string()), ..words(text) };
        assert_eq!(world.search(by_id).await, [cup]);
        let red = MarketQuery { attributes: vec![("颜色".into(), "红".into())], ..words(text) };
        assert_eq!(world.search(red).await, [pot]);
        let none = MarketQuery { attributes: vec![("颜色".into(), "绿".into())], ..words(text) };
        assert!(world.search(none).await.is_empty());
        for (sort, expected) in [
            (MarketSort::PriceAscending, [cup, pot]),
            (MarketSort::PriceDescending, [pot, cup]),
            (MarketSort::Newest, [pot, cup]),
        ] {
            assert_eq!(world.search(MarketQuery { sort, ..words(text) }).await, expected, "{text} {sort}");
        }
    }
}

#[tokio::test]
async fn whoever_types_is_proposed_words_by_beginning_and_by_initials() {
    let world = World::start().await;
    world.published(product("橄榄油 iphone 手机 手表", "A", None)).await;
    world.published(product("手机 支架", "B", None)).await;
    world.settle().await;
    assert_eq!(world.suggested("手").await, ["手机", "手表"], "the more common first");
    assert_eq!(world.suggested("SJ").await, ["手机"]);
    assert_eq!(world.suggested("支架 sj").await, ["支架 手机"]);
    assert_eq!(world.suggested("橄欖").await, ["橄榄油"]);
    assert_eq!(world.suggested("iP").await, ["iphon"]);
    for nothing in ["", " ", "支架 ", "x", "%", "'", "\u{10ffff}"] {
        assert!(world.suggested(nothing).await.is_empty(), "{nothing}");
    }
}

/// Twenty thousand listings like the one there is, each with a word of its own.
const MANY: &str = "
SET session_replication_role = replica;
INSERT INTO market_listings SELECT r.* FROM generate_series(1, 20000) AS n, market_listings l,
    LATERAL jsonb_populate_record(l, jsonb_build_object('id', gen_random_uuid(), 'title', l.title || n)) AS r;
INSERT INTO market_index SELECT r.* FROM (SELECT id, row_number() OVER () AS n FROM market_listings) AS l, market_index i,
    LATERAL jsonb_populate_record(i, jsonb_build_object('listing_id', l.id,
        'head', to_jsonb(i.head || ('n' || l.n)))) AS r WHERE l.id <> i.listing_id;
INSERT INTO market_terms SELECT 'n' || n, 'word', 1, NULL, NULL FROM generate_series(1, 20000) AS n;
UPDATE market_terms SET listings = 20001 WHERE listings = 1 AND word !~ '^n[0-9]';
RESET session_replication_role;
ANALYZE;";

#[derive(QueryableByName)]
struct Scanned {
    #[diesel(sql_type = Text)]
    name: String,
}

#[tokio::test]
async fn no_search_reads_a_whole_table() {
    let world = World::start().await;
    world.published(NewProduct { description: "适合送礼".into(), ..product("凤凰单丛茶叶", "A", None) }).await;
    world.settle().await;
    world.database().sql(MANY);
    let queries = [
        words("单丛"),
        words("凤凰单丛茶叶"),
        words("单丛 n777"),
        words("送礼"),
        words("单丛 自行车 茶叶"),
        words("dancogn"),
        words(""),
        MarketQuery { seller: Some("chaozhou-tea".into()), ..words("") },
        MarketQuery { category: Some("茶".into()), ..words("单丛") },
        MarketQuery { min_price: Some(1), max_price: Some(2), ..words("单丛") },
        MarketQuery { sort: MarketSort::PriceAscending, ..words("单丛") },
        MarketQuery { sort: MarketSort::Newest, ..words("") },
    ];
    // Connections of its own: PostgreSQL counts by connection, and those that filled the market have read whole tables.
    let visitors = Db::new(&DbConfig::new(world.database().app_url()), Arc::<ManualClock>::clone(&world.clock));
    for round in 0..7 {
        for query in queries.clone() {
            let asked = format!("{query:?}, round {round}");
            let work = move |tx: &mut db::PublicTx<'_>| {
                catalogue::market::search(tx.conn(), &query, &PageRequest::default())?;
                catalogue::market::suggest(tx.conn(), "单")?;
                let scanned = "SELECT relname::text AS name FROM pg_stat_xact_user_tables WHERE seq_scan > 0";
                Ok::<Vec<Scanned>, DbError>(diesel::sql_query(scanned).load(tx.conn())?)
            };
            let scanned = visitors.public("test.plans", work).await.unwrap();
            let scanned: Vec<String> = scanned.into_iter().map(|table| table.name).collect();
            assert!(scanned.is_empty(), "{asked}: {scanned:?}");
        }
    }
    assert_eq!(world.found("单丛").await.len(), 20);
}

/// Two different words of a title, always the same two.
fn two_words(title: &str, number: usize) -> Option<String> {
    let words: Vec<String> = ::words::Query::of(title)
        .units
        .into_iter()
        .map(|unit| unit.text)
        .filter(|text| text.chars().count() > 1)
        .collect();
    let first = number * 7 % words.len().max(1);
    let second = (first + 1 + number % words.len().saturating_sub(1).max(1)) % words.len().max(1);
    (first != second).then(|| format!("{} {}", words[first], words[second]))
}

/// Known-item search. On real titles `make bench-search` does the same.
#[tokio::test]
async fn two_words_of_a_title_find_it_among_the_first() {
    let world = World::start().await;
    world.within(&world.tea, |tx| metering::set_limit(tx, metering::Meter::Products, 1_000)).await.unwrap();
    let titles: Vec<&str> = include_str!("titles.txt").lines().collect();
    let mut ids = Vec::new();
    for (number, title) in titles.iter().enumerate() {
        ids.push(world.published(product(title, &format!("SKU-{number}"), None)).await.id);
    }
    world.settle().await;
    let (mut asked, mut among_ten, mut reciprocal, mut missed) = (0, 0, 0_u64, Vec::new());
    for (number, title) in titles.iter().enumerate() {
        let Some(text) = two_words(title, number) else { continue };
        asked += 1;
        let found = world.found(&text).await;
        match found.iter().take(10).position(|id| *id == ids[number]) {
            Some(place) => {
                among_ten += 1;
                reciprocal += 1_000_000 / (place as u64 + 1);
            }
            None => missed.push((text, *title)),
        }
    }
    assert!(asked >= 95, "{asked}");
    assert!(among_ten * 100 >= asked * 99, "recall@10: {among_ten} of {asked}, missed {missed:?}");
    assert!(reciprocal >= asked * 900_000, "MRR@10: {reciprocal} of {asked} millions");
}
