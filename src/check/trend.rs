//! Reading a limit off a ladder of numbers.

use super::verdict::PathPoint;
use crate::formula::ast::RelationOp;

/// Fewest stations that make a trend.
pub const FEWEST: usize = 5;
/// A discrepancy below this is none.
const NOTHING: f64 = 1e-9;
/// A relative error beyond this decides nothing.
const BLURRED: f64 = 1e-4;
/// Per unit of `ln t`: a discrepancy that falls faster than this vanishes; one that falls slower than a seventh
/// of it stays. Between the two nothing is said.
const FALLS: f64 = 0.03;
const STAYS: f64 = 0.004;

/// One station with the relative errors of both sides added.
#[derive(Clone, Copy, Debug)]
pub struct Station {
    pub point: PathPoint,
    pub error: f64,
}

/// What a ladder says of a relation.
#[derive(Clone, Debug, PartialEq)]
pub enum Trend {
    /// It holds; the distance left at the end of the ladder.
    Holds(f64),
    /// It fails; the discrepancy at the end, and in words.
    Fails(f64, String),
    Unclear(String),
}

/// Reads a ladder, stations in order of growing `t`. `tends_to`: for `->`, whether the right side is infinite.
pub fn read(op: RelationOp, stations: &[Station], to_infinity: bool) -> Trend {
    if stations.len() < FEWEST {
        return Trend::Unclear(format!(
            "only {} stations of the path have values",
            stations.len()
        ));
    }
    let last = stations[stations.len() - 1];
    match op {
        RelationOp::Equivalent => converges(stations, |p| relative(p.lhs, p.rhs)),
        RelationOp::TendsTo if to_infinity => grows(stations),
        RelationOp::TendsTo if last.point.rhs == 0.0 => converges(stations, |p| p.lhs.abs()),
        RelationOp::TendsTo => converges(stations, |p| relative(p.lhs, p.rhs)),
        RelationOp::SameOrder => bounded(stations, true, true),
        RelationOp::OrderAtMost => bounded(stations, true, false),
        RelationOp::OrderAtLeast => bounded(stations, false, true),
        _ => Trend::Unclear("no relation of limits".into()),
    }
}

fn relative(lhs: f64, rhs: f64) -> f64 {
    if lhs == rhs {
        0.0
    } else {
        ((lhs - rhs) / rhs).abs()
    }
}

fn converges(stations: &[Station], distance: impl Fn(&PathPoint) -> f64) -> Trend {
    let last = &stations[stations.len() - 1];
    let end = distance(&last.point);
    if !end.is_finite() {
        return Trend::Fails(
            f64::INFINITY,
            "the right side vanishes where the left does not".into(),
        );
    }
    let error = if last.point.rhs == 0.0 {
        last.error * end
    } else {
        last.error
    };
    if error > BLURRED.max(0.3 * end) {
        return Trend::Unclear(format!(
            "the end of the path is known to a relative {error:.0e} only"
        ));
    }
    if end <= NOTHING.max(error) {
        return Trend::Holds(end.max(error));
    }
    let middle = &stations[stations.len() / 2];
    let before = distance(&middle.point);
    let slope = (end / before).ln() / (last.point.at / middle.point.at).ln();
    if slope < -FALLS && end < 0.5 {
        Trend::Holds(end)
    } else if slope > -STAYS && end > 1e-6 {
        let what = if slope > STAYS { "grows" } else { "settles" };
        Trend::Fails(
            end,
            format!(
                "the distance {what}: {before:.3e} at {:.0e}, {end:.3e} at {:.0e}",
                middle.point.at, last.point.at
            ),
        )
    } else {
        Trend::Unclear(format!(
            "the distance is {end:.1e} at the end and falls too slowly to tell (local power {slope:.3})"
        ))
    }
}

