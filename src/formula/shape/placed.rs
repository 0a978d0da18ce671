//! Shapes of matrices that are given by their levels: over atoms, over rows, in another basis.

use super::check::{Checker, Typed};
use super::kind::Shape;
use crate::formula::ast::{Expr, Node, Span};
use crate::formula::function::Function;
use crate::formula::scope::SpectrumKind;

impl Checker<'_> {
    /// `levels(Sigma, x, y, …)`
    pub(super) fn of_atoms(
        &mut self,
        arguments: &[Expr],
        typed: &[Typed],
        span: Span,
    ) -> Option<Shape> {
        if !matches!(&*arguments[0].node, Node::Name(name) if name == "Sigma") {
            let message = format!("`levels` takes Sigma first, not {}", arguments[0]);
            let help = "write levels(Sigma, x, y, …): x on the first atom of the spectrum, y on the second";
            self.fault("S006", arguments[0].span, message, help);
            return None;
        }
        let SpectrumKind::Atoms { values, .. } = &self.scope.setting.spectrum else {
            let help = "write spectrum = { kind = \"atoms\", values = […], weights = […] } under [setting], or atoms = […] under [covariances]";
            self.fault(
                "S006",
                span,
                "`levels` needs a spectrum of atoms".to_owned(),
                help,
            );
            return None;
        };
        let (wanted, given) = (values.len(), arguments.len() - 1);
        if wanted != given {
            let message =
                format!("`levels` has {given} levels, but the spectrum has {wanted} atoms");
            self.fault("S006", span, message, "each atom has one level");
            return None;
        }
        self.all_scalars(Function::Levels, &arguments[1..], &typed[1..])?;
        Some(typed[0].shape.clone())
    }

    /// `weights(T, x, p, …)`
    pub(super) fn row_weights(
        &mut self,
        arguments: &[Expr],
        typed: &[Typed],
        span: Span,
    ) -> Option<Shape> {
        if arguments.len().is_multiple_of(2) {
            let message = "the last weight of `weights` has no share";
            let help = "write weights(T, x, p, y, q): x on a share p of the T rows, y on a share q";
            self.fault("S006", span, message.to_owned(), help);
            return None;
        }
        self.all_scalars(Function::Weights, arguments, typed)?;
        let random = typed.iter().any(|t| t.random);
        if random {
            let help = "weights, shares and sizes are made of symbols";
            self.fault(
                "S006",
                span,
                "`weights` of a random object".to_owned(),
                help,
            );
            return None;
        }
        Some(Shape::Matrix {
            rows: arguments[0].clone(),
            columns: arguments[0].clone(),
            spectral: false,
        })
    }

    /// `rotated(M, k)`
    pub(super) fn turned(&mut self, arguments: &[Expr], typed: &[Typed]) -> Option<Shape> {
        let Shape::Matrix {
            rows,
            columns,
            spectral: true,
        } = &typed[0].shape
        else {
            let message = format!(
                "`rotated` takes a function of Sigma, but this is {}",
                typed[0].shape.described()
            );
            let help = "write rotated(Sigma, 1), rotated(Sigma^2 + I, 2), …";
            self.fault("S006", arguments[0].span, message, help);
            return None;
        };
        let shape = Shape::Matrix {
            rows: rows.clone(),
            columns: columns.clone(),
            spectral: false,
        };
        self.all_scalars(Function::Rotated, &arguments[1..], &typed[1..])?;
        Some(shape)
    }
}
