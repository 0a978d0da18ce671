//! Characters to tokens.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};

use super::ast::{RelationOp, Span};
use super::error::FormulaError;

/// Formulas longer than this are refused.
pub const MAX_BYTES: usize = 64 * 1024;
/// Digits of one number, and the largest power of ten in its exponent.
const MAX_DIGITS: usize = 1000;

#[derive(Clone, Debug, PartialEq)]
pub enum TokenKind {
    Number(BigRational),
    Name(String),
    Plus,
    Minus,
    Star,
    Slash,
    Caret,
    /// `²`, `⁻¹`
    Superscript(BigInt),
    Prime,
    OpenParen,
    CloseParen,
    OpenBracket,
    CloseBracket,
    Comma,
    Semicolon,
    /// `|`, as in `E[f | X]`
    Bar,
    /// `..`
    Range,
    Relation(RelationOp),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    pub kind: TokenKind,
    pub span: Span,
}

/// Splits a formula into tokens; every fault is reported, not only the first.
pub fn tokenize(text: &str) -> Result<Vec<Token>, Vec<FormulaError>> {
    if text.len() > MAX_BYTES {
        let span = Span { start: 0, end: 0 };
        return Err(vec![
            FormulaError::new(
                "F001",
                span,
                format!(
                    "a formula of {} bytes; at most {MAX_BYTES} are read",
                    text.len()
                ),
            )
            .with_help("split it with abbreviations under [define]"),
        ]);
    }
    let mut lexer = Lexer {
        text,
        at: 0,
        tokens: Vec::new(),
        errors: Vec::new(),
    };
    lexer.run();
    if lexer.errors.is_empty() {
        Ok(lexer.tokens)
    } else {
        Err(lexer.errors)
    }
}

