//! The algebra of numbers: terms evaluated at one point, in doubles or in balls, with one draw or without.

use std::cmp::Ordering::{Equal, Less};

use num_rational::BigRational;
use num_traits::One;

use super::cost::{charge, charge_step, factoring};
use super::value::{Evaluated, finite};
use super::{
    Environment, EvaluationError, LinearAlgebra, Spectral, Value, combinatorial, definite, placed,
    ridge, stack,
};
use crate::formula::ast::{BinaryOp, Extremum, Function, RelationOp};
use crate::number::Real;
use crate::term::{
    Algebra, ExtremumForm, FoldForm, Id, ModelId, Node, OfSpectrum, Outcome, RandomId, Shape,
    SpectralForm, Store, SymbolId, Walker,
};

pub(super) struct Numbers<'e, R> {
    pub(super) environment: &'e Environment<R>,
    /// Whether sums are of the sizes of their terms.
    pub(super) of_sizes: bool,
}

pub(super) type Walk<'w, 's, R> = &'w mut Walker<'s, Value<R>>;

/// Whether a comparison of numbers holds; `None` where errors leave it open.
pub(in crate::term) fn compared<R: Real>(a: &R, op: RelationOp, b: &R) -> Outcome<Option<bool>> {
    // Any order tells whether it is a relation of numbers.
    if op.holds_of(Equal).is_none() {
        return Err(EvaluationError::unsupported(
            "a relation of limits where a comparison of numbers is needed",
        ));
    }
    Ok(a.order(b).and_then(|order| op.holds_of(order)))
}

impl<'e, R: LinearAlgebra> Numbers<'e, R> {
    pub(super) fn new(environment: &'e Environment<R>) -> Self {
        Self {
            environment,
            of_sizes: false,
        }
    }

    /// Sums over an index as if nothing cancelled in them.
    pub(super) fn of_sizes(environment: &'e Environment<R>) -> Self {
        Self {
            environment,
            of_sizes: true,
        }
    }

    /// The value of a scalar term; an error if it is not finite.
    pub(super) fn scalar(&mut self, walker: Walk<'_, '_, R>, id: Id) -> Outcome<R> {
        finite(walker.value(self, id)?.scalar()?)
    }

    /// The body of a form, a scalar, where its variable is `x`.
    pub(super) fn at(
        &mut self,
        walker: Walk<'_, '_, R>,
        variable: crate::term::Binder,
        x: R,
        body: Id,
    ) -> Outcome<R> {
        finite(
            walker
                .bound_to(self, variable, Value::Scalar(x), body)?
                .scalar()?,
        )
    }

    /// The environment has one `Σ`; one that a bound variable changes is another.
    fn settled(&self, store: &Store, model: ModelId) -> Outcome<()> {
        let parameters = store.model(model).parameters();
        if parameters.into_iter().all(|p| store.free(p).is_empty()) {
            return Ok(());
        }
        Err(EvaluationError::unsupported(
            "a spectrum that changes with a bound variable",
        ))
    }

    fn power(&self, a: Value<R>, b: &Value<R>) -> Evaluated<R> {
        let exponent = b.scalar()?;
        if let Value::Scalar(x) = &a {
            let e = exponent.midpoint();
            if x.is_zero() && e < 0.0 {
                return Err(EvaluationError::undefined("a negative power of zero"));
            }
            if x.is_zero() && e > 0.0 {
                return Ok(Value::Scalar(R::zero()));
            }
            if x.midpoint() < 0.0 && !(exponent.is_exact() && e.fract() == 0.0) {
                return Err(EvaluationError::undefined(
                    "a fractional power of a negative number",
                ));
            }
        }
        a.power(exponent, &self.environment.covariance)
    }

