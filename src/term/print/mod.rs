//! Terms as text, LaTeX and MathML.

mod latex;
mod mathml;
mod plain;
mod typeset;

pub use latex::latex;
pub use mathml::mathml;
pub use plain::text;

use super::node::Id;
use super::store::Store;
use super::walk::{FoldForm, SpectralForm};
use crate::formula::ast::Fold;

/// How strongly operators bind.
const SUM: u8 = 10;
const PRODUCT: u8 = 20;
const NEGATION: u8 = 30;
const POWER: u8 = 40;
const POSTFIX: u8 = 50;
const ATOM: u8 = 60;

/// Longer renderings are refused: a term whose parts are shared may be short in memory and endless on paper.
const MAX_LENGTH: usize = 200_000;

/// Names for bound variables that mean nothing else where they stand.
#[derive(Default)]
struct Names {
    taken: Vec<String>,
}

impl Names {
    /// `wanted`, or a name near it that is free.
    fn take(&mut self, wanted: &str, store: &Store) -> String {
        let known = |name: &str| {
            self.taken.iter().any(|t| t == name)
                || store.symbol_named(name).is_some()
                || store.random_named(name)
        };
        let mut name = wanted.to_owned();
        let mut count = 1;
        while known(&name) {
            name = format!("{wanted}_{count}");
            count += 1;
        }
        self.taken.push(name.clone());
        name
    }

    fn give_back(&mut self) {
        self.taken.pop();
    }
}

/// What is needed to write a sum or product down.
struct Range {
    kind: Fold,
    from: Id,
    to: Id,
}

impl From<FoldForm> for Range {
    fn from(form: FoldForm) -> Self {
        Range {
            kind: form.kind,
            from: form.from,
            to: form.to,
        }
    }
}

impl From<SpectralForm> for Range {
    fn from(form: SpectralForm) -> Self {
        Range {
            kind: Fold::Sum,
            from: form.from,
            to: form.to,
        }
    }
}

#[cfg(test)]
mod tests;
