//! Which file depends on which, for all files of a crate together.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::Source;

/// The modules of a crate by their paths, `["term", "node"]`; the root has the empty one.
#[derive(Debug)]
pub struct House {
    modules: BTreeMap<Vec<String>, Source>,
}

/// What the files of a house need of one another.
#[derive(Debug, Default, PartialEq)]
pub struct Dependencies {
    /// Of every module, the modules whose files define what it names.
    pub of: BTreeMap<String, BTreeSet<String>>,
    /// What could not be followed: nothing is left out in silence.
    pub lost: Vec<String>,
}

/// Where a path ends.
#[derive(Debug)]
enum End<'a> {
    /// At an item that this module's file defines, or at a part of one.
    Item(&'a [String]),
    /// At a module itself.
    Module,
    /// In another crate, or at something local.
    Elsewhere,
    Lost,
}

impl House {
    /// Files by their paths below `src`.
    pub fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut modules = BTreeMap::new();
        for (file, text) in files {
            let path = file.strip_suffix(".rs").expect("a file of Rust");
            let mut path: Vec<String> = path.split('/').map(String::from).collect();
            if path == ["lib"] || path.last().is_some_and(|last| last == "mod") {
                path.pop();
            }
            modules.insert(path, Source::read(text));
        }
        let tests = |(path, source): (&Vec<String>, &Source)| -> Vec<Vec<String>> {
            source.tests.iter().map(|name| joined(path, name)).collect()
        };
        let tests: Vec<_> = modules.iter().flat_map(tests).collect();
        modules.retain(|path, _| !tests.iter().any(|test| path.starts_with(test)));
        Self { modules }
    }

    pub fn dependencies(&self) -> Dependencies {
        let mut dependencies = Dependencies::default();
        for (module, source) in &self.modules {
            let mut of = BTreeSet::new();
            for path in Self::named(source) {
                for end in self.follow(module, path, 0) {
                    match end {
                        End::Item(other) if other != module => _ = of.insert(name(other)),
                        End::Lost => {
                            dependencies
                                .lost
                                .push(format!("{}: {}", name(module), path.join("::")))
                        }
                        _ => {}
                    }
                }
            }
            for glob in source.imports.iter().filter(|import| import.name == "*") {
                let ends = self.follow(module, &glob.path, 0);
                if ends.iter().any(|end| matches!(end, End::Module)) {
                    let path = glob.path.join("::");
                    dependencies
                        .lost
                        .push(format!("{}: {path}::*", name(module)));
                }
            }
            let inline = source
                .inline
                .iter()
                .map(|inner| format!("{}: mod {inner}", name(module)));
            dependencies.lost.extend(inline);
            dependencies.of.insert(name(module), of);
        }
        dependencies
    }

    /// The paths that make a file depend on others. What it only hands on is not among them.
    fn named(source: &Source) -> impl Iterator<Item = &[String]> {
        let imports = source.imports.iter().filter(|import| {
            !import.handed_on || source.paths.contains(std::slice::from_ref(&import.name))
        });
        let paths = source.paths.iter().filter(|path| path.len() > 1);
        imports
            .map(|import| &*import.path)
            .chain(paths.map(|path| &**path))
    }

    /// All that a path may mean that starts in the file of `module`: names of types, values and modules are apart.
    fn follow(&self, module: &[String], path: &[String], depth: usize) -> Vec<End<'_>> {
        let Some(source) = self.modules.get(module) else {
            return vec![End::Lost];
        };
        let Some((first, rest)) = path.split_first() else {
            return vec![End::Module];
        };
        match first.as_str() {
            "crate" => return self.inside(&[], rest, depth),
            "self" => return self.inside(module, rest, depth),
            "super" => {
                let parent = &module[..module.len().saturating_sub(1)];
                return if rest.first().is_some_and(|next| next == "super") {
                    self.follow(parent, rest, depth)
                } else {
                    self.inside(parent, rest, depth)
                };
            }
            _ => {}
        }
        let ends = self.inside(module, path, depth);
        // A name that nobody here brought in is another crate's, or local.
        let known = source.knows(first);
        if known { ends } else { vec![End::Elsewhere] }
    }

    /// All that a path may mean below `module`.
    fn inside(&self, module: &[String], path: &[String], depth: usize) -> Vec<End<'_>> {
        let Some((module, source)) = self.modules.get_key_value(module) else {
            return vec![End::Lost];
        };
        let Some((first, rest)) = path.split_first() else {
            return vec![End::Module];
        };
        let mut ends = Vec::new();
        if source.children.contains(first) {
            ends.extend(self.inside(&joined(module, first), rest, depth));
            // A function of the same name has nothing inside.
            if !rest.is_empty() {
                return ends;
            }
        }
        if source.defined.contains(first) {
            ends.push(End::Item(module));
        }
        // `use say;` names itself; nothing is handed on more often than modules lie inside one another.
        if depth < 8 {
            for import in source.imports.iter().filter(|import| import.name == *first) {
                let path = [&import.path, rest].concat();
                ends.extend(self.follow(module, &path, depth + 1));
            }
        }
        // A module and a function may share their name: what leads somewhere is meant.
        let found = ends.iter().any(|end| !matches!(end, End::Lost));
        ends.retain(|end| !found || !matches!(end, End::Lost));
        if ends.is_empty() {
            vec![End::Lost]
        } else {
            ends
        }
    }
}

fn joined(path: &[String], last: &str) -> Vec<String> {
    let mut path = path.to_vec();
    path.push(last.into());
    path
}

fn name(module: &[String]) -> String {
    if module.is_empty() {
        "lib".into()
    } else {
        module.join("/")
    }
}

impl Dependencies {
    /// The circles: largest sets of files each of which needs, by way of others, every one of them.
    pub fn circles(&self) -> Vec<Vec<&str>> {
        let reached: BTreeMap<&str, BTreeSet<&str>> = self
            .of
            .keys()
            .map(|file| (file.as_str(), self.reached(file)))
            .collect();
        let mut circles = BTreeSet::new();
        for (file, all) in &reached {
            let circle: Vec<&str> = all
                .iter()
                .copied()
                .filter(|other| reached[other].contains(file))
                .collect();
            if !circle.is_empty() {
                circles.insert(circle);
            }
        }
        circles.into_iter().collect()
    }

    /// What `file` needs, directly or by way of others; itself only if there is a circle.
    pub fn reached(&self, file: &str) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let mut open = vec![file];
        while let Some(next) = open.pop() {
            for other in self.of.get(next).into_iter().flatten() {
                if reached.insert(other.as_str()) {
                    open.push(other);
                }
            }
        }
        reached
    }

    /// Files that need a file of a room that is not on a lower floor, or whose own room is nowhere.
    pub fn upward(&self, floors: &[Vec<&str>]) -> Vec<String> {
        let room = |file: &str| file.split('/').next().map(String::from).unwrap_or_default();
        let floor = |file: &str| {
            floors
                .iter()
                .position(|rooms| rooms.contains(&&*room(file)))
        };
        let mut upward = Vec::new();
        for (file, of) in self.of.iter().filter(|(file, _)| *file != "lib") {
            let Some(own) = floor(file) else {
                upward.push(format!("{file} is in no room"));
                continue;
            };
            let others = of.iter().filter(|other| room(other) != room(file));
            let higher = others.filter(|other| floor(other).is_none_or(|floor| floor >= own));
            upward.extend(higher.map(|other| format!("{file} needs {other}")));
        }
        upward
    }
}
