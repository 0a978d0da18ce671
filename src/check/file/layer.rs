//! The sections that a file and each of its claims may hold, and how a claim's are laid over the file's.

use std::path::Path;

use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::numbers::read_numbers;
use super::reader::{Entry, Reader, Value, entries, find, span_of};
use crate::formula::ast::{Comparison, Expr, Node, Span};
use crate::formula::constant::constant;
use crate::formula::function::RESERVED;
use crate::formula::names::free_names;
use crate::formula::scope::{
    Designs, Law, Limit, RandomObject, Scale, Scope, SpectrumKind, Symbol, TargetKind,
};
use crate::formula::token::canonical_name;
use toml::de::DeValue;

pub(super) const SECTIONS: [&str; 6] =
    ["setting", "symbols", "random", "define", "limit", "assume"];

/// Names of one section beyond this number are refused.
const MAX_NAMES: usize = 500;

/// The sections of a file, or of one claim, as far as they are given.
#[derive(Default)]
pub(super) struct Layer {
    spectrum: Option<(SpectrumKind, Span)>,
    target: Option<(TargetKind, Span)>,
    dimension: Option<Span>,
    names: Vec<(String, Span, Declared)>,
    limit: Option<LimitLayer>,
    assumptions: Vec<Comparison>,
}

enum Declared {
    Symbol(Symbol),
    Random(RandomObject),
    Definition(Expr),
    /// Reported already. The name is known, but not what it stands for.
    Faulty,
}

#[derive(Default)]
struct LimitLayer {
    span: Span,
    variable: Option<(String, Span)>,
    path: Vec<(String, Span, Expr)>,
}

