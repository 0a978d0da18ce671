//! Formulas that are sums of powers of one bound variable times powers of its logarithm: growing sums of them.

use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::evaluate::{Along, Germs, Result};
use super::powers::Growing;
use super::quantity::Quantity;
use super::sums::first_index;
use crate::formula::ast::{BinaryOp, Function};
use crate::scaling::{Limit, logarithmic_constant, logarithmic_end, whole_power};
use crate::term::{Id, Node};

/// More terms come from no formula that a person wrote.
const MAX_TERMS: usize = 24;
/// Terms at the start of a sum that are taken away one by one.
const MAX_HEAD: i64 = 64;
/// Largest whole power of a sum that is multiplied out.
const MAX_POWER: i64 = 4;

/// `coefficient · x^power (ln x)^log`
#[derive(Clone)]
struct LogarithmicPower {
    power: BigRational,
    log: BigRational,
    coefficient: Quantity,
}

type Terms = Vec<LogarithmicPower>;

fn whole(n: i64) -> BigRational {
    BigRational::from_integer(n.into())
}

impl LogarithmicPower {
    fn at(&self, k: &Quantity) -> Result<Quantity> {
        let power = k.power(&self.power.clone().into())?;
        if self.log.is_zero() {
            return Ok(power);
        }
        power.times(&k.ln()?.power(&self.log.clone().into())?)
    }

    fn raised(&self, exponent: &BigRational) -> Result<Self> {
        Ok(Self {
            power: &self.power * exponent,
            log: &self.log * exponent,
            coefficient: self.coefficient.power(&exponent.clone().into())?,
        })
    }
}

impl Germs<'_> {
    /// `sum(index = from..to, body)` of powers of the index and of its logarithm; `to` is `None` for infinity.
    pub(super) fn sum_with_logarithms(
        &mut self,
        walker: &mut Along<'_>,
        from: &Quantity,
        to: Option<&Quantity>,
        growing: Growing,
    ) -> Result<Option<Quantity>> {
        let Some(power) = self.power_of_index(growing)? else {
            return Ok(None);
        };
        let of = Of { growing, power };
        let Some(mut terms) = self.with_logarithms(walker, growing.body, &of)? else {
            return Ok(None);
        };
        if growing.weighted {
            let Some(power) = self.coefficient_power()? else {
                return Ok(None);
            };
            terms.iter_mut().for_each(|t| t.power += &power * whole(2));
        }
        let mut total = Quantity::integer(0);
        for term in &terms {
            let Some(sum) = between(from, to, term)? else {
                return Ok(None);
            };
            total = total.plus(&term.coefficient.times(&sum)?)?;
        }
        Ok(Some(total))
    }

    /// A term as a sum of powers; `None` where it is something else.
    fn with_logarithms(
        &mut self,
        walker: &mut Along<'_>,
        id: Id,
        of: &Of,
    ) -> Result<Option<Terms>> {
        let variable = of.growing.index;
        if let Some(powers) = self.powers(walker, id, variable, &of.power)? {
            let centred = powers
                .iter()
                .all(|p| p.shift.is_zero() || p.power.is_zero());
            let terms = powers.into_iter().map(|p| LogarithmicPower {
                power: p.power,
                log: BigRational::zero(),
                coefficient: p.coefficient,
            });
            return Ok(centred.then(|| terms.collect()));
        }
        if let Some((branch, sign)) = self.chosen(id) {
            let terms = self.with_logarithms(walker, branch, of)?;
            return terms.map(|terms| scaled(terms, sign)).transpose();
        }
        let store = walker.store();
        match store.node(id) {
            &Node::Neg(inner) => {
                let terms = self.with_logarithms(walker, inner, of)?;
                terms.map(|terms| scaled(terms, -1)).transpose()
            }
            &Node::Binary(BinaryOp::Pow, a, b) if !store.free(b).contains(&variable) => {
                let Some(base) = self.with_logarithms(walker, a, of)? else {
                    return Ok(None);
                };
                match self.scalar(walker, b)?.exact() {
                    Some(exponent) => raised(&base, exponent),
                    None => Ok(None),
                }
            }
            &Node::Binary(op, a, b) => {
                let a = self.with_logarithms(walker, a, of)?;
                match (a, self.with_logarithms(walker, b, of)?) {
                    (Some(a), Some(b)) => combined(op, a, b),
                    _ => Ok(None),
                }
            }
            Node::Call(Function::Sqrt, arguments) => {
                match self.with_logarithms(walker, arguments[0], of)? {
                    Some(terms) => raised(&terms, &BigRational::new(1.into(), 2.into())),
                    None => Ok(None),
                }
            }
            // ln(c x^p) = ln c + p ln x
            Node::Call(Function::Log, arguments) => {
                let inside = self.with_logarithms(walker, arguments[0], of)?;
                let Some([term]) = inside.as_deref() else {
                    return Ok(None);
                };
                if !term.log.is_zero() {
                    return Ok(None);
                }
                let number = LogarithmicPower {
                    power: BigRational::zero(),
                    log: BigRational::zero(),
                    coefficient: term.coefficient.ln()?,
                };
                let log = LogarithmicPower {
                    power: BigRational::zero(),
                    log: BigRational::one(),
                    coefficient: term.power.clone().into(),
                };
                collected(vec![number, log])
            }
            _ => Ok(None),
        }
    }
}

