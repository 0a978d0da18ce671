//! A spectrum as a file: eigenvalues, coefficients of the target, and where they come from. Experiments and derivations name
//! it where they would name a file of numbers.

use std::fmt::Write;

use super::{Estimate, Kernel};

/// The file's text (TOML). `data` names the file the estimate was made from.
pub fn write(estimate: &Estimate, data: &str) -> String {
    let mut out = String::from("# A spectrum estimated from data by `resolvent spectrum`.\n\n");
    let _ = writeln!(out, "kind = \"spectrum\"");
    numbers(&mut out, "eigenvalues", &estimate.eigenvalues);
    if let Some(target) = &estimate.target {
        out.push_str("# Along the eigenvectors, in the order of the eigenvalues.\n");
        numbers(&mut out, "coefficients", &target.coefficients);
        out.push_str("# Standard deviation of the labels' noise and of what is not resolved.\n");
        let _ = writeln!(out, "noise = {}", toml_number(target.noise));
    }
    let _ = write!(
        out,
        "\n[made]\ndata       = {}\nrows       = {}\nfeatures   = {}\nkernel     = \"{}\"\n",
        toml::Value::from(data),
        estimate.rows,
        estimate.features,
        estimate.kernel.name()
    );
    if let Kernel::Rbf { gamma } | Kernel::Laplace { gamma } | Kernel::Polynomial { gamma, .. } =
        estimate.kernel
    {
        let _ = writeln!(out, "gamma      = {}", toml_number(gamma.unwrap_or(1.0)));
    }
    if let Kernel::Polynomial { degree, offset, .. } = estimate.kernel {
        let _ = writeln!(
            out,
            "degree     = {degree}\noffset     = {}",
            toml_number(offset)
        );
    }
    let _ = write!(
        out,
        "population = {}\nwindow     = [{}, {}]\nbeta       = {}\nbeta_95    = [{}, {}]\n",
        estimate.population,
        estimate.window.0,
        estimate.window.1,
        toml_number(estimate.beta.value),
        toml_number(estimate.beta.low),
        toml_number(estimate.beta.high),
    );
    if let Some((r, _)) = estimate
        .target
        .as_ref()
        .and_then(|target| target.source.as_ref())
    {
        let _ = write!(
            out,
            "source     = {}\nsource_95  = [{}, {}]\n",
            toml_number(r.value),
            toml_number(r.low),
            toml_number(r.high),
        );
    }
    out
}

/// A float, with a point or an exponent, as TOML wants it.
fn toml_number(x: f64) -> String {
    format!("{x:?}")
}

fn numbers(out: &mut String, name: &str, values: &[f64]) {
    let _ = writeln!(out, "{name} = [");
    for line in values.chunks(6) {
        let words: Vec<String> = line.iter().map(|x| toml_number(*x)).collect();
        let _ = writeln!(out, "  {},", words.join(", "));
    }
    out.push_str("]\n");
}
