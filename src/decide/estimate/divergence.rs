//! Means that are infinite: of draws that are never negative and grow, as a matrix becomes singular, faster than
//! singular matrices are rare.

use super::{Estimator, Shapes};
use crate::decide::assignment::Assignment;
use crate::formula::ast::RelationOp;
use crate::number::{Ball, Real};
use crate::term::evaluate::{Draw, Environment, EvaluationError, Plan, plan};

/// Shares of the least singular value at which growth is measured.
const SHARES: [f64; 2] = [1e-3, 1e-4];
const DRAWS: u64 = 3;
/// Draws that show whether a mean is one of numbers that are never negative, and which means surely exist.
const SIGNS: usize = 1000;
/// Share of a sample's squares that no single draw has where the mean exists.
const LIGHT: f64 = 0.05;
/// Numbers put for infinite means.
const LARGE: [f64; 2] = [1e60, 1e80];
/// Powers of the least singular value that are looked for.
const MOST: f64 = 8.0;

/// What a matrix that becomes singular does to every component of the means.
struct Growth {
    /// How fast the density of its least singular value `s` vanishes, and one: `s^(|rows − columns|) ds`.
    rarity: f64,
    /// Components grow like `s^-power`.
    powers: Vec<f64>,
}

/// What a thousand draws tell of every component.
#[derive(Default)]
struct Rough {
    shapes: Shapes,
    means: Vec<f64>,
    least: Vec<f64>,
    squares: Vec<f64>,
    largest: Vec<f64>,
}

impl Rough {
    fn is_light(&self, i: usize) -> bool {
        // Squares may be below every double.
        let lost = self.squares[i] == 0.0 && self.means[i] != 0.0;
        !lost && self.largest[i] <= LIGHT * self.squares[i]
    }
}