/// What the powers are of.
struct Of {
    growing: Growing,
    /// What the variable itself is a power of the index to.
    power: BigRational,
}

/// `Σ k^p (ln k)^b` over `from ≤ k ≤ to`, or from there on.
fn between(
    from: &Quantity,
    to: Option<&Quantity>,
    term: &LogarithmicPower,
) -> Result<Option<Quantity>> {
    let (p, b) = (&term.power, &term.log);
    let known = whole_power(b);
    let first = first_index(from, MAX_HEAD);
    // of a logarithm that is divided by, the first is none
    if known.is_none() && first == Some(1) {
        return Ok(None);
    }
    let end = |n: &Quantity| -> Result<Option<Quantity>> {
        let n = n.germ()?;
        match n.limit()? {
            Limit::PlusInfinity => Ok(Some(logarithmic_end(&n, p, b)?.into())),
            _ => Ok(None),
        }
    };
    let above = match to {
        Some(to) => end(to)?,
        // the growing part falls to nothing
        None if known.is_some() && (p + whole(1)).is_negative() => Some(Quantity::integer(0)),
        None => None,
    };
    let Some(above) = above else { return Ok(None) };
    if first.is_none() {
        let Some(below) = end(from)? else {
            return Ok(None);
        };
        return above.minus(&below)?.plus(&term.at(from)?).map(Some);
    }
    let Some(b) = known else {
        return Ok(Some(above));
    };
    let mut sum = above.plus(&Quantity::constant(logarithmic_constant(p, b)?))?;
    for k in (1..first.unwrap_or(1)).skip(usize::from(b > 0)) {
        sum = sum.minus(&term.at(&Quantity::integer(k))?)?;
    }
    Ok(Some(sum))
}

fn scaled(mut terms: Terms, factor: i64) -> Result<Terms> {
    for term in &mut terms {
        term.coefficient = term.coefficient.times(&Quantity::integer(factor))?;
    }
    Ok(terms)
}

fn combined(op: BinaryOp, mut a: Terms, b: Terms) -> Result<Option<Terms>> {
    match op {
        BinaryOp::Add => {
            a.extend(b);
            collected(a)
        }
        BinaryOp::Sub => {
            a.extend(scaled(b, -1)?);
            collected(a)
        }
        BinaryOp::Mul => multiplied(&a, &b),
        BinaryOp::Div => match raised(&b, &whole(-1))? {
            Some(inverse) => multiplied(&a, &inverse),
            None => Ok(None),
        },
        BinaryOp::Pow => Ok(None),
    }
}

fn multiplied(a: &[LogarithmicPower], b: &[LogarithmicPower]) -> Result<Option<Terms>> {
    let mut terms = Vec::with_capacity(a.len() * b.len());
    for x in a {
        for y in b {
            terms.push(LogarithmicPower {
                power: &x.power + &y.power,
                log: &x.log + &y.log,
                coefficient: x.coefficient.times(&y.coefficient)?,
            });
        }
    }
    collected(terms)
}

fn raised(base: &[LogarithmicPower], exponent: &BigRational) -> Result<Option<Terms>> {
    if let [term] = base {
        return Ok(Some(vec![term.raised(exponent)?]));
    }
    let count = (1..=MAX_POWER).find(|n| *exponent == whole(*n));
    let Some(count) = count else { return Ok(None) };
    let mut product = base.to_vec();
    for _ in 1..count {
        match multiplied(&product, base)? {
            Some(next) => product = next,
            None => return Ok(None),
        }
    }
    Ok(Some(product))
}

/// With one term of each order, none of them zero; `None` if there are too many.
fn collected(terms: Terms) -> Result<Option<Terms>> {
    let mut unique: Terms = Vec::with_capacity(terms.len());
    for term in terms {
        let twin = (unique.iter_mut()).find(|u| u.power == term.power && u.log == term.log);
        match twin {
            Some(twin) => twin.coefficient = twin.coefficient.plus(&term.coefficient)?,
            None => unique.push(term),
        }
    }
    unique.retain(|term| !term.coefficient.is_zero());
    Ok((unique.len() <= MAX_TERMS).then_some(unique))
}
