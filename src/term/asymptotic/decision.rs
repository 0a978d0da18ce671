//! Relations of limits decided at one point: in the limit variable, or, where they speak of what moves through one `κ` alone,
//! as `κ` vanishes, whatever it is made of.
//!
//! Of `df(1, κ) − C κ^{-1/β}` the leading terms cancel, and what is left is below what the expansion of `κ` in the limit
//! variable knows. With `1/κ` in the place of the limit variable nothing is unknown; and a relation that holds (fails) as
//! `κ → 0` does so along every path on which `κ → 0`, since germs change their behaviour no more at their end.

use std::collections::HashSet;

use num_rational::BigRational;
use num_traits::One;

use super::evaluate::{Germs, Result};
use super::quantity::Quantity;
use super::relation::{Decision, settled};
use super::{AsymptoticError, GermPoint};
use crate::formula::ast::Function;
use crate::scaling::{Germ, GermDimension, GermSpectrum, Ratio, in_fine_detail, outline_first};
use crate::term::{Id, Node, Statement};

/// How explanations call the variable.
const VARIABLE: &str = "(1/kappa)";

/// Decides the relation of limits that a statement claims, along the limit of `point`.
///
/// `asymp`, `<~` and `>~` are decided by powers of `T` and its logarithms; `~` by leading terms; `->` by the
/// limit. Constants are equal where their closed forms are; of others [`Decision::detects`] says how closely
/// they were compared.
///
/// # Errors
/// [`AsymptoticError::Undecided`] wherever the expansions leave the answer open.
pub fn decide(statement: &Statement, point: &GermPoint) -> Result<Decision> {
    let along = || {
        let mut germs = Germs::along(statement.model, point);
        settled(&mut germs, statement, &statement.claim, point)
    };
    let found = outline_first(AsymptoticError::may_be_settled_in_full, along);
    match found {
        Err(AsymptoticError::Undecided(_)) => match in_kappa(statement, point) {
            Some(Ok(decision)) => Ok(decision),
            _ => in_fine_detail(along).or(found),
        },
        found => found,
    }
}

/// The relation with `1/κ` in the place of the limit variable; `None` where it speaks of that in another way, too.
fn in_kappa(statement: &Statement, point: &GermPoint) -> Option<Result<Decision>> {
    let infinite = matches!(
        point.spectrum,
        GermSpectrum::PowerLaw {
            dimension: GermDimension::Infinite,
            ..
        }
    );
    let kappa = infinite.then(|| only_kappa(statement, point)).flatten()?;
    let one = Germ::integer(1);
    let vanishes = outline_first(AsymptoticError::may_be_settled_in_full, || {
        let germ = Germs::along(statement.model, point)
            .quantity(&statement.store, kappa)?
            .germ()?;
        Ok(matches!(germ.ratio_to(&one)?, Ratio::Vanishes))
    });
    if !matches!(vanishes, Ok::<bool, AsymptoticError>(true)) {
        return None;
    }
    // Whatever else moves has no value, so that none of it can slip in.
    let mut along = point.clone();
    for symbol in &mut along.symbols {
        *symbol = symbol.take().filter(|value| value.exact().is_some());
    }
    VARIABLE.clone_into(&mut along.variable);
    let value = Quantity::from(Germ::power_of_variable(-BigRational::one()));
    Some(outline_first(
        AsymptoticError::may_be_settled_in_full,
        || {
            let mut germs = Germs::along(statement.model, &along);
            germs.given = Some((kappa, value.clone()));
            settled(&mut germs, statement, &statement.claim, &along)
        },
    ))
}

/// The one `kappa(…)` in which all that moves stands.
fn only_kappa(statement: &Statement, point: &GermPoint) -> Option<Id> {
    let store = &statement.store;
    let mut kappa = None;
    let mut open = vec![statement.claim.lhs, statement.claim.rhs];
    let mut seen = HashSet::new();
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        match store.node(id) {
            Node::Kappa(..) if store.free(id).is_empty() => {
                if *kappa.get_or_insert(id) != id {
                    return None;
                }
                continue;
            }
            Node::Symbol(symbol) => {
                point.symbol(*symbol)?.exact()?;
            }
            // Its variable may be what the setting depends on; an exponent is one of the limit variable.
            Node::Extremum { .. } | Node::Call(Function::Exponent, _) => return None,
            _ => {}
        }
        open.extend(store.node(id).children());
    }
    kappa
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::formula::parse::{parse_expression, parse_relation};
    use crate::formula::scope::{Limit, Scale, Scope, Setting, SpectrumKind, Symbol, TargetKind};
    use crate::term::asymptotic::{decide, point};
    use crate::term::resolve;

    fn holds(says: &str) -> Result<bool, String> {
        let expr = |text: &str| parse_expression(text).unwrap();
        let scope = Scope {
            setting: Setting {
                spectrum: SpectrumKind::PowerLaw { beta: expr("2") },
                target: TargetKind::Source { r: expr("1/4") },
                infinite: true,
            },
            symbols: vec![(
                "T".into(),
                Symbol::Real {
                    min: expr("10"),
                    max: expr("1000"),
                    scale: Scale::Linear,
                },
            )],
            // beside κ ~ T^(-19/10) nothing is known of its fifth term
            definitions: vec![("k".into(), expr("kappa(T^-1.9, T)"))],
            limit: Some(Limit {
                variable: "T".into(),
                path: vec![],
            }),
            ..Scope::default()
        };
        let statement = resolve(&parse_relation(says).unwrap(), &scope).unwrap();
        let point = point(&statement, &BTreeMap::new(), &[]).unwrap();
        decide(&statement, &point)
            .map(|decision| decision.holds)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn what_cancels_in_kappa_is_known() {
        // df_1 = (π/2) κ^{-1/2} coth(π κ^{-1/2}) − 1/2 …
        assert_eq!(holds("df(1, k) - pi/2*k^(-1/2) + 1/2 <~ k^2"), Ok(true));
        assert_eq!(holds("df(1, k) - pi/2*k^(-1/2) -> -1/2"), Ok(true));
        assert_eq!(holds("df(1, k) - pi/2*k^(-1/2) -> -1/3"), Ok(false));
        // 3/8 of its square: two terms
        assert_eq!(holds("df(2, k) - pi/4*k^(-1/2) -> -1/2"), Ok(true));
    }

    #[test]
    fn what_moves_beside_it_keeps_its_variable() {
        assert!(holds("df(1, k) - pi/2*k^(-1/2) + 1/2 <~ T^-30").is_err());
    }
}