/// The name a formula's alias stands for: `σ₀` is `sigma0`. `None` where `text` is not one name.
pub fn canonical_name(text: &str) -> Option<String> {
    match tokenize(text).ok()?.as_slice() {
        [
            Token {
                kind: TokenKind::Name(name),
                span,
            },
        ] if span.start == 0 && span.end == text.len() => Some(name.clone()),
        _ => None,
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
    errors: Vec<FormulaError>,
}

impl Lexer<'_> {
    fn run(&mut self) {
        while let Some(c) = self.peek() {
            // One fault for a foreign text is enough; a few help.
            if self.errors.len() >= 8 {
                return;
            }
            let start = self.at;
            if c.is_whitespace() {
                self.advance(c);
            } else if c.is_ascii_digit() || (c == '.' && self.second_is_digit()) {
                self.number();
            } else if c.is_ascii_alphabetic() || c == '_' {
                let name = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
                self.name(name, start);
            } else if let Some(name) = greek(c) {
                self.advance(c);
                // `λT` is two names, `σ0` and `σ_max` are one.
                let rest = match self.peek() {
                    Some(c) if c.is_ascii_digit() => self.take_while(|c| c.is_ascii_digit()),
                    Some('_') => self.take_while(|c| c.is_ascii_alphanumeric() || c == '_'),
                    _ => String::new(),
                };
                self.name(format!("{name}{rest}"), start);
            } else if superscript(c).is_some() || c == '⁻' {
                self.superscript();
            } else {
                self.symbol(c);
            }
        }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn second_is_digit(&self) -> bool {
        self.text[self.at..]
            .chars()
            .nth(1)
            .is_some_and(|c| c.is_ascii_digit())
    }

    fn advance(&mut self, c: char) {
        self.at += c.len_utf8();
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while let Some(c) = self.peek().filter(|&c| keep(c)) {
            self.advance(c);
        }
        self.text[start..self.at].to_owned()
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        let span = Span {
            start,
            end: self.at,
        };
        self.tokens.push(Token { kind, span });
    }

    fn error(
        &mut self,
        code: &'static str,
        start: usize,
        message: String,
        help: impl Into<String>,
    ) {
        let span = Span {
            start,
            end: self.at,
        };
        self.errors
            .push(FormulaError::new(code, span, message).with_help(help));
    }

    fn name(&mut self, mut name: String, start: usize) {
        while let Some((c, digit)) = self.peek().and_then(|c| Some((c, subscript(c)?))) {
            self.advance(c);
            name.push(digit);
        }
        if name.len() > MAX_DIGITS {
            self.error(
                "F001",
                start,
                format!("a name of {} characters", name.len()),
                "use a shorter name",
            );
        } else if name == "asymp" {
            self.push(TokenKind::Relation(RelationOp::SameOrder), start);
        } else {
            self.push(TokenKind::Name(name), start);
        }
    }

    /// `12`, `0.1`, `1e-6`: read exactly.
    fn number(&mut self) {
        let start = self.at;
        let whole = self.take_while(|c| c.is_ascii_digit());
        let rest = &self.text[self.at..];
        let mut decimals = String::new();
        // `1..n` is a range, not a decimal point.
        if rest.starts_with('.') && !rest.starts_with("..") {
            self.at += 1;
            decimals = self.take_while(|c| c.is_ascii_digit());
        }
        let mut exponent = String::new();
        let rest = &self.text[self.at..];
        if let Some(tail) = rest.strip_prefix(['e', 'E']) {
            let digits = tail.strip_prefix(['+', '-']).unwrap_or(tail);
            if digits.starts_with(|c: char| c.is_ascii_digit()) {
                self.at += rest.len() - digits.len();
                if tail.starts_with('-') {
                    exponent.push('-');
                }
                exponent.push_str(&self.take_while(|c| c.is_ascii_digit()));
            }
        }
        let source = self.text[start..self.at].to_owned();
        if whole.is_empty() {
            self.error(
                "F002",
                start,
                format!("`{source}` lacks a digit before the point"),
                format!("write 0{source}"),
            );
            return;
        }
        if source[whole.len()..].starts_with('.') && decimals.is_empty() {
            self.error(
                "F002",
                start,
                format!("`{source}` lacks a digit after the point"),
                format!("write {whole} or {whole}.0"),
            );
            return;
        }
        if whole.len() + decimals.len() > MAX_DIGITS {
            self.error(
                "F002",
                start,
                format!("a number of more than {MAX_DIGITS} digits"),
                "numbers are kept exactly; round it",
            );
            return;
        }
        match decimal(&whole, &decimals, &exponent) {
            Some(value) => self.push(TokenKind::Number(value), start),
            None => self.error(
                "F002",
                start,
                format!("the exponent of `{}` is out of range", shorten(&source)),
                format!(
                    "numbers are kept exactly, with exponents from -{MAX_DIGITS} to {MAX_DIGITS}"
                ),
            ),
        }
    }

    fn superscript(&mut self) {
        let start = self.at;
        let negative = self.peek() == Some('⁻');
        if negative {
            self.at += '⁻'.len_utf8();
        }
        let mut digits = String::new();
        while let Some((c, digit)) = self.peek().and_then(|c| Some((c, superscript(c)?))) {
            self.advance(c);
            digits.push(digit);
        }
        match digits.parse::<BigInt>() {
            Ok(value) if digits.len() <= MAX_DIGITS => {
                let value = if negative { -value } else { value };
                self.push(TokenKind::Superscript(value), start);
            }
            _ => self.error(
                "F002",
                start,
                "this superscript is not a whole number".to_owned(),
                "write the power with ^",
            ),
        }
    }

    fn symbol(&mut self, c: char) {
        let start = self.at;
        let rest = &self.text[start..];
        for (wrong, message, help) in MISTAKES {
            if rest.starts_with(wrong) {
                self.at += wrong.len();
                self.error("F003", start, (*message).to_owned(), *help);
                return;
            }
        }
        for (written, kind) in symbols() {
            if rest.starts_with(written) {
                self.at += written.len();
                self.push(kind, start);
                return;
            }
        }
        self.advance(c);
        // A run of the same character is one fault.
        while self.peek() == Some(c) {
            self.advance(c);
        }
        let shown: String = c.escape_debug().collect();
        if is_combining(c) {
            self.error(
                "F003",
                start,
                format!("an accent (U+{:04X}) is not part of any name", c as u32),
                "spell it out: `ŵ` as `w_hat`",
            );
        } else if c.is_alphabetic() {
            self.error(
                "F003",
                start,
                format!("the letter `{shown}` cannot stand in a formula"),
                "names are made of a-z, A-Z, 0-9, _ and Greek letters",
            );
        } else {
            self.error(
                "F003",
                start,
                format!("the character `{shown}` has no meaning in a formula"),
                "operators are + - * / ^ ', relations = <= >= < > ~ asymp <~ >~ ->",
            );
        }
    }
}

/// Notations from elsewhere, longest first, with what to write instead.
const MISTAKES: &[(&str, &str, &str)] = &[
    ("**", "`**` is not an operator", "write ^ for a power"),
    ("==", "`==` is not a relation", "write ="),
    (
        "!=",
        "`!=` is not a relation",
        "claims say =, <=, >=, <, >, ~, asymp, <~, >~ or ->",
    ),
    (
        "≠",
        "`≠` is not a relation",
        "claims say =, <=, >=, <, >, ~, asymp, <~, >~ or ->",
    ),
    (
        ":=",
        "`:=` is not a relation",
        "write =, or put the abbreviation under [define]",
    ),
    ("=>", "`=>` is not a relation", "write >="),
    ("=<", "`=<` is not a relation", "write <="),
    ("...", "`...` is not a range", "write a..b"),
    ("…", "`…` is not a range", "write a..b"),
    (
        "||",
        "`||` has no meaning in a formula",
        "write norm2(v) for the square of a norm",
    ),
    (
        "‖",
        "`‖` has no meaning in a formula",
        "write norm2(v) for ‖v‖², norm2(v, M) for v'Mv",
    ),
    (
        "†",
        "`†` has no meaning in a formula",
        "write pinv(X) for X†",
    ),
    (
        "∂",
        "`∂` has no meaning in a formula",
        "write diff(f, x) for ∂f/∂x",
    ),
    (
        "∇",
        "`∇` has no meaning in a formula",
        "write diff(f, x) for a derivative",
    ),
    ("{", "braces have no meaning in a formula", "write ( )"),
    ("}", "braces have no meaning in a formula", "write ( )"),
    (
        "\\",
        "a backslash has no meaning in a formula",
        "write Greek letters by name, without the backslash: kappa",
    ),
    (
        "%",
        "`%` has no meaning in a formula",
        "write a quotient, or 0.01*x",
    ),
    (
        "ŵ",
        "the letter `ŵ` cannot stand in a formula",
        "spell it out: w_hat",
    ),
    (
        "ᵀ",
        "`ᵀ` has no meaning in a formula",
        "write X' for the transpose",
    ),
    (
        "⊤",
        "`⊤` has no meaning in a formula",
        "write X' for the transpose",
    ),
];

/// Longest first where one begins another.
fn symbols() -> [(&'static str, TokenKind); 41] {
    use TokenKind::*;
    [
        ("<=", Relation(RelationOp::Le)),
        (">=", Relation(RelationOp::Ge)),
        ("<~", Relation(RelationOp::OrderAtMost)),
        (">~", Relation(RelationOp::OrderAtLeast)),
        ("->", Relation(RelationOp::TendsTo)),
        ("≤", Relation(RelationOp::Le)),
        ("≥", Relation(RelationOp::Ge)),
        ("⩽", Relation(RelationOp::Le)),
        ("⩾", Relation(RelationOp::Ge)),
        ("≲", Relation(RelationOp::OrderAtMost)),
        ("≳", Relation(RelationOp::OrderAtLeast)),
        ("≃", Relation(RelationOp::Equivalent)),
        ("∼", Relation(RelationOp::Equivalent)),
        ("≍", Relation(RelationOp::SameOrder)),
        ("→", Relation(RelationOp::TendsTo)),
        ("=", Relation(RelationOp::Eq)),
        ("<", Relation(RelationOp::Lt)),
        (">", Relation(RelationOp::Gt)),
        ("~", Relation(RelationOp::Equivalent)),
        ("+", Plus),
        ("-", Minus),
        ("−", Minus),
        ("*", Star),
        ("·", Star),
        ("⋅", Star),
        ("×", Star),
        ("/", Slash),
        ("^", Caret),
        ("'", Prime),
        ("′", Prime),
        ("’", Prime),
        ("(", OpenParen),
        (")", CloseParen),
        ("[", OpenBracket),
        ("]", CloseBracket),
        (",", Comma),
        (";", Semicolon),
        ("|", Bar),
        ("∣", Bar),
        ("..", Range),
        ("‥", Range),
    ]
}

fn greek(c: char) -> Option<&'static str> {
    Some(match c {
        'α' => "alpha",
        'β' => "beta",
        'γ' => "gamma",
        'δ' => "delta",
        'ε' | 'ϵ' => "epsilon",
        'ζ' => "zeta",
        'η' => "eta",
        'θ' | 'ϑ' => "theta",
        'ι' => "iota",
        'κ' | 'ϰ' => "kappa",
        'λ' => "lambda",
        'μ' | 'µ' => "mu",
        'ν' => "nu",
        'ξ' => "xi",
        'π' => "pi",
        'ρ' | 'ϱ' => "rho",
        'σ' | 'ς' => "sigma",
        'τ' => "tau",
        'υ' => "upsilon",
        'φ' | 'ϕ' => "phi",
        'χ' => "chi",
        'ψ' => "psi",
        'ω' => "omega",
        'Γ' => "Gamma",
        'Δ' | '∆' => "Delta",
        'Θ' => "Theta",
        'Λ' => "Lambda",
        'Ξ' => "Xi",
        'Π' => "Pi",
        'Σ' => "Sigma",
        'Φ' => "Phi",
        'Ψ' => "Psi",
        'Ω' => "Omega",
        'ℓ' => "ell",
        '∞' => "inf",
        '√' => "sqrt",
        '∑' => "sum",
        '∏' => "prod",
        '∈' => "in",
        '𝔼' => "E",
        _ => return None,
    })
}

fn superscript(c: char) -> Option<char> {
    "⁰¹²³⁴⁵⁶⁷⁸⁹"
        .chars()
        .zip('0'..='9')
        .find_map(|(sup, digit)| (sup == c).then_some(digit))
}

fn subscript(c: char) -> Option<char> {
    "₀₁₂₃₄₅₆₇₈₉"
        .chars()
        .zip('0'..='9')
        .find_map(|(sub, digit)| (sub == c).then_some(digit))
}

fn is_combining(c: char) -> bool {
    matches!(c as u32, 0x0300..=0x036F | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF | 0xFE20..=0xFE2F)
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= 24 {
        text.to_owned()
    } else {
        let head: String = text.chars().take(20).collect();
        format!("{head}…")
    }
}

/// The exact value of `whole.decimals` times ten to the `exponent`; `None` where the exponent is out of bounds.
fn decimal(whole: &str, decimals: &str, exponent: &str) -> Option<BigRational> {
    let digits: BigInt = format!("{whole}{decimals}").parse().ok()?;
    if digits.is_zero() && exponent.len() < MAX_DIGITS {
        return Some(BigRational::zero());
    }
    let exponent: i64 = match exponent {
        "" => 0,
        text => text.parse().ok()?,
    };
    if exponent.unsigned_abs() > MAX_DIGITS as u64 {
        return None;
    }
    let shift = exponent - decimals.len() as i64;
    let power = num_traits::pow(BigInt::from(10), shift.unsigned_abs() as usize);
    Some(if shift >= 0 {
        BigRational::from_integer(digits * power)
    } else {
        BigRational::new(digits, power)
    })
}

/// Reads a number as it stands in a TOML file, exactly: `1_000`, `+2`, `-0.5`, `1e-6`.
/// `None` for `inf`, `nan`, other radices and anything else.
pub fn exact_number(source: &str) -> Option<BigRational> {
    let source: String = source.chars().filter(|&c| c != '_').collect();
    let (negative, magnitude) = match source.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, source.strip_prefix('+').unwrap_or(&source)),
    };
    match tokenize(magnitude).ok()?.as_slice() {
        [
            Token {
                kind: TokenKind::Number(value),
                ..
            },
        ] => Some(if negative {
            -value * BigInt::one()
        } else {
            value.clone()
        }),
        _ => None,
    }
}
