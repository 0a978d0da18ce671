//! One nest of inverses: its traces solve a small nonlinear system `τ = F(τ)`, followed from zero variance.
//!
//! A floor `δ` under every inverse makes the variance small compared with it: where `δ` is large, `F` contracts and its one fixed
//! point is the physical one. From there the root is followed as `δ` falls to 0, in `ln τ` against `ln δ`, by predictor
//! and Newton steps with `∂ tr G_jk / ∂S_il = tr G_ji G_lk`.

use super::components::{Between, Local, System};
use super::dense;
use super::error::PencilError;
use super::grid::Grid;
use super::linearise::Operator;
use super::model::Model;
use super::node::Space;
use super::turned::{Block, Family};

/// How little the loops may add where the path starts.
const CONTRACTION: f64 = 0.1;
const NEWTON_STEPS: usize = 12;
const PATH_STEPS: usize = 400;
/// Relative to a trace.
const CONVERGED: f64 = 1e-9;
const RESIDUAL: f64 = 1e-11;

pub(super) struct Component {
    spaces: Vec<Part>,
    /// The variables of spaces between which something rotates.
    turned: Option<Family>,
    /// Its unknowns, by their number in the system.
    pub unknowns: Vec<usize>,
}

/// The variables of one space.
struct Part {
    space: Space,
    variables: Vec<usize>,
    /// Row, column, coefficient, diagonal matrix.
    entries: Vec<(usize, usize, f64, Option<usize>)>,
    local: Local,
}

pub(super) struct Evaluation {
    traces: Vec<f64>,
    jacobian: Vec<f64>,
    floor_slope: Vec<f64>,
}

impl Component {
    pub fn new(system: &System, members: &[usize]) -> Self {
        let own = members.first().map(|&v| system.component_of[v]);
        let own = own.map_or_else(Between::default, |p| system.between(p, p));
        let turned = Family::new(system, members, &own);
        let mut spaces: Vec<Part> = Vec::new();
        for &v in members {
            if turned.as_ref().is_some_and(|family| family.holds(v)) {
                continue;
            }
            let space = system.space(v);
            match spaces.iter_mut().find(|p| p.space == space) {
                Some(part) => part.variables.push(v),
                None => spaces.push(Part {
                    space,
                    variables: vec![v],
                    entries: Vec::new(),
                    local: Local::default(),
                }),
            }
        }
        for part in &mut spaces {
            let at = |v: usize| part.variables.iter().position(|w| *w == v);
            for (i, &row) in part.variables.iter().enumerate() {
                for t in &system.network.rows[row] {
                    let diagonal = match t.operator {
                        Operator::Identity => None,
                        Operator::Diagonal(d) => Some(d.0),
                        Operator::Gaussian(..) | Operator::Rotation(..) => continue,
                    };
                    if let Some(j) = at(t.variable) {
                        part.entries.push((i, j, t.coefficient, diagonal));
                    }
                }
            }
            part.local = Local::of(system, &part.variables, &own);
        }
        Self {
            spaces,
            turned,
            unknowns: own.unknowns,
        }
    }

    /// What makes two components the same system: equal up to the names of their variables.
    pub fn signature(&self, system: &System) -> String {
        let mut text = self
            .turned
            .as_ref()
            .map_or_else(String::new, Family::signature);
        use std::fmt::Write;
        for part in &self.spaces {
            let entries: Vec<_> = part
                .entries
                .iter()
                .map(|(i, j, c, d)| (i, j, c.to_bits(), d))
                .collect();
            let couplings: Vec<_> = part
                .local
                .couplings
                .iter()
                .map(|(i, j, c, d, k)| (i, j, c.to_bits(), d, k))
                .collect();
            let weights: Vec<_> = self
                .unknowns
                .iter()
                .map(|&k| system.unknowns[k].weight)
                .collect();
            let _ = write!(
                text,
                "{:?}|{entries:?}|{:?}|{:?}|{couplings:?}|{weights:?};",
                part.space, part.local.floors, part.local.traces
            );
        }
        text
    }

