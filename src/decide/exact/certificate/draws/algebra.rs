//! The walk over terms that writes them as matrices.

use num_rational::BigRational;

use super::super::super::fraction::Fraction;
use super::super::super::operation::Value;
use super::super::print::number;
use super::super::writer::named;
use super::Drawer;
use super::drawn::{Drawn, flipped, minus, times};
use crate::formula::ast::{BinaryOp, Fold, Function, RelationOp};
use crate::term::{
    Algebra, EvaluationError, ExtremumForm, FoldForm, Id, LawTerms, ModelId, OfSpectrum, Outcome,
    RandomId, SpectralForm, Store, SymbolId, Walker,
};

impl Algebra for Drawer<'_> {
    type Value = Drawn;

    fn number(&mut self, value: &BigRational) -> Outcome<Drawn> {
        let exact = self.exact.number(value)?;
        Ok(Drawn::Number {
            text: number(value),
            exact: exact.scalar().unwrap_or_else(|_| Fraction::zero()),
        })
    }

    fn infinity(&mut self) -> Outcome<Drawn> {
        Err(EvaluationError::unsupported("infinity"))
    }

    fn pi(&mut self) -> Outcome<Drawn> {
        Err(EvaluationError::unsupported("pi"))
    }

    fn symbol(&mut self, store: &Store, symbol: SymbolId) -> Outcome<Drawn> {
        let value = self.exact.symbol(store, symbol)?;
        let exact = value.scalar().unwrap_or_else(|_| Fraction::zero());
        let name = named(store.symbol_name(symbol));
        let is_integer = self
            .statement
            .symbols
            .iter()
            .any(|t| t.symbol == symbol && t.integer);
        if let Some(c) = exact.as_constant() {
            return Ok(Drawn::Number {
                text: number(&c.to_rational()),
                exact,
            });
        }
        let known = self.numbers.entry(symbol).or_insert((name, is_integer));
        let text = if known.1 {
            format!("(INR {})", known.0)
        } else {
            known.0.clone()
        };
        Ok(Drawn::Number { text, exact })
    }

    fn random(&mut self, store: &Store, id: RandomId, member: Option<Drawn>) -> Outcome<Drawn> {
        let terms = store.random(id).clone();
        self.outside |= !self.inside;
        let name = match &member {
            Some(Drawn::Number { exact, .. }) => {
                match exact.as_constant().and_then(|c| c.to_integer()) {
                    Some(n) => format!("{}_{n}", named(&terms.name)),
                    None => return Err(EvaluationError::unsupported("such a member")),
                }
            }
            Some(_) => return Err(EvaluationError::unsupported("such a member")),
            None => named(&terms.name),
        };
        let size = match terms.law {
            LawTerms::Design { rows } => (self.sized(rows)?, self.dimension()?),
            LawTerms::Noise { length, .. } => (self.sized(length)?, "1".to_owned()),
            LawTerms::Labeller { .. } => (self.dimension()?, "1".to_owned()),
            _ => return Err(EvaluationError::unsupported("such a random object")),
        };
        self.matrices.insert(name.clone(), size.clone());
        Ok(Drawn::Matrix {
            text: name,
            size: Some(size),
        })
    }

    fn sigma(&mut self, _: &Store, _: ModelId) -> Outcome<Drawn> {
        self.sigma = true;
        let d = self.dimension()?;
        Ok(Drawn::Matrix {
            text: "Sigma".into(),
            size: Some((d.clone(), d)),
        })
    }

    fn target(&mut self, _: &Store, _: ModelId) -> Outcome<Drawn> {
        self.target = true;
        let d = self.dimension()?;
        Ok(Drawn::Matrix {
            text: "w0".into(),
            size: Some((d, "1".into())),
        })
    }

    fn identity(&mut self, _: &mut Walker<'_, Drawn>, _: Option<Id>) -> Outcome<Drawn> {
        Ok(Drawn::Matrix {
            text: "one".into(),
            size: None,
        })
    }

    fn of_spectrum(&mut self, _: &Store, _: ModelId, _: OfSpectrum<Drawn>) -> Outcome<Drawn> {
        Err(EvaluationError::unsupported("a quantity of the spectrum"))
    }

    fn negate(&mut self, x: Drawn) -> Outcome<Drawn> {
        Ok(minus(x))
    }

    fn binary(&mut self, operator: BinaryOp, a: Drawn, b: Drawn) -> Outcome<Drawn> {
        match operator {
            BinaryOp::Add => self.sum(a, b),
            BinaryOp::Sub => self.sum(a, minus(b)),
            BinaryOp::Mul => times(a, b),
            BinaryOp::Div => match b {
                Drawn::Number { text, exact } => {
                    let inverse = self.exact.ground.inverse(&exact);
                    let exact = inverse.map_err(|e| EvaluationError::unsupported(e.in_words()))?;
                    let over = Drawn::Number {
                        text: format!("(/ {text})"),
                        exact,
                    };
                    times(over, a)
                }
                _ => Err(EvaluationError::unsupported("such a quotient")),
            },
            BinaryOp::Pow => {
                let n = match &b {
                    Drawn::Number { exact, .. } => exact.as_constant().and_then(|c| c.to_integer()),
                    _ => None,
                };
                let Some(n @ 1..=6) = n else {
                    return Err(EvaluationError::unsupported("such a power"));
                };
                let mut product = a.clone();
                for _ in 1..n {
                    product = times(product, a.clone())?;
                }
                Ok(product)
            }
        }
    }

    fn transpose(&mut self, x: Drawn) -> Outcome<Drawn> {
        Ok(flipped(x))
    }

    fn call(&mut self, function: Function, mut arguments: Vec<Drawn>) -> Outcome<Drawn> {
        match function {
            Function::Inv => self.inverse(&arguments.remove(0)),
            Function::Pinv => self.pseudo_inverse(&arguments.remove(0)),
            Function::Proj => {
                let x = arguments.remove(0);
                let p = self.pseudo_inverse(&x)?;
                times(p, x)
            }
            Function::Norm2 => {
                let v = arguments.remove(0);
                let right = match arguments.pop() {
                    Some(m) => times(m, v.clone())?,
                    None => v.clone(),
                };
                times(flipped(v), right)
            }
            Function::Ridge => {
                let lambda = arguments.remove(2);
                let y = arguments.remove(1);
                self.fit(&arguments.remove(0), y, &lambda)
            }
            _ => Err(EvaluationError::unsupported("such a function of draws")),
        }
    }

    fn compare(&mut self, a: Drawn, op: RelationOp, b: Drawn) -> Outcome<Option<bool>> {
        match (a, b) {
            (Drawn::Number { exact: x, .. }, Drawn::Number { exact: y, .. })
                if x.sub(&y).as_constant().is_some() =>
            {
                self.exact.compare(Value::Scalar(x), op, Value::Scalar(y))
            }
            _ => Err(EvaluationError::unsupported("such a condition")),
        }
    }

    fn fold(&mut self, walker: &mut Walker<'_, Drawn>, form: FoldForm) -> Outcome<Drawn> {
        let refused = || EvaluationError::unsupported("such a sum of draws");
        if !matches!(form.kind, Fold::Sum | Fold::Prod) {
            return Err(refused());
        }
        let mut ends = Vec::new();
        for id in [form.from, form.to] {
            match walker.value(self, id)? {
                Drawn::Number { exact, .. } => {
                    let n = exact.as_constant().and_then(|c| c.to_integer());
                    ends.push(n.ok_or_else(refused)?);
                }
                _ => return Err(refused()),
            }
        }
        let mut total: Option<Drawn> = None;
        for i in ends[0]..=ends[1].min(ends[0] + 16) {
            let index = self.number(&BigRational::from_integer(i.into()))?;
            let term = walker.bound_to(self, form.index, index, form.body)?;
            total = Some(match total {
                None => term,
                Some(sum) if form.kind == Fold::Sum => self.sum(sum, term)?,
                Some(product) => times(product, term)?,
            });
        }
        match total {
            Some(total) => Ok(total),
            None if form.kind == Fold::Prod => self.identity(walker, None),
            None => Err(refused()),
        }
    }

    fn extremum(&mut self, _: &mut Walker<'_, Drawn>, _: ExtremumForm) -> Outcome<Drawn> {
        Err(EvaluationError::unsupported("a minimum"))
    }

    fn spectral_sum(&mut self, _: &mut Walker<'_, Drawn>, _: SpectralForm) -> Outcome<Drawn> {
        Err(EvaluationError::unsupported("a part of the spectrum"))
    }

    fn expectation(&mut self, walker: &mut Walker<'_, Drawn>, body: Id) -> Outcome<Drawn> {
        if self.inside {
            return Err(EvaluationError::unsupported("a mean of means"));
        }
        self.inside = true;
        self.means = true;
        let value = walker.value(self, body);
        self.inside = false;
        let of = |text: String| format!("(mean_of E (fun o => {text}))");
        match value? {
            Drawn::Matrix { text, size } => Ok(Drawn::Matrix {
                text: of(text),
                size,
            }),
            Drawn::Form(text) => Ok(Drawn::Form(of(text))),
            Drawn::Number { .. } => Err(EvaluationError::unsupported("the mean of a number")),
        }
    }
}
