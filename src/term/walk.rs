//! The one walk over terms, which any algebra may ride along.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use num_rational::BigRational;

use super::error::{EvaluationError, MAX_STEPS, Outcome};
use super::node::{Binder, Condition, Id, ModelId, Node, RandomId, SymbolId};
use super::store::Store;
use crate::formula::ast::{BinaryOp, Extremum, Fold, Function, RelationOp};

/// How high a term may be.
const MAX_DEPTH: u32 = 1_200;

/// What terms are made to mean: a number type, a draw, an expansion, a text.
///
/// The walker hands over values of operands; where an operand must not be evaluated at once (the body of a sum,
/// the branch that was not chosen) the method gets the walker and asks for it with [`Walker::value`] or
/// [`Walker::bound_to`].
pub trait Algebra: Sized {
    type Value: Clone;

    /// A term that has its value already, or is to be treated as a whole: `None` lets the walk go on.
    fn intercept(
        &mut self,
        walker: &mut Walker<'_, Self::Value>,
        id: Id,
    ) -> Option<Outcome<Self::Value>> {
        let _ = (walker, id);
        None
    }

    /// Pays for a visit, where work is paid for.
    fn pay(&mut self) -> Outcome<()> {
        Ok(())
    }

    fn number(&mut self, value: &BigRational) -> Outcome<Self::Value>;
    fn infinity(&mut self) -> Outcome<Self::Value>;
    fn pi(&mut self) -> Outcome<Self::Value>;
    fn symbol(&mut self, store: &Store, symbol: SymbolId) -> Outcome<Self::Value>;
    /// A variable that nothing binds here: only algebras that open bodies meet one.
    fn unbound(&mut self, store: &Store, binder: Binder) -> Outcome<Self::Value> {
        Err(EvaluationError::unsupported(format!(
            "the variable {} outside of its form",
            store.binder_name(binder)
        )))
    }
    fn random(
        &mut self,
        store: &Store,
        object: RandomId,
        member: Option<Self::Value>,
    ) -> Outcome<Self::Value>;
    fn sigma(&mut self, store: &Store, model: ModelId) -> Outcome<Self::Value>;
    fn target(&mut self, store: &Store, model: ModelId) -> Outcome<Self::Value>;
    /// `I`; its size is a term, for algebras that need it.
    fn identity(
        &mut self,
        walker: &mut Walker<'_, Self::Value>,
        size: Option<Id>,
    ) -> Outcome<Self::Value>;

    /// `s(j)`, `c(j)`, `kappa(lambda, T)`, `df(m, k)`.
    fn of_spectrum(
        &mut self,
        store: &Store,
        model: ModelId,
        what: OfSpectrum<Self::Value>,
    ) -> Outcome<Self::Value>;

    fn negate(&mut self, x: Self::Value) -> Outcome<Self::Value>;
    fn binary(&mut self, op: BinaryOp, a: Self::Value, b: Self::Value) -> Outcome<Self::Value>;
    fn transpose(&mut self, x: Self::Value) -> Outcome<Self::Value>;
    fn call(&mut self, function: Function, arguments: Vec<Self::Value>) -> Outcome<Self::Value>;

    /// Whether a comparison holds; `None` where that cannot be told.
    fn compare(&mut self, a: Self::Value, op: RelationOp, b: Self::Value) -> Outcome<Option<bool>>;

    fn choose(
        &mut self,
        walker: &mut Walker<'_, Self::Value>,
        condition: &Condition,
        then: Id,
        otherwise: Id,
    ) -> Outcome<Self::Value> {
        match walker.holds(self, condition)? {
            Some(true) => walker.value(self, then),
            Some(false) => walker.value(self, otherwise),
            None => Err(EvaluationError::Unresolved(
                "a condition too close to call".into(),
            )),
        }
    }

