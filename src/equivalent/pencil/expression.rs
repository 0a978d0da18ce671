//! Rational expressions in Gaussian and deterministic matrices, each kept once and in a normal form.
//!
//! Scalars stand in sums only, products are flat, neighbouring deterministic matrices are one, and what a fit cancels is
//! cancelled: `R B'` is the fit's weights of labels, `R B' B` its smoother.

use super::error::PencilError;
use super::model::Model;
use super::node::{Diagonal, Expression, FitId, Gaussian, Node, Part, Penalty, Rotation, Space};

/// Coefficients are products of a few factors: what is left of two that cancel up to this is rounding.
pub(super) const ROUNDING: f64 = 8.0 * f64::EPSILON;

impl Model {
    pub(super) fn intern(&mut self, node: Node) -> Expression {
        let next = Expression(self.nodes.len());
        let found = *self.node_index.entry(node.clone()).or_insert(next);
        if found == next {
            self.nodes.push(node);
        }
        found
    }

    pub(super) fn node(&self, e: Expression) -> &Node {
        &self.nodes[e.0]
    }

    pub fn of_gaussian(&mut self, g: Gaussian) -> Expression {
        self.intern(Node::Gaussian(g, false))
    }

    pub fn of_diagonal(&mut self, d: Diagonal) -> Expression {
        let (space, values) = &self.diagonals[d.0];
        if values.iter().all(|x| *x == 0.0) {
            let space = *space;
            return self.intern(Node::Zero(space, space));
        }
        self.intern(Node::Diagonal(d))
    }

    pub fn of_rotation(&mut self, r: Rotation) -> Expression {
        self.intern(Node::Rotation(r, false))
    }

    pub fn identity(&mut self, space: Space) -> Expression {
        let one = self.constant(space, 1.0);
        self.of_diagonal(one)
    }

    pub fn zero(&mut self, rows: Space, columns: Space) -> Expression {
        self.intern(Node::Zero(rows, columns))
    }

    /// `c` of `c I`.
    pub fn multiple_of_identity(&self, e: Expression) -> Option<f64> {
        let (scale, core) = self.split(e);
        let values = self.values(self.as_diagonal(core)?);
        let same = values.iter().all(|x| *x == values[0]);
        same.then(|| scale * values[0])
    }

    pub(super) fn as_diagonal(&self, e: Expression) -> Option<Diagonal> {
        match self.node(e) {
            Node::Diagonal(d) => Some(*d),
            _ => None,
        }
    }

    pub fn is_zero(&self, e: Expression) -> bool {
        matches!(self.node(e), Node::Zero(..))
    }

    pub fn rows(&self, e: Expression) -> Space {
        match self.node(e) {
            Node::Zero(rows, _) => *rows,
            Node::Diagonal(d) => self.diagonals[d.0].0,
            Node::Gaussian(g, false) => self.gaussians[g.0].rows,
            Node::Gaussian(g, true) => self.gaussians[g.0].columns,
            Node::Rotation(r, false) => self.rotations[r.0].rows,
            Node::Rotation(r, true) => self.rotations[r.0].columns,
            Node::Sum(terms) => self.rows(terms[0].1),
            Node::Product(factors) => self.rows(factors[0]),
            Node::Fit(f, part) => match part {
                Part::LabelsTransposed(i) => self.rows(self.fits[f.0].parts[*i].0),
                Part::Hat => self.rows(self.fits[f.0].parts[0].0),
                _ => self.fits[f.0].space,
            },
            Node::Inverse(inner) => self.columns(*inner),
        }
    }

    pub fn columns(&self, e: Expression) -> Space {
        match self.node(e) {
            Node::Zero(_, columns) => *columns,
            Node::Diagonal(d) => self.diagonals[d.0].0,
            Node::Gaussian(g, false) => self.gaussians[g.0].columns,
            Node::Gaussian(g, true) => self.gaussians[g.0].rows,
            Node::Rotation(r, false) => self.rotations[r.0].columns,
            Node::Rotation(r, true) => self.rotations[r.0].rows,
            Node::Sum(terms) => self.columns(terms[0].1),
            Node::Product(factors) => self.columns(factors[factors.len() - 1]),
            Node::Fit(f, part) => match part {
                Part::Labels(i) => self.rows(self.fits[f.0].parts[*i].0),
                Part::Hat => self.rows(self.fits[f.0].parts[0].0),
                _ => self.fits[f.0].space,
            },
            Node::Inverse(inner) => self.rows(*inner),
        }
    }

