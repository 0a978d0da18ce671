//! Regularised inverses `(Σ_i B_i'B_i + D)^{-1}` and what is made of them.

use super::error::PencilError;
use super::model::Model;
use super::node::{Diagonal, Expression, Fit, FitId, Node, Part, Penalty};

impl Model {
    /// The fit of `Σ_i q_i B_i'B_i` with a penalty, by the `B_i` and `q_i`, and what its resolvent is a multiple of: fits of data in other units
    /// are one.
    pub(super) fn fit(
        &mut self,
        parts: Vec<(Expression, f64)>,
        penalty: Penalty,
    ) -> Result<(FitId, f64), PencilError> {
        let mut merged: Vec<(Expression, f64)> = Vec::new();
        for (b, square) in parts {
            let (scale, core) = self.split(b);
            let square = square * scale * scale;
            match merged.iter_mut().find(|(other, _)| *other == core) {
                Some((_, total)) => *total += square,
                None => merged.push((core, square)),
            }
        }
        merged.sort_by_key(|(b, _)| *b);
        let square = merged[0].1;
        for (_, factor) in &mut merged {
            *factor = (*factor / square).sqrt();
        }
        let space = self.columns(merged[0].0);
        let penalty = match penalty {
            Penalty::Ridge(lambda) => Penalty::Ridge(lambda / square),
            Penalty::Diagonal(d) => {
                let values = self.values(d).iter().map(|x| x / square).collect();
                Penalty::Diagonal(self.diagonal(space, values))
            }
        };
        let dimension = self.dimension(space);
        let rank: f64 = merged.iter().map(|(b, _)| self.rank(*b)).sum();
        let by_rows = rank < dimension;
        match penalty {
            Penalty::Ridge(lambda) if !(lambda >= 0.0 && lambda.is_finite()) => {
                return Err(PencilError::Parameter {
                    what: "a ridge",
                    value: lambda,
                });
            }
            Penalty::Ridge(0.0) => {
                let rows: f64 = merged.iter().map(|(b, _)| self.support_of_rows(*b)).sum();
                if rank == dimension && rows == dimension {
                    return Err(PencilError::Threshold);
                }
                if by_rows && rank < rows {
                    return Err(PencilError::Rank {
                        rank,
                        rows,
                        columns: dimension,
                    });
                }
            }
            _ => {}
        }
        let fit = Fit {
            parts: merged,
            by_rows: by_rows && matches!(penalty, Penalty::Ridge(_)),
            penalty,
            space,
        };
        if let Some(known) = self.fits.iter().position(|f| *f == fit) {
            return Ok((FitId(known), 1.0 / square));
        }
        self.fits.push(fit);
        Ok((FitId(self.fits.len() - 1), 1.0 / square))
    }

    /// `B†`, by `(BB')^{-1}` or `(B'B)^{-1}` as the generic rank allows.
    pub fn pinv(&mut self, b: Expression) -> Result<Expression, PencilError> {
        self.ridge(b, 0.0)
    }

    /// `(B'B + μ)^{-1} B'`, and `B†` at `μ = 0`.
    pub fn ridge(&mut self, b: Expression, mu: f64) -> Result<Expression, PencilError> {
        if let Some(diagonal) = self.as_diagonal(b) {
            let (space, values) = self.diagonals[diagonal.0].clone();
            let inverse = values
                .iter()
                .map(|x| if *x == 0.0 { 0.0 } else { x / (x * x + mu) });
            let inverse = self.diagonal(space, inverse.collect());
            return Ok(self.of_diagonal(inverse));
        }
        if let Some((q, inner)) = self.turned_on_the_right(&[b]) {
            // ((BQ)'BQ + μ)^{-1} (BQ)' = Q' (B'B + μ)^{-1} B'
            let inner = self.ridge(inner[0], mu)?;
            let back = self.transpose(q);
            return self.product(&[back, inner]);
        }
        if mu == 0.0
            && let Some((left, right)) = self.bottleneck(b)?
        {
            // (AB)† = B†A† where A has full column rank and B full row rank.
            let (left, right) = (self.pinv(left)?, self.pinv(right)?);
            return self.product(&[right, left]);
        }
        let (scale, core) = self.split(b);
        let (fit, unit) = self.fit(vec![(core, scale * scale)], Penalty::Ridge(mu))?;
        let labels = self.fitted(fit, Part::Labels(0));
        Ok(self.scaled(unit * scale, labels))
    }

