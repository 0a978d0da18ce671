//! TOML to experiments, with every fault pointed at.

mod setting;
mod simulation;
mod value;
mod written;

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::quantity::Quantity;
use super::{Chain, Downstream, Experiment, OneOrMany, Sweep};
use crate::check::diagnostic::{Diagnostic, SourceFile};
use crate::check::file::reader::kind;
use crate::formula::ast::Span;
use crate::formula::suggestion::nearest;
use crate::simulate::Designs;
pub(super) use written::{has_section, written};

type Item<'i> = Spanned<DeValue<'i>>;

pub(super) fn read(source: Arc<SourceFile>) -> Result<Experiment, Vec<Diagnostic>> {
    let mut reader = Reader {
        source: source.clone(),
        faults: Vec::new(),
    };
    let (document, errors) = DeTable::parse_recoverable(&source.text);
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        let span = Span {
            start: span.start,
            end: span.end,
        };
        let message = error
            .message()
            .lines()
            .next()
            .unwrap_or("not TOML")
            .to_owned();
        reader.faults.push(source.diagnostic("X001", span, message));
    }
    let experiment = if reader.faults.is_empty() {
        reader.experiment(document.get_ref())
    } else {
        None
    };
    match experiment {
        Some(experiment) if reader.faults.is_empty() => Ok(experiment),
        _ => {
            reader.faults.sort_by_key(|fault| fault.start);
            Err(reader.faults)
        }
    }
}

struct Reader {
    source: Arc<SourceFile>,
    faults: Vec<Diagnostic>,
}

/// A table with its name and place.
struct Section<'a, 'i> {
    name: String,
    span: Span,
    table: &'a DeTable<'i>,
}

fn span<T>(item: &Spanned<T>) -> Span {
    let range = item.span();
    Span {
        start: range.start,
        end: range.end,
    }
}

impl Reader {
    fn fault(
        &mut self,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let diagnostic = self.source.diagnostic(code, span, message).with_help(help);
        self.faults.push(diagnostic);
    }

    fn section<'a, 'i>(
        &mut self,
        name: &str,
        item: &'a Item<'i>,
        keys: &[&str],
    ) -> Option<Section<'a, 'i>> {
        match item.get_ref() {
            DeValue::Table(table) => {
                self.known_keys(name, table, keys);
                Some(Section {
                    name: name.to_owned(),
                    span: span(item),
                    table,
                })
            }
            other => {
                let message = format!("`{name}` must be a table, not {}", kind(other));
                self.fault(
                    "X002",
                    span(item),
                    message,
                    format!("it may hold {}", keys.join(", ")),
                );
                None
            }
        }
    }

    /// A section without which there is no experiment.
    fn required_section<'a, 'i>(
        &mut self,
        document: &'a DeTable<'i>,
        name: &str,
        keys: &[&str; 3],
    ) -> Option<Section<'a, 'i>> {
        let Some(item) = document.get(name) else {
            let [first, second, third] = keys;
            self.fault(
                "X004",
                Span::default(),
                format!("the experiment has no [{name}]"),
                format!("add [{name}] with {first}, {second} and {third}"),
            );
            return None;
        };
        self.section(name, item, keys)
    }

    fn known_keys(&mut self, place: &str, table: &DeTable, keys: &[&str]) {
        for (key, _) in table.iter() {
            let name: &str = key.get_ref();
            if !keys.contains(&name) {
                let help = match nearest(name, keys.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("known here: {}", keys.join(", ")),
                };
                let message = format!("{place} has no `{name}`");
                self.fault("X003", span(key), message, help);
            }
        }
    }

    /// Other commands know what such an experiment is by its rows alone.
    fn without_formulas(&mut self, document: &DeTable) -> Option<()> {
        let Some(item) = document.get("predict") else {
            return Some(());
        };
        self.fault(
            "X003",
            span(item),
            "this experiment writes its estimator in formulas",
            "`resolvent predict`, `simulate`, `plot` and `table` read it; `Written::read` does in Rust",
        );
        None
    }

