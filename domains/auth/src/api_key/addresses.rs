//! Where a key may be used.

use db::DbError;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr};

/// A text names no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an address or a network in CIDR notation")]
pub struct MalformedNetwork;

/// Networks from which a key may be used; none means any address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedAddresses(Vec<IpNet>);

impl AllowedAddresses {
    /// These networks, each written once.
    pub fn new(networks: impl IntoIterator<Item = IpNet>) -> Self {
        let mut networks: Vec<IpNet> = networks.into_iter().collect();
        networks.sort();
        networks.dedup();
        Self(networks)
    }

    /// Reads one network (`203.0.113.0/24`, `2001:db8::/32`) or a single address. Bits beyond the prefix do not count, and IPv4
    /// written as IPv6 is IPv4, as a caller's address is.
    pub fn network(text: &str) -> Result<IpNet, MalformedNetwork> {
        let net = match text.parse::<IpNet>() {
            Ok(net) => net,
            Err(_) => text.parse::<IpAddr>().map_err(|_| MalformedNetwork)?.into(),
        };
        Ok(canonical(net.trunc()))
    }

    /// What is stored.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }

    /// Reads what is stored.
    pub(crate) fn stored(texts: &[String]) -> Result<Self, DbError> {
        let read = |text: &String| text.parse().map_err(|_| DbError::Corrupt(format!("not a network: {text}")));
        Ok(Self(texts.iter().map(read).collect::<Result<_, _>>()?))
    }

    /// Whether a caller at this address may use the key; one whose address is not known may only if any address may.
    pub fn admit(&self, address: Option<IpAddr>) -> bool {
        let address = address.map(|address| address.to_canonical());
        self.0.is_empty() || address.is_some_and(|address| self.0.iter().any(|net| net.contains(&address)))
    }

    /// Whether everybody whom `other` admits is admitted here too.
    pub fn covers(&self, other: &Self) -> bool {
        let within = |net: &IpNet| self.0.iter().any(|wide| wide.contains(net));
        self.0.is_empty() || (!other.0.is_empty() && other.0.iter().all(within))
    }
}

/// `::ffff:203.0.113.0/120` as `203.0.113.0/24`.
fn canonical(net: IpNet) -> IpNet {
    let IpNet::V6(v6) = net else { return net };
    mapped(v6).map_or(net, IpNet::V4)
}

fn mapped(net: Ipv6Net) -> Option<Ipv4Net> {
    let address: Ipv4Addr = net.network().to_ipv4_mapped()?;
    Ipv4Net::new(address, net.prefix_len().checked_sub(96)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(texts: &[&str]) -> AllowedAddresses {
        AllowedAddresses::new(texts.iter().map(|text| AllowedAddresses::network(text).unwrap()))
    }

    #[test]
    fn addresses_are_looked_up_in_both_families_and_mapped_ones_are_ipv4() {
        for (list, inside, outside) in [
            (
                &["203.0.113.0/24"][..],
                &["203.0.113.9", "::ffff:203.0.113.9"][..],
                &["203.0.114.1", "2001:db8::1", "::1"][..],
            ),
            (&["203.0.113.7"], &["203.0.113.7"], &["203.0.113.8", "::cb00:7107"]),
            (&["::ffff:203.0.113.0/120"], &["203.0.113.200", "::ffff:203.0.113.200"], &["203.0.114.1"]),
            (&["2001:db8::/32", "10.0.0.0/8"], &["2001:db8:1::1", "10.9.8.7"], &["2001:db9::1", "11.0.0.1"]),
            (&["2001:db8::1"], &["2001:db8::1"], &["2001:db8::2"]),
            (&["::/0"], &["2001:db8::1"], &["203.0.113.7"]),
            (&["0.0.0.0/0"], &["203.0.113.7"], &["2001:db8::1"]),
            (&[], &["203.0.113.7", "2001:db8::1"], &[]),
        ] {
            let list = allowed(list);
            for address in inside {
                assert!(list.admit(Some(address.parse().unwrap())), "{list:?} {address}");
            }
            for address in outside {
                assert!(!list.admit(Some(address.parse().unwrap())), "{list:?} {address}");
            }
            assert_eq!(list.admit(None), list == allowed(&[]), "{list:?}");
            assert_eq!(AllowedAddresses::stored(&list.texts()).unwrap(), list);
        }
    }

    #[test]
    fn networks_are_written_in_one_way_and_nonsense_is_refused() {
        assert_eq!(allowed(&["10.1.2.3/8", "10.0.0.0/8", "10.0.0.7"]).texts(), ["10.0.0.0/8", "10.0.0.7/32"]);
        for text in ["", "10.0.0.0/33", "10.0.0", "example.com", "10.0.0.0/8 ", "::ffff:1.2.3.4/129", "1.2.3.4/-1"] {
            assert_eq!(AllowedAddresses::network(text), Err(MalformedNetwork), "{text}");
        }
    }

    #[test]
    fn a_list_covers_what_lies_within_it() {
        for (wide, narrow, covers) in [
            (&[][..], &["10.0.0.0/8"][..], true),
            (&["10.0.0.0/8"], &[], false),
            (&["10.0.0.0/8"], &["10.1.0.0/16", "10.2.3.4"], true),
            (&["10.0.0.0/8"], &["10.0.0.0/7"], false),
            (&["10.0.0.0/8"], &["2001:db8::/32"], false),
            (&["10.0.0.0/8", "2001:db8::/32"], &["2001:db8:5::/48"], true),
        ] {
            assert_eq!(allowed(wide).covers(&allowed(narrow)), covers, "{wide:?} {narrow:?}");
        }
    }
}
