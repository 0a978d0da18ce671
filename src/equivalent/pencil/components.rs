//! The graph of a network: what depends on what, what is nested in what, and which traces couple equations.

use std::collections::HashMap;

use super::linearise::{Network, Operator};
use super::model::Model;
use super::node::{Diagonal, Space};

/// `tr(weight · G_{to, from})`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Unknown {
    pub weight: Diagonal,
    pub to: usize,
    pub from: usize,
}

/// `S_{row, column} += coefficient · covariance · unknown`
#[derive(Clone, Copy, Debug)]
pub(super) struct Coupling {
    pub row: usize,
    pub column: usize,
    pub coefficient: f64,
    pub covariance: Diagonal,
    pub unknown: usize,
}

#[derive(Clone, Debug)]
pub(super) struct System {
    pub network: Network,
    pub unknowns: Vec<Unknown>,
    pub couplings: Vec<Coupling>,
    /// Variables of each strongly connected component; those it depends on come before.
    pub components: Vec<Vec<usize>>,
    pub component_of: Vec<usize>,
    /// The couplings into each variable's equation.
    pub into: Vec<Vec<usize>>,
    between: HashMap<(usize, usize), Between>,
    reach: Vec<Vec<u64>>,
}

/// What lies between two components, or within one.
#[derive(Clone, Debug, Default)]
pub(super) struct Between {
    /// The traces of its blocks.
    pub unknowns: Vec<usize>,
    /// What these traces couple, of the same blocks.
    pub couplings: Vec<usize>,
}

impl System {
    pub fn new(model: &Model, network: Network) -> Self {
        let reach = reachable(&network);
        let mut system = Self {
            unknowns: Vec::new(),
            couplings: Vec::new(),
            components: Vec::new(),
            component_of: vec![usize::MAX; network.rows.len()],
            into: vec![Vec::new(); network.rows.len()],
            between: HashMap::new(),
            network,
            reach,
        };
        system.find_components();
        system.find_couplings(model);
        system.sort_by_components();
        system
    }

    /// What lies between component `above` and component `below`, the same one for what lies within it.
    pub fn between(&self, above: usize, below: usize) -> Between {
        (self.between.get(&(above, below)).cloned()).unwrap_or_default()
    }

    fn sort_by_components(&mut self) {
        let of = |to: usize, from: usize| (self.component_of[to], self.component_of[from]);
        for (k, u) in self.unknowns.iter().enumerate() {
            let between = self.between.entry(of(u.to, u.from)).or_default();
            between.unknowns.push(k);
        }
        for (i, c) in self.couplings.iter().enumerate() {
            self.into[c.row].push(i);
            let u = self.unknowns[c.unknown];
            if of(c.row, c.column) == of(u.to, u.from) {
                let between = self.between.entry(of(c.row, c.column)).or_default();
                between.couplings.push(i);
            }
        }
    }

    /// Whether variable `i` depends on the equation of `j`.
    pub fn depends(&self, i: usize, j: usize) -> bool {
        self.reach[i][j / 64] >> (j % 64) & 1 == 1
    }

    pub fn space(&self, variable: usize) -> Space {
        self.network.space[variable]
    }

    fn find_components(&mut self) {
        let n = self.network.rows.len();
        let size = |i: usize| -> u32 { self.reach[i].iter().map(|w| w.count_ones()).sum() };
        // Whoever depends on more comes later; equals within a component have equal reach.
        let mut order: Vec<(u32, usize)> = (0..n).map(|i| (size(i), i)).collect();
        order.sort_unstable();
        for (_, i) in order {
            if self.component_of[i] != usize::MAX {
                continue;
            }
            let members: Vec<usize> = (0..n)
                .filter(|&j| self.depends(i, j) && self.depends(j, i))
                .collect();
            for &j in &members {
                self.component_of[j] = self.components.len();
            }
            self.components.push(members);
        }
    }

    fn find_couplings(&mut self, model: &Model) {
        let mut entries = Vec::new();
        for (row, terms) in self.network.rows.iter().enumerate() {
            for t in terms {
                if let Operator::Gaussian(g, transposed) = t.operator {
                    entries.push((row, t.variable, t.coefficient, g, transposed));
                }
            }
        }
        let mut index: HashMap<Unknown, usize> = HashMap::new();
        for &(row, to, alpha, g, transposed) in &entries {
            for &(from, column, gamma, h, other) in &entries {
                if g != h || transposed == other || !self.depends(to, from) {
                    continue;
                }
                let law = &model.gaussians[g.0];
                let (covariance, weight) = if transposed {
                    (law.column_covariance, law.row_covariance)
                } else {
                    (law.row_covariance, law.column_covariance)
                };
                let unknown = Unknown { weight, to, from };
                let next = self.unknowns.len();
                let k = *index.entry(unknown).or_insert(next);
                if k == next {
                    self.unknowns.push(unknown);
                }
                self.couplings.push(Coupling {
                    row,
                    column,
                    coefficient: alpha * gamma,
                    covariance,
                    unknown: k,
                });
            }
        }
    }
}

/// What concerns some variables of a component, by their places among these.
#[derive(Clone, Debug, Default)]
pub(super) struct Local {
    pub floors: Vec<usize>,
    /// Row and column of `G`, local number.
    pub traces: Vec<(usize, usize, usize)>,
    /// Row and column of `S`, coefficient, covariance, local number of the unknown.
    pub couplings: Vec<(usize, usize, f64, usize, usize)>,
}

impl Local {
    /// `own` is of the component itself.
    pub fn of(system: &System, variables: &[usize], own: &Between) -> Self {
        let at = |v: usize| variables.iter().position(|w| *w == v);
        let mut local = Self {
            floors: (system.network.floors.iter())
                .filter_map(|&v| at(v))
                .collect(),
            ..Self::default()
        };
        for (number, &k) in own.unknowns.iter().enumerate() {
            let u = &system.unknowns[k];
            if let (Some(i), Some(j)) = (at(u.to), at(u.from)) {
                local.traces.push((i, j, number));
            }
        }
        for &c in &own.couplings {
            let c = &system.couplings[c];
            if let (Some(i), Some(j)) = (at(c.row), at(c.column))
                && let Some(number) = own.unknowns.iter().position(|k| *k == c.unknown)
            {
                let coupling = (i, j, c.coefficient, c.covariance.0, number);
                local.couplings.push(coupling);
            }
        }
        local
    }
}

fn reachable(network: &Network) -> Vec<Vec<u64>> {
    let n = network.rows.len();
    let words = n.div_ceil(64);
    let mut reach = vec![vec![0u64; words]; n];
    for (i, terms) in network.rows.iter().enumerate() {
        reach[i][i / 64] |= 1 << (i % 64);
        for t in terms {
            reach[i][t.variable / 64] |= 1 << (t.variable % 64);
        }
    }
    for k in 0..n {
        let through = reach[k].clone();
        for row in &mut reach {
            if row[k / 64] >> (k % 64) & 1 == 1 {
                for (word, other) in row.iter_mut().zip(&through) {
                    *word |= other;
                }
            }
        }
    }
    reach
}
