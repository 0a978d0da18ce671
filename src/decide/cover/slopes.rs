//! Values of scalar terms on a box, and how fast they change there.

use std::collections::HashMap;

use num_rational::BigRational;
use num_traits::ToPrimitive;

use super::enclosed::{Enclosed, Gap, Slopes, chosen};
use super::levels::{Level, degrees, kappa, multiplicities};
use crate::formula::ast::{BinaryOp, Fold, Function, RelationOp};
use crate::number::Interval;
use crate::term::{Binder, Condition, Id, ModelId, Node, Relation, SpectrumTerms, Store, SymbolId};

/// Longest sum that is written out.
const MAX_FOLD: i64 = 200;

/// Scalar terms on one box.
pub struct OnBox<'s> {
    pub store: &'s Store,
    /// The symbols of the box, in its order.
    pub symbols: &'s [SymbolId],
    pub ranges: &'s [Interval],
    bound: HashMap<Binder, BigRational>,
    known: HashMap<Id, Slopes>,
    /// Where a matrix is evaluated: of which model, and the eigenvalue that stands for `Sigma`.
    within: Option<(ModelId, Slopes)>,
}

impl<'s> OnBox<'s> {
    pub fn new(store: &'s Store, symbols: &'s [SymbolId], ranges: &'s [Interval]) -> Self {
        Self {
            store,
            symbols,
            ranges,
            bound: HashMap::new(),
            known: HashMap::new(),
            within: None,
        }
    }

    pub fn value(&mut self, id: Id) -> Enclosed {
        if let Some(known) = self.known.get(&id) {
            return Ok(known.clone());
        }
        let value = self.compute(id)?;
        if !value.value.is_bounded() {
            return Err(Gap::Here);
        }
        if self.store.free(id).is_empty() {
            self.known.insert(id, value.clone());
        }
        Ok(value)
    }

    fn compute(&mut self, id: Id) -> Enclosed {
        Ok(match self.store.node(id) {
            Node::Number(x) => Slopes::constant(Interval::from_rational(x)),
            Node::Pi => Slopes::constant(Interval::pi()),
            Node::Bound(binder) => {
                let x = self.bound.get(binder).ok_or(Gap::Beyond)?;
                Slopes::constant(Interval::from_rational(x))
            }
            Node::Symbol(symbol) => {
                let at = self.symbols.iter().position(|s| s == symbol);
                let at = at.ok_or(Gap::Beyond)?;
                let mut slopes = vec![Interval::point(0.0); self.symbols.len()];
                slopes[at] = Interval::point(1.0);
                Slopes {
                    value: self.ranges[at],
                    slopes,
                }
            }
            &Node::Neg(a) => {
                let a = self.value(a)?;
                a.mapped(-a.value, Interval::point(-1.0))
            }
            &Node::Binary(op, a, b) => self.binary(op, a, b)?,
            Node::Call(function, arguments) => self.call(*function, arguments)?,
            Node::If(condition, a, b) => match self.condition(condition)? {
                Some(true) => self.value(*a)?,
                Some(false) => self.value(*b)?,
                // Where the branches meet there may be a jump: no slope bounds it.
                None => {
                    let either = self.value(*a)?.hull(&self.value(*b)?);
                    let slopes = vec![Interval::EVERYTHING; self.symbols.len()];
                    Slopes { slopes, ..either }
                }
            },
            Node::Fold {
                kind,
                index,
                from,
                to,
                body,
            } => self.fold(*kind, *index, (*from, *to), *body)?,
            Node::Sigma(model) => match &self.within {
                Some((own, eigenvalue)) if own == model => eigenvalue.clone(),
                _ => return Err(Gap::Beyond),
            },
            Node::Identity(Some(size)) => match &self.within {
                Some((own, _)) if self.store.model(*own).dimension == Some(*size) => {
                    Slopes::constant(Interval::point(1.0))
                }
                _ => return Err(Gap::Beyond),
            },
            &Node::Transpose(a) if self.within.is_some() => self.value(a)?,
            &Node::Kappa(model, ridge, samples) => {
                let levels = self.levels(model)?;
                kappa(&self.value(ridge)?, &self.value(samples)?, &levels)?
            }
            &Node::Df(model, order, k) => {
                let Node::Number(order) = self.store.node(order) else {
                    return Err(Gap::Beyond);
                };
                let order = order.is_integer().then(|| order.numer().to_i32()).flatten();
                let levels = self.levels(model)?;
                degrees(order.ok_or(Gap::Beyond)?, &self.value(k)?, &levels)?
            }
            _ => return Err(Gap::Beyond),
        })
    }

