//! What an expectation was read as: its fixed-point system with numbers at one point, for those who look for the formulas.

use super::form::{Closure, Form};
use super::{Noted, Reader, sums_by_closure};
use crate::equivalent::pencil::{Equations, Model, Space};
use crate::term::equivalence::{EquivalenceError, unrecognised};
use crate::term::evaluate::Environment;
use crate::term::{Id, Statement, Walker};

/// Where an expression ends as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// `w0' e w0`
    Target,
    /// `tr e`
    Trace(Space),
}

/// The equations of `E[body]` at one point.
#[derive(Clone, Debug)]
pub struct Described {
    pub equations: Equations,
    /// How each of the equations' outputs ends.
    pub closings: Vec<Closing>,
    pub constant: f64,
    pub features: Space,
    pub model: Model,
    /// The eigenvalues, and functions of `Sigma` that occur, as they are written.
    pub sigma: Vec<f64>,
    pub functions: Vec<(String, Vec<f64>)>,
    /// Numbers that occur, as they are written.
    pub numbers: Vec<(String, f64)>,
}

/// Reads the body of an expectation without evaluating it to the end.
///
/// # Errors
/// As for [`super::scalar`].
pub fn described(
    statement: &Statement,
    body: Id,
    environment: &Environment<f64>,
) -> Result<Described, EquivalenceError> {
    let mut reader = Reader::new(statement, environment, body)?;
    reader.noted = Some(Noted::default());
    reader.guarded = false;
    reader.inside = true;
    reader.model.unscaled();
    reader.cut_rows(body)?;
    let pending = match reader.form(&mut Walker::new(&statement.store), body)? {
        Form::Scalar(pending) => pending,
        Form::Number { .. } => return unrecognised("nothing random stands inside"),
        _ => return unrecognised("only expectations of scalars have equivalents"),
    };
    let mut expressions = Vec::new();
    let mut closings = Vec::new();
    for (closure, terms) in sums_by_closure(pending.terms) {
        expressions.push(reader.model.sum(&terms)?);
        closings.push(match closure {
            Closure::Target => Closing::Target,
            Closure::Trace(space) => Closing::Trace(space),
        });
    }
    let noted = reader.noted.unwrap_or_default();
    let equations = reader.model.equations(&expressions)?;
    Ok(Described {
        equations,
        closings,
        constant: pending.constant,
        features: reader.features.space,
        sigma: reader.model.values(reader.features.sigma).to_vec(),
        functions: noted.functions,
        numbers: noted.numbers,
        model: reader.model,
    })
}
