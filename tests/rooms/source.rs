//! One file of source, read as far as its dependencies need: words and punctuation without comments, literals and what
//! is only for tests; what it declares, defines and imports, and the paths its code goes.

use std::collections::BTreeSet;

/// What a file says of other files.
#[derive(Debug, Default)]
pub struct Source {
    /// Modules declared here that have files of their own.
    pub children: BTreeSet<String>,
    /// Those of them that are only for tests.
    pub tests: BTreeSet<String>,
    pub imports: Vec<Import>,
    /// Names of items defined at the top of the file.
    pub defined: BTreeSet<String>,
    /// Paths in code, imports apart; a single word is a path too.
    pub paths: BTreeSet<Vec<String>>,
    /// Modules written out in place, which have no file.
    pub inline: BTreeSet<String>,
}

/// One name that a `use` brings in.
#[derive(Debug)]
pub struct Import {
    pub path: Vec<String>,
    /// The name it has here; `*` for all of them.
    pub name: String,
    /// Handed on: `pub use`, whatever the `pub` is restricted to.
    pub handed_on: bool,
}

impl Source {
    pub fn read(text: &str) -> Self {
        let mut source = Self::default();
        let tokens = tokens(text);
        let mut depth = 0;
        let mut handed_on = false;
        let mut at = 0;
        while at < tokens.len() {
            let public = std::mem::take(&mut handed_on);
            match &tokens[at..] {
                ["#", "[", "cfg", "(", "test", ")", "]", ..] => {
                    at = source.skip_test(&tokens, at + 7);
                }
                ["pub", rest @ ..] => {
                    handed_on = true;
                    at += 1;
                    if rest.first() == Some(&"(") {
                        at = after_group(&tokens, at);
                    }
                }
                // `use<'a>` is a bound, not an import.
                ["use", next, ..] if *next != "<" => {
                    let end = at + position(&tokens[at..], ";");
                    source.import(&tokens[at + 1..end], &[], public);
                    at = end + 1;
                }
                ["mod", name, ";", ..] => {
                    source.children.insert(name.to_string());
                    at += 3;
                }
                ["mod", name, "{", ..] => {
                    source.inline.insert(name.to_string());
                    at += 2;
                }
                ["macro_rules", "!", name, ..] => {
                    source.defined.insert(name.to_string());
                    let end = after_group(&tokens, at + 3);
                    source.define(&tokens[at + 3..end]);
                    at += 3;
                }
                [word, ..] if is_word(word) || *word == "::" => {
                    if depth == 0 {
                        source.define(&tokens[at..tokens.len().min(at + 2)]);
                    }
                    at = source.path(&tokens, at);
                }
                [bracket, ..] => {
                    depth += i32::from(*bracket == "{") - i32::from(*bracket == "}");
                    at += 1;
                }
                [] => unreachable!("there is a token at {at}"),
            }
        }
        source
    }

    /// Takes in what these tokens define.
    fn define(&mut self, tokens: &[&str]) {
        let keyword = ["fn", "struct", "enum", "trait", "type", "const", "static"];
        let items = tokens.windows(2).filter(|pair| keyword.contains(&pair[0]));
        self.defined.extend(items.map(|pair| pair[1].to_string()));
    }

    /// Behind an item that is only for tests, and its other attributes.
    fn skip_test(&mut self, tokens: &[&str], mut at: usize) -> usize {
        loop {
            match tokens[at] {
                "{" => return after_group(tokens, at),
                "(" | "[" => at = after_group(tokens, at),
                ";" => return at + 1,
                "mod" => {
                    self.tests.insert(tokens[at + 1].to_string());
                    at += 2;
                }
                _ => at += 1,
            }
        }
    }

    /// Whether a path in this file may start with `name`.
    pub fn knows(&self, name: &str) -> bool {
        self.children.contains(name)
            || self.defined.contains(name)
            || self.imports.iter().any(|import| import.name == name)
    }

