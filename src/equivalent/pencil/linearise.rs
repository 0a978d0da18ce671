//! Expressions as one linear system `L z = source` in which Gaussian matrices stand alone.
//!
//! Every intermediate vector is a variable with an equation of its own; an inverse `y = f^{-1}x` is the equation `f y = x`. So
//! `f` applied to a source is a block of `L^{-1}`, and what is applied twice to the same vector is written once. A fit
//! is written on the side that stays regular without a ridge:
//!
//! ```text
//!   rows determine everything:    D y − B'z = x,   z + B y = ℓ        y = R x + R B'ℓ
//!   rows do not:                  y + B'z = x,   λ z − B y = ℓ        y = λR x − R B'ℓ
//! ```

use std::collections::HashMap;

use super::error::PencilError;
use super::expression::ROUNDING;
use super::model::Model;
use super::node::{Diagonal, Expression, FitId, Gaussian, Node, Part, Penalty, Rotation, Space};

/// More blocks than this come from no expression that a person wrote.
const MOST_BLOCKS: usize = 400;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Operator {
    Identity,
    Diagonal(Diagonal),
    Gaussian(Gaussian, bool),
    Rotation(Rotation, bool),
}

impl Operator {
    /// Whether it is a number on every level.
    pub fn is_diagonal(self) -> bool {
        matches!(self, Self::Identity | Self::Diagonal(_))
    }
}

/// `coefficient · operator · variable`
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Term {
    pub coefficient: f64,
    pub operator: Operator,
    pub variable: usize,
}

pub(super) type Signal = Vec<Term>;

/// The equations; row `i` is that of variable `i`.
#[derive(Clone, Debug, Default)]
pub(super) struct Network {
    pub space: Vec<Space>,
    pub rows: Vec<Vec<Term>>,
    /// Where a floor can be laid under an inverse.
    pub floors: Vec<usize>,
    pub sources: HashMap<Space, usize>,
}

type Key = Vec<(u64, Operator, usize)>;

fn key(signal: &Signal) -> Key {
    signal
        .iter()
        .map(|t| (t.coefficient.to_bits(), t.operator, t.variable))
        .collect()
}

/// Builds a network.
pub(super) struct Linearise<'m> {
    pub model: &'m mut Model,
    pub network: Network,
    applied: HashMap<(Expression, Key), Signal>,
    named: HashMap<Key, usize>,
    fitted: HashMap<(FitId, Option<usize>, Key), (usize, Vec<usize>)>,
    smoothers: Vec<Smoother>,
}

/// A smoother as what its fit leaves, `A x = x − c y`, and as what the rows explain, `±B'z`: the first cancels against `x`, the
/// second keeps its digits where it is small.
struct Smoother {
    x: Signal,
    y: usize,
    remainder: f64,
    /// `B'z`, and the sign with which the equation of `y` holds it.
    explained: Signal,
    sign: f64,
    named: Option<usize>,
}

impl<'m> Linearise<'m> {
    pub fn new(model: &'m mut Model) -> Self {
        Self {
            model,
            network: Network::default(),
            applied: HashMap::new(),
            named: HashMap::new(),
            fitted: HashMap::new(),
            smoothers: Vec::new(),
        }
    }

    fn variable(&mut self, space: Space) -> Result<usize, PencilError> {
        if self.network.space.len() >= MOST_BLOCKS {
            return Err(PencilError::TooLarge { most: MOST_BLOCKS });
        }
        self.network.space.push(space);
        self.network.rows.push(Vec::new());
        Ok(self.network.space.len() - 1)
    }

    /// The vector that enters from outside.
    pub fn source(&mut self, space: Space) -> Result<usize, PencilError> {
        if let Some(&known) = self.network.sources.get(&space) {
            return Ok(known);
        }
        let x = self.variable(space)?;
        self.network.rows[x] = unit(x);
        self.network.sources.insert(space, x);
        Ok(x)
    }

    /// `e` applied to the source of its column space, without matrices that have not been multiplied out.
    pub fn output(&mut self, e: Expression) -> Result<Signal, PencilError> {
        let x = self.source(self.model.columns(e))?;
        let signal = self.apply(e, &unit(x))?;
        let signal = self.explained(signal)?;
        if signal.iter().all(|t| t.operator.is_diagonal()) {
            return Ok(signal);
        }
        let space = self.model.rows(e);
        Ok(unit(self.materialised(&signal, space)?))
    }

