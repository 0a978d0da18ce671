//! The fixed-point system with formulas in place of numbers: `G = (L_0 − S)^{-1}`, block by block.

use std::collections::HashMap;

use super::DeriveError;
use super::identify::{Atom, Monomial, is_new, monomial};
use super::points::Points;
use super::symbols::{AtomKind, Meaning, Symbols};
use crate::decide::exact::fraction::Fraction;
use crate::decide::exact::polynomial;
use crate::equivalent::pencil::{Coupled, Diagonal, Piece, Space};
use crate::formula::ast::{BinaryOp, Expr, Node};
use crate::formula::parse::parse_expression;
use crate::formula::scope::Scope;
use crate::number::Coefficient;
use crate::term::equivalence::general::Described;

/// A component with more variables of one space than this is no formula that anyone reads.
const MOST_VARIABLES: usize = 8;

pub(super) struct System {
    pub points: Points,
    pub symbols: Symbols,
    /// Free symbols, and what of the other numbers is no monomial in them.
    pub numbers: Vec<Atom>,
    /// `L_0 − S`, by row, column and group of rows.
    matrix: HashMap<At, Fraction>,
    columns: Vec<Vec<usize>>,
    inverses: HashMap<(usize, usize), HashMap<(usize, usize), Fraction>>,
    blocks: HashMap<At, Fraction>,
}

/// A block, on one of the groups of rows of its space.
type At = (usize, usize, usize);

/// The group of what is not cut into groups.
pub(super) const WHOLE: usize = 0;

impl System {
    pub fn new(points: Points, scope: &Scope) -> Result<Self, DeriveError> {
        let mut numbers = points.symbols.clone();
        let first = &points.described[0];
        // What is written as a sum counts as a number of its own.
        for i in 0..first.numbers.len() {
            let values: Vec<f64> = points.described.iter().map(|d| d.numbers[i].1).collect();
            let text = first.numbers[i].0.clone();
            if is_new(&values, &numbers) {
                numbers.push(Atom { text, values });
            }
        }
        let mut system = Self {
            symbols: Symbols::new(),
            numbers,
            matrix: HashMap::new(),
            columns: Vec::new(),
            inverses: HashMap::new(),
            blocks: HashMap::new(),
            points,
        };
        system.compose(scope);
        system.fill()?;
        Ok(system)
    }

    /// Numbers that are written as polynomials in the symbols are such polynomials.
    fn compose(&mut self, scope: &Scope) {
        let symbols = self.points.symbols.len();
        for i in symbols..self.numbers.len() {
            let text = self.numbers[i].text.clone();
            let Ok(expr) = parse_expression(&text) else {
                continue;
            };
            if let Some(whole) = self.polynomial(&expr, scope, 16) {
                self.symbols.composed.push((text, whole));
            }
        }
    }

    fn polynomial(&mut self, expr: &Expr, scope: &Scope, depth: usize) -> Option<Fraction> {
        let inner = depth.checked_sub(1)?;
        match &*expr.node {
            Node::Number(q) => Some(Fraction::constant(Coefficient::from_rational(q.clone()))),
            Node::Name(name) => {
                if let Some(atom) = self.points.symbols.iter().find(|a| a.text == *name) {
                    let roots = atom.values.iter().map(|x| x.sqrt()).collect();
                    let v = self.symbols.variable(Meaning::RootOf(name.clone()), roots);
                    return Fraction::variable(v).pow(2);
                }
                self.polynomial(scope.expansion(name)?, scope, inner)
            }
            Node::Neg(a) => Some(self.polynomial(a, scope, inner)?.neg()),
            Node::Binary(op, a, b) => {
                let a = self.polynomial(a, scope, inner)?;
                let b = self.polynomial(b, scope, inner)?;
                match op {
                    BinaryOp::Add => Some(a.add(&b)),
                    BinaryOp::Sub => Some(a.sub(&b)),
                    BinaryOp::Mul => Some(a.mul(&b)),
                    BinaryOp::Div => Some(a.mul(&b.recip()?)),
                    BinaryOp::Pow => {
                        let power = b.as_constant()?.to_rational();
                        let whole = power.is_integer().then(|| power.to_integer());
                        a.pow(i64::try_from(whole?).ok().filter(|p| p.abs() <= 8)?)
                    }
                }
            }
            _ => None,
        }
    }

    pub fn first(&self) -> &Described {
        &self.points.described[0]
    }

    /// A number, by its values at the points.
    pub fn number(&mut self, values: &[f64]) -> Result<Fraction, DeriveError> {
        let found =
            monomial(values, &self.numbers).ok_or(DeriveError::Coefficient { value: values[0] })?;
        Ok(self
            .symbols
            .fraction(&found, &self.numbers, AtomKind::Numbers))
    }

    /// How many groups of rows are weighted differently; the features are no rows.
    pub fn groups(&self, space: Space) -> usize {
        let first = self.first();
        match space == first.features {
            true => 1,
            false => first.model.multiplicities(space).len(),
        }
    }