    /// `A` and `B` of a product `AB` through fewer dimensions than it has rows or columns, all of which both of them reach.
    fn bottleneck(
        &mut self,
        b: Expression,
    ) -> Result<Option<(Expression, Expression)>, PencilError> {
        let (scale, core) = self.split(b);
        let factors = self.factors(core);
        let [rows, columns] = [self.rows(b), self.columns(b)].map(|space| self.dimension(space));
        for i in 1..factors.len() {
            let through = self.dimension(self.columns(factors[i - 1]));
            let rank = |model: &Self, factors: &[Expression]| {
                let ranks = factors.iter().map(|f| model.rank(*f));
                ranks.fold(f64::INFINITY, f64::min)
            };
            let (left, right) = factors.split_at(i);
            let reached = rank(self, left) == through && rank(self, right) == through;
            if through < rows.min(columns) && reached {
                let left = self.product(left)?;
                let left = self.scaled(scale, left);
                return Ok(Some((left, self.product(right)?)));
            }
        }
        Ok(None)
    }

    /// The labels' weights `R B_i'` of a fit to stacked designs `[B_1; B_2; …]`; a diagonal one among them is a penalty.
    pub fn ridge_stacked(
        &mut self,
        parts: &[Expression],
        mu: f64,
    ) -> Result<Vec<Expression>, PencilError> {
        if let Some((q, inner)) = self.turned_on_the_right(parts) {
            let back = self.transpose(q);
            let mut weights = Vec::with_capacity(parts.len());
            for weight in self.ridge_stacked(&inner, mu)? {
                weights.push(self.product(&[back, weight])?);
            }
            return Ok(weights);
        }
        let space = self.columns(parts[0]);
        let mut penalty = vec![mu; self.levels(space)];
        let mut designs = Vec::with_capacity(parts.len());
        for &b in parts {
            let Some(diagonal) = self.as_diagonal(b) else {
                if !self.is_zero(b) {
                    designs.push((b, 1.0));
                }
                continue;
            };
            for (sum, x) in penalty.iter_mut().zip(self.values(diagonal)) {
                *sum += x * x;
            }
        }
        if designs.is_empty() {
            return self.weights_of_diagonals(parts, penalty);
        }
        let (fit, unit) = if penalty.iter().all(|x| *x == penalty[0]) {
            self.fit(designs, Penalty::Ridge(penalty[0]))?
        } else {
            let penalty = self.diagonal(space, penalty);
            self.fit(designs, Penalty::Diagonal(penalty))?
        };
        let mut weights = Vec::with_capacity(parts.len());
        for &b in parts {
            if self.as_diagonal(b).is_some() {
                let resolvent = self.fitted(fit, Part::Resolvent);
                let weight = self.product(&[resolvent, b])?;
                weights.push(self.scaled(unit, weight));
                continue;
            }
            if self.is_zero(b) {
                weights.push(self.transpose(b));
                continue;
            }
            let (scale, core) = self.split(b);
            let at = self.fits[fit.0]
                .parts
                .iter()
                .position(|(other, _)| *other == core)
                .expect("every part is one of the fit's");
            let labels = self.fitted(fit, Part::Labels(at));
            weights.push(self.scaled(unit * scale, labels));
        }
        Ok(weights)
    }

    /// As [`Model::ridge_stacked`] where nothing is random.
    fn weights_of_diagonals(
        &mut self,
        parts: &[Expression],
        sums: Vec<f64>,
    ) -> Result<Vec<Expression>, PencilError> {
        let space = self.columns(parts[0]);
        let inverse = sums.iter().map(|x| if *x == 0.0 { 0.0 } else { 1.0 / x });
        let inverse = self.diagonal(space, inverse.collect());
        let inverse = self.of_diagonal(inverse);
        let mut weights = Vec::with_capacity(parts.len());
        for &b in parts {
            let transposed = self.transpose(b);
            weights.push(self.product(&[inverse, transposed])?);
        }
        Ok(weights)
    }