    fn fold(
        &mut self,
        walker: &mut Walker<'_, Self::Value>,
        form: FoldForm,
    ) -> Outcome<Self::Value>;
    fn extremum(
        &mut self,
        walker: &mut Walker<'_, Self::Value>,
        form: ExtremumForm,
    ) -> Outcome<Self::Value>;
    fn spectral_sum(
        &mut self,
        walker: &mut Walker<'_, Self::Value>,
        form: SpectralForm,
    ) -> Outcome<Self::Value>;
    fn expectation(
        &mut self,
        walker: &mut Walker<'_, Self::Value>,
        body: Id,
    ) -> Outcome<Self::Value>;
}

/// A quantity of a spectrum.
#[derive(Clone, Debug)]
pub enum OfSpectrum<V> {
    Eigenvalue(V),
    Coefficient(V),
    Kappa(V, V),
    Df(V, V),
}

/// `sum` or `prod`.
#[derive(Clone, Copy, Debug)]
pub struct FoldForm {
    pub kind: Fold,
    pub index: Binder,
    pub from: Id,
    pub to: Id,
    pub body: Id,
}

/// `inf`, `argmin` and their like.
#[derive(Clone, Copy, Debug)]
pub struct ExtremumForm {
    pub kind: Extremum,
    pub variable: Binder,
    pub from: Id,
    pub to: Id,
    pub body: Id,
}

/// `Σ_{j=from}^{to} f(s_j)`, or `Σ c_j² f(s_j)`.
#[derive(Clone, Copy, Debug)]
pub struct SpectralForm {
    pub model: ModelId,
    pub weighted: bool,
    pub from: Id,
    pub to: Id,
    pub eigenvalue: Binder,
    pub body: Id,
}

/// Values of terms as they are met, and what variables are bound to.
///
/// A term's value is remembered as long as the innermost variable it depends on keeps its value: the parts of a
/// sum's body that do not speak of the index are evaluated once.
pub struct Walker<'s, V> {
    store: &'s Store,
    memory: Memory<V>,
    bound: Vec<Frame<V>>,
    allowance: u64,
    depth: u32,
}

/// What a walker remembers of terms without variables, and how many nodes it has visited.
#[derive(Clone, Debug)]
pub struct Memory<V> {
    known: Known<V>,
    steps: u64,
}

impl<V> Default for Memory<V> {
    fn default() -> Self {
        Self {
            known: Known::default(),
            steps: 0,
        }
    }
}

impl<V> Memory<V> {
    pub fn steps(&self) -> u64 {
        self.steps
    }
}

type Known<V> = HashMap<Id, V, BuildHasherDefault<IdHasher>>;

