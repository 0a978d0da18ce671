//! Whether every name of a formula is known, and whether definitions end somewhere.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::ast::{Comparison, Expr, Function, Node, Span};
use super::define::{called, circles};
use super::error::FormulaError;
use super::function::FORMS;
use super::parse::unknown_function;
use super::scope::{
    MAX_EXPANDED_DEPTH, MAX_EXPANDED_NODES, Meaning, Scope, SpectrumKind, Symbol, TargetKind,
};
use super::suggestion::nearest;
use super::traverse::{children, free_names, parts};

/// Faults in the names of a relation.
pub fn check_comparison(comparison: &Comparison, scope: &Scope) -> Vec<FormulaError> {
    let mut errors = check_expression(&comparison.lhs, scope);
    errors.extend(check_expression(&comparison.rhs, scope));
    errors
}

/// Faults in the names of an expression: unknown ones, functions without arguments, families without index.
pub fn check_expression(expr: &Expr, scope: &Scope) -> Vec<FormulaError> {
    let mut errors = Vec::new();
    visit(expr, scope, &mut Vec::new(), &mut errors);
    errors
}

fn visit(expr: &Expr, scope: &Scope, binders: &mut Vec<String>, errors: &mut Vec<FormulaError>) {
    match &*expr.node {
        Node::Name(name) if !binders.contains(name) => {
            if let Some(error) = name_fault(name, expr.span, scope, binders) {
                errors.push(error);
            }
        }
        node if called(node, scope).is_some() => {}
        // What is given may be a whole family; the shapes see to it.
        Node::Call(Function::Given, arguments) => {
            visit(&arguments[0], scope, binders, errors);
            for given in &arguments[1..] {
                if let Node::Name(name) = &*given.node
                    && scope.meaning(name).is_none()
                {
                    errors.push(unknown_name(name, given.span, scope, binders));
                }
            }
            return;
        }
        Node::Member(name, _) | Node::Apply(name, _) => {
            if let Some(error) = member_fault(name, expr.span, scope, binders) {
                errors.push(error);
            }
        }
        Node::Diff(_, name, None) if !binders.contains(name) => match scope.meaning(name) {
            Some(Meaning::Random(_)) => errors.push(
                FormulaError::new(
                    "F014",
                    expr.span,
                    format!("`{name}` is random; nothing is differentiated by it"),
                )
                .with_help("differentiate by a symbol, or by a scalar abbreviation"),
            ),
            Some(_) => {}
            None => errors.push(unknown_name(name, expr.span, scope, binders)),
        },
        _ => {}
    }
    for (part, name) in parts(expr) {
        let depth = binders.len();
        binders.extend(name.map(str::to_owned));
        visit(part, scope, binders, errors);
        binders.truncate(depth);
    }
}

fn name_fault(name: &str, span: Span, scope: &Scope, binders: &[String]) -> Option<FormulaError> {
    if ["Sigma", "I", "w0"].contains(&name) {
        return None;
    }
    match scope.meaning(name) {
        Some(Meaning::Random(object)) => object.count.as_ref().map(|count| {
            FormulaError::new(
                "F014",
                span,
                format!("`{name}` is a family of random objects, not one of them"),
            )
            .with_help(format!(
                "write {name}(m) for member m, from {name}(0) to {name}({count} - 1)"
            ))
        }),
        Some(_) => None,
        None => Some(unknown_name(name, span, scope, binders)),
    }
}

fn member_fault(name: &str, span: Span, scope: &Scope, binders: &[String]) -> Option<FormulaError> {
    let product = format!("a product is written {name}*(…)");
    if binders.iter().any(|b| b == name) {
        return Some(
            FormulaError::new(
                "F014",
                span,
                format!("the variable `{name}` is not a function"),
            )
            .with_help(product),
        );
    }
    if let Some(function) = scope.function(name) {
        let count = function.parameters.len();
        return Some(
            FormulaError::new(
                "F010",
                span,
                format!(
                    "`{name}` takes {count} argument{}",
                    if count == 1 { "" } else { "s" }
                ),
            )
            .with_help(format!("write {}", function.signature(name))),
        );
    }
    match scope.meaning(name) {
        Some(Meaning::Random(object)) if object.count.is_some() => None,
        Some(Meaning::Random(_)) => Some(
            FormulaError::new(
                "F014",
                span,
                format!("`{name}` is one random object, not a family of them"),
            )
            .with_help(format!(
                "add `count = \"…\"` to its entry under [random] for a family; {product}"
            )),
        ),
        Some(_) => Some(
            FormulaError::new("F014", span, format!("`{name}` is not a function"))
                .with_help(product),
        ),
        None if name == "Var" || name == "Cov" => Some(
            FormulaError::new("F011", span, format!("`{name}` takes square brackets")).with_help(
                if name == "Var" {
                    "write Var[…]"
                } else {
                    "write Cov[…, …]"
                },
            ),
        ),
        None if name == "E" => Some(
            FormulaError::new("F011", span, "an expectation takes square brackets")
                .with_help("write E[…]"),
        ),
        None => Some(withdrawn(name, span, scope).unwrap_or_else(|| {
            let error = unknown_function(name, span);
            let own = scope.functions.iter().map(|(n, _)| n.as_str());
            match nearest(name, own).and_then(|n| Some((n, scope.function(n)?))) {
                Some((near, function)) => {
                    error.with_help(format!("did you mean {}?", function.signature(near)))
                }
                None => error,
            }
        })),
    }
}

