//! How to simulate.

use toml::de::{DeTable, DeValue};

use super::{Item, Reader, Section, span};
use crate::experiment::Simulate;
use crate::simulate::{Law, Sampler, StoppingRule};

impl Reader {
    pub(super) fn simulate(&mut self, section: &Section) -> Simulate {
        let mut simulate = Simulate::default();
        let table = section.table;
        self.stopping_rule(table, &mut simulate.rule);
        if let Some(item) = table.get("seed")
            && let Some(seed) = self.whole("`simulate.seed`", item)
        {
            simulate.seed = seed;
        }
        if let Some(item) = table.get("control_variates") {
            match item.get_ref().as_bool() {
                Some(wanted) => simulate.control_variates = wanted,
                None => self.fault(
                    "X002",
                    span(item),
                    "`simulate.control_variates` must be true or false",
                    "write true or false",
                ),
            }
        }
        if let Some(item) = table.get("quantiles") {
            simulate.quantiles = self.quantiles(item);
        }
        self.sampler(table, &mut simulate);
        simulate
    }

    /// How many replicates, or up to which error.
    fn stopping_rule(&mut self, table: &DeTable, rule: &mut StoppingRule) {
        if let Some(item) = table.get("replicates")
            && let Some(replicates) = self.whole("`simulate.replicates`", item)
        {
            if replicates == 0 {
                self.fault(
                    "X007",
                    span(item),
                    "no replicates would simulate nothing",
                    "write 1 or more",
                );
            }
            *rule = StoppingRule::fixed(replicates);
        }
        if let Some(item) = table.get("relative_standard_error")
            && let Some(target) = self.number("`simulate.relative_standard_error`", item)
        {
            if target > 0.0 && target < 1.0 {
                rule.relative_standard_error = Some(target);
                rule.max_replicates = 100_000.max(rule.replicates);
                rule.replicates = rule.replicates.max(2);
            } else {
                self.fault(
                    "X007",
                    span(item),
                    "a relative standard error lies between 0 and 1",
                    "for example 0.01",
                );
            }
        }
        if let Some(item) = table.get("max_replicates")
            && let Some(most) = self.whole("`simulate.max_replicates`", item)
        {
            if rule.relative_standard_error.is_none() {
                self.fault(
                    "X007",
                    span(item),
                    "`max_replicates` bounds a run that aims at a `relative_standard_error`",
                    "add relative_standard_error = 0.01, or leave this out",
                );
            } else if most < rule.replicates {
                self.fault(
                    "X007",
                    span(item),
                    "`max_replicates` is less than `replicates`",
                    "raise it",
                );
            }
            rule.max_replicates = most;
        }
    }

    fn quantiles(&mut self, item: &Item) -> Vec<f64> {
        let mut levels = Vec::new();
        let DeValue::Array(items) = item.get_ref() else {
            self.fault(
                "X002",
                span(item),
                "`simulate.quantiles` must be a list of levels",
                "for example [0.1, 0.5, 0.9]",
            );
            return levels;
        };
        for item in items.iter() {
            match self.number("a quantile's level", item) {
                Some(q) if (0.0..=1.0).contains(&q) => levels.push(q),
                Some(_) => self.fault(
                    "X007",
                    span(item),
                    "a quantile's level lies between 0 and 1",
                    "for example 0.5",
                ),
                None => {}
            }
        }
        levels
    }

    fn sampler(&mut self, table: &DeTable, simulate: &mut Simulate) {
        const HELP: &str = "write \"gaussian\", \"rademacher\", \"uniform\" or { kind = \"student-t\", degrees = 5 }";
        let law = table.get("law").and_then(|item| {
            let (kind, section) = self.kind("law", item, HELP)?;
            let law = match kind.as_str() {
                "gaussian" => Some(Law::Gaussian),
                "rademacher" => Some(Law::Rademacher),
                "uniform" => Some(Law::Uniform),
                "student-t" => section
                    .as_ref()
                    .and_then(|section| section.table.get("degrees"))
                    .and_then(|item| self.number("`law.degrees`", item))
                    .map(|degrees| Law::StudentT { degrees }),
                _ => None,
            };
            match law.map(|law| (law, law.check())) {
                Some((law, Ok(()))) => Some(law),
                Some((_, Err(error))) => {
                    self.fault(
                        "X007",
                        span(item),
                        error.to_string(),
                        "write degrees = 5, say",
                    );
                    None
                }
                None => {
                    self.fault(
                        "X006",
                        span(item),
                        "`simulate.law` is none of its values",
                        HELP,
                    );
                    None
                }
            }
        });
        let rows = match table.get("path") {
            None => law.is_some_and(|law| law != Law::Gaussian),
            Some(item) => match item.get_ref().as_str() {
                Some("rows") => true,
                Some("factor") if law.is_none_or(|law| law == Law::Gaussian) => false,
                Some("factor") => {
                    self.fault(
                        "X007",
                        span(item),
                        "only Gaussian designs have a factor whose law is known",
                        "write \"rows\"",
                    );
                    true
                }
                _ => {
                    self.fault(
                        "X006",
                        span(item),
                        "`simulate.path` is neither of its two values",
                        "write \"factor\" or \"rows\"",
                    );
                    false
                }
            },
        };
        if rows {
            simulate.sampler = Sampler::Rows(law.unwrap_or_default());
        }
    }
}
