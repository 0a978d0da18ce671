//! Which neighbours in a product are one: what a fit cancels is cancelled.

use std::ops::Range;

use super::model::Model;
use super::node::{Expression, FitId, Node, Part, Penalty};

/// The factors that are replaced, and a number and the factors that stand for them.
pub(super) type Reduction = (Range<usize>, f64, Vec<Expression>);

/// A factor of a product.
struct Place<'a> {
    list: &'a [Expression],
    at: usize,
}

impl Place<'_> {
    /// It and what follows it, where that is `pattern`.
    fn followed_by(&self, pattern: &[Expression]) -> Option<Range<usize>> {
        let follows = self.list[self.at + 1..].starts_with(pattern);
        follows.then(|| self.at..self.at + 1 + pattern.len())
    }

    /// It and what stands before it, where that is `pattern`.
    fn preceded_by(&self, pattern: &[Expression]) -> Option<Range<usize>> {
        let precedes = self.list[..self.at].ends_with(pattern);
        precedes.then(|| self.at - pattern.len()..self.at + 1)
    }
}

impl Model {
    pub(super) fn reduction(&mut self, list: &[Expression]) -> Option<Reduction> {
        for at in 0..list.len() {
            match *self.node(list[at]) {
                Node::Diagonal(d) => {
                    let values = self.values(d);
                    if values.iter().all(|x| *x == values[0]) && (list.len() > 1) {
                        return Some((at..at + 1, values[0], vec![]));
                    }
                    if let Some(next) = list.get(at + 1)
                        && let Some(other) = self.as_diagonal(*next)
                    {
                        let product = values.iter().zip(self.values(other));
                        let product = product.map(|(x, y)| x * y).collect();
                        let space = self.diagonals[d.0].0;
                        let product = self.diagonal(space, product);
                        return Some((at..at + 2, 1.0, vec![self.of_diagonal(product)]));
                    }
                }
                Node::Rotation(r, turned) => {
                    if let Some(next) = list.get(at + 1)
                        && *self.node(*next) == Node::Rotation(r, !turned)
                    {
                        return Some((at..at + 2, 1.0, vec![]));
                    }
                }
                Node::Fit(f, part) => {
                    if let Some(found) = self.fit_reduction(list, at, f, part) {
                        return Some(found);
                    }
                }
                _ => {}
            }
        }
        None
    }

    fn fit_reduction(
        &mut self,
        list: &[Expression],
        at: usize,
        f: FitId,
        part: Part,
    ) -> Option<Reduction> {
        let place = Place { list, at };
        let fit = self.fits[f.0].clone();
        let interpolates = fit.penalty == Penalty::Ridge(0.0);
        for (i, (core, _)) in fit.parts.iter().enumerate() {
            let forward = self.factors(*core);
            let transposed = self.transpose(*core);
            let backward = self.factors(transposed);
            let found = match part {
                Part::Resolvent => {
                    let (range, labels) = match place.followed_by(&backward) {
                        Some(range) => (Some(range), Part::Labels(i)),
                        None => (place.preceded_by(&forward), Part::LabelsTransposed(i)),
                    };
                    range.map(|range| (range, 1.0, vec![self.fitted(f, labels)]))
                }
                Part::Labels(j) if i == j => {
                    let rows = place.preceded_by(&forward);
                    self.labels_reduction(f, i, rows, place.followed_by(&forward))
                }
                Part::LabelsTransposed(j) if i == j => {
                    let rows = place.followed_by(&backward);
                    self.labels_reduction(f, i, rows, place.preceded_by(&backward))
                }
                Part::Smoother if interpolates => match place.followed_by(&backward) {
                    Some(range) => Some((range, 1.0, backward)),
                    None => place
                        .preceded_by(&forward)
                        .map(|range| (range, 1.0, forward)),
                },
                _ => None,
            };
            if found.is_some() {
                return found;
            }
        }
        if part == Part::Smoother && interpolates {
            return self.absorbed_smoother(&place, f);
        }
        if part == Part::Hat && interpolates && !fit.by_rows {
            return self.absorbed_hat(&place, f);
        }
        None
    }