    /// `B†B`
    pub fn projection(&mut self, b: Expression) -> Result<Expression, PencilError> {
        let inverse = self.pinv(b)?;
        self.product(&[inverse, b])
    }

    /// The inverse; sums of `B'B` and of a positive multiple of the identity become fits.
    pub fn inverse(&mut self, e: Expression) -> Result<Expression, PencilError> {
        if let Some(diagonal) = self.as_diagonal(e) {
            let (space, values) = self.diagonals[diagonal.0].clone();
            if values.contains(&0.0) {
                return Err(PencilError::Singular {
                    rank: self.support(diagonal),
                    dimension: self.dimension(space),
                });
            }
            let inverse = self.diagonal(space, values.iter().map(|x| 1.0 / x).collect());
            return Ok(self.of_diagonal(inverse));
        }
        if let Some((q, p, inner)) = self.turned_on_both_sides(e) {
            let inner = self.inverse(inner)?;
            let (left, right) = (self.transpose(p), self.transpose(q));
            return self.product(&[left, inner, right]);
        }
        if let Some(resolvent) = self.resolvent(e)? {
            return Ok(resolvent);
        }
        let (rows, columns) = (self.rows(e), self.columns(e));
        if rows != columns {
            return Err(PencilError::Spaces {
                left: self.dimension(rows),
                right: self.dimension(columns),
            });
        }
        let (rank, dimension) = (self.rank(e), self.dimension(rows));
        if rank < dimension {
            return Err(PencilError::Singular { rank, dimension });
        }
        let (scale, core) = self.split(e);
        let inverse = self.intern(Node::Inverse(core));
        Ok(self.scaled(1.0 / scale, inverse))
    }

    /// `Q` and the `B_i` of parts `B_i Q`.
    fn turned_on_the_right(
        &mut self,
        parts: &[Expression],
    ) -> Option<(Expression, Vec<Expression>)> {
        let mut common = None;
        let mut inner = Vec::with_capacity(parts.len());
        for &b in parts {
            let (scale, core) = self.split(b);
            let factors = self.factors(core);
            let (q, rest) = factors.split_last()?;
            let turns = matches!(self.node(*q), Node::Rotation(..));
            if !turns || rest.is_empty() || *common.get_or_insert(*q) != *q {
                return None;
            }
            let rest = self.product(rest).ok()?;
            inner.push(self.scaled(scale, rest));
        }
        Some((common?, inner))
    }

    /// `Q`, `P` and `M` of `Q M P`, where multiples of the identity count as `Q Q'`.
    fn turned_on_both_sides(
        &mut self,
        e: Expression,
    ) -> Option<(Expression, Expression, Expression)> {
        let turns = |model: &Self, e: Expression| matches!(model.node(e), Node::Rotation(..));
        let terms = self.terms(e);
        let (q, p) = terms.iter().find_map(|(_, term)| {
            let factors = self.factors(*term);
            let (first, last) = (factors[0], factors[factors.len() - 1]);
            (factors.len() > 2 && turns(self, first) && turns(self, last)).then_some((first, last))
        })?;
        let back = self.transpose(q);
        let mut inner = Vec::with_capacity(terms.len());
        for (c, term) in terms {
            let factors = self.factors(term);
            let within = match factors.as_slice() {
                [first, within @ .., last] if *first == q && *last == p && !within.is_empty() => {
                    self.product(within).ok()?
                }
                _ if back == p && self.multiple_of_identity(term).is_some() => {
                    let multiple = self.multiple_of_identity(term)?;
                    let one = self.identity(self.rows(back));
                    self.scaled(multiple, one)
                }
                _ => return None,
            };
            inner.push((c, within));
        }
        let inner = self.sum(&inner).ok()?;
        Some((q, p, inner))
    }