    fn experiment(&mut self, document: &DeTable) -> Option<Experiment> {
        self.without_formulas(document)?;
        self.known_keys(
            "an experiment",
            document,
            &[
                "title",
                "setting",
                "chain",
                "downstream",
                "sweep",
                "simulate",
            ],
        );
        let setting = self.required_section(document, "setting", &["d", "spectrum", "target"]);
        let downstream =
            self.required_section(document, "downstream", &["samples", "noise", "ridge"]);
        let chain = document.get("chain").and_then(|item| {
            self.section(
                "chain",
                item,
                &["generations", "samples", "noise", "ridge", "designs"],
            )
        });
        let sweep = document.get("sweep").and_then(|item| {
            self.section(
                "sweep",
                item,
                &["n", "T", "T0", "d", "lambda", "sigma", "sigma0"],
            )
        });
        let simulate = document.get("simulate").and_then(|item| {
            let keys = [
                "replicates",
                "seed",
                "relative_standard_error",
                "max_replicates",
                "quantiles",
                "path",
                "law",
                "control_variates",
            ];
            self.section("simulate", item, &keys)
        });

        let sweep = sweep
            .map(|section| self.sweep(&section))
            .unwrap_or_default();
        let chain = chain.map(|section| self.chain(&section));
        let simulate = simulate
            .map(|section| self.simulate(&section))
            .unwrap_or_default();
        let downstream = downstream.map(|section| Downstream {
            samples: self.optional(&section, "samples"),
            noise: self.or_zero(&section, "noise"),
            ridge: self.or_zero(&section, "ridge"),
            span: section.span,
        });
        let setting = setting?;
        let dimension = self.optional(&setting, "d");
        let (spectrum, spectrum_span) = self.spectrum(&setting)?;
        let (target, target_span) = self.target(&setting)?;
        Some(Experiment {
            source: self.source.clone(),
            dimension,
            spectrum,
            spectrum_span,
            target,
            target_span,
            chain,
            downstream: downstream?,
            sweep,
            simulate,
        })
    }

    fn chain(&mut self, section: &Section) -> Chain {
        let zero = || OneOrMany::One(Quantity::number(0.0));
        let designs = match section.table.get("designs") {
            None => Designs::Independent,
            Some(item) => match item.get_ref().as_str() {
                Some("independent") => Designs::Independent,
                Some("shared") => Designs::Shared,
                _ => {
                    self.fault(
                        "X006",
                        span(item),
                        "`chain.designs` is neither of its two values",
                        "write \"independent\" or \"shared\"",
                    );
                    Designs::Independent
                }
            },
        };
        Chain {
            generations: self.optional(section, "generations"),
            samples: self.one_or_many(section, "samples"),
            noise: self.one_or_many(section, "noise").unwrap_or_else(zero),
            ridge: self.one_or_many(section, "ridge").unwrap_or_else(zero),
            designs,
            span: section.span,
        }
    }

    fn sweep(&mut self, section: &Section) -> Sweep {
        let mut values = |key: &str, whole: bool| match section.table.get(key) {
            Some(item) => self.values(&format!("`sweep.{key}`"), item, whole),
            None => Vec::new(),
        };
        Sweep {
            d: values("d", true),
            n: values("n", true),
            t0: values("T0", true),
            sigma0: values("sigma0", false),
            sigma: values("sigma", false),
            lambda: values("lambda", false),
            t: values("T", true),
        }
    }

    /// `"kind"`, or `{ kind = "kind", … }`.
    fn kind<'a, 'i>(
        &mut self,
        what: &str,
        item: &'a Item<'i>,
        help: &str,
    ) -> Option<(String, Option<Section<'a, 'i>>)> {
        match item.get_ref() {
            DeValue::String(name) => Some((name.to_string(), None)),
            DeValue::Table(table) => match table.get("kind").map(|kind| kind.get_ref().as_str()) {
                Some(Some(kind)) => {
                    let section = Section {
                        name: what.to_owned(),
                        span: span(item),
                        table,
                    };
                    Some((kind.to_owned(), Some(section)))
                }
                _ => {
                    self.fault(
                        "X006",
                        span(item),
                        format!("the {what} needs a `kind`"),
                        help,
                    );
                    None
                }
            },
            other => {
                let message = format!(
                    "the {what} must be a string or a table, not {}",
                    kind(other)
                );
                self.fault("X002", span(item), message, help);
                None
            }
        }
    }

    fn only<'a, 'i: 'a>(
        &mut self,
        what: &str,
        section: &Option<impl std::borrow::Borrow<Section<'a, 'i>>>,
        keys: &[&str],
    ) {
        if let Some(section) = section {
            self.known_keys(what, section.borrow().table, keys);
        }
    }
}