    /// `G` on every level, a matrix after the other, for each space.
    pub fn inverse(
        &self,
        grid: &Grid,
        traces: &[f64],
        floor: f64,
    ) -> Option<Vec<(Space, Vec<usize>, Vec<f64>)>> {
        let mut pivots = Vec::new();
        let mut all = Vec::with_capacity(self.spaces.len());
        for part in &self.spaces {
            let n = part.variables.len();
            let levels = grid.multiplicity[part.space.0].len();
            let mut g = vec![0.0; n * n * levels];
            for (l, m) in g.chunks_exact_mut(n * n).enumerate() {
                part.mean(grid, l, traces, floor, m);
                dense::invert(m, n, &mut pivots)?;
            }
            all.push((part.space, part.variables.clone(), g));
        }
        Some(all)
    }

    /// The variables of spaces between which something rotates, and their `G`, block by block.
    pub fn turned_inverse(
        &self,
        grid: &Grid,
        traces: &[f64],
    ) -> Option<Option<(&[usize], Vec<Option<Block>>)>> {
        let Some(family) = &self.turned else {
            return Some(None);
        };
        let blocks = family.inverse(grid, traces, 0.0)?;
        Some(Some((&family.variables, blocks)))
    }

    fn evaluate(
        &self,
        grid: &Grid,
        weights: &[Vec<f64>],
        traces: &[f64],
        floor: f64,
    ) -> Option<Evaluation> {
        let m = self.unknowns.len();
        let mut found = Evaluation {
            traces: vec![0.0; m],
            jacobian: vec![0.0; m * m],
            floor_slope: vec![0.0; m],
        };
        if let Some(family) = &self.turned {
            let Evaluation {
                traces: sums,
                jacobian,
                floor_slope,
            } = &mut found;
            family.evaluate(
                grid,
                weights,
                (traces, floor),
                (sums, jacobian, floor_slope),
            )?;
        }
        let mut pivots = Vec::new();
        let mut g = Vec::new();
        for part in &self.spaces {
            let n = part.variables.len();
            g.resize(n * n, 0.0);
            for l in 0..grid.multiplicity[part.space.0].len() {
                part.mean(grid, l, traces, floor, &mut g);
                dense::invert(&mut g, n, &mut pivots)?;
                for &(i, j, k) in &part.local.traces {
                    let w = weights[k][l];
                    if w == 0.0 {
                        continue;
                    }
                    found.traces[k] += w * g[i * n + j];
                    for &f in &part.local.floors {
                        found.floor_slope[k] -= w * g[i * n + f] * g[f * n + j];
                    }
                    for &(a, e, c, d, other) in &part.local.couplings {
                        found.jacobian[k * m + other] +=
                            w * c * grid.diagonals[d][l] * g[i * n + a] * g[e * n + j];
                    }
                }
            }
        }
        let finite = found
            .traces
            .iter()
            .chain(&found.jacobian)
            .all(|x| x.is_finite());
        finite.then_some(found)
    }

    /// Follows the root to a floor of zero.
    ///
    /// Also the least pivot of `1 − ∂F/∂τ`: how far the root is from a threshold.
    pub fn solve(&self, model: &Model, system: &System) -> Result<(Vec<f64>, f64), PencilError> {
        if self.unknowns.is_empty() {
            return Ok((Vec::new(), 1.0));
        }
        let full = Grid::full(model);
        let path = match Grid::coarse(model) {
            Some(coarse) => {
                let start = self.followed(&coarse, &self.weights(&coarse, model, system))?;
                let weights = self.weights(&full, model, system);
                let polished = self.newton(&full, &weights, start, 0.0, 0.5);
                match polished {
                    Some(root) => Ok((root, weights)),
                    // The coarse levels were too coarse.
                    None => self.followed(&full, &weights).map(|root| (root, weights)),
                }
            }
            None => {
                let weights = self.weights(&full, model, system);
                self.followed(&full, &weights).map(|root| (root, weights))
            }
        };
        let (root, weights) = path?;
        self.polished(&full, &weights, root)
    }

