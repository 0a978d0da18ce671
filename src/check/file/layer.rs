//! The sections that a file and each of its claims may hold, and how a claim's are laid over the file's.

mod consistency;
mod covariance;
mod declaration;
mod declared;
mod limit;
mod setting;

use std::path::Path;

use num_rational::BigRational;
use toml::de::DeValue;

use super::reader::{Entry, Reader, Value, find, span_of};
use crate::formula::ast::{BinaryOp, Comparison, Expr, Function, Node, Span};
use crate::formula::scope::{
    DefinedFunction, Law, RandomObject, Scale, Scope, SpectrumKind, Symbol, TargetKind,
};
use crate::formula::withdraw::withdraw;
use consistency::{Places, check_random, check_setting};
use covariance::{read_covariance, read_joint};
use declaration::{ReadEntry, declared_name, read_definition, read_random, read_symbol};
use declared::{Declared, MAX_NAMES, declare};
use limit::{LimitLayer, check_limit, lay_limit, read_limit};
use setting::{read_spectrum, read_target};

pub(super) const SECTIONS: [&str; 7] = [
    "setting",
    "covariances",
    "symbols",
    "random",
    "define",
    "limit",
    "assume",
];

/// The sections of a file, or of one claim, as far as they are given.
#[derive(Default)]
pub(super) struct Layer {
    spectrum: Option<(SpectrumKind, Span)>,
    target: Option<(TargetKind, Span)>,
    dimension: Option<Span>,
    names: Vec<(String, Span, Declared)>,
    functions: Vec<(String, Span, DefinedFunction)>,
    limit: Option<LimitLayer>,
    assumptions: Vec<Comparison>,
}

impl Layer {
    /// A name that takes values from elsewhere.
    pub fn give(&mut self, name: &str, span: Span, whole: bool) {
        if self.names.iter().any(|(known, ..)| known == name) {
            return;
        }
        let number = |x: i64| Expr::new(Node::Number(BigRational::from_integer(x.into())), span);
        let most = 1 << 53;
        let symbol = if whole {
            Symbol::Integer {
                min: number(0),
                max: number(most),
            }
        } else {
            Symbol::Real {
                min: number(-most),
                max: number(most),
                scale: Scale::Linear,
            }
        };
        self.names
            .push((name.to_owned(), span, Declared::Symbol(symbol)));
    }

    /// Whether only assumptions are added.
    pub fn only_assumes(&self) -> bool {
        self.spectrum.is_none()
            && self.target.is_none()
            && self.dimension.is_none()
            && self.names.is_empty()
            && self.functions.is_empty()
            && self.limit.is_none()
    }

    /// Whether some name's declaration could not be read.
    pub fn is_faulty(&self) -> bool {
        self.names
            .iter()
            .any(|(_, _, declared)| matches!(declared, Declared::Faulty))
    }

    pub fn assumptions(&self) -> &[Comparison] {
        &self.assumptions
    }

    /// Reads the sections among the entries of a file or claim.
    pub fn read(reader: &mut Reader, directory: &Path, all: &[Entry<'_, '_>]) -> Layer {
        let mut layer = Layer::default();
        if let Some(entry) = find(all, "setting") {
            layer.read_setting(reader, directory, entry.value);
        }
        for (section, read) in [
            ("symbols", read_symbol as ReadEntry),
            ("random", read_random),
            ("define", read_definition),
            ("covariances", read_covariance),
        ] {
            if let Some(entry) = find(all, section)
                && let Some(list) = reader.table(entry.value, &format!("[{section}]"))
            {
                layer.read_names(reader, section, entry.key_span, &list, read);
            }
        }
        if let Some(entry) = find(all, "limit") {
            layer.limit = read_limit(reader, entry).or(layer.limit.take());
        }
        if let Some(entry) = find(all, "assume") {
            for value in reader.strings(entry.value, "`assume`") {
                let Some(relations) = reader.assumption(value) else {
                    continue;
                };
                for relation in relations {
                    if relation.op.is_asymptotic() {
                        let message = format!(
                            "`{}` speaks of a limit; assumptions are about values",
                            relation.op.symbol()
                        );
                        reader.fault(
                            "D009",
                            relation.span,
                            message,
                            "say how symbols follow the limit under [limit] path",
                        );
                    } else {
                        layer.assumptions.push(relation);
                    }
                }
            }
        }
        layer
    }

