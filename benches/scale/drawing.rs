//! The cost of a registration over the number of accounts, as a drawing: both logarithmic, one
//! panel without and one with a digest challenge, readable on light and on dark.

use std::fmt::Write as _;

/// What one library cost.
pub(crate) struct Curve {
    pub(crate) name: &'static str,
    pub(crate) challenge: bool,
    /// Accounts and microseconds of CPU for each.
    pub(crate) points: Vec<(usize, f64)>,
    /// It did not finish in time: there is no larger number to ask for.
    pub(crate) over: bool,
}

impl Curve {
    pub(crate) fn new(name: &'static str, challenge: bool) -> Self {
        Self { name, challenge, points: Vec::new(), over: false }
    }
}

const COLORS: [&str; 5] = ["#8a8f98", "#e8590c", "#ae3ec9", "#1c7ed6", "#2f9e44"];
/// A panel, in pixels.
const WIDE: f64 = 330.0;
const HIGH: f64 = 270.0;
const TOP: f64 = 56.0;
/// What the axes show: accounts, and microseconds.
const ACCOUNTS: (f64, f64) = (1e3, 1e5);
const MICROS: (f64, f64) = (1.0, 1e4);

/// The drawing. Curves of the same name have the same colour, in the order in which they come
/// first.
pub(crate) fn svg(curves: &[Curve]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for curve in curves {
        if !names.contains(&curve.name) {
            names.push(curve.name);
        }
    }
    let mut out = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 860 400\" \
         font-family=\"sans-serif\" font-size=\"13\">\n\
         <title>CPU time for each registration over the number of accounts</title>\n\
         <style>text{fill:#7a808a}.grid{stroke:#888;stroke-opacity:.3}.name{font-weight:bold}\
         @media(prefers-color-scheme:light){text{fill:#333}}\
         @media(prefers-color-scheme:dark){text{fill:#ddd}}</style>\n",
    );
    for (i, challenge) in [false, true].into_iter().enumerate() {
        let left = 60.0 + i as f64 * (WIDE + 80.0);
        panel(
            &mut out,
            left,
            if challenge { "with a digest challenge" } else { "without challenge" },
        );
        for curve in curves.iter().filter(|curve| curve.challenge == challenge) {
            let color =
                names.iter().position(|name| *name == curve.name).unwrap_or(0) % COLORS.len();
            draw(&mut out, left, curve, COLORS[color]);
        }
    }
    let mut x = 60;
    for (i, name) in names.iter().enumerate() {
        let color = COLORS[i % COLORS.len()];
        let _ = writeln!(
            out,
            "<path d=\"M{x} 380h26\" stroke=\"{color}\" stroke-width=\"3\"/>\
             <text x=\"{}\" y=\"384\">{name}</text>",
            x + 32
        );
        x += 50 + 7 * name.len();
    }
    out.push_str("</svg>\n");
    out
}

fn panel(out: &mut String, left: f64, title: &str) {
    let _ = writeln!(out, "<text class=\"name\" x=\"{left}\" y=\"24\">{title}</text>");
    let _ =
        writeln!(out, "<text x=\"{left}\" y=\"44\" font-size=\"11\">CPU for a registration</text>");
    for (value, label) in
        [(1.0, "1 µs"), (1e1, "10 µs"), (1e2, "100 µs"), (1e3, "1 ms"), (1e4, "10 ms")]
    {
        let y = down(value);
        let _ = writeln!(
            out,
            "<path class=\"grid\" d=\"M{left} {y:.1}h{WIDE}\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\" \
             font-size=\"11\">{label}</text>",
            left - 6.0,
            y + 4.0
        );
    }
    for (value, label) in [(1e3, "1,000"), (1e4, "10,000"), (1e5, "100,000 accounts")] {
        let x = left + across(value);
        let (low, anchor) = (TOP + HIGH, if value == 1e5 { "end" } else { "middle" });
        let _ = writeln!(
            out,
            "<path class=\"grid\" d=\"M{x:.1} {TOP}V{low}\"/>\
             <text x=\"{x:.1}\" y=\"{}\" text-anchor=\"{anchor}\" \
             font-size=\"11\">{label}</text>",
            low + 18.0
        );
    }
}

fn draw(out: &mut String, left: f64, curve: &Curve, color: &str) {
    let places: Vec<_> =
        curve.points.iter().map(|(n, us)| (left + across(*n as f64), down(*us))).collect();
    let line: Vec<_> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let line = line.join(" ");
    let _ = writeln!(
        out,
        "<polyline points=\"{line}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2.5\"/>"
    );
    for (i, (x, y)) in places.iter().enumerate() {
        // An empty ring: it did not finish.
        let fill = if curve.over && i + 1 == places.len() { "none" } else { color };
        let _ = writeln!(
            out,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{fill}\" \
             stroke=\"{color}\" stroke-width=\"1.5\"/>"
        );
    }
    if let (Some((x, y)), Some((_, micros))) = (places.last(), curve.points.last()) {
        let (x, y) = (x - 8.0, y - 9.0);
        let _ = writeln!(
            out,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"end\" \
             font-size=\"11\">{micros:.*} µs</text>",
            usize::from(*micros < 20.0)
        );
    }
}

fn across(accounts: f64) -> f64 {
    WIDE * part(accounts, ACCOUNTS)
}

fn down(micros: f64) -> f64 {
    TOP + HIGH * (1.0 - part(micros, MICROS))
}

/// Where a value is between the ends of a logarithmic axis.
fn part(value: f64, (from, to): (f64, f64)) -> f64 {
    ((value / from).ln() / (to / from).ln()).clamp(0.0, 1.0)
}
