//! What a visitor wants, as words that a listing must have.

use super::{
    entry::{category_term, fact_term, seller_term},
    search::MarketQuery,
    terms::Counts,
};
use words::{INITIALS, Query, Unit};

/// Words that are demanded of a listing at most, the rarest ones; more would only cost.
const DEMANDED: usize = 12;
/// Words of which most must be there, when no listing has all: every choice among them is a query of its own.
const CHOSEN: usize = 6;
/// Separates words of one choice; no word has it.
pub(super) const SEPARATOR: char = '\u{1f}';

/// Words and filters.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) query: Query,
    pub(super) filters: Vec<String>,
    pub(super) min_price: i64,
    pub(super) max_price: i64,
}

impl Wanted {
    pub(super) fn of(query: &MarketQuery, seller: Option<kernel::ids::TenantId>) -> Self {
        let facts = query.attributes.iter().map(|(name, value)| fact_term(name, value));
        let filters =
            seller.map(seller_term).into_iter().chain(query.category.as_deref().map(category_term)).chain(facts);
        Self {
            query: Query::of(&query.text),
            filters: filters.collect(),
            min_price: query.min_price.unwrap_or_default(),
            max_price: query.max_price.unwrap_or(i64::MAX),
        }
    }

    /// Every word that is counted before looking.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        let needs = self.query.units.iter().flat_map(|unit| &unit.needs);
        needs.chain(self.query.scored.iter().map(|(word, _)| word)).map(String::as_str)
    }

    /// The listings in which the query stands as it is.
    pub(super) fn phrase(&self, counts: &Counts) -> String {
        self.choice(self.query.phrase.iter(), counts)
    }

    /// The listings with all words.
    pub(super) fn all(&self, counts: &Counts) -> String {
        self.choice(self.demanded().flat_map(|unit| &unit.needs), counts)
    }

    /// The listings with most words: choices of as many as can be, never fewer than half, each step with one fewer.
    pub(super) fn most(&self, counts: &Counts) -> Vec<Vec<String>> {
        let known = |unit: &&Unit| unit.needs.iter().all(|need| counts.listings(need) > 0);
        let all = self.demanded().count();
        let mut units: Vec<&Unit> = self.demanded().filter(known).collect();
        units.sort_by_key(|unit| rarest(unit, counts));
        units.truncate(CHOSEN);
        let most = units.len().min(all.saturating_sub(1));
        let fewest = all.min(CHOSEN).div_ceil(2);
        let mut steps = Vec::new();
        for count in (fewest.max(1)..=most).rev() {
            let choices = (0_u32..1 << units.len()).filter(|choice| choice.count_ones() as usize == count);
            let units = &units;
            let of = |choice: u32| {
                let chosen = units.iter().enumerate().filter(move |(at, _)| choice >> at & 1 == 1);
                self.choice(chosen.flat_map(|(_, unit)| &unit.needs), counts)
            };
            steps.push(choices.map(of).collect());
        }
        steps
    }

    fn demanded(&self) -> impl Iterator<Item = &Unit> {
        self.query.units.iter().filter(|unit| !unit.optional)
    }

    fn choice<'w>(&self, words: impl Iterator<Item = &'w String>, counts: &Counts) -> String {
        let mut words: Vec<&String> = words.collect();
        words.sort_by_key(|word| counts.listings(word));
        words.dedup();
        words.truncate(DEMANDED);
        words.extend(&self.filters);
        words.into_iter().map(String::as_str).collect::<Vec<_>>().join(&SEPARATOR.to_string())
    }

    /// Latin words that no listing has.
    pub(super) fn unknown(&self, counts: &Counts) -> Vec<String> {
        let latin = self.demanded().filter(|unit| unit.is_latin());
        latin.filter(|unit| counts.listings(&unit.text) == 0).map(|unit| unit.text.clone()).collect()
    }

    /// Looks for another word in the place of one.
    pub(super) fn replace(&mut self, word: &str, by: &str) {
        for unit in self.query.units.iter_mut().filter(|unit| unit.text == word) {
            unit.needs = vec![by.to_owned()];
            by.trim_start_matches(INITIALS).clone_into(&mut unit.text);
        }
        for scored in self.query.scored.iter_mut().filter(|(scored, _)| scored == word) {
            by.clone_into(&mut scored.0);
        }
        for need in self.query.phrase.iter_mut().filter(|need| *need == word) {
            by.clone_into(need);
        }
    }
}

/// How rare the rarest of a unit's words is.
fn rarest(unit: &Unit, counts: &Counts) -> i64 {
    unit.needs.iter().map(|need| counts.listings(need)).min().unwrap_or_default()
}
