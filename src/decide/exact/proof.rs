//! One claim: cases, side conditions, the verdict of algebra.

use super::algebra::{Exactly, is_zero};
use super::atom::Atom;
use super::equivalent;
use super::fraction::Fraction;
use super::ground::{Answer, Ground, Spectrum, Stop};
use super::inhabited::inhabited;
use super::operation::{self as op, Value};
use super::polynomial::{Variable, begin, is_spent};
use super::proportional::{dimension_stays, nonzero, tends_to_one, vanishes};
use super::show;
use crate::formula::ast::RelationOp;
use crate::formula::scope::Limit;
use crate::term::order::of_matrices;
use crate::term::{Relation, SpectrumTerms, Statement, TargetTerms, Walker};

/// How limits in one size that grows alone are proved: of differences, and of ratios.
pub(super) const ONE_SIZE: [&str; 2] = [
    "algebra: the difference of the sides is of negative degree",
    "algebra: the sides have one leading term",
];
/// Cases that one claim is split into.
const MAX_CASES: usize = 160;

/// What happened in one case.
#[derive(Clone, Debug)]
pub struct Case {
    /// What distinguishes it, in words; empty where there is one case.
    pub conditions: Vec<String>,
    /// Side conditions that follow from the assumptions.
    pub met: Vec<String>,
    /// Both sides in normal form.
    pub lhs: String,
    pub rhs: String,
}

/// A claim that algebra settles.
#[derive(Clone, Debug)]
pub struct Proof {
    pub cases: Vec<Case>,
    /// Theorems that the proof rests on.
    pub given: Vec<String>,
    pub method: &'static str,
    /// Answers that lead to each case, for whoever writes certificates.
    pub(super) answers: Vec<Vec<Answer>>,
}

/// Why algebra has nothing to say.
#[derive(Clone, Debug, PartialEq)]
pub enum Silence {
    /// Not covered.
    Beyond(String),
    /// A side condition does not follow.
    Open(String),
    /// The sides differ, in words; where, is for others to find.
    Different(String),
}

/// Proves a claim for its whole domain, if algebra can.
///
/// # Errors
/// Why it cannot.
pub fn prove(statement: &Statement) -> Result<Proof, Silence> {
    settle(statement, Sense::Everywhere)
}

/// Proves that the difference of the sides of an equality tends to 0 as a size grows, the dimension being fixed, or their
/// ratio to 1.
///
/// # Errors
/// Why it cannot.
pub fn prove_limit(statement: &Statement, limit: &Limit, ratio: bool) -> Result<Proof, Silence> {
    let moving: Vec<&str> = limit.moving().collect();
    settle(statement, Sense::OneSize(&moving, ratio))
}

/// Proves that the sides of an equality, with means replaced by their deterministic equivalents, are equal and not 0, or
/// agree in what is of the highest degree in the sizes: then the ratio of the sides tends to 1 in the proportional limit.
///
/// # Errors
/// Why it cannot.
pub fn prove_equivalent(statement: &Statement, limit: &Limit) -> Result<Proof, Silence> {
    let moving: Vec<&str> = limit.moving().collect();
    settle(statement, Sense::Proportional(&moving))
}

/// What an equality says, and the sizes that move.
#[derive(Clone, Copy)]
enum Sense<'a> {
    /// At every point of the domain.
    Everywhere,
    /// The ratio of the sides tends to 1 in the proportional limit, means being their equivalents.
    Proportional(&'a [&'a str]),
    /// The difference of the sides tends to 0, or their ratio to 1.
    OneSize(&'a [&'a str], bool),
}

