//! The functions formulas may call, with their signatures.

use super::operator::{BinaryOp, Extremum, Fold, RelationOp};

/// Names that mean the same everywhere and cannot be declared.
pub const RESERVED: [&str; 9] = ["Sigma", "I", "w0", "pi", "inf", "asymp", "in", "and", "or"];

/// Forms that look like functions but bind a name or take a relation.
pub const FORMS: [(&str, &str); 11] = [
    ("if", "if(a <= b, x, y)"),
    ("sum", "sum(i = a..b, f)"),
    ("prod", "prod(i = a..b, f)"),
    ("int", "int(x = a..b, f)"),
    ("argmin", "argmin(x in [a, b], f)"),
    ("argmax", "argmax(x in [a, b], f)"),
    ("inf", "inf(x in [a, b], f)"),
    ("sup", "sup(x in [a, b], f)"),
    ("root", "root(x in [a, b], f)"),
    ("diff", "diff(f, x)"),
    ("E", "E[f] or E[f | X]"),
];

macro_rules! functions {
    ($($(#[$doc:meta])* $function:ident, $name:literal, $signature:literal, $fewest:literal, $most:expr, $rule:ident;)*) => {
        /// Functions called by name with a fixed list of arguments.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Function {
            $($(#[$doc])* $function,)*
        }

        impl Function {
            pub const ALL: [Function; [$($name),*].len()] = [$(Function::$function),*];

            pub fn name(self) -> &'static str {
                match self {
                    $(Function::$function => $name,)*
                }
            }

            /// How a call is written.
            pub fn signature(self) -> &'static str {
                match self {
                    $(Function::$function => $signature,)*
                }
            }

            /// Fewest and most arguments.
            pub fn arity(self) -> (usize, usize) {
                match self {
                    $(Function::$function => ($fewest, $most),)*
                }
            }

            /// What shapes it takes and gives.
            pub fn rule(self) -> Rule {
                match self {
                    $(Function::$function => Rule::$rule,)*
                }
            }
        }
    };
}

/// What shapes a function takes and gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Scalars to a scalar.
    Scalars,
    /// A scalar to a scalar, a function of `Sigma` to one.
    OfSigma,
    /// A square matrix to a scalar.
    SquareToScalar,
    /// A square matrix to its like.
    Square,
    /// A square matrix over rows to its like.
    Diagonal,
    /// A matrix to one of the transposed shape.
    Transposed,
    /// A matrix to a square one of its columns.
    OnColumns,
    /// A matrix to a scalar.
    MatrixToScalar,
    Norm,
    Fit,
    /// Matrices or vectors under or beside one another.
    Stack,
    /// Anything and the names of random objects to its like.
    Given,
    /// `Sigma` and one scalar for each atom to a matrix in its eigenbasis.
    OfAtoms,
    /// A number of rows, and scalars with shares, to a diagonal matrix over rows.
    OverRows,
    /// A function of `Sigma` and a number to a matrix in another basis.
    Turned,
}

