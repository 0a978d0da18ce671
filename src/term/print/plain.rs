//! Terms back to the language they were written in, with as few brackets as reading needs.

use num_rational::BigRational;
use num_traits::Signed;

use super::{ATOM, MAX_LENGTH, NEGATION, Names, POSTFIX, POWER, PRODUCT, Range, SUM};
use crate::formula::ast::{BinaryOp, Function, RelationOp};
use crate::formula::print::{is_decimal, number_text};
use crate::term::error::{EvaluationError, Outcome};
use crate::term::node::{Condition, Id, ModelId, RandomId, SymbolId};
use crate::term::store::Store;
use crate::term::walk::{Algebra, ExtremumForm, FoldForm, OfSpectrum, SpectralForm, Walker};

/// A term as a formula: what the parser reads back as the same term.
pub fn text(store: &Store, id: Id) -> Outcome<String> {
    let mut walker = Walker::new(store);
    let written = walker.value(&mut Plain::default(), id)?;
    Ok(written.text)
}

#[derive(Default)]
struct Plain {
    names: Names,
}

#[derive(Clone)]
struct Written {
    text: String,
    rank: u8,
    /// Whether it would put two signs side by side.
    minus: bool,
}

fn atom(text: impl Into<String>) -> Written {
    Written {
        text: text.into(),
        rank: ATOM,
        minus: false,
    }
}

impl Written {
    fn at(&self, least: u8) -> String {
        if self.rank < least {
            format!("({})", self.text)
        } else {
            self.text.clone()
        }
    }

    fn right(&self, least: u8) -> String {
        self.at(if self.minus { ATOM } else { least })
    }
}

fn checked(written: Written) -> Outcome<Written> {
    if written.text.len() > MAX_LENGTH {
        return Err(EvaluationError::Budget);
    }
    Ok(written)
}

type Writes<'w, 's> = &'w mut Walker<'s, Written>;

impl Plain {
    fn condition(&mut self, walker: Writes<'_, '_>, condition: &Condition) -> Outcome<String> {
        let (parts, word) = match condition {
            Condition::Compare(a, op, b) => {
                let (a, b) = (walker.value(self, *a)?, walker.value(self, *b)?);
                return Ok(format!("{} {} {}", a.text, op.symbol(), b.text));
            }
            Condition::All(parts) => (parts, " and "),
            Condition::Any(parts) => (parts, " or "),
        };
        let mut texts = Vec::with_capacity(parts.len());
        for part in parts {
            let inner = self.condition(walker, part)?;
            let loose = word == " and " && matches!(part, Condition::Any(_));
            texts.push(if loose { format!("({inner})") } else { inner });
        }
        Ok(texts.join(word))
    }

    fn folded(
        &mut self,
        walker: Writes<'_, '_>,
        range: Range,
        index: &str,
        body: &str,
    ) -> Outcome<Written> {
        let (from, to) = (
            walker.value(self, range.from)?,
            walker.value(self, range.to)?,
        );
        checked(atom(format!(
            "{}({index} = {}..{}, {body})",
            range.kind.name(),
            from.text,
            to.text
        )))
    }
}

impl Algebra for Plain {
    type Value = Written;

    fn number(&mut self, value: &BigRational) -> Outcome<Written> {
        Ok(Written {
            text: number_text(value),
            rank: match (is_decimal(value), value.is_negative()) {
                (false, _) => PRODUCT,
                (true, true) => NEGATION,
                (true, false) => ATOM,
            },
            minus: value.is_negative(),
        })
    }

    fn infinity(&mut self) -> Outcome<Written> {
        Ok(atom("inf"))
    }

    fn pi(&mut self) -> Outcome<Written> {
        Ok(atom("pi"))
    }

    fn symbol(&mut self, store: &Store, symbol: SymbolId) -> Outcome<Written> {
        Ok(atom(store.symbol_name(symbol)))
    }

    fn unbound(&mut self, store: &Store, binder: super::super::Binder) -> Outcome<Written> {
        Ok(atom(store.binder_name(binder)))
    }

    fn random(
        &mut self,
        store: &Store,
        object: RandomId,
        member: Option<Written>,
    ) -> Outcome<Written> {
        let name = &store.random(object).name;
        Ok(atom(match member {
            Some(index) => format!("{name}({})", index.text),
            None => name.clone(),
        }))
    }

    fn sigma(&mut self, _: &Store, _: ModelId) -> Outcome<Written> {
        Ok(atom("Sigma"))
    }

    fn target(&mut self, _: &Store, _: ModelId) -> Outcome<Written> {
        Ok(atom("w0"))
    }

    fn identity(&mut self, _: Writes<'_, '_>, _: Option<Id>) -> Outcome<Written> {
        Ok(atom("I"))
    }

