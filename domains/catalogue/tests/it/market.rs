//! What is found in the market, by whom it is written, and what is not found.

use crate::world::{World, product, tea_house};
use catalogue::{
    NewProduct, ProductPatch, WriteProductError,
    market::{MarketListing, MarketQuery, MarketResults, MarketSort},
};
use db::{
    DbError,
    schema::{market_index, market_listings, market_variants},
};
use diesel::prelude::*;
use kernel::{
    ids::ProductId,
    pages::{Page, PageRequest},
};

pub fn words(text: &str) -> MarketQuery {
    MarketQuery {
        text: text.into(),
        category: None,
        seller: None,
        attributes: Vec::new(),
        min_price: None,
        max_price: None,
        sort: MarketSort::Relevance,
    }
}

impl World {
    pub async fn results(&self, query: MarketQuery, page: PageRequest<i64>) -> MarketResults {
        let work = move |tx: &mut db::PublicTx<'_>| catalogue::market::search(tx.conn(), &query, &page);
        self.db.public("test.search", work).await.unwrap()
    }

    async fn page(&self, query: MarketQuery, page: PageRequest<i64>) -> Page<MarketListing, i64> {
        self.results(query, page).await.page
    }

    pub async fn search(&self, query: MarketQuery) -> Vec<ProductId> {
        self.page(query, PageRequest::default()).await.data.into_iter().map(|listing| listing.id).collect()
    }

    pub async fn found(&self, text: &str) -> Vec<ProductId> {
        self.search(words(text)).await
    }
}

#[tokio::test]
async fn words_of_one_and_two_characters_and_mixed_scripts_find_the_product() {
    let world = World::start().await;
    let mut case = product("适用iPhone15手机壳 透明", "CASE-15", None);
    case.tags = vec!["防摔".into()];
    let case = world.published(case).await.id;
    let tea = world.published(product("凤凰单丛 乌岽高山茶 500g", "TEA-500", None)).await.id;

    for (text, id) in [
        ("单丛", tea),
        ("乌岽", tea),
        ("茶", tea),
        ("５００Ｇ", tea),
        ("凤凰单丛茶", tea),
        ("手机", case),
        ("手机壳", case),
        ("iphone", case),
        ("IPHONE15", case),
        ("iPhone15手机壳", case),
        ("防摔", case),
        ("CASE-15", case),
    ] {
        assert_eq!(world.found(text).await, [id], "{text}");
    }
    for text in ["自行车", "单车", "，。", "' OR 1=1 --", "\\"] {
        assert!(world.found(text).await.is_empty(), "{text}");
    }
    assert_eq!(world.found("").await, [tea, case]);
}

#[tokio::test]
async fn only_published_and_listed_products_stand_in_the_market() {
    let world = World::start().await;
    let draft = world.draft(product("胡桃木茶几", "A", None)).await;
    assert!(world.found("茶几").await.is_empty());

    let published = world.publish(&draft).await;
    assert_eq!(world.found("茶几").await, [draft.id]);

    let unlisted = ProductPatch { listed: Some(false), ..ProductPatch::default() };
    let hidden = world.change(&published, unlisted).await;
    assert!(world.found("茶几").await.is_empty());
    let variant = hidden.variants[0].id;
    let sellers = world.db.public("test", move |tx| catalogue::sellers_of(tx.conn(), &[variant])).await.unwrap();
    assert_eq!(sellers.get(&variant), Some(&world.tea.tenant()), "still sold, by its own page");

    let renamed = ProductPatch { listed: Some(true), title: Some("橡木书桌".into()), ..ProductPatch::default() };
    let renamed = world.change(&hidden, renamed).await;
    assert!(world.found("茶几").await.is_empty());
    assert_eq!(world.found("书桌").await, [draft.id]);

    let (id, version) = (renamed.id, renamed.version);
    world.within(&world.tea, move |tx| catalogue::archive(tx, id, Some(version))).await.unwrap();
    assert!(world.found("书桌").await.is_empty());
    let sellers = world.db.public("test", move |tx| catalogue::sellers_of(tx.conn(), &[variant])).await.unwrap();
    assert!(sellers.is_empty());
}