    fn weights(&self, grid: &Grid, model: &Model, system: &System) -> Vec<Vec<f64>> {
        self.unknowns
            .iter()
            .map(|&k| grid.weights(model, &system.unknowns[k]))
            .collect()
    }

    fn followed(&self, grid: &Grid, weights: &[Vec<f64>]) -> Result<Vec<f64>, PencilError> {
        let (mut floor, mut traces) = self.start(grid, weights)?;
        let mut ratio = 8.0f64;
        let mut step = f64::NAN;
        for _ in 0..PATH_STEPS {
            let slopes = self
                .slopes(grid, weights, &traces, floor)
                .ok_or(PencilError::Critical)?;
            let steepest = relative(&slopes, &traces) * floor;
            if steepest < 0.05 {
                let guess: Vec<f64> = traces
                    .iter()
                    .zip(&slopes)
                    .map(|(t, s)| t - floor * s)
                    .collect();
                if let Some(root) = self.newton(grid, weights, guess.clone(), 0.0, 0.05)
                    && distance(&root, &guess) < 0.05
                {
                    return Ok(root);
                }
            }
            if floor < 1e-250 {
                break;
            }
            let next = floor / ratio;
            let guess: Vec<f64> = traces
                .iter()
                .zip(&slopes)
                .map(|(t, s)| {
                    if *t == 0.0 {
                        0.0
                    } else {
                        t * (-(s * floor / t) * ratio.ln()).clamp(-30.0, 30.0).exp()
                    }
                })
                .collect();
            step = ratio.ln();
            match self.newton(grid, weights, guess.clone(), next, 0.3) {
                Some(root) if distance(&root, &guess) < 0.3 => {
                    traces = root;
                    floor = next;
                    ratio = (ratio * ratio).min(1e4);
                }
                _ => {
                    ratio = ratio.sqrt();
                    if ratio < 1.01 {
                        break;
                    }
                }
            }
        }
        Err(PencilError::NotConverged { floor, step })
    }

    /// A floor so high that the loops hardly add anything, and the root there.
    fn start(&self, grid: &Grid, weights: &[Vec<f64>]) -> Result<(f64, Vec<f64>), PencilError> {
        let m = self.unknowns.len();
        let mut floor = 1.0;
        for _ in 0..60 {
            // Some traces are zero until others have passed their variance on.
            let mut traces = vec![0.0; m];
            let mut at = None;
            for _ in 0..m + 4 {
                let next = self.evaluate(grid, weights, &traces, floor);
                let Some(next) = next else { break };
                traces.clone_from(&next.traces);
                at = Some(next);
            }
            let Some(at) = at else {
                floor *= 16.0;
                continue;
            };
            if gain(&at.jacobian, &traces) <= CONTRACTION
                && let Some(root) = self.newton(grid, weights, traces, floor, 0.3)
            {
                return Ok((floor, root));
            }
            floor *= 16.0;
        }
        Err(PencilError::SingularMean)
    }

    /// Newton's method on `τ − F(τ)`; refuses a first step of more than `trust`, relative to the traces.
    fn newton(
        &self,
        grid: &Grid,
        weights: &[Vec<f64>],
        mut traces: Vec<f64>,
        floor: f64,
        trust: f64,
    ) -> Option<Vec<f64>> {
        let mut previous = f64::INFINITY;
        for count in 0..NEWTON_STEPS {
            let step = self.newton_step(grid, weights, &traces, floor)?;
            let size = relative(&step, &traces);
            if count == 0 && size > trust || size.is_nan() || count > 2 && size > previous {
                return None;
            }
            for (t, s) in traces.iter_mut().zip(&step) {
                *t += s;
            }
            if size < CONVERGED {
                return Some(traces);
            }
            previous = size;
        }
        None
    }

    fn newton_step(
        &self,
        grid: &Grid,
        weights: &[Vec<f64>],
        traces: &[f64],
        floor: f64,
    ) -> Option<Vec<f64>> {
        let at = self.evaluate(grid, weights, traces, floor)?;
        let mut residual: Vec<f64> = at.traces.iter().zip(traces).map(|(f, t)| f - t).collect();
        self.resolved(at.jacobian, &mut residual)?;
        Some(residual)
    }

