//! What rests on what: `uses` as a graph over the claims of all files.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use super::diagnostic::Diagnostic;
use super::file::{Claim, Unread};

/// One claim as the graph sees it; a claim that could not be read is known by its name alone.
#[derive(Clone, Copy)]
pub enum Node<'a> {
    Read(&'a Claim),
    Unread(&'a Path, &'a Unread),
}

impl<'a> Node<'a> {
    pub fn id(self) -> &'a str {
        match self {
            Node::Read(claim) => &claim.id,
            Node::Unread(_, unread) => &unread.id,
        }
    }

    fn file(self) -> &'a Path {
        match self {
            Node::Read(claim) => &claim.file,
            Node::Unread(file, _) => file,
        }
    }
}

/// For each claim, those it names, and what is wrong with that.
#[derive(Debug, Default)]
pub struct Dependence {
    /// By number; in the order of `uses`.
    uses: Vec<Vec<usize>>,
    /// Claims that name what does not exist, or rest on themselves.
    pub faults: HashMap<usize, Diagnostic>,
}

impl Dependence {
    pub fn of(nodes: &[Node<'_>]) -> Self {
        let names = Names::of(nodes);
        let mut graph = Self {
            uses: vec![Vec::new(); nodes.len()],
            faults: HashMap::new(),
        };
        for (i, node) in nodes.iter().enumerate() {
            let Node::Read(claim) = node else { continue };
            for (used, &span) in claim.uses.iter().zip(&claim.uses_at) {
                let found = names.find(used, &claim.file, nodes);
                if found.is_empty() {
                    let message = format!(
                        "`{}` rests on `{}`, which is no claim of these files",
                        claim.id, used
                    );
                    let help = match names.nearest(used) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "check the file that holds it along with this one".to_owned(),
                    };
                    let fault = claim.text.diagnostic("D016", span, message).with_help(help);
                    graph.faults.entry(i).or_insert(fault);
                }
                graph.uses[i].extend(found);
            }
        }
        graph.find_circles(nodes);
        graph
    }

    /// Strongly connected components of more than one claim, by Tarjan's algorithm without recursion.
    fn find_circles(&mut self, nodes: &[Node<'_>]) {
        let n = nodes.len();
        let (mut order, mut low) = (vec![usize::MAX; n], vec![usize::MAX; n]);
        let mut component = vec![usize::MAX; n];
        let (mut stack, mut next, mut components) = (Vec::new(), 0, 0);
        let mut sizes: Vec<usize> = Vec::new();
        for root in 0..n {
            if order[root] != usize::MAX {
                continue;
            }
            let mut path: Vec<(usize, usize)> = vec![(root, 0)];
            while let Some(&mut (v, ref mut edge)) = path.last_mut() {
                if *edge == 0 {
                    order[v] = next;
                    low[v] = next;
                    next += 1;
                    stack.push(v);
                }
                if let Some(&w) = self.uses[v].get(*edge) {
                    *edge += 1;
                    if order[w] == usize::MAX {
                        path.push((w, 0));
                    } else if component[w] == usize::MAX {
                        low[v] = low[v].min(order[w]);
                    }
                    continue;
                }
                path.pop();
                if let Some(&(parent, _)) = path.last() {
                    low[parent] = low[parent].min(low[v]);
                }
                if low[v] == order[v] {
                    let mut size = 0;
                    while let Some(w) = stack.pop() {
                        component[w] = components;
                        size += 1;
                        if w == v {
                            break;
                        }
                    }
                    sizes.push(size);
                    components += 1;
                }
            }
        }
        for (v, node) in nodes.iter().enumerate() {
            let Node::Read(claim) = node else { continue };
            let within = |w: usize| component[w] == component[v];
            let closes = self.uses[v]
                .iter()
                .copied()
                .find(|&w| within(w) && (w == v || sizes[component[v]] > 1));
            let Some(w) = closes else { continue };
            let through = nodes[w].id();
            let names = |id: &str| {
                id == through
                    || through
                        .strip_prefix(id)
                        .is_some_and(|rest| rest.starts_with('/'))
            };
            let Some(place) = claim.uses.iter().position(|used| names(used)) else {
                continue;
            };
            let fault = claim
                .text
                .diagnostic(
                    "D017",
                    claim.uses_at[place],
                    format!("`{}` rests on itself, through `{through}`", claim.id),
                )
                .with_help("claims are proved from others one way only: remove one of the uses");
            self.faults.entry(v).or_insert(fault);
        }
    }

    /// All that these claims rest on, and they themselves.
    pub fn closure(&self, chosen: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<usize> = chosen.into_iter().collect();
        while let Some(v) = open.pop() {
            if reached.insert(v) {
                open.extend(self.uses[v].iter().copied());
            }
        }
        reached
    }

    /// The claims among those that `v` rests on, however remotely, that fail.
    pub fn failing(&self, v: usize, fails: impl Fn(usize) -> bool) -> Vec<usize> {
        let mut reached = self.closure(self.uses[v].iter().copied());
        reached.retain(|&w| w != v && fails(w));
        reached.into_iter().collect()
    }
}

/// Claims by what they can be called: their ids, and a derivation's for all its steps.
struct Names<'a> {
    by_id: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Names<'a> {
    fn of(nodes: &[Node<'a>]) -> Self {
        let mut by_id: HashMap<&str, Vec<usize>> = HashMap::new();
        for (i, node) in nodes.iter().enumerate() {
            let id = node.id();
            by_id.entry(id).or_default().push(i);
            if let Some((derivation, _)) = id.rsplit_once('/') {
                by_id.entry(derivation).or_default().push(i);
            }
        }
        Self { by_id }
    }

    /// Those of the same file, or else those of any other.
    fn find(&self, id: &str, file: &Path, nodes: &[Node<'_>]) -> Vec<usize> {
        let all = self.by_id.get(id).map_or(&[][..], Vec::as_slice);
        let own: Vec<usize> = all
            .iter()
            .copied()
            .filter(|&i| nodes[i].file() == file)
            .collect();
        if own.is_empty() { all.to_vec() } else { own }
    }

    fn nearest(&self, id: &str) -> Option<&'a str> {
        let mut known: Vec<&str> = self.by_id.keys().copied().collect();
        known.sort_unstable();
        crate::formula::suggestion::nearest(id, known)
    }
}

#[cfg(test)]
mod tests {
    use super::super::file::read_text;
    use super::*;

