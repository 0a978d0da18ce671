//! A claim and all that its decision depends on, as terms.

use std::collections::{BTreeSet, HashMap};

use super::differentiate::{NO_DERIVATIVE, TOO_LARGE};
use super::node::{Id, ModelId, RandomTerms, Relation, SymbolId};
use super::print::text;
use super::resolve::Resolver;
use super::store::Store;
use crate::formula::ast::{self, Comparison, Function, RelationOp, Span};
use crate::formula::error::FormulaError;
use crate::formula::scope::{Scale, Scope, Symbol};
use crate::formula::traverse::contains;

/// A claim with all its formulas depend on, as terms of one store.
#[derive(Clone, Debug)]
pub struct Statement {
    pub store: Store,
    pub claim: Relation,
    pub assumptions: Vec<Relation>,
    /// Symbols with a domain, in the order of the file.
    pub symbols: Vec<SymbolTerms>,
    /// Definitions and defined symbols, in the order of the file.
    pub defined: Vec<(String, Id)>,
    /// `Sigma` and `w0` of the setting.
    pub model: ModelId,
    pub limit: Option<LimitTerms>,
    /// Every random object of the file, whether or not it is spoken of; those that are no terms are left out.
    pub random: Vec<RandomTerms>,
    /// How the terms are written in the file, where that was asked for.
    pub written: HashMap<Id, String>,
}

/// A symbol and its domain, whose ends may depend on other symbols.
#[derive(Clone, Debug)]
pub struct SymbolTerms {
    pub symbol: SymbolId,
    pub integer: bool,
    pub scale: Scale,
    pub min: Id,
    pub max: Id,
}

/// The path of a limit. Entries are to be evaluated in order, each seeing those before it.
#[derive(Clone, Debug)]
pub struct LimitTerms {
    pub variable: SymbolId,
    pub path: Vec<(SymbolId, Id)>,
    /// Symbols for what an entry refers to and the path would move, such as `phi = "d/T"` in `d = "phi*T"`: each
    /// keeps the value its term has where the path starts.
    pub frozen: Vec<(SymbolId, Id)>,
}

/// Resolves a claim in its scope. Names and shapes must have been checked.
///
/// ```
/// use resolvent::formula::{parse::{parse_expression, parse_relation}, scope::*};
/// use resolvent::term::{resolve, text};
/// let mut scope = Scope::default();
/// for name in ["d", "k"] {
///     let one = parse_expression("1").unwrap();
///     scope.symbols.push((name.into(), Symbol::Real { min: one.clone(), max: one, scale: Scale::Linear }));
/// }
/// let top = parse_expression("sum(j = 1..1, s(j))").unwrap();
/// scope.definitions.push(("top".into(), top));
/// let says = parse_relation("sum(j = 1..d, s(j)/top) = diff(k^3, k)").unwrap();
/// let statement = resolve(&says, &scope).unwrap();
/// // A definition keeps its meaning in somebody else's sum over j.
/// let shown = text(&statement.store, statement.claim.lhs).unwrap();
/// assert_eq!(shown, "tr(Sigma/sum(j = 1..1, s(j)))");
/// assert_eq!(text(&statement.store, statement.claim.rhs).unwrap(), "3*k^2");
/// ```
pub fn resolve(says: &Comparison, scope: &Scope) -> Result<Statement, FormulaError> {
    resolved(says, Resolver::new(scope)?)
}

/// The same, with how each term is written: a name where there is one.
///
/// # Errors
/// As for [`resolve`].
pub fn resolve_as_written(says: &Comparison, scope: &Scope) -> Result<Statement, FormulaError> {
    let mut resolver = Resolver::new(scope)?;
    resolver.written = Some(HashMap::new());
    resolved(says, resolver)
}

/// What keeps a derivative of a claim, or of what its scope defines, from being taken.
pub fn derivative_fault(says: &Comparison, scope: &Scope) -> Option<FormulaError> {
    if !scope.differentiates([&says.lhs, &says.rhs]) {
        return None;
    }
    let fault = resolve(says, scope).err();
    fault.filter(|error| matches!(error.code, TOO_LARGE | NO_DERIVATIVE))
}

fn resolved(says: &Comparison, mut resolver: Resolver<'_>) -> Result<Statement, FormulaError> {
    let scope = resolver.scope;
    resolver.follows_path = says.op.is_asymptotic()
        || [&says.lhs, &says.rhs].into_iter().any(|side| {
            contains(side, &|node| {
                matches!(node, ast::Node::Call(Function::Exponent, _))
            })
        });
    let claim = resolver.relation(says)?;
    resolver.follows_path = false;
    let mut assumptions = Vec::with_capacity(scope.assumptions.len());
    for assumption in &scope.assumptions {
        assumptions.push(resolver.relation(assumption)?);
    }
    let symbols = resolver.domains()?;
    let mut defined = Vec::new();
    for (name, expr) in &scope.definitions {
        defined.push((name.clone(), resolver.root(expr)?));
    }
    for (name, symbol) in &scope.symbols {
        if let Symbol::Defined(expr) = symbol {
            defined.push((name.clone(), resolver.root(expr)?));
        }
    }
    let limit = resolver.limit()?;
    let model = resolver.model(Span::default())?;
    let random = resolver.random_objects();
    Ok(Statement {
        store: resolver.store,
        claim,
        assumptions,
        symbols,
        defined,
        model,
        limit,
        random,
        written: (resolver.written.into_iter().flatten())
            .map(|(id, (text, _))| (id, text))
            .collect(),
    })
}

impl Statement {
    /// The term of a definition or defined symbol.
    pub fn definition(&self, name: &str) -> Option<Id> {
        self.defined
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, id)| *id)
    }

    /// The symbols that the claim depends on: through its sides, its assumptions, the path of its limit and domains.
    pub fn symbols_that_matter(&self) -> BTreeSet<SymbolId> {
        let relations = self.assumptions.iter().chain([&self.claim]);
        let mut open: Vec<Id> = relations.flat_map(|r| [r.lhs, r.rhs]).collect();
        let mut found = BTreeSet::new();
        while let Some(id) = open.pop() {
            for symbol in self.store.symbols_of(id) {
                if !found.insert(symbol) {
                    continue;
                }
                let domains = self.symbols.iter().filter(|s| s.symbol == symbol);
                open.extend(domains.flat_map(|s| [s.min, s.max]));
                if let Some(limit) = &self.limit {
                    let along = limit.path.iter().chain(&limit.frozen);
                    open.extend(along.filter(|(s, _)| *s == symbol).map(|(_, id)| *id));
                }
            }
        }
        found
    }

    /// How a term is written: as in the file where that was kept, else as it prints.
    pub fn text_of(&self, id: Id) -> String {
        let written = self.written.get(&id).cloned();
        written.unwrap_or_else(|| text(&self.store, id).unwrap_or_default())
    }

    /// Whether the claim speaks of a limit.
    pub fn is_asymptotic(&self) -> bool {
        RelationOp::is_asymptotic(self.claim.op)
    }
}
