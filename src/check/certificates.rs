//! Proofs as files for a proof checker, and the reasons of a verdict for a reader.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use num_rational::BigRational;
use num_traits::Zero;

use super::file::Claim;
use super::options::Outcome;
use crate::decide::exact::{
    DERIVATIVE, DERIVED, LIBRARY, certificate, explain, file_name, of_derivative, of_one_size,
    prove, prove_by_induction, rests_on, written_out,
};
use crate::decide::verdict::{ClaimReport, Verdict};
use crate::decide::{cells, cover};
use crate::formula::ast::{BinaryOp, Comparison, Expr, Function, Node, RelationOp};
use crate::formula::given;
use crate::formula::scope::{DefinedFunction, Scale, Scope, Symbol};
use crate::formula::traverse::contains;
use crate::term::resolve;

/// Writes the library and a certificate for each proved claim that has one into `folder`, and their names into the
/// report; of others that are proved or certified, why they have none.
///
/// # Errors
/// What could not be written, with the system's reason.
pub fn write_certificates(outcome: &mut Outcome, folder: &Path) -> Result<usize, String> {
    let failed =
        |path: &Path, error: std::io::Error| format!("cannot write {}: {error}", path.display());
    std::fs::create_dir_all(folder).map_err(|e| failed(folder, e))?;
    let library = folder.join("Resolvent.v");
    std::fs::write(&library, LIBRARY).map_err(|e| failed(&library, e))?;
    let mut taken = BTreeSet::from(["Resolvent".to_owned()]);
    let mut count = 0;
    for (row, claim) in outcome.report.claims.iter_mut().zip(&outcome.claims) {
        let Some(claim) = claim.as_ref().filter(|_| settled(row)) else {
            continue;
        };
        let text = match text_of(claim, row) {
            Ok(text) => text,
            Err(why) => {
                row.no_certificate = Some(why);
                continue;
            }
        };
        let base = file_name(&row.id);
        let mut name = base.clone();
        let mut number = 2;
        while !taken.insert(name.clone()) {
            name = format!("{base}_{number}");
            number += 1;
        }
        let path = folder.join(format!("{name}.v"));
        std::fs::write(&path, text).map_err(|e| failed(&path, e))?;
        row.certificate = Some(format!("{name}.v"));
        count += 1;
    }
    Ok(count)
}

/// Whether a verdict leaves nothing open, so that a certificate might say so too.
fn settled(row: &ClaimReport) -> bool {
    matches!(row.verdict, Verdict::Proved | Verdict::Certified)
}

/// The certificate of a claim, or why it has none.
fn text_of(claim: &Claim, row: &ClaimReport) -> Result<String, String> {
    if row.verdict == Verdict::Certified {
        return Err("certified by enclosures: no Rocq theory of these".into());
    }
    if !claim.chain.is_empty() {
        return Err("a chain of relations: more than its first link".into());
    }
    if given::occurs(&claim.says, &claim.scope) {
        return Err("speaks of what is given: its proof is one about copies".into());
    }
    if claim.says.op.is_asymptotic() {
        return Err(match &row.given[..] {
            [] => "speaks of a limit: no Rocq theory of rates".into(),
            given => rests_on(given),
        });
    }
    let told = |error: crate::formula::error::FormulaError| error.message;
    let statement = resolve(&claim.says, &claim.scope).map_err(told)?;
    let proof = prove(&statement).or_else(|_| prove_by_induction(&statement));
    let proof = proof.map_err(|_| format!("not proved by algebra but by {}", row.method))?;
    if !differentiates(claim) {
        return certificate(&statement, &proof, &claim.id);
    }
    // Derivatives are carried out before anything is proved. A certificate is to state the claim as it is written,
    // so that of kappa by its ridge, of which the library has a lemma, is kept.
    let (says, scope) = undifferentiated(claim)
        .ok_or("takes a derivative of another kind than the library has rules for")?;
    certificate(&resolve(&says, &scope).map_err(told)?, &proof, &claim.id)
}

fn is_derivative(node: &Node) -> bool {
    matches!(node, Node::Diff(..))
}