    /// The summands with their coefficients.
    pub(super) fn terms(&self, e: Expression) -> Vec<(f64, Expression)> {
        match self.node(e) {
            Node::Zero(..) => Vec::new(),
            Node::Sum(terms) => terms
                .iter()
                .map(|(bits, term)| (f64::from_bits(*bits), *term))
                .collect(),
            _ => vec![(1.0, e)],
        }
    }

    /// A scalar factor, and the rest.
    pub(super) fn split(&self, e: Expression) -> (f64, Expression) {
        match self.node(e) {
            Node::Sum(terms) if terms.len() == 1 => (f64::from_bits(terms[0].0), terms[0].1),
            _ => (1.0, e),
        }
    }

    pub(super) fn factors(&self, e: Expression) -> Vec<Expression> {
        match self.node(e) {
            Node::Product(factors) => factors.clone(),
            _ => vec![e],
        }
    }

    pub fn scaled(&mut self, factor: f64, e: Expression) -> Expression {
        let terms: Vec<(f64, Expression)> = self
            .terms(e)
            .into_iter()
            .map(|(c, term)| (c * factor, term))
            .collect();
        let (rows, columns) = (self.rows(e), self.columns(e));
        self.collected(rows, columns, terms)
    }

    /// `Σ c_i e_i`
    pub fn sum(&mut self, terms: &[(f64, Expression)]) -> Result<Expression, PencilError> {
        let (rows, columns) = (self.rows(terms[0].1), self.columns(terms[0].1));
        let mut all = Vec::new();
        for &(c, e) in terms {
            let (r, k) = (self.rows(e), self.columns(e));
            if r != rows || k != columns {
                return Err(PencilError::Spaces {
                    left: self.dimension(columns),
                    right: self.dimension(if r == rows { k } else { r }),
                });
            }
            all.extend(self.terms(e).into_iter().map(|(b, term)| (b * c, term)));
        }
        Ok(self.collected(rows, columns, all))
    }

    fn collected(
        &mut self,
        rows: Space,
        columns: Space,
        terms: Vec<(f64, Expression)>,
    ) -> Expression {
        let mut diagonal: Option<Vec<(f64, f64)>> = None;
        let mut rest: Vec<(f64, Expression)> = Vec::new();
        let mut sizes: Vec<f64> = Vec::new();
        for (c, term) in terms {
            if let Some(d) = self.as_diagonal(term) {
                let values = self.values(d);
                let sum = diagonal.get_or_insert_with(|| vec![(0.0, 0.0); values.len()]);
                for ((sum, size), x) in sum.iter_mut().zip(values) {
                    *sum += c * x;
                    *size = f64::max(*size, (c * x).abs());
                }
                continue;
            }
            match rest.iter().position(|(_, other)| *other == term) {
                Some(at) => {
                    rest[at].0 += c;
                    sizes[at] = f64::max(sizes[at], c.abs());
                }
                None => {
                    rest.push((c, term));
                    sizes.push(c.abs());
                }
            }
        }
        // What cancels but for rounding cancels.
        let kept = |sum: f64, size: f64| {
            if sum.abs() <= ROUNDING * size {
                0.0
            } else {
                sum
            }
        };
        for ((total, _), size) in rest.iter_mut().zip(&sizes) {
            *total = kept(*total, *size);
        }
        let diagonal: Option<Vec<f64>> = diagonal.map(|values| {
            values
                .into_iter()
                .map(|(sum, size)| kept(sum, size))
                .collect()
        });
        self.gather_smoothers(&mut rest);
        rest.retain(|(c, _)| *c != 0.0);
        if let Some(values) = diagonal.filter(|v| v.iter().any(|x| *x != 0.0)) {
            let d = self.diagonal(rows, values);
            rest.push((1.0, self.of_diagonal(d)));
        }
        match rest.as_slice() {
            [] => self.zero(rows, columns),
            [(1.0, only)] => *only,
            _ => {
                rest.sort_by_key(|(_, e)| *e);
                let terms = rest.into_iter().map(|(c, e)| (c.to_bits(), e)).collect();
                self.intern(Node::Sum(terms))
            }
        }
    }

