//! The arena of terms: each is there once, however often it is written.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use num_rational::BigRational;

use super::node::{Binder, Id, Model, ModelId, Node, RandomId, RandomTerms, SymbolId};
use super::shape::Shape;
use crate::formula::ast::{BinaryOp, Function, Span};
use crate::formula::function::Rule;

/// Terms, and what their leaves are called.
#[derive(Clone, Debug, Default)]
pub struct Store {
    entries: Vec<Entry>,
    known: HashMap<Node, Id>,
    /// Names for printing; what a binder binds is known by its id alone.
    binders: Vec<String>,
    symbols: Vec<String>,
    random: Vec<RandomTerms>,
    models: Vec<Model>,
    /// The first four derivatives of integrands by their variables.
    derivatives: HashMap<Id, [Id; 4]>,
}

#[derive(Clone, Debug)]
struct Entry {
    node: Node,
    shape: Shape,
    span: Span,
    /// Variables bound outside of it that it depends on, ascending.
    free: Arc<[Binder]>,
    /// How deep forms that bind are nested in it.
    nesting: u32,
    /// How deep it is, and its operations, those of a shared one wherever it stands.
    height: u32,
    size: u32,
    /// In how many places it is an operand.
    uses: u32,
    /// Whether random objects occur that no `E[…]` averages over.
    random: bool,
}

/// Binders from here on stand for "the variable of the form at this nesting" when terms are compared up to the
/// names of what they bind.
const HOLES: u32 = 1 << 30;

impl Store {
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn node(&self, id: Id) -> &Node {
        &self.entries[id.index()].node
    }

    pub fn shape(&self, id: Id) -> Shape {
        self.entries[id.index()].shape
    }

    /// Where it was first written.
    pub fn span(&self, id: Id) -> Span {
        self.entries[id.index()].span
    }

    /// The variables it depends on that are bound around it.
    pub fn free(&self, id: Id) -> &[Binder] {
        &self.entries[id.index()].free
    }

    pub fn is_random(&self, id: Id) -> bool {
        self.entries[id.index()].random
    }

    /// How deep operations are nested in it.
    pub(super) fn height(&self, id: Id) -> u32 {
        self.entries[id.index()].height
    }

    /// How many operations it has, written out.
    pub(super) fn size(&self, id: Id) -> u32 {
        self.entries[id.index()].size
    }

    /// Whether it is an operand in more than one place.
    pub fn is_shared(&self, id: Id) -> bool {
        self.entries[id.index()].uses > 1
    }

    pub fn model(&self, id: ModelId) -> &Model {
        &self.models[id.index()]
    }

    pub fn models(&self) -> impl Iterator<Item = &Model> {
        self.models.iter()
    }

    pub fn random(&self, id: RandomId) -> &RandomTerms {
        &self.random[id.index()]
    }

    pub fn symbol_name(&self, id: SymbolId) -> &str {
        &self.symbols[id.index()]
    }

    /// Every symbol, and those that stand for what is held fixed along a limit.
    pub fn symbols(&self) -> impl Iterator<Item = (SymbolId, &str)> {
        (0u32..)
            .zip(&self.symbols)
            .map(|(i, name)| (SymbolId(i), name.as_str()))
    }

    pub fn symbol_named(&self, name: &str) -> Option<SymbolId> {
        self.symbols().find(|(_, n)| *n == name).map(|(id, _)| id)
    }

    pub fn random_named(&self, name: &str) -> bool {
        self.random.iter().any(|object| object.name == name)
    }

