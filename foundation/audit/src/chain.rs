//! The check of a whole chain, row by row, from the database or from an export.

use crate::Row;
use kernel::{canonical_json, ids::TenantId};
use serde_json::Value;
use std::{fmt, str::FromStr};

/// Members of an export's line that the hash does not cover.
const OUTSIDE: [&str; 3] = ["hash", "address", "request_id"];

/// The number and hash of a chain's last row, as somebody knows it who does not have the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its number; 0 of a chain without rows.
    pub seq: i64,
    /// Its hash, in hexadecimal.
    pub hash: String,
}

impl Head {
    /// Where every chain begins.
    pub fn origin() -> Self {
        Self { seq: 0, hash: "0".repeat(64) }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

impl FromStr for Head {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "expected a number, a colon and 64 hexadecimal digits";
        let (seq, hash) = text.split_once(':').ok_or(FORM)?;
        let sound = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        let seq = seq.parse().ok().filter(|_| sound).ok_or(FORM)?;
        Ok(Self { seq, hash: hash.to_ascii_lowercase() })
    }
}

/// Where a chain first fails.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrokenChain {
    /// What stands here is no row at all.
    #[error("what should be row {expected} cannot be read")]
    Unreadable {
        /// The number that should come.
        expected: i64,
    },
    /// A row is missing or stands elsewhere.
    #[error("row {expected} should stand where row {found} does: it was dropped or moved")]
    NotNext {
        /// The number that should come.
        expected: i64,
        /// The number that came.
        found: i64,
    },
    /// A row is not what was hashed.
    #[error("row {seq} was changed")]
    Changed {
        /// Its number.
        seq: i64,
    },
    /// A row is sound by itself and does not follow from the one before.
    #[error("row {seq} does not follow from the row before it: one of them was replaced")]
    NotLinked {
        /// Its number.
        seq: i64,
    },
    /// The last rows are missing.
    #[error("the rows after {last} are missing: the head is row {head}")]
    Truncated {
        /// The last row that is there.
        last: i64,
        /// The last row that should be there.
        head: i64,
    },
    /// The row that the head names has another hash.
    #[error("row {seq} is not the one that the head names: the chain was written anew")]
    OtherHead {
        /// Its number.
        seq: i64,
    },
}

/// What is compared of a row.
struct Link {
    seq: i64,
    prev_hash: String,
    hash: String,
    /// The hash that it must have; `None` if it is not to be computed.
    computed: Option<String>,
}

/// A chain that is being checked.
#[derive(Debug, Clone)]
pub struct Chain {
    /// The last row seen; `None` before the first, wherever that stands.
    last: Option<Head>,
    known: Option<Head>,
    rows: u64,
}

impl Chain {
    /// A chain whose first row is the first there was.
    pub fn whole(known: Option<Head>) -> Self {
        Self { last: Some(Head::origin()), known, rows: 0 }
    }

    /// A part of a chain, from whichever row comes first.
    pub const fn part(known: Option<Head>) -> Self {
        Self { last: None, known, rows: 0 }
    }

    /// Checks the next row.
    pub fn follow(&mut self, tenant: TenantId, row: &Row) -> Result<(), BrokenChain> {
        self.join(Link {
            seq: row.seq,
            prev_hash: hex::encode(&row.prev_hash),
            hash: hex::encode(&row.hash),
            computed: row.expected_hash(tenant).ok().map(hex::encode),
        })
    }

    /// Checks the next line of an export.
    pub fn follow_line(&mut self, line: &str) -> Result<(), BrokenChain> {
        let expected = self.last.as_ref().map_or(1, |last| last.seq + 1);
        self.join(read(line).ok_or(BrokenChain::Unreadable { expected })?)
    }

    fn join(&mut self, link: Link) -> Result<(), BrokenChain> {
        let Link { seq, prev_hash, hash, computed } = link;
        if let Some(last) = &self.last
            && seq != last.seq + 1
        {
            return Err(BrokenChain::NotNext { expected: last.seq + 1, found: seq });
        }
        if computed.as_ref() != Some(&hash) {
            return Err(BrokenChain::Changed { seq });
        }
        if self.last.as_ref().is_some_and(|last| last.hash != prev_hash) {
            return Err(BrokenChain::NotLinked { seq });
        }
        if self.known.as_ref().is_some_and(|known| known.seq == seq && known.hash != hash) {
            return Err(BrokenChain::OtherHead { seq });
        }
        self.last = Some(Head { seq, hash });
        self.rows += 1;
        Ok(())
    }

    /// The number of the last row that was checked.
    pub fn last_seq(&self) -> Option<i64> {
        self.last.as_ref().map(|last| last.seq)
    }

    /// Ends the check: how many rows there were, and the last of them.
    pub fn end(self) -> Result<(u64, Head), BrokenChain> {
        let last = self.last.unwrap_or_else(Head::origin);
        match self.known {
            Some(known) if last.seq < known.seq => {
                Err(BrokenChain::Truncated { last: last.seq, head: known.seq })
            }
            _ => Ok((self.rows, last)),
        }
    }
}

fn read(line: &str) -> Option<Link> {
    let Value::Object(mut members) = serde_json::from_str(line).ok()? else { return None };
    let seq = members.get("seq")?.as_i64()?;
    let prev_hash = members.get("prev_hash")?.as_str()?.to_owned();
    let hash = members.get("hash")?.as_str()?.to_owned();
    members.retain(|name, _| !OUTSIDE.contains(&name.as_str()));
    let computed = canonical_json::digest(&members).ok().map(hex::encode);
    Some(Link { seq, prev_hash, hash, computed })
}

#[cfg(test)]
mod tests;