fn settle(statement: &Statement, sense: Sense<'_>) -> Result<Proof, Silence> {
    if statement.claim.op.is_asymptotic() {
        return Err(Silence::Beyond("a statement about a limit".into()));
    }
    begin();
    let mut open: Vec<Vec<Answer>> = vec![Vec::new()];
    let mut cases = Vec::new();
    let mut given: Vec<String> = Vec::new();
    let mut settled = Vec::new();
    let mut tried = 0;
    let mut inhabited = false;
    while let Some(answers) = open.pop() {
        tried += 1;
        if tried > MAX_CASES {
            return Err(Silence::Beyond("more cases than are looked at".into()));
        }
        let result = case(statement, &answers, sense);
        if is_spent() {
            return Err(Silence::Beyond("formulas of this size".into()));
        }
        match result {
            Ok((case, theorems, point)) => {
                inhabited |= point;
                for theorem in theorems {
                    if !given.contains(&theorem) {
                        given.push(theorem);
                    }
                }
                cases.push(case);
                settled.push(answers);
            }
            Err(Failure::Stop(Stop::Branch(question))) => {
                for answer in question.answers().into_iter().rev() {
                    let mut longer = answers.clone();
                    longer.push(answer);
                    open.push(longer);
                }
            }
            Err(Failure::Stop(Stop::Impossible)) => {}
            Err(Failure::Stop(Stop::Beyond(what))) => return Err(Silence::Beyond(what)),
            Err(Failure::Stop(Stop::Open(what))) => return Err(Silence::Open(what)),
            Err(Failure::Different(what)) => return Err(Silence::Different(what)),
        }
    }
    if !inhabited {
        return Err(Silence::Open(
            "some point of the domain meets the assumptions".into(),
        ));
    }
    let method = match (sense, statement.claim.op) {
        (Sense::Proportional(_), _) => {
            "algebra: the deterministic equivalents of the sides have one leading term"
        }
        (Sense::OneSize(_, ratio), _) => ONE_SIZE[usize::from(ratio)],
        (_, RelationOp::Eq) => "algebra: the difference of the sides is 0",
        _ => "algebra: the difference of the sides has a sign",
    };
    Ok(Proof {
        cases,
        given,
        method,
        answers: settled,
    })
}

enum Failure {
    Stop(Stop),
    Different(String),
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        Failure::Stop(stop)
    }
}

/// The ground of a statement in one case: symbols, domains, assumptions.
pub(super) fn ground<'s>(
    statement: &'s Statement,
    answers: &[Answer],
    moving: &[&str],
) -> Result<(Exactly<'s>, Walker<'s, Value>), Stop> {
    let model = statement.store.model(statement.model);
    let infinite = model
        .dimension
        .is_some_and(|d| matches!(statement.store.node(d), crate::term::Node::Infinity));
    let spectrum = match (&model.spectrum, infinite) {
        (SpectrumTerms::Isotropic, _) => Spectrum::Identity,
        (_, true) => Spectrum::Infinite,
        (_, false) => Spectrum::Any,
    };
    let mut exact = Exactly::new(Ground::new(spectrum), statement);
    exact.ground.moving = moving.iter().map(|&name| name.to_owned()).collect();
    let mut walker = Walker::new(&statement.store);
    // Symbols come first, so that each has the same variable in every case.
    for terms in &statement.symbols {
        let v = exact.ground.intern(Atom::Symbol {
            name: statement.store.symbol_name(terms.symbol).to_owned(),
            integer: terms.integer,
        });
        exact.symbols.insert(terms.symbol, v);
    }
    let formal = exact.ground.intern(Atom::Symbol {
        name: "dim".into(),
        integer: true,
    });
    exact.ground.set_sign(formal, true);
    for answer in answers {
        exact.ground.follow(answer);
    }
    domains(&mut exact, &mut walker, statement)?;
    dimension(&mut exact, &mut walker, statement, formal)?;
    if let TargetTerms::Isotropic { norm2 } = &model.target {
        exact.ground.even_target = Some(match norm2 {
            Some(id) => exact.value(&mut walker, *id)?.scalar()?,
            None => Fraction::one(),
        });
    }
    // What an equality settles is settled before anything is computed with it.
    for equality in [true, false] {
        for relation in &statement.assumptions {
            if (relation.op == RelationOp::Eq) == equality {
                assume(&mut exact, &mut walker, relation)?;
            }
        }
    }
    if infinite {
        summability(&mut exact, &mut walker, statement)?;
    }
    // Values may have been remembered from before the equalities.
    let mut walker = Walker::new(&statement.store);
    dimension(&mut exact, &mut walker, statement, formal)?;
    Ok((exact, walker))
}

