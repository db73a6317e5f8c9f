//! All buckets of one kind, in bounded memory.

use super::bucket::{Rate, Verdict};
use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

const SHARDS: usize = 16;

/// Whose requests are counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Subject {
    /// A caller who is not known. Of an IPv6 address the network counts, since whoever has one address has all of it.
    Address(IpAddr),
    /// A person in a firm, or a key.
    Credential(Box<str>),
}

impl Subject {
    pub(super) fn address(ip: Option<IpAddr>) -> Self {
        match ip.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |ip| ip.to_canonical()) {
            IpAddr::V6(ip) => Self::Address(IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX)))),
            v4 @ IpAddr::V4(_) => Self::Address(v4),
        }
    }
}

/// For each policy and subject, when its bucket is full again. A full bucket is the same as none.
#[derive(Debug)]
pub(super) struct Buckets {
    shards: Vec<Mutex<HashMap<(&'static str, Subject), i64>>>,
    hasher: RandomState,
    shard_capacity: usize,
}

impl Buckets {
    /// Room for so many. When there are more, those that are full are forgotten, and if none is, the half that would be full
    /// first.
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
            shard_capacity: (capacity / SHARDS).max(1),
        }
    }

    /// Asks the subject's bucket for one request.
    pub(super) fn take(&self, policy: &'static str, subject: &Subject, rate: Rate, now: i64) -> Verdict {
        let key = (policy, subject.clone());
        let index = usize::try_from(self.hasher.hash_one(&key)).unwrap_or_default() % SHARDS;
        let Some(shard) = self.shards.get(index) else { return rate.take(now, now).1 };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if shard.len() >= self.shard_capacity && !shard.contains_key(&key) {
            make_room(&mut shard, now, self.shard_capacity);
        }
        let full_at = shard.entry(key).or_insert(now);
        let (after, verdict) = rate.take(*full_at, now);
        *full_at = after;
        verdict
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap().len()).sum()
    }
}

fn make_room<K>(shard: &mut HashMap<K, i64>, now: i64, capacity: usize) {
    shard.retain(|_, full_at| *full_at > now);
    if shard.len() < capacity {
        return;
    }
    let mut times: Vec<i64> = shard.values().copied().collect();
    let middle = times.len() / 2;
    let (_, median, _) = times.select_nth_unstable(middle);
    let median = *median;
    shard.retain(|_, full_at| *full_at > median);
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { quota: 2, window_seconds: 60 };

    fn address(text: &str) -> Subject {
        Subject::address(Some(text.parse().unwrap()))
    }

    #[test]
    fn subjects_and_policies_are_kept_apart() {
        let buckets = Buckets::new(1000);
        let ask = |policy, subject: &Subject| buckets.take(policy, subject, RATE, 0).admitted;
        let (a, b) = (address("203.0.113.1"), Subject::Credential("ten_a usr_a".into()));
        assert!(ask("x", &a) && ask("x", &a) && !ask("x", &a));
        assert!(ask("x", &b) && ask("y", &a));
    }

    #[test]
    fn an_ipv6_network_is_one_subject() {
        assert_eq!(address("2001:db8:1:2::1"), address("2001:db8:1:2:ffff::9"));
        assert_ne!(address("2001:db8:1:2::1"), address("2001:db8:1:3::1"));
        assert_eq!(address("::ffff:203.0.113.1"), address("203.0.113.1"));
        assert_ne!(address("203.0.113.1"), address("203.0.113.2"));
    }

    #[test]
    fn memory_is_bounded_and_the_busiest_are_remembered() {
        let buckets = Buckets::new(1600);
        let busy = address("198.51.100.1");
        assert!(buckets.take("x", &busy, RATE, 0).admitted && buckets.take("x", &busy, RATE, 0).admitted);
        for number in 0..100_000_u32 {
            buckets.take("x", &Subject::Address(IpAddr::from(number.to_be_bytes())), RATE, 0);
            assert!(number % 1000 > 0 || buckets.len() <= 1600);
        }
        assert!(!buckets.take("x", &busy, RATE, 0).admitted);
        // Once they are full again, they make room first.
        let later = RATE.span();
        for number in 0..100_000_u32 {
            buckets.take("y", &Subject::Address(IpAddr::from(number.to_be_bytes())), RATE, later);
        }
        assert!(buckets.len() <= 1600 && buckets.take("x", &busy, RATE, later).remaining == 1);
    }
}
