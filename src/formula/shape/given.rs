//! Shapes of means in which some random objects are given.

use super::check::{Checker, Typed};
use super::remedy::shown;
use crate::formula::ast::{Expr, Node, Span};
use crate::formula::scope::Meaning;

impl Checker<'_> {
    /// `E[f | X, Y]` is as `f`, and random.
    pub(super) fn mean_given(&mut self, arguments: &[Expr], span: Span) -> Option<Typed> {
        let (body, given) = arguments.split_first()?;
        let typed = self.infer(body);
        for name in given {
            let random = matches!(&*name.node, Node::Name(n)
                if matches!(self.scope.meaning(n), Some(Meaning::Random(_))));
            if !random {
                self.fault(
                    "S012",
                    name.span,
                    format!("only random objects are given, and {} is none", shown(name)),
                    "name objects declared under [random], as in E[f | X, E]",
                );
            }
        }
        let typed = typed?;
        if !typed.random && !typed.averaged {
            self.fault(
                "S008",
                span,
                format!("nothing in {} is random", shown(body)),
                "leave E[ ] out, or use an object declared under [random]",
            );
        }
        Some(Typed {
            shape: typed.shape,
            random: true,
            averaged: false,
        })
    }
}