/// Infinite sums are finite: `β > 1`, and `r > 0` for those over coefficients.
fn summability<'s>(
    exact: &mut Exactly<'s>,
    walker: &mut Walker<'s, Value>,
    statement: &'s Statement,
) -> Result<(), Stop> {
    let model = statement.store.model(statement.model);
    let SpectrumTerms::PowerLaw { beta } = model.spectrum else {
        return Err(Stop::Beyond("an infinite spectrum without a law".into()));
    };
    let excess = exact.value(walker, beta)?.scalar()?.sub(&Fraction::one());
    if !exact.ground.is_positive(&excess) {
        return Err(Stop::Open(
            "beta > 1, so that the spectrum can be summed".into(),
        ));
    }
    if let TargetTerms::Source { r } = model.target {
        let r = exact.value(walker, r)?.scalar()?;
        exact.ground.summable_target = exact.ground.is_positive(&r);
    }
    Ok(())
}

/// The trace of the identity; formal where it is infinite.
fn dimension<'s>(
    exact: &mut Exactly<'s>,
    walker: &mut Walker<'s, Value>,
    statement: &'s Statement,
    formal: Variable,
) -> Result<(), Stop> {
    let declared = statement.store.model(statement.model).dimension;
    // Where no dimension is declared, any.
    let finite = declared.filter(|d| match statement.store.node(*d) {
        crate::term::Node::Infinity => false,
        crate::term::Node::Symbol(s) => exact.symbols.contains_key(s),
        _ => true,
    });
    exact.ground.dimension = match finite {
        Some(d) => exact.value(walker, d)?.scalar()?,
        None => Fraction::variable(formal),
    };
    exact.ground.bounds = None;
    let d = exact.ground.dimension.clone();
    if finite.is_some() && !exact.ground.is_positive(&d) {
        return Err(Stop::Open("the dimension is positive".into()));
    }
    Ok(())
}

/// Domains of symbols: ranges where the ends are numbers, facts where they are formulas.
fn domains<'s>(
    exact: &mut Exactly<'s>,
    walker: &mut Walker<'s, Value>,
    statement: &'s Statement,
) -> Result<(), Stop> {
    for terms in &statement.symbols {
        let v = exact.symbols[&terms.symbol];
        let own = exact.ground.values.get(&v).cloned();
        // What grows has no upper end in the limit.
        let name = statement.store.symbol_name(terms.symbol);
        let moves = exact.ground.moving.iter().any(|m| m == name);
        let mut ends = (None, None);
        for (low, id) in [(true, terms.min), (false, terms.max)] {
            let end = exact.value(walker, id)?.scalar()?;
            let constant = end.as_constant();
            match (&constant, &own) {
                (Some(c), None) => {
                    if low {
                        ends.0 = Some(c.clone());
                    } else if !moves {
                        ends.1 = Some(c.clone());
                    }
                }
                _ => {
                    let value = own.clone().unwrap_or_else(|| Fraction::variable(v));
                    let gap = if low {
                        value.sub(&end)
                    } else {
                        end.sub(&value)
                    };
                    fact(exact, &gap, false)?;
                }
            }
        }
        if let Some(low) = &ends.0 {
            match low.signum() {
                std::cmp::Ordering::Greater => exact.ground.set_sign(v, true),
                std::cmp::Ordering::Equal => exact.ground.set_sign(v, false),
                std::cmp::Ordering::Less => {}
            }
        }
        exact.ground.ranges.insert(v, ends);
    }
    Ok(())
}

/// Adds `gap ≥ 0` or `gap > 0` to what is known, if its denominators have signs.
pub(super) fn fact(exact: &mut Exactly<'_>, gap: &Fraction, strict: bool) -> Result<(), Stop> {
    if let Some(c) = gap.as_constant() {
        let holds = if strict {
            c.signum().is_gt()
        } else {
            !c.signum().is_lt()
        };
        return if holds { Ok(()) } else { Err(Stop::Impossible) };
    }
    let mut p = gap.numerator.clone();
    for (factor, &power) in &gap.denominator {
        if power % 2 == 0 {
            continue;
        }
        if exact.ground.polynomial_sign(factor) == Some(true) {
        } else if exact.ground.polynomial_sign(&factor.neg()) == Some(true) {
            p = p.neg();
        } else {
            return Ok(());
        }
    }
    exact.ground.assume(p, strict);
    Ok(())
}