impl Layer {
    /// Whether only assumptions are added.
    pub fn only_assumes(&self) -> bool {
        self.spectrum.is_none()
            && self.target.is_none()
            && self.dimension.is_none()
            && self.names.is_empty()
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
        ] {
            if let Some(entry) = find(all, section)
                && let Some(list) = reader.table(entry.value, &format!("[{section}]"))
            {
                layer.read_names(reader, section, entry.key_span, &list, read);
            }
        }
        if let Some(entry) = find(all, "limit") {
            layer.read_limit(reader, entry);
        }
        if let Some(entry) = find(all, "assume") {
            for value in reader.strings(entry.value, "`assume`") {
                let Some(relation) = reader.relation(value, "an assumption") else {
                    continue;
                };
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
            let declared = read(reader, &name, entry).unwrap_or(Declared::Faulty);
            self.names.push((name, entry.key_span, declared));
        }
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

    fn read_limit(&mut self, reader: &mut Reader, entry: Entry<'_, '_>) {
        let Some(list) = reader.table(entry.value, "[limit]") else {
            return;
        };
        reader.known_keys(&list, &["variable", "path"], "[limit]");
        let mut limit = LimitLayer {
            span: entry.key_span,
            ..LimitLayer::default()
        };
        if let Some(variable) = find(&list, "variable")
            && let Some(text) = reader.string(variable.value, "`variable`")
        {
            match canonical_name(text.trim()) {
                Some(name) => limit.variable = Some((name, span_of(variable.value))),
                None => {
                    let message = format!("`{text}` is not the name of a symbol");
                    reader.fault(
                        "D009",
                        span_of(variable.value),
                        message,
                        "name the symbol that tends to infinity",
                    );
                }
            }
        }
        if let Some(path) = find(&list, "path")
            && let Some(list) = reader.table(path.value, "`path`")
        {
            for entry in list {
                let Some(name) = declared_name(reader, &entry) else {
                    continue;
                };
                if let Some(expr) = reader.expression(entry.value, "a path") {
                    limit.path.push((name, entry.key_span, expr));
                }
            }
        }
        self.limit = Some(limit);
    }

    /// The scope of the file's layer with this claim's laid over it. Faults that only show in the
    /// combination are reported.
    pub fn over(&self, reader: &mut Reader, file: Option<&Layer>) -> Scope {
        let layers: Vec<&Layer> = file.into_iter().chain([self]).collect();
        let mut scope = Scope::default();
        let mut places: Vec<(String, Span)> = Vec::new();
        for layer in &layers {
            for (name, span, declared) in &layer.names {
                places.retain(|(n, _)| n != name);
                places.push((name.clone(), *span));
                declare(&mut scope, name, declared);
            }
            if let Some(limit) = &layer.limit {
                lay_limit(&mut scope, limit);
            }
            scope.assumptions.extend(layer.assumptions.iter().cloned());
        }
        let latest = |get: fn(&Layer) -> Option<Span>| layers.iter().rev().find_map(|l| get(l));
        let spectrum = layers.iter().rev().find_map(|l| l.spectrum.as_ref());
        let target = layers.iter().rev().find_map(|l| l.target.as_ref());
        if let Some((kind, _)) = spectrum {
            scope.setting.spectrum = kind.clone();
        }
        if let Some((kind, _)) = target {
            scope.setting.target = kind.clone();
        }
        let infinite = latest(|l| l.dimension);
        scope.setting.infinite = infinite.is_some();
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
        check_limit(reader, &scope, &layers);
        check_random(reader, &scope);
        scope
    }
}

type ReadEntry = fn(&mut Reader, &str, &Entry<'_, '_>) -> Option<Declared>;

/// A name as formulas see it; `None` and a fault where it cannot be declared.
fn declared_name(reader: &mut Reader, entry: &Entry<'_, '_>) -> Option<String> {
    let Some(name) = canonical_name(entry.key) else {
        let message = format!("`{}` is not a name", entry.key.escape_debug());
        reader.fault(
            "D013",
            entry.key_span,
            message,
            "names are made of a-z, A-Z, 0-9, _ and Greek letters",
        );
        return None;
    };
    if RESERVED.contains(&name.as_str()) {
        let message = format!("`{name}` has a fixed meaning and cannot be declared");
        let help = match name.as_str() {
            "Sigma" | "w0" => "what it is, is said under [setting]; choose another name",
            _ => "choose another name",
        };
        reader.fault("D013", entry.key_span, message, help);
        return None;
    }
    Some(name)
}

fn read_definition(reader: &mut Reader, name: &str, entry: &Entry<'_, '_>) -> Option<Declared> {
    let expr = reader.expression(entry.value, &format!("the definition of `{name}`"))?;
    Some(Declared::Definition(expr))
}

fn read_symbol(reader: &mut Reader, name: &str, entry: &Entry<'_, '_>) -> Option<Declared> {
    let DeValue::Table(table) = entry.value.get_ref() else {
        if matches!(
            entry.value.get_ref(),
            DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_)
        ) {
            let expr = reader.expression(entry.value, &format!("`{name}`"))?;
            return Some(Declared::Symbol(Symbol::Defined(expr)));
        }
        reader.fault(
            "D004",
            span_of(entry.value),
            format!("`{name}` is declared by a domain or a definition"),
            "write { integer = [a, b] }, { real = [a, b] } or a formula",
        );
        return None;
    };
    let list = entries(table);
    reader.known_keys(
        &list,
        &["integer", "real", "scale"],
        &format!("the domain of `{name}`"),
    );
    let domain = match (find(&list, "integer"), find(&list, "real")) {
        (Some(domain), None) | (None, Some(domain)) => domain,
        (Some(_), Some(second)) => {
            reader.fault(
                "D011",
                second.key_span,
                format!("`{name}` is both integer and real"),
                "keep one of the two",
            );
            return None;
        }
        (None, None) => {
            reader.fault(
                "D005",
                span_of(entry.value),
                format!("`{name}` has no domain"),
                "write { integer = [a, b] } or { real = [a, b] }",
            );
            return None;
        }
    };
    let (min, max) = read_interval(reader, name, domain.value)?;
    let scale = find(&list, "scale");
    if domain.key == "integer" {
        for end in [&min, &max] {
            if constant(end).is_some_and(|x| !x.is_integer()) {
                reader.fault(
                    "D008",
                    end.span,
                    format!("`{name}` is an integer, {end} is not"),
                    "round it, or make the domain real",
                );
                return None;
            }
        }
        if let Some(scale) = scale {
            reader.fault(
                "D011",
                scale.key_span,
                "an integer domain has no scale",
                "leave `scale` out",
            );
        }
        return Some(Declared::Symbol(Symbol::Integer { min, max }));
    }
    let scale = match scale {
        None => Scale::Linear,
        Some(entry) => match reader.string(entry.value, "`scale`")? {
            "linear" => Scale::Linear,
            "log" => Scale::Log,
            other => {
                let message = format!("there is no scale `{}`", other.escape_debug());
                reader.fault(
                    "D009",
                    span_of(entry.value),
                    message,
                    "scales are \"linear\" and \"log\"",
                );
                return None;
            }
        },
    };
    if scale == Scale::Log && constant(&min).is_some_and(|x| !x.is_positive()) {
        reader.fault(
            "D008",
            min.span,
            format!("the domain of `{name}` starts at {min}, which has no logarithm"),
            "start above 0, or use the linear scale",
        );
        return None;
    }
    Some(Declared::Symbol(Symbol::Real { min, max, scale }))
}