    fn read_names(
        &mut self,
        reader: &mut Reader,
        section: &str,
        section_span: Span,
        list: &[Entry<'_, '_>],
        read: ReadEntry,
    ) {
        if list.len() > MAX_NAMES {
            let message = format!(
                "[{section}] declares {} names; at most {MAX_NAMES} are read",
                list.len()
            );
            reader.fault("D015", section_span, message, "split the file");
            return;
        }
        for entry in list {
            if reader.skip.contains(&entry.key_span.start) {
                continue;
            }
            if section == "covariances" && entry.key == "atoms" {
                self.read_atoms(reader, entry);
                continue;
            }
            if section == "define" && entry.key.contains('(') {
                self.read_function(reader, entry);
                continue;
            }
            let Some(name) = declared_name(reader, entry) else {
                continue;
            };
            if let Some((_, first, _)) = self.names.iter().find(|(n, ..)| *n == name) {
                let (line, _) = reader.source.position(first.start);
                let message = format!("`{name}` is declared twice, first on line {line}");
                reader.fault(
                    "D011",
                    entry.key_span,
                    message,
                    "symbols, random objects and definitions share one set of names",
                );
                continue;
            }
            match read(reader, &name, entry).unwrap_or(Declared::Faulty) {
                Declared::Correlated(noise, covariance) => {
                    self.correlated(name, entry.key_span, noise, covariance);
                }
                declared => self.names.push((name, entry.key_span, declared)),
            }
        }
    }

    /// Matrices that are given together, atom by atom: `Sigma` is one of them.
    fn read_atoms(&mut self, reader: &mut Reader, entry: &Entry<'_, '_>) {
        let Some(joint) = read_joint(reader, entry) else {
            // The spectrum is meant to be given here; another would be of other claims.
            self.spectrum = Some((SpectrumKind::Any, entry.key_span));
            return;
        };
        if self.spectrum.is_some() {
            reader.fault(
                "D011",
                entry.key_span,
                "the spectrum is given under [setting], and by the atoms",
                "keep one of the two",
            );
            return;
        }
        self.spectrum = Some((joint.spectrum, span_of(entry.value)));
        for (name, span, matrix) in joint.matrices {
            if self.names.iter().any(|(known, ..)| *known == name) {
                let message = format!("`{name}` is declared twice");
                let help =
                    "symbols, random objects, definitions and covariances share one set of names";
                reader.fault("D011", span, message, help);
                continue;
            }
            self.names.push((name, span, Declared::Definition(matrix)));
        }
    }

    /// `delta` of covariance `C` is `sqrt(C)*delta_iid`.
    fn correlated(&mut self, name: String, span: Span, noise: RandomObject, covariance: Expr) {
        let within = covariance.span;
        let independent = format!("{name}_iid");
        let root = Expr::new(Node::Call(Function::Sqrt, vec![covariance]), within);
        let times = |vector: Node| {
            let vector = Expr::new(vector, within);
            Expr::new(Node::Binary(BinaryOp::Mul, root.clone(), vector), within)
        };
        if noise.count.is_some() {
            let member = format!("member_of_{name}");
            let index = Expr::new(Node::Name(member.clone()), within);
            let body = times(Node::Member(independent.clone(), index));
            let function = DefinedFunction {
                parameters: vec![member],
                body,
                start: None,
            };
            self.functions.push((name, span, function));
        } else {
            let definition = times(Node::Name(independent.clone()));
            self.names
                .push((name, span, Declared::Definition(definition)));
        }
        self.names
            .push((independent, span, Declared::Random(noise)));
    }

    fn read_function(&mut self, reader: &mut Reader, entry: &Entry<'_, '_>) {
        let Some((name, function)) = declaration::read_function(reader, entry) else {
            return;
        };
        if let Some((_, first, _)) = self.functions.iter().find(|(n, ..)| *n == name) {
            let (line, _) = reader.source.position(first.start);
            let message = format!("the function `{name}` is defined twice, first on line {line}");
            reader.fault("D011", entry.key_span, message, "keep one of the two");
            return;
        }
        self.functions.push((name, entry.key_span, function));
    }

