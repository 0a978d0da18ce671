//! Functions of the language, of forms.

use super::error::{undefined, unrecognised};
use super::{Form, Read, Reader, elementary};
use crate::formula::ast::Function;
use crate::term::evaluate::LinearAlgebra;

impl<R: LinearAlgebra> Reader<'_, R> {
    /// Whether something random may stand in a function; in others nothing of it is looked at.
    pub(super) fn covers(function: Function) -> bool {
        Self::is_elementary(function)
            || matches!(
                function,
                Function::Norm2
                    | Function::Tr
                    | Function::Inv
                    | Function::Pinv
                    | Function::Proj
                    | Function::Ridge
            )
    }

    fn is_elementary(function: Function) -> bool {
        matches!(
            function,
            Function::Sqrt
                | Function::Exp
                | Function::Log
                | Function::Abs
                | Function::Min
                | Function::Max
        )
    }

    pub(super) fn applied(&mut self, function: Function, arguments: Vec<Form<R>>) -> Read<R> {
        if Self::is_elementary(function) {
            let numbers: Result<Vec<R>, _> = arguments.into_iter().map(Form::number).collect();
            return elementary(function, &numbers?).map(Form::Number);
        }
        let mut arguments = arguments.into_iter();
        match (function, arguments.next()) {
            (Function::Norm2, Some(Form::Column(v) | Form::Row(v))) => {
                let weighted = match arguments.next() {
                    Some(weight) => match self.product(weight, Form::Column(v.clone()))? {
                        Form::Column(weighted) => weighted,
                        _ => return unrecognised("norm2 with anything but a matrix"),
                    },
                    None => v.clone(),
                };
                Ok(Form::Scalar(self.inner(&v, &weighted)?))
            }
            (Function::Norm2, _) => unrecognised("norm2 of anything but a vector"),
            (Function::Inv, Some(Form::Matrix(m))) => Ok(Form::Matrix(self.inverse(&m)?)),
            (Function::Inv, Some(Form::Number(x))) => Ok(Form::Number(R::one() / x)),
            (Function::Inv, _) => unrecognised("an inverse of something random"),
            (Function::Pinv, Some(Form::Matrix(m))) => Ok(Form::Matrix(self.pinv(&m)?)),
            (Function::Pinv, _) => unrecognised("a pseudo-inverse of anything but a design"),
            (Function::Proj, Some(Form::Matrix(m))) => {
                let pinv = self.pinv(&m)?;
                Ok(Form::Matrix(pinv.times(&m, &mut self.alphabet)?))
            }
            (Function::Proj, _) => unrecognised("a projection on anything but a design"),
            (Function::Ridge, Some(x)) => {
                let (Some(labels), Some(lambda)) = (arguments.next(), arguments.next()) else {
                    return undefined("a fit without labels or a ridge");
                };
                self.ridge(x, labels, lambda)
            }
            _ => unrecognised("a function of random quantities"),
        }
    }

    fn ridge(&mut self, x: Form<R>, labels: Form<R>, lambda: Form<R>) -> Read<R> {
        let (Form::Matrix(x), Form::Column(labels)) = (x, labels) else {
            return unrecognised("ridge of anything but a design and a vector");
        };
        let (x, transposed, factor) = Self::design_of(&x)?;
        let scale = factor.clone() - R::one();
        if transposed || scale.midpoint() != 0.0 || factor.radius() != 0.0 {
            return unrecognised("a fit to anything but a design");
        }
        let fit = self.fit(x, lambda.number()?)?;
        Ok(Form::Column(fit.times(&labels, &mut self.alphabet)?))
    }
}
