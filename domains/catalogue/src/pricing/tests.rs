//! [`price`] against an oracle that thinks of it in another way: it writes out every quantity and every list one after the other.

use super::*;
use chrono::Duration;
use kernel::ids::Id;
use proptest::prelude::*;

const BUYERS: usize = 3;

/// Lists as they come from a seller: with whom (below [`BUYERS`] a buyer, else a group), from and until which hour, and a ladder.
type Agreed = (usize, Option<i64>, Option<i64>, Ladder);
/// Price, rungs of (further, cheaper), minimum in steps, maximum beyond it, increment.
type Ladder = (i64, Vec<(i64, i64)>, i64, Option<i64>, i64);

fn ladder() -> impl Strategy<Value = Ladder> {
    let rungs = proptest::collection::vec((1_i64..60, 0_i64..400), 0..4);
    (5_000_i64..9_000, rungs, 1_i64..6, proptest::option::of(0_i64..150), 1_i64..12)
}

fn agreed() -> impl Strategy<Value = Agreed> {
    let hour = || proptest::option::of(0_i64..10);
    (0..2 * BUYERS, hour(), hour(), ladder())
}

fn terms((price_minor, rungs, steps, more, increment): &Ladder) -> OwnedTerms {
    let (mut at, mut price) = (1, *price_minor);
    let tiers = rungs.iter().map(|(further, cheaper)| {
        (at, price) = (at + further, price - cheaper);
        PriceTier { min_quantity: at, price_minor: price }
    });
    let minimum = steps * increment;
    OwnedTerms {
        price_minor: *price_minor,
        tiers: tiers.collect(),
        minimum,
        maximum: more.map(|more| minimum + more),
        increment: *increment,
    }
}

/// Ids in the order in which they are made.
struct World {
    start: DateTime<Utc>,
    buyers: Vec<TenantId>,
    groups: Vec<BuyerGroupId>,
}

fn world() -> World {
    let start = DateTime::UNIX_EPOCH + Duration::days(20_000);
    let buyers = (0..BUYERS).map(|_| TenantId::new(start)).collect();
    World { start, buyers, groups: (0..BUYERS).map(|_| BuyerGroupId::new(start)).collect() }
}

fn prices(world: &World, own: &Ladder, lists: &[Agreed]) -> VariantPrices {
    let hour = |hour: &Option<i64>| hour.map(|hour| world.start + Duration::hours(hour));
    let list = |(with, from, until, ladder): &Agreed| AgreedTerms {
        list: PriceListId::new(world.start),
        with: match with.checked_sub(BUYERS) {
            None => AgreedWith::Buyer(world.buyers[*with]),
            Some(group) => AgreedWith::Group(world.groups[group]),
        },
        valid_from: hour(from),
        valid_until: hour(until),
        currency: Currency::Cny,
        terms: terms(ladder),
    };
    VariantPrices {
        currency: Currency::Cny,
        own: terms(own),
        tax_class: None,
        tax_included: true,
        agreed: lists.iter().map(list).collect(),
    }
}

/// What the seller meant: the newest list for this buyer, else the newest for one of its groups, else the ladder for all.
fn meant<'a>(own: &'a Ladder, lists: &'a [Agreed], (who, groups): (usize, &[usize]), hour: i64) -> &'a Ladder {
    let mut for_buyer = None;
    let mut for_group = None;
    for (with, from, until, ladder) in lists {
        let begun = from.unwrap_or(i64::MIN) <= hour;
        let ended = until.unwrap_or(i64::MAX) <= hour;
        if !begun || ended {
            continue;
        }
        if *with == who {
            for_buyer = Some(ladder);
        }
        if *with >= BUYERS && groups.contains(&(with - BUYERS)) {
            for_group = Some(ladder);
        }
    }
    for_buyer.or(for_group).unwrap_or(own)
}

