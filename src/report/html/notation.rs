//! What the signs of the page mean, for a reader who knows neither the language of formulas nor the paper.

use std::fmt::Write;

use super::text::escape;
use crate::report::explain::VERDICTS;

/// Signs of every derivation file; what else occurs is a symbol of the file.
const SIGNS: [(&str, &str); 14] = [
    ("d", "number of inputs (dimension)"),
    (
        "T",
        "number of samples of the last fit, as files commonly name it",
    ),
    (
        "T₀, n, σ₀",
        "samples, number and label noise of the generations that made synthetic labels",
    ),
    ("Σ", "covariance matrix of the inputs"),
    ("w₀", "true coefficients; labels are x·w₀ and noise"),
    (
        "X",
        "a design: rows are samples, Gaussian with covariance Σ",
    ),
    (
        "λ",
        "ridge; 0 is least squares, or the minimum norm where there are fewer samples than inputs",
    ),
    (
        "κ(λ, T)",
        "the ridge that the fit behaves as: κ − λ = κ df₁(κ)/T",
    ),
    (
        "df₁, df₂",
        "degrees of freedom: tr Σ(Σ + κ)⁻¹ and tr Σ²(Σ + κ)⁻²",
    ),
    ("𝔼", "mean over designs and noise"),
    (
        "≃",
        "the ratio of both sides tends to 1 in the limit of the file",
    ),
    ("≍", "the ratio stays between two positive constants"),
    ("≲, ≳", "the ratio stays below, above a positive constant"),
    ("→", "tends to"),
];

/// Folded: signs, then verdicts.
pub(super) fn notation() -> String {
    let mut out = String::from(
        "<details class=\"notation\"><summary>How to read this page: signs and verdicts</summary>\n<dl class=\"facts\">\n",
    );
    let verdicts = VERDICTS.iter().map(|entry| (entry.name, entry.short));
    for (sign, meaning) in SIGNS.into_iter().chain(verdicts) {
        let _ = writeln!(out, "<dt>{}</dt><dd>{}</dd>", escape(sign), escape(meaning));
    }
    out.push_str("</dl>\n</details>\n");
    out
}
