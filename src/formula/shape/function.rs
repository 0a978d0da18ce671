//! Shapes of calls of the file's functions.

use super::check::{Checker, Typed};
use super::remedy::shown;
use crate::formula::ast::{Expr, Node};
use crate::formula::define::{self, called};
use crate::formula::scope::Scope;
use crate::formula::traverse::children;

fn is_recursion(call: &Expr, scope: &Scope) -> bool {
    called(&call.node, scope).is_some_and(|(_, function, _)| function.start.is_some())
}

impl Checker<'_> {
    /// A call of a function of the file: its body with the arguments put in.
    pub(super) fn function_of_file(&mut self, call: &Expr) -> Option<Typed> {
        for argument in children(call) {
            self.infer(argument)?;
        }
        match define::expand_within(call, self.scope, self.indices.clone()) {
            Ok(body) if is_recursion(call, self.scope) => self.members(call, &body),
            Ok(body) => self.infer(&body),
            Err(error) => {
                self.fault(
                    error.code,
                    error.span,
                    error.message,
                    error.help.unwrap_or_default(),
                );
                None
            }
        }
    }

    /// What the index of a recursion chooses from has one shape.
    fn members(&mut self, call: &Expr, choice: &Expr) -> Option<Typed> {
        let mut typed: Option<Typed> = None;
        let mut rest = choice;
        loop {
            let (this, other) = match &*rest.node {
                Node::If(_, this, other) if rest.span == call.span => (this, Some(other)),
                _ => (rest, None),
            };
            let next = self.infer(this)?;
            typed = Some(match typed {
                None => next,
                Some(first) if self.fits(&first.shape, &next.shape) => Typed {
                    random: first.random || next.random,
                    averaged: first.averaged || next.averaged,
                    shape: Self::merged(first.shape, next.shape),
                },
                Some(first) => {
                    let message = format!(
                        "{} is {} or {}, as its index has it",
                        shown(call),
                        first.shape.described(),
                        next.shape.described()
                    );
                    let help = "what grows with its index has a shape for each: write the index as a number";
                    self.fault("S006", call.span, message, help);
                    return None;
                }
            });
            match other {
                Some(other) => rest = other,
                None => return typed,
            }
        }
    }
}
