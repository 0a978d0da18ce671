//! What a name means: in a line, and at length.

/// One entry: its name, what it means in a line, and the rest.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub name: &'static str,
    pub short: &'static str,
    pub text: &'static str,
}

pub(super) const fn entry(name: &'static str, short: &'static str, text: &'static str) -> Entry {
    Entry { name, short, text }
}