/// An assumption that is not understood is not used; one whose meaning depends on a sign splits the claim.
fn assume<'s>(
    exact: &mut Exactly<'s>,
    walker: &mut Walker<'s, Value>,
    relation: &Relation,
) -> Result<(), Stop> {
    let sides = exact
        .value(walker, relation.lhs)
        .and_then(Value::scalar)
        .and_then(|l| Ok((l, exact.value(walker, relation.rhs)?.scalar()?)));
    let (lhs, rhs) = match sides {
        Ok(sides) => sides,
        Err(branch @ Stop::Branch(_)) => return Err(branch),
        Err(_) => return Ok(()),
    };
    match relation.op {
        RelationOp::Ge => fact(exact, &lhs.sub(&rhs), false),
        RelationOp::Gt => fact(exact, &lhs.sub(&rhs), true),
        RelationOp::Le => fact(exact, &rhs.sub(&lhs), false),
        RelationOp::Lt => fact(exact, &rhs.sub(&lhs), true),
        RelationOp::Eq => {
            for (side, other) in [(&lhs, &rhs), (&rhs, &lhs)] {
                if side.denominator.is_empty()
                    && let Some(v) = side.numerator.as_variable()
                    && matches!(exact.ground.atom(v), Some(Atom::Symbol { .. }))
                    && !other.mentions(v)
                    && !exact.ground.values.contains_key(&v)
                {
                    let (low, high) = exact.ground.ranges.get(&v).cloned().unwrap_or_default();
                    if let Some(low) = low {
                        fact(exact, &other.sub(&Fraction::constant(low)), false)?;
                    }
                    if let Some(high) = high {
                        fact(exact, &Fraction::constant(high).sub(other), false)?;
                    }
                    exact.ground.values.insert(v, other.clone());
                    *walker = Walker::new(walker.store());
                    return Ok(());
                }
            }
            let gap = lhs.sub(&rhs);
            fact(exact, &gap, false)?;
            fact(exact, &gap.neg(), false)
        }
        _ => Ok(()),
    }
}

/// Decides one case.
fn case(
    statement: &Statement,
    answers: &[Answer],
    sense: Sense<'_>,
) -> Result<(Case, Vec<String>, bool), Failure> {
    let moving = match sense {
        Sense::Everywhere => &[],
        Sense::Proportional(moving) | Sense::OneSize(moving, _) => moving,
    };
    let (mut exact, mut walker) = ground(statement, answers, moving)?;
    // A point of the domain is the cheapest proof that the facts do not contradict one another.
    let point = inhabited(&mut exact);
    if !point || !only_symbols(&exact.ground) {
        contradiction(&mut exact)?;
    }
    let claim = &of_matrices(&statement.store, &statement.claim).unwrap_or(statement.claim);
    // κ may be met after a root that belongs to it: the second time all are known.
    if exact.ground.spectrum == Spectrum::Identity {
        exact.value(&mut walker, claim.lhs)?;
        exact.value(&mut walker, claim.rhs)?;
        walker = Walker::new(&statement.store);
    }
    let mut lhs = exact.value(&mut walker, claim.lhs)?;
    let mut rhs = exact.value(&mut walker, claim.rhs)?;
    if matches!(sense, Sense::OneSize(..)) {
        dimension_stays(&exact.ground)?;
    }
    if matches!(sense, Sense::Proportional(_)) {
        (lhs, rhs) = equivalents(&mut exact.ground, lhs, rhs)?;
    }
    let shown = (shown(&exact.ground, &lhs), shown(&exact.ground, &rhs));
    let sides = (lhs.clone(), rhs.clone());
    let gap = op::difference(&mut exact.ground, rhs, lhs)?;
    let holds = match claim.op {
        RelationOp::Eq => {
            is_zero(&mut exact.ground, &gap)
                || match sense {
                    Sense::Everywhere => false,
                    Sense::Proportional(_) | Sense::OneSize(_, true) => {
                        tends_to_one(&mut exact.ground, &sides.0.scalar()?, &sides.1.scalar()?)?
                    }
                    Sense::OneSize(_, false) => vanishes(&mut exact.ground, &gap.scalar()?)?,
                }
        }
        RelationOp::Le | RelationOp::Lt if matches!(gap, Value::Matrix(_)) => {
            definite(&mut exact.ground, gap, claim.op == RelationOp::Lt)?
        }
        RelationOp::Le => {
            let gap = gap.scalar()?;
            is_zero(&mut exact.ground, &Value::Scalar(gap.clone()))
                || exact.ground.has_sign(&gap, false)
        }
        RelationOp::Ge => {
            let gap = gap.scalar()?.neg();
            is_zero(&mut exact.ground, &Value::Scalar(gap.clone()))
                || exact.ground.has_sign(&gap, false)
        }
        RelationOp::Lt => exact.ground.has_sign(&gap.scalar()?, true),
        RelationOp::Gt => exact.ground.has_sign(&gap.scalar()?.neg(), true),
        _ => return Err(Stop::Beyond("a statement about a limit".into()).into()),
    };
    if !holds {
        return Err(Failure::Different(format!(
            "the sides are {} and {}",
            shown.0, shown.1
        )));
    }
    let conditions = answers
        .iter()
        .map(|answer| in_words(&exact.ground, answer))
        .collect();
    let case = Case {
        conditions,
        met: exact.ground.met.clone(),
        lhs: shown.0,
        rhs: shown.1,
    };
    Ok((case, exact.ground.given.clone(), point))
}