/// The price at every quantity that can be ordered up to a bound, by walking up from one unit.
fn written_out((price, rungs, steps, more, increment): &Ladder, bound: i64) -> Vec<Option<i64>> {
    let mut breaks = std::collections::BTreeMap::new();
    let (mut at, mut then) = (1, *price);
    for (further, cheaper) in rungs {
        at += further;
        then -= cheaper;
        breaks.insert(at, then);
    }
    let (mut current, mut all) = (*price, vec![None]);
    for quantity in 1..=bound {
        current = breaks.get(&quantity).copied().unwrap_or(current);
        let enough = quantity >= steps * increment;
        let too_much = more.is_some_and(|more| quantity > steps * increment + more);
        let whole = (quantity / increment) * increment == quantity;
        all.push((enough && !too_much && whole).then_some(current));
    }
    all
}

proptest! {
    #[test]
    fn every_price_is_the_one_that_the_oracle_names(
        own in ladder(),
        lists in proptest::collection::vec(agreed(), 0..6),
        who in 0..BUYERS,
        groups in proptest::collection::vec(0..BUYERS, 0..3),
        hour in -1_i64..11,
    ) {
        let world = world();
        let variant = prices(&world, &own, &lists);
        let mut mine: Vec<BuyerGroupId> = groups.iter().map(|group| world.groups[*group]).collect();
        mine.dedup();
        let buyer = Buyer { id: Some(world.buyers[who]), groups: mine };
        let at = world.start + Duration::hours(hour);
        let expected = written_out(meant(&own, &lists, (who, &groups), hour), 400);
        let mut last = i64::MAX;
        for (quantity, expected) in (0_i64..).zip(&expected) {
            match price(&variant, &buyer, quantity, at) {
                Ok(price) => {
                    prop_assert_eq!(Some(price.unit.amount_minor), *expected, "{} units", quantity);
                    prop_assert!(price.unit.amount_minor <= last, "the price rises at {}", quantity);
                    last = price.unit.amount_minor;
                }
                Err(refused) => {
                    prop_assert_eq!(*expected, None, "{} units", quantity);
                    let can = |near: &i64| usize::try_from(*near).ok().and_then(|near| written_out_far(&expected_ladder(&own, &lists, (who, &groups), hour), near)).is_some();
                    prop_assert!(!refused.nearest.is_empty() && refused.nearest.iter().all(can), "{:?}", refused);
                }
            }
        }
    }
}

fn expected_ladder(own: &Ladder, lists: &[Agreed], who: (usize, &[usize]), hour: i64) -> Ladder {
    meant(own, lists, who, hour).clone()
}

fn written_out_far(ladder: &Ladder, near: usize) -> Option<i64> {
    written_out(ladder, i64::try_from(near).unwrap_or(i64::MAX)).pop().flatten()
}

#[test]
fn reasons_tell_list_rung_and_tax() {
    let world = world();
    let ladder = (1_000, vec![(9, 100)], 1, None, 1);
    let mut variant = prices(&world, &ladder, &[(0, None, None, ladder.clone())]);
    variant.tax_class = Some(TaxClass::Standard);
    let list = variant.agreed[0].list;
    let buyer = Buyer { id: Some(world.buyers[0]), groups: Vec::new() };
    let agreed = price(&variant, &buyer, 10, world.start).unwrap();
    assert_eq!((agreed.unit, agreed.rung), (Money::new(900, Currency::Cny), 10));
    let tax = PriceReason::Tax { class: TaxClass::Standard, basis_points: 1_300, included: true };
    assert_eq!(
        agreed.reasons.0,
        [PriceReason::BuyerPriceList { price_list_id: list }, PriceReason::Rung { min_quantity: 10 }, tax]
    );
    let stranger = price(&variant, &Buyer::default(), 1, world.start).unwrap();
    assert_eq!(stranger.reasons.0, [PriceReason::OwnPrice, tax]);
    // A list in a currency in which the variant is no longer sold says nothing any more.
    variant.currency = Currency::Usd;
    assert_eq!(price(&variant, &buyer, 10, world.start).unwrap().reasons.0[0], PriceReason::OwnPrice);
}
