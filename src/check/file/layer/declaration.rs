//! One entry of [symbols], [random] or [define]: a name, and what it is declared to be.

use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive};
use toml::de::DeValue;

use super::declared::Declared;
use crate::check::file::reader::{Entry, Reader, Value, entries, find, span_of};
use crate::formula::ast::{Expr, Function, Node};
use crate::formula::constant::constant;
use crate::formula::function::{FORMS, RESERVED};
use crate::formula::scope::{DefinedFunction, Designs, Law, RandomObject, Scale, Start, Symbol};
use crate::formula::token::canonical_name;

pub(super) type ReadEntry = fn(&mut Reader, &str, &Entry<'_, '_>) -> Option<Declared>;

/// A name as formulas see it; `None` and a fault where it cannot be declared.
pub(super) fn declared_name(reader: &mut Reader, entry: &Entry<'_, '_>) -> Option<String> {
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

/// `"Bias(x)" = "…"`
pub(super) fn read_function(
    reader: &mut Reader,
    entry: &Entry<'_, '_>,
) -> Option<(String, DefinedFunction)> {
    let parts = entry
        .key
        .trim()
        .strip_suffix(')')
        .and_then(|rest| rest.split_once('('));
    let names = parts.and_then(|(name, inside)| {
        let parameters: Option<Vec<String>> = inside
            .split(',')
            .map(|p| canonical_name(p.trim()))
            .collect();
        Some((canonical_name(name.trim())?, parameters?))
    });
    let Some((name, parameters)) = names else {
        let message = format!("`{}` is no function", entry.key.escape_debug());
        let help = "write \"f(x)\" = \"…\" or \"f(x, y)\" = \"…\"";
        reader.fault("D013", entry.key_span, message, help);
        return None;
    };
    let taken = Function::from_name(&name).is_some()
        // `root(x)` and `root(x in …)` can be told apart.
        || FORMS.iter().any(|(form, _)| *form == name && *form != "root")
        || RESERVED.contains(&name.as_str());
    let reserved = parameters.iter().find(|p| RESERVED.contains(&p.as_str()));
    let twice = (1..parameters.len()).find(|&i| parameters[..i].contains(&parameters[i]));
    let fault = if taken {
        Some(format!("`{name}` is a function of the language"))
    } else if let Some(p) = reserved {
        Some(format!(
            "`{p}` has a fixed meaning and cannot be a variable"
        ))
    } else {
        twice.map(|i| format!("`{}` occurs twice in `{}`", parameters[i], entry.key.trim()))
    };
    if let Some(message) = fault {
        reader.fault("D013", entry.key_span, message, "choose another name");
        return None;
    }
    if let DeValue::Table(table) = entry.value.get_ref() {
        return read_recursion(reader, name, parameters, (entry, &entries(table)));
    }
    let body = reader.expression(entry.value, &format!("the function `{name}`"))?;
    let function = DefinedFunction {
        parameters,
        body,
        start: None,
    };
    Some((name, function))
}

/// `"w(i)" = { start = "…", step = "…", from = 0 }`
fn read_recursion(
    reader: &mut Reader,
    name: String,
    parameters: Vec<String>,
    (entry, list): (&Entry<'_, '_>, &[Entry<'_, '_>]),
) -> Option<(String, DefinedFunction)> {
    let what = format!("the recursion `{name}`");
    reader.known_keys(list, &["start", "step", "from"], &what);
    if parameters.len() != 1 {
        let message = format!("{what} has {} variables", parameters.len());
        let help =
            "a recursion has one index: \"w(i)\" = { start = \"…\", step = \"… w(i - 1) …\" }";
        reader.fault("D013", entry.key_span, message, help);
        return None;
    }
    let (Some(start), Some(step)) = (find(list, "start"), find(list, "step")) else {
        let message = format!("{what} has no start or no step");
        let help = "write { start = \"…\", step = \"…\" }; the step makes w(i) of w(i - 1)";
        reader.fault("D005", span_of(entry.value), message, help);
        return None;
    };
    let index = match find(list, "from") {
        None => 0,
        Some(from) => {
            let value = reader.expression(from.value, &format!("the first index of {what}"))?;
            let whole = constant(&value).filter(|x| x.is_integer());
            match whole.and_then(|x| x.numer().to_i64()) {
                Some(index) => index,
                None => {
                    let message = format!("{what} starts from {value}");
                    reader.fault("D008", value.span, message, "start from a whole number");
                    return None;
                }
            }
        }
    };
    let value = reader.expression(start.value, &format!("the start of {what}"));
    let body = reader.expression(step.value, &format!("the step of {what}"));
    let function = DefinedFunction {
        parameters,
        body: body?,
        start: Some(Start {
            index,
            value: value?,
        }),
    };
    Some((name, function))
}

pub(super) fn read_definition(
    reader: &mut Reader,
    name: &str,
    entry: &Entry<'_, '_>,
) -> Option<Declared> {
    let expr = reader.expression(entry.value, &format!("the definition of `{name}`"))?;
    Some(Declared::Definition(expr))
}

pub(super) fn read_symbol(
    reader: &mut Reader,
    name: &str,
    entry: &Entry<'_, '_>,
) -> Option<Declared> {
    let DeValue::Table(table) = entry.value.get_ref() else {
        if matches!(
            entry.value.get_ref(),
            DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_)
        ) {
            let expr = reader.expression(entry.value, &format!("`{name}`"))?;
            if matches!(&*expr.node, Node::Infinity) {
                let help = match name {
                    "d" => "write d = \"inf\" under [setting]",
                    _ => "give it a domain; what grows without end is the variable of a [limit]",
                };
                let message = format!("`{name}` is infinite, which is no number");
                reader.fault("D008", span_of(entry.value), message, help);
                return None;
            }
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
    let ends = read_interval(reader, name, domain.value)?;
    let scale = find(&list, "scale");
    let symbol = if domain.key == "integer" {
        integer_domain(reader, name, ends, scale)
    } else {
        real_domain(reader, name, ends, scale)
    };
    Some(Declared::Symbol(symbol?))
}

fn integer_domain(
    reader: &mut Reader,
    name: &str,
    (min, max): (Expr, Expr),
    scale: Option<Entry<'_, '_>>,
) -> Option<Symbol> {
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
    // Whole numbers are drawn on both scales whatever is asked for.
    read_scale(reader, name, &min, scale)?;
    Some(Symbol::Integer { min, max })
}

fn real_domain(
    reader: &mut Reader,
    name: &str,
    (min, max): (Expr, Expr),
    scale: Option<Entry<'_, '_>>,
) -> Option<Symbol> {
    let scale = read_scale(reader, name, &min, scale)?;
    Some(Symbol::Real { min, max, scale })
}

fn read_scale(
    reader: &mut Reader,
    name: &str,
    min: &Expr,
    scale: Option<Entry<'_, '_>>,
) -> Option<Scale> {
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
    if scale == Scale::Log && constant(min).is_some_and(|x| !x.is_positive()) {
        reader.fault(
            "D008",
            min.span,
            format!("the domain of `{name}` starts at {min}, which has no logarithm"),
            "start above 0, or use the linear scale",
        );
        return None;
    }
    Some(scale)
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

pub(super) fn is_infinite(expr: &Expr) -> bool {
    match &*expr.node {
        Node::Infinity => true,
        Node::Neg(x) => is_infinite(x),
        _ => false,
    }
}

/// `gaussian = ["rows", "columns"]`
fn read_sides(reader: &mut Reader, name: &str, value: &Value<'_>) -> Option<(Expr, Expr)> {
    let sides = reader.array(value, &format!("the sides of `{name}`"))?;
    let [rows, columns] = sides else {
        let message = format!("`{name}` has {} sides", sides.len());
        let help = "a matrix has rows and columns: gaussian = [\"p\", \"d\"]";
        reader.fault("D008", span_of(value), message, help);
        return None;
    };
    let what = format!("a side of `{name}`");
    let (rows, columns) = (
        reader.expression(rows, &what),
        reader.expression(columns, &what),
    );
    Some((rows?, columns?))
}

pub(super) fn read_random(
    reader: &mut Reader,
    name: &str,
    entry: &Entry<'_, '_>,
) -> Option<Declared> {
    let list = reader.table(entry.value, &format!("`{name}`"))?;
    let law = find_law(reader, name, entry, &list)?;
    let allowed: &[&str] = match law.key {
        "design" => &["design", "covariance", "count"],
        "gaussian" => &["gaussian", "covariance", "count"],
        "noise" => &["noise", "sd", "covariance", "count"],
        _ => &["labeller", "samples", "sd", "ridge", "designs", "count"],
    };
    reader.known_keys(&list, allowed, &format!("the {} `{name}`", law.key));
    let mut object = RandomEntry {
        reader,
        name,
        law,
        list: &list,
    };
    // A fault in the count is reported beside those of the law.
    let count = object.optional("count");
    if law.key == "noise"
        && let Some(covariance) = find(&list, "covariance")
    {
        let (length, covariance) = object.read_correlated(&covariance)?;
        let sd = Expr::new(Node::Number(BigRational::one()), covariance.span);
        let law = Law::Noise { length, sd };
        return Some(Declared::Correlated(
            RandomObject { law, count: count? },
            covariance,
        ));
    }
    let law = object.read_law()?;
    Some(Declared::Random(RandomObject { law, count: count? }))
}

/// The one key that says what is random.
fn find_law<'a, 'b>(
    reader: &mut Reader,
    name: &str,
    entry: &Entry<'_, '_>,
    list: &[Entry<'a, 'b>],
) -> Option<Entry<'a, 'b>> {
    const LAWS: [&str; 4] = ["design", "gaussian", "noise", "labeller"];
    let laws: Vec<_> = list
        .iter()
        .filter(|e| LAWS.contains(&e.key))
        .copied()
        .collect();
    match laws.as_slice() {
        [law] => Some(*law),
        [] if list.iter().any(|e| ["weights", "shares"].contains(&e.key)) => {
            reader.fault(
                "D005",
                entry.key_span,
                format!(
                    "nothing is random about `{name}`: weights on rows are a matrix of their own"
                ),
                "write it under [covariances], or [claim.covariances] for one claim",
            );
            None
        }
        [] => {
            reader.known_keys(list, &LAWS, &format!("`{name}`"));
            reader.fault(
                "D005",
                entry.key_span,
                format!("what is random about `{name}`?"),
                "write { design = \"T\" }, { noise = \"T\", sd = \"sigma\" } or { labeller = \"n\", samples = \"T0\", sd = \"sigma0\" }",
            );
            None
        }
        [first, second, ..] => {
            let message = format!("`{name}` is both a {} and a {}", first.key, second.key);
            reader.fault("D011", second.key_span, message, "keep one of the two");
            None
        }
    }
}

/// The table of one random object, whose kind is known.
struct RandomEntry<'r, 'l, 'a, 'b> {
    reader: &'r mut Reader,
    name: &'r str,
    law: Entry<'a, 'b>,
    list: &'l [Entry<'a, 'b>],
}

impl RandomEntry<'_, '_, '_, '_> {
    fn read_law(&mut self) -> Option<Law> {
        let covariance = self.optional("covariance")?;
        if self.law.key == "gaussian" {
            let (rows, columns) = read_sides(self.reader, self.name, self.law.value)?;
            return Some(Law::Gaussian {
                rows,
                columns,
                covariance,
            });
        }
        let size = self.required(self.law.key);
        Some(match (self.law.key, covariance) {
            ("design", None) => Law::Design { rows: size? },
            ("design", covariance) => Law::Gaussian {
                rows: size?,
                columns: Expr {
                    node: Node::Name("d".into()).into(),
                    span: Default::default(),
                },
                covariance,
            },
            ("noise", _) => {
                let sd = self.required("sd");
                Law::Noise {
                    length: size?,
                    sd: sd?,
                }
            }
            _ => {
                let (samples, sd) = (self.required("samples"), self.required("sd"));
                let ridge = self.optional("ridge");
                let designs = self.designs()?;
                Law::Labeller {
                    generations: size?,
                    samples: samples?,
                    sd: sd?,
                    ridge: ridge?,
                    designs,
                }
            }
        })
    }

    /// `noise = "d", covariance = "Sigma"`
    fn read_correlated(&mut self, covariance: &Entry<'_, '_>) -> Option<(Expr, Expr)> {
        let length = self.required("noise");
        if find(self.list, "sd").is_some() {
            let message = format!("the noise `{}` has both sd and covariance", self.name);
            let help = "keep one of the two: of covariance C the standard deviation is sqrt(C)";
            self.reader
                .fault("D011", covariance.key_span, message, help);
            return None;
        }
        let covariance = self.reader.expression(covariance.value, "`covariance`");
        Some((length?, covariance?))
    }

    /// `None` where it is there and faulty.
    fn optional(&mut self, key: &str) -> Option<Option<Expr>> {
        match find(self.list, key) {
            Some(entry) => {
                let expr = self.reader.expression(entry.value, &format!("`{key}`"))?;
                Some(Some(expr))
            }
            None => Some(None),
        }
    }

    fn required(&mut self, key: &str) -> Option<Expr> {
        let expr = self.optional(key)?;
        if expr.is_none() {
            let help = if key == "sd" {
                "sd is the standard deviation, not the variance: sd = \"sigma\""
            } else {
                "samples is the number of rows of each generation: samples = \"T0\""
            };
            self.reader.fault(
                "D005",
                self.law.key_span,
                format!("the {} `{}` needs `{key}`", self.law.key, self.name),
                help,
            );
        }
        expr
    }

    fn designs(&mut self) -> Option<Designs> {
        let Some(entry) = find(self.list, "designs") else {
            return Some(Designs::Independent);
        };
        match self.reader.string(entry.value, "`designs`")? {
            "independent" => Some(Designs::Independent),
            "shared" => Some(Designs::Shared),
            other => {
                let message = format!("designs are not `{}`", other.escape_debug());
                self.reader.fault(
                    "D009",
                    span_of(entry.value),
                    message,
                    "designs are \"independent\" or \"shared\"",
                );
                None
            }
        }
    }
}