    /// `B B†`, up to a factor, leaves what lies in the range of `B` as it is.
    fn absorbed_hat(&mut self, place: &Place<'_>, f: FitId) -> Option<Reduction> {
        let (core, c) = self.fits[f.0].parts[0];
        let forward = self.factors(core);
        let transposed = self.transpose(core);
        let backward = self.factors(transposed);
        let scale = 1.0 / (c * c);
        if let Some(range) = place.followed_by(&forward) {
            return Some((range, scale, forward));
        }
        if let Some(range) = place.preceded_by(&backward) {
            return Some((range, scale, backward));
        }
        let Place { list, at } = *place;
        let beside = |at: usize| match list.get(at).map(|e| self.node(*e)) {
            Some(&Node::Fit(g, part)) if g == f => Some(part),
            _ => None,
        };
        if let Some(Part::LabelsTransposed(_) | Part::Hat) = beside(at + 1) {
            return Some((at..at + 2, scale, vec![list[at + 1]]));
        }
        if let Some(Part::Labels(_)) = beside(at.wrapping_sub(1)) {
            return Some((at - 1..at + 1, scale, vec![list[at - 1]]));
        }
        None
    }

    /// A fit's map of its own labels beside the data they belong to: `rows` and `columns` are the factors taken up where
    /// the data stand on that side of it.
    fn labels_reduction(
        &mut self,
        f: FitId,
        i: usize,
        rows: Option<Range<usize>>,
        columns: Option<Range<usize>>,
    ) -> Option<Reduction> {
        let fit = &self.fits[f.0];
        let (core, c) = fit.parts[i];
        let ridge = matches!(fit.penalty, Penalty::Ridge(_));
        let interpolates = fit.penalty == Penalty::Ridge(0.0);
        let (single, by_rows) = (fit.parts.len() == 1, fit.by_rows);
        let hat = single && self.no_idle_rows(core);
        match (rows, columns) {
            // What a fit leaves of its own labels, X N X − X, cancels on the side of the rows.
            (Some(rows), Some(_)) if hat && ridge && !interpolates => {
                Some((rows, 1.0, vec![self.fitted(f, Part::Hat)]))
            }
            (_, Some(columns)) if single && ridge => {
                Some((columns, 1.0 / (c * c), vec![self.smoother(f)]))
            }
            // B B† = 1 where the rows are fewer; rows of weight zero stay zero.
            (Some(rows), _) if interpolates && by_rows => {
                Some((rows, 1.0 / (c * c), self.row_indicator(core)))
            }
            (Some(rows), _) if hat => Some((rows, 1.0, vec![self.fitted(f, Part::Hat)])),
            _ => None,
        }
    }

    /// The projection of a fit that interpolates leaves what lies in its range as it is.
    fn absorbed_smoother(&self, place: &Place<'_>, f: FitId) -> Option<Reduction> {
        let Place { list, at } = *place;
        for (neighbour_at, both) in [
            (at + 1, at..at + 2),
            (at.wrapping_sub(1), at.wrapping_sub(1)..at + 1),
        ] {
            if let Some(&neighbour) = list.get(neighbour_at)
                && let Node::Fit(g, p) = *self.node(neighbour)
                && g == f
            {
                let absorbed = match p {
                    Part::Smoother => true,
                    Part::Labels(_) => neighbour_at > at,
                    Part::LabelsTransposed(_) => neighbour_at < at,
                    _ => false,
                };
                if absorbed {
                    return Some((both, 1.0, vec![neighbour]));
                }
            }
        }
        None
    }

    fn no_idle_rows(&self, e: Expression) -> bool {
        self.row_support(e).iter().all(|x| *x)
    }

    /// One on the rows that are not zero; no factor at all if none are.
    fn row_indicator(&mut self, e: Expression) -> Vec<Expression> {
        let space = self.rows(e);
        let values = self.row_support(e);
        let values = values.iter().map(|x| f64::from(u8::from(*x))).collect();
        let d = self.diagonal(space, values);
        vec![self.of_diagonal(d)]
    }
}