    /// `Σ_i c_i² R B_i' B_i` of a fit of several parts is its smoother.
    fn gather_smoothers(&mut self, terms: &mut Vec<(f64, Expression)>) {
        let mut at = 0;
        while at < terms.len() {
            let factors = self.factors(terms[at].1);
            let Node::Fit(f, Part::Labels(0)) = *self.node(factors[0]) else {
                at += 1;
                continue;
            };
            let fit = self.fits[f.0].clone();
            if fit.parts.len() < 2 || !matches!(fit.penalty, Penalty::Ridge(_)) {
                at += 1;
                continue;
            }
            let first = self.factors(fit.parts[0].0);
            if !factors[1..].starts_with(&first) {
                at += 1;
                continue;
            }
            let tail = factors[1 + first.len()..].to_vec();
            let weight = terms[at].0 / (fit.parts[0].1 * fit.parts[0].1);
            let mut found = Vec::new();
            for (i, (core, c)) in fit.parts.iter().enumerate() {
                let mut wanted = vec![self.fitted(f, Part::Labels(i))];
                wanted.extend(self.factors(*core));
                wanted.extend_from_slice(&tail);
                let wanted = self.intern(Node::Product(wanted));
                let place = terms.iter().position(|(k, e)| {
                    *e == wanted && (k - weight * c * c).abs() <= 1e-14 * k.abs()
                });
                found.extend(place);
            }
            if found.len() < fit.parts.len() {
                at += 1;
                continue;
            }
            let mut whole = vec![self.smoother(f)];
            whole.extend_from_slice(&tail);
            let (scale, whole) = self.multiplied(whole);
            found.sort_unstable();
            for place in found.into_iter().rev() {
                terms.remove(place);
            }
            terms.push((weight * scale, whole));
            at = 0;
        }
    }

    pub(super) fn fitted(&mut self, fit: FitId, part: Part) -> Expression {
        self.intern(Node::Fit(fit, part))
    }

    pub(super) fn smoother(&mut self, f: FitId) -> Expression {
        let fit = &self.fits[f.0];
        if fit.penalty == Penalty::Ridge(0.0) && !fit.by_rows {
            let space = fit.space;
            return self.identity(space);
        }
        self.fitted(f, Part::Smoother)
    }

    /// The product, left to right.
    pub fn product(&mut self, factors: &[Expression]) -> Result<Expression, PencilError> {
        let mut flat = Vec::new();
        let mut scale = 1.0;
        for pair in factors.windows(2) {
            let (left, right) = (self.columns(pair[0]), self.rows(pair[1]));
            if left != right {
                return Err(PencilError::Spaces {
                    left: self.dimension(left),
                    right: self.dimension(right),
                });
            }
        }
        let (rows, columns) = (
            self.rows(factors[0]),
            self.columns(factors[factors.len() - 1]),
        );
        for &factor in factors {
            if self.is_zero(factor) {
                return Ok(self.zero(rows, columns));
            }
            let (c, core) = self.split(factor);
            scale *= c;
            flat.extend(self.factors(core));
        }
        let (c, product) = self.multiplied(flat);
        Ok(self.scaled(scale * c, product))
    }

    /// Something of the same trace, in which deterministic factors at both ends are one.
    pub fn cycled(&mut self, e: Expression) -> Result<Expression, PencilError> {
        let mut terms = Vec::new();
        for (c, term) in self.terms(e) {
            let mut factors = self.factors(term);
            if factors.len() > 1 && self.as_diagonal(factors[0]).is_some() {
                factors.rotate_left(1);
            }
            terms.push((c, self.product(&factors)?));
        }
        if terms.is_empty() {
            return Ok(e);
        }
        self.sum(&terms)
    }

    /// The normal form of a product of nonzero factors.
    fn multiplied(&mut self, mut list: Vec<Expression>) -> (f64, Expression) {
        let rows = self.rows(list[0]);
        let mut scale = 1.0;
        while let Some((range, factor, replacement)) = self.reduction(&list) {
            scale *= factor;
            list.splice(range, replacement);
        }
        match list.len() {
            0 => {
                let identity = self.identity(rows);
                (scale, identity)
            }
            1 => {
                let (c, core) = self.split(list[0]);
                (scale * c, core)
            }
            _ => (scale, self.intern(Node::Product(list))),
        }
    }