/// Whether a derivative occurs in what a claim stands for.
fn differentiates(claim: &Claim) -> bool {
    let scope = &claim.scope;
    let within = |f: &DefinedFunction| f.bodies().any(|b| contains(b, &is_derivative));
    if scope.functions.iter().any(|(_, f)| within(f)) {
        return true;
    }
    scope.speaks_of([&claim.says.lhs, &claim.says.rhs], is_derivative)
}

/// The claim with a symbol in the place of `diff(kappa(x, T), x)`, and a scope that says which `kappa` it is; so with each
/// other derivative by that ridge.
fn undifferentiated(claim: &Claim) -> Option<(Comparison, Scope)> {
    let mut scope = Scope::clone(&claim.scope);
    let mut found = Derivatives::default();
    let mut says = claim.says.clone();
    for side in [&mut says.lhs, &mut says.rhs] {
        *side = replaced(side, &claim.scope, &mut found)?;
    }
    let zero = Expr {
        node: Arc::new(Node::Number(BigRational::zero())),
        span: says.span,
    };
    let real = Symbol::Real {
        min: zero.clone(),
        max: zero,
        scale: Scale::Linear,
    };
    scope.symbols.push((DERIVATIVE.to_owned(), real.clone()));
    scope.definitions.push((DERIVED.to_owned(), found.kappa?));
    for (name, body, value) in found.others {
        let [own, its] = of_derivative(&name);
        scope.symbols.push((name, real.clone()));
        scope.definitions.push((own, body));
        scope.definitions.push((its, value));
    }
    Some((says, scope))
}

/// The derivatives of a claim, all by the ridge of one `kappa`.
#[derive(Default)]
struct Derivatives {
    kappa: Option<Expr>,
    /// Of formulas in that `kappa`: the symbol that stands for each, the formula, the derivative.
    others: Vec<(String, Expr, Expr)>,
}

impl Derivatives {
    /// Notes a `kappa` whose ridge is the variable.
    fn note(&mut self, kappa: &Expr, variable: &str) -> Option<()> {
        let Node::Call(Function::Kappa, arguments) = &*kappa.node else {
            return None;
        };
        let plain = matches!(&*arguments.first()?.node, Node::Name(name) if name == variable);
        let known = self.kappa.as_ref().map(Expr::to_string);
        if !plain || known.is_some_and(|known| known != kappa.to_string()) {
            return None;
        }
        self.kappa = Some(kappa.clone());
        Some(())
    }

    /// Whether a formula is of numbers, the ridge, its `kappa` and degrees of freedom there, by sums and products.
    fn ruled(&mut self, expr: &Expr, scope: &Scope, variable: &str) -> Option<()> {
        match &*expr.node {
            Node::Number(_) => Some(()),
            Node::Name(name) => match scope.expansion(name) {
                Some(body) => self.ruled(body, scope, variable),
                None => Some(()),
            },
            Node::Neg(a) => self.ruled(a, scope, variable),
            Node::Binary(BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul, a, b) => {
                self.ruled(a, scope, variable)?;
                self.ruled(b, scope, variable)
            }
            Node::Binary(BinaryOp::Div, a, b) => {
                let fixed = match &*b.node {
                    Node::Number(_) => true,
                    Node::Name(name) => name != variable && scope.expansion(name).is_none(),
                    _ => false,
                };
                self.ruled(a, scope, variable).filter(|()| fixed)
            }
            Node::Call(Function::Kappa, _) => self.note(expr, variable),
            Node::Call(Function::Df, arguments) => {
                let [order, at] = &arguments[..] else {
                    return None;
                };
                let at = unfolded(at, scope)?;
                matches!(&*order.node, Node::Number(_)).then_some(())?;
                self.note(&at, variable)
            }
            _ => None,
        }
    }
}

fn unfolded(expr: &Expr, scope: &Scope) -> Option<Expr> {
    let mut expr = expr.clone();
    while let Node::Name(name) = &*expr.node {
        expr = scope.expansion(name)?.clone();
    }
    Some(expr)
}