fn read_interval(reader: &mut Reader, name: &str, value: &Value<'_>) -> Option<(Expr, Expr)> {
    let ends = reader.array(value, &format!("the domain of `{name}`"))?;
    let [min, max] = ends else {
        let message = format!("the domain of `{name}` has {} ends", ends.len());
        reader.fault(
            "D008",
            span_of(value),
            message,
            "a domain is [smallest, largest]",
        );
        return None;
    };
    let what = format!("an end of the domain of `{name}`");
    let (min, max) = (reader.expression(min, &what), reader.expression(max, &what));
    let (min, max) = (min?, max?);
    for end in [&min, &max] {
        if let Some((other, span)) = free_names(end).into_iter().next() {
            reader.fault(
                "D008",
                span,
                format!("the domain of `{name}` depends on `{other}`"),
                "a domain has constant ends; relations between symbols belong in `assume`",
            );
            return None;
        }
        if is_infinite(end) {
            reader.fault(
                "D008",
                end.span,
                format!("the domain of `{name}` is unbounded"),
                "give a finite end; what happens beyond it is a matter of [limit]",
            );
            return None;
        }
    }
    if let (Some(a), Some(b)) = (constant(&min), constant(&max))
        && a > b
    {
        let message = format!("the domain of `{name}` is empty: {min} is more than {max}");
        reader.fault(
            "D008",
            span_of(value),
            message,
            "a domain is [smallest, largest]",
        );
        return None;
    }
    Some((min, max))
}

fn is_infinite(expr: &Expr) -> bool {
    match &*expr.node {
        Node::Infinity => true,
        Node::Neg(x) => is_infinite(x),
        _ => false,
    }
}