// The language's functions: a new one is a line here; the compiler lists who else must know it.
functions! {
    Sqrt, "sqrt", "sqrt(x)", 1, 1, OfSigma;
    Exp, "exp", "exp(x)", 1, 1, OfSigma;
    Log, "log", "log(x)", 1, 1, OfSigma;
    Abs, "abs", "abs(x)", 1, 1, Scalars;
    Min, "min", "min(x, y, …)", 2, usize::MAX, Scalars;
    Max, "max", "max(x, y, …)", 2, usize::MAX, Scalars;
    Floor, "floor", "floor(x)", 1, 1, Scalars;
    Factorial, "factorial", "factorial(n)", 1, 1, Scalars;
    Binom, "binom", "binom(n, k)", 2, 2, Scalars;
    Tr, "tr", "tr(M)", 1, 1, SquareToScalar;
    Det, "det", "det(M)", 1, 1, SquareToScalar;
    /// The logarithm of a positive determinant.
    Logdet, "logdet", "logdet(M)", 1, 1, SquareToScalar;
    /// The least eigenvalue of a symmetric matrix.
    Eigmin, "eigmin", "eigmin(M)", 1, 1, SquareToScalar;
    /// The greatest eigenvalue of a symmetric matrix.
    Eigmax, "eigmax", "eigmax(M)", 1, 1, SquareToScalar;
    /// The matrix with the diagonal of `M` and zeros beside it.
    Diag, "diag", "diag(M)", 1, 1, Diagonal;
    Inv, "inv", "inv(M)", 1, 1, Square;
    Pinv, "pinv", "pinv(M)", 1, 1, Transposed;
    /// `proj(X) = X†X`, the projection onto the row space of `X`.
    Proj, "proj", "proj(X)", 1, 1, OnColumns;
    /// `norm2(v) = v'v`, `norm2(v, M) = v'Mv`.
    Norm2, "norm2", "norm2(v) or norm2(v, M)", 1, 2, Norm;
    Opnorm, "opnorm", "opnorm(M)", 1, 1, MatrixToScalar;
    /// `ridge(X, y, λ) = (X'X/T + λI)^{-1}X'y/T`, and `X†y` at `λ = 0`.
    Ridge, "ridge", "ridge(X, y, lambda)", 3, 3, Fit;
    Kappa, "kappa", "kappa(lambda, T)", 2, 2, Scalars;
    Df, "df", "df(m, k)", 2, 2, Scalars;
    Gamma, "gamma", "gamma(x)", 1, 1, Scalars;
    Zeta, "zeta", "zeta(x)", 1, 1, Scalars;
    Sin, "sin", "sin(x)", 1, 1, Scalars;
    Cos, "cos", "cos(x)", 1, 1, Scalars;
    /// `s(j)`
    Eigenvalue, "s", "s(j)", 1, 1, Scalars;
    /// `c(j)`
    Coefficient, "c", "c(j)", 1, 1, Scalars;
    /// `exponent(f)`
    Exponent, "exponent", "exponent(f)", 1, 1, Scalars;
    /// `levels(Sigma, x, y, …)`: in the eigenbasis of `Sigma`, `x` on its first atom, `y` on its second.
    Levels, "levels", "levels(Sigma, x, y, …)", 2, usize::MAX, OfAtoms;
    /// `weights(T, x, p, y, q, …)`: diagonal over `T` rows, `x` on a share `p` of them, `y` on a share `q`.
    Weights, "weights", "weights(T, x, p, y, q, …)", 3, usize::MAX, OverRows;
    /// `rotated(M, k)`: `U M U'` for a rotation `U` that is drawn once, number `k` of its dimension.
    Rotated, "rotated", "rotated(M, k)", 2, 2, Turned;
    /// `[A; B]`: rows under rows.
    Rows, "[A; B]", "[A; B]", 2, usize::MAX, Stack;
    /// `[A, B]`: columns beside columns.
    Columns, "[A, B]", "[A, B]", 2, usize::MAX, Stack;
    /// `E[f | X]`: the mean of `f` over all random objects but those named.
    Given, "E[f | X]", "E[f | X, Y, …]", 2, usize::MAX, Given;
}

impl Function {
    /// Those that are written as a name and a list of arguments.
    pub fn named() -> impl Iterator<Item = Function> {
        Function::ALL
            .into_iter()
            .filter(|f| !matches!(f.rule(), Rule::Stack | Rule::Given))
    }

    pub fn from_name(name: &str) -> Option<Function> {
        match name {
            "ln" => Some(Function::Log),
            _ => Function::named().find(|f| f.name() == name),
        }
    }
}

impl Fold {
    pub fn name(self) -> &'static str {
        match self {
            Fold::Sum => "sum",
            Fold::Prod => "prod",
            Fold::Max => "max",
            Fold::Min => "min",
            Fold::Int => "int",
        }
    }
}

impl Extremum {
    pub fn name(self) -> &'static str {
        match self {
            Extremum::ArgMin => "argmin",
            Extremum::Inf => "inf",
            Extremum::ArgMax => "argmax",
            Extremum::Sup => "sup",
            Extremum::Root => "root",
        }
    }

    /// Whether the place is asked for, not the value.
    pub fn is_place(self) -> bool {
        matches!(self, Extremum::ArgMin | Extremum::ArgMax | Extremum::Root)
    }

    /// Whether the greatest value is meant, not the least.
    pub fn is_greatest(self) -> bool {
        matches!(self, Extremum::ArgMax | Extremum::Sup)
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