/// Ids are small numbers, each one different.
#[derive(Default)]
struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }
    fn write_u32(&mut self, id: u32) {
        self.0 = (self.0 ^ u64::from(id)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

struct Frame<V> {
    binder: Binder,
    value: V,
    known: Known<V>,
}

impl<'s, V: Clone> Walker<'s, V> {
    pub fn new(store: &'s Store) -> Self {
        Self {
            store,
            memory: Memory::default(),
            bound: Vec::new(),
            allowance: MAX_STEPS,
            depth: 0,
        }
    }

    /// Goes on where another walker over the same terms, or fewer of them, has been.
    pub fn resume(store: &'s Store, memory: Memory<V>) -> Self {
        Self {
            memory,
            ..Self::new(store)
        }
    }

    pub fn into_memory(self) -> Memory<V> {
        self.memory
    }

    /// With another number of visits allowed.
    pub fn allow(mut self, steps: u64) -> Self {
        self.allowance = steps;
        self
    }

    pub fn store(&self) -> &'s Store {
        self.store
    }

    /// Nodes visited so far.
    pub fn steps(&self) -> u64 {
        self.memory.steps
    }

    /// Counts work that an algebra does by itself.
    pub fn spend(&mut self, steps: u64) -> Outcome<()> {
        self.memory.steps = self.memory.steps.saturating_add(steps);
        if self.memory.steps > self.allowance {
            return Err(EvaluationError::too_long());
        }
        Ok(())
    }

    /// The value that a variable is bound to.
    pub fn binding(&self, binder: Binder) -> Option<&V> {
        let frame = self.bound.iter().rev().find(|f| f.binder == binder);
        frame.map(|f| &f.value)
    }

    /// Variables bound around the present place, outermost first.
    pub fn binders(&self) -> impl Iterator<Item = (Binder, &V)> {
        self.bound.iter().map(|f| (f.binder, &f.value))
    }

    /// Whether a term speaks of a variable around it whose value is such.
    pub fn depends(&self, id: Id, is_such: impl Fn(&V) -> bool) -> bool {
        let free = self.store.free(id);
        self.binders()
            .any(|(binder, value)| is_such(value) && free.contains(&binder))
    }

    /// The value of a term.
    pub fn value<A: Algebra<Value = V>>(&mut self, algebra: &mut A, id: Id) -> Outcome<V> {
        let level = self.level(id);
        if let Some(known) = self.known(id, level) {
            return Ok(known);
        }
        self.spend(1)?;
        algebra.pay()?;
        if self.depth > MAX_DEPTH {
            return Err(EvaluationError::too_long());
        }
        self.depth += 1;
        let value = match algebra.intercept(self, id) {
            Some(value) => value,
            None => self.node(algebra, id),
        };
        self.depth -= 1;
        let value = value?;
        // What is met once, and changes with every turn of the innermost form, need not be kept; what many turns made is.
        let many = matches!(
            self.store.node(id),
            Node::Fold { .. } | Node::Extremum { .. } | Node::SpectralSum { .. }
        );
        if level < self.bound.len() || many || self.store.is_shared(id) {
            self.keep(id, level, value.clone());
        }
        Ok(value)
    }

    /// Binds a variable for all that follows.
    pub fn bind(&mut self, binder: Binder, value: V) {
        self.bound.push(Frame {
            binder,
            value,
            known: Known::default(),
        });
    }

    /// The value of `body` with `binder` bound to `value`.
    pub fn bound_to<A: Algebra<Value = V>>(
        &mut self,
        algebra: &mut A,
        binder: Binder,
        value: V,
        body: Id,
    ) -> Outcome<V> {
        self.bind(binder, value);
        let result = self.value(algebra, body);
        self.bound.pop();
        result
    }

    /// Whether a condition holds: one false part settles `and`, one true part settles `or`.
    pub fn holds<A: Algebra<Value = V>>(
        &mut self,
        algebra: &mut A,
        condition: &Condition,
    ) -> Outcome<Option<bool>> {
        let (parts, settles) = match condition {
            Condition::Compare(a, op, b) => {
                let (a, b) = (self.value(algebra, *a)?, self.value(algebra, *b)?);
                return algebra.compare(a, *op, b);
            }
            Condition::All(parts) => (parts, false),
            Condition::Any(parts) => (parts, true),
        };
        let mut verdict = Some(!settles);
        for part in parts {
            match self.holds(algebra, part)? {
                Some(holds) if holds == settles => return Ok(Some(settles)),
                Some(_) => {}
                None => verdict = None,
            }
        }
        Ok(verdict)
    }

    /// How many of the bound variables must be kept for the value to stay.
    fn level(&self, id: Id) -> usize {
        let free = self.store.free(id);
        if free.is_empty() {
            return 0;
        }
        let innermost = self.bound.iter().rposition(|f| free.contains(&f.binder));
        innermost.map_or(0, |i| i + 1)
    }

    fn known(&self, id: Id, level: usize) -> Option<V> {
        match level {
            0 => self.memory.known.get(&id).cloned(),
            _ => self.bound[level - 1].known.get(&id).cloned(),
        }
    }

    fn keep(&mut self, id: Id, level: usize, value: V) {
        match level {
            0 => self.memory.known.insert(id, value),
            _ => self.bound[level - 1].known.insert(id, value),
        };
    }

    fn node<A: Algebra<Value = V>>(&mut self, algebra: &mut A, id: Id) -> Outcome<V> {
        let store = self.store;
        match store.node(id) {
            Node::Number(q) => algebra.number(q),
            Node::Infinity => algebra.infinity(),
            Node::Pi => algebra.pi(),
            Node::Symbol(s) => algebra.symbol(store, *s),
            Node::Bound(b) => match self.binding(*b) {
                Some(value) => Ok(value.clone()),
                None => algebra.unbound(store, *b),
            },
            Node::Random(r) => algebra.random(store, *r, None),
            Node::Member(r, i) => {
                let member = self.value(algebra, *i)?;
                algebra.random(store, *r, Some(member))
            }
            Node::Sigma(m) => algebra.sigma(store, *m),
            Node::Target(m) => algebra.target(store, *m),
            Node::Identity(size) => algebra.identity(self, *size),
            Node::Eigenvalue(m, j) => {
                let j = self.value(algebra, *j)?;
                algebra.of_spectrum(store, *m, OfSpectrum::Eigenvalue(j))
            }
            Node::Coefficient(m, j) => {
                let j = self.value(algebra, *j)?;
                algebra.of_spectrum(store, *m, OfSpectrum::Coefficient(j))
            }
            Node::Kappa(m, a, b) => {
                let (a, b) = (self.value(algebra, *a)?, self.value(algebra, *b)?);
                algebra.of_spectrum(store, *m, OfSpectrum::Kappa(a, b))
            }
            Node::Df(m, a, b) => {
                let (a, b) = (self.value(algebra, *a)?, self.value(algebra, *b)?);
                algebra.of_spectrum(store, *m, OfSpectrum::Df(a, b))
            }
            Node::Neg(a) => {
                let a = self.value(algebra, *a)?;
                algebra.negate(a)
            }
            Node::Binary(op, a, b) => {
                let (a, b) = (self.value(algebra, *a)?, self.value(algebra, *b)?);
                algebra.binary(*op, a, b)
            }
            Node::Transpose(a) => {
                let a = self.value(algebra, *a)?;
                algebra.transpose(a)
            }
            Node::Call(function, arguments) => {
                let mut values = Vec::with_capacity(arguments.len());
                for argument in arguments.iter() {
                    values.push(self.value(algebra, *argument)?);
                }
                algebra.call(*function, values)
            }
            Node::Expectation(body) => algebra.expectation(self, *body),
            Node::If(condition, a, b) => algebra.choose(self, condition, *a, *b),
            Node::Fold { .. } | Node::Extremum { .. } | Node::SpectralSum { .. } => {
                self.binding_form(algebra, id)
            }
        }
    }

    /// A form that binds a variable, which the algebra does in its own way.
    fn binding_form<A: Algebra<Value = V>>(&mut self, algebra: &mut A, id: Id) -> Outcome<V> {
        match *self.store.node(id) {
            Node::Fold {
                kind,
                index,
                from,
                to,
                body,
            } => algebra.fold(
                self,
                FoldForm {
                    kind,
                    index,
                    from,
                    to,
                    body,
                },
            ),
            Node::Extremum {
                kind,
                variable,
                from,
                to,
                body,
            } => algebra.extremum(
                self,
                ExtremumForm {
                    kind,
                    variable,
                    from,
                    to,
                    body,
                },
            ),
            Node::SpectralSum {
                model,
                weighted,
                from,
                to,
                eigenvalue,
                body,
            } => algebra.spectral_sum(
                self,
                SpectralForm {
                    model,
                    weighted,
                    from,
                    to,
                    eigenvalue,
                    body,
                },
            ),
            _ => self.node(algebra, id),
        }
    }
}
