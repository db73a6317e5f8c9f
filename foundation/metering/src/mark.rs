//! Marks on the way to a limit: who comes near it is told once, and again only after having been well below.

use crate::Meter;
use db::{DbError, TenantTx, schema::limits};
use diesel::prelude::*;

/// Marks in percent of the limit.
const MARKS: [i16; 2] = [95, 80];
/// How many percent below a mark use must fall before passing it is told again.
const SLACK: i16 = 5;

/// A mark that has just been passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passed {
    /// The mark, in percent of the limit.
    pub percent: i16,
    /// Used at present.
    pub used: i64,
    /// The limit.
    pub maximum: i64,
}

/// The mark that the transaction's change of a meter has passed, told once: whoever changes what is used holds the limit's row,
/// so no two transactions pass the same mark.
pub fn passed(tx: &mut TenantTx<'_>, meter: Meter) -> Result<Option<Passed>, DbError> {
    let row = limits::table.filter(limits::tenant_id.eq(tx.tenant())).filter(limits::meter.eq(meter));
    let found: Option<(i64, i64, i16)> =
        row.select((limits::used, limits::maximum, limits::warned)).first(tx.conn()).optional()?;
    let Some((used, maximum, warned)) = found else { return Ok(None) };
    let mark = mark(used, maximum, warned);
    if mark != warned {
        diesel::update(row).set(limits::warned.eq(mark)).execute(tx.conn())?;
    }
    Ok((mark > warned).then_some(Passed { percent: mark, used, maximum }))
}

/// The highest mark that counts as passed, given the one before.
fn mark(used: i64, maximum: i64, warned: i16) -> i16 {
    let reaches = |percent: i16| i128::from(used) * 100 >= i128::from(maximum) * i128::from(percent);
    let stays = |mark: i16| if mark <= warned { reaches(mark - SLACK) } else { reaches(mark) };
    MARKS.into_iter().find(|mark| maximum > 0 && stays(*mark)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::mark;

    #[test]
    fn a_mark_is_passed_upwards_and_left_only_well_below() {
        let told = |uses: &[i64]| {
            let mut warned = 0;
            uses.iter()
                .map(|used| {
                    warned = mark(*used, 1_000, warned);
                    warned
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(told(&[799, 800, 799, 760, 800, 750, 749, 800]), [0, 80, 80, 80, 80, 80, 0, 80]);
        assert_eq!(told(&[1_000, 940, 900, 899, 950, 0]), [95, 95, 95, 80, 95, 0]);
        assert_eq!((mark(0, 0, 0), mark(i64::MAX, i64::MAX, 0)), (0, 95));
    }
}
