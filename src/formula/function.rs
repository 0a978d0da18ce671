//! The functions formulas may call, with their signatures.

use super::ast::{BinaryOp, Extremum, Fold, Function, RelationOp};

/// Names that mean the same everywhere and cannot be declared.
pub const RESERVED: [&str; 7] = ["Sigma", "I", "w0", "pi", "inf", "asymp", "in"];

/// Forms that look like functions but bind a name or take a relation.
pub const FORMS: [(&str, &str); 7] = [
    ("if", "if(a <= b, x, y)"),
    ("sum", "sum(i = a..b, f)"),
    ("prod", "prod(i = a..b, f)"),
    ("argmin", "argmin(x in [a, b], f)"),
    ("inf", "inf(x in [a, b], f)"),
    ("diff", "diff(f, x)"),
    ("E", "E[f]"),
];

impl Function {
    pub const ALL: [Function; 20] = [
        Function::Sqrt,
        Function::Exp,
        Function::Log,
        Function::Abs,
        Function::Min,
        Function::Max,
        Function::Tr,
        Function::Inv,
        Function::Pinv,
        Function::Proj,
        Function::Norm2,
        Function::Opnorm,
        Function::Ridge,
        Function::Kappa,
        Function::Df,
        Function::Gamma,
        Function::Zeta,
        Function::Eigenvalue,
        Function::Coefficient,
        Function::Exponent,
    ];

    pub fn from_name(name: &str) -> Option<Function> {
        Function::ALL.into_iter().find(|f| f.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Function::Sqrt => "sqrt",
            Function::Exp => "exp",
            Function::Log => "log",
            Function::Abs => "abs",
            Function::Min => "min",
            Function::Max => "max",
            Function::Tr => "tr",
            Function::Inv => "inv",
            Function::Pinv => "pinv",
            Function::Proj => "proj",
            Function::Norm2 => "norm2",
            Function::Opnorm => "opnorm",
            Function::Ridge => "ridge",
            Function::Kappa => "kappa",
            Function::Df => "df",
            Function::Gamma => "gamma",
            Function::Zeta => "zeta",
            Function::Eigenvalue => "s",
            Function::Coefficient => "c",
            Function::Exponent => "exponent",
        }
    }

    /// How a call is written.
    pub fn signature(self) -> &'static str {
        match self {
            Function::Sqrt => "sqrt(x)",
            Function::Exp => "exp(x)",
            Function::Log => "log(x)",
            Function::Abs => "abs(x)",
            Function::Min => "min(x, y, …)",
            Function::Max => "max(x, y, …)",
            Function::Tr => "tr(M)",
            Function::Inv => "inv(M)",
            Function::Pinv => "pinv(M)",
            Function::Proj => "proj(X)",
            Function::Norm2 => "norm2(v) or norm2(v, M)",
            Function::Opnorm => "opnorm(M)",
            Function::Ridge => "ridge(X, y, lambda)",
            Function::Kappa => "kappa(lambda, T)",
            Function::Df => "df(m, k)",
            Function::Gamma => "gamma(x)",
            Function::Zeta => "zeta(x)",
            Function::Eigenvalue => "s(j)",
            Function::Coefficient => "c(j)",
            Function::Exponent => "exponent(f)",
        }
    }

    /// Fewest and most arguments.
    pub fn arity(self) -> (usize, usize) {
        match self {
            Function::Min | Function::Max => (2, usize::MAX),
            Function::Norm2 => (1, 2),
            Function::Kappa | Function::Df => (2, 2),
            Function::Ridge => (3, 3),
            _ => (1, 1),
        }
    }
}

impl Fold {
    pub fn name(self) -> &'static str {
        match self {
            Fold::Sum => "sum",
            Fold::Prod => "prod",
        }
    }
}

impl Extremum {
    pub fn name(self) -> &'static str {
        match self {
            Extremum::ArgMin => "argmin",
            Extremum::Inf => "inf",
        }
    }
}

impl BinaryOp {
    pub fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::Pow => "^",
        }
    }
}

impl RelationOp {
    pub fn symbol(self) -> &'static str {
        match self {
            RelationOp::Eq => "=",
            RelationOp::Le => "<=",
            RelationOp::Ge => ">=",
            RelationOp::Lt => "<",
            RelationOp::Gt => ">",
            RelationOp::Equivalent => "~",
            RelationOp::SameOrder => "asymp",
            RelationOp::OrderAtMost => "<~",
            RelationOp::OrderAtLeast => ">~",
            RelationOp::TendsTo => "->",
        }
    }

    /// Whether the relation speaks of a limit.
    pub fn is_asymptotic(self) -> bool {
        match self {
            RelationOp::Eq | RelationOp::Le | RelationOp::Ge | RelationOp::Lt | RelationOp::Gt => {
                false
            }
            RelationOp::Equivalent
            | RelationOp::SameOrder
            | RelationOp::OrderAtMost
            | RelationOp::OrderAtLeast
            | RelationOp::TendsTo => true,
        }
    }
}