fn read_random(reader: &mut Reader, name: &str, entry: &Entry<'_, '_>) -> Option<Declared> {
    const LAWS: [&str; 3] = ["design", "noise", "labeller"];
    let list = reader.table(entry.value, &format!("`{name}`"))?;
    let laws: Vec<_> = list
        .iter()
        .filter(|e| LAWS.contains(&e.key))
        .copied()
        .collect();
    let law = match laws.as_slice() {
        [law] => *law,
        [] => {
            reader.known_keys(&list, &LAWS, &format!("`{name}`"));
            reader.fault(
                "D005",
                entry.key_span,
                format!("what is random about `{name}`?"),
                "write { design = \"T\" }, { noise = \"T\", sd = \"sigma\" } or { labeller = \"n\", samples = \"T0\", sd = \"sigma0\" }",
            );
            return None;
        }
        [first, second, ..] => {
            let message = format!("`{name}` is both a {} and a {}", first.key, second.key);
            reader.fault("D011", second.key_span, message, "keep one of the two");
            return None;
        }
    };
    let allowed: &[&str] = match law.key {
        "design" => &["design", "count"],
        "noise" => &["noise", "sd", "count"],
        _ => &["labeller", "samples", "sd", "ridge", "designs", "count"],
    };
    reader.known_keys(&list, allowed, &format!("the {} `{name}`", law.key));
    let mut field = |key: &str, required: bool| -> Option<Option<Expr>> {
        match find(&list, key) {
            Some(entry) => Some(Some(reader.expression(entry.value, &format!("`{key}`"))?)),
            None if required => {
                let help = if key == "sd" {
                    "sd is the standard deviation, not the variance: sd = \"sigma\""
                } else {
                    "samples is the number of rows of each generation: samples = \"T0\""
                };
                reader.fault(
                    "D005",
                    law.key_span,
                    format!("the {} `{name}` needs `{key}`", law.key),
                    help,
                );
                None
            }
            None => Some(None),
        }
    };
    let count = field("count", false);
    let size = field(law.key, true);
    let law = match law.key {
        "design" => Law::Design { rows: size?? },
        "noise" => {
            let sd = field("sd", true);
            Law::Noise {
                length: size??,
                sd: sd??,
            }
        }
        _ => {
            let (samples, sd) = (field("samples", true), field("sd", true));
            let ridge = field("ridge", false);
            let designs = match find(&list, "designs") {
                None => Designs::Independent,
                Some(entry) => match reader.string(entry.value, "`designs`")? {
                    "independent" => Designs::Independent,
                    "shared" => Designs::Shared,
                    other => {
                        let message = format!("designs are not `{}`", other.escape_debug());
                        reader.fault(
                            "D009",
                            span_of(entry.value),
                            message,
                            "designs are \"independent\" or \"shared\"",
                        );
                        return None;
                    }
                },
            };
            Law::Labeller {
                generations: size??,
                samples: samples??,
                sd: sd??,
                ridge: ridge?,
                designs,
            }
        }
    };
    let count = count?;
    Some(Declared::Random(RandomObject { law, count }))
}

/// A word, or the `kind` of a table, with the table's entries.
fn read_kind<'a, 'i>(
    reader: &mut Reader,
    value: &'a Value<'i>,
    what: &str,
) -> Option<(&'a str, Span, Vec<Entry<'a, 'i>>)> {
    match value.get_ref() {
        DeValue::String(text) => Some((text.as_ref(), span_of(value), Vec::new())),
        DeValue::Table(table) => {
            let list = entries(table);
            match find(&list, "kind") {
                Some(kind) => {
                    let text = reader.string(kind.value, "`kind`")?;
                    Some((text, span_of(kind.value), list))
                }
                None => {
                    reader.fault(
                        "D005",
                        span_of(value),
                        format!("the {what} has no kind"),
                        "write { kind = \"…\" }",
                    );
                    None
                }
            }
        }
        _ => {
            reader.fault(
                "D004",
                span_of(value),
                format!("the {what} is a word or a table"),
                "write \"any\", or { kind = \"…\" }",
            );
            None
        }
    }
}

/// A required key of a table with a kind.
fn required<'a, 'i>(
    reader: &mut Reader,
    list: &[Entry<'a, 'i>],
    key: &str,
    kind: &str,
    span: Span,
) -> Option<Entry<'a, 'i>> {
    let entry = find(list, key);
    if entry.is_none() {
        let example = match key {
            "path" => "path = \"eigenvalues.txt\"",
            "beta" => "beta = 2",
            "r" => "r = 0.5",
            "index" => "index = 1",
            "values" => "values = [1, 0.1]",
            _ => "weights = [0.5, 0.5]",
        };
        reader.fault(
            "D005",
            span,
            format!("the kind `{kind}` needs `{key}`"),
            format!("add {example}"),
        );
    }
    entry
}