    /// Calls `see` once for every term that `id` is made of or depends on, itself first.
    pub fn visit(&self, id: Id, see: &mut dyn FnMut(Id, &Node)) {
        let mut open = vec![id];
        let mut seen = HashSet::new();
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                let node = self.node(id);
                see(id, node);
                open.extend(node.children());
                open.extend(self.hidden_parameters(node));
            }
        }
    }

    /// Whether a variable occurs as a number of its own size, and not in exponents and conditions alone: near zero such
    /// a term has every order of growth.
    pub fn stands_plainly(&self, id: Id, variable: Binder) -> bool {
        if !self.free(id).contains(&variable) {
            return false;
        }
        match self.node(id) {
            Node::Bound(_) => true,
            Node::Binary(BinaryOp::Pow, base, _) => self.stands_plainly(*base, variable),
            Node::Call(Function::Exp, _) => false,
            Node::If(_, then, otherwise) => {
                self.stands_plainly(*then, variable) || self.stands_plainly(*otherwise, variable)
            }
            node => {
                let mut children = node.children().into_iter();
                children.any(|child| self.stands_plainly(child, variable))
            }
        }
    }

    /// Whether an `E[…]` stands in a term.
    pub fn averages(&self, id: Id) -> bool {
        let mut averages = false;
        self.visit(id, &mut |_, node| {
            averages |= matches!(node, Node::Expectation(_));
        });
        averages
    }

    /// Whether the value of `id` depends on a symbol.
    pub fn mentions(&self, id: Id, symbol: SymbolId) -> bool {
        let mut found = false;
        self.visit(id, &mut |_, node| found |= *node == Node::Symbol(symbol));
        found
    }

    /// The symbols that the value of `id` depends on, ascending.
    pub fn symbols_of(&self, id: Id) -> Vec<SymbolId> {
        let mut found = Vec::new();
        self.visit(id, &mut |_, node| {
            if let Node::Symbol(symbol) = node {
                found.push(*symbol);
            }
        });
        found.sort_unstable();
        found
    }

    /// The random objects that occur in `id`, ascending.
    pub fn random_objects(&self, id: Id) -> Vec<RandomId> {
        let mut found = Vec::new();
        self.visit(id, &mut |_, node| {
            if let Node::Random(r) | Node::Member(r, _) = node {
                found.push(*r);
            }
        });
        found.sort_unstable();
        found.dedup();
        found
    }

    /// How the variable was written.
    pub fn binder_name(&self, binder: Binder) -> &str {
        self.binders.get(binder.index()).map_or("x", |n| n)
    }

    /// The first four derivatives of an integrand, where it has them in the language. They are taken branch by
    /// branch: where one of them, or the integrand, cannot choose its branch, the next ones mean nothing.
    pub fn derivatives(&self, body: Id) -> Option<[Id; 4]> {
        self.derivatives.get(&body).copied()
    }

    pub(super) fn set_derivatives(&mut self, body: Id, derivatives: [Id; 4]) {
        self.derivatives.insert(body, derivatives);
    }

    pub fn add_symbol(&mut self, name: &str) -> SymbolId {
        self.symbols.push(name.to_owned());
        SymbolId(self.symbols.len() as u32 - 1)
    }

    /// A variable that occurs nowhere yet.
    pub fn fresh(&mut self, name: &str) -> Binder {
        self.binders.push(name.to_owned());
        Binder(self.binders.len() as u32 - 1)
    }

    pub fn add_random(&mut self, object: RandomTerms) -> RandomId {
        let at = self.random.iter().position(|known| *known == object);
        let at = at.unwrap_or_else(|| {
            self.random.push(object);
            self.random.len() - 1
        });
        RandomId(at as u32)
    }

    pub fn add_model(&mut self, model: Model) -> ModelId {
        let at = self.models.iter().position(|known| *known == model);
        let at = at.unwrap_or_else(|| {
            self.models.push(model);
            self.models.len() - 1
        });
        ModelId(at as u32)
    }

    pub fn number(&mut self, value: BigRational, span: Span) -> Id {
        self.make(Node::Number(Arc::new(value)), span)
    }

    pub fn whole(&mut self, value: i64, span: Span) -> Id {
        self.number(BigRational::from_integer(value.into()), span)
    }

    /// The term for a node; one that is equal, up to the names of what it binds, is used again.
    pub fn make(&mut self, node: Node, span: Span) -> Id {
        if let Some(&id) = self.known.get(&node) {
            return id;
        }
        let Some(binder) = node.binder() else {
            return self.insert(node.clone(), node, span);
        };
        let body = node.children()[2];
        let nesting = self.entries[body.index()].nesting;
        let hole = Binder(HOLES + nesting);
        let stand_in = self.make(Node::Bound(hole), span);
        let anonymous = self.replace_bound(body, binder, stand_in);
        let key = node.rebound(hole, anonymous);
        match self.known.get(&key) {
            Some(&id) => id,
            None => self.insert(key, node, span),
        }
    }

    fn insert(&mut self, key: Node, node: Node, span: Span) -> Id {
        let children = node.children();
        let binder = node.binder();
        let mut free: Vec<Binder> = Vec::new();
        if let Node::Bound(b) = node {
            free.push(b);
        }
        for (i, &child) in children.iter().enumerate() {
            let inner = &self.entries[child.index()].free;
            // The ends of a range do not see the variable.
            let hidden = binder.filter(|_| i == 2);
            free.extend(inner.iter().filter(|b| Some(**b) != hidden));
        }
        for parameter in self.hidden_parameters(&node) {
            free.extend(self.entries[parameter.index()].free.iter());
        }
        free.sort_unstable();
        free.dedup();
        let nesting = children
            .iter()
            .map(|c| self.entries[c.index()].nesting)
            .max()
            .unwrap_or(0);
        let heights = children.iter().map(|c| self.height(*c) + 1);
        let height = heights.max().unwrap_or(0);
        let sizes = children.iter().map(|c| self.size(*c));
        let size = sizes.fold(1, u32::saturating_add);
        let random = match node {
            Node::Random(_) | Node::Member(..) => true,
            Node::Expectation(_) => false,
            _ => children.iter().any(|c| self.entries[c.index()].random),
        };
        for child in &children {
            let uses = &mut self.entries[child.index()].uses;
            *uses = uses.saturating_add(1);
        }
        let shape = match &node {
            Node::Call(function, parts) if function.rule() == Rule::Stack => {
                self.stacked(*function, parts)
            }
            _ => self.shape_of(&node),
        };
        let entry = Entry {
            shape,
            span,
            free: free.into(),
            nesting: nesting + u32::from(binder.is_some()),
            height,
            size,
            uses: 0,
            random,
            node,
        };
        let id = Id(self.entries.len() as u32);
        self.entries.push(entry);
        self.known.insert(key, id);
        id
    }

    /// What a leaf depends on without showing it: the parameters of `Sigma`, `w0` and random objects.
    pub fn hidden_parameters(&self, node: &Node) -> Vec<Id> {
        let mut list = match node {
            Node::Random(r) | Node::Member(r, _) => {
                let mut list = self.random(*r).parameters();
                if let Shape::Matrix { columns, .. } = self.random(*r).shape {
                    list.push(columns);
                }
                list
            }
            _ => Vec::new(),
        };
        if let Some(model) = node.model() {
            list.extend(self.model(model).parameters());
        }
        list
    }
}
