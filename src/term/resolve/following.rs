//! Symbols that follow the path of a limit where a variable is bound that it depends on.

use std::collections::HashSet;

use super::{Answer, Reach, Resolver, unknown};
use crate::formula::ast::{Expr, Span};
use crate::formula::scope::Symbol;
use crate::formula::{Meaning, free_names};
use crate::term::node::{Id, Node};

impl Resolver<'_> {
    /// A symbol with a domain; along a limit, one whose path depends on a bound variable follows it.
    pub(super) fn symbol(&mut self, name: &str, span: Span) -> Answer {
        let scope = self.scope;
        let reaching = self.reaching();
        if self.follows_path
            && !reaching.is_empty()
            && !self.open.iter().any(|n| n == name)
            && let Some(limit) = &scope.limit
            && let Some((_, path)) = limit.path.iter().find(|(n, _)| n == name)
            && self.speaks_of_bound(path)
        {
            let outer = self.bound.clone();
            self.bound.retain(|(_, _, reach)| *reach != Reach::Alone);
            let (followed, reaching) = (self.guarded(name, path), self.reaching());
            self.bound = outer;
            let followed = followed?;
            let moves = |id: &Id| {
                self.store
                    .free(followed)
                    .iter()
                    .any(|b| *self.store.node(*id) == Node::Bound(*b))
            };
            if reaching.iter().any(moves) {
                return Ok(followed);
            }
        }
        match self.symbols.get(name) {
            Some(&symbol) => Ok(self.store.make(Node::Symbol(symbol), span)),
            None => Err(unknown(name, span)),
        }
    }

    /// Whether a path speaks of a variable that is bound everywhere, be it through definitions or other paths. One that does not
    /// is not followed: in `d = "phi*T"` with `phi = "d/T"` it would lead back to where it came from.
    fn speaks_of_bound(&self, path: &Expr) -> bool {
        let mut left: Vec<(String, Span)> = free_names(path);
        let mut seen: HashSet<String> = HashSet::new();
        while let Some((name, _)) = left.pop() {
            let everywhere =
                |(n, _, reach): &(String, Id, Reach)| *n == name && *reach == Reach::Everywhere;
            if self.bound.iter().any(everywhere) {
                return true;
            }
            if !seen.insert(name.clone()) {
                continue;
            }
            if let Some(Meaning::Definition(e) | Meaning::Symbol(Symbol::Defined(e))) =
                self.scope.meaning(&name)
            {
                left.extend(free_names(e));
            }
            let paths = self.scope.limit.iter().flat_map(|limit| &limit.path);
            left.extend(
                paths
                    .filter(|(n, _)| *n == name)
                    .flat_map(|(_, e)| free_names(e)),
            );
        }
        false
    }
}