    fn binary(&mut self, op: BinaryOp, a: Id, b: Id) -> Enclosed {
        let one = Interval::point(1.0);
        if op == BinaryOp::Pow {
            return self.power(a, b);
        }
        let (x, y) = (self.value(a)?, self.value(b)?);
        Ok(match op {
            BinaryOp::Add => Slopes::combined(x.value + y.value, [(&x, one), (&y, one)]),
            BinaryOp::Sub if a == b => Slopes::constant(Interval::point(0.0)),
            BinaryOp::Sub => x.minus(&y),
            BinaryOp::Mul if a == b => {
                let square = x.value.whole_power(2).ok_or(Gap::Here)?;
                x.mapped(square, x.value + x.value)
            }
            BinaryOp::Mul => Slopes::combined(x.value * y.value, [(&x, y.value), (&y, x.value)]),
            BinaryOp::Div | BinaryOp::Pow => {
                let inverse = y.value.reciprocal().ok_or(Gap::Here)?;
                let quotient = x.value * inverse;
                Slopes::combined(quotient, [(&x, inverse), (&y, -(quotient * inverse))])
            }
        })
    }

    fn power(&mut self, a: Id, b: Id) -> Enclosed {
        let x = self.value(a)?;
        if let Node::Number(n) = self.store.node(b)
            && n.is_integer()
            && let Some(n) = n.numer().to_i32().filter(|n| n.abs() <= 64)
        {
            if n == 0 {
                // 0^0 is left to whoever knows what it is.
                return if x.value.contains_zero() {
                    Err(Gap::Here)
                } else {
                    Ok(Slopes::constant(Interval::point(1.0)))
                };
            }
            let value = x.value.whole_power(n).ok_or(Gap::Here)?;
            let below = if n == 1 {
                Interval::point(1.0)
            } else {
                x.value.whole_power(n - 1).ok_or(Gap::Here)?
            };
            return Ok(x.mapped(value, Interval::point(f64::from(n)) * below));
        }
        // a^b = exp(b ln a), where a is positive.
        let y = self.value(b)?;
        let ln = x.value.ln().ok_or(Gap::Here)?;
        let value = (y.value * ln).exp();
        let inverse = x.value.reciprocal().ok_or(Gap::Here)?;
        Ok(Slopes::combined(
            value,
            [(&x, value * y.value * inverse), (&y, value * ln)],
        ))
    }

    fn call(&mut self, function: Function, arguments: &[Id]) -> Enclosed {
        if let (Function::Tr | Function::Logdet, [matrix]) = (function, arguments) {
            return self.trace(*matrix, function == Function::Logdet);
        }
        let x = self.value(*arguments.first().ok_or(Gap::Beyond)?)?;
        let v = x.value;
        Ok(match function {
            Function::Sqrt => {
                let root = v.sqrt().ok_or(Gap::Here)?;
                let slope = (root + root).reciprocal();
                x.mapped(root, slope.unwrap_or(Interval::EVERYTHING))
            }
            Function::Exp => x.mapped(v.exp(), v.exp()),
            Function::Log => {
                let inverse = v.reciprocal().ok_or(Gap::Here)?;
                x.mapped(v.ln().ok_or(Gap::Here)?, inverse)
            }
            Function::Abs => {
                let slope = if v.low >= 0.0 {
                    Interval::point(1.0)
                } else if v.high <= 0.0 {
                    Interval::point(-1.0)
                } else {
                    Interval::new(-1.0, 1.0)
                };
                x.mapped(v.abs(), slope)
            }
            Function::Min | Function::Max => {
                let mut best = x;
                for other in &arguments[1..] {
                    let other = self.value(*other)?;
                    best = chosen(function == Function::Max, &best, &other);
                }
                best
            }
            Function::Inv if self.within.is_some() => {
                let inverse = v.reciprocal().ok_or(Gap::Here)?;
                x.mapped(inverse, -(inverse * inverse))
            }
            _ => return Err(Gap::Beyond),
        })
    }

    /// The sum of a function of `Sigma` over its eigenvalues, or of its logarithm.
    fn trace(&mut self, matrix: Id, logarithm: bool) -> Enclosed {
        let mut model = None;
        self.store.visit(matrix, &mut |_, node| {
            model = model.or(node.model());
        });
        let model = model.ok_or(Gap::Beyond)?;
        let levels = self.levels(model)?;
        let mut total = Slopes::constant(Interval::point(0.0));
        for level in levels {
            // What is known of other eigenvalues does not hold of this one.
            let outside = (
                std::mem::take(&mut self.known),
                self.within.replace((model, level.value)),
            );
            let term = self.value(matrix);
            (self.known, self.within) = outside;
            let mut term = term?;
            if logarithm {
                let inverse = term.value.reciprocal().ok_or(Gap::Here)?;
                term = term.mapped(term.value.ln().ok_or(Gap::Here)?, inverse);
            }
            total = total.plus(&term.times(&level.count));
        }
        Ok(total)
    }

