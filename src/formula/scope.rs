//! What the names of a formula mean: symbols and their domains, random objects, abbreviations.

use std::any::Any;
use std::collections::HashSet;
use std::fmt::{self, Debug, Formatter};
use std::sync::OnceLock;

use super::ast::{Comparison, Expr, Node};
use super::traverse::{contains, walk};

/// The greatest height of a formula with its definitions written out.
pub const MAX_EXPANDED_DEPTH: usize = 500;
/// The greatest number of nodes of a formula with its definitions written out.
pub const MAX_EXPANDED_NODES: usize = 200_000;

/// Everything a claim's formulas may refer to, the file's entries and the claim's own merged.
/// Order is the file's order.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    pub setting: Setting,
    pub symbols: Vec<(String, Symbol)>,
    pub random: Vec<(String, RandomObject)>,
    pub definitions: Vec<(String, Expr)>,
    /// Functions of the file, which have names of their own.
    pub functions: Vec<(String, DefinedFunction)>,
    pub limit: Option<Limit>,
    pub assumptions: Vec<Comparison>,
    /// Names that a claim's setting takes back.
    pub withdrawn: Vec<String>,
    /// What later rooms have made of the formulas. A scope that was used is not to be changed; a copy may be.
    pub kept: Kept,
}

/// A place for what is made of a scope once and used again; copies start empty.
#[derive(Default)]
pub struct Kept(OnceLock<Box<dyn Any + Send + Sync>>);

impl Kept {
    /// What is kept, or what `make` makes of it; `None` if something of another type is kept already.
    pub fn get_or_init<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> Option<&T> {
        self.0.get_or_init(|| Box::new(make())).downcast_ref()
    }
}

impl Clone for Kept {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Debug for Kept {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}

/// What `Sigma` and `w0` are.
#[derive(Clone, Debug, Default)]
pub struct Setting {
    pub spectrum: SpectrumKind,
    pub target: TargetKind,
    /// `d = "inf"`; otherwise `d` is a symbol (or a definition) of the file.
    pub infinite: bool,
}

#[derive(Clone, Debug, Default)]
pub enum SpectrumKind {
    Isotropic,
    TwoLevel,
    #[default]
    Any,
    PowerLaw {
        beta: Expr,
    },
    /// Eigenvalues and their shares of the dimension.
    Atoms {
        values: Vec<Expr>,
        weights: Vec<Expr>,
    },
    /// Eigenvalues read from a file beside the derivation.
    Explicit(Vec<f64>),
}

#[derive(Clone, Debug, Default)]
pub enum TargetKind {
    Isotropic {
        norm2: Option<Expr>,
    },
    #[default]
    Any,
    Source {
        r: Expr,
    },
    Axis {
        index: Expr,
    },
    /// Coefficients read from a file.
    Explicit(Vec<f64>),
}

#[derive(Clone, Debug)]
pub enum Symbol {
    /// Whole numbers from `min` to `max`, both included.
    Integer {
        min: Expr,
        max: Expr,
    },
    Real {
        min: Expr,
        max: Expr,
        scale: Scale,
    },
    /// `phi = "d/T"`
    Defined(Expr),
}

/// `"Bias(x)" = "…"`
#[derive(Clone, Debug)]
pub struct DefinedFunction {
    pub parameters: Vec<String>,
    /// The step, for a recursion.
    pub body: Expr,
    pub start: Option<Start>,
}

/// `"w(i)" = { start = "…", step = "…" }`: what a recursion has for its first index.
#[derive(Clone, Debug)]
pub struct Start {
    pub index: i64,
    pub value: Expr,
}

impl DefinedFunction {
    /// The formulas it is made of.
    pub fn bodies(&self) -> impl Iterator<Item = &Expr> {
        let start = self.start.iter().map(|s| &s.value);
        std::iter::once(&self.body).chain(start)
    }

