//! Products over a growing index: of rational functions of it by the gamma function, `Π_{j=m}^n (j + a) = Γ(n+1+a)/Γ(m+a)`, of
//! others by the sum of their logarithms.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::evaluate::{Along, Germs, Result};
use super::powers::Power;
use super::quantity::Quantity;
use super::sums::first_index;
use crate::formula::ast::BinaryOp;
use crate::number::bernoulli;
use crate::scaling::{Coefficient, Germ, Limit, Order, log_factorial, logarithms_up_to};
use crate::term::{Binder, FoldForm, Id, Node};

/// Products begin here at the latest.
const MAX_FIRST: i64 = 64;
/// Terms of Stirling's series that are kept.
const STIRLING: usize = 4;

/// `(j + shift)^exponent`
struct Factor {
    shift: BigRational,
    exponent: BigRational,
}

/// `front · Π (j + shift_i)^{exponent_i}`
struct Factors {
    front: BigRational,
    factors: Vec<Factor>,
}

impl Factors {
    /// `None` where the front has no such power among rational numbers.
    fn raised(self, to: &BigRational) -> Option<Self> {
        let front = match to.is_integer().then(|| to.to_integer().to_i32()).flatten() {
            Some(n) if n.abs() <= 64 && (n >= 0 || !self.front.is_zero()) => self.front.pow(n),
            _ if self.front.is_one() => self.front,
            _ => return None,
        };
        let raise = |factor: Factor| Factor {
            exponent: factor.exponent * to,
            ..factor
        };
        let factors = self.factors.into_iter().map(raise).collect();
        Some(Self { front, factors })
    }
}

impl Germs<'_> {
    /// `prod(index = from..to, body)`; `None` where the body is no such function.
    pub(super) fn growing_product(
        &mut self,
        walker: &mut Along<'_>,
        form: FoldForm,
        from: &Quantity,
        to: Option<&Quantity>,
    ) -> Result<Option<Quantity>> {
        let Some(first) = from.exact().filter(|x| x.is_integer() && x.is_positive()) else {
            return Ok(None);
        };
        if let Some(factors) = self.factors(walker, form.body, form.index)?
            && let Some(product) = of_gammas(&factors, first, to)?
        {
            return Ok(Some(product));
        }
        let Some(to) = to else { return Ok(None) };
        match self.sum_of_logarithms(walker, form, from, to)? {
            Some(sum) => Ok(Some(sum.exp()?)),
            None => Ok(None),
        }
    }

    /// The logarithm of `prod(index = from..to, body)`, which may grow faster than a power of the limit variable.
    pub(super) fn logarithm_of_product(
        &mut self,
        walker: &mut Along<'_>,
        form: FoldForm,
    ) -> Result<Option<Quantity>> {
        let from = self.scalar(walker, form.from)?;
        match self.end(walker, form.to)? {
            Some(to) => self.sum_of_logarithms(walker, form, &from, &to),
            None => Ok(None),
        }
    }

    /// `Σ ln body` over `from ≤ index ≤ to`.
    pub(super) fn sum_of_logarithms(
        &mut self,
        walker: &mut Along<'_>,
        form: FoldForm,
        from: &Quantity,
        to: &Quantity,
    ) -> Result<Option<Quantity>> {
        let n = to.germ()?;
        let first = first_index(from, MAX_FIRST);
        let (Some(first), Limit::PlusInfinity) = (first, n.limit()?) else {
            return Ok(None);
        };
        self.logarithms(walker, form.body, form.index, first, &n)
    }

    fn logarithms(
        &mut self,
        walker: &mut Along<'_>,
        id: Id,
        index: Binder,
        first: i64,
        n: &Germ,
    ) -> Result<Option<Quantity>> {
        let store = walker.store();
        let count = || Quantity::from(n - &Germ::integer(first - 1));
        if !store.free(id).contains(&index) {
            let log = self.scalar(walker, id)?.ln()?;
            return log.times(&count()).map(Some);
        }
        match *store.node(id) {
            Node::Binary(op @ (BinaryOp::Mul | BinaryOp::Div), a, b) => {
                let both = (
                    self.logarithms(walker, a, index, first, n)?,
                    self.logarithms(walker, b, index, first, n)?,
                );
                let (Some(a), Some(b)) = both else {
                    return Ok(None);
                };
                match op {
                    BinaryOp::Mul => a.plus(&b),
                    _ => a.minus(&b),
                }
                .map(Some)
            }
            Node::Binary(BinaryOp::Pow, a, b) if !store.free(b).contains(&index) => {
                let exponent = self.scalar(walker, b)?;
                match self.logarithms(walker, a, index, first, n)? {
                    Some(logs) => logs.times(&exponent).map(Some),
                    None => Ok(None),
                }
            }
            _ => {
                let Some(powers) = self.powers(walker, id, index, &BigRational::one())? else {
                    return Ok(None);
                };
                if let Some(factors) = factored(&powers)
                    && let Some(logs) = logarithms_of_gammas(&factors, first, n)?
                {
                    return Ok(Some(logs));
                }
                of_two_powers(&powers, first, n)
            }
        }
    }

    fn factors(
        &mut self,
        walker: &mut Along<'_>,
        id: Id,
        index: Binder,
    ) -> Result<Option<Factors>> {
        let store = walker.store();
        match *store.node(id) {
            Node::Binary(op @ (BinaryOp::Mul | BinaryOp::Div), a, b) => {
                let both = (
                    self.factors(walker, a, index)?,
                    self.factors(walker, b, index)?,
                );
                let (Some(mut a), Some(b)) = both else {
                    return Ok(None);
                };
                let sign = if op == BinaryOp::Mul { 1 } else { -1 };
                Ok(
                    (b.raised(&BigRational::from_integer(sign.into()))).map(|b| {
                        a.front *= b.front;
                        a.factors.extend(b.factors);
                        a
                    }),
                )
            }
            Node::Binary(BinaryOp::Pow, a, b) if !store.free(b).contains(&index) => {
                let Some(factors) = self.factors(walker, a, index)? else {
                    return Ok(None);
                };
                let exponent = self.scalar(walker, b)?;
                Ok(exponent
                    .exact()
                    .and_then(|exponent| factors.raised(exponent)))
            }
            _ => {
                let powers = self.powers(walker, id, index, &BigRational::one())?;
                Ok(powers.and_then(|powers| factored(&powers)))
            }
        }
    }
}

