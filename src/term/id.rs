//! What terms, and the leaves of terms, are known by.

/// A term of a [`Store`](super::Store): equal terms have equal ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(pub(super) u32);

/// A symbol with a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SymbolId(pub(super) u32);

/// A random object, or a family of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RandomId(pub(super) u32);

/// The variable of one sum, minimum, integral: no two forms share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Binder(pub(super) u32);

/// What `Sigma` and `w0` are. A store has one, or more where a bound variable changes the spectrum itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModelId(pub(super) u32);

macro_rules! index {
    ($($id:ident),*) => { $(impl $id {
        pub fn index(self) -> usize {
            self.0 as usize
        }
    })* };
}
index!(Id, SymbolId, RandomId, Binder, ModelId);