    /// Takes in one tree of a `use`, behind the path `before`.
    fn import(&mut self, tree: &[&str], before: &[String], handed_on: bool) {
        let mut path = before.to_vec();
        let mut at = 0;
        let mut name = None;
        while at < tree.len() {
            match tree[at] {
                "::" => {}
                "{" => {
                    let mut start = at + 1;
                    while start < tree.len() - 1 {
                        let end = end_of_branch(tree, start);
                        self.import(&tree[start..end], &path, handed_on);
                        start = end + 1;
                    }
                    return;
                }
                "as" => {
                    name = Some(tree[at + 1].to_string());
                    break;
                }
                "*" => name = Some("*".into()),
                // `a::{self}` is `a`.
                "self" if !path.is_empty() => {}
                word => path.push(word.to_string()),
            }
            at += 1;
        }
        if let Some(last) = path.last() {
            let name = name.unwrap_or_else(|| last.clone());
            self.imports.push(Import {
                path,
                name,
                handed_on,
            });
        }
    }

    /// Takes in the path at `at` and goes behind it. What follows a dot is a field or a method.
    fn path(&mut self, tokens: &[&str], mut at: usize) -> usize {
        let member = at > 0 && tokens[at - 1] == "." && (at < 2 || tokens[at - 2] != ".");
        // What continues a path behind `<…>`, or starts at the root of all crates.
        let continued = tokens[at] == "::";
        if continued {
            at += 1;
            if !tokens.get(at).is_some_and(|t| is_word(t)) {
                return at;
            }
        }
        let mut path = vec![tokens[at].to_string()];
        at += 1;
        while at + 1 < tokens.len() && tokens[at] == "::" && is_word(tokens[at + 1]) {
            path.push(tokens[at + 1].to_string());
            at += 2;
        }
        if !member && !continued {
            self.paths.insert(path);
        }
        at
    }
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

fn position(tokens: &[&str], token: &str) -> usize {
    tokens
        .iter()
        .position(|t| *t == token)
        .unwrap_or(tokens.len() - 1)
}

/// Behind the group that opens at `at`.
fn after_group(tokens: &[&str], at: usize) -> usize {
    let mut depth = 0;
    for (i, token) in tokens.iter().enumerate().skip(at) {
        depth += i32::from(["(", "[", "{"].contains(token));
        depth -= i32::from([")", "]", "}"].contains(token));
        if depth == 0 {
            return i + 1;
        }
    }
    tokens.len()
}

/// Where the branch of a `use` that starts at `start` ends: at its comma, or at the brace around it.
fn end_of_branch(tree: &[&str], start: usize) -> usize {
    let mut at = start;
    while at < tree.len() {
        match tree[at] {
            "{" => at = after_group(tree, at),
            "," | "}" => return at,
            _ => at += 1,
        }
    }
    at
}

/// Words, `::` and single characters; no blanks, comments, literals or lifetimes.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            _ if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            _ if rest.starts_with("/*") => comment(rest),
            '"' => string(rest),
            '\'' => quote(rest),
            _ if let Some(length) = raw_string(rest) => length,
            _ if c.is_alphanumeric() || c == '_' => {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
                let word = &rest[..end.unwrap_or(rest.len())];
                // The `b` of `b"…"` is part of the literal.
                if !rest[word.len()..].starts_with('"') {
                    tokens.push(word);
                }
                word.len()
            }
            _ => {
                let length = if rest.starts_with("::") {
                    2
                } else {
                    c.len_utf8()
                };
                if !c.is_whitespace() {
                    tokens.push(&rest[..length]);
                }
                length
            }
        };
        rest = &rest[length..];
    }
    tokens
}

/// Block comments lie inside one another.
fn comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let here = &text.as_bytes()[at..];
        if here.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if here.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    at
}

fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// `r"…"`, `r#"…"#` and so on, with or without a letter before the `r`.
fn raw_string(text: &str) -> Option<usize> {
    let start = text
        .strip_prefix(['b', 'c'])
        .unwrap_or(text)
        .strip_prefix('r')?;
    let inside = start.trim_start_matches('#');
    let end = format!("\"{}", "#".repeat(start.len() - inside.len()));
    let inside = inside.strip_prefix('"')?;
    let end = inside.find(&end).map_or(inside.len(), |at| at + end.len());
    Some(text.len() - inside.len() + end)
}

/// A character, or a lifetime.
fn quote(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    let Some((_, first)) = chars.next() else {
        return text.len();
    };
    if first == '\\' {
        let escaped = chars.next();
        let end = chars.find(|(_, c)| *c == '\'');
        return escaped.and(end).map_or(text.len(), |(at, _)| at + 1);
    }
    match chars.next() {
        Some((at, '\'')) => at + 1,
        _ => {
            let end = text[1..].find(|c: char| !c.is_alphanumeric() && c != '_');
            end.map_or(text.len(), |at| at + 1)
        }
    }
}
