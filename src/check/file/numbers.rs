//! Files that stand beside a derivation or an experiment: eigenvalues and coefficients. They may not lead out of its
//! folder, and nothing of what they hold is repeated in a message: a stranger may have named any file.

use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

/// The most that is read of a file of numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Most {
    pub bytes: u64,
    pub numbers: usize,
}

/// Beside a derivation.
pub(super) const BESIDE_DERIVATION: Most = Most {
    bytes: 4 << 20,
    numbers: 100_000,
};
/// Beside an experiment.
pub(crate) const BESIDE_EXPERIMENT: Most = Most {
    bytes: 64 << 20,
    numbers: 2_000_000,
};

/// What is wrong, and how to mend it.
type Fault = (String, String);

/// The text of a regular file of at most `limit` bytes.
pub(crate) fn read_bounded(path: &Path, limit: u64) -> Result<String, Fault> {
    let cannot = |error: std::io::Error| {
        (
            format!("cannot read this file: {error}"),
            "check the path and its permissions".to_owned(),
        )
    };
    let too_large = || {
        (
            format!("the file is larger than {limit} bytes"),
            "split it".to_owned(),
        )
    };
    // Opening a pipe or a device could wait forever, so look before opening.
    let metadata = std::fs::metadata(path).map_err(cannot)?;
    if !metadata.is_file() {
        return Err((
            "this is not a regular file".to_owned(),
            "give the path of a file".to_owned(),
        ));
    }
    if metadata.len() > limit {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(limit + 1).read_to_end(&mut bytes))
        .map_err(cannot)?;
    if bytes.len() as u64 > limit {
        return Err(too_large());
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        (
            format!("the file is not UTF-8 text (byte {valid})"),
            "save it as UTF-8".to_owned(),
        )
    })
}

/// The path of `name` inside `directory`, which it may not leave.
fn confined(directory: &Path, name: &str) -> Result<PathBuf, Fault> {
    let relative = Path::new(name);
    let inside = relative
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let outside = || {
        (
            format!("`{name}` leads out of the directory of the file that names it"),
            "put the file beside that one, and give its path from there".to_owned(),
        )
    };
    if name.is_empty() || !inside || name.contains('\\') {
        return Err(outside());
    }
    let directory = if directory.as_os_str().is_empty() {
        Path::new(".")
    } else {
        directory
    };
    let cannot = |error: std::io::Error| {
        (
            format!("cannot read `{name}`: {error}"),
            "the path is taken from the directory of the file that names it".to_owned(),
        )
    };
    let root = directory.canonicalize().map_err(cannot)?;
    // Symbolic links are followed first, and judged by where they lead.
    let path = directory.join(relative).canonicalize().map_err(cannot)?;
    if path.starts_with(&root) {
        Ok(path)
    } else {
        Err(outside())
    }
}

/// What is looked for in a spectrum file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Eigenvalues,
    Coefficients,
}

impl Wanted {
    fn key(self) -> &'static str {
        match self {
            Wanted::Eigenvalues => "eigenvalues",
            Wanted::Coefficients => "coefficients",
        }
    }
}

/// Numbers separated by white space or commas, where `#` starts a comment; or, in a `.toml`, the list that is `wanted`.
pub(crate) fn read_numbers(
    directory: &Path,
    name: &str,
    wanted: Wanted,
    most: Most,
) -> Result<Vec<f64>, Fault> {
    let path = confined(directory, name)?;
    let text = read_bounded(&path, most.bytes)
        .map_err(|(message, help)| (format!("`{name}`: {message}"), help))?;
    if path.extension().is_some_and(|e| e == "toml") {
        return spectrum_file(name, &text, wanted, most);
    }
    let mut numbers = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let content = line.split('#').next().unwrap_or("");
        for word in content
            .split(|c: char| c.is_whitespace() || c == ',')
            .filter(|word| !word.is_empty())
        {
            let value: Option<f64> = word.parse().ok().filter(|x: &f64| x.is_finite());
            let Some(value) = value else {
                return Err((
                    format!("`{name}`, line {}: not a finite number", i + 1),
                    "the file holds numbers, separated by white space or commas".to_owned(),
                ));
            };
            numbers.push(value);
            if numbers.len() > most.numbers {
                return Err((
                    format!("`{name}` holds more than {} numbers", most.numbers),
                    "use fewer".to_owned(),
                ));
            }
        }
    }
    if numbers.is_empty() {
        return Err((
            format!("`{name}` holds no numbers"),
            "the file holds numbers, separated by white space or commas".to_owned(),
        ));
    }
    Ok(numbers)
}

/// A list of a file that `resolvent spectrum` wrote.
fn spectrum_file(name: &str, text: &str, wanted: Wanted, most: Most) -> Result<Vec<f64>, Fault> {
    let key = wanted.key();
    let help = || format!("a spectrum file, as `resolvent spectrum` writes it, has a list `{key}`");
    let table: toml::Table = text
        .parse()
        .map_err(|_| (format!("`{name}` is no TOML file"), help()))?;
    let list = (table.get(key))
        .and_then(toml::Value::as_array)
        .filter(|list| !list.is_empty())
        .ok_or_else(|| (format!("`{name}` has no {key}"), help()))?;
    if list.len() > most.numbers {
        return Err((
            format!("`{name}` holds more than {} {key}", most.numbers),
            "use fewer".to_owned(),
        ));
    }
    let number = |(i, value): (usize, &toml::Value)| {
        let whole = value.as_integer().map(|n| n as f64);
        (value.as_float().or(whole).filter(|x| x.is_finite())).ok_or_else(|| {
            let message = format!("`{name}`, number {} of {key}: not a finite number", i + 1);
            (message, help())
        })
    };
    list.iter().enumerate().map(number).collect()
}