    fn pinv(&self, value: Value<R>) -> Evaluated<R> {
        match value {
            Value::Spectral(f) => Ok(Value::Spectral(f.power(-R::one()))),
            other => {
                let matrix = other.dense(&self.environment.covariance, None)?;
                if matrix.entries.is_empty() {
                    return Err(EvaluationError::undefined(
                        "the pseudo-inverse of a design without rows",
                    ));
                }
                charge::<R>(8.0 * factoring(&matrix))?;
                R::pinv(&matrix).map(Value::Matrix).ok_or_else(|| {
                    EvaluationError::undefined("a pseudo-inverse that is not finite")
                })
            }
        }
    }

    /// `X†X`; without rows, zero.
    fn projection(&self, value: &Value<R>) -> Evaluated<R> {
        let covariance = &self.environment.covariance;
        let matrix = value.dense(covariance, None)?;
        if matrix.entries.is_empty() {
            let n = matrix.cols;
            let zero = crate::number::Dense::from_fn(n, n, |_, _| R::zero());
            return Ok(Value::Matrix(zero));
        }
        let pinv = self.pinv(Value::Matrix(matrix.clone()))?;
        pinv.times(Value::Matrix(matrix), covariance)
    }

    fn ridge(&self, x: &Value<R>, y: &Value<R>, lambda: &R) -> Evaluated<R> {
        let covariance = &self.environment.covariance;
        let (x, y) = (x.dense(covariance, None)?, y.dense(covariance, None)?);
        if y.rows != x.rows {
            return Err(EvaluationError::unsupported(
                "ridge: labels and design differ in length",
            ));
        }
        if lambda.midpoint() < 0.0 {
            return Err(EvaluationError::undefined(format!(
                "a ridge of {}",
                lambda.midpoint()
            )));
        }
        charge::<R>(3.0 * factoring(&x))?;
        match ridge(&x, &y, lambda) {
            Some(fit) => Ok(Value::Matrix(fit)),
            None if lambda.is_zero() => {
                let pinv = self.pinv(Value::Matrix(x))?;
                pinv.times(Value::Matrix(y), covariance)
            }
            None => Err(EvaluationError::undefined("a ridge fit that is not finite")),
        }
    }

    /// `tr(AB)` without the product `AB`, where `A` and `B` are written out.
    fn trace_of_product(&self, a: Value<R>, b: Value<R>) -> Evaluated<R> {
        if let (Value::Matrix(a), Value::Matrix(b)) = (&a, &b)
            && a.cols == b.rows
            && a.rows == b.cols
        {
            charge::<R>(3.0 * a.entries.len() as f64)?;
            return Ok(Value::Scalar(a.transposed().dot(b)));
        }
        let covariance = &self.environment.covariance;
        let product = a.times(b, covariance)?;
        product.trace(covariance).map(Value::Scalar)
    }

    /// A function of numbers.
    fn elementary(&self, function: Function, arguments: &[Value<R>]) -> Outcome<R> {
        let mut x = Vec::with_capacity(arguments.len());
        for argument in arguments {
            x.push(finite(argument.scalar()?)?);
        }
        let first = &x[0];
        let undefined = |what: &str| {
            Err(EvaluationError::undefined(format!(
                "{what} {}",
                first.midpoint()
            )))
        };
        Ok(match function {
            Function::Sqrt if first.sign() == Some(Less) => {
                return undefined("the square root of");
            }
            Function::Sqrt => first.sqrt(),
            Function::Exp => first.exp(),
            Function::Log if matches!(first.sign(), Some(Less | Equal)) => {
                return undefined("the logarithm of");
            }
            Function::Log => first.ln(),
            Function::Abs => first.abs(),
            Function::Min => x.iter().fold(first.clone(), |a, b| a.lesser(b)),
            Function::Max => x.iter().fold(first.clone(), |a, b| a.greater(b)),
            Function::Gamma => special(first, first.gamma())?,
            Function::Zeta => special(first, first.zeta())?,
            Function::Sin => first.sin(),
            Function::Cos => first.cos(),
            Function::Floor => combinatorial::floor(first)?,
            Function::Factorial => combinatorial::factorial(first)?,
            Function::Binom => combinatorial::binomial(first, &x[1])?,
            _ => {
                return Err(EvaluationError::unsupported(format!(
                    "{} of numbers",
                    function.name()
                )));
            }
        })
    }
}