fn grows(stations: &[Station]) -> Trend {
    let slopes = slopes(stations, |p| p.lhs);
    let Some(slopes) = slopes else {
        return Trend::Unclear("the left side changes sign".into());
    };
    let last = slopes[slopes.len() - 1];
    // A power however small goes to infinity, if its exponent is seen to stay.
    let resolution = stations.iter().map(|s| s.error).fold(1e-9, f64::max);
    let steady = slopes
        .iter()
        .all(|s| *s > resolution && (s / last - 1.0).abs() < 1e-6);
    if last > FALLS || steady {
        Trend::Holds(1.0 / stations[stations.len() - 1].point.lhs.abs())
    } else if last < -resolution
        || stations
            .iter()
            .all(|s| s.point.lhs == stations[0].point.lhs)
    {
        Trend::Fails(
            1.0,
            format!("the left side does not grow: its local power is {last:.4}"),
        )
    } else {
        Trend::Unclear(format!(
            "the left side grows too slowly to tell (local power {last:.4})"
        ))
    }
}

/// Local powers of `|f|` between neighbouring stations.
fn slopes(stations: &[Station], f: impl Fn(&PathPoint) -> f64) -> Option<Vec<f64>> {
    stations
        .windows(2)
        .map(|w| {
            let (a, b) = (f(&w[0].point), f(&w[1].point));
            let slope = (b / a).ln() / (w[1].point.at / w[0].point.at).ln();
            (a * b > 0.0 && slope.is_finite()).then_some(slope)
        })
        .collect()
}

/// Whether the ratio of the sides stays below (`above`) and above (`below`) positive constants.
fn bounded(stations: &[Station], above: bool, below: bool) -> Trend {
    let last = &stations[stations.len() - 1];
    let vanishing = |x: f64| x == 0.0;
    if stations.iter().all(|s| vanishing(s.point.lhs)) {
        return if below && !vanishing(last.point.rhs) {
            Trend::Fails(f64::INFINITY, "the left side is zero".into())
        } else {
            Trend::Holds(0.0)
        };
    }
    if last.point.lhs / last.point.rhs < 0.0 {
        return Trend::Fails(f64::INFINITY, "the sides have opposite signs".into());
    }
    let Some(slopes) = slopes(stations, |p| p.lhs / p.rhs) else {
        return Trend::Unclear("the ratio of the sides is not positive along the path".into());
    };
    let n = slopes.len();
    let (end, before, earlier) = (slopes[n - 1], slopes[n - 2], slopes[n - 3]);
    let resolution = 2.0 * stations.iter().map(|s| s.error).fold(0.0, f64::max);
    // Only drift in a forbidden direction counts.
    let drift = match (above, below) {
        (true, true) => end.abs(),
        (true, false) => end.max(0.0),
        _ => (-end).max(0.0),
    };
    if drift <= 1e-6 + resolution {
        return Trend::Holds(drift);
    }
    let steadiness = end / before;
    let earlier_steadiness = before / earlier;
    // Corrections that die out like a power of t shrink the local power by a constant factor a station.
    if end * before > 0.0 && steadiness < 0.7 && earlier_steadiness < 0.75
        || drift < 1e-4 && steadiness.abs() < 0.7
    {
        return Trend::Holds(drift);
    }
    if end * before > 0.0 && (0.985..1.02).contains(&steadiness) && drift > 1e-4 {
        return Trend::Fails(
            drift,
            format!("the ratio of the sides drifts like a power {end:.4} of the variable"),
        );
    }
    // A power q of the logarithm: local power q/ln t.
    let logs: Vec<f64> = stations
        .windows(2)
        .zip(&slopes)
        .map(|(w, s)| s * 0.5 * (w[0].point.at.ln() + w[1].point.at.ln()))
        .collect();
    let (a, b) = (logs[n / 2], logs[n - 1]);
    let reach = (last.point.at.ln() / stations[n / 2].point.at.ln()).abs();
    if reach > 1.5 && (a / b - 1.0).abs() < 0.1 && b.abs() > 0.1 {
        return Trend::Fails(
            drift,
            format!("the ratio of the sides drifts like a power {b:.2} of the logarithm"),
        );
    }
    if end * before > 0.0 && steadiness >= 1.02 && drift > 0.01 {
        return Trend::Fails(
            drift,
            format!("the ratio of the sides drifts ever faster: its local power is {end:.4}"),
        );
    }
    Trend::Unclear(format!(
        "the ratio of the sides has the local power {end:.4} at the end, and it falls slowly"
    ))
}
