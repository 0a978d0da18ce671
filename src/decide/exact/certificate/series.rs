//! Sums of rational functions of their index, up to a symbol or without end: partial fractions in the index, whose sums
//! are those of `1/i²` and terms that cancel one another.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::super::algebra::Exactly;
use super::super::atom::{Atom, GAPS, Part};
use super::super::fraction::Fraction;
use super::super::ground::Stop;
use super::super::moment::expand;
use super::super::polynomial::{Polynomial, Variable};
use super::super::proof::ground;
use super::premises::rocq;
use super::print::number;
use super::script::{Script, say};
use super::theorem::{Head, Theorem};
use super::writer::named;
use crate::formula::ast::{BinaryOp, Fold, Function, RelationOp};
use crate::number::Coefficient;
use crate::term::{
    Algebra, EvaluationError, ExtremumForm, FoldForm, Id, ModelId, Node, OfSpectrum, Outcome,
    RandomId, SpectralForm, Statement, Store, SymbolId, Walker,
};

/// Terms that a sum's closed form differs by from that of `1/i²`, at most.
const MAX_SHIFT: i64 = 16;

/// A number as Rocq writes it, and its exact value.
#[derive(Clone, Debug)]
struct Number {
    text: String,
    exact: Fraction,
}

/// A sum in closed form: `c Σ_{i≤n} 1/i² + r + Σ d/(n + k)`.
struct Sum {
    call: String,
    function: String,
    first: i64,
    /// The name of the end; `None` for a sum without one.
    last: Option<String>,
    squares: BigRational,
    rest: BigRational,
    shares: BTreeMap<i64, BigRational>,
}

struct Summer<'s> {
    exact: Exactly<'s>,
    statement: &'s Statement,
    symbols: BTreeMap<SymbolId, String>,
    ends: Vec<SymbolId>,
    sums: Vec<Sum>,
    index: Option<Variable>,
}

/// A theorem about numbers and sums alone.
pub fn theorem(statement: &Statement) -> Result<Theorem, Stop> {
    let op = statement.claim.op;
    let Some(sign) = rocq(op) else {
        return Err(Stop::Beyond("such a relation".into()));
    };
    let (exact, _) = ground(statement, &[], &[])?;
    let mut summer = Summer {
        exact,
        statement,
        symbols: BTreeMap::new(),
        ends: Vec::new(),
        sums: Vec::new(),
        index: None,
    };
    let mut walker = Walker::new(&statement.store);
    // Ends are met after the symbol may have been: the second time all are known.
    for side in [statement.claim.lhs, statement.claim.rhs] {
        walker.value(&mut summer, side)?;
    }
    summer.sums.clear();
    let mut walker = Walker::new(&statement.store);
    let lhs = walker.value(&mut summer, statement.claim.lhs)?;
    let rhs = walker.value(&mut summer, statement.claim.rhs)?;
    if summer.sums.is_empty() {
        return Err(Stop::Beyond("no sum of symbolic length".into()));
    }
    let premises = summer.domains()?;
    let (binders, conclusion) = summer.stated(&format!("{} {sign} {}", lhs.text, rhs.text), op)?;
    let mut script = Script::default();
    summer.known(&mut script);
    summer.conclude(&rhs.exact.sub(&lhs.exact), op, &mut script)?;
    let head = Head {
        binders,
        premises,
        conclusion,
    };
    Ok(Theorem { head, script })
}