impl<R: LinearAlgebra> Numbers<'_, R> {
    /// `1 − e^x`, `e^x − 1` and `log(1 + x)` of numbers, which lose what is small otherwise.
    fn beside_one(&mut self, walker: Walk<'_, '_, R>, id: Id) -> Option<Evaluated<R>> {
        let store = walker.store();
        let is_one = |id: Id| store.literal(id).is_some_and(|one| one.is_one());
        let exponent = |id: Id| match store.node(id) {
            Node::Call(Function::Exp, arguments) => Some(arguments[0]),
            _ => None,
        };
        let (x, of): (Id, fn(&R) -> R) = match store.node(id) {
            &Node::Binary(BinaryOp::Sub, one, b) if is_one(one) => (exponent(b)?, |x| -x.exp_m1()),
            &Node::Binary(BinaryOp::Sub, a, one) if is_one(one) => (exponent(a)?, R::exp_m1),
            Node::Call(Function::Log, arguments) => match *store.node(arguments[0]) {
                Node::Binary(BinaryOp::Add, one, x) if is_one(one) => (x, R::ln_1p),
                Node::Binary(BinaryOp::Add, x, one) if is_one(one) => (x, R::ln_1p),
                _ => return None,
            },
            _ => return None,
        };
        if !matches!(store.shape(x), Shape::Scalar) {
            return None;
        }
        let value = walker.value(self, x);
        Some(value.and_then(|x| Ok(Value::Scalar(of(&x.scalar()?)))))
    }
}

/// A special function's value, where it has one.
fn special<R: Real>(argument: &R, value: R) -> Outcome<R> {
    if value.is_finite() && !value.midpoint().is_nan() {
        return Ok(value);
    }
    Err(EvaluationError::undefined(format!(
        "a special function at {}",
        argument.midpoint()
    )))
}

