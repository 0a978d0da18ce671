//! Scopes, bodies and points that equivalents are tried on.

use super::*;

pub(in crate::term::equivalence) fn expr(text: &str) -> Expr {
    parse_expression(text).unwrap_or_else(|e| panic!("{text}: {e:?}"))
}

pub(in crate::term::equivalence) fn design(rows: &str) -> Law {
    Law::Design { rows: expr(rows) }
}

pub(in crate::term::equivalence) fn noise(length: &str, sd: &str) -> Law {
    Law::Noise {
        length: expr(length),
        sd: expr(sd),
    }
}

pub(super) fn labeller(ridge: Option<&str>, designs: Designs) -> Law {
    Law::Labeller {
        generations: expr("n"),
        samples: expr("T0"),
        sd: expr("sigma0"),
        ridge: ridge.map(expr),
        designs,
    }
}

pub(in crate::term::equivalence) fn scope(
    random: Vec<(&str, Law, Option<&str>)>,
    definitions: &[(&str, &str)],
) -> Scope {
    Scope {
        random: random
            .into_iter()
            .map(|(name, law, count)| {
                let count = count.map(expr);
                (name.to_owned(), RandomObject { law, count })
            })
            .collect(),
        definitions: definitions
            .iter()
            .map(|(name, body)| ((*name).to_owned(), expr(body)))
            .collect(),
        ..Scope::default()
    }
}

/// Designs and noises of every kind, for the symbols `T`, `T0`, `n`, `lambda`, `lambda0`, `sigma`, `sigma0`.
pub(in crate::term::equivalence) fn everything() -> Scope {
    scope(
        vec![
            ("X", design("T"), None),
            ("E", noise("T", "sigma"), None),
            ("F", noise("T", "sigma"), None),
            ("Y", design("T0"), None),
            ("Z", design("T0"), Some("3")),
            ("e", noise("T0", "sigma0"), Some("3")),
            ("W", labeller(None, Designs::Independent), None),
            ("V", labeller(None, Designs::Shared), None),
            ("U", labeller(Some("lambda0"), Designs::Independent), None),
        ],
        &[
            ("S", "X'*X/T"),
            ("R", "inv(S + lambda*I)"),
            ("A", "R*S"),
            ("P", "proj(Y)"),
            ("Q", "prod(m = 0..n-1, proj(Z(n-1-m)))"),
        ],
    )
}

pub(in crate::term::equivalence) fn environment<R: LinearAlgebra>(
    levels: &[(f64, f64, f64)],
    scalars: &[(&str, f64)],
) -> Environment<R> {
    let levels = levels.iter().map(|&(value, multiplicity, mass)| Level {
        value: R::from_f64(value),
        multiplicity,
        mass: R::from_f64(mass),
        atom: 0,
    });
    Environment {
        covariance: Covariance::explicit(levels.collect()).unwrap(),
        scalars: scalars
            .iter()
            .map(|(name, x)| ((*name).to_owned(), R::from_f64(*x)))
            .collect(),
        draw: None,
        known: HashMap::new(),
    }
}

/// A formula and its scope as terms, with every number of the environment a symbol.
fn stated<R>(formula: &Expr, scope: &Scope, environment: &Environment<R>) -> Statement {
    let mut scope = scope.clone();
    let domain = || Symbol::Real {
        min: expr("0"),
        max: expr("1"),
        scale: Scale::Linear,
    };
    let names = environment.scalars.keys().cloned();
    scope.symbols.extend(names.map(|name| (name, domain())));
    let says = Comparison {
        lhs: formula.clone(),
        op: RelationOp::Eq,
        rhs: expr("0"),
        span: Span::default(),
    };
    resolve(&says, &scope).unwrap_or_else(|e| panic!("{formula:?}: {e:?}"))
}

pub(super) fn value<R: LinearAlgebra>(
    formula: &Expr,
    scope: &Scope,
    environment: &Environment<R>,
) -> Result<R, EquivalenceError> {
    let statement = stated(formula, scope, environment);
    scalar(&statement, statement.claim.lhs, environment)
}