    fn materialised(&mut self, signal: &Signal, space: Space) -> Result<usize, PencilError> {
        if let [
            Term {
                coefficient: 1.0,
                operator: Operator::Identity,
                variable,
            },
        ] = signal.as_slice()
        {
            return Ok(*variable);
        }
        if let Some(&known) = self.named.get(&key(signal)) {
            return Ok(known);
        }
        let short = self.explained(signal.clone())?;
        let v = match short.as_slice() {
            [
                Term {
                    coefficient: 1.0,
                    operator: Operator::Identity,
                    variable,
                },
            ] => *variable,
            _ => {
                let v = self.variable(space)?;
                self.network.rows[v] = collected(plus(unit(v), -1.0, &short));
                v
            }
        };
        self.named.insert(key(signal), v);
        Ok(v)
    }

    /// Every `x − c y` that is a smoother's, or a diagonal matrix times it, written as what its rows explain.
    fn explained(&mut self, mut signal: Signal) -> Result<Signal, PencilError> {
        'again: loop {
            for at in 0..self.smoothers.len() {
                let (y, remainder) = (self.smoothers[at].y, self.smoothers[at].remainder);
                for of_y in signal.clone() {
                    if of_y.variable != y || !of_y.operator.is_diagonal() {
                        continue;
                    }
                    let factor = -of_y.coefficient / remainder;
                    let x = self.smoothers[at].x.clone();
                    let x = self.operated(of_y.operator, x);
                    let mut rest = plus(signal.clone(), -factor, &x);
                    rest.retain(|t| *t != of_y);
                    let rest = collected(rest);
                    if rest.len() + x.len() + 1 != signal.len() {
                        continue;
                    }
                    let v = self.explained_variable(at)?;
                    let v = self.operated(of_y.operator, unit(v));
                    signal = collected(plus(rest, factor, &v));
                    continue 'again;
                }
            }
            return Ok(signal);
        }
    }

    /// A deterministic operator on terms that hold diagonal matrices alone.
    fn operated(&mut self, operator: Operator, signal: Signal) -> Signal {
        let Operator::Diagonal(d) = operator else {
            return signal;
        };
        signal
            .into_iter()
            .map(|t| Term {
                operator: self.times_diagonal(d, t.operator),
                ..t
            })
            .collect()
    }

    fn explained_variable(&mut self, at: usize) -> Result<usize, PencilError> {
        if let Some(known) = self.smoothers[at].named {
            return Ok(known);
        }
        let space = self.network.space[self.smoothers[at].y];
        let v = self.variable(space)?;
        let Smoother {
            y,
            explained,
            sign,
            named,
            ..
        } = &mut self.smoothers[at];
        *named = Some(v);
        // v = ±B'z, and the equation of y holds v in its place.
        self.network.rows[v] = collected(plus(unit(v), -*sign, explained));
        let of_y = std::mem::take(&mut self.network.rows[*y]);
        let without = plus(of_y, -*sign, explained);
        self.network.rows[*y] = collected(plus(without, 1.0, &unit(v)));
        Ok(v)
    }

    fn apply(&mut self, e: Expression, signal: &Signal) -> Result<Signal, PencilError> {
        let Some(first) = signal.first() else {
            return Ok(Vec::new());
        };
        // Multiples share their networks.
        let lead = first.coefficient;
        if lead != 1.0 {
            let unscaled: Signal = scaled(signal, 1.0 / lead);
            return Ok(scaled(&self.apply(e, &unscaled)?, lead));
        }
        let memo = (e, key(signal));
        if let Some(known) = self.applied.get(&memo) {
            return Ok(known.clone());
        }
        let found = self.applied_anew(e, signal)?;
        self.applied.insert(memo, found.clone());
        Ok(found)
    }

    fn applied_anew(&mut self, e: Expression, signal: &Signal) -> Result<Signal, PencilError> {
        let columns = self.model.columns(e);
        Ok(match self.model.node(e).clone() {
            Node::Zero(..) => Vec::new(),
            Node::Diagonal(d) => {
                let values = self.model.values(d);
                if values.iter().all(|x| *x == values[0]) {
                    return Ok(scaled(signal, values[0]));
                }
                let plain = if signal.iter().all(|t| t.operator.is_diagonal()) {
                    signal.clone()
                } else {
                    unit(self.materialised(signal, columns)?)
                };
                self.operated(Operator::Diagonal(d), plain)
            }
            Node::Gaussian(g, transposed) => {
                let v = self.materialised(signal, columns)?;
                vec![Term {
                    coefficient: 1.0,
                    operator: Operator::Gaussian(g, transposed),
                    variable: v,
                }]
            }
            Node::Rotation(r, transposed) => {
                let v = self.materialised(signal, columns)?;
                vec![Term {
                    coefficient: 1.0,
                    operator: Operator::Rotation(r, transposed),
                    variable: v,
                }]
            }
            Node::Sum(terms) => {
                let mut total = Vec::new();
                for (bits, term) in terms {
                    let part = self.apply(term, signal)?;
                    total = plus(total, f64::from_bits(bits), &part);
                }
                collected(total)
            }
            Node::Product(factors) => {
                let mut signal = signal.clone();
                for factor in factors.iter().rev() {
                    signal = self.apply(*factor, &signal)?;
                }
                signal
            }
            Node::Inverse(inner) => {
                let y = self.variable(columns)?;
                self.network.floors.push(y);
                let unit_of_y = self.model.unit;
                let image = self.apply(inner, &unit(y))?;
                let image = scaled(&image, unit_of_y);
                self.network.rows[y] = collected(plus(image, -1.0, signal));
                scaled(&unit(y), unit_of_y)
            }
            Node::Fit(f, part) => self.fit(f, part, signal)?,
        })
    }

    fn times_diagonal(&mut self, d: Diagonal, operator: Operator) -> Operator {
        match operator {
            Operator::Diagonal(other) => {
                let values = self.model.values(d).iter().zip(self.model.values(other));
                let values = values.map(|(x, y)| x * y).collect();
                let space = self.model.diagonals[d.0].0;
                Operator::Diagonal(self.model.diagonal(space, values))
            }
            _ => Operator::Diagonal(d),
        }
    }

    fn fit(&mut self, f: FitId, part: Part, signal: &Signal) -> Result<Signal, PencilError> {
        let fit = self.model.fits[f.0].clone();
        let scale2 = self.fit_scale(f);
        let root = scale2.sqrt();
        let labels = match part {
            Part::Labels(i) => Some(i),
            Part::Hat => Some(0),
            _ => None,
        };
        let (y, z) = self.fit_network(f, labels, signal)?;
        let weight = |i: usize| 1.0 / (fit.parts[i].1 / root * scale2);
        let sign = if fit.by_rows { -1.0 } else { 1.0 };
        Ok(match (part, fit.penalty) {
            (Part::Resolvent, Penalty::Ridge(lambda)) if fit.by_rows => {
                scaled(&unit(y), 1.0 / lambda)
            }
            (Part::Resolvent, _) => scaled(&unit(y), 1.0 / scale2),
            (Part::Smoother, Penalty::Ridge(lambda)) => {
                let remainder = if fit.by_rows { 1.0 } else { lambda / scale2 };
                let known = self.smoothers.iter().any(|s| s.y == y);
                if !known {
                    let mut explained = Vec::new();
                    for (i, (b, c)) in fit.parts.iter().enumerate() {
                        let transposed = self.model.transpose(*b);
                        let back = self.apply(transposed, &unit(z[i]))?;
                        explained = plus(explained, c / root, &back);
                    }
                    self.smoothers.push(Smoother {
                        x: signal.clone(),
                        y,
                        remainder,
                        explained: collected(explained),
                        sign: -sign,
                        named: None,
                    });
                }
                collected(plus(signal.clone(), -remainder, &unit(y)))
            }
            (Part::Smoother, Penalty::Diagonal(_)) => return Err(PencilError::SingularMean),
            (Part::Hat, penalty) => {
                // B R B' ℓ = (ℓ − z)/c² by the second equation, or (ℓ − λ z)/c².
                let remainder = match penalty {
                    Penalty::Ridge(lambda) if fit.by_rows => lambda / scale2,
                    _ => 1.0,
                };
                if !self.smoothers.iter().any(|s| s.y == z[0]) {
                    let image = self.apply(fit.parts[0].0, &unit(y))?;
                    self.smoothers.push(Smoother {
                        x: signal.clone(),
                        y: z[0],
                        remainder,
                        explained: scaled(&image, fit.parts[0].1 / root),
                        sign,
                        named: None,
                    });
                }
                let left = collected(plus(signal.clone(), -remainder, &unit(z[0])));
                scaled(&left, 1.0 / (fit.parts[0].1 * fit.parts[0].1))
            }
            (Part::Labels(i), _) => scaled(&unit(y), sign * weight(i)),
            (Part::LabelsTransposed(i), _) => scaled(&unit(z[i]), -sign * weight(i)),
        })
    }

    /// What `B'B` is divided by, so that its size is one.
    fn fit_scale(&self, f: FitId) -> f64 {
        if !self.model.scaled_fits {
            return 1.0;
        }
        let parts = &self.model.fits[f.0].parts;
        let size = |b: Expression| {
            self.model
                .dimension(self.model.rows(b))
                .min(self.model.dimension(self.model.columns(b)))
        };
        parts
            .iter()
            .map(|(b, c)| c * c * size(*b))
            .sum::<f64>()
            .clamp(1e-200, 1e200)
            * self.model.unit
    }

    fn fit_network(
        &mut self,
        f: FitId,
        labels: Option<usize>,
        signal: &Signal,
    ) -> Result<(usize, Vec<usize>), PencilError> {
        let memo = (f, labels, key(signal));
        if let Some(known) = self.fitted.get(&memo) {
            return Ok(known.clone());
        }
        let fit = self.model.fits[f.0].clone();
        let scale2 = self.fit_scale(f);
        let root = scale2.sqrt();
        let y = self.variable(fit.space)?;
        let mut z = Vec::with_capacity(fit.parts.len());
        for (b, _) in &fit.parts {
            z.push(self.variable(self.model.rows(*b))?);
        }
        let (mut of_y, to_z, ridge_of_z) = match (fit.by_rows, fit.penalty) {
            (true, Penalty::Ridge(lambda)) => (unit(y), -1.0, Some(lambda / scale2)),
            (_, Penalty::Ridge(0.0)) => (Vec::new(), 1.0, None),
            (_, Penalty::Ridge(lambda)) => (scaled(&unit(y), lambda / scale2), 1.0, None),
            (_, Penalty::Diagonal(d)) => {
                let values = self.model.values(d).iter().map(|x| x / scale2).collect();
                let d = self.model.diagonal(fit.space, values);
                let term = Term {
                    coefficient: 1.0,
                    operator: Operator::Diagonal(d),
                    variable: y,
                };
                (vec![term], 1.0, None)
            }
        };
        if ridge_of_z.is_none() {
            self.network.floors.push(y);
        }
        for (i, (b, c)) in fit.parts.iter().enumerate() {
            let c = c / root;
            let transposed = self.model.transpose(*b);
            let back = self.apply(transposed, &unit(z[i]))?;
            of_y = plus(of_y, -to_z * c, &back);
            let image = self.apply(*b, &unit(y))?;
            let mut of_z = match ridge_of_z {
                None => unit(z[i]),
                Some(lambda) => {
                    self.network.floors.push(z[i]);
                    let ridge = scaled(&unit(z[i]), lambda);
                    plus(ridge, 1.0, &self.idle_rows(*b, z[i]))
                }
            };
            of_z = plus(of_z, to_z * c, &image);
            if labels == Some(i) {
                of_z = plus(of_z, -1.0, signal);
            }
            self.network.rows[z[i]] = collected(of_z);
        }
        if labels.is_none() {
            of_y = plus(of_y, -1.0, signal);
        }
        self.network.rows[y] = collected(of_y);
        self.fitted.insert(memo, (y, z.clone()));
        Ok((y, z))
    }

    /// One on the rows that are zero, where nothing else would hold `z`.
    fn idle_rows(&mut self, b: Expression, z: usize) -> Signal {
        let support = self.model.row_support(b);
        if support.iter().all(|x| *x) {
            return Vec::new();
        }
        let values = support.iter().map(|x| f64::from(u8::from(!*x))).collect();
        let idle = self.model.diagonal(self.model.rows(b), values);
        vec![Term {
            coefficient: 1.0,
            operator: Operator::Diagonal(idle),
            variable: z,
        }]
    }
}

