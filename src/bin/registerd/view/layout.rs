//! The lines of the view. What is longer than the terminal goes on in the next line; nothing is
//! cut.

use crate::fleet::{CauseCount, Row, Standing, Statistics};
use register::sip::one_printable_line;

/// What a line is indented by that goes on.
const INDENT: usize = 4;

/// How many accounts there are, and how they stand.
pub(super) fn headline(statistics: &Statistics) -> Vec<String> {
    let count = |one: Standing| statistics.states.get(one.name()).copied().unwrap_or(0);
    let shard = statistics.shard.as_deref().map(|shard| format!(", shard {shard}"));
    let first = format!(
        "{} of {} registered, {} in flight, {} queued, up {}{}",
        count(Standing::Registered),
        statistics.accounts,
        statistics.in_flight,
        statistics.queued,
        lasting(statistics.uptime_s),
        shard.unwrap_or_default(),
    );
    let worst_first = Standing::ALL.into_iter().rev();
    let states: Vec<String> =
        worst_first.map(|one| format!("{} {}", one.name(), count(one))).collect();
    vec![first, states.join(", ")]
}

pub(super) fn cause_line(cause: &CauseCount) -> String {
    let (count, status) = (cause.accounts, cause.cause.status);
    format!("{count} x {status} {}", one_printable_line(&cause.cause.reason))
}

pub(super) fn account_line(row: &Row) -> String {
    let (state, since) = (row.state.name(), lasting(row.since_s));
    let (name, why) = (one_printable_line(&row.name), one_printable_line(&row.explain));
    format!("{state:<10} {since:>5} {name}  {why}")
}

/// A time in its largest unit.
fn lasting(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} m", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86400),
    }
}

/// The line as several, none wider than `width`.
pub(super) fn wrap(line: &str, width: usize) -> Vec<String> {
    let indent = if width > 2 * INDENT { INDENT } else { 0 };
    let mut lines = Vec::new();
    let mut rest: Vec<char> = line.chars().collect();
    let width = width.max(1);
    while rest.len() > width {
        let begin = if lines.is_empty() { 0 } else { indent };
        let blank = rest.iter().take(width + 1).rposition(|c| *c == ' ');
        let end = blank.filter(|at| *at > begin).unwrap_or(width);
        let after: Vec<char> = rest.split_off(end);
        lines.push(rest.into_iter().collect());
        let after = after.into_iter().skip_while(|c| *c == ' ');
        rest = std::iter::repeat_n(' ', indent).chain(after).collect();
    }
    lines.push(rest.into_iter().collect());
    lines
}

/// A place among items, each of which is some lines: the item, and the line of it.
pub(super) type Anchor = (usize, usize);

/// The lines from `from` on that fit into `height`, and where the next page begins; `None`: there
/// is nothing more. The first of `items` is the one that `from` names.
pub(super) fn fill(
    items: &[Vec<String>],
    from: Anchor,
    height: usize,
) -> (Vec<String>, Option<Anchor>) {
    let mut lines = Vec::new();
    for (number, item) in items.iter().enumerate() {
        let skipped = if number == 0 { from.1 } else { 0 };
        for (at, line) in item.iter().enumerate().skip(skipped) {
            if lines.len() == height {
                return (lines, Some((from.0 + number, at)));
            }
            lines.push(line.clone());
        }
    }
    (lines, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_goes_on_in_the_next_and_loses_nothing() {
        assert_eq!(wrap("abc", 10), ["abc"]);
        assert_eq!(wrap("one two three four", 10), ["one two", "    three", "    four"]);
        assert_eq!(wrap("abcdefghijkl", 5), ["abcde", "fghij", "kl"]);
        let line = "failing 3 m sip:somebody@a.very.long.domain.example.org  no response";
        for width in 1..80 {
            let lines = wrap(line, width);
            assert!(lines.iter().all(|line| line.chars().count() <= width), "{width}: {lines:?}");
            let joined = lines.concat().replace(' ', "");
            assert_eq!(joined, line.replace(' ', ""), "{width}");
        }
    }

    #[test]
    fn pages_show_every_line_once() {
        let items: Vec<Vec<String>> = (0..10usize)
            .map(|item| (0..=item % 4).map(|line| format!("{item}.{line}")).collect())
            .collect();
        let mut seen = Vec::new();
        let mut from = Some((0, 0));
        while let Some(anchor) = from {
            let (lines, next) = fill(&items[anchor.0..], anchor, 3);
            seen.extend(lines);
            from = next;
        }
        assert_eq!(seen, items.concat());
    }

    #[test]
    fn times_have_one_unit() {
        let texts = [5, 300, 7200, 200_000].map(lasting);
        assert_eq!(texts, ["5 s", "5 m", "2 h", "2 d"]);
    }
}
