//! Promised stock under many buyers, and its ways back.

use crate::world::{World, product};
use catalogue::{
    ArchiveProductError, NewVariant, Offer, OfferError, ProductPatch, ReserveError, Variant, WriteProductError,
    jobs::{ReleaseExpired, SweepReservations},
    stock::{AdjustInventoryError, Adjustment},
};
use chrono::Duration;
use db::{DbError, schema};
use diesel::prelude::*;
use jobs::{EventRow, Registry, Worker, WorkerConfig};
use kernel::{
    Clock, Currency, Money,
    ids::{Id, OrderId, VariantId},
};

impl World {
    async fn reserve(&self, order: OrderId, lines: Vec<(VariantId, i64)>) -> Result<(), ReserveError> {
        let until = self.clock.now() + Duration::minutes(30);
        self.within(&self.tea, move |tx| catalogue::reserve(tx, order, &lines, until)).await
    }

    async fn take(&self, order: OrderId) -> Result<(), ReserveError> {
        self.within(&self.tea, move |tx| catalogue::take_reserved(tx, order)).await
    }

    async fn release(&self, order: OrderId) {
        self.within(&self.tea, move |tx| catalogue::release_reserved(tx, order)).await.unwrap();
    }

    /// Units at hand and units promised.
    async fn stock(&self, variant: &Variant) -> (Option<i64>, i64) {
        let product = variant.product_id;
        let found = self.within(&self.tea, move |tx| catalogue::find(tx, product)).await.unwrap().unwrap();
        let found = found.variants.into_iter().find(|other| other.id == variant.id).unwrap();
        (found.on_hand, found.reserved)
    }

