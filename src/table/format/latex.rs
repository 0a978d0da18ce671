//! A `tabular` for the package booktabs.

use super::super::Table;
use super::content::{checksum, definition, header, names, texts};

pub(super) fn render(table: &Table) -> String {
    let names = names(table);
    let mut body = format!(
        "\\begin{{tabular}}{{{}}}\n\\toprule\n",
        "r".repeat(names.len())
    );
    let heads: Vec<String> = names.iter().map(|n| name(n)).collect();
    body.push_str(&format!("{} \\\\\n\\midrule\n", heads.join(" & ")));
    for row in &table.rows {
        let cells: Vec<String> = texts(row).into_iter().map(number).collect();
        body.push_str(&format!("{} \\\\\n", cells.join(" & ")));
    }
    body.push_str("\\bottomrule\n\\end{tabular}\n");
    let mut out = String::new();
    for line in header(table, &checksum(&body)) {
        out.push_str(&format!("% {line}\n"));
    }
    out + "% definition:\n" + &definition(table, "%|") + &body
}

fn name(name: &str) -> String {
    const GREEK: [&str; 10] = [
        "beta", "kappa", "lambda", "sigma", "phi", "rho", "eta", "delta", "ell", "alpha",
    ];
    let split = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let index = &name[split.len()..];
    let letter = if GREEK.contains(&split) {
        format!("\\{split}")
    } else if split.chars().count() == 1 {
        split.to_owned()
    } else {
        format!("\\mathrm{{{}}}", split.replace('_', "\\ "))
    };
    if index.is_empty() {
        format!("${letter}$")
    } else {
        format!("${letter}_{{{index}}}$")
    }
}

fn number(text: &str) -> String {
    match text {
        "inf" => return "$\\infty$".to_owned(),
        "nan" => return "--".to_owned(),
        _ => {}
    }
    match text.split_once('e') {
        Some((mantissa, exponent)) if mantissa.parse::<f64>().is_ok() => {
            format!("${mantissa} \\times 10^{{{exponent}}}$")
        }
        _ if text.parse::<f64>().is_ok() => format!("${text}$"),
        _ => format!(
            "\\texttt{{{}}}",
            text.replace('^', "\\^{}").replace('_', "\\_")
        ),
    }
}
