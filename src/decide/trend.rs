//! Reading a limit off a ladder of numbers.

use super::verdict::PathPoint;
use crate::formula::ast::RelationOp;
use crate::term::asymptotic::NEGATIVE;

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
/// What falls no faster than this does not fall; and the share of a local power that is left of it farther out where it dies out: of
/// a fall like `1/ln t` to a limit less than this is left between the middle of a ladder and its end, of one like `1/ln ln t` to
/// zero more.
const STEADY: f64 = 1e-7;
const DIES_OUT: f64 = 0.3;

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
    /// It says nothing of such sides.
    Undefined(String),
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
    // A number that has no digit is no distance either.
    if error > BLURRED.max(0.3 * end.min(1.0)) {
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
    } else if slope > -STAYS && end > 1e-6 && (slope > -STEADY || levels_off(stations, &distance)) {
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

/// Whether what is left of a fall dies out along the far stations, as where the distance has a limit of its own: that of a
/// power goes on, however small its exponent.
fn levels_off(stations: &[Station], distance: impl Fn(&PathPoint) -> f64) -> bool {
    let n = stations.len();
    let [middle, before, last] = [n / 2, n - 2, n - 1].map(|i| &stations[i].point);
    let slope =
        |a: &PathPoint, b: &PathPoint| (distance(b) / distance(a)).ln() / (b.at / a.at).ln();
    slope(before, last).abs() <= DIES_OUT * slope(middle, before).abs()
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
        let fails = above && below || below && last.point.rhs > 0.0;
        return match fails {
            true => Trend::Fails(f64::INFINITY, "the sides have opposite signs".into()),
            false => Trend::Undefined(NEGATIVE.into()),
        };
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
    // Local power times ln t: constant for a power of the logarithm, dying out for a correction by a power of t.
    let logs: Vec<f64> = stations
        .windows(2)
        .zip(&slopes)
        .map(|(w, s)| s * 0.5 * (w[0].point.at.ln() + w[1].point.at.ln()))
        .collect();
    let (middle, late, last_log) = (logs[n / 2], logs[n - 2], logs[n - 1]);
    let falls = last_log / middle < 0.4 && last_log / late < 0.9 && before / earlier < 1.0;
    if falls && drift < 0.05 {
        return Trend::Holds(drift);
    }
    if end * before > 0.0 && (0.985..1.02).contains(&steadiness) && drift > 1e-4 {
        return Trend::Fails(
            drift,
            format!("the ratio of the sides drifts like a power {end:.4} of the variable"),
        );
    }
    let reach = (last.point.at.ln() / stations[n / 2].point.at.ln()).abs();
    if reach > 1.5 && (middle / last_log - 1.0).abs() < 0.12 && last_log.abs() > 0.04 {
        return Trend::Fails(
            drift,
            format!("the ratio of the sides drifts like a power {last_log:.2} of the logarithm"),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Stations of `lhs(t)` against `rhs(t)` on the given powers of ten.
    fn ladder(
        exponents: &[f64],
        lhs: impl Fn(f64) -> f64,
        rhs: impl Fn(f64) -> f64,
    ) -> Vec<Station> {
        exponents
            .iter()
            .map(|e| {
                let t = 10f64.powf(*e);
                Station {
                    point: PathPoint {
                        at: t,
                        lhs: lhs(t),
                        rhs: rhs(t),
                    },
                    error: 1e-13,
                }
            })
            .collect()
    }

    const LONG: [f64; 15] = [
        2., 3., 4., 5., 6., 7., 8., 9., 10., 12., 15., 20., 25., 30., 40.,
    ];
    const SPARSE: [f64; 10] = [2., 4., 6., 7., 8., 10., 12., 15., 25., 40.];

    #[test]
    fn slow_drift_does_not_pass_for_boundedness() {
        for exponents in [&LONG[..], &SPARSE[..]] {
            for power in [1.0, 0.5, 1.0 / 13.0, -1.0] {
                let drifting = ladder(exponents, |t| (1.0 + t.ln()).powf(power), |_| 1.0);
                let trend = read(RelationOp::SameOrder, &drifting, false);
                assert!(!matches!(trend, Trend::Holds(_)), "log^{power}: {trend:?}");
            }
            for power in [0.003, -0.003, 0.3] {
                let drifting = ladder(exponents, |t| t.powf(power), |_| 2.0);
                let trend = read(RelationOp::SameOrder, &drifting, false);
                assert!(matches!(trend, Trend::Fails(..)), "t^{power}: {trend:?}");
            }
        }
    }

    #[test]
    fn corrections_that_die_out_are_allowed() {
        for exponents in [&LONG[..], &SPARSE[..]] {
            for power in [-0.25, -0.5, -1.0] {
                let settling = ladder(exponents, |t| 3.0 + 5.0 * t.powf(power), |_| 1.0);
                let trend = read(RelationOp::SameOrder, &settling, false);
                assert!(matches!(trend, Trend::Holds(_)), "1 + t^{power}: {trend:?}");
            }
        }
    }

    #[test]
    fn a_distance_that_still_falls_is_not_one_that_stays() {
        for exponents in [&LONG[..], &SPARSE[..]] {
            let of = |distance: &dyn Fn(f64) -> f64| {
                let stations = ladder(exponents, |t| 1.0 + distance(t), |_| 1.0);
                read(RelationOp::Equivalent, &stations, false)
            };
            let falls: [&dyn Fn(f64) -> f64; 3] = [
                &|t| t.powf(-0.003),
                &|t| 1.0 / (t.powf(0.0033) - 0.5),
                &|t| 1.0 / (1.0 + (1.0 + t.ln()).ln()),
            ];
            for distance in falls {
                assert!(matches!(of(distance), Trend::Unclear(_)));
            }
            let stays: [&dyn Fn(f64) -> f64; 3] =
                [&|t| 0.2 + 0.3 / t.ln(), &|t| 0.1 + t.powf(-0.2), &|_| 0.01];
            for distance in stays {
                assert!(matches!(of(distance), Trend::Fails(..)));
            }
        }
    }

    #[test]
    fn a_limit_off_by_a_thousandth_is_not_reached() {
        let off = ladder(&LONG, |t| 1.001 + 1.0 / t, |_| 1.0);
        assert!(matches!(
            read(RelationOp::Equivalent, &off, false),
            Trend::Fails(..)
        ));
        let on = ladder(&LONG, |t| 1.0 + t.powf(-0.5), |_| 1.0);
        assert!(matches!(
            read(RelationOp::Equivalent, &on, false),
            Trend::Holds(_)
        ));
        let one_sided = ladder(&LONG, |t| t.powf(-0.2), |_| 1.0);
        assert!(matches!(
            read(RelationOp::OrderAtMost, &one_sided, false),
            Trend::Holds(_)
        ));
        assert!(matches!(
            read(RelationOp::OrderAtLeast, &one_sided, false),
            Trend::Fails(..)
        ));
    }
}
