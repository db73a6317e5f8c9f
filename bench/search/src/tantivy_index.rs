//! tantivy over the very same words: an index on disk, BM25, all words demanded first and then any.

use crate::{data::Data, engine::Engine};
use anyhow::Context;
use tantivy::{
    Index, IndexReader, IndexSettings, Term,
    collector::TopDocs,
    doc,
    query::{BooleanQuery, BoostQuery, Occur, Query, TermQuery},
    schema::{FAST, Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions},
};
use words::Grain;

/// Bytes that may be used for writing.
const MEMORY: usize = 200_000_000;

pub(crate) struct Tantivy {
    reader: IndexReader,
    text: Field,
    _dir: tempfile::TempDir,
}

impl Tantivy {
    /// The titles, over and over, until there are so many.
    pub(crate) fn fill(data: &Data, size: usize) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let mut schema = Schema::builder();
        let number = schema.add_u64_field("number", FAST);
        let indexing =
            TextFieldIndexing::default().set_tokenizer("whitespace").set_index_option(IndexRecordOption::WithFreqs);
        let text = schema.add_text_field("text", TextOptions::default().set_indexing_options(indexing));
        let index =
            Index::builder().schema(schema.build()).settings(IndexSettings::default()).create_in_dir(dir.path())?;
        let mut writer = index.writer(MEMORY)?;
        let texts: Vec<String> = data.titles.iter().map(|title| cut(title)).collect();
        for at in 0..size {
            let words = format!("{} x{at}", texts[at % texts.len()]);
            writer.add_document(doc!(number => (at % texts.len()) as u64, text => words))?;
        }
        writer.commit()?;
        writer.wait_merging_threads()?;
        Ok(Self { reader: index.reader()?, text, _dir: dir })
    }

    fn run(&self, query: &dyn Query) -> anyhow::Result<Vec<usize>> {
        let searcher = self.reader.searcher();
        let mut found = Vec::new();
        for (_, address) in searcher.search(query, &TopDocs::with_limit(10).order_by_score())? {
            let numbers = searcher.segment_reader(address.segment_ord).fast_fields().u64("number")?;
            found.push(usize::try_from(numbers.first(address.doc_id).context("no number")?)?);
        }
        Ok(found)
    }

    fn term(&self, word: &str) -> Box<dyn Query> {
        Box::new(TermQuery::new(Term::from_field_text(self.text, word), IndexRecordOption::WithFreqs))
    }
}

fn cut(title: &str) -> String {
    let mut text = String::new();
    words::each_word(title, Grain::Fine, |word| {
        text.push_str(word);
        text.push(' ');
    });
    text
}

impl Engine for Tantivy {
    fn name(&self) -> &'static str {
        "tantivy"
    }

    fn find(&self, text: &str) -> anyhow::Result<Vec<usize>> {
        let query = words::Query::of(text);
        let scored = || {
            query.scored.iter().map(|(word, share)| {
                let boosted: Box<dyn Query> = Box::new(BoostQuery::new(self.term(word), f32::from(*share)));
                (Occur::Should, boosted)
            })
        };
        let demanded = query.units.iter().filter(|unit| !unit.optional).flat_map(|unit| &unit.needs);
        let all = demanded.map(|word| (Occur::Must, self.term(word))).chain(scored());
        let found = self.run(&BooleanQuery::new(all.collect()))?;
        if found.is_empty() { self.run(&BooleanQuery::new(scored().collect())) } else { Ok(found) }
    }
}