fn read_spectrum(reader: &mut Reader, directory: &Path, value: &Value<'_>) -> Option<SpectrumKind> {
    let (kind, span, list) = read_kind(reader, value, "spectrum")?;
    let place = format!("the spectrum `{kind}`");
    match kind {
        "isotropic" | "two-level" | "any" => {
            reader.known_keys(&list, &["kind"], &place);
            Some(match kind {
                "isotropic" => SpectrumKind::Isotropic,
                "two-level" => SpectrumKind::TwoLevel,
                _ => SpectrumKind::Any,
            })
        }
        "power-law" => {
            reader.known_keys(&list, &["kind", "beta"], &place);
            let entry = required(reader, &list, "beta", kind, span)?;
            let beta = reader.expression(entry.value, "`beta`")?;
            if constant(&beta).is_some_and(|x| !x.is_positive()) {
                reader.fault(
                    "D008",
                    beta.span,
                    format!("beta = {beta} is not positive"),
                    "eigenvalues are k^-beta, in descending order",
                );
                return None;
            }
            Some(SpectrumKind::PowerLaw { beta })
        }
        "atoms" => {
            reader.known_keys(&list, &["kind", "values", "weights"], &place);
            read_atoms(reader, &list, span)
        }
        "file" => {
            reader.known_keys(&list, &["kind", "path"], &place);
            let (values, span) = read_data(reader, directory, &list, span)?;
            let bad = values
                .iter()
                .enumerate()
                .find(|&(i, &x)| x <= 0.0 || (i > 0 && x > values[i - 1]));
            if let Some((i, x)) = bad {
                let message = format!(
                    "eigenvalue {} of the file is {x}; they are positive and descend",
                    i + 1
                );
                reader.fault(
                    "D012",
                    span,
                    message,
                    "sort them, largest first, and leave zeros out",
                );
                return None;
            }
            Some(SpectrumKind::Explicit(values))
        }
        other => {
            unknown_kind(
                reader,
                "spectrum",
                other,
                span,
                &[
                    "isotropic",
                    "two-level",
                    "any",
                    "power-law",
                    "atoms",
                    "file",
                ],
            );
            None
        }
    }
}

fn read_atoms(reader: &mut Reader, list: &[Entry<'_, '_>], span: Span) -> Option<SpectrumKind> {
    let mut numbers = |key: &str| -> Option<(Vec<Expr>, Span)> {
        let entry = required(reader, list, key, "atoms", span)?;
        let array = reader.array(entry.value, &format!("`{key}`"))?;
        let mut exprs = Vec::new();
        for item in array.iter().take(MAX_NAMES + 1) {
            exprs.push(reader.expression(item, &format!("an entry of `{key}`")));
        }
        let exprs: Vec<Expr> = exprs.into_iter().collect::<Option<_>>()?;
        if let Some(bad) = exprs
            .iter()
            .find(|e| constant(e).is_some_and(|x| !x.is_positive()) || is_infinite(e))
        {
            let message =
                format!("{bad} among the {key} of the atoms; they are positive and finite");
            reader.fault("D008", bad.span, message, "leave the atom out");
            return None;
        }
        Some((exprs, span_of(entry.value)))
    };
    let (values, weights) = (numbers("values"), numbers("weights"));
    let ((values, _), (weights, span)) = (values?, weights?);
    if values.len() != weights.len() || values.is_empty() || values.len() > MAX_NAMES {
        let message = format!("{} values with {} weights", values.len(), weights.len());
        reader.fault(
            "D008",
            span,
            message,
            format!("each atom has one of both; from 1 to {MAX_NAMES} atoms"),
        );
        return None;
    }
    let total: Option<BigRational> = weights.iter().map(constant).sum();
    if let Some(total) = total.filter(|total| !total.is_one()) {
        let message = format!("the weights add up to {total}, not 1");
        reader.fault(
            "D008",
            span,
            message,
            "weights are shares of the dimension; exact thirds are \"1/3\"",
        );
        return None;
    }
    Some(SpectrumKind::Atoms { values, weights })
}