/// Whether a function of `Σ` is positive at every eigenvalue, or not negative.
fn definite(ground: &mut Ground, gap: Value, strict: bool) -> Result<bool, Stop> {
    let f = (gap.matrix()?.as_spectral()).ok_or_else(|| {
        Stop::Beyond("an order of matrices that are no functions of Sigma".into())
    })?;
    // In infinite dimension the least eigenvalue is a limit.
    if strict && ground.spectrum == Spectrum::Infinite {
        return Err(Stop::Beyond("a strict order in infinite dimension".into()));
    }
    Ok(ground.has_sign(&f, strict))
}

/// Both sides with means replaced; a limit that may be 0 says nothing about a ratio.
fn equivalents(ground: &mut Ground, lhs: Value, rhs: Value) -> Result<(Value, Value), Stop> {
    let left = equivalent::replaced(ground, &lhs.scalar()?)?;
    let right = equivalent::replaced(ground, &rhs.scalar()?)?;
    let either_zero = left.is_zero() || right.is_zero();
    if !(left.is_zero() && right.is_zero()) && (either_zero || nonzero(ground, &left).is_err()) {
        nonzero(ground, &right)?;
    }
    Ok((Value::Scalar(left), Value::Scalar(right)))
}

fn shown(ground: &Ground, value: &Value) -> String {
    match value {
        Value::Scalar(x) => show::fraction(ground, x),
        Value::Mean(x) => format!("matrix with tr(B*M) = {}", show::fraction(ground, x)),
        Value::Matrix(m) => show::matrix(ground, m),
    }
}

fn in_words(ground: &Ground, answer: &Answer) -> String {
    match answer {
        Answer::AtLeastZero(p) => format!("{} >= 0", show::polynomial(ground, p)),
        Answer::Negative(p) => format!("{} < 0", show::polynomial(ground, p)),
        Answer::Zero(v) => format!("{} = 0", show::variable(ground, *v)),
        Answer::Positive(v) => format!("{} > 0", show::variable(ground, *v)),
        Answer::Value(v, n) => format!("{} = {n}", show::variable(ground, *v)),
    }
}

/// Whether the facts speak of symbols alone.
fn only_symbols(ground: &Ground) -> bool {
    let symbol = |v: Variable| matches!(ground.atom(v), Some(Atom::Symbol { .. }));
    ground
        .facts
        .iter()
        .all(|fact| fact.polynomial.variables().into_iter().all(symbol))
}

/// A case whose facts exclude one another needs no proof.
fn contradiction(exact: &mut Exactly<'_>) -> Result<(), Stop> {
    let facts = exact.ground.facts.clone();
    for (i, fact) in facts.iter().enumerate() {
        // The fact itself must not be used against its contrary.
        let mut others = facts.clone();
        others.remove(i);
        exact.ground.facts = others;
        exact.ground.bounds = None;
        let contrary = exact.ground.polynomial_sign(&fact.polynomial.neg());
        exact.ground.facts.clone_from(&facts);
        exact.ground.bounds = None;
        if contrary == Some(true) || (contrary == Some(false) && fact.strict) {
            return Err(Stop::Impossible);
        }
    }
    Ok(())
}
