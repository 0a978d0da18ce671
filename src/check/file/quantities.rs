//! Sections of a derivation file that surround quantities and no claims: for experiments that write their estimators.

use std::path::Path;
use std::sync::Arc;

use num_rational::BigRational;
use num_traits::Zero;
use toml::de::DeTable;

use super::claims::check_entries;
use super::layer::Layer;
use super::reader::{Reader, entries, find, span_of};
use crate::check::diagnostic::{Diagnostic, SourceFile};
use crate::formula::ast::{Comparison, Expr, Function, Node, RelationOp, Span};
use crate::formula::names::check_comparison;
use crate::formula::scope::{Scope, SpectrumKind, Symbol, TargetKind};
use crate::formula::shape::check_relation;
use crate::formula::walk;

/// More quantities are refused.
const MAX_QUANTITIES: usize = 50;

/// Names with formulas, and what the formulas mean.
#[derive(Clone, Debug)]
pub(crate) struct Quantities {
    pub scope: Scope,
    pub list: Vec<(String, Expr)>,
}

/// Reads the sections that a derivation file has, too, and the quantities of the table `section`. The `given` names have values
/// that are not the file's; the flag tells whether they are whole numbers.
pub(crate) fn read(
    source: &Arc<SourceFile>,
    document: &DeTable<'_>,
    section: &str,
    given: &[(String, Span, bool)],
) -> Result<Quantities, Vec<Diagnostic>> {
    let top = entries(document);
    let mut reader = Reader::new(Arc::clone(source));
    reader.finite_dimension = true;
    let directory = source.path.parent().unwrap_or(Path::new("")).to_owned();
    let mut layer = Layer::read(&mut reader, &directory, &top);
    for (name, span, whole) in given {
        layer.give(name, *span, *whole);
    }
    let faulty = layer.is_faulty();
    let scope = layer.over(&mut reader, None);
    let sound = check_entries(&mut reader, &scope, faulty);
    let mut list = Vec::new();
    if let Some(table) = find(&top, section)
        && let Some(named) = reader.table(table.value, &format!("[{section}]"))
    {
        if named.is_empty() || named.len() > MAX_QUANTITIES {
            let message = format!("[{section}] has {} quantities", named.len());
            let help =
                format!("from 1 to {MAX_QUANTITIES}: test_error = \"E[norm2(w - w0, Sigma)]\"");
            reader.fault("D008", table.key_span, message, help);
        }
        for entry in named {
            let what = format!("the quantity `{}`", entry.key.escape_debug());
            let Some(expr) = reader.expression(entry.value, &what) else {
                continue;
            };
            let says = equated(&expr);
            let mut faults = check_comparison(&says, &scope);
            if faults.is_empty() && sound {
                faults = check_relation(&says, &scope);
            }
            reader.formula_faults(faults);
            list.push((entry.key.to_owned(), expr));
        }
    }
    let setting = find(&top, "setting").map_or_else(Span::default, |e| span_of(e.value));
    if reader.diagnostics.is_empty() {
        definite(&mut reader, &scope, &list, given, setting);
    }
    if reader.diagnostics.is_empty() {
        return Ok(Quantities { scope, list });
    }
    reader.diagnostics.sort_by_key(|d| (d.start, d.end));
    Err(reader.diagnostics)
}

/// `expr = 0`
pub(crate) fn equated(expr: &Expr) -> Comparison {
    Comparison {
        lhs: expr.clone(),
        op: RelationOp::Eq,
        rhs: Expr::new(Node::Number(BigRational::zero()), expr.span),
        span: expr.span,
    }
}

/// A quantity is a number: one spectrum, one target, a value of every symbol.
fn definite(
    reader: &mut Reader,
    scope: &Scope,
    list: &[(String, Expr)],
    given: &[(String, Span, bool)],
    setting: Span,
) {
    if matches!(
        scope.setting.spectrum,
        SpectrumKind::Any | SpectrumKind::TwoLevel
    ) {
        let help = "\"isotropic\", { kind = \"power-law\", … }, { kind = \"atoms\", … } or { kind = \"file\", … }";
        reader.fault(
            "D011",
            setting,
            "an experiment needs one spectrum, not any",
            help,
        );
    }
    let definitions = scope.definitions.iter().map(|(_, e)| e);
    let bodies = scope.functions.iter().flat_map(|(_, f)| f.bodies());
    let mut target = None;
    for expr in list.iter().map(|(_, e)| e).chain(definitions).chain(bodies) {
        walk(expr, &mut |node| match &*node.node {
            Node::Name(name) if name == "w0" => target = Some(node.span),
            Node::Call(Function::Coefficient, _) => target = Some(node.span),
            _ => {}
        });
    }
    if let Some(span) = target.filter(|_| matches!(scope.setting.target, TargetKind::Any)) {
        let help = "add target = { kind = \"isotropic\", norm2 = 1 } or { kind = \"source\", r = … } to [setting]";
        reader.fault(
            "D011",
            span,
            "formulas speak of w0, but the target is not given",
            help,
        );
    }
    for (name, symbol) in &scope.symbols {
        if !matches!(symbol, Symbol::Defined(_)) && !given.iter().any(|(n, ..)| n == name) {
            let message = format!("`{name}` has a domain, and no value");
            let help = format!("give it one under [symbols], {name} = 1, or several under [sweep]");
            reader.fault("D011", setting, message, help);
        }
    }
}