/// `E[body]`
pub(in crate::term::equivalence) fn expectation<R: LinearAlgebra>(
    body: &Expr,
    scope: &Scope,
    environment: &Environment<R>,
) -> Result<R, EquivalenceError> {
    let mean = Expr::new(ast::Node::Expectation(body.clone()), body.span);
    value(&mean, scope, environment)
}

pub(in crate::term::equivalence) fn close(a: f64, b: f64, relative: f64) -> bool {
    (a - b).abs() <= relative * a.abs().max(b.abs())
}

/// A point away from the thresholds, at which everything in [`everything`] has a generic value; `d = 100`.
pub(in crate::term::equivalence) const POINT: [(&str, f64); 8] = [
    ("T", 250.0),
    ("T0", 45.0),
    ("n", 2.0),
    ("lambda", 0.3),
    ("lambda0", 0.1),
    ("sigma", 0.7),
    ("sigma0", 0.5),
    ("mu", 1.2),
];
pub(in crate::term::equivalence) const LEVELS: [(f64, f64, f64); 3] =
    [(3.0, 20.0, 1.0), (1.0, 40.0, 0.4), (0.2, 40.0, 2.0)];

/// Bodies that are to be recognised.
pub(in crate::term::equivalence) const ZOO: [&str; 48] = [
    // bias, variance and what generations add
    "norm2(A*w0 - w0, Sigma)",
    "norm2(R*X'*E/T, Sigma)",
    "norm2(A*Q*w0 - w0, Sigma)",
    "norm2(A*(Q*w0 - w0), Sigma)",
    "norm2(A*(P - I)*w0, Sigma)",
    "w0'*(I - P)*A'*Sigma*(I - A)*w0",
    "w0'*(Q - I)'*A*Sigma*(A - I)*w0",
    "tr(P*A*Sigma*A')",
    "tr(pinv(Y)*pinv(Y)'*A*Sigma*A')",
    "tr(Sigma*R*S*R)",
    "tr(inv(Sigma)*S*R*Sigma*S*R)",
    "norm2(ridge(X, X*W + E, lambda) - w0, Sigma)",
    "norm2(ridge(X, X*V + E, lambda) - w0, Sigma)",
    "norm2(ridge(X, X*U + E, lambda) - w0)",
    "norm2(ridge(Y, Y*w0 + e(0), 0) - w0, Sigma)",
    "norm2(W - w0, Sigma)",
    "norm2(V)",
    "norm2(W - A*W, Sigma)",
    // single resolvents, samples and one-sided words
    "w0'*R*w0",
    "tr(Sigma^2*R)",
    "w0'*R*Sigma*R*w0",
    "w0'*R*R*w0",
    "tr(R^2*Sigma)",
    "tr(R*Sigma*A)",
    "tr(A*A*Sigma)",
    "w0'*A*Sigma*w0",
    "w0'*Q*w0",
    "w0'*S*w0",
    "norm2(S*w0, Sigma)",
    "norm2(X*w0)",
    "w0'*S*Sigma*A*w0",
    "w0'*R*Sigma*S*w0",
    "norm2(X*w0 + E)",
    "w0'*P*A*P*w0",
    "w0'*A*P*Sigma*P*A*w0",
    // two ridges on one design
    "w0'*inv(S + mu*I)*Sigma*R*w0",
    "norm2(ridge(X, X*w0, lambda) - ridge(X, X*w0, mu), Sigma)",
    "norm2(ridge(Y, Y*w0, 0) - ridge(Y, Y*w0, mu), Sigma)",
    // without a ridge
    "tr(Sigma*inv(S))",
    "w0'*inv(S)*Sigma*inv(S)*w0",
    "tr(pinv(X)*pinv(X)')",
    "norm2(pinv(Y)*e(0), Sigma)",
    // by rows
    "tr(Y'*inv(Y*Y' + lambda*T0*I)*Y*Sigma)",
    "tr(X*R*X'/T)",
    "norm2(E - X*R*(X'*E)/T)",
    // noise across words, families, sums
    "(ridge(X, E + F, lambda) - w0)'*Sigma*(ridge(X, E, lambda) - w0)",
    "sum(m = 0..2, norm2(proj(Z(m))*w0 + pinv(Z(m))*e(m)))/3",
    "if(T > 200, 2, 3)*norm2(A*w0) + w0'*w0",
];
