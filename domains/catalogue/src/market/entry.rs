//! What a product is found by. Pure.

use super::weights;
use crate::product::Product;
use kernel::ids::TenantId;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use words::{Grain, each_initials, each_word, first_chars, normalised};

/// Times a word counts in a title, in a tag, code, option or attribute, and where only its initials fit.
const TITLE: u32 = 8;
const FACT: u32 = 4;
const SOUND: u32 = 1;
/// Characters of a description that are searched, and words that are kept of all descriptions.
const SEARCHED_DESCRIPTION: usize = 3_000;
const DESCRIPTION_WORDS: usize = 2_000;
/// Words of title, tags, codes and attributes that are kept.
const HEAD_WORDS: usize = 1_000;
/// Attributes and options by which a listing can be filtered.
const FACTS: usize = 20;
/// Characters of an attribute's name and value that can be filtered by.
const FACT_CHARS: usize = 40;
/// Proposals that a listing gives.
const SAYS: usize = 20;
/// Between the name of an attribute and its value.
pub(super) const EQUALS: char = '=';

/// What a listing can be filtered by, as a word beside its words: no word has a colon.
pub(super) fn seller_term(seller: TenantId) -> String {
    format!("seller:{seller}")
}
pub(super) fn category_term(id_or_name: &str) -> String {
    format!("category:{id_or_name}")
}
pub(super) fn fact_term(name: &str, value: &str) -> String {
    format!("fact:{name}{EQUALS}{value}")
}
pub(super) fn say_term(say: &str) -> String {
    format!("say:{say}")
}

/// What a product is found by.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) head: Vec<String>,
    pub(super) everywhere: Option<Vec<String>>,
    pub(super) weights: Vec<u8>,
    pub(super) length: i32,
    pub(super) facets: Vec<String>,
    pub(super) says: Vec<String>,
}

#[derive(Default)]
struct Head {
    weights: BTreeMap<String, u32>,
    length: i32,
}

impl Head {
    fn add(&mut self, text: &str, weight: u32) {
        each_word(text, Grain::Fine, |word| {
            self.length = self.length.saturating_add(1);
            if self.weights.len() < HEAD_WORDS || self.weights.contains_key(word) {
                *self.weights.entry(word.to_owned()).or_default() += weight;
            }
        });
    }
}

impl Entry {
    /// What a seller's product in a category of this name is found by.
    pub(super) fn of(product: &Product, seller: TenantId, category: Option<&str>) -> Self {
        let content = &product.content;
        let head = head(product, category);
        let facets = facets(product, seller, category);
        let mut by_id: Vec<String> = content.category_id.iter().map(|id| category_term(&id.to_string())).collect();
        by_id.extend(facets.iter().cloned());
        let words: Vec<String> = head.weights.keys().cloned().chain(by_id).collect();
        Self {
            everywhere: everywhere(product, &words),
            weights: weights::packed(head.weights.iter().map(|(word, weight)| (word.as_str(), *weight))),
            length: head.length,
            head: words,
            facets,
            says: says(product, category),
        }
    }

    /// All that is counted of it.
    pub(super) fn counted(&self) -> Vec<String> {
        let words = self.everywhere.as_ref().unwrap_or(&self.head).iter().cloned();
        words.chain(self.says.iter().map(|say| say_term(say))).collect()
    }
}

fn titles(product: &Product) -> impl Iterator<Item = &str> {
    let translated = product.content.translations.each().map(|(_, translation)| translation.title.as_str());
    [product.content.title.as_str()].into_iter().chain(translated)
}

/// Attributes and options, each once, by name.
fn facts(product: &Product) -> BTreeSet<(String, String)> {
    let mut facts = BTreeSet::new();
    for (name, value) in &product.content.attributes.0 {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        facts.insert((name.clone(), value));
    }
    for variant in &product.variants {
        facts.extend(variant.options.0.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    facts
}

fn head(product: &Product, category: Option<&str>) -> Head {
    let mut head = Head::default();
    for title in titles(product) {
        head.add(title, TITLE);
        each_initials(title, |word| *head.weights.entry(word.to_owned()).or_default() += SOUND);
    }
    product.content.tags.iter().for_each(|tag| head.add(tag, FACT));
    head.add(category.unwrap_or_default(), FACT);
    for (_, value) in facts(product) {
        head.add(first_chars(&value, FACT_CHARS), FACT);
    }
    for variant in &product.variants {
        head.add(&variant.sku, FACT);
        head.add(variant.gtin.as_deref().unwrap_or_default(), FACT);
    }
    head
}

fn everywhere(product: &Product, head: &[String]) -> Option<Vec<String>> {
    let content = &product.content;
    let translated = content.translations.each().map(|(_, translation)| &translation.description);
    let known: HashSet<&str> = head.iter().map(String::as_str).collect();
    let mut more = BTreeSet::new();
    for text in [&content.description].into_iter().chain(translated) {
        each_word(first_chars(text, SEARCHED_DESCRIPTION), Grain::Coarse, |word| {
            if more.len() < DESCRIPTION_WORDS && !known.contains(word) {
                more.insert(word.to_owned());
            }
        });
    }
    (!more.is_empty()).then(|| head.iter().cloned().chain(more).collect())
}

fn facets(product: &Product, seller: TenantId, category: Option<&str>) -> Vec<String> {
    let short = |text: &String| !text.is_empty() && text.chars().count() <= FACT_CHARS && !text.contains(EQUALS);
    let facts = facts(product).into_iter().filter(|(name, value)| short(name) && short(value)).take(FACTS);
    [seller_term(seller)]
        .into_iter()
        .chain(category.map(category_term))
        .chain(facts.map(|(name, value)| fact_term(&name, &value)))
        .collect()
}

/// Words that are proposed to whoever types: those of the title, tags and the category.
fn says(product: &Product, category: Option<&str>) -> Vec<String> {
    let mut says = BTreeSet::new();
    for title in titles(product) {
        let query = words::Query::of(title);
        says.extend(query.units.into_iter().map(|unit| unit.text));
    }
    says.extend(product.content.tags.iter().map(|tag| normalised(tag.trim())));
    says.extend(category.map(normalised));
    let telling = |say: &String| (2..=20).contains(&say.chars().count()) && say.chars().any(char::is_alphabetic);
    says.into_iter().filter(telling).take(SAYS).collect()
}