    fn of_spectrum(
        &mut self,
        _: &Store,
        _: ModelId,
        what: OfSpectrum<Written>,
    ) -> Outcome<Written> {
        checked(atom(match what {
            OfSpectrum::Eigenvalue(j) => format!("s({})", j.text),
            OfSpectrum::Coefficient(j) => format!("c({})", j.text),
            OfSpectrum::Kappa(a, b) => format!("kappa({}, {})", a.text, b.text),
            OfSpectrum::Df(a, b) => format!("df({}, {})", a.text, b.text),
        }))
    }

    fn negate(&mut self, x: Written) -> Outcome<Written> {
        Ok(Written {
            text: format!("-{}", x.right(NEGATION)),
            rank: NEGATION,
            minus: true,
        })
    }

    fn binary(&mut self, op: BinaryOp, a: Written, b: Written) -> Outcome<Written> {
        let (rank, gap) = match op {
            BinaryOp::Add | BinaryOp::Sub => (SUM, " "),
            BinaryOp::Mul | BinaryOp::Div => (PRODUCT, ""),
            BinaryOp::Pow => {
                return checked(Written {
                    text: format!("{}^{}", a.at(POSTFIX), b.at(NEGATION)),
                    rank: POWER,
                    minus: false,
                });
            }
        };
        checked(Written {
            text: format!(
                "{}{gap}{}{gap}{}",
                a.at(rank),
                op.symbol(),
                b.right(rank + 1)
            ),
            rank,
            minus: a.rank >= rank && a.minus,
        })
    }

    fn transpose(&mut self, x: Written) -> Outcome<Written> {
        Ok(Written {
            text: format!("{}'", x.at(POSTFIX)),
            rank: POSTFIX,
            minus: false,
        })
    }

    fn call(&mut self, function: Function, arguments: Vec<Written>) -> Outcome<Written> {
        let list: Vec<String> = arguments.into_iter().map(|a| a.text).collect();
        let stacked = match function {
            Function::Rows => Some("; "),
            Function::Columns => Some(", "),
            _ => None,
        };
        if function == Function::Given {
            let text = format!("E[{} | {}]", list[0], list[1..].join(", "));
            return checked(atom(text));
        }
        if let Some(between) = stacked {
            return checked(atom(format!("[{}]", list.join(between))));
        }
        checked(atom(format!("{}({})", function.name(), list.join(", "))))
    }

    fn compare(&mut self, _: Written, _: RelationOp, _: Written) -> Outcome<Option<bool>> {
        Ok(None)
    }

    fn choose(
        &mut self,
        walker: Writes<'_, '_>,
        condition: &Condition,
        then: Id,
        otherwise: Id,
    ) -> Outcome<Written> {
        let condition = self.condition(walker, condition)?;
        let (a, b) = (walker.value(self, then)?, walker.value(self, otherwise)?);
        checked(atom(format!("if({condition}, {}, {})", a.text, b.text)))
    }

    fn fold(&mut self, walker: Writes<'_, '_>, form: FoldForm) -> Outcome<Written> {
        let store = walker.store();
        let index = self.names.take(store.binder_name(form.index), store);
        let body = walker.bound_to(self, form.index, atom(index.as_str()), form.body);
        self.names.give_back();
        self.folded(walker, form.into(), &index, &body?.text)
    }

    fn extremum(&mut self, walker: Writes<'_, '_>, form: ExtremumForm) -> Outcome<Written> {
        let store = walker.store();
        let name = self.names.take(store.binder_name(form.variable), store);
        let body = walker.bound_to(self, form.variable, atom(name.as_str()), form.body);
        self.names.give_back();
        let (from, to) = (walker.value(self, form.from)?, walker.value(self, form.to)?);
        checked(atom(format!(
            "{}({name} in [{}, {}], {})",
            form.kind.name(),
            from.text,
            to.text,
            body?.text
        )))
    }

    fn spectral_sum(&mut self, walker: Writes<'_, '_>, form: SpectralForm) -> Outcome<Written> {
        let index = self.names.take("j", walker.store());
        let eigenvalue = atom(format!("s({index})"));
        let body = walker.bound_to(self, form.eigenvalue, eigenvalue, form.body);
        self.names.give_back();
        let body = body?;
        let body = if form.weighted {
            format!("c({index})^2*{}", body.right(PRODUCT + 1))
        } else {
            body.text
        };
        self.folded(walker, form.into(), &index, &body)
    }

    fn expectation(&mut self, walker: Writes<'_, '_>, body: Id) -> Outcome<Written> {
        let inner = walker.value(self, body)?;
        checked(atom(format!("E[{}]", inner.text)))
    }
}
