//! The market itself, as the platform fills and searches it.

use crate::{data::Data, engine::Engine, place::Place};
use catalogue::{
    NewProduct, NewVariant, PublishProduct,
    jobs::CountWords,
    market::{self, MarketQuery, MarketSort, Seller},
};
use chrono::Utc;
use db::{Db, DbConfig, DbError, TenantScope, TenantTx, schema::heads};
use diesel::{connection::SimpleConnection, prelude::*};
use jobs::{Enqueue, Registry, Worker, WorkerConfig};
use kernel::{
    Actor, Currency, SystemClock,
    ids::{Id, TenantId},
    pages::PageRequest,
};
use std::sync::Arc;

/// Products of one transaction.
const AT_ONCE: usize = 100;

pub(crate) struct Market {
    db: Db,
}

#[derive(Debug, thiserror::Error)]
enum FillError {
    #[error(transparent)]
    Write(#[from] catalogue::WriteProductError),
    #[error(transparent)]
    Publish(#[from] catalogue::PublishProductError),
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Market {
    /// Publishes every title; the number of its code is its place.
    pub(crate) async fn fill(place: &Place, data: &Data) -> anyhow::Result<Self> {
        let db = Db::new(&DbConfig::new(place.app_url()), Arc::new(SystemClock::default()));
        let firm = TenantScope::grant(TenantId::new(Utc::now()), Actor::system("bench"));
        db.tenant("bench.firm", firm.clone(), |tx| {
            diesel::insert_into(heads::table).values(heads::tenant_id.eq(tx.tenant())).execute(tx.conn())?;
            metering::set_limit(tx, metering::Meter::Products, 1_000_000)
        })
        .await?;
        let titles: Vec<(usize, String)> = data.titles.iter().cloned().enumerate().collect();
        for some in titles.chunks(AT_ONCE) {
            let some = some.to_vec();
            db.tenant("bench.fill", firm.clone(), move |tx| some.iter().try_for_each(|title| publish(tx, title)))
                .await?;
        }
        db.platform("bench.count", Actor::system("bench"), |tx| tx.enqueue_once(&CountWords {}, "bench", tx.now()))
            .await?;
        let drained =
            Worker::new(Registry::new(db.clone()).job::<CountWords>(()), WorkerConfig::default()).drain().await?;
        anyhow::ensure!(drained.failed.is_empty(), "{:?}", drained.failed);
        place.superuser()?.batch_execute("VACUUM ANALYZE")?;
        Ok(Self { db })
    }

    /// Copies the titles until there are so many listings, over a thousand firms, each with a word of its own.
    #[expect(clippy::unused_self, reason = "a market grows")]
    pub(crate) fn grow(&self, place: &Place, size: usize) -> anyhow::Result<()> {
        Ok(place.superuser()?.batch_execute(&GROW.replace("{size}", &size.to_string()))?)
    }
}

fn publish(tx: &mut TenantTx<'_>, (number, title): &(usize, String)) -> Result<(), FillError> {
    let variant =
        NewVariant::new(format!("T-{number}"), 100 + i64::try_from(number % 5_000).unwrap_or(1) * 10, Currency::Cny);
    let title = words::first_chars(title, 200).to_owned();
    let made = catalogue::create(tx, &NewProduct { title, variants: vec![variant], ..NewProduct::default() })?;
    let seller = Seller { slug: "bench".into(), name: "Bench".into() };
    catalogue::publish(tx, &PublishProduct { id: made.id, seen: None, seller })?;
    Ok(())
}

const GROW: &str = "
SET session_replication_role = replica;
SET synchronous_commit = off;
DROP INDEX IF EXISTS market_index_head, market_index_everywhere, market_index_newest, market_index_by_seller, market_index_by_price,
    market_index_by_cutter;
INSERT INTO market_sellers SELECT md5('firm' || n)::uuid, 'firm-' || n, '第' || n || '商行' FROM generate_series(1, 1000) AS n
    ON CONFLICT DO NOTHING;
CREATE TEMPORARY TABLE originals AS SELECT id, row_number() OVER (ORDER BY id) AS place FROM market_listings WHERE version < 1000000;
CREATE TEMPORARY TABLE copies AS SELECT md5('copy' || n)::uuid AS new_id, o.id, n, md5('firm' || (n % 1000 + 1))::uuid AS firm
    FROM generate_series((SELECT count(*) FROM market_listings) + 1, {size}) AS n
    JOIN originals o ON o.place = n % (SELECT count(*) FROM originals) + 1;
INSERT INTO market_listings (id, seller_id, title, category_id, currency, min_price_minor, max_price_minor, detail, version, published_at)
    SELECT c.new_id, c.firm, l.title, l.category_id, l.currency, l.min_price_minor + n % 1000, l.max_price_minor + n % 1000, l.detail,
        1000000 + n, l.published_at - n * interval '1 second' FROM copies c JOIN market_listings l ON l.id = c.id;
INSERT INTO market_index SELECT c.new_id, c.firm, i.title, i.head || ('x' || n), i.everywhere, i.weights, i.length, i.facets, i.says,
        i.min_price_minor + n % 1000, i.published_at - n * interval '1 second', i.cutter
    FROM copies c JOIN market_index i ON i.listing_id = c.id;
UPDATE market_terms SET listings = greatest(1, listings * {size} / (SELECT listings FROM market_terms WHERE word = 'total:listings'));
CREATE INDEX market_index_head ON market_index USING gin (head) WITH (fastupdate = off);
CREATE INDEX market_index_everywhere ON market_index USING gin (everywhere) WITH (fastupdate = off);
CREATE INDEX market_index_newest ON market_index (published_at DESC, listing_id DESC);
CREATE INDEX market_index_by_seller ON market_index (seller_id, published_at DESC, listing_id DESC);
CREATE INDEX market_index_by_price ON market_index (min_price_minor, listing_id);
CREATE INDEX market_index_by_cutter ON market_index (cutter, seller_id);
ANALYZE;";

impl Engine for Market {
    fn name(&self) -> &'static str {
        "PostgreSQL, BM25"
    }

    fn find(&self, text: &str) -> anyhow::Result<Vec<usize>> {
        let query = MarketQuery {
            text: text.to_owned(),
            category: None,
            seller: None,
            attributes: Vec::new(),
            min_price: None,
            max_price: None,
            sort: MarketSort::Relevance,
        };
        let page = PageRequest { limit: 10, after: None };
        let found = tokio::task::block_in_place(|| {
            let search = self.db.public("bench.search", move |tx| market::search(tx.conn(), &query, &page));
            tokio::runtime::Handle::current().block_on(search)
        })?;
        let code = |variant: &market::MarketVariant| variant.sku.trim_start_matches("T-").parse().ok();
        let first = |listing: market::MarketListing| listing.detail.variants.first().and_then(code);
        Ok(found.page.data.into_iter().filter_map(first).collect())
    }
}