impl Summer<'_> {
    /// Domains of the symbols that occur.
    fn domains(&self) -> Result<Vec<(String, String)>, Stop> {
        let store = &self.statement.store;
        let mut list = Vec::new();
        if !self.statement.assumptions.is_empty() {
            return Err(Stop::Beyond("assumptions on sums".into()));
        }
        for terms in &self.statement.symbols {
            let Some(name) = self.symbols.get(&terms.symbol).cloned() else {
                continue;
            };
            let value = self.spelled(&name, terms.symbol);
            for (tag, end, below) in [("L", terms.min, true), ("U", terms.max, false)] {
                let Some(end) = store.constant(end) else {
                    return Err(Stop::Beyond("a domain that is a formula".into()));
                };
                let end = number(&end);
                let says = if below {
                    format!("{end} <= {value}")
                } else {
                    format!("{value} <= {end}")
                };
                list.push((format!("{tag}_{name}"), says));
            }
        }
        Ok(list)
    }

    /// Whether a symbol is a whole number from `first` on.
    fn reaches(&self, symbol: SymbolId, first: i64) -> bool {
        let least = BigRational::from_integer(first.into());
        self.statement.symbols.iter().any(|terms| {
            let min = self.statement.store.constant(terms.min);
            terms.symbol == symbol && terms.integer && min.is_some_and(|min| min >= least)
        })
    }

    fn spelled(&self, name: &str, symbol: SymbolId) -> String {
        if self.ends.contains(&symbol) {
            format!("(INR {name})")
        } else {
            name.to_owned()
        }
    }

    /// What is bound, and the relation with the limits of its sums.
    fn stated(&self, relation: &str, op: RelationOp) -> Result<(String, String), Stop> {
        let mut groups = Vec::new();
        for (kind, wanted) in [("nat", true), ("R", false)] {
            let names: Vec<&str> = (self.symbols.iter())
                .filter(|(symbol, _)| self.ends.contains(symbol) == wanted)
                .map(|(_, name)| name.as_str())
                .collect();
            if !names.is_empty() {
                groups.push(format!("({} : {kind})", names.join(" ")));
            }
        }
        let endless: Vec<&Sum> = self.sums.iter().filter(|s| s.last.is_none()).collect();
        if endless.is_empty() {
            return Ok((groups.join(" "), relation.to_owned()));
        }
        if op != RelationOp::Eq || endless.len() > 1 || self.sums.len() > 1 {
            return Err(Stop::Beyond("several sums, one of them endless".into()));
        }
        let sum = endless[0];
        let (name, f, a) = (&sum.call, &sum.function, sum.first);
        let conclusion = format!("exists {name}, Un_cv (sum_over {f} {a}) {name} /\\ ({relation})");
        Ok((groups.join(" "), conclusion))
    }

    /// Each sum in closed form.
    fn known(&self, script: &mut Script) {
        for (i, sum) in self.sums.iter().enumerate() {
            let (n, f, a) = (i + 1, &sum.function, sum.first);
            let shares: Vec<String> = (sum.shares.iter())
                .map(|(k, d)| format!("({}, {})", number(d), k))
                .collect();
            let closed = format!(
                "{} * squares t + ({} + shares [{}] t)",
                number(&sum.squares),
                number(&sum.rest),
                shares.join("; ")
            );
            say!(
                script,
                "assert (Q{n} : forall t, ({a} <= t)%nat -> sum_over {f} {a} t = {closed}).\n\
                 {{ intros t Ht. apply (sum_is {f} (fun t => {closed}) {a} t Ht).\n  \
                 - unfold squares, sum_over, shares; simpl. field; side.\n  \
                 - intros e He. rewrite squares_next. unfold shares; cbn [fold_right fst snd]. rewrite S_INR.\n    \
                 assert (Hx : INR {a} <= INR e) by (apply le_INR; lia). simpl (INR {a}) in Hx. field; side. }}"
            );
        }
    }

    /// The claim, from the difference of its sides.
    fn conclude(&self, gap: &Fraction, op: RelationOp, script: &mut Script) -> Result<(), Stop> {
        if let Some(sum) = self.sums.iter().find(|s| s.last.is_none()) {
            say!(
                script,
                "exists ({} * (PI ^ 2 / 6) + {}).\n\
                 split; [exact (sum_limit _ {} _ _ _ Q1 ltac:(repeat constructor; cbn [snd]; lra))|].\n\
                 field; side.",
                number(&sum.squares),
                number(&sum.rest),
                sum.first
            );
            return Ok(());
        }
        for (i, sum) in self.sums.iter().enumerate() {
            let (n, a) = (i + 1, sum.first);
            if let Some(last) = &sum.last {
                say!(
                    script,
                    "assert (N{n} : ({a} <= {last})%nat) by (apply INR_le; simpl; lra).\n\
                     rewrite (Q{n} {last} N{n})."
                );
            }
        }
        say!(script, "unfold shares; cbn [fold_right fst snd].");
        if op == RelationOp::Eq {
            say!(script, "field; side.");
            return Ok(());
        }
        // c (π²/6 − Σ 1/i²)
        let (upward, lemma, number_of) = match op {
            RelationOp::Lt => (true, "lt_by", "Rmult_lt_0_compat; lra"),
            RelationOp::Le => (true, "le_by", "Rmult_le_pos; lra"),
            RelationOp::Gt => (false, "lt_by", "Rmult_lt_0_compat; lra"),
            _ => (false, "le_by", "Rmult_le_pos; lra"),
        };
        let gap = if upward { gap.clone() } else { gap.neg() };
        let last = self.sums.iter().find_map(|s| s.last.clone());
        let (Some(last), Some(c)) = (last, self.of_squares(&gap)) else {
            return Err(Stop::Beyond("such an order of sums".into()));
        };
        match op {
            RelationOp::Ge => say!(script, "apply Rle_ge."),
            RelationOp::Gt => say!(script, "apply Rlt_gt."),
            _ => {}
        }
        say!(
            script,
            "pose proof (squares_below {last}) as B.\n\
             apply {lemma} with (n := {} * (PI ^ 2 / 6 - squares {last})) (d := 1); [field; side | apply {number_of} | lra].",
            number(&c)
        );
        Ok(())
    }

    /// `c > 0`, where a difference is `c` times what `Σ 1/i²` lacks of its limit: it has `c π²/6`.
    fn of_squares(&self, gap: &Fraction) -> Option<BigRational> {
        let pi = self
            .exact
            .ground
            .atoms
            .iter()
            .position(|atom| matches!(atom, Atom::Function { name, .. } if *name == "pi"))?;
        let v = GAPS + pi as Variable;
        let over = Fraction {
            numerator: Polynomial::one(),
            denominator: gap.denominator.clone(),
        };
        let leading = gap.numerator.coefficients_in(v).get(2)?.clone();
        let share = Fraction::from(leading).mul(&over).as_constant()?;
        let c = share.to_rational() * BigRational::from_integer(6.into());
        (c > BigRational::zero()).then_some(c)
    }

    fn atom(&mut self, name: &'static str, arguments: Vec<Fraction>) -> Fraction {
        let v = self.exact.ground.intern(Atom::Function { name, arguments });
        Fraction::variable(v)
    }

    /// The closed form of `Σ f(i)` from `first` on; `at` is the index above `first`.
    fn closed(&self, f: &Fraction, at: Variable, first: i64) -> Option<Sum> {
        let mut sum = Sum {
            call: String::new(),
            function: String::new(),
            first,
            last: None,
            squares: BigRational::zero(),
            rest: BigRational::zero(),
            shares: BTreeMap::new(),
        };
        let whole = |n: i64| BigRational::from_integer(n.into());
        let mut residues = BigRational::zero();
        for (Part { base, power, .. }, coefficient) in expand(&factored(f, at)?, at).ok()? {
            let [b, a] = <[_; 2]>::try_from(base.coefficients_in(at)).ok()?;
            let (b, a) = (b.as_constant()?, a.as_constant()?);
            let shift = b.mul(&a.recip()?).to_integer()? - first;
            if shift.abs() > MAX_SHIFT || shift + first < 1 {
                return None;
            }
            let slope = Fraction::constant(a).pow(i64::from(power))?;
            let c = coefficient.mul(&slope).as_constant()?.to_rational();
            // Σ_{i=first}^n 1/(i + shift)^m is the sum up to n + shift without what comes before.
            let m = -power;
            match m {
                1 => residues += &c,
                2 => sum.squares += &c,
                _ => return None,
            }
            for j in 1..first + shift {
                let term = whole(j).pow(m);
                sum.rest -= &c / term;
            }
            if m == 2 && shift != 0 {
                return None;
            }
            let (range, sign) = if shift > 0 {
                (1..=shift, 1)
            } else {
                (shift + 1..=0, -1)
            };
            for k in range {
                *sum.shares.entry(k).or_insert_with(BigRational::zero) += &c * whole(sign);
            }
        }
        sum.shares.retain(|_, d| !d.is_zero());
        let bounded = sum.shares.keys().all(|k| *k >= 0);
        (residues.is_zero() && bounded).then_some(sum)
    }
}