    fn graph(
        uses: &[(&str, &str)],
    ) -> (Vec<String>, Vec<(String, &'static str)>, Vec<Vec<String>>) {
        let mut text = String::from("[symbols]\nx = { real = [1, 2] }\n");
        for (id, uses) in uses {
            text.push_str(&format!(
                "[[claim]]\nid = \"{id}\"\nsays = \"x = x\"\nuses = [{uses}]\n"
            ));
        }
        let file = read_text("a.toml".as_ref(), &text).unwrap();
        let nodes: Vec<Node> = file.claims.iter().map(Node::Read).collect();
        let graph = Dependence::of(&nodes);
        let ids: Vec<String> = file.claims.iter().map(|c| c.id.clone()).collect();
        let mut faults: Vec<(String, &str)> = (graph.faults.iter())
            .map(|(i, d)| (ids[*i].clone(), d.code))
            .collect();
        faults.sort();
        let failing = (0..ids.len())
            .map(|i| {
                let failing = graph.failing(i, |w| ids[w].starts_with("bad"));
                failing.into_iter().map(|w| ids[w].clone()).collect()
            })
            .collect();
        (ids, faults, failing)
    }

    #[test]
    fn standing_is_inherited_however_remotely() {
        let (_, faults, failing) = graph(&[
            ("a", "'b'"),
            ("b", "'c', 'good'"),
            ("c", "'bad'"),
            ("bad", ""),
            ("good", ""),
        ]);
        assert!(faults.is_empty());
        assert_eq!(failing[0], ["bad"]);
        assert_eq!(failing[2], ["bad"]);
        assert!(failing[3].is_empty() && failing[4].is_empty());
    }

    #[test]
    fn circles_and_strangers_are_faults_of_those_concerned_alone() {
        let (_, faults, _) = graph(&[
            ("a", "'b'"),
            ("b", "'a'"),
            ("beside", "'a'"),
            ("c", "'nowhere'"),
            ("d", "'e'"),
            ("e", "'f'"),
            ("f", "'d'"),
        ]);
        let expected = [
            ("a", "D017"),
            ("b", "D017"),
            ("c", "D016"),
            ("d", "D017"),
            ("e", "D017"),
            ("f", "D017"),
        ];
        assert_eq!(faults, expected.map(|(id, code)| (id.to_owned(), code)));
    }

    #[test]
    fn a_long_chain_is_no_matter() {
        let ids: Vec<String> = (0..1500).map(|i| format!("c{i}")).collect();
        let uses: Vec<String> = (0..1500)
            .map(|i| {
                if i == 0 {
                    String::new()
                } else {
                    format!("'c{}'", i - 1)
                }
            })
            .collect();
        let list: Vec<(&str, &str)> = ids
            .iter()
            .zip(&uses)
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        assert!(graph(&list).1.is_empty());
    }
}
