//! The order in which the servers of a domain are tried (RFC 2782).

use super::SrvRecord;

/// Sorts `records` by priority, and those of one priority at random with their weights as chances.
/// `draw` gives 32 random bits.
pub(crate) fn order(records: &mut [SrvRecord], mut draw: impl FnMut() -> u32) {
    // Those of weight 0 stand first, so that they too have a small chance.
    records.sort_unstable_by_key(|record| (record.priority, record.weight != 0));
    for first in 0..records.len() {
        let priority = records[first].priority;
        let same = records[first..].iter().take_while(|record| record.priority == priority).count();
        let sum: u32 =
            records[first..first + same].iter().map(|record| u32::from(record.weight)).sum();
        let drawn = draw() % (sum + 1);
        let mut running = 0;
        let chosen = records[first..first + same].iter().position(|record| {
            running += u32::from(record.weight);
            running >= drawn
        });
        records[first..=first + chosen.unwrap_or(0)].rotate_right(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(priority: u16, weight: u16, target: &str) -> SrvRecord {
        SrvRecord { priority, weight, port: 5060, target: target.to_owned() }
    }

    fn targets(records: &[SrvRecord]) -> String {
        records.iter().map(|record| record.target.as_str()).collect()
    }

    #[test]
    fn servers_are_ordered_by_priority_and_then_by_draw() {
        let all = [record(2, 0, "c"), record(1, 1, "a"), record(1, 9, "b")];
        for (drawn, expected) in [(0, "abc"), (1, "abc"), (2, "bac"), (10, "bac")] {
            let mut records = all.to_vec();
            order(&mut records, || drawn);
            assert_eq!(targets(&records), expected, "{drawn}");
        }
    }

    #[test]
    fn each_server_comes_first_as_often_as_its_weight_says() {
        let all = [record(1, 0, "a"), record(1, 1, "b"), record(1, 3, "c")];
        let mut first = [0; 3];
        for drawn in 0..5 {
            let mut records = all.to_vec();
            order(&mut records, || drawn);
            first[usize::from(records[0].target.as_bytes()[0] - b'a')] += 1;
        }
        assert_eq!(first, [1, 1, 3]);
    }
}