    fn order(&self) -> OrderId {
        OrderId::new(self.clock.now())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_buyers_race_for_sixty_pieces_and_sixty_get_one() {
    let world = World::start().await;
    let [a, b] = [("单丛 A", "A"), ("单丛 B", "B")].map(|(title, sku)| product(title, sku, Some(60)));
    let a = world.published(a).await.variants.remove(0);
    let b = world.published(b).await.variants.remove(0);

    // Every second buyer names the variants the other way round: locks must still be taken in one order.
    let buyers = (0..100).map(|buyer| {
        let mut lines = vec![(a.id, 1), (b.id, 1)];
        lines.rotate_left(buyer % 2);
        world.reserve(world.order(), lines)
    });
    let results = futures_util::future::join_all(buyers).await;

    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 60);
    for refused in results.into_iter().filter_map(Result::err) {
        assert!(matches!(refused, ReserveError::OutOfStock { available: 0, .. }), "{refused:?}");
    }
    assert_eq!(world.stock(&a).await, (Some(60), 60));
    assert_eq!(world.stock(&b).await, (Some(60), 60));
}

#[tokio::test]
async fn all_lines_are_promised_or_none() {
    let world = World::start().await;
    let plenty = world.published(product("单丛 A", "A", Some(10))).await.variants.remove(0);
    let scarce = world.published(product("单丛 B", "B", Some(1))).await.variants.remove(0);

    let refused = world.reserve(world.order(), vec![(plenty.id, 5), (scarce.id, 1), (scarce.id, 1)]).await;

    assert!(matches!(refused, Err(ReserveError::OutOfStock { variant_id, available: 1 }) if variant_id == scarce.id));
    assert_eq!(world.stock(&plenty).await, (Some(10), 0));
}

#[tokio::test]
async fn paid_units_leave_cancelled_and_expired_ones_come_back() {
    let world = World::start().await;
    let variant = world.published(product("单丛", "A", Some(10))).await.variants.remove(0);
    let [paid, cancelled, expired] = [world.order(), world.order(), world.order()];
    for order in [paid, cancelled, expired] {
        world.reserve(order, vec![(variant.id, 3)]).await.unwrap();
        world.reserve(order, vec![(variant.id, 3)]).await.unwrap(); // repeated: the same promise
    }
    assert_eq!(world.stock(&variant).await, (Some(10), 9));

    world.take(paid).await.unwrap();
    world.take(paid).await.unwrap();
    world.release(paid).await;
    world.release(cancelled).await;
    world.release(cancelled).await;
    assert_eq!(world.stock(&variant).await, (Some(7), 3));

    assert_eq!(world.work().await, 1, "the sweeper finds nothing");
    world.clock.advance(Duration::minutes(31));
    assert_eq!(world.work().await, 2, "the sweeper, and one release for the seller");
    assert_eq!(world.work().await, 0);
    assert_eq!(world.stock(&variant).await, (Some(7), 0));

    // A payment that comes after the promise ran out takes what is left, if it is enough.
    world.reserve(world.order(), vec![(variant.id, 5)]).await.unwrap();
    assert!(matches!(world.take(expired).await, Err(ReserveError::OutOfStock { available: 2, .. })));
    assert_eq!(world.stock(&variant).await, (Some(7), 5));
    world.take(cancelled).await.unwrap_err();
    assert_eq!(world.movements().await, [-3, 10]);
}

#[tokio::test]
async fn unlimited_stock_is_never_out_and_keeps_no_count() {
    let world = World::start().await;
    let variant = world.published(product("定制茶礼", "A", None)).await.variants.remove(0);
    let order = world.order();
    world.reserve(order, vec![(variant.id, 1_000_000)]).await.unwrap();
    assert_eq!(world.stock(&variant).await, (None, 1_000_000));
    world.take(order).await.unwrap();
    assert_eq!(world.stock(&variant).await, (None, 0));
    assert!(world.movements().await.is_empty());
}

#[tokio::test]
async fn promised_units_hold_adjustments_archiving_and_withdrawal_back() {
    let world = World::start().await;
    let product = world.published(product("单丛", "A", Some(10))).await;
    let variant = product.variants[0].clone();
    let order = world.order();
    world.reserve(order, vec![(variant.id, 4)]).await.unwrap();

    let adjust =
        |delta, reason: &str| Adjustment { variant_id: variant.id, delta, reason: reason.into(), location_id: None };
    let too_many = adjust(-7, "受潮");
    let refused = world.within(&world.tea, move |tx| catalogue::stock::adjust_inventory(tx, &too_many)).await;
    assert!(matches!(refused, Err(AdjustInventoryError::Insufficient { on_hand: 10, reserved: 4, .. })));
    let without_reason = adjust(-1, " ");
    let refused = world.within(&world.tea, move |tx| catalogue::stock::adjust_inventory(tx, &without_reason)).await;
    assert!(matches!(refused, Err(AdjustInventoryError::Invalid(_))));
    let all_free = adjust(-6, "受潮");
    world.within(&world.tea, move |tx| catalogue::stock::adjust_inventory(tx, &all_free)).await.unwrap();
    assert_eq!(world.stock(&variant).await, (Some(4), 4));

    let id = product.id;
    let refused = world.within(&world.tea, move |tx| catalogue::archive(tx, id, None)).await;
    assert!(matches!(refused, Err(ArchiveProductError::Reserved { reserved: 4 })));
    let other = NewVariant::new("B", 100, Currency::Cny);
    let patch = ProductPatch { variants: Some(vec![other]), ..ProductPatch::default() };
    let command = catalogue::UpdateProduct { id, seen: None, patch };
    let refused = world.within(&world.tea, move |tx| catalogue::update(tx, &command)).await;
    assert!(matches!(refused, Err(WriteProductError::Reserved { sku }) if sku == "A"));
}

#[tokio::test]
async fn the_last_units_are_told_of_once() {
    let world = World::start().await;
    let mut new = product("单丛", "A", Some(10));
    new.variants[0].low_stock_at = Some(5);
    let variant = world.published(new).await.variants.remove(0);
    for quantity in [4, 2, 1] {
        let order = world.order();
        world.reserve(order, vec![(variant.id, quantity)]).await.unwrap();
        world.take(order).await.unwrap();
    }
    let events = world.events().await;
    assert_eq!(events, ["product.published", "inventory.low"]);
}

#[tokio::test]
async fn an_offer_freezes_title_and_the_price_of_the_rung_reached() {
    let world = World::start().await;
    let mut new = product("凤凰单丛", "A", None);
    new.variants[0].price_tiers = serde_json::from_value(serde_json::json!([
        { "min_quantity": 50, "price_minor": 9_900 }
    ]))
    .unwrap();
    new.variants[0].order_increment = Some(10);
    new.variants[0].options.0.insert("规格".into(), "500g".into());
    let draft = world.draft(new).await;
    let variant = draft.variants[0].id;
    let offers = |firm| world.within(firm, move |tx| catalogue::offers(tx, None, &[variant]));
    assert!(matches!(offers(&world.tea).await.unwrap().of(variant, 50), Err(OfferError::NotOnSale)));

    world.publish(&draft).await;

    let on_sale = offers(&world.tea).await.unwrap();
    let Offer { title, price, .. } = on_sale.of(variant, 50).unwrap();
    assert_eq!((title.as_str(), price.unit), ("凤凰单丛 500g", Money::new(9_900, Currency::Cny)));
    let refused = on_sale.of(variant, 44).unwrap_err();
    assert!(matches!(refused, OfferError::Quantity { minimum: 10, increment: 10, nearest, .. } if nearest == [40, 50]));
    let from_elsewhere = offers(&world.trader).await.unwrap();
    assert!(matches!(from_elsewhere.of(variant, 50), Err(OfferError::NotOnSale)));
    let seller = world.within(&world.trader, move |tx| catalogue::sellers_of(tx.conn(), &[variant])).await.unwrap();
    assert_eq!(seller.get(&variant), Some(&world.tea.tenant()));
}

impl World {
    /// Runs the worker until nothing is due. Returns how many jobs ran.
    async fn work(&self) -> usize {
        let registry = Registry::new(self.db.clone())
            .job::<SweepReservations>(())
            .job::<ReleaseExpired>(())
            .schedule(std::time::Duration::from_mins(1), || SweepReservations {});
        let drained = Worker::new(registry, WorkerConfig::default()).drain().await.unwrap();
        assert_eq!(drained.failed, []);
        drained.ran
    }

    /// Changes of stock, newest first.
    async fn movements(&self) -> Vec<i64> {
        self.within(&self.tea, |tx| {
            use schema::stock_movements as movements;
            let own = movements::table.filter(movements::tenant_id.eq(tx.tenant()));
            Ok::<_, DbError>(own.order(movements::id.desc()).select(movements::delta).load(tx.conn())?)
        })
        .await
        .unwrap()
    }

    async fn events(&self) -> Vec<String> {
        self.within(&self.tea, |tx| {
            let page = EventRow::list(tx, &[], &kernel::pages::PageRequest::default())?;
            Ok::<_, DbError>(page.data.into_iter().map(|row| row.kind).collect())
        })
        .await
        .unwrap()
    }
}