fn read_target(reader: &mut Reader, directory: &Path, value: &Value<'_>) -> Option<TargetKind> {
    let (kind, span, list) = read_kind(reader, value, "target")?;
    let place = format!("the target `{kind}`");
    match kind {
        "any" => {
            reader.known_keys(&list, &["kind"], &place);
            Some(TargetKind::Any)
        }
        "isotropic" => {
            reader.known_keys(&list, &["kind", "norm2"], &place);
            let norm2 = match find(&list, "norm2") {
                Some(entry) => Some(reader.expression(entry.value, "`norm2`")?),
                None => None,
            };
            Some(TargetKind::Isotropic { norm2 })
        }
        "source" => {
            reader.known_keys(&list, &["kind", "r"], &place);
            let entry = required(reader, &list, "r", kind, span)?;
            let r = reader.expression(entry.value, "`r`")?;
            if constant(&r).is_some_and(|x| !x.is_positive()) {
                reader.fault(
                    "D008",
                    r.span,
                    format!("r = {r} is not positive"),
                    "the source exponent r is more than 0",
                );
                return None;
            }
            Some(TargetKind::Source { r })
        }
        "axis" => {
            reader.known_keys(&list, &["kind", "index"], &place);
            let entry = required(reader, &list, "index", kind, span)?;
            let index = reader.expression(entry.value, "`index`")?;
            if constant(&index).is_some_and(|x| x < BigRational::one() || !x.is_integer()) {
                reader.fault(
                    "D008",
                    index.span,
                    format!("there is no eigenvector {index}"),
                    "eigenvectors are counted from 1, the largest eigenvalue first",
                );
                return None;
            }
            Some(TargetKind::Axis { index })
        }
        "file" => {
            reader.known_keys(&list, &["kind", "path"], &place);
            let (values, _) = read_data(reader, directory, &list, span)?;
            Some(TargetKind::Explicit(values))
        }
        other => {
            unknown_kind(
                reader,
                "target",
                other,
                span,
                &["isotropic", "any", "source", "axis", "file"],
            );
            None
        }
    }
}

fn unknown_kind(reader: &mut Reader, what: &str, kind: &str, span: Span, known: &[&str]) {
    let help = match crate::formula::suggestion::nearest(kind, known.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("known: {}", known.join(", ")),
    };
    let message = format!("there is no {what} `{}`", kind.escape_debug());
    reader.fault("D009", span, message, help);
}

fn read_data(
    reader: &mut Reader,
    directory: &Path,
    list: &[Entry<'_, '_>],
    span: Span,
) -> Option<(Vec<f64>, Span)> {
    let entry = required(reader, list, "path", "file", span)?;
    let name = reader.string(entry.value, "`path`")?;
    match read_numbers(directory, name) {
        Ok(values) => Some((values, span_of(entry.value))),
        Err((message, help)) => {
            reader.fault("D012", span_of(entry.value), message, help);
            None
        }
    }
}

fn declare(scope: &mut Scope, name: &str, declared: &Declared) {
    fn put<T: Clone>(list: &mut Vec<(String, T)>, name: &str, value: &T) {
        match list.iter_mut().find(|(n, _)| n == name) {
            Some((_, old)) => *old = value.clone(),
            None => list.push((name.to_owned(), value.clone())),
        }
    }
    // A name that changes its kind leaves its old list.
    let (symbol, random, definition) = (
        matches!(declared, Declared::Symbol(_) | Declared::Faulty),
        matches!(declared, Declared::Random(_)),
        matches!(declared, Declared::Definition(_)),
    );
    scope.symbols.retain(|(n, _)| symbol || n != name);
    scope.random.retain(|(n, _)| random || n != name);
    scope.definitions.retain(|(n, _)| definition || n != name);
    match declared {
        Declared::Faulty => {
            let nothing = Expr {
                node: std::sync::Arc::new(Node::Number(BigRational::zero())),
                span: Span::default(),
            };
            put(
                &mut scope.symbols,
                name,
                &Symbol::Integer {
                    min: nothing.clone(),
                    max: nothing,
                },
            );
        }
        Declared::Symbol(x) => put(&mut scope.symbols, name, x),
        Declared::Random(x) => put(&mut scope.random, name, x),
        Declared::Definition(x) => put(&mut scope.definitions, name, x),
    }
}