/// What the file declares and this claim's setting takes back.
fn withdrawn(name: &str, span: Span, scope: &Scope) -> Option<FormulaError> {
    let gone = scope.withdrawn.iter().any(|n| n == name);
    gone.then(|| {
        FormulaError::new(
            "F013",
            span,
            format!("`{name}` is made of `d`, which is infinite here"),
        )
        .with_help(format!("declare {name} in this claim, without d"))
    })
}

fn unknown_name(name: &str, span: Span, scope: &Scope, binders: &[String]) -> FormulaError {
    let error = FormulaError::new("F013", span, format!("nothing is called `{name}`"));
    if name == "d" {
        return if scope.setting.infinite {
            FormulaError::new("F013", span, "`d` is infinite here and has no value")
                .with_help("a finite d is declared under [symbols], and [setting] leaves d out")
        } else {
            error.with_help("declare the dimension under [symbols]: d = { integer = [2, 400] }")
        };
    }
    if let Some(error) = withdrawn(name, span, scope) {
        return error;
    }
    let known = scope
        .names()
        .chain(binders.iter().map(String::as_str))
        // The others are signs and words, not values.
        .chain(["Sigma", "w0", "pi"]);
    // An exact function name was meant as one; otherwise a near name of the file comes first.
    if let Some(function) = Function::from_name(name) {
        return error.with_help(format!(
            "{name} is a function: write {}",
            function.signature()
        ));
    }
    if let Some((_, form)) = FORMS.iter().find(|(form, _)| *form == name) {
        return error.with_help(format!("{name} is a function: write {form}"));
    }
    match nearest(name, known) {
        Some(near) => error.with_help(format!("did you mean {near}?")),
        None => error.with_help(format!(
            "declare {name} under [symbols], [random] or [define]"
        )),
    }
}

/// Faults of a scope's own entries: unknown names, definitions that go in circles or grow without bound.
pub fn check_scope(scope: &Scope) -> Vec<FormulaError> {
    let mut errors = Vec::new();
    for expr in scope_expressions(scope) {
        errors.extend(check_expression(expr, scope));
    }
    for assumption in &scope.assumptions {
        errors.extend(check_comparison(assumption, scope));
    }
    for (_, function) in &scope.functions {
        visit(
            &function.body,
            scope,
            &mut function.parameters.clone(),
            &mut errors,
        );
        if let Some(start) = &function.start {
            visit(&start.value, scope, &mut Vec::new(), &mut errors);
        }
    }
    errors.extend(cycles(scope));
    errors.extend(circles(scope));
    errors
}

/// The expressions a name's declaration consists of.
pub(super) fn declaration<'a>(meaning: Meaning<'a>) -> Vec<&'a Expr> {
    match meaning {
        Meaning::Definition(e) | Meaning::Symbol(Symbol::Defined(e)) => vec![e],
        Meaning::Symbol(Symbol::Integer { min, max } | Symbol::Real { min, max, .. }) => {
            vec![min, max]
        }
        Meaning::Random(object) => {
            let mut list = object.parameters();
            list.extend(object.covariance());
            list
        }
    }
}

fn scope_expressions(scope: &Scope) -> Vec<&Expr> {
    let mut list = Vec::new();
    match &scope.setting.spectrum {
        SpectrumKind::PowerLaw { beta } => list.push(beta),
        SpectrumKind::Atoms { values, weights } => list.extend(values.iter().chain(weights)),
        SpectrumKind::Isotropic
        | SpectrumKind::TwoLevel
        | SpectrumKind::Any
        | SpectrumKind::Explicit(_) => {}
    }
    match &scope.setting.target {
        TargetKind::Isotropic { norm2: Some(e) }
        | TargetKind::Source { r: e }
        | TargetKind::Axis { index: e } => list.push(e),
        TargetKind::Isotropic { norm2: None } | TargetKind::Any | TargetKind::Explicit(_) => {}
    }
    for name in scope.names() {
        if let Some(meaning) = scope.meaning(name) {
            list.extend(declaration(meaning));
        }
    }
    if let Some(limit) = &scope.limit {
        list.extend(limit.path.iter().map(|(_, e)| e));
    }
    list
}

