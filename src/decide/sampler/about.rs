//! What formulas speak of.

use std::collections::HashSet;

use num_rational::BigRational;

use crate::formula::ast::{BinaryOp, Comparison, Expr, Function, Node};
use crate::formula::constant::constant;
use crate::formula::scope::{Limit, Scope};

/// What a formula speaks of.
#[derive(Clone, Debug, Default)]
pub struct About {
    pub names: HashSet<String>,
    pub spectrum: bool,
    pub target: bool,
    /// Whether signs of coefficients matter: some `c(j)` is not squared.
    pub signs: bool,
}

impl About {
    pub fn of(scope: &Scope, formulas: &[&Expr]) -> Self {
        let mut about = Self::default();
        let (mut coefficients, mut even) = (0, 0);
        let coefficient = |e: &Expr| matches!(*e.node, Node::Call(Function::Coefficient, _));
        scope.walk_through(formulas.iter().copied(), &mut |node| match &*node.node {
            Node::Name(name) => {
                about.spectrum |= name == "Sigma";
                about.target |= name == "w0";
                about.names.insert(name.clone());
            }
            Node::Member(name, _) => {
                about.names.insert(name.clone());
            }
            Node::Call(Function::Eigenvalue | Function::Kappa | Function::Df, _) => {
                about.spectrum = true;
            }
            Node::Call(Function::Coefficient, _) => {
                about.target = true;
                coefficients += 1;
            }
            Node::Call(Function::Abs, arguments) if coefficient(&arguments[0]) => even += 1,
            Node::Binary(BinaryOp::Pow, base, power) if coefficient(base) => {
                let two = BigRational::from_integer(2.into());
                even += usize::from(constant(power).is_some_and(|p| (p / two).is_integer()));
            }
            Node::Binary(BinaryOp::Mul, a, b)
                if coefficient(a) && a.to_string() == b.to_string() =>
            {
                even += 2;
            }
            _ => {}
        });
        about.signs = coefficients > even;
        about
    }

    /// Of a claim: besides its sides of what is assumed, of random objects in it, of what `Sigma` and `w0` are made of where
    /// they matter, and along its limit.
    pub fn of_claim(scope: &Scope, says: &Comparison) -> Self {
        let limit = scope.limit.as_ref().filter(|_| says.op.is_asymptotic());
        Self::with_settings(scope, &[&says.lhs, &says.rhs], limit)
    }

    /// The same of formulas, which may be about a limit.
    pub fn of_formulas(scope: &Scope, formulas: &[&Expr]) -> Self {
        Self::with_settings(scope, formulas, scope.limit.as_ref())
    }

    fn with_settings(scope: &Scope, sides: &[&Expr], limit: Option<&Limit>) -> Self {
        let own = Self::of(scope, sides);
        let objects = || scope.random.iter().filter(|(n, _)| own.names.contains(n));
        let random = objects().next().is_some();
        let mut formulas = sides.to_vec();
        for assumption in &scope.assumptions {
            formulas.extend([&assumption.lhs, &assumption.rhs]);
        }
        formulas.extend(objects().flat_map(|(_, object)| object.parameters()));
        let within = Self::of(scope, &formulas);
        let target = within.target || random;
        let spectrum = within.spectrum || target;
        if spectrum {
            formulas.extend(scope.setting.spectrum.parameters());
        }
        if target {
            formulas.extend(scope.setting.target.parameter());
        }
        for (name, along) in limit.iter().flat_map(|limit| &limit.path) {
            if within.names.contains(name) || spectrum && name == "d" {
                formulas.push(along);
            }
        }
        let mut names = Self::of(scope, &formulas).names;
        names.extend(spectrum.then(|| "d".to_owned()));
        names.extend(limit.map(|limit| limit.variable.clone()));
        Self {
            names,
            spectrum,
            target,
            signs: within.signs,
        }
    }

    /// Of every assumption, in order.
    pub fn all(scope: &Scope) -> Vec<Self> {
        let each = scope.assumptions.iter();
        each.map(|assumption| Self::of(scope, &[&assumption.lhs, &assumption.rhs]))
            .collect()
    }
}

/// The place in the order of eigenvalues, and whether the coefficient there is meant.
pub(super) struct Spoken {
    pub index: Expr,
    pub coefficient: bool,
}

impl Spoken {
    /// Those of which what is assumed speaks.
    pub fn all(scope: &Scope) -> Vec<Self> {
        let assumed = scope.assumptions.iter().flat_map(|a| [&a.lhs, &a.rhs]);
        let mut places = Vec::new();
        scope.walk_through(assumed, &mut |node| {
            if let Node::Call(f @ (Function::Eigenvalue | Function::Coefficient), arguments) =
                &*node.node
            {
                places.push(Self {
                    index: arguments[0].clone(),
                    coefficient: *f == Function::Coefficient,
                });
            }
        });
        places
    }
}
