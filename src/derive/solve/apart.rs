//! Formulas that are too long written out: what is multiplied by different traces is closed apart, and what is long has a name.
//!
//! Over one denominator, fits in a chain multiply out; a trace of each, by name, keeps them as short as the recursion
//! `t = tr(M Σ(Σ+κ)^{-2})/(T − df_2)` from which they come.

use std::collections::BTreeMap;

use super::{Definition, LONG, Solver, eliminated, sum};
use crate::decide::exact::fraction::Fraction;
use crate::decide::exact::polynomial::{self, Monomial, Polynomial};
use crate::derive::DeriveError;
use crate::derive::closing::{End, Over};
use crate::derive::symbols::Meaning;

/// More traces between two fits than this are no formula that anyone reads.
const MOST_BETWEEN: usize = 16;

/// Something times powers of traces.
struct Share {
    traces: Vec<(usize, u32)>,
    factor: Fraction,
}

impl Solver<'_> {
    /// `f` closed to numbers to be added, trace by trace.
    pub(super) fn closed_apart(
        &mut self,
        f: Fraction,
        over: Over,
        end: End,
    ) -> Result<Vec<Fraction>, DeriveError> {
        let mut parts = Vec::new();
        for share in self.apart(f)? {
            let closed = self.close(&share.factor, over, end)?;
            parts.push(self.times_traces(closed, &share.traces)?);
        }
        Ok(parts)
    }

    /// As [`Solver::linear`], without multiplying out.
    pub(super) fn linear_apart(
        &mut self,
        pair: (usize, usize),
        asked: usize,
    ) -> Result<(), DeriveError> {
        let mut members = vec![asked];
        let mut rows = Vec::new();
        while rows.len() < members.len() {
            let (f, over) = self.equation(members[rows.len()])?;
            let mut constant = Vec::new();
            let mut row: BTreeMap<usize, Vec<Fraction>> = BTreeMap::new();
            for share in self.apart(f)? {
                let closed = self.close(&share.factor, over, End::Trace)?;
                let (own, other): (Vec<_>, Vec<_>) =
                    (share.traces.into_iter()).partition(|(k, _)| self.pair(*k) == pair);
                let value = self.times_traces(closed, &other)?;
                match own.as_slice() {
                    [] => constant.push(value),
                    [(k, 1)] => row.entry(*k).or_default().push(value),
                    _ => return Err(DeriveError::Coupled),
                }
            }
            let mut places = Vec::with_capacity(row.len());
            for (k, entry) in row {
                let known = members.iter().position(|m| *m == k);
                let place = known.unwrap_or_else(|| {
                    members.push(k);
                    members.len() - 1
                });
                places.push((place, self.named_sum(&entry)));
            }
            rows.push((self.named_sum(&constant), places));
            if members.len() > MOST_BETWEEN {
                return Err(DeriveError::TooLarge);
            }
        }
        let solution = eliminated(rows).ok_or(DeriveError::TooLarge)?;
        for (k, parts) in members.into_iter().zip(solution) {
            let value = self.named_sum(&parts);
            self.solved.insert(k, value);
        }
        Ok(())
    }

    /// `f` by its powers of traces between fits; those within a fit are resolved.
    fn apart(&mut self, mut f: Fraction) -> Result<Vec<Share>, DeriveError> {
        let within = |solver: &Self, f: &Fraction| {
            let mut unknowns = solver.unknowns_of(f).into_iter();
            unknowns.find(|(_, k)| {
                let pair = solver.pair(*k);
                pair.0 == pair.1
            })
        };
        while let Some((v, k)) = within(self, &f) {
            let value = self.trace(k)?;
            f = f.substitute(v, &value).ok_or(DeriveError::TooLarge)?;
            if polynomial::is_spent() {
                return Err(DeriveError::TooLarge);
            }
        }
        let is_unknown = |v: &u32| self.system.symbols.unknown(*v).is_some();
        if (f.denominator.keys()).any(|factor| factor.variables().iter().any(is_unknown)) {
            return Err(DeriveError::Coupled);
        }
        let mut groups: BTreeMap<Monomial, Polynomial> = BTreeMap::new();
        for (m, c) in &f.numerator.terms {
            let (traces, rest): (Vec<_>, Vec<_>) = m.0.iter().partition(|(v, _)| is_unknown(v));
            let group = groups.entry(Monomial(traces)).or_default();
            group.add_term(Monomial(rest), c.clone());
        }
        let shares = groups.into_iter().map(|(traces, numerator)| Share {
            traces: (traces.0.into_iter())
                .filter_map(|(v, power)| Some((self.system.symbols.unknown(v)?, power)))
                .collect(),
            factor: Fraction {
                numerator,
                denominator: f.denominator.clone(),
            }
            // What both sides share goes.
            .mul(&Fraction::one()),
        });
        Ok(shares.collect())
    }

    fn times_traces(
        &mut self,
        mut product: Fraction,
        traces: &[(usize, u32)],
    ) -> Result<Fraction, DeriveError> {
        for &(k, power) in traces {
            let value = self.trace(k)?;
            let value = value.pow(i64::from(power)).ok_or(DeriveError::TooLarge)?;
            product = product.mul(&value);
        }
        Ok(product)
    }

    /// Rows of weight `w` are divided by `1 + w u`; with a name for `u`, these stay the factors that they are.
    pub(super) fn name_beside_weights(&mut self, p: usize) {
        let described = self.system.first();
        let (of, space) = (
            &described.equations.component_of,
            &described.equations.space,
        );
        let weighted = (0..of.len()).any(|i| of[i] == p && self.system.groups(space[i]) > 1);
        if !weighted {
            return;
        }
        let features = described.features;
        let traces = &described.equations.traces;
        let mut members = self.solved.keys().copied().collect::<Vec<_>>();
        members.retain(|&k| self.pair(k) == (p, p) && space[traces[k].to] == features);
        members.sort_unstable();
        for k in members {
            if let Some(value) = self.solved.get(&k).cloned() {
                let value = self.by_name(value);
                self.solved.insert(k, value);
            }
        }
    }

    /// The sum, by a name of its own where it takes long to write.
    fn named_sum(&mut self, parts: &[Fraction]) -> Fraction {
        let f = sum(parts);
        if self.system.symbols.text(&f).len() <= LONG {
            return f;
        }
        let text = self.system.symbols.text_of_sum(parts);
        self.called(f, text)
    }

    /// By a name, unless it is one.
    fn by_name(&mut self, f: Fraction) -> Fraction {
        let single = f.denominator.is_empty() && f.numerator.as_variable().is_some();
        if single {
            return f;
        }
        let text = self.system.symbols.text(&f);
        self.called(f, text)
    }

    fn called(&mut self, f: Fraction, text: String) -> Fraction {
        let points = self.system.points.described.len();
        let values: Option<Vec<f64>> = (0..points)
            .map(|point| self.system.symbols.value(&f, point))
            .collect();
        let Some(values) = values else { return f };
        let known = self.definitions.iter().find(|d| d.text == text);
        let name = match known {
            Some(definition) => definition.name.clone(),
            None => {
                let name = self.fresh("t");
                let definition = Definition {
                    name: name.clone(),
                    text,
                };
                self.definitions.push(definition);
                name
            }
        };
        let meaning = Meaning::Named(name);
        Fraction::variable(self.system.symbols.variable(meaning, values))
    }
}