/// A claim that names another variable starts a new path; otherwise its path is laid over the file's.
fn lay_limit(scope: &mut Scope, layer: &LimitLayer) {
    let old = scope.limit.take();
    let (variable, mut path) = match (&layer.variable, old) {
        (Some((variable, _)), Some(old)) if *variable == old.variable => (old.variable, old.path),
        (Some((variable, _)), _) => (variable.clone(), Vec::new()),
        (None, Some(old)) => (old.variable, old.path),
        (None, None) => (String::new(), Vec::new()),
    };
    for (name, _, expr) in &layer.path {
        path.retain(|(n, _)| n != name);
        path.push((name.clone(), expr.clone()));
    }
    scope.limit = Some(Limit { variable, path });
}

struct Places {
    spectrum: Option<Span>,
    target: Option<Span>,
    infinite: Option<Span>,
    d: Option<Span>,
}

fn check_setting(reader: &mut Reader, scope: &mut Scope, places: Places) {
    if let Some(span) = places.infinite {
        match &scope.setting.spectrum {
            SpectrumKind::PowerLaw { beta } => {
                if constant(beta).is_some_and(|x| x <= BigRational::one()) {
                    let message =
                        format!("beta = {beta} gives an infinite trace where d is infinite");
                    reader.fault(
                        "D008",
                        beta.span,
                        message,
                        "beta is more than 1, or d is finite",
                    );
                }
            }
            _ => reader.fault(
                "D011",
                places.spectrum.unwrap_or(span),
                "this spectrum has no infinite form",
                "where d is infinite, the spectrum is { kind = \"power-law\", beta = … }",
            ),
        }
        if let Some(d) = places.d {
            reader.fault(
                "D011",
                d,
                "`d` is declared, but [setting] says it is infinite",
                "remove one of the two",
            );
        }
        if matches!(scope.setting.target, TargetKind::Isotropic { .. }) {
            reader.fault(
                "D011",
                places.target.unwrap_or(span),
                "an isotropic target has no infinite form",
                "where d is infinite, the target is { kind = \"source\", r = … } or { kind = \"axis\", … }",
            );
        }
    }
    if matches!(scope.setting.target, TargetKind::Source { .. })
        && !matches!(scope.setting.spectrum, SpectrumKind::PowerLaw { .. })
        && let Some(span) = places.target
    {
        reader.fault(
            "D011",
            span,
            "a source condition needs a power law",
            "write spectrum = { kind = \"power-law\", beta = … }",
        );
    }
    // The length of a file's list is the dimension.
    let eigenvalues = match &scope.setting.spectrum {
        SpectrumKind::Explicit(values) => Some(values.len()),
        _ => None,
    };
    let coefficients = match &scope.setting.target {
        TargetKind::Explicit(values) => Some(values.len()),
        _ => None,
    };
    if let (Some(a), Some(b)) = (eigenvalues, coefficients)
        && a != b
    {
        let span = places.target.unwrap_or_default();
        reader.fault(
            "D012",
            span,
            format!("{b} coefficients for {a} eigenvalues"),
            "the files hold one of both for each dimension",
        );
    }
    if let (Some(count), None) = (eigenvalues.or(coefficients), places.infinite) {
        match places.d {
            None => {
                let number = Node::Number(BigRational::from_integer(count.into()));
                let d = Expr {
                    node: std::sync::Arc::new(number),
                    span: Span::default(),
                };
                scope.symbols.push(("d".to_owned(), Symbol::Defined(d)));
            }
            Some(span) => {
                let declared = scope.expansion("d").and_then(constant);
                if declared != Some(BigRational::from_integer(count.into())) {
                    let message = format!("`d` is the number of values in the file, {count}");
                    reader.fault("D011", span, message, "leave `d` out");
                }
            }
        }
    }
}