/// An expression in which the only derivatives are by the ridge of one `kappa`, each replaced by the symbol for it.
fn replaced(expr: &Expr, scope: &Scope, found: &mut Derivatives) -> Option<Expr> {
    let node = match &*expr.node {
        Node::Diff(body, variable, None) => {
            let whole = unfolded(body, scope)?;
            if matches!(&*whole.node, Node::Call(Function::Kappa, _)) {
                found.note(&whole, variable)?;
                Node::Name(DERIVATIVE.to_owned())
            } else {
                found.ruled(&whole, scope, variable)?;
                let name = format!("diff_{}", found.others.len() + 2);
                let other = (name.clone(), body.clone(), expr.clone());
                found.others.push(other);
                Node::Name(name)
            }
        }
        Node::Neg(a) => Node::Neg(replaced(a, scope, found)?),
        Node::Binary(op, a, b) => {
            Node::Binary(*op, replaced(a, scope, found)?, replaced(b, scope, found)?)
        }
        _ if contains(expr, &is_derivative) => return None,
        _ => return Some(expr.clone()),
    };
    Some(Expr {
        node: Arc::new(node),
        span: expr.span,
    })
}

/// How each claim of a report was decided, in words.
pub fn explain_outcome(outcome: &Outcome) -> String {
    let mut out = String::new();
    for (row, claim) in outcome.report.claims.iter().zip(&outcome.claims) {
        let _ = writeln!(
            out,
            "{}  {}\n\n  {}\n",
            row.id,
            row.verdict.name(),
            row.says
        );
        if let Some(claim) = claim {
            // What algebra proves of an equivalence, it proves of an equality of limits.
            let limit =
                claim.says.op == RelationOp::Equivalent && row.method.starts_with("algebra");
            let mut says = claim.says.clone();
            if limit {
                says.op = RelationOp::Eq;
            }
            if let Ok(statement) = resolve(&says, &claim.scope) {
                let of_means = of_one_size(&row.method, &row.given);
                let otherwise = if of_means.is_some() {
                    of_means
                } else if says.op.is_asymptotic() {
                    cells::explain(&statement)
                } else if row.verdict == Verdict::Certified {
                    cover::explain(&statement)
                } else {
                    None
                };
                match otherwise {
                    Some(text) => {
                        out.push_str(&written_out(&statement, limit));
                        out.push_str(&text);
                    }
                    None => {
                        let limit = claim.scope.limit.as_ref().filter(|_| limit);
                        out.push_str(&explain(&statement, limit));
                    }
                }
            }
        }
        if !settled(row) {
            sampled(row, &mut out);
        } else if let Some(Err(why)) = claim.as_ref().map(|claim| text_of(claim, row)) {
            let _ = writeln!(out, "\nIt has no Rocq certificate: {why}.");
        }
        if !row.rests_on_failed.is_empty() {
            let _ = writeln!(
                out,
                "It rests on what does not hold: {}.",
                row.rests_on_failed.join(", ")
            );
        }
        out.push('\n');
    }
    out
}

/// What was looked at where nothing was proved.
fn sampled(row: &ClaimReport, out: &mut String) {
    let _ = writeln!(
        out,
        "\nDecided by: {}; {} points, of which {} without a value.",
        row.method, row.points, row.discarded
    );
    if let Some(worst) = row.worst {
        let _ = writeln!(
            out,
            "The discrepancy that speaks most against the claim: {worst:.3e}."
        );
    }
    if let Some(detects) = row.detects {
        let _ = writeln!(
            out,
            "The smallest that would have been seen: {detects:.3e}."
        );
    }
    if let Some(reason) = &row.reason {
        let _ = writeln!(out, "{reason}.");
    }
    if let Some(witness) = &row.witness {
        let list: Vec<String> = witness
            .symbols
            .iter()
            .map(|(name, value)| format!("{name} = {value}"))
            .collect();
        let _ = writeln!(
            out,
            "Witness: {}; left {}, right {}; confirmed by {}.",
            list.join(", "),
            witness.lhs,
            witness.rhs,
            witness.confirmed_by
        );
    }
}
