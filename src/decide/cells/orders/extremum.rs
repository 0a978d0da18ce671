//! `inf` and `argmin` over an interval of exponents, as orders of growth.
//!
//! The exponent of the body is a function of the variable whose kinks are functions of the parameters. From each
//! kink on the body is carried through the algebra at a variable a little above it; the comparisons met on the way
//! tell how far its exponent stays one linear function, which is where the next kink is. At the kinks themselves the
//! body is evaluated exactly. Every comparison of kinks, exponents and logarithms splits cells like any other.

use std::cmp::Ordering;

use super::super::form::Form;
use super::super::growth::Growth;
use super::{Orders, Value, positive, unsupported};
use crate::formula::ast::{BinaryOp, Extremum};
use crate::term::{Binder, EvaluationError, ExtremumForm, Id, Node, Outcome, Shape, Walker};

/// Kinks and terms beyond which a minimum is left alone.
const MAX_KINKS: usize = 24;
const MAX_SUMMANDS: usize = 12;

/// How often logarithms alone told growths apart: in the whole, and within the summands.
///
/// Where that happens at a kink and not beside it, two growths of one power meet there with different logarithms, so that
/// the body is something else in between.
#[derive(Clone, Copy, PartialEq)]
struct Meetings {
    whole: usize,
    within: usize,
}

/// The body at a kink, and its summands, of which some may vanish.
struct Kink {
    at: Form,
    growth: Growth,
    summands: Vec<Option<Growth>>,
    met: Meetings,
}

/// `T^{from + slope x} (ln T)^log`
#[derive(Clone)]
struct Line {
    from: Form,
    slope: Form,
    log: Form,
}

impl Line {
    fn new(growth: &Growth, parameter: usize) -> Outcome<Self> {
        let affine = growth.power.affine_in(parameter);
        let log = growth.log.affine_in(parameter);
        match (affine, log) {
            (Some((from, slope)), Some((log, bend))) if bend.is_zero() => {
                Ok(Self { from, slope, log })
            }
            _ => unsupported("an exponent that is not linear in what a minimum is taken over"),
        }
    }

    fn at(&self, x: &Form) -> Form {
        self.from.plus(&self.slope.times(x))
    }
}

/// The body between two kinks.
struct Stretch {
    whole: Line,
    summands: Vec<Option<Line>>,
    met: Meetings,
}

/// A summand about a kink: its slopes on either side, and its logarithm.
struct Bend {
    left: Form,
    right: Form,
    log: Form,
}

/// The body over the whole interval: one kink more than stretches.
struct Course {
    kinks: Vec<Kink>,
    stretches: Vec<Stretch>,
}