    /// The eigenvalues of a spectrum with few, each with how often it occurs.
    fn levels(&mut self, model: ModelId) -> Result<Vec<Level>, Gap> {
        let terms = self.store.model(model);
        let outside = self.within.take();
        let dimension = self.value(terms.dimension.ok_or(Gap::Beyond)?);
        let one = || Slopes::constant(Interval::point(1.0));
        let found = match &terms.spectrum {
            SpectrumTerms::Isotropic => dimension.map(|count| {
                vec![Level {
                    value: one(),
                    count,
                }]
            }),
            SpectrumTerms::Atoms { values, weights } => dimension.and_then(|d| {
                let weights: Result<Vec<_>, Gap> = weights.iter().map(|w| self.value(*w)).collect();
                let counts = multiplicities(&weights?, &d)?;
                let values = values.iter().map(|v| self.value(*v));
                (values.zip(counts))
                    .map(|(value, count)| {
                        Ok(Level {
                            value: value?,
                            count,
                        })
                    })
                    .collect()
            }),
            _ => Err(Gap::Beyond),
        };
        self.within = outside;
        found
    }

    fn fold(&mut self, kind: Fold, index: Binder, (from, to): (Id, Id), body: Id) -> Enclosed {
        let whole = |x: Interval| (x.low == x.high && x.low.fract() == 0.0).then_some(x.low as i64);
        let from = whole(self.value(from)?.value);
        let to = match self.store.node(to) {
            Node::Infinity => None,
            _ => whole(self.value(to)?.value),
        };
        let (Some(from), Some(to)) = (from, to) else {
            return Err(Gap::Beyond);
        };
        if to < from || to - from > MAX_FOLD || !matches!(kind, Fold::Sum | Fold::Prod) {
            return Err(Gap::Beyond);
        }
        let mut total: Option<Slopes> = None;
        for i in from..=to {
            self.bound
                .insert(index, BigRational::from_integer(i.into()));
            let term = self.value(body)?;
            let one = Interval::point(1.0);
            total = Some(match total {
                None => term,
                Some(sum) if kind == Fold::Sum => {
                    Slopes::combined(sum.value + term.value, [(&sum, one), (&term, one)])
                }
                Some(product) => Slopes::combined(
                    product.value * term.value,
                    [(&product, term.value), (&term, product.value)],
                ),
            });
        }
        self.bound.remove(&index);
        total.ok_or(Gap::Beyond)
    }

    /// `None` where the condition holds at some points of the box only.
    fn condition(&mut self, condition: &Condition) -> Result<Option<bool>, Gap> {
        let list = match condition {
            &Condition::Compare(a, op, b) => return self.compare(a, op, b),
            Condition::All(list) | Condition::Any(list) => list,
        };
        let decisive = matches!(condition, Condition::Any(_));
        let mut all = true;
        for part in list {
            match self.condition(part)? {
                Some(found) if found == decisive => return Ok(Some(decisive)),
                Some(_) => {}
                None => all = false,
            }
        }
        Ok(all.then_some(!decisive))
    }

    /// Whether a relation holds on the whole box, or nowhere on it.
    pub fn holds(&mut self, relation: &Relation) -> Result<Option<bool>, Gap> {
        self.compare(relation.lhs, relation.op, relation.rhs)
    }

    fn compare(&mut self, a: Id, op: RelationOp, b: Id) -> Result<Option<bool>, Gap> {
        let difference = self.value(a)?.minus(&self.value(b)?).value;
        let (low, high) = (difference.low, difference.high);
        let (yes, no) = match op {
            RelationOp::Le => (high <= 0.0, low > 0.0),
            RelationOp::Lt => (high < 0.0, low >= 0.0),
            RelationOp::Ge => (low >= 0.0, high < 0.0),
            RelationOp::Gt => (low > 0.0, high <= 0.0),
            RelationOp::Eq => (low == 0.0 && high == 0.0, low > 0.0 || high < 0.0),
            _ => return Err(Gap::Beyond),
        };
        Ok(if yes { Some(true) } else { no.then_some(false) })
    }
}