/// A product whose factors' powers cancel, so that it is of the order of a power; `None` for others.
fn of_gammas(
    Factors { front, factors }: &Factors,
    first: &BigRational,
    to: Option<&Quantity>,
) -> Result<Option<Quantity>> {
    let total: BigRational = factors.iter().map(|factor| &factor.exponent).sum();
    let power: BigRational = (factors.iter())
        .map(|factor| &factor.exponent * &factor.shift)
        .sum();
    if !front.is_one() || !total.is_zero() || to.is_none() && !power.is_zero() {
        return Ok(None);
    }
    let mut constant = Coefficient::integer(1);
    for factor in factors {
        let start = first + &factor.shift;
        if !start.is_positive() && !(factor.exponent.is_integer() && !start.is_integer()) {
            return Ok(None);
        }
        let gamma = Coefficient::gamma(&start).and_then(|g| g.pow(&-&factor.exponent));
        let Some(gamma) = gamma else { return Ok(None) };
        constant = constant.mul(&gamma);
    }
    let Some(n) = to else {
        return Ok(Some(Quantity::constant(constant)));
    };
    let n = n.germ()?;
    if !matches!(n.limit()?, Limit::PlusInfinity) {
        return Ok(None);
    }
    let product = (&n.powr(&power)? * &stirling(&n, factors)?.exp()?).scale(&constant);
    Ok(Some(product.into()))
}

/// `Σ_i q_i (ln Γ(n+1+a_i) − ln Γ(m+a_i))`, and the front as often.
fn logarithms_of_gammas(
    Factors { front, factors }: &Factors,
    first: i64,
    n: &Germ,
) -> Result<Option<Quantity>> {
    let mut sum = stirling(n, factors)?;
    let (log, factorial) = (n.ln()?, log_factorial(n)?);
    for factor in factors {
        let start = BigRational::from_integer(first.into()) + &factor.shift;
        let below = Coefficient::gamma(&start).filter(|_| start.is_positive());
        let Some(below) = below.and_then(|gamma| gamma.ln()) else {
            return Ok(None);
        };
        let shifted = log.scale(&Coefficient::rational(factor.shift.clone()));
        let part = &(&factorial + &shifted) - &Germ::term(below, Order::constant());
        sum = &sum + &part.scale(&Coefficient::rational(factor.exponent.clone()));
    }
    if !front.is_one() {
        let Some(each) = Coefficient::rational(front.clone()).ln() else {
            return Ok(None);
        };
        sum = &sum + &(n - &Germ::integer(first - 1)).scale(&each);
    }
    Ok(Some(sum.into()))
}

/// `Σ ln(a j^p + b j^q)`: of the positive one of two powers, and of one and the quotient.
fn of_two_powers(powers: &[Power], first: i64, n: &Germ) -> Result<Option<Quantity>> {
    let [x, y] = powers else { return Ok(None) };
    if !x.shift.is_zero() || !y.shift.is_zero() {
        return Ok(None);
    }
    let (whole, part) = if x.power.is_zero() { (x, y) } else { (y, x) };
    let (whole, part) = match whole.coefficient.sign()? {
        1 => (whole, part),
        _ => (part, whole),
    };
    if whole.coefficient.sign()? <= 0 {
        return Ok(None);
    }
    let ratio = part.coefficient.over(&whole.coefficient)?.germ()?;
    let logs = logarithms_up_to(&(&part.power - &whole.power), &ratio, first, n)?;
    let front = Power {
        shift: BigRational::zero(),
        ..whole.clone()
    };
    let log = front.coefficient.ln()?.germ()?;
    let mut sum = &logs + &(&(n - &Germ::integer(first - 1)) * &log);
    if !front.power.is_zero() {
        let single = Factors {
            front: BigRational::one(),
            factors: vec![Factor {
                shift: BigRational::zero(),
                exponent: front.power,
            }],
        };
        match logarithms_of_gammas(&single, first, n)? {
            Some(own) => sum = &sum + &*own.germ()?,
            None => return Ok(None),
        }
    }
    Ok(Some(sum.into()))
}

