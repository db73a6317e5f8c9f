//! Hard edge: flip, drop, reorder, truncate, replace: the check names the first row that is not right.

use super::*;
use crate::Outcome;
use chrono::{DateTime, Utc};
use kernel::{
    ActorKind,
    ids::{AuditId, Id},
};
use serde_json::json;

fn rows(tenant: TenantId) -> Vec<Row> {
    let mut prev = vec![0; 32];
    (1..=6)
        .map(|seq| {
            let mut row = Row {
                seq,
                id: AuditId::new(DateTime::UNIX_EPOCH),
                at: DateTime::UNIX_EPOCH,
                actor_kind: ActorKind::System,
                actor_id: "test".into(),
                session_id: None,
                request_id: None,
                ip_digest: Some(vec![7; 32]),
                action: "thing.done".into(),
                object: format!("thing {seq} 茶"),
                detail: json!({ "b": 1, "a": [] }),
                prev_hash: prev.clone(),
                hash: Vec::new(),
                // The first rows are from before results were kept.
                result: (seq > 2).then_some(Outcome::Success),
                ip: Some("203.0.113.9".into()),
            };
            row.hash = row.expected_hash(tenant).unwrap().to_vec();
            prev.clone_from(&row.hash);
            row
        })
        .collect()
}

fn head(rows: &[Row]) -> Head {
    let last = rows.last().unwrap();
    Head { seq: last.seq, hash: hex::encode(&last.hash) }
}

/// Checks rows as they stand in the database and as an export has them, which must come to the same.
fn check(tenant: TenantId, rows: &[Row], known: &Head) -> Result<(u64, Head), BrokenChain> {
    let mut stored = Chain::whole(Some(known.clone()));
    let of_rows = rows.iter().try_for_each(|row| stored.follow(tenant, row)).and_then(|()| stored.end());
    let mut exported = Chain::whole(Some(known.clone()));
    let mut lines = rows.iter().map(|row| row.line(tenant).to_string());
    let of_lines = lines.try_for_each(|line| exported.follow_line(&line)).and_then(|()| exported.end());
    assert_eq!(of_rows, of_lines);
    of_rows
}

#[test]
fn finds_a_flipped_a_dropped_a_moved_and_a_truncated_row() {
    let tenant = TenantId::new(Utc::now());
    let rows = rows(tenant);
    let head = head(&rows);
    let broken = |change: &dyn Fn(&mut Vec<Row>)| {
        let mut changed = rows.clone();
        change(&mut changed);
        check(tenant, &changed, &head).unwrap_err()
    };
    assert_eq!(check(tenant, &rows, &head), Ok((6, head.clone())));
    let changes: [&dyn Fn(&mut Row); 7] = [
        &|row| row.action = "thing.undone".into(),
        &|row| row.detail["b"] = json!(2),
        &|row| row.result = Some(Outcome::Refused),
        &|row| row.result = None,
        &|row| row.hash[31] ^= 1,
        &|row| row.prev_hash[0] ^= 1,
        &|row| row.ip_digest = None,
    ];
    for change in changes {
        assert_eq!(broken(&|rows| change(&mut rows[3])), BrokenChain::Changed { seq: 4 });
    }
    assert_eq!(broken(&|rows| drop(rows.remove(2))), BrokenChain::NotNext { expected: 3, found: 4 });
    assert_eq!(broken(&|rows| drop(rows.remove(0))), BrokenChain::NotNext { expected: 1, found: 2 });
    assert_eq!(broken(&|rows| rows.swap(1, 4)), BrokenChain::NotNext { expected: 2, found: 5 });
    assert_eq!(broken(&|rows| rows.truncate(4)), BrokenChain::Truncated { last: 4, head: 6 });
    assert_eq!(broken(&Vec::clear), BrokenChain::Truncated { last: 0, head: 6 });
}

#[test]
fn finds_rows_that_were_replaced_with_hashes_of_their_own() {
    let tenant = TenantId::new(Utc::now());
    let (good, mut rows) = (rows(tenant), rows(tenant));
    rows[2].action = "thing.undone".into();
    rows[2].hash = rows[2].expected_hash(tenant).unwrap().to_vec();
    assert_eq!(check(tenant, &rows, &head(&good)), Err(BrokenChain::NotLinked { seq: 4 }));
    // Whoever also writes all that follows anew is found by the head alone.
    for at in 3..6 {
        rows[at].prev_hash = rows[at - 1].hash.clone();
        rows[at].hash = rows[at].expected_hash(tenant).unwrap().to_vec();
    }
    assert_eq!(check(tenant, &rows, &head(&good)), Err(BrokenChain::OtherHead { seq: 6 }));
    let other = TenantId::new(Utc::now());
    assert_eq!(check(other, &good, &head(&good)), Err(BrokenChain::Changed { seq: 1 }));
}

#[test]
fn a_part_is_checked_from_its_first_row_and_erased_addresses_do_not_matter() {
    let tenant = TenantId::new(Utc::now());
    let mut rows = rows(tenant);
    for row in &mut rows {
        row.ip = None;
    }
    let mut part = Chain::part(Some(head(&rows)));
    rows[2..].iter().try_for_each(|row| part.follow(tenant, row)).unwrap();
    assert_eq!(part.end(), Ok((4, head(&rows))));
    assert_eq!(Chain::part(None).follow_line("{}"), Err(BrokenChain::Unreadable { expected: 1 }));
}

#[test]
fn a_head_is_a_number_and_a_hash() {
    let head = Head { seq: 12, hash: "ab".repeat(32) };
    assert_eq!(head.to_string().parse(), Ok(head));
    for bad in ["", "12", "12:", "x:abcd", "12:zz"] {
        assert!(bad.parse::<Head>().is_err(), "{bad}");
    }
}
