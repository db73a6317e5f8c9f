//! Cuts text into the words it is found by. What is offered and what is looked for are cut alike. Pure.
//!
//! ```text
//! text --normalised--> runs of one script --+-- Chinese: words of the dictionary, pairs of neighbours, single characters
//!                                           +-- letters and digits: the run, its parts, letters by their stem
//! ```
//!
//! Chinese is cut by jieba's dictionary and, because no dictionary knows every brand, also into pairs of neighbouring
//! characters. A Chinese word that is looked for is demanded by its pairs: they stand in the text wherever the word does,
//! however the dictionary cuts there. Letters and digits are cut where they meet (`iPhone15手机壳`), codes with hyphens are
//! known as a whole too (`CASE-15`), and a word of the dictionary is known by its initials (`凤凰单丛`: `fhdc`).

mod cut;
mod initials;
mod marks;
mod normal;
mod query;
mod spelling;

pub use cut::{Grain, each_word};
pub use initials::{INITIALS, each_initials, initials};
pub use marks::marked;
pub use normal::{first_chars, normalised};
pub use query::{Query, Unit};
pub use spelling::{distance, spellings};

/// Grows with every change of what a text is cut into; what was cut by another version is cut anew.
pub const VERSION: i16 = 1;