    /// Reads `c_1 B_1'B_1 + c_2 B_2'B_2 + … + D` with positive `c_i`.
    fn resolvent(&mut self, e: Expression) -> Result<Option<Expression>, PencilError> {
        let mut parts = Vec::new();
        let mut penalty: Option<Diagonal> = None;
        for (coefficient, term) in self.terms(e) {
            if let Some(diagonal) = self.as_diagonal(term) {
                let scaled = self.scaled(coefficient, term);
                penalty = Some(self.as_diagonal(scaled).unwrap_or(diagonal));
                continue;
            }
            let Some(b) = self.square_root(term) else {
                return Ok(None);
            };
            if coefficient < 0.0 {
                return Ok(None);
            }
            parts.push((b, coefficient));
        }
        if parts.is_empty() {
            return Ok(None);
        }
        let penalty = match penalty {
            None => Penalty::Ridge(0.0),
            Some(diagonal) => {
                let values = self.values(diagonal);
                if values.iter().any(|x| *x < 0.0) {
                    return Ok(None);
                }
                if values.iter().all(|x| *x == values[0]) {
                    Penalty::Ridge(values[0])
                } else {
                    Penalty::Diagonal(diagonal)
                }
            }
        };
        let (fit, unit) = self.fit(parts, penalty)?;
        let singular = self.fits[fit.0].by_rows && penalty == Penalty::Ridge(0.0);
        if singular {
            let dimension = self.dimension(self.fits[fit.0].space);
            let rank = self.fits[fit.0]
                .parts
                .iter()
                .map(|(b, _)| self.rank(*b))
                .sum();
            return Err(PencilError::Singular { rank, dimension });
        }
        let resolvent = self.fitted(fit, Part::Resolvent);
        Ok(Some(self.scaled(unit, resolvent)))
    }

    /// `c > 0` and `B` of `c I + B'B`.
    pub fn shifted_gram(&mut self, e: Expression) -> Option<(f64, Expression)> {
        let [(x, first), (y, second)] = <[_; 2]>::try_from(self.terms(e)).ok()?;
        let (shift, (coefficient, gram)) = match (self.as_diagonal(first), self.as_diagonal(second))
        {
            (Some(d), None) => ((x, d), (y, second)),
            (None, Some(d)) => ((y, d), (x, first)),
            _ => return None,
        };
        let values = self.values(shift.1);
        let c = shift.0 * values[0];
        if values.iter().any(|v| *v != values[0]) || !(c > 0.0 && coefficient > 0.0) {
            return None;
        }
        let root = self.square_root(gram)?;
        Some((c, self.scaled(coefficient.sqrt(), root)))
    }

    /// `B` of `B'B`.
    fn square_root(&mut self, term: Expression) -> Option<Expression> {
        let factors = self.factors(term);
        if factors.len() < 2 {
            return None;
        }
        if factors.len() % 2 == 1 {
            // B' D B with D ≥ 0 in the middle
            let half = factors.len() / 2;
            let middle = self.as_diagonal(factors[half])?;
            let (space, values) = self.diagonals[middle.0].clone();
            if values.iter().any(|x| *x < 0.0) {
                return None;
            }
            let root = self.diagonal(space, values.iter().map(|x| x.sqrt()).collect());
            let root = self.of_diagonal(root);
            let mut right = vec![root];
            right.extend_from_slice(&factors[half + 1..]);
            return self
                .mirrored(&factors[..half], &factors[half + 1..])
                .then(|| self.product(&right).ok())
                .flatten();
        }
        let (left, right) = factors.split_at(factors.len() / 2);
        let (left, right) = (left.to_vec(), right.to_vec());
        self.mirrored(&left, &right)
            .then(|| self.product(&right).ok())
            .flatten()
    }

    fn mirrored(&mut self, left: &[Expression], right: &[Expression]) -> bool {
        left.iter()
            .rev()
            .zip(right)
            .all(|(l, r)| self.transpose(*l) == *r)
    }
}