#[tokio::test]
async fn another_firm_can_neither_write_nor_remove_a_listing() {
    let world = World::start().await;
    let product = world.published(product("凤凰单丛", "A", None)).await;
    let (id, variant, seller) = (product.id, product.variants[0].id, world.tea.tenant());

    let trader = &world.trader;
    let removed = world.within(trader, move |tx| {
        Ok::<_, DbError>(diesel::delete(market_listings::table.filter(market_listings::id.eq(id))).execute(tx.conn())?)
    });
    assert_refused(removed.await);
    let renamed = world.within(trader, move |tx| {
        let row = market_listings::table.filter(market_listings::id.eq(id));
        Ok::<_, DbError>(diesel::update(row).set(market_listings::title.eq("假茶")).execute(tx.conn())?)
    });
    assert_refused(renamed.await);
    let given_away = world.within(&world.tea, {
        let other = trader.tenant();
        move |tx| {
            let row = market_listings::table.filter(market_listings::id.eq(id));
            Ok::<_, DbError>(diesel::update(row).set(market_listings::seller_id.eq(other)).execute(tx.conn())?)
        }
    });
    assert_refused(given_away.await);
    let hidden = world.within(trader, move |tx| {
        let row = market_index::table.filter(market_index::listing_id.eq(id));
        Ok::<_, DbError>(diesel::delete(row).execute(tx.conn())?)
    });
    assert_refused(hidden.await);
    let word_added = world.within(trader, move |tx| {
        let row = market_index::table.filter(market_index::listing_id.eq(id));
        Ok::<_, DbError>(diesel::update(row).set(market_index::head.eq(vec!["假"])).execute(tx.conn())?)
    });
    assert_refused(word_added.await);
    let variant_taken = world.within(trader, move |tx| {
        let row = market_variants::table.filter(market_variants::variant_id.eq(variant));
        let thief = market_variants::seller_id.eq(tx.tenant());
        Ok::<_, DbError>(diesel::update(row).set(thief).execute(tx.conn())?)
    });
    assert_refused(variant_taken.await);
    let by_visitor =
        world.db.public("test", move |tx| Ok::<_, DbError>(diesel::delete(market_listings::table).execute(tx.conn())?));
    assert!(by_visitor.await.is_err());

    assert_eq!(world.found("单丛").await, [id]);
    let sellers = world.db.public("test", move |tx| catalogue::sellers_of(tx.conn(), &[variant])).await.unwrap();
    assert_eq!(sellers.get(&variant), Some(&seller));
}

fn assert_refused(result: Result<usize, DbError>) {
    let error = format!("{:?}", result.unwrap_err());
    assert!(error.contains("belongs to its seller"), "{error}");
}

#[tokio::test]
async fn the_best_match_comes_first_and_filters_and_pages_narrow() {
    let world = World::start().await;
    let mut mentions = product("功夫茶具套装", "SET", None);
    mentions.description = "适合冲泡凤凰单丛。".repeat(3);
    mentions.variants[0].price_minor = 30_000;
    let mentions = world.published(mentions).await.id;
    let tea = world.published(product("凤凰单丛", "TEA", None)).await.id;
    assert_eq!(world.found("凤凰单丛").await, [tea, mentions], "a title outweighs a description");

    let dear = MarketQuery { min_price: Some(20_000), ..words("凤凰单丛") };
    assert_eq!(world.search(dear).await, [mentions]);
    let cheap = MarketQuery { max_price: Some(20_000), ..words("") };
    assert_eq!(world.search(cheap).await, [tea]);
    let dearest = MarketQuery { sort: MarketSort::PriceDescending, ..words("单丛") };
    assert_eq!(world.search(dearest).await, [mentions, tea]);
    let own = MarketQuery { seller: Some(tea_house().slug), ..words("单丛") };
    assert_eq!(world.search(own).await.len(), 2);
    let by_id = MarketQuery { seller: Some(world.trader.tenant().to_string()), ..words("单丛") };
    assert!(world.search(by_id).await.is_empty());
    let nobody = MarketQuery { seller: Some("nobody".into()), ..words("") };
    assert!(world.search(nobody).await.is_empty());

    for text in ["单丛", ""] {
        let first = world.page(words(text), PageRequest { limit: 1, after: None }).await;
        let second = world.page(words(text), PageRequest { limit: 1, after: first.next }).await;
        assert_eq!((first.data.len(), first.next, second.next), (1, Some(1), None));
        assert_ne!(first.data[0].id, second.data[0].id);
    }
}