impl Estimator<'_> {
    /// Why the relation fails at this point, if it does because one side alone is infinite.
    pub fn one_side_infinite(
        &self,
        at: &Assignment,
        batch: u64,
    ) -> Result<Option<String>, EvaluationError> {
        // Of refits and families it is not known how they become singular.
        if self.fixed.is_some() || self.plans.iter().any(|plan| plan.gaussian().is_none()) {
            return Ok(None);
        }
        let growth = self.growth(at)?;
        let components = growth.first().map_or(0, |g| g.powers.len());
        let cause = |i: usize| growth.iter().find(|g| g.powers[i] >= g.rarity);
        let suspects: Vec<usize> = (0..components).filter(|&i| cause(i).is_some()).collect();
        let Some(found) = suspects.first().and_then(|&i| Some((i, cause(i)?))) else {
            return Ok(None);
        };
        let rough = self.rough(batch)?;
        let mut infinite = suspects;
        infinite.retain(|&i| rough.least[i] >= 0.0 && diagonal(&rough.shapes, i));
        let others_exist = (0..components).all(|i| infinite.contains(&i) || rough.is_light(i));
        if infinite.is_empty() || !others_exist || !self.fails_where_infinite(&rough, &infinite)? {
            return Ok(None);
        }
        Ok(Some(format!(
            "the mean is infinite: draws grow like s^-{:.0} as the least singular value s of a matrix vanishes, \
             whose density is of order s^{:.0}",
            found.1.powers[found.0],
            found.1.rarity - 1.0
        )))
    }

    /// Whether nothing says that a mean is infinite: neither how draws grow nor a draw that outweighs the others.
    pub fn means_seem_to_exist(
        &self,
        at: &Assignment,
        batch: u64,
    ) -> Result<bool, EvaluationError> {
        let rough = self.rough(batch)?;
        let light = (0..rough.means.len()).all(|i| rough.is_light(i));
        // What is given does not become singular.
        if !light || self.fixed.is_some() {
            return Ok(light);
        }
        let grows = |growth: &Growth| growth.powers.iter().any(|power| *power >= growth.rarity);
        Ok(!self.growth(at)?.iter().any(grows))
    }

    fn growth(&self, at: &Assignment) -> Result<Vec<Growth>, EvaluationError> {
        let problem = self.problem;
        let mut environment = at.environment::<Ball>(problem.scope)?;
        let plans = plan(problem.scope, &environment, &problem.objects)?;
        let mut found: Vec<Growth> = Vec::new();
        for number in 0..DRAWS {
            let mut stream = problem.draws(number | 1 << 59);
            let draw = Draw::new(&plans, &environment, &mut stream)?;
            let mut at = 0;
            for name in plans.iter().filter_map(Plan::gaussian) {
                let Some((rows, columns)) = draw.shape(name) else {
                    continue;
                };
                let rarity = rows.abs_diff(columns) as f64 + 1.0;
                if rarity > MOST {
                    continue;
                }
                let mut seen = Vec::with_capacity(2);
                for share in SHARES {
                    environment.draw = draw.squeezed(name, share);
                    seen.push(self.components(&environment)?);
                }
                let powers = seen[0].iter().zip(&seen[1]).map(|(a, b)| power(a, b));
                match found.get_mut(at) {
                    None => found.push(Growth {
                        rarity,
                        powers: powers.collect(),
                    }),
                    Some(growth) => {
                        for (least, power) in growth.powers.iter_mut().zip(powers) {
                            *least = least.min(power);
                        }
                    }
                }
                at += 1;
            }
        }
        Ok(found)
    }

    /// What the expectations average on one draw, entry by entry.
    fn components(&self, environment: &Environment<Ball>) -> Result<Vec<Ball>, EvaluationError> {
        let d = environment.covariance.written_out()?.len();
        let mut all = Vec::new();
        for value in self.averaged(environment)? {
            all.extend(value.dense(&environment.covariance, Some(d))?.entries);
        }
        Ok(all)
    }

    fn rough(&self, batch: u64) -> Result<Rough, EvaluationError> {
        let mut rough = Rough::default();
        for index in 0..SIGNS {
            let (values, shapes) = self.replicate(batch + index as u64)?;
            if index == 0 {
                let n = values.len();
                rough = Rough {
                    shapes,
                    means: vec![0.0; n],
                    least: vec![f64::INFINITY; n],
                    squares: vec![0.0; n],
                    largest: vec![0.0; n],
                };
            }
            for (i, x) in values.into_iter().enumerate() {
                rough.means[i] += x / SIGNS as f64;
                rough.least[i] = x.min(rough.least[i]);
                rough.squares[i] += x * x;
                rough.largest[i] = rough.largest[i].max(x * x);
            }
        }
        Ok(rough)
    }

    fn fails_where_infinite(
        &self,
        rough: &Rough,
        infinite: &[usize],
    ) -> Result<bool, EvaluationError> {
        let sides = |large: f64| {
            let mut means = rough.means.clone();
            infinite.iter().for_each(|&i| means[i] = large);
            self.sides(&mut self.environment.clone(), &rough.shapes, &means)
        };
        let ((left, right), (far_left, far_right)) = (sides(LARGE[0])?, sides(LARGE[1])?);
        let op = self.problem.says.op;
        if op != RelationOp::Eq && left.len() > 1 {
            return Ok(false);
        }
        let left = left.into_iter().zip(far_left).map(End::of);
        let right = right.into_iter().zip(far_right).map(End::of);
        Ok(left.zip(right).any(|ends| match op {
            RelationOp::Eq => matches!(
                ends,
                (End::Above | End::Below, End::Finite) | (End::Finite, End::Above | End::Below)
            ),
            RelationOp::Le | RelationOp::Lt => {
                matches!(ends, (End::Above, End::Finite) | (End::Finite, End::Below))
            }
            RelationOp::Ge | RelationOp::Gt => {
                matches!(ends, (End::Below, End::Finite) | (End::Finite, End::Above))
            }
            _ => false,
        }))
    }
}

/// Where a side goes with the means that are infinite.
enum End {
    Finite,
    Above,
    Below,
    Unclear,
}

impl End {
    fn of((near, far): (f64, f64)) -> Self {
        match far / near {
            _ if near == far && far.abs() < 1e40 => End::Finite,
            ratio if ratio > 1e8 && far > LARGE[0] => End::Above,
            ratio if ratio > 1e8 && far < -LARGE[0] => End::Below,
            _ => End::Unclear,
        }
    }
}

/// The whole power with which a positive number grows between the two shares; 0 where it is none.
fn power(near: &Ball, far: &Ball) -> f64 {
    let certain = |x: &Ball| x.midpoint() > 1e3 * x.radius() && x.midpoint().is_finite();
    if !certain(near) || !certain(far) {
        return 0.0;
    }
    let power = (far.midpoint() / near.midpoint()).log10() / (SHARES[0] / SHARES[1]).log10();
    let whole = power.round();
    if (power - whole).abs() < 0.05 && whole > 0.0 {
        whole
    } else {
        0.0
    }
}

/// Whether a component is a number, or on the diagonal of a square matrix.
fn diagonal(shapes: &Shapes, mut component: usize) -> bool {
    for &(rows, columns) in shapes {
        if component < rows * columns {
            return rows == columns && component % rows == component / rows;
        }
        component -= rows * columns;
    }
    false
}