    fn read_setting(&mut self, reader: &mut Reader, directory: &Path, value: &Value<'_>) {
        let Some(list) = reader.table(value, "[setting]") else {
            return;
        };
        reader.known_keys(&list, &["spectrum", "d", "target"], "[setting]");
        if let Some(entry) = find(&list, "d") {
            let span = span_of(entry.value);
            let infinite = match entry.value.get_ref() {
                DeValue::String(text) => matches!(text.trim(), "inf" | "∞"),
                DeValue::Float(x) => x.as_str().trim_start_matches('+') == "inf",
                _ => false,
            };
            if infinite {
                self.dimension = Some(span);
            } else if reader.finite_dimension {
                if let Some(d) = reader.expression(entry.value, "`d`") {
                    self.names
                        .push(("d".to_owned(), span, Declared::Symbol(Symbol::Defined(d))));
                }
            } else {
                reader.fault(
                    "D009",
                    span,
                    "[setting] d can only be \"inf\"",
                    "a finite dimension is declared under [symbols]: d = { integer = [2, 400] }, or d = \"300\"",
                );
            }
        }
        if let Some(entry) = find(&list, "spectrum") {
            let kind = read_spectrum(reader, directory, entry.value);
            self.spectrum = kind.map(|kind| (kind, span_of(entry.value)));
        }
        if let Some(entry) = find(&list, "target") {
            let kind = read_target(reader, directory, entry.value);
            self.target = kind.map(|kind| (kind, span_of(entry.value)));
        }
    }

    /// The scope of the file's layer with this claim's laid over it. Faults that only show in the
    /// combination are reported.
    pub fn over(&self, reader: &mut Reader, file: Option<&Layer>) -> Scope {
        let layers: Vec<&Layer> = file.into_iter().chain([self]).collect();
        let mut scope = Scope::default();
        let mut places: Vec<(String, Span)> = Vec::new();
        let mut infinite = None;
        for layer in &layers {
            // The nearer layer says whether d is finite.
            if layer.dimension.is_some() {
                infinite = layer.dimension;
                places.retain(|(n, _)| n != "d");
                without_end(&mut scope);
                if scope.meaning("d").is_some() {
                    withdraw(&mut scope, "d");
                }
            } else if layer.names.iter().any(|(n, ..)| n == "d") {
                infinite = None;
            }
            for (name, span, declared) in &layer.names {
                places.retain(|(n, _)| n != name);
                places.push((name.clone(), *span));
                declare(&mut scope, name, declared);
            }
            for (name, _, function) in &layer.functions {
                scope.functions.retain(|(n, _)| n != name);
                scope.functions.push((name.clone(), function.clone()));
            }
            if let Some(limit) = &layer.limit {
                lay_limit(&mut scope, limit);
            }
            scope.assumptions.extend(layer.assumptions.iter().cloned());
        }
        let spectrum = layers.iter().rev().find_map(|l| l.spectrum.as_ref());
        let target = layers.iter().rev().find_map(|l| l.target.as_ref());
        if let Some((kind, _)) = spectrum {
            scope.setting.spectrum = kind.clone();
        }
        if let Some((kind, _)) = target {
            scope.setting.target = kind.clone();
        }
        scope.setting.infinite = infinite.is_some();
        if scope.setting.infinite {
            without_end(&mut scope);
        }
        let place = |name: &str| {
            places
                .iter()
                .find(|(n, _)| n == name)
                .map(|&(_, span)| span)
        };
        check_setting(
            reader,
            &mut scope,
            Places {
                spectrum: spectrum.map(|(_, span)| *span),
                target: target.map(|(_, span)| *span),
                infinite,
                d: place("d"),
            },
        );
        let limits: Vec<&LimitLayer> = layers.iter().filter_map(|l| l.limit.as_ref()).collect();
        check_limit(reader, &scope, &limits);
        check_random(reader, &scope);
        scope
    }
}

/// Gaussian matrices with a side `d`, where `d` is infinite.
fn without_end(scope: &mut Scope) {
    for (_, object) in &mut scope.random {
        let Law::Gaussian { rows, columns, .. } = &mut object.law else {
            continue;
        };
        for side in [rows, columns] {
            if matches!(&*side.node, Node::Name(name) if name == "d") {
                side.node = Node::Infinity.into();
            }
        }
    }
}
