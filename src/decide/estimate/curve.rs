//! Forms such as `inf(l in [a, b], E[…])`, whose expectations depend on the variable: these are estimated at a few places
//! of the range and followed between them by the polynomial through the estimates.

use crate::formula::ast::Extremum;
use crate::term::evaluate::{
    AtPoint, Dense, Environment, EvaluationError, Evaluator, LinearAlgebra, Value,
};
use crate::term::{Binder, ExtremumForm, Id, Node, Store};

/// Numbers of places that are tried, in turn.
const PLACES: [usize; 5] = [4, 8, 16, 32, 64];
/// A draw is followed well enough if between two places it is so near, relative to its value; a hundredth of its largest
/// value counts where it is less.
const FOLLOWED: f64 = 1e-7;
const SMALL: f64 = 1e-2;
/// A range from zero is looked at on a logarithmic scale from this share of its end on.
const SHARE_OF_END: f64 = 1e-5;
/// Ends that are farther apart than this are looked at on a logarithmic scale.
const FAR_APART: f64 = 8.0;
/// Rounds of golden section and of bisection: to the root of rounding, where an extremum is flat, and to rounding.
const ROUNDS: usize = 32;
const HALVINGS: usize = 50;
/// Steps across the range, at least, when an extremum is looked for.
const FEWEST_STEPS: usize = 32;
const GOLDEN: f64 = 0.618_033_988_749_895;

/// A form that binds a variable, and what it averages.
pub(super) struct Curve {
    id: Id,
    form: ExtremumForm,
    range: Range,
    /// Every `E[…]` within, and its body.
    pub means: Vec<(Id, Id)>,
    pub places: Vec<f64>,
}

impl Curve {
    /// The forms of the sides in which expectations depend on a variable; an error where another form binds one.
    pub fn all(
        store: &Store,
        sides: &[Id],
        moving: &[(Id, Id)],
        evaluator: &Evaluator<'_, f64>,
    ) -> Result<Vec<Self>, EvaluationError> {
        let mut found = Vec::new();
        let mut open: Vec<Id> = sides.to_vec();
        while let Some(id) = open.pop() {
            let node = store.node(id);
            if let Some(curve) = Self::of(store, id, moving, evaluator)? {
                found.push(curve);
            } else if !matches!(node, Node::Expectation(_)) {
                open.extend(node.children());
            }
        }
        found.sort_by_key(|curve| curve.id);
        found.dedup_by_key(|curve| curve.id);
        if let Some((mean, _)) = (moving.iter())
            .find(|(mean, _)| !found.iter().any(|c| c.means.iter().any(|m| m.0 == *mean)))
        {
            let variable = store.free(*mean)[0];
            return Err(EvaluationError::Unsupported(format!(
                "E[…] depends on {}, which no inf, argmin or their like binds around it: at finite sizes that is \
                 not simulated; average the whole, or say it in a limit, with ~",
                store.binder_name(variable)
            )));
        }
        Ok(found)
    }

    fn of(
        store: &Store,
        id: Id,
        moving: &[(Id, Id)],
        evaluator: &Evaluator<'_, f64>,
    ) -> Result<Option<Self>, EvaluationError> {
        let Node::Extremum {
            kind,
            variable,
            from,
            to,
            body,
        } = *store.node(id)
        else {
            return Ok(None);
        };
        let mut means = Vec::new();
        store.visit(body, &mut |id, _| {
            means.extend(
                moving
                    .iter()
                    .filter(|m| m.0 == id && store.free(id) == [variable]),
            );
        });
        if means.is_empty() || !store.free(id).is_empty() || store.is_random(id) {
            return Ok(None);
        }
        means.sort_unstable();
        means.dedup();
        let form = ExtremumForm {
            kind,
            variable,
            from,
            to,
            body,
        };
        let range = Range::new(evaluator.scalar_of(from)?, evaluator.scalar_of(to)?)?;
        Ok(Some(Self {
            id,
            form,
            range,
            means,
            places: Vec::new(),
        }))
    }

