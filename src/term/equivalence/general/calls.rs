//! Operations and functions of the language on forms.

use super::form::{Closure, Form, Pending, Read};
use super::{Reader, as_number};
use crate::formula::ast::{BinaryOp, Function};
use crate::term::equivalence::{elementary, undefined, unrecognised};

impl Reader<'_> {
    pub(super) fn combined(&mut self, op: BinaryOp, a: Form, b: Form) -> Read {
        match op {
            BinaryOp::Add => self.plus(a, b),
            BinaryOp::Sub => {
                let b = self.scaled(b, -1.0)?;
                self.plus(a, b)
            }
            BinaryOp::Mul => self.times(a, b),
            BinaryOp::Div => {
                let inverse = self.inverse(b)?;
                self.times(a, inverse)
            }
            BinaryOp::Pow => match b {
                Form::Number { value: e, .. } if !self.is_rough(&b) => self.power(a, e),
                _ => unrecognised("a random exponent"),
            },
        }
    }

    pub(super) fn applied_to(&mut self, function: Function, arguments: Vec<Form>) -> Read {
        match function {
            Function::Rows | Function::Columns => {
                return self.stacked(function == Function::Rows, arguments);
            }
            Function::Sqrt
            | Function::Exp
            | Function::Log
            | Function::Abs
            | Function::Min
            | Function::Max => {
                return self.elementary(function, arguments);
            }
            _ => {}
        }
        let mut rest = arguments.into_iter();
        let Some(first) = rest.next() else {
            return unrecognised("a function of random quantities");
        };
        match (function, rest.next(), rest.next()) {
            (Function::Norm2, weight, _) => self.squared_norm(first, weight),
            (Function::Tr, ..) => self.trace(first),
            (Function::Inv, ..) => self.inverse(first),
            (Function::Pinv, ..) => self.pseudo_inverse(first),
            (Function::Proj, ..) => self.projection(first),
            (Function::Opnorm | Function::Eigmin | Function::Eigmax, ..) => {
                self.extreme(function, first)
            }
            (Function::Ridge, Some(labels), Some(lambda)) => self.ridge(first, labels, lambda),
            _ => unrecognised("a function of random quantities"),
        }
    }

    /// An elementary function of numbers, and of random scalars where it follows what these concentrate at.
    fn elementary(&mut self, function: Function, arguments: Vec<Form>) -> Read {
        let is_random = |form: &Form| matches!(form, Form::Scalar(_));
        let smooth = matches!(function, Function::Sqrt | Function::Log);
        if !smooth && arguments.iter().any(is_random) {
            return unrecognised("a function of random quantities");
        }
        let (mut numbers, mut doubt) = (Vec::new(), 0.0f64);
        for form in arguments {
            let form = self.concentrated(form)?;
            if let Form::Number { doubt: d, .. } = form {
                doubt = doubt.max(d);
            }
            numbers.push(as_number(&form)?);
        }
        let value = elementary(function, &numbers)?;
        let doubt = match function {
            _ if doubt == 0.0 => 0.0,
            Function::Log => doubt / numbers[0].abs(),
            Function::Sqrt => 0.5 * doubt / value,
            Function::Exp => value * doubt,
            _ => doubt,
        };
        Ok(Form::Number { value, doubt })
    }

    fn trace(&mut self, form: Form) -> Read {
        match form {
            Form::Matrix(m) => {
                let space = self.model.rows(m);
                let term = (1.0, m, Closure::Trace(space));
                Ok(Form::Scalar(Pending::of(vec![term])))
            }
            Form::Blocks(grid) => self.trace_of_blocks(&grid),
            Form::Outer(u, v) => self.times(Form::Row(v), Form::Column(u)),
            scalar @ (Form::Number { .. } | Form::Scalar(_)) => Ok(scalar),
            _ => unrecognised("a trace of anything but a matrix"),
        }
    }

    fn pseudo_inverse(&mut self, form: Form) -> Read {
        match form {
            Form::Matrix(m) if self.is_void(m) => {
                undefined("the pseudo-inverse of a design without rows")
            }
            Form::Matrix(m) => Ok(Form::Matrix(self.model.pinv(m)?)),
            Form::Blocks(grid) => Ok(Form::of_grid(self.fit_of_blocks(&grid, 0.0)?)),
            _ => unrecognised("a pseudo-inverse of anything but a matrix"),
        }
    }

    fn projection(&mut self, form: Form) -> Read {
        match form {
            Form::Matrix(m) if self.is_void(m) => {
                let columns = self.model.columns(m);
                Ok(Form::Matrix(self.model.zero(columns, columns)))
            }
            Form::Matrix(m) => Ok(Form::Matrix(self.model.projection(m)?)),
            Form::Blocks(grid) => {
                let inverse = Form::of_grid(self.fit_of_blocks(&grid, 0.0)?);
                self.times(inverse, Form::Blocks(grid))
            }
            _ => unrecognised("a pseudo-inverse of anything but a matrix"),
        }
    }

    fn squared_norm(&mut self, vector: Form, weight: Option<Form>) -> Read {
        let column = match vector {
            Form::Column(_) | Form::Parts { row: false, .. } => vector,
            Form::Row(_) | Form::Parts { .. } => self.transposed(vector),
            _ => return unrecognised("norm2 of anything but a vector"),
        };
        let weighted = match weight {
            Some(weight) => self.times(weight, column.clone())?,
            None => column.clone(),
        };
        let row = self.transposed(column);
        let mut square = self.times(row, weighted)?;
        // What is mixed is small beside the squares.
        if let Form::Scalar(pending) = &mut square {
            pending.mixed = false;
        }
        Ok(square)
    }

    fn ridge(&mut self, inputs: Form, labels: Form, lambda: Form) -> Read {
        let lambda = self.concentrated(lambda)?;
        self.spreads(&lambda);
        let lambda = as_number(&lambda)?;
        let x = match inputs {
            Form::Matrix(x) => x,
            Form::Blocks(grid) => return self.ridge_of_blocks(&grid, labels, lambda),
            _ => return unrecognised("ridge of anything but a matrix"),
        };
        if !(lambda >= 0.0) {
            return undefined(format!("a ridge of {lambda}"));
        }
        let rows = self.model.dimension(self.model.rows(x));
        let fit = match self.is_void(x) {
            true if !(lambda > 0.0) => return undefined("a fit to no rows without a ridge"),
            true => self.model.transpose(x),
            false => self.model.ridge(x, lambda * rows)?,
        };
        self.times(Form::Matrix(fit), labels)
    }
}