    /// How a call is written.
    pub fn signature(&self, name: &str) -> String {
        format!("{name}({})", self.parameters.join(", "))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Scale {
    #[default]
    Linear,
    Log,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Designs {
    #[default]
    Independent,
    Shared,
}

/// Random objects are independent of one another; members of a family too.
#[derive(Clone, Debug)]
pub struct RandomObject {
    pub law: Law,
    /// With `count = "n"` the name stands for a family `X(0), …, X(n-1)`.
    pub count: Option<Expr>,
}

#[derive(Clone, Debug)]
pub enum Law {
    /// `rows × d`, rows iid `N(0, Σ)`.
    Design { rows: Expr },
    /// `rows × columns`, rows iid `N(0, covariance)`; entries iid standard normal where none is given. A side of size `d` lives
    /// in the eigenbasis of `Σ`, and a covariance is a function of `Σ`.
    Gaussian {
        rows: Expr,
        columns: Expr,
        covariance: Option<Expr>,
    },
    /// Length `length`, entries iid `N(0, sd²)`; `sd` is a standard deviation.
    Noise { length: Expr, sd: Expr },
    /// `ŵ_n`: `generations` refits from `w0`, each on `samples` labels with noise of standard deviation `sd`.
    Labeller {
        generations: Expr,
        samples: Expr,
        sd: Expr,
        ridge: Option<Expr>,
        designs: Designs,
    },
}

/// What `~`, `asymp`, `<~`, `>~` and `->` mean: `variable` tends to infinity, the rest of `path` follows it.
#[derive(Clone, Debug)]
pub struct Limit {
    pub variable: String,
    pub path: Vec<(String, Expr)>,
}

impl Limit {
    /// The names that it moves.
    pub(crate) fn moving(&self) -> impl Iterator<Item = &str> {
        let path = self.path.iter().map(|(name, _)| name.as_str());
        path.chain([self.variable.as_str()])
    }
}

impl SpectrumKind {
    /// The scalar formulas that say what `Sigma` is.
    pub fn parameters(&self) -> Vec<&Expr> {
        match self {
            SpectrumKind::PowerLaw { beta } => vec![beta],
            SpectrumKind::Atoms { values, weights } => values.iter().chain(weights).collect(),
            SpectrumKind::Isotropic
            | SpectrumKind::TwoLevel
            | SpectrumKind::Any
            | SpectrumKind::Explicit(_) => Vec::new(),
        }
    }
}

impl TargetKind {
    /// The scalar formula that says what `w0` is.
    pub fn parameter(&self) -> Option<&Expr> {
        match self {
            TargetKind::Isotropic { norm2: Some(e) }
            | TargetKind::Source { r: e }
            | TargetKind::Axis { index: e } => Some(e),
            TargetKind::Isotropic { norm2: None } | TargetKind::Any | TargetKind::Explicit(_) => {
                None
            }
        }
    }
}

impl Setting {
    /// Whether the dimension is finite, and the eigenvalues follow no law and no list.
    pub(crate) fn has_free_levels(&self) -> bool {
        let free = matches!(
            self.spectrum,
            SpectrumKind::Any | SpectrumKind::Isotropic | SpectrumKind::TwoLevel
        );
        free && !self.infinite
    }

    /// The scalar formulas that say what `Sigma` and `w0` are.
    pub(crate) fn parameters_mut(&mut self) -> Vec<&mut Expr> {
        let mut list: Vec<&mut Expr> = match &mut self.spectrum {
            SpectrumKind::PowerLaw { beta } => vec![beta],
            SpectrumKind::Atoms { values, weights } => values.iter_mut().chain(weights).collect(),
            SpectrumKind::Isotropic
            | SpectrumKind::TwoLevel
            | SpectrumKind::Any
            | SpectrumKind::Explicit(_) => Vec::new(),
        };
        match &mut self.target {
            TargetKind::Isotropic { norm2: Some(e) }
            | TargetKind::Source { r: e }
            | TargetKind::Axis { index: e } => list.push(e),
            TargetKind::Isotropic { norm2: None } | TargetKind::Any | TargetKind::Explicit(_) => {}
        }
        list
    }
}

impl RandomObject {
    pub(crate) fn parameters_mut(&mut self) -> Vec<&mut Expr> {
        let mut list: Vec<&mut Expr> = match &mut self.law {
            Law::Design { rows } => vec![rows],
            Law::Gaussian {
                rows,
                columns,
                covariance,
            } => [rows, columns].into_iter().chain(covariance).collect(),
            Law::Noise { length, sd } => vec![length, sd],
            Law::Labeller {
                generations,
                samples,
                sd,
                ridge,
                ..
            } => [generations, samples, sd]
                .into_iter()
                .chain(ridge)
                .collect(),
        };
        list.extend(&mut self.count);
        list
    }

    /// The scalar formulas that size and scale the object.
    pub fn parameters(&self) -> Vec<&Expr> {
        let mut list: Vec<&Expr> = match &self.law {
            Law::Design { rows } => vec![rows],
            Law::Gaussian { rows, columns, .. } => vec![rows, columns],
            Law::Noise { length, sd } => vec![length, sd],
            Law::Labeller {
                generations,
                samples,
                sd,
                ridge,
                ..
            } => [generations, samples, sd]
                .into_iter()
                .chain(ridge)
                .collect(),
        };
        list.extend(&self.count);
        list
    }

    /// The matrix-valued formula of its covariance.
    pub fn covariance(&self) -> Option<&Expr> {
        match &self.law {
            Law::Gaussian { covariance, .. } => covariance.as_ref(),
            _ => None,
        }
    }
}

/// What a name stands for.
#[derive(Clone, Copy, Debug)]
pub enum Meaning<'a> {
    Symbol(&'a Symbol),
    Random(&'a RandomObject),
    Definition(&'a Expr),
}

impl Scope {
    /// What `name` stands for, among symbols, random objects and definitions.
    pub fn meaning(&self, name: &str) -> Option<Meaning<'_>> {
        fn find<'a, T>(list: &'a [(String, T)], name: &str) -> Option<&'a T> {
            list.iter().find(|(n, _)| n == name).map(|(_, x)| x)
        }
        find(&self.symbols, name)
            .map(Meaning::Symbol)
            .or_else(|| find(&self.random, name).map(Meaning::Random))
            .or_else(|| find(&self.definitions, name).map(Meaning::Definition))
    }

    /// A function of the file.
    pub fn function(&self, name: &str) -> Option<&DefinedFunction> {
        let found = self.functions.iter().find(|(n, _)| n == name);
        found.map(|(_, function)| function)
    }

    /// What a definition or defined symbol stands for.
    pub fn expansion(&self, name: &str) -> Option<&Expr> {
        match self.meaning(name)? {
            Meaning::Definition(e) | Meaning::Symbol(Symbol::Defined(e)) => Some(e),
            _ => None,
        }
    }

    /// Calls `visit` for every node of formulas and of what their names stand for, each definition once.
    pub(crate) fn walk_through<'a>(
        &'a self,
        formulas: impl IntoIterator<Item = &'a Expr>,
        visit: &mut dyn FnMut(&'a Expr),
    ) {
        let mut open: Vec<&Expr> = formulas.into_iter().collect();
        let mut visited: HashSet<&str> = HashSet::new();
        while let Some(formula) = open.pop() {
            walk(formula, &mut |node| {
                visit(node);
                if let Node::Name(name) | Node::Member(name, _) = &*node.node
                    && visited.insert(name)
                {
                    open.extend(self.expansion(name));
                }
            });
        }
    }

    /// Whether a formula, or what its names stand for, speaks of an expectation.
    pub(crate) fn averages(&self, expr: &Expr) -> bool {
        self.speaks_of([expr], |node| matches!(node, Node::Expectation(_)))
    }

    /// Whether some node of formulas, or of what their names stand for, fits.
    pub(crate) fn speaks_of<'a>(
        &'a self,
        formulas: impl IntoIterator<Item = &'a Expr>,
        fits: impl Fn(&Node) -> bool,
    ) -> bool {
        let mut found = false;
        self.walk_through(formulas, &mut |part| found |= fits(&part.node));
        found
    }

    /// Whether formulas, or anything that the scope defines, take a derivative.
    pub(crate) fn differentiates<'a>(
        &'a self,
        formulas: impl IntoIterator<Item = &'a Expr>,
    ) -> bool {
        let bodies = self.functions.iter().flat_map(|(_, f)| f.bodies());
        let defined = self.symbols.iter().filter_map(|(_, symbol)| match symbol {
            Symbol::Defined(e) => Some(e),
            _ => None,
        });
        let definitions = self.definitions.iter().map(|(_, e)| e);
        let all = formulas.into_iter().chain(bodies).chain(defined);
        all.chain(definitions)
            .any(|e| contains(e, &|node| matches!(node, Node::Diff(..))))
    }

    /// What stands behind a name, and behind that.
    pub(crate) fn written_out<'a>(&'a self, expr: &'a Expr) -> &'a Expr {
        let mut expr = expr;
        // Circles are reported by the checks of names.
        for _ in 0..MAX_EXPANDED_DEPTH {
            match &*expr.node {
                Node::Name(name) => match self.expansion(name) {
                    Some(next) => expr = next,
                    None => return expr,
                },
                _ => return expr,
            }
        }
        expr
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let symbols = self.symbols.iter().map(|(n, _)| n.as_str());
        let random = self.random.iter().map(|(n, _)| n.as_str());
        let definitions = self.definitions.iter().map(|(n, _)| n.as_str());
        symbols.chain(random).chain(definitions)
    }
}