/// Height and number of nodes of an expression whose names expand to the given sizes.
fn expanded_size(expr: &Expr, sizes: &HashMap<String, (usize, usize)>) -> (usize, usize) {
    let own = match &*expr.node {
        Node::Name(name) => sizes.get(name).copied().unwrap_or((1, 1)),
        _ => (0, 1),
    };
    let (height, nodes) = children(expr)
        .into_iter()
        .map(|part| expanded_size(part, sizes))
        .fold((0, 0usize), |(h, n), (height, nodes)| {
            (h.max(height + 1), n.saturating_add(nodes))
        });
    (own.0.max(height), own.1.saturating_add(nodes))
}

fn cycles(scope: &Scope) -> Vec<FormulaError> {
    let references = References::of(scope);
    let mut errors = Vec::new();
    let mut sizes: HashMap<String, (usize, usize)> = HashMap::new();
    let circular = references.unsorted(|name| {
        let Some(expr) = scope.expansion(name) else {
            return;
        };
        let mut size = expanded_size(expr, &sizes);
        if size.0 > MAX_EXPANDED_DEPTH || size.1 > MAX_EXPANDED_NODES {
            errors.push(
                FormulaError::new(
                    "F016",
                    expr.span,
                    format!("`{name}` is too large with its abbreviations written out"),
                )
                .with_help(format!(
                    "at most {MAX_EXPANDED_DEPTH} operations deep and {MAX_EXPANDED_NODES} in all"
                )),
            );
            // Once reported, not again for each user of it.
            size = (1, 1);
        }
        sizes.insert(name.to_owned(), size);
    });
    errors.extend(references.circles(circular));
    errors
}

/// Which names the declarations of a scope refer to.
struct References<'a> {
    /// By the name declared: the names used, and where first.
    of: BTreeMap<&'a str, BTreeMap<String, Span>>,
    /// By the name used: the names declared with it.
    users: BTreeMap<String, Vec<&'a str>>,
}

impl<'a> References<'a> {
    fn of(scope: &'a Scope) -> Self {
        let names: BTreeSet<&str> = scope.names().collect();
        let mut of: BTreeMap<&str, BTreeMap<String, Span>> = BTreeMap::new();
        let mut users: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for &name in &names {
            let Some(meaning) = scope.meaning(name) else {
                continue;
            };
            let own = of.entry(name).or_default();
            for expr in declaration(meaning) {
                for (used, span) in free_names(expr) {
                    if names.contains(used.as_str()) && !own.contains_key(&used) {
                        users.entry(used.clone()).or_default().push(name);
                        own.insert(used, span);
                    }
                }
            }
        }
        Self { of, users }
    }

    /// Kahn's algorithm: visits names whose declarations refer to nothing unvisited; what is left leads into circles.
    fn unsorted(&self, mut visit: impl FnMut(&str)) -> BTreeSet<&'a str> {
        let mut waiting: BTreeMap<&str, usize> = self
            .of
            .iter()
            .map(|(&name, used)| (name, used.len()))
            .collect();
        let mut ready: Vec<&str> = waiting
            .iter()
            .filter_map(|(&name, &count)| (count == 0).then_some(name))
            .collect();
        while let Some(name) = ready.pop() {
            waiting.remove(name);
            visit(name);
            for &user in self.users.get(name).into_iter().flatten() {
                if let Some(count) = waiting.get_mut(user) {
                    *count -= 1;
                    if *count == 0 {
                        ready.push(user);
                    }
                }
            }
        }
        waiting.into_keys().collect()
    }

    /// One error for each circle: from any name left over, references to names left over lead into one.
    fn circles(&self, mut left: BTreeSet<&'a str>) -> Vec<FormulaError> {
        let mut errors = Vec::new();
        while let Some(&first) = left.first() {
            let mut path: Vec<&str> = vec![first];
            let circle = loop {
                let last = path[path.len() - 1];
                let used = self.of[last].keys();
                let Some(next) = used
                    .into_iter()
                    .find_map(|used| left.get(used.as_str()).copied())
                else {
                    break Vec::new();
                };
                if let Some(at) = path.iter().position(|&n| n == next) {
                    break path.split_off(at);
                }
                path.push(next);
            };
            for name in &path {
                left.remove(name);
            }
            let Some((&start, rest)) = circle.split_first() else {
                left.remove(first);
                continue;
            };
            errors.push(self.circle(start, rest));
            for name in circle {
                left.remove(name);
            }
        }
        errors
    }

    fn circle(&self, start: &str, rest: &[&str]) -> FormulaError {
        let next = rest.first().copied().unwrap_or(start);
        let message = if rest.is_empty() {
            format!("`{start}` is defined by itself")
        } else {
            let through: Vec<String> = rest.iter().map(|n| format!("`{n}`")).collect();
            format!(
                "`{start}` is defined by itself, through {}",
                through.join(", ")
            )
        };
        FormulaError::new("F015", self.of[start][next], message)
            .with_help("a definition ends in symbols with a domain, or in numbers")
    }
}