#[tokio::test]
async fn what_is_not_ones_own_cannot_be_named_and_skus_are_unique_in_a_firm() {
    let world = World::start().await;
    let first = world.published(product("单丛", "SAME", Some(3))).await;
    let again = product("另一款", "SAME", None);
    let refused = world.within(&world.tea, move |tx| catalogue::create(tx, &again)).await;
    assert!(matches!(refused, Err(WriteProductError::SkuTaken)));
    let elsewhere = product("充电器", "SAME", None);
    world.within(&world.trader, move |tx| catalogue::create(tx, &elsewhere)).await.unwrap();

    let id = first.id;
    assert!(world.within(&world.trader, move |tx| catalogue::find(tx, id)).await.unwrap().is_none());
    let refused = world.within(&world.trader, move |tx| catalogue::archive(tx, id, None)).await;
    assert!(matches!(refused, Err(catalogue::ArchiveProductError::NotFound)));

    let foreign_file = NewProduct { media: vec![kernel::ids::Id::new(chrono::Utc::now())], ..product("x", "X", None) };
    let refused = world.within(&world.tea, move |tx| catalogue::create(tx, &foreign_file)).await;
    let Err(WriteProductError::Invalid(faults)) = refused else { panic!("{refused:?}") };
    assert_eq!((faults[0].pointer.as_str(), faults[0].rule), ("/media/0", catalogue::Rule::Own));

    let patch = ProductPatch { title: Some("铁观音".into()), ..ProductPatch::default() };
    let stale = catalogue::UpdateProduct { id, seen: Some(1), patch };
    let refused = world.within(&world.tea, move |tx| catalogue::update(tx, &stale)).await;
    assert!(matches!(refused, Err(WriteProductError::Stale { current: 2 })));

    let bare = world.draft(NewProduct { variants: Vec::new(), ..product("空", "E", None) }).await.id;
    let command = catalogue::PublishProduct { id: bare, seen: None, seller: tea_house() };
    let refused = world.within(&world.tea, move |tx| catalogue::publish(tx, &command)).await;
    assert!(matches!(refused, Err(catalogue::PublishProductError::NothingToSell)));
}

#[tokio::test]
async fn the_plan_limits_products_and_an_archived_one_frees_its_place() {
    let world = World::start().await;
    world.within(&world.tea, |tx| metering::set_limit(tx, metering::Meter::Products, 1)).await.unwrap();
    let first = world.draft(product("一", "1", None)).await;
    let second = product("二", "2", None);
    let create = {
        let second = second.clone();
        move |tx: &mut db::TenantTx<'_>| catalogue::create(tx, &second)
    };
    let refused = world.within(&world.tea, create.clone()).await;
    assert!(matches!(refused, Err(WriteProductError::LimitReached { maximum: 1, used: 1 })));

    let id = first.id;
    world.within(&world.tea, move |tx| catalogue::archive(tx, id, None)).await.unwrap();
    world.within(&world.tea, create).await.unwrap();
}
