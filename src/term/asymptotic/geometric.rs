//! Geometric sums: `Σ_{i=a}^b A q^i = A q^a (1 − q^{b−a+1})/(1 − q)`.

use num_rational::BigRational;

use super::AsymptoticError;
use super::evaluate::Value::Scalar;
use super::evaluate::{Along, Germs, Result};
use super::quantity::Quantity;
use crate::formula::ast::{BinaryOp, Function};
use crate::term::{Binder, FoldForm, Id, Node, Store};

/// More products than this are not summed.
const MOST_PRODUCTS: usize = 32;
/// Powers of sums up to this are multiplied out.
const MOST_POWERS: i64 = 4;

/// A product of geometric factors, and of the reciprocals of others, with its sign.
#[derive(Clone)]
struct Product {
    sign: i64,
    factors: Vec<Id>,
    divisors: Vec<Id>,
}

impl Product {
    fn of(id: Id) -> Self {
        Self {
            sign: 1,
            factors: vec![id],
            divisors: Vec::new(),
        }
    }

    fn times(&self, other: &Self) -> Self {
        Self {
            sign: self.sign * other.sign,
            factors: [&self.factors[..], &other.factors].concat(),
            divisors: [&self.divisors[..], &other.divisors].concat(),
        }
    }
}

impl Germs<'_> {
    /// A sum of terms that are sums of products of what is geometric in its index.
    pub(super) fn geometric_sum(
        &mut self,
        walker: &mut Along<'_>,
        form: FoldForm,
        start: &Quantity,
        end: Option<&Quantity>,
    ) -> Result<Option<Quantity>> {
        let Some(products) = products(walker.store(), form.body, form.index) else {
            return Ok(None);
        };
        let mut total = Quantity::integer(0);
        for product in products {
            let first = self.at_index(walker, form, &product, 0)?;
            if first.is_zero() {
                continue;
            }
            let second = self.at_index(walker, form, &product, 1)?;
            total = total.plus(&geometric(&first, &second.over(&first)?, start, end)?)?;
        }
        Ok(Some(total))
    }

    fn at_index(
        &mut self,
        walker: &mut Along<'_>,
        form: FoldForm,
        product: &Product,
        i: i64,
    ) -> Result<Quantity> {
        let mut value = Quantity::integer(product.sign);
        for (ids, divides) in [(&product.factors, false), (&product.divisors, true)] {
            for &id in ids {
                let index = Scalar(Quantity::integer(i));
                let factor = walker.bound_to(self, form.index, index, id)?.scalar()?;
                value = match divides {
                    false => value.times(&factor)?,
                    true => value.over(&factor)?,
                };
            }
        }
        Ok(value)
    }
}

/// `Σ_i A q^i` from `start` to `end`, or without end.
fn geometric(
    first: &Quantity,
    ratio: &Quantity,
    start: &Quantity,
    end: Option<&Quantity>,
) -> Result<Quantity> {
    let one = Quantity::integer(1);
    let least = first.times(&ratio.power(start)?)?;
    let Some(end) = end else {
        return match ratio.abs()?.minus(&one)?.sign()? < 0 {
            true => least.over(&one.minus(ratio)?),
            false => Err(AsymptoticError::Undefined(
                "a sum that does not converge".into(),
            )),
        };
    };
    let count = end.minus(start)?.plus(&one)?;
    if count.sign()? <= 0 {
        return Ok(Quantity::integer(0));
    }
    if ratio.is_one() {
        return least.times(&count);
    }
    let beyond = least.times(&ratio.power(&count)?)?;
    least.minus(&beyond)?.over(&one.minus(ratio)?)
}

/// What is multiplied out to products of what is geometric in an index.
fn products(store: &Store, id: Id, index: Binder) -> Option<Vec<Product>> {
    let of = |id: Id| products(store, id, index);
    let found = match *store.node(id) {
        _ if is_geometric(store, id, index) => vec![Product::of(id)],
        Node::Neg(x) => negated(of(x)?),
        Node::Binary(BinaryOp::Add, a, b) => [of(a)?, of(b)?].concat(),
        Node::Binary(BinaryOp::Sub, a, b) => [of(a)?, negated(of(b)?)].concat(),
        Node::Binary(BinaryOp::Mul, a, b) => multiplied(&of(a)?, &of(b)?),
        Node::Binary(BinaryOp::Div, a, b) if is_geometric(store, b, index) => {
            let mut all = of(a)?;
            for product in &mut all {
                product.divisors.push(b);
            }
            all
        }
        Node::Binary(BinaryOp::Pow, a, b) => {
            let Node::Number(power) = store.node(b) else {
                return None;
            };
            let base = of(a)?;
            let times =
                (2..=MOST_POWERS).find(|n| **power == BigRational::from_integer((*n).into()))?;
            let mut all = base.clone();
            for _ in 1..times {
                if all.len() > MOST_PRODUCTS {
                    return None;
                }
                all = multiplied(&all, &base);
            }
            all
        }
        _ => return None,
    };
    (found.len() <= MOST_PRODUCTS).then_some(found)
}

fn negated(mut all: Vec<Product>) -> Vec<Product> {
    for product in &mut all {
        product.sign = -product.sign;
    }
    all
}

fn multiplied(left: &[Product], right: &[Product]) -> Vec<Product> {
    (left.iter())
        .flat_map(|a| right.iter().map(|b| a.times(b)))
        .collect()
}

/// Whether something is `A q^i`.
fn is_geometric(store: &Store, id: Id, index: Binder) -> bool {
    let free = |id: Id| !store.free(id).contains(&index);
    match store.node(id) {
        _ if free(id) => true,
        &Node::Neg(x) => is_geometric(store, x, index),
        &Node::Binary(BinaryOp::Mul | BinaryOp::Div, a, b) => {
            is_geometric(store, a, index) && is_geometric(store, b, index)
        }
        &Node::Binary(BinaryOp::Pow, a, b) => {
            free(a) && is_linear(store, b, index) || is_geometric(store, a, index) && free(b)
        }
        Node::Call(Function::Exp, arguments) => is_linear(store, arguments[0], index),
        Node::Call(Function::Sqrt, arguments) => is_geometric(store, arguments[0], index),
        _ => false,
    }
}

/// Whether something is `a + b i`.
fn is_linear(store: &Store, id: Id, index: Binder) -> bool {
    let free = |id: Id| !store.free(id).contains(&index);
    match *store.node(id) {
        _ if free(id) => true,
        Node::Bound(binder) => binder == index,
        Node::Neg(x) => is_linear(store, x, index),
        Node::Binary(BinaryOp::Add | BinaryOp::Sub, a, b) => {
            is_linear(store, a, index) && is_linear(store, b, index)
        }
        Node::Binary(BinaryOp::Mul, a, b) => {
            free(a) && is_linear(store, b, index) || is_linear(store, a, index) && free(b)
        }
        Node::Binary(BinaryOp::Div, a, b) => is_linear(store, a, index) && free(b),
        _ => false,
    }
}