fn check_limit(reader: &mut Reader, scope: &Scope, layers: &[&Layer]) {
    let Some(limit) = &scope.limit else { return };
    let free = |name: &str| {
        scope
            .symbols
            .iter()
            .any(|(n, symbol)| n == name && !matches!(symbol, Symbol::Defined(_)))
    };
    let given = layers.iter().rev().filter_map(|l| l.limit.as_ref());
    if limit.variable.is_empty() {
        for layer in given {
            reader.fault(
                "D005",
                layer.span,
                "the limit has no variable",
                "name the symbol that tends to infinity: variable = \"T\"",
            );
        }
        return;
    }
    let mut places = Vec::new();
    for layer in given {
        if let Some((name, span)) = &layer.variable
            && *name == limit.variable
        {
            places.push((name.as_str(), *span));
        }
        for (name, span, _) in &layer.path {
            if limit.path.iter().any(|(n, _)| n == name) {
                places.push((name, *span));
            }
        }
    }
    for (name, span) in places {
        if !free(name) {
            let message = format!("`{name}` is not a symbol with a domain");
            reader.fault(
                "D010",
                span,
                message,
                "a limit moves symbols that have a domain under [symbols]; defined ones follow",
            );
        }
    }
    for layer in layers.iter().filter_map(|l| l.limit.as_ref()) {
        for (name, span, _) in &layer.path {
            if *name == limit.variable {
                reader.fault(
                    "D011",
                    *span,
                    format!("`{name}` is the limit's variable; it follows no path"),
                    "remove it from the path",
                );
            }
        }
    }
}

/// The sizes of random objects are not themselves random.
fn check_random(reader: &mut Reader, scope: &Scope) {
    for (name, object) in &scope.random {
        let mut sizes: Vec<&Expr> = match &object.law {
            Law::Design { rows } => vec![rows],
            Law::Noise { length, sd } => vec![length, sd],
            Law::Labeller {
                generations,
                samples,
                sd,
                ridge,
                ..
            } => [generations, samples, sd]
                .into_iter()
                .chain(ridge)
                .collect(),
        };
        sizes.extend(&object.count);
        for size in sizes {
            if let Some(random) = random_name(size, scope) {
                let message = format!("`{name}` depends on the random object `{random}`");
                reader.fault(
                    "D011",
                    size.span,
                    message,
                    "sizes and standard deviations are made of symbols",
                );
            }
            if constant(size).is_some_and(|x| x.is_negative()) {
                let message = format!("`{name}` has the size {size}");
                reader.fault(
                    "D008",
                    size.span,
                    message,
                    "sizes and standard deviations are not negative",
                );
            }
            if constant(size).is_some_and(|x| x.is_zero())
                && matches!(object.law, Law::Design { .. })
            {
                reader.fault(
                    "D008",
                    size.span,
                    format!("`{name}` has no rows"),
                    "a design has at least one row",
                );
            }
        }
    }
}

/// A random object that `expr` depends on, directly or through definitions.
fn random_name(expr: &Expr, scope: &Scope) -> Option<String> {
    let mut seen = std::collections::BTreeSet::new();
    let mut open: Vec<Expr> = vec![expr.clone()];
    while let Some(expr) = open.pop() {
        for (name, _) in free_names(&expr) {
            if scope.random.iter().any(|(n, _)| *n == name) {
                return Some(name);
            }
            if seen.insert(name.clone())
                && let Some(definition) = scope.expansion(&name)
            {
                open.push(definition.clone());
            }
        }
    }
    None
}
