//! Faults that show only when all sections are seen together.

use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use crate::check::file::reader::Reader;
use crate::formula::ast::{Expr, Node, Span};
use crate::formula::constant::constant;
use crate::formula::scope::{Law, Scope, SpectrumKind, Symbol, TargetKind};
use crate::formula::traverse::free_names;

pub(super) struct Places {
    pub spectrum: Option<Span>,
    pub target: Option<Span>,
    pub infinite: Option<Span>,
    pub d: Option<Span>,
}

pub(super) fn check_setting(reader: &mut Reader, scope: &mut Scope, places: Places) {
    if let Some(span) = places.infinite {
        check_infinite(reader, scope, &places, span);
    }
    if matches!(scope.setting.target, TargetKind::Source { .. })
        && !matches!(scope.setting.spectrum, SpectrumKind::PowerLaw { .. })
        && let Some(span) = places.target
    {
        reader.fault(
            "D011",
            span,
            "a source condition needs a power law",
            "write spectrum = { kind = \"power-law\", beta = … }",
        );
    }
    check_lists(reader, scope, &places);
}

/// What an infinite dimension leaves to choose.
fn check_infinite(reader: &mut Reader, scope: &Scope, places: &Places, span: Span) {
    match &scope.setting.spectrum {
        SpectrumKind::PowerLaw { beta } => {
            if constant(beta).is_some_and(|x| x <= BigRational::one()) {
                let message = format!("beta = {beta} gives an infinite trace where d is infinite");
                reader.fault(
                    "D008",
                    beta.span,
                    message,
                    "beta is more than 1, or d is finite",
                );
            }
        }
        _ => reader.fault(
            "D011",
            places.spectrum.unwrap_or(span),
            "this spectrum has no infinite form",
            "where d is infinite, the spectrum is { kind = \"power-law\", beta = … }",
        ),
    }
    if let Some(d) = places.d {
        reader.fault(
            "D011",
            d,
            "`d` is declared, but [setting] says it is infinite",
            "remove one of the two",
        );
    }
    if matches!(scope.setting.target, TargetKind::Isotropic { .. }) {
        reader.fault(
            "D011",
            places.target.unwrap_or(span),
            "an isotropic target has no infinite form",
            "where d is infinite, the target is { kind = \"source\", r = … } or { kind = \"axis\", … }",
        );
    }
}

/// The length of a file's list is the dimension.
fn check_lists(reader: &mut Reader, scope: &mut Scope, places: &Places) {
    let eigenvalues = match &scope.setting.spectrum {
        SpectrumKind::Explicit(values) => Some(values.len()),
        _ => None,
    };
    let coefficients = match &scope.setting.target {
        TargetKind::Explicit(values) => Some(values.len()),
        _ => None,
    };
    if let (Some(a), Some(b)) = (eigenvalues, coefficients)
        && a != b
    {
        let span = places.target.unwrap_or_default();
        reader.fault(
            "D012",
            span,
            format!("{b} coefficients for {a} eigenvalues"),
            "the files hold one of both for each dimension",
        );
    }
    if let (Some(count), None) = (eigenvalues.or(coefficients), places.infinite) {
        match places.d {
            None => {
                let number = Node::Number(BigRational::from_integer(count.into()));
                let d = Expr {
                    node: std::sync::Arc::new(number),
                    span: Span::default(),
                };
                scope.symbols.push(("d".to_owned(), Symbol::Defined(d)));
            }
            Some(span) => {
                let declared = scope.expansion("d").and_then(constant);
                if declared != Some(BigRational::from_integer(count.into())) {
                    let message = format!("`d` is the number of values in the file, {count}");
                    reader.fault("D011", span, message, "leave `d` out");
                }
            }
        }
    }
}

/// The sizes of random objects are not themselves random.
pub(super) fn check_random(reader: &mut Reader, scope: &Scope) {
    for (name, object) in &scope.random {
        for size in object.parameters() {
            if let Some(random) = random_name(size, scope) {
                let message = format!("`{name}` depends on the random object `{random}`");
                reader.fault(
                    "D011",
                    size.span,
                    message,
                    "sizes and standard deviations are made of symbols",
                );
            }
            if constant(size).is_some_and(|x| x.is_negative()) {
                let message = format!("`{name}` has the size {size}");
                reader.fault(
                    "D008",
                    size.span,
                    message,
                    "sizes and standard deviations are not negative",
                );
            }
            if constant(size).is_some_and(|x| x.is_zero())
                && matches!(object.law, Law::Design { .. } | Law::Gaussian { .. })
            {
                reader.fault(
                    "D008",
                    size.span,
                    format!("`{name}` has no rows"),
                    "a design has at least one row",
                );
            }
        }
    }
}

/// A random object that `expr` depends on, directly or through definitions.
fn random_name(expr: &Expr, scope: &Scope) -> Option<String> {
    let mut seen = std::collections::BTreeSet::new();
    let mut open: Vec<Expr> = vec![expr.clone()];
    while let Some(expr) = open.pop() {
        for (name, _) in free_names(&expr) {
            if scope.random.iter().any(|(n, _)| *n == name) {
                return Some(name);
            }
            if seen.insert(name.clone())
                && let Some(definition) = scope.expansion(&name)
            {
                open.push(definition.clone());
            }
        }
    }
    None
}