impl<R: LinearAlgebra> Algebra for Numbers<'_, R> {
    type Value = Value<R>;

    fn intercept(&mut self, walker: Walk<'_, '_, R>, id: Id) -> Option<Evaluated<R>> {
        if let Some(known) = self.environment.known.get(&id) {
            return Some(Ok(known.clone()));
        }
        let store = walker.store();
        if let Node::Call(Function::Tr, arguments) = store.node(id)
            && let Node::Binary(BinaryOp::Mul, a, b) = store.node(arguments[0])
            && !self.environment.known.contains_key(&arguments[0])
        {
            let sides = walker
                .value(self, *a)
                .and_then(|a| Ok((a, walker.value(self, *b)?)));
            return Some(sides.and_then(|(a, b)| self.trace_of_product(a, b)));
        }
        if let Node::Call(function @ (Function::Det | Function::Eigmin), arguments) = store.node(id)
        {
            return self.vanishing(walker, *function, arguments[0]);
        }
        if let Node::Call(function, arguments) = store.node(id)
            && let Some(found) = self.through_few(walker, *function, arguments)
        {
            return Some(found);
        }
        self.beside_one(walker, id)
    }

    fn pay(&mut self) -> Outcome<()> {
        Ok(charge_step::<R>()?)
    }

    fn number(&mut self, value: &BigRational) -> Evaluated<R> {
        Ok(Value::Scalar(R::from_rational(value)))
    }

    fn infinity(&mut self) -> Evaluated<R> {
        Err(EvaluationError::undefined("infinity is no number"))
    }

    fn pi(&mut self) -> Evaluated<R> {
        Ok(Value::Scalar(R::pi()))
    }

    fn symbol(&mut self, store: &Store, symbol: SymbolId) -> Evaluated<R> {
        let name = store.symbol_name(symbol);
        match self.environment.scalars.get(name) {
            Some(value) => Ok(Value::Scalar(value.clone())),
            None => Err(EvaluationError::unsupported(format!("unknown name {name}"))),
        }
    }

    fn random(
        &mut self,
        store: &Store,
        object: RandomId,
        member: Option<Value<R>>,
    ) -> Evaluated<R> {
        let object = store.random(object);
        let name = &object.name;
        if object
            .parameters()
            .iter()
            .any(|p| !store.free(*p).is_empty())
        {
            return Err(EvaluationError::unsupported(format!(
                "{name} changes with a bound variable"
            )));
        }
        let Some(draw) = &self.environment.draw else {
            return Err(EvaluationError::unsupported(format!(
                "{name} is random, and stands outside E[…]"
            )));
        };
        let index = match member {
            Some(index) => Some(finite(index.scalar()?)?.midpoint()),
            None => None,
        };
        draw.object(name, index).map(Value::Matrix)
    }

    fn sigma(&mut self, store: &Store, model: ModelId) -> Evaluated<R> {
        self.settled(store, model)?;
        Ok(Value::Spectral(Spectral::Eigenvalue))
    }

    fn target(&mut self, store: &Store, model: ModelId) -> Evaluated<R> {
        self.settled(store, model)?;
        Ok(Value::Target {
            f: Spectral::Constant(R::one()),
            row: false,
        })
    }

    fn identity(&mut self, _: Walk<'_, '_, R>, _: Option<Id>) -> Evaluated<R> {
        Ok(Value::Spectral(Spectral::Constant(R::one())))
    }

    fn of_spectrum(
        &mut self,
        store: &Store,
        model: ModelId,
        what: OfSpectrum<Value<R>>,
    ) -> Evaluated<R> {
        self.settled(store, model)?;
        let covariance = &self.environment.covariance;
        let number = |value: Value<R>| finite(value.scalar()?);
        Ok(Value::Scalar(match what {
            OfSpectrum::Eigenvalue(j) => covariance.eigenvalue(&number(j)?)?,
            OfSpectrum::Coefficient(j) => covariance.coefficient(&number(j)?)?,
            OfSpectrum::Kappa(lambda, t) => covariance.kappa(&number(lambda)?, &number(t)?)?,
            OfSpectrum::Df(m, k) => {
                let (m, k) = (number(m)?, number(k)?);
                if k.midpoint() < 0.0 {
                    return Err(EvaluationError::undefined(format!(
                        "df at kappa = {}",
                        k.midpoint()
                    )));
                }
                covariance.df(&m, &k)?
            }
        }))
    }

    fn negate(&mut self, x: Value<R>) -> Evaluated<R> {
        Ok(x.negated())
    }

    fn binary(&mut self, op: BinaryOp, a: Value<R>, b: Value<R>) -> Evaluated<R> {
        let covariance = &self.environment.covariance;
        match op {
            BinaryOp::Add => a.plus(b, covariance),
            BinaryOp::Sub => a.plus(b.negated(), covariance),
            BinaryOp::Mul => a.times(b, covariance),
            BinaryOp::Div => {
                if let Value::Spectral(f) = b {
                    return a.times(Value::Spectral(f.power(-R::one())), covariance);
                }
                let divisor = b.scalar()?;
                if divisor.is_zero() {
                    return Err(EvaluationError::undefined("a division by zero"));
                }
                match a {
                    Value::Scalar(x) => Ok(Value::Scalar(x / divisor)),
                    a => Ok(a.scaled(R::one() / divisor)),
                }
            }
            BinaryOp::Pow => self.power(a, &b),
        }
    }

    fn transpose(&mut self, x: Value<R>) -> Evaluated<R> {
        Ok(x.transposed())
    }

    fn call(&mut self, function: Function, mut arguments: Vec<Value<R>>) -> Evaluated<R> {
        let covariance = &self.environment.covariance;
        match function {
            Function::Sqrt | Function::Exp | Function::Log => {
                let Value::Spectral(f) = &arguments[0] else {
                    return self.elementary(function, &arguments).map(Value::Scalar);
                };
                let f = f.clone();
                Ok(Value::Spectral(match function {
                    Function::Sqrt => f.power(R::from_f64(0.5)),
                    Function::Exp => f.exponential(),
                    _ => f.logarithm(),
                }))
            }
            Function::Abs
            | Function::Min
            | Function::Max
            | Function::Floor
            | Function::Factorial
            | Function::Binom
            | Function::Gamma
            | Function::Zeta
            | Function::Sin
            | Function::Cos => self.elementary(function, &arguments).map(Value::Scalar),
            Function::Tr => arguments[0].trace(covariance).map(Value::Scalar),
            Function::Det => definite::determinant(&arguments[0], covariance).map(Value::Scalar),
            Function::Logdet => {
                definite::log_determinant(&arguments[0], covariance).map(Value::Scalar)
            }
            Function::Eigmin | Function::Eigmax => {
                let greatest = function == Function::Eigmax;
                definite::extreme_eigenvalue(&arguments[0], greatest, covariance).map(Value::Scalar)
            }
            Function::Diag => match arguments.swap_remove(0) {
                Value::Matrix(m) if m.rows == m.cols => Ok(Value::Matrix(
                    crate::number::Dense::from_fn(m.rows, m.cols, |i, j| {
                        if i == j {
                            m.at(i, j).clone()
                        } else {
                            R::zero()
                        }
                    }),
                )),
                same @ (Value::Scalar(_) | Value::Matrix(_)) => Ok(same),
                Value::Spectral(f) if f.constant().is_some() => Ok(Value::Spectral(f)),
                _ => Err(EvaluationError::unsupported("diag of a function of Sigma")),
            },
            Function::Inv => arguments.swap_remove(0).inverse(),
            Function::Pinv => self.pinv(arguments.swap_remove(0)),
            Function::Proj => self.projection(&arguments[0]),
            Function::Norm2 => {
                let weight = (arguments.len() > 1).then(|| arguments.swap_remove(1));
                let vector = arguments.swap_remove(0);
                vector.norm2(weight, covariance).map(Value::Scalar)
            }
            Function::Opnorm => arguments[0].opnorm(covariance).map(Value::Scalar),
            Function::Ridge => {
                let lambda = finite(arguments[2].scalar()?)?;
                self.ridge(&arguments[0], &arguments[1], &lambda)
            }
            Function::Rows | Function::Columns => {
                stack::stacked(function == Function::Rows, &arguments, covariance)
            }
            Function::Levels => placed::levels(&arguments),
            Function::Weights => placed::weights(&arguments),
            Function::Rotated => placed::rotated(&arguments, covariance),
            // Nodes of their own in terms.
            Function::Kappa | Function::Df | Function::Eigenvalue | Function::Coefficient => {
                Err(EvaluationError::unsupported(function.name()))
            }
            Function::Given => Err(EvaluationError::unsupported(
                "E[… | …] where it cannot be averaged",
            )),
            Function::Exponent => Err(EvaluationError::unsupported("exponent(…) outside a limit")),
        }
    }

    fn compare(&mut self, a: Value<R>, op: RelationOp, b: Value<R>) -> Outcome<Option<bool>> {
        compared(&finite(a.scalar()?)?, op, &finite(b.scalar()?)?)
    }

    fn fold(&mut self, walker: Walk<'_, '_, R>, form: FoldForm) -> Evaluated<R> {
        self.folded(walker, form)
    }

    fn extremum(&mut self, walker: Walk<'_, '_, R>, form: ExtremumForm) -> Evaluated<R> {
        if form.kind == Extremum::Root {
            return self.zero_between(walker, form).map(Value::Scalar);
        }
        let (at, least) = self.minimum(walker, form)?;
        Ok(Value::Scalar(match form.kind {
            Extremum::ArgMin | Extremum::ArgMax | Extremum::Root => at,
            Extremum::Inf => least,
            Extremum::Sup => -least,
        }))
    }

    fn spectral_sum(&mut self, walker: Walk<'_, '_, R>, form: SpectralForm) -> Evaluated<R> {
        self.summed_over_spectrum(walker, form).map(Value::Scalar)
    }

    fn expectation(&mut self, _: Walk<'_, '_, R>, _: Id) -> Evaluated<R> {
        Err(EvaluationError::unsupported(
            "an expectation inside an expectation",
        ))
    }
}