/// A fraction whose denominators are written as powers of `at + n`, as far as they are.
fn factored(f: &Fraction, at: Variable) -> Option<Fraction> {
    let mut result = Fraction::from(f.numerator.clone());
    for (factor, &power) in &f.denominator {
        let mut rest = factor.clone();
        let mut lines: Vec<Polynomial> = Vec::new();
        for n in 1..=2 * MAX_SHIFT {
            let line = Polynomial::variable(at).add(&Polynomial::integer(n));
            while rest.degree_in(at) > 1
                && let Some(quotient) = rest.div_exact(&line)
            {
                lines.push(line.clone());
                rest = quotient;
            }
        }
        lines.push(rest);
        for line in lines {
            let over = Fraction::from(line).pow(-i64::from(power))?;
            result = result.mul(&over);
        }
    }
    Some(result)
}

fn refused<T>(what: &str) -> Outcome<T> {
    Err(EvaluationError::unsupported(what))
}

impl Algebra for Summer<'_> {
    type Value = Number;

    fn number(&mut self, value: &BigRational) -> Outcome<Number> {
        Ok(Number {
            text: number(value),
            exact: Fraction::constant(Coefficient::from_rational(value.clone())),
        })
    }

    fn infinity(&mut self) -> Outcome<Number> {
        refused("infinity")
    }

    fn pi(&mut self) -> Outcome<Number> {
        let exact = self.atom("pi", Vec::new());
        Ok(Number {
            text: "PI".into(),
            exact,
        })
    }

    fn symbol(&mut self, store: &Store, symbol: SymbolId) -> Outcome<Number> {
        let name = named(store.symbol_name(symbol));
        self.symbols.insert(symbol, name.clone());
        let Some(&v) = self.exact.symbols.get(&symbol) else {
            return refused("a symbol without a domain");
        };
        Ok(Number {
            text: self.spelled(&name, symbol),
            exact: Fraction::variable(v),
        })
    }

    fn random(&mut self, _: &Store, _: RandomId, _: Option<Number>) -> Outcome<Number> {
        refused("a random object")
    }

    fn sigma(&mut self, _: &Store, _: ModelId) -> Outcome<Number> {
        refused("a matrix")
    }

    fn target(&mut self, _: &Store, _: ModelId) -> Outcome<Number> {
        refused("a vector")
    }

    fn identity(&mut self, _: &mut Walker<'_, Number>, _: Option<Id>) -> Outcome<Number> {
        refused("a matrix")
    }

    fn of_spectrum(&mut self, _: &Store, _: ModelId, _: OfSpectrum<Number>) -> Outcome<Number> {
        refused("a quantity of the spectrum")
    }

    fn negate(&mut self, x: Number) -> Outcome<Number> {
        Ok(Number {
            text: format!("(- {})", x.text),
            exact: x.exact.neg(),
        })
    }

    fn binary(&mut self, operator: BinaryOp, a: Number, b: Number) -> Outcome<Number> {
        let exact = match operator {
            BinaryOp::Add => Some(a.exact.add(&b.exact)),
            BinaryOp::Sub => Some(a.exact.sub(&b.exact)),
            BinaryOp::Mul => Some(a.exact.mul(&b.exact)),
            BinaryOp::Div => b.exact.recip().map(|over| a.exact.mul(&over)),
            BinaryOp::Pow => {
                let n = b.exact.as_constant().and_then(|c| c.to_integer());
                let Some(n @ 0..=8) = n else {
                    return refused("such a power");
                };
                let power = a
                    .exact
                    .pow(n)
                    .ok_or_else(|| EvaluationError::unsupported("a power of 0"))?;
                return Ok(Number {
                    text: format!("({} ^ {n})", a.text),
                    exact: power,
                });
            }
        };
        match exact {
            Some(exact) => Ok(Number {
                text: format!("({} {} {})", a.text, operator.symbol(), b.text),
                exact,
            }),
            None => refused("a quotient by 0"),
        }
    }

    fn transpose(&mut self, x: Number) -> Outcome<Number> {
        Ok(x)
    }

    fn call(&mut self, _: Function, _: Vec<Number>) -> Outcome<Number> {
        refused("such a function beside sums")
    }

    fn compare(&mut self, _: Number, _: RelationOp, _: Number) -> Outcome<Option<bool>> {
        refused("a condition")
    }

    fn fold(&mut self, walker: &mut Walker<'_, Number>, form: FoldForm) -> Outcome<Number> {
        let store = walker.store();
        let first = store.constant(form.from).filter(|x| x.denom().is_one());
        let first = first.and_then(|x| Coefficient::from_rational(x).to_integer());
        let (Fold::Sum, Some(first @ 1..=16), None) = (form.kind, first, self.index) else {
            return refused("such a sum");
        };
        let last = match store.node(form.to) {
            Node::Infinity => None,
            // A sum without terms has no first one to begin with.
            Node::Symbol(symbol) if self.reaches(*symbol, first) => {
                if !self.ends.contains(symbol) {
                    self.ends.push(*symbol);
                }
                Some(*symbol)
            }
            _ => return refused("a sum to such an end"),
        };
        let at = self.exact.ground.intern(Atom::Function {
            name: "index",
            arguments: Vec::new(),
        });
        self.index = Some(at);
        let i = Number {
            text: "i".into(),
            exact: Fraction::variable(at).add(&Fraction::integer(first)),
        };
        let body = walker.bound_to(self, form.index, i, form.body);
        self.index = None;
        let body = body?;
        let Some(mut sum) = self.closed(&body.exact, at, first) else {
            return refused("a sum without such a closed form");
        };
        sum.function = format!("(fun i => {})", body.text);
        let mut exact = Fraction::constant(Coefficient::from_rational(sum.rest.clone()));
        let squares = Fraction::constant(Coefficient::from_rational(sum.squares.clone()));
        if let Some(symbol) = last {
            let end = self.symbol(walker.store(), symbol)?;
            let name = named(walker.store().symbol_name(symbol));
            let whole = self.atom("squares", vec![end.exact.clone()]);
            exact = exact.add(&squares.mul(&whole));
            for (k, d) in &sum.shares {
                let over = end.exact.add(&Fraction::integer(*k)).recip();
                let over = over.unwrap_or_else(Fraction::zero);
                exact = exact.add(&over.scale(&Coefficient::from_rational(d.clone())));
            }
            sum.call = format!("(sum_over {} {first} {name})", sum.function);
            sum.last = Some(name);
        } else {
            let pi = self.atom("pi", Vec::new());
            let sixth = BigRational::new(1.into(), 6.into());
            let limit = pi.mul(&pi).scale(&Coefficient::from_rational(sixth));
            exact = exact.add(&squares.mul(&limit));
            sum.call = "s".to_owned();
        }
        let text = sum.call.clone();
        let alike = |s: &Sum| s.function == sum.function && s.call == text;
        if !self.sums.iter().any(alike) {
            self.sums.push(sum);
        }
        Ok(Number { text, exact })
    }

    fn extremum(&mut self, _: &mut Walker<'_, Number>, _: ExtremumForm) -> Outcome<Number> {
        refused("a minimum")
    }

    fn spectral_sum(&mut self, _: &mut Walker<'_, Number>, _: SpectralForm) -> Outcome<Number> {
        refused("a part of the spectrum")
    }

    fn expectation(&mut self, _: &mut Walker<'_, Number>, _: Id) -> Outcome<Number> {
        refused("a mean")
    }
}