/// `c_0 j^p + c_1 j^{p−1} + c_2 j^{p−2}` with rational roots.
fn factored(powers: &[Power]) -> Option<Factors> {
    let two = BigRational::from_integer(2.into());
    let factor = |shift: BigRational, exponent: BigRational| Factor { shift, exponent };
    let exact = |power: &Power| power.coefficient.exact().cloned();
    if let [only] = powers {
        let factors = vec![factor(only.shift.clone(), only.power.clone())];
        return exact(only).map(|front| Factors { front, factors });
    }
    if powers.iter().any(|power| !power.shift.is_zero()) {
        return None;
    }
    let top = powers.iter().map(|power| &power.power).max()?.clone();
    let mut c = [(); 3].map(|()| BigRational::zero());
    for power in powers {
        let below =
            (0..3).find(|k| &top - BigRational::from_integer((*k).into()) == power.power)?;
        c[below as usize] = exact(power)?;
    }
    let [front, sum, product] = c;
    let (sum, product) = (sum / &front, product / &front);
    let lowest = |degree: i64| &top - BigRational::from_integer(degree.into());
    let factors = if product.is_zero() {
        vec![
            factor(BigRational::zero(), lowest(1)),
            factor(sum, BigRational::one()),
        ]
    } else {
        // (j + a)(j + b)
        let root = square_root(&(&sum * &sum - BigRational::from_integer(4.into()) * product))?;
        vec![
            factor(BigRational::zero(), lowest(2)),
            factor((&sum + &root) / &two, BigRational::one()),
            factor((&sum - &root) / &two, BigRational::one()),
        ]
    };
    Some(Factors { front, factors })
}

fn square_root(x: &BigRational) -> Option<BigRational> {
    if x.is_negative() {
        return None;
    }
    let root = BigRational::new(x.numer().sqrt(), x.denom().sqrt());
    (&root * &root == *x).then_some(root)
}

/// `Σ_i q_i (ln Γ(n+1+a_i) − ln Γ(n+1) − a_i ln n)`, each
/// `Σ_k (−1)^{k+1} (B_{k+1}(1+a) − B_{k+1}(1))/(k(k+1) n^k)`.
fn stirling(n: &Germ, factors: &[Factor]) -> Result<Germ> {
    let mut sum = Germ::zero();
    let inverse = n.recip()?;
    for k in 1..=STIRLING {
        let mut weight = BigRational::zero();
        for factor in factors {
            let one = BigRational::one();
            let change = bernoulli_at(k + 1, &(&one + &factor.shift)) - bernoulli_at(k + 1, &one);
            weight += change * &factor.exponent;
        }
        let sign = if k % 2 == 1 { 1 } else { -1 };
        let divisor = BigRational::new(BigInt::from(sign), (k * (k + 1)).into());
        let order = BigRational::from_integer(k.into());
        let part = inverse.powr(&order)?;
        sum = &sum + &part.scale(&Coefficient::rational(weight * divisor));
    }
    let beyond = inverse.powr(&BigRational::from_integer((STIRLING + 1).into()))?;
    Ok(match beyond.order_bound() {
        Some(order) => sum.with_remainder(Order::clone(order)),
        None => sum,
    })
}

/// The Bernoulli polynomial `B_n(x) = Σ_k binom(n, k) B_k x^{n−k}`.
fn bernoulli_at(n: usize, x: &BigRational) -> BigRational {
    let numbers = bernoulli(n);
    let mut binomial = BigRational::one();
    let mut sum = BigRational::zero();
    for k in 0..=n {
        sum += &binomial * &numbers[k] * x.pow((n - k) as i32);
        binomial *= BigRational::new((n - k).into(), (k + 1).into());
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stirling_gives_ratios_of_gammas() {
        let half = BigRational::new(1.into(), 2.into());
        let factors = [Factor {
            shift: half,
            exponent: BigRational::one(),
        }];
        let n = 20.0;
        let value = stirling(&Germ::variable(), &factors).unwrap().evaluate(n);
        let exact = libm::lgamma(n + 1.5) - libm::lgamma(n + 1.0) - 0.5 * n.ln();
        assert!((value - exact).abs() < 1e-8, "{value} {exact}");
    }
}