    /// Places enough to follow these draws.
    pub fn settle(
        &mut self,
        store: &Store,
        draws: &[Environment<f64>],
    ) -> Result<(), EvaluationError> {
        for count in PLACES {
            self.places = self.range.places(count);
            let mut follows = true;
            for environment in draws {
                follows = follows && self.follows(store, environment)?;
            }
            if follows {
                return Ok(());
            }
        }
        Err(EvaluationError::Unsupported(format!(
            "E[…] turns too sharply in {} to be followed between {} places",
            store.binder_name(self.form.variable),
            self.places.len()
        )))
    }

    fn follows(
        &self,
        store: &Store,
        environment: &Environment<f64>,
    ) -> Result<bool, EvaluationError> {
        let scales: Vec<f64> = self.places.iter().map(|x| self.range.scale(*x)).collect();
        let between: Vec<f64> = (scales
            .windows(2)
            .step_by(if scales.len() > 8 { 3 } else { 1 }))
        .map(|pair| 0.5 * (pair[0] + pair[1]))
        .collect();
        let at = |scales: &[f64]| -> Result<Vec<Vec<f64>>, EvaluationError> {
            let places: Vec<f64> = scales.iter().map(|x| self.range.place(*x)).collect();
            (self.drawn_at(store, environment, &places)?.into_iter())
                .map(|value| Ok(value.dense(&environment.covariance, None)?.entries))
                .collect()
        };
        let (seen, tests) = (at(&scales)?, at(&between)?);
        for (seen, tests) in seen.chunks(scales.len()).zip(tests.chunks(between.len())) {
            let largest = seen.iter().flatten().fold(0.0, |m: f64, x| m.max(x.abs()));
            for (scale, truth) in between.iter().zip(tests) {
                let guessed = through(&scales, seen, *scale);
                let near =
                    |(a, b): (&f64, &f64)| (a - b).abs() <= FOLLOWED * b.abs().max(SMALL * largest);
                if !guessed.iter().zip(truth).all(near) {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// What its expectations average on one draw: each of them at every place.
    pub fn drawn<R: LinearAlgebra>(
        &self,
        store: &Store,
        environment: &Environment<R>,
    ) -> Result<Vec<Value<R>>, EvaluationError> {
        self.drawn_at(store, environment, &self.places)
    }

    fn drawn_at<R: LinearAlgebra>(
        &self,
        store: &Store,
        environment: &Environment<R>,
        places: &[f64],
    ) -> Result<Vec<Value<R>>, EvaluationError> {
        let mut algebra = AtPoint::new(store, environment);
        let each =
            (self.means.iter()).flat_map(|(_, body)| places.iter().map(move |x| (*body, *x)));
        each.map(|(body, x)| algebra.value(body, [self.bound(R::from_f64(x))]))
            .collect()
    }

    fn bound<R>(&self, value: R) -> (Binder, R) {
        (self.form.variable, value)
    }

    /// Puts what the form is into what is known, from the means at every place. Between them these are missed by no more than
    /// they were followed; with a strain of 1 they are off by that.
    pub fn solve(
        &self,
        store: &Store,
        environment: &mut Environment<f64>,
        means: &[Vec<Dense<f64>>],
        strain: f64,
    ) -> Result<(), EvaluationError> {
        let scales: Vec<f64> = self.places.iter().map(|x| self.range.scale(*x)).collect();
        let entries: Vec<Vec<Vec<f64>>> = (means.iter())
            .map(|places| places.iter().map(|m| m.entries.clone()).collect())
            .collect();
        let (low, high) = (
            self.range.scale(self.range.from),
            self.range.scale(self.range.to),
        );
        let largest: Vec<f64> = (entries.iter())
            .map(|places| {
                places
                    .iter()
                    .flatten()
                    .fold(0.0, |m: f64, x| m.max(x.abs()))
            })
            .collect();
        let between = |m: usize, scale: f64| -> Vec<f64> {
            let mut seen = through(&scales, &entries[m], scale);
            if strain != 0.0 {
                // A least value moves with the level, its place with the slope: that of a polynomial of this degree.
                let by = match self.form.kind {
                    Extremum::Inf | Extremum::Sup => 1.0,
                    _ => scales.len() as f64 * (2.0 * (scale - low) / (high - low) - 1.0),
                };
                let off = strain * FOLLOWED * by;
                for x in &mut seen {
                    *x += off * x.abs().max(SMALL * largest[m]);
                }
            }
            seen
        };
        let is_mean = self.form.body == self.means[0].0;
        let mut body = |scale: f64| -> Result<f64, EvaluationError> {
            if is_mean {
                return Ok(between(0, scale)[0]);
            }
            for (m, (mean, _)) in self.means.iter().enumerate() {
                let entries = between(m, scale);
                environment
                    .known
                    .insert(*mean, of_entries(&means[m][0], entries));
            }
            let place = self.range.place(scale);
            AtPoint::new(store, environment)
                .value(self.form.body, [self.bound(place)])?
                .scalar()
        };
        let (place, value) = match self.form.kind {
            Extremum::Root => {
                let scale = zero(&mut body, low, high)?;
                (scale, self.range.place(scale))
            }
            kind => {
                let sign = if kind.is_greatest() { -1.0 } else { 1.0 };
                let (scale, least) = least(
                    &mut |scale| Ok(sign * body(scale)?),
                    (low, high),
                    self.places.len().max(FEWEST_STEPS),
                )?;
                (scale, sign * least)
            }
        };
        let answer = match self.form.kind {
            Extremum::Inf | Extremum::Sup => value,
            Extremum::ArgMin | Extremum::ArgMax | Extremum::Root => self.range.place(place),
        };
        environment.known.insert(self.id, Value::Scalar(answer));
        Ok(())
    }
}

/// As a matrix like another, or a number.
pub(super) fn of_entries(like: &Dense<f64>, entries: Vec<f64>) -> Value<f64> {
    match entries[..] {
        [x] => Value::Scalar(x),
        _ => Value::Matrix(Dense {
            rows: like.rows,
            cols: like.cols,
            entries,
        }),
    }
}

/// Where the variable runs, and the scale on which it is looked at.
struct Range {
    from: f64,
    to: f64,
    /// Logarithms of the variable plus this; the variable itself where there is none.
    shift: Option<f64>,
}

impl Range {
    fn new(from: f64, to: f64) -> Result<Self, EvaluationError> {
        if !(from < to) {
            return Err(EvaluationError::Undefined(format!(
                "a minimum over [{from}, {to}]"
            )));
        }
        let shift = match from {
            0.0 => Some(SHARE_OF_END * to),
            _ if from > 0.0 && to / from > FAR_APART => Some(0.0),
            _ => None,
        };
        Ok(Self { from, to, shift })
    }

    fn scale(&self, x: f64) -> f64 {
        self.shift.map_or(x, |shift| (x + shift).ln())
    }

    fn place(&self, scale: f64) -> f64 {
        let x = self.shift.map_or(scale, |shift| scale.exp() - shift);
        x.clamp(self.from, self.to)
    }

    /// Zeros of a Chebyshev polynomial.
    fn places(&self, count: usize) -> Vec<f64> {
        let (low, high) = (self.scale(self.from), self.scale(self.to));
        (0..count)
            .map(|k| {
                let angle = std::f64::consts::PI * (k as f64 + 0.5) / count as f64;
                self.place(0.5 * (low + high) + 0.5 * (high - low) * angle.cos())
            })
            .collect()
    }
}

/// The polynomial through `values` at zeros of a Chebyshev polynomial, by the barycentric formula.
fn through(places: &[f64], values: &[Vec<f64>], at: f64) -> Vec<f64> {
    if let Some(k) = places.iter().position(|x| *x == at) {
        return values[k].clone();
    }
    let mut sums = vec![0.0; values[0].len()];
    let mut total = 0.0;
    for (k, (place, value)) in places.iter().zip(values).enumerate() {
        let angle = std::f64::consts::PI * (k as f64 + 0.5) / places.len() as f64;
        let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
        let weight = sign * angle.sin() / (at - place);
        total += weight;
        for (sum, x) in sums.iter_mut().zip(value) {
            *sum += weight * x;
        }
    }
    sums.iter_mut().for_each(|sum| *sum /= total);
    sums
}

type Body<'a> = dyn FnMut(f64) -> Result<f64, EvaluationError> + 'a;

/// Where a function is least, and how small it is there: the best of many places, and golden section beside it.
fn least(
    f: &mut Body<'_>,
    (low, high): (f64, f64),
    steps: usize,
) -> Result<(f64, f64), EvaluationError> {
    let at = |i: usize| low + (high - low) * i as f64 / steps as f64;
    let mut best = (low, f(low)?);
    let mut place = 0;
    for i in 1..=steps {
        let value = f(at(i))?;
        if value < best.1 {
            best = (at(i), value);
            place = i;
        }
    }
    let (mut a, mut b) = (at(place.saturating_sub(1)), at((place + 1).min(steps)));
    let (mut x, mut y) = (b - GOLDEN * (b - a), a + GOLDEN * (b - a));
    let (mut at_x, mut at_y) = (f(x)?, f(y)?);
    for _ in 0..ROUNDS {
        if at_x <= at_y {
            (b, y, at_y) = (y, x, at_x);
            x = b - GOLDEN * (b - a);
            at_x = f(x)?;
        } else {
            (a, x, at_x) = (x, y, at_y);
            y = a + GOLDEN * (b - a);
            at_y = f(y)?;
        }
    }
    for seen in [(x, at_x), (y, at_y)] {
        if seen.1 < best.1 {
            best = seen;
        }
    }
    Ok(best)
}

/// Where a function with different signs at the ends is zero.
fn zero(f: &mut Body<'_>, mut low: f64, mut high: f64) -> Result<f64, EvaluationError> {
    let (at_low, at_high) = (f(low)?, f(high)?);
    if !(at_low * at_high < 0.0) {
        return Err(EvaluationError::Undefined(
            "a root where the sign is the same at both ends".into(),
        ));
    }
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if f(middle)? * at_low > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(0.5 * (low + high))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(range: &Range, count: usize, f: impl Fn(f64) -> f64) -> (Vec<f64>, Vec<Vec<f64>>) {
        let places = range.places(count);
        let scales = places.iter().map(|x| range.scale(*x)).collect();
        (scales, places.iter().map(|x| vec![f(*x)]).collect())
    }

    #[test]
    fn curves_are_followed_between_their_places() {
        // the risk of a ridge fit of one eigenvalue, over six decades
        let risk = |l: f64| (l / (l + 3.0)).powi(2) + 3.0 / (l + 3.0).powi(2);
        let range = Range::new(1e-3, 1e3).unwrap();
        let (scales, values) = seen(&range, 64, risk);
        for l in [1.1e-3, 0.02, 0.7, 1.0, 13.0, 999.0] {
            let found = through(&scales, &values, range.scale(l))[0];
            assert!((found - risk(l)).abs() < 1e-8 * risk(l), "{l}: {found}");
        }
        let mut f = |scale: f64| Ok(through(&scales, &values, scale)[0]);
        let ends = (range.scale(1e-3), range.scale(1e3));
        let (place, value) = least(&mut f, ends, 64).unwrap();
        // l^2 + 3 over (l + 3)^2 is least at l = 1
        assert!((range.place(place) - 1.0).abs() < 1e-4);
        assert!((value - 0.25).abs() < 1e-9);
    }

    #[test]
    fn a_range_from_zero_has_its_ends_and_zeros_are_bracketed() {
        let range = Range::new(0.0, 10.0).unwrap();
        let (scales, values) = seen(&range, 64, |x| 1.0 / (x + 1.0) - 0.25);
        let mut f = |scale: f64| Ok(through(&scales, &values, scale)[0]);
        let (low, high) = (range.scale(0.0), range.scale(10.0));
        assert!((range.place(low)).abs() < 1e-12 && (f(low).unwrap() - 0.75).abs() < 1e-7);
        assert!((range.place(zero(&mut f, low, high).unwrap()) - 3.0).abs() < 1e-6);
        assert!(zero(&mut |_| Ok(1.0), low, high).is_err());
        // the least of what falls is at the end
        assert!((range.place(least(&mut f, (low, high), 64).unwrap().0) - 10.0).abs() < 1e-6);
        assert!(Range::new(2.0, 2.0).is_err());
    }
}