    pub fn transpose(&mut self, e: Expression) -> Expression {
        match self.node(e).clone() {
            Node::Zero(rows, columns) => self.zero(columns, rows),
            Node::Diagonal(_) => e,
            Node::Gaussian(g, flag) => self.intern(Node::Gaussian(g, !flag)),
            Node::Rotation(r, flag) => self.intern(Node::Rotation(r, !flag)),
            Node::Sum(terms) => {
                let (rows, columns) = (self.rows(e), self.columns(e));
                let terms = terms
                    .iter()
                    .map(|(bits, term)| (f64::from_bits(*bits), self.transpose(*term)))
                    .collect();
                self.collected(columns, rows, terms)
            }
            Node::Product(factors) => {
                let factors = factors.iter().rev().map(|f| self.transpose(*f)).collect();
                self.intern(Node::Product(factors))
            }
            Node::Fit(f, part) => {
                let part = match part {
                    Part::Labels(i) => Part::LabelsTransposed(i),
                    Part::LabelsTransposed(i) => Part::Labels(i),
                    symmetric => symmetric,
                };
                self.fitted(f, part)
            }
            Node::Inverse(inner) => {
                let inner = self.transpose(inner);
                self.intern(Node::Inverse(inner))
            }
        }
    }

    /// The rank for almost every draw.
    pub(super) fn rank(&self, e: Expression) -> f64 {
        match self.node(e) {
            Node::Zero(..) => 0.0,
            Node::Diagonal(d) => self.support(*d),
            Node::Gaussian(g, _) => {
                let law = &self.gaussians[g.0];
                self.support(law.row_covariance)
                    .min(self.support(law.column_covariance))
            }
            Node::Sum(terms) => {
                let total: f64 = terms.iter().map(|(_, t)| self.rank(*t)).sum();
                total
                    .min(self.dimension(self.rows(e)))
                    .min(self.dimension(self.columns(e)))
            }
            Node::Product(factors) => factors
                .iter()
                .map(|f| self.rank(*f))
                .fold(f64::INFINITY, f64::min),
            Node::Fit(f, part) => {
                let fit = &self.fits[f.0];
                let whole = self.dimension(fit.space);
                match part {
                    Part::Resolvent => whole,
                    Part::Smoother => {
                        let total: f64 = fit.parts.iter().map(|(b, _)| self.rank(*b)).sum();
                        total.min(whole)
                    }
                    Part::Labels(i) | Part::LabelsTransposed(i) => self.rank(fit.parts[*i].0),
                    Part::Hat => self.rank(fit.parts[0].0),
                }
            }
            Node::Rotation(..) | Node::Inverse(_) => self.dimension(self.rows(e)),
        }
    }

    /// Which levels of the row space an expression reaches.
    pub(super) fn row_support(&self, e: Expression) -> Vec<bool> {
        let of = |d: Diagonal| self.values(d).iter().map(|x| *x != 0.0).collect();
        match self.node(e) {
            Node::Zero(rows, _) => vec![false; self.levels(*rows)],
            Node::Diagonal(d) => of(*d),
            Node::Gaussian(g, false) => of(self.gaussians[g.0].row_covariance),
            Node::Gaussian(g, true) => of(self.gaussians[g.0].column_covariance),
            Node::Sum(terms) => {
                let mut any = vec![false; self.levels(self.rows(e))];
                for (_, term) in terms {
                    for (any, x) in any.iter_mut().zip(self.row_support(*term)) {
                        *any |= x;
                    }
                }
                any
            }
            Node::Product(factors) => match self.node(factors[0]) {
                // A diagonal matrix in front may cut more away.
                Node::Diagonal(d) => {
                    let rest = self.row_support(factors[1]);
                    let cut: Vec<bool> = of(*d);
                    cut.into_iter().zip(rest).map(|(a, b)| a && b).collect()
                }
                _ => self.row_support(factors[0]),
            },
            Node::Fit(f, Part::LabelsTransposed(i)) => self.row_support(self.fits[f.0].parts[*i].0),
            Node::Fit(f, Part::Hat) => self.row_support(self.fits[f.0].parts[0].0),
            _ => vec![true; self.levels(self.rows(e))],
        }
    }

    pub(super) fn support_of_rows(&self, e: Expression) -> f64 {
        let levels = &self.spaces[self.rows(e).0];
        let lost: f64 = levels
            .multiplicity
            .iter()
            .zip(self.row_support(e))
            .zip(&levels.position)
            .filter(|((_, reached), position)| !reached && **position != 0.0)
            .map(|((m, _), _)| m)
            .sum();
        levels.dimension - lost
    }
}