    /// `dτ/dδ`
    fn slopes(
        &self,
        grid: &Grid,
        weights: &[Vec<f64>],
        traces: &[f64],
        floor: f64,
    ) -> Option<Vec<f64>> {
        let at = self.evaluate(grid, weights, traces, floor)?;
        let mut slope = at.floor_slope;
        self.resolved(at.jacobian, &mut slope)?;
        Some(slope)
    }

    /// `(1 − J)^{-1} b`
    fn resolved(&self, mut jacobian: Vec<f64>, b: &mut [f64]) -> Option<f64> {
        let m = self.unknowns.len();
        for (k, x) in jacobian.iter_mut().enumerate() {
            *x = f64::from(u8::from(k / m == k % m)) - *x;
        }
        dense::solve(&mut jacobian, m, b)
    }

    /// The last digits, and the residual that they leave.
    fn polished(
        &self,
        grid: &Grid,
        weights: &[Vec<f64>],
        mut traces: Vec<f64>,
    ) -> Result<(Vec<f64>, f64), PencilError> {
        let mut previous = f64::INFINITY;
        for _ in 0..4 {
            let Some(step) = self.newton_step(grid, weights, &traces, 0.0) else {
                return Err(PencilError::Critical);
            };
            let size = relative(&step, &traces);
            if size > 0.5 * previous {
                break;
            }
            for (t, s) in traces.iter_mut().zip(&step) {
                *t += s;
            }
            if size < 1e-15 {
                break;
            }
            previous = size;
        }
        let at = self
            .evaluate(grid, weights, &traces, 0.0)
            .ok_or(PencilError::SingularMean)?;
        let residual = distance(&at.traces, &traces);
        if residual > RESIDUAL {
            return Err(PencilError::Residual { residual });
        }
        let mut unused = at.floor_slope;
        let margin = self
            .resolved(at.jacobian, &mut unused)
            .ok_or(PencilError::Critical)?;
        Ok((traces, margin))
    }
}

impl Part {
    /// `L_0 + δ − S` on one level.
    fn mean(&self, grid: &Grid, level: usize, traces: &[f64], floor: f64, m: &mut [f64]) {
        let n = self.variables.len();
        m.fill(0.0);
        for &(i, j, c, d) in &self.entries {
            m[i * n + j] += match d {
                None => c,
                Some(d) => c * grid.diagonals[d][level],
            };
        }
        for &i in &self.local.floors {
            m[i * n + i] += floor;
        }
        for &(i, j, c, d, k) in &self.local.couplings {
            m[i * n + j] -= c * grid.diagonals[d][level] * traces[k];
        }
    }
}

/// How much a turn around the loops multiplies relative changes of the traces, from several turns.
fn gain(jacobian: &[f64], traces: &[f64]) -> f64 {
    let m = traces.len();
    let turns = 2 * m + 6;
    let mut v = vec![1.0; m];
    let mut log = 0.0;
    for _ in 0..turns {
        let next: Vec<f64> = (0..m)
            .map(|k| {
                if traces[k] == 0.0 {
                    return 0.0;
                }
                let sum: f64 = (0..m)
                    .map(|o| (jacobian[k * m + o] * traces[o]).abs() * v[o])
                    .sum();
                sum / traces[k].abs()
            })
            .collect();
        let largest = next.iter().fold(0.0, |a: f64, b| a.max(*b));
        if largest == 0.0 {
            return 0.0;
        }
        log += largest.ln();
        v = next.iter().map(|x| x / largest).collect();
    }
    (log / turns as f64).exp()
}

/// The largest of `|step/value|`.
fn relative(step: &[f64], values: &[f64]) -> f64 {
    step.iter()
        .zip(values)
        .map(|(s, v)| if *s == 0.0 { 0.0 } else { (s / v).abs() })
        .fold(
            0.0,
            |a: f64, b| if b.is_nan() { f64::NAN } else { a.max(b) },
        )
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    let difference: Vec<f64> = a.iter().zip(b).map(|(x, y)| x - y).collect();
    relative(&difference, b)
}