pub(super) fn unit(variable: usize) -> Signal {
    vec![Term {
        coefficient: 1.0,
        operator: Operator::Identity,
        variable,
    }]
}

fn scaled(signal: &Signal, factor: f64) -> Signal {
    signal
        .iter()
        .map(|t| Term {
            coefficient: t.coefficient * factor,
            ..*t
        })
        .filter(|t| t.coefficient != 0.0)
        .collect()
}

fn plus(mut a: Signal, factor: f64, b: &Signal) -> Signal {
    a.extend(scaled(b, factor));
    a
}

/// Equal terms added, in the order of their variables.
fn collected(signal: Signal) -> Signal {
    let mut sum: Signal = Vec::with_capacity(signal.len());
    for term in signal {
        let twin = sum
            .iter_mut()
            .find(|t| t.operator == term.operator && t.variable == term.variable);
        match twin {
            Some(twin) => {
                let size = twin.coefficient.abs().max(term.coefficient.abs());
                twin.coefficient += term.coefficient;
                if twin.coefficient.abs() <= ROUNDING * size {
                    twin.coefficient = 0.0;
                }
            }
            None => sum.push(term),
        }
    }
    sum.retain(|t| t.coefficient != 0.0);
    sum.sort_by_key(|t| (t.variable, t.operator));
    sum
}