impl Orders<'_> {
    /// The least order of growth, or the one exponent at which it is taken.
    pub(super) fn least(
        &mut self,
        walker: &mut Walker<'_, Value>,
        form: ExtremumForm,
    ) -> Outcome<Value> {
        if !matches!(form.kind, Extremum::Inf | Extremum::ArgMin) {
            return unsupported("a maximum or a root along a limit");
        }
        let course = self.along(walker, form)?;
        let least = self.minima(&course)?;
        if form.kind == Extremum::ArgMin {
            let [only] = least.as_slice() else {
                return Err(EvaluationError::Unresolved(
                    "an exponent with more than one least place".into(),
                ));
            };
            let at = &course.kinks[*only].at;
            return match self.course.sign(at)? {
                Ordering::Greater => Ok(positive(Growth::number(at.clone()).inexact())),
                _ => Err(EvaluationError::Unresolved("a least place at zero".into())),
            };
        }
        let Some(first) = least.first() else {
            return unsupported("a minimum over no exponents");
        };
        Ok(positive(Growth {
            power: course.kinks[*first].growth.power.clone(),
            log: self.least_log(&course, &least)?,
            ..Growth::constant()
        }))
    }

    /// The body from the lower end to the upper one.
    fn along(&mut self, walker: &mut Walker<'_, Value>, form: ExtremumForm) -> Outcome<Course> {
        let (low, high) = (walker.value(self, form.from)?, walker.value(self, form.to)?);
        let (low, high) = (self.form_of(&low)?, self.form_of(&high)?);
        if self.course.compare(&low, &high)? != Ordering::Less {
            return Err(EvaluationError::undefined("a minimum over no interval"));
        }
        // The least value may stand at a place that moves towards a kink.
        if self.store.stands_plainly(form.body, form.variable) {
            return unsupported("a minimum over what is no exponent");
        }
        let mut course = Course {
            kinks: vec![self.kink(walker, form, low.clone())?],
            stretches: Vec::new(),
        };
        let mut from = low;
        loop {
            let (stretch, end) = self.stretch(walker, form, &from, &high)?;
            let kink = self.kink(walker, form, end.clone())?;
            // what jumps may be least where nothing shows it
            for (x, known) in [(&from, course.kinks.last()), (&end, Some(&kink))] {
                let power = known.map(|k| &k.growth.power);
                if let Some(power) = power
                    && self.course.compare(&stretch.whole.at(x), power)? != Ordering::Equal
                {
                    return unsupported("a minimum of what jumps");
                }
            }
            let last = self.course.compare(&end, &high)? == Ordering::Equal;
            course.stretches.push(stretch);
            course.kinks.push(kink);
            if last {
                return Ok(course);
            }
            if course.kinks.len() > MAX_KINKS {
                return unsupported("a minimum over so many kinks");
            }
            from = end;
        }
    }

    fn kink(
        &mut self,
        walker: &mut Walker<'_, Value>,
        form: ExtremumForm,
        at: Form,
    ) -> Outcome<Kink> {
        let value = Value::Number(at.clone());
        let (whole, parts, met) = self.both(walker, form, &value)?;
        let growth = self.nonzero(&whole)?;
        let summands: Outcome<Vec<_>> = parts.iter().map(|part| self.positive(part)).collect();
        Ok(Kink {
            at,
            growth,
            summands: summands?,
            met,
        })
    }

    /// The body from `from` on, and how far it stays what it is.
    fn stretch(
        &mut self,
        walker: &mut Walker<'_, Value>,
        form: ExtremumForm,
        from: &Form,
        high: &Form,
    ) -> Outcome<(Stretch, Form)> {
        let parameter = self.course.enter(from.clone())?;
        let seen = self.a_little_above(walker, form, parameter);
        let met = self.course.leave();
        let stretch = seen?;
        let mut end = high.clone();
        for (factor, sign) in met {
            let parts = factor.coefficients_in(parameter);
            let [constant, slope] = parts.as_slice() else {
                return unsupported("such a kink");
            };
            let slope = Form::polynomial(slope.clone());
            let turns = self.course.sign(&slope)?;
            if sign == Ordering::Equal || turns != sign.reverse() {
                continue;
            }
            let inverse = self.course.reciprocal(&slope)?;
            let root = Form::polynomial(constant.negated()).times(&inverse);
            if self.course.compare(&root, &end)? == Ordering::Less {
                end = root;
            }
        }
        Ok((stretch, end))
    }

    fn a_little_above(
        &mut self,
        walker: &mut Walker<'_, Value>,
        form: ExtremumForm,
        parameter: usize,
    ) -> Outcome<Stretch> {
        let value = Value::Number(Form::parameter(parameter));
        let (whole, parts, met) = self.both(walker, form, &value)?;
        let whole = Line::new(&self.nonzero(&whole)?, parameter)?;
        let mut summands = Vec::new();
        for part in parts {
            summands.push(match self.positive(&part)? {
                Some(growth) => Some(Line::new(&growth, parameter)?),
                None => None,
            });
        }
        Ok(Stretch {
            whole,
            summands,
            met,
        })
    }

    /// The body and its summands.
    fn both(
        &mut self,
        walker: &mut Walker<'_, Value>,
        form: ExtremumForm,
        value: &Value,
    ) -> Outcome<(Value, Vec<Value>, Meetings)> {
        let start = self.course.by_logs;
        let whole = walker.bound_to(self, form.variable, value.clone(), form.body)?;
        let between = self.course.by_logs;
        let parts = self.summands(walker, (form.variable, value), form.body)?;
        let met = Meetings {
            whole: between - start,
            within: self.course.by_logs - between,
        };
        Ok((whole, parts, met))
    }

    /// The terms that a formula is a sum of.
    fn summands(
        &mut self,
        walker: &mut Walker<'_, Value>,
        bound: (Binder, &Value),
        id: Id,
    ) -> Outcome<Vec<Value>> {
        let scalar = |id| matches!(self.store.shape(id), Shape::Scalar);
        let mut parts = match *self.store.node(id) {
            Node::Binary(BinaryOp::Add, a, b) if scalar(id) => {
                let mut parts = self.summands(walker, bound, a)?;
                parts.extend(self.summands(walker, bound, b)?);
                parts
            }
            Node::Binary(BinaryOp::Mul, a, b) if scalar(a) && scalar(b) => {
                let (left, right) = (
                    self.summands(walker, bound, a)?,
                    self.summands(walker, bound, b)?,
                );
                let mut parts = Vec::new();
                for x in &left {
                    for y in &right {
                        parts.push(self.multiply(x.clone(), y.clone())?);
                    }
                }
                parts
            }
            _ => vec![walker.bound_to(self, bound.0, bound.1.clone(), id)?],
        };
        if parts.len() > MAX_SUMMANDS {
            parts = vec![walker.bound_to(self, bound.0, bound.1.clone(), id)?];
        }
        Ok(parts)
    }

    /// The kinks at which the exponent is least.
    fn minima(&mut self, course: &Course) -> Outcome<Vec<usize>> {
        let mut least = vec![0];
        for i in 1..course.kinks.len() {
            let (here, known) = (&course.kinks[i], &course.kinks[least[0]]);
            match self
                .course
                .compare(&here.growth.power, &known.growth.power)?
            {
                Ordering::Less => least = vec![i],
                Ordering::Equal => least.push(i),
                Ordering::Greater => {}
            }
        }
        Ok(least)
    }

    /// The power of the logarithm in the least value.
    fn least_log(&mut self, course: &Course, least: &[usize]) -> Outcome<Form> {
        let log = course.kinks[least[0]].growth.log.clone();
        let mut same = true;
        for &i in least {
            let beside = [i.checked_sub(1), Some(i)];
            let beside = beside.into_iter().flatten();
            let stretches = beside.filter_map(|k| course.stretches.get(k));
            let own = &course.kinks[i].growth.log;
            for stretch in stretches {
                same &= stretch.met.whole == course.kinks[i].met.whole;
                same &= self.course.compare(&stretch.whole.log, &log)? == Ordering::Equal;
            }
            same &= self.course.compare(own, &log)? == Ordering::Equal;
        }
        if same {
            return Ok(log);
        }
        let between = |i: &usize| *i > 0 && *i < course.stretches.len();
        match least {
            [i] if between(i) => self.crossing(course, *i),
            _ => Err(open()),
        }
    }

    /// The logarithm where terms `T^{a x} (ln T)^p` of several slopes cross.
    ///
    /// At `x = y ln ln T/ln T` beside the crossing they are `(ln T)^{a y + p}`: on either side the least value over `y`
    /// of the largest `a y + p` is taken by a term that does not fall away from the crossing, or by a falling and a
    /// rising one.
    fn crossing(&mut self, course: &Course, i: usize) -> Outcome<Form> {
        let bends = self.bends(course, i)?;
        let left: Vec<(&Form, &Form)> = bends.iter().map(|b| (&b.left, &b.log)).collect();
        let right: Vec<(&Form, &Form)> = bends.iter().map(|b| (&b.right, &b.log)).collect();
        let left = self.least_on_a_side(&left, Ordering::Less)?;
        let right = self.least_on_a_side(&right, Ordering::Greater)?;
        Ok(match self.course.compare(&left, &right)? {
            Ordering::Greater => right,
            _ => left,
        })
    }

    /// What is of the least order at a kink, which must be simple there.
    fn bends(&mut self, course: &Course, i: usize) -> Outcome<Vec<Bend>> {
        let kink = &course.kinks[i];
        let (left, right) = (&course.stretches[i - 1], &course.stretches[i]);
        if [left, right]
            .iter()
            .any(|s| s.met.within != kink.met.within)
        {
            return Err(open());
        }
        let mut bends = Vec::new();
        for (n, growth) in kink.summands.iter().enumerate() {
            let sides = (left.summands.get(n), right.summands.get(n));
            let (growth, a, b) = match (growth, sides) {
                (Some(growth), (Some(Some(a)), Some(Some(b)))) => (growth, a, b),
                (None, (Some(None), Some(None))) => continue,
                _ => return Err(open()),
            };
            for side in [a, b] {
                let here = side.at(&kink.at);
                if self.course.compare(&here, &growth.power)? != Ordering::Equal {
                    return Err(open());
                }
            }
            if self.course.compare(&growth.power, &kink.growth.power)? == Ordering::Less {
                continue;
            }
            // a logarithm that comes or goes is another matter
            for side in [a, b] {
                if self.course.compare(&side.log, &growth.log)? != Ordering::Equal {
                    return Err(open());
                }
            }
            bends.push(Bend {
                left: a.slope.clone(),
                right: b.slope.clone(),
                log: growth.log.clone(),
            });
        }
        Ok(bends)
    }

    /// The least over all `y` of one side of the largest of the lines, each a slope and a height at 0.
    fn least_on_a_side(&mut self, lines: &[(&Form, &Form)], side: Ordering) -> Outcome<Form> {
        let mut turned = Vec::new();
        for (slope, height) in lines {
            turned.push((self.course.sign(slope)?, *slope, *height));
        }
        let mut best: Option<Form> = None;
        let mut candidates: Vec<Form> = Vec::new();
        for (turn, a, p) in &turned {
            if *turn == side || *turn == Ordering::Equal {
                candidates.push((*p).clone());
            }
            if *turn != Ordering::Less {
                continue;
            }
            for (_, b, q) in turned.iter().filter(|l| l.0 == Ordering::Greater) {
                let spread = self.course.reciprocal(&b.minus(a))?;
                candidates.push(b.times(p).minus(&a.times(q)).times(&spread));
            }
        }
        for candidate in candidates {
            let better = match &best {
                Some(best) => self.course.compare(&candidate, best)? == Ordering::Greater,
                None => true,
            };
            if better {
                best = Some(candidate);
            }
        }
        best.ok_or_else(open)
    }
}

fn open() -> EvaluationError {
    EvaluationError::Unresolved("the logarithm of a least value".into())
}