    /// A number on a group of rows, or on each level of the features.
    pub fn diagonal(&mut self, d: Diagonal, group: usize) -> Result<Fraction, DeriveError> {
        let on_features = self.first().model.space_of(d) == self.first().features;
        let values: Vec<Vec<f64>> = self
            .points
            .described
            .iter()
            .map(|p| match p.model.values(d) {
                levels if on_features => levels.to_vec(),
                groups => vec![groups[group]],
            })
            .collect();
        if values.iter().all(|v| v.iter().all(|x| *x == v[0])) {
            let one: Vec<f64> = values.iter().map(|v| v[0]).collect();
            if one.iter().all(|x| *x == 0.0) {
                return Ok(Fraction::zero());
            }
            return self.number(&one);
        }
        let levels = values[0].len();
        let spread = |atom: &Atom| Atom {
            text: atom.text.clone(),
            values: atom
                .values
                .iter()
                .flat_map(|x| std::iter::repeat_n(*x, levels))
                .collect(),
        };
        let mut atoms: Vec<Atom> = self.numbers.iter().map(spread).collect();
        let functions = atoms.len();
        let flat: Vec<f64> = values.into_iter().flatten().collect();
        let sigma = Atom {
            text: "Sigma".into(),
            values: self
                .points
                .described
                .iter()
                .flat_map(|p| p.sigma.clone())
                .collect(),
        };
        atoms.push(sigma.clone());
        let whole = |m: &Monomial| m.halves[functions..].iter().all(|h| h % 2 == 0);
        let mut found = monomial(&flat, &atoms).filter(whole);
        for i in 0..self.first().functions.len() {
            if found.is_some() {
                break;
            }
            atoms.truncate(functions + 1);
            let text = self.first().functions[i].0.clone();
            atoms.push(Atom {
                values: self
                    .points
                    .described
                    .iter()
                    .flat_map(|p| p.functions[i].1.clone())
                    .collect(),
                text,
            });
            // next to a power of it, Sigma is no other function
            found = monomial(&flat, &atoms).filter(whole).or_else(|| {
                atoms.swap_remove(functions);
                monomial(&flat, &atoms).filter(whole)
            });
            if found.is_none() {
                atoms.truncate(functions);
                atoms.push(sigma.clone());
            }
        }
        let found = found.ok_or(DeriveError::Coefficient { value: flat[0] })?;
        // Values of numbers are those at the points, not on the levels.
        for (atom, number) in atoms.iter_mut().zip(&self.numbers) {
            atom.values.clone_from(&number.values);
        }
        Ok(self
            .symbols
            .fraction(&found, &atoms, AtomKind::Functions(functions)))
    }

    pub fn piece(
        &mut self,
        group: usize,
        of: impl Fn(&Described) -> Piece,
    ) -> Result<Fraction, DeriveError> {
        let values: Vec<f64> = self
            .points
            .described
            .iter()
            .map(|d| of(d).coefficient)
            .collect();
        let coefficient = self.number(&values)?;
        Ok(match of(self.first()).diagonal {
            None => coefficient,
            Some(d) => coefficient.mul(&self.diagonal(d, group)?),
        })
    }

    /// The variable of an unknown trace.
    pub fn unknown(&mut self, k: usize) -> Fraction {
        let values = self.points.described.iter();
        let values = values.map(|d| d.equations.traces[k].value).collect();
        Fraction::variable(self.symbols.variable(Meaning::Unknown(k), values))
    }

    /// How many rows a group has.
    pub fn size(&mut self, space: Space, group: usize) -> Result<Fraction, DeriveError> {
        let described = self.points.described.iter();
        let values: Vec<f64> = described
            .map(|d| d.model.multiplicities(space)[group])
            .collect();
        self.number(&values)
    }

    /// How many rows a space has, all groups counted.
    pub fn dimension(&mut self, space: Space) -> Result<Fraction, DeriveError> {
        let values: Vec<f64> = self
            .points
            .described
            .iter()
            .map(|d| d.model.dimension(space))
            .collect();
        self.number(&values)
    }

    fn fill(&mut self) -> Result<(), DeriveError> {
        let n = self.first().equations.rows.len();
        self.columns = vec![Vec::new(); n];
        for row in 0..n {
            for i in 0..self.first().equations.rows[row].len() {
                let column = self.first().equations.rows[row][i].variable;
                for group in 0..self.groups(self.space(row)) {
                    let entry = self.piece(group, |d| d.equations.rows[row][i])?;
                    self.add((row, column, group), entry);
                }
            }
        }
        for i in 0..self.first().equations.couplings.len() {
            let Coupled {
                row,
                column,
                covariance,
                trace,
                ..
            } = self.first().equations.couplings[i];
            let values: Vec<f64> = self
                .points
                .described
                .iter()
                .map(|d| d.equations.couplings[i].coefficient)
                .collect();
            let factor = self.number(&values)?.mul(&self.unknown(trace));
            for group in 0..self.groups(self.space(row)) {
                let entry = factor.mul(&self.diagonal(covariance, group)?);
                self.add((row, column, group), entry.neg());
            }
        }
        Ok(())
    }

    fn add(&mut self, at: At, entry: Fraction) {
        if !self.columns[at.0].contains(&at.1) {
            self.columns[at.0].push(at.1);
        }
        let sum = self.matrix.entry(at).or_insert_with(Fraction::zero);
        *sum = sum.add(&entry);
    }

    fn space(&self, variable: usize) -> Space {
        self.first().equations.space[variable]
    }

    fn component(&self, variable: usize) -> usize {
        self.first().equations.component_of[variable]
    }

    /// `G_{to, from}` on a group of rows; zero between spaces of different kinds.
    pub fn block(&mut self, (to, from, group): At) -> Result<Fraction, DeriveError> {
        if polynomial::is_spent() {
            return Err(DeriveError::TooLarge);
        }
        if self.space(to) != self.space(from) {
            return Ok(Fraction::zero());
        }
        if let Some(known) = self.blocks.get(&(to, from, group)) {
            return Ok(known.clone());
        }
        let (p, q) = (self.component(to), self.component(from));
        let block = if p == q {
            self.invert(p, group)?;
            self.inverses[&(p, group)]
                .get(&(to, from))
                .cloned()
                .unwrap_or_else(Fraction::zero)
        } else if p < q {
            Fraction::zero()
        } else {
            self.driven((to, from, group))?
        };
        self.blocks.insert((to, from, group), block.clone());
        Ok(block)
    }

    /// `−Σ_k G_{to,k} Σ_r (L_0 − S)_{kr} G_{r,from}`, `k` within the component of `to` and `r` below it.
    fn driven(&mut self, (to, from, group): At) -> Result<Fraction, DeriveError> {
        let p = self.component(to);
        let members: Vec<usize> = (0..self.columns.len())
            .filter(|&k| self.component(k) == p && self.space(k) == self.space(to))
            .collect();
        let mut sum = Fraction::zero();
        for k in members {
            let left = self.block((to, k, group))?;
            if left.is_zero() {
                continue;
            }
            for r in self.columns[k].clone() {
                if self.component(r) == p {
                    continue;
                }
                let right = self.block((r, from, group))?;
                if right.is_zero() {
                    continue;
                }
                let between = self.matrix[&(k, r, group)].clone();
                sum = sum.sub(&left.mul(&between).mul(&right));
            }
        }
        Ok(sum)
    }

    /// The inverse within a component, space by space.
    fn invert(&mut self, p: usize, group: usize) -> Result<(), DeriveError> {
        if self.inverses.contains_key(&(p, group)) {
            return Ok(());
        }
        let members: Vec<usize> = (0..self.columns.len())
            .filter(|&k| self.component(k) == p)
            .collect();
        let mut spaces: Vec<Space> = members.iter().map(|&k| self.space(k)).collect();
        spaces.sort_unstable();
        spaces.dedup();
        let mut inverse = HashMap::new();
        spaces.retain(|space| group < self.groups(*space));
        for space in spaces {
            let variables: Vec<usize> = members
                .iter()
                .copied()
                .filter(|&k| self.space(k) == space)
                .collect();
            if variables.len() > MOST_VARIABLES {
                return Err(DeriveError::TooLarge);
            }
            let entries = variables
                .iter()
                .map(|&i| {
                    variables
                        .iter()
                        .map(|&j| {
                            self.matrix
                                .get(&(i, j, group))
                                .cloned()
                                .unwrap_or_else(Fraction::zero)
                        })
                        .collect()
                })
                .collect();
            let solved = inverted(entries).ok_or(DeriveError::TooLarge)?;
            for (i, row) in variables.iter().zip(solved) {
                for (j, entry) in variables.iter().zip(row) {
                    inverse.insert((*i, *j), entry);
                }
            }
        }
        self.inverses.insert((p, group), inverse);
        Ok(())
    }
}

/// Gauss and Jordan, with the shortest pivot of each column.
pub(super) fn inverted(mut a: Vec<Vec<Fraction>>) -> Option<Vec<Vec<Fraction>>> {
    let n = a.len();
    for (i, row) in a.iter_mut().enumerate() {
        row.extend((0..n).map(|j| {
            if i == j {
                Fraction::one()
            } else {
                Fraction::zero()
            }
        }));
    }
    for k in 0..n {
        let pivot = (k..n)
            .filter(|&i| !a[i][k].is_zero())
            .min_by_key(|&i| a[i][k].numerator.terms.len() + a[i][k].denominator.len())?;
        a.swap(k, pivot);
        let inverse = a[k][k].recip()?;
        for entry in &mut a[k] {
            *entry = entry.mul(&inverse);
        }
        let row = a[k].clone();
        for (i, other) in a.iter_mut().enumerate() {
            if i == k || other[k].is_zero() {
                continue;
            }
            let factor = other[k].clone();
            for (entry, pivot) in other.iter_mut().zip(&row) {
                *entry = entry.sub(&factor.mul(pivot));
            }
        }
        if polynomial::is_spent() {
            return None;
        }
    }
    Some(a.into_iter().map(|row| row[n..].to_vec()).collect())
}
