//! The laws as a table for the terminal.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, Table, presets};

use super::ScalingReport;
use super::law::{affine_text, fraction, power_text};

fn exponent_text(ell: Option<&str>) -> String {
    match ell {
        Some("0") => "1".to_owned(),
        Some(ell) => power_text(Some(&format!("-{ell}")), None),
        None => "0, minimum norm".to_owned(),
    }
}

impl ScalingReport {
    /// The report as text.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        // writing to a string does not fail
        let _ = self.write_text(&mut out);
        out
    }

    fn write_text(&self, out: &mut String) -> std::fmt::Result {
        self.write_setting(out)?;
        self.write_terms(out)?;
        self.write_along_ell(out)?;
        self.write_best(out)?;
        self.write_clean_choice(out)
    }

    fn write_setting(&self, out: &mut String) -> std::fmt::Result {
        let s = &self.setting;
        write!(
            out,
            "s_k = k^-{}, source exponent r = {}",
            fraction(&s.beta),
            s.source
        )?;
        writeln!(out, ", d = {}", s.dimension)?;
        match &s.noise {
            None => write!(out, "no label noise")?,
            Some(e) => write!(out, "sigma^2 = {}", power_text(Some(e), None))?,
        }
        if let Some(b) = &s.labeller_samples {
            write!(
                out,
                "; labels from fits to T0 = {}",
                power_text(Some(b), None)
            )?;
            match &s.synthetic {
                None => write!(out, ", without noise")?,
                Some(a) => write!(out, ", n sigma0^2 = {}", power_text(Some(a), None))?,
            }
        }
        writeln!(out)?;
        writeln!(out, "ell_crit = {}, c = {}", self.ell_crit, self.c)
    }

    /// Every term at one ridge, and what cannot be said or trusted about them.
    fn write_terms(&self, out: &mut String) -> std::fmt::Result {
        writeln!(
            out,
            "\nAt lambda = {}",
            exponent_text(self.at.ell.as_deref())
        )?;
        writeln!(out, "{}", self.term_table().trim_fmt())?;
        if let Some(samples) = self.at.measured_at {
            writeln!(
                out,
                "measured: local slope of the deterministic equivalent over the decade up to T = {samples:.3e};\n\
                 expected: the same of the expansion; value/law: its value over the leading term there."
            )?;
        }
        for term in &self.at.terms {
            if let Some(why) = &term.undecided {
                writeln!(out, "{}: {why}", term.term)?;
            }
        }

        for term in &self.at.terms {
            if let Some(what) = term.disagreement() {
                writeln!(out, "warning: {}: {what}", term.term)?;
            }
        }

        Ok(())
    }

    fn write_along_ell(&self, out: &mut String) -> std::fmt::Result {
        if self.along_ell.is_empty() {
            return Ok(());
        }
        writeln!(out, "\nThe test error along lambda = T^-ell")?;
        let mut table = plain_table(&["from", "to", "power of T", "leads"]);
        for stretch in &self.along_ell {
            table.add_row([
                stretch.from.clone(),
                stretch.to.clone().unwrap_or_else(|| "inf".to_owned()),
                stretch.power.clone(),
                stretch.leads.join(" = "),
            ]);
        }
        writeln!(out, "{}", table.trim_fmt())
    }

    /// The best ridges, and the rate that they reach.
    fn write_best(&self, out: &mut String) -> std::fmt::Result {
        let best = &self.best;
        let intervals: Vec<String> = best
            .ell
            .iter()
            .map(|(from, to)| match to {
                Some(to) if to == from => match &best.ridge_log {
                    None => format!("ell = {from}"),
                    log => format!(
                        "lambda = {}",
                        power_text(Some(&format!("-{from}")), log.as_deref())
                    ),
                },
                Some(to) => format!("{from} <= ell <= {to}"),
                None => format!("ell >= {from}"),
            })
            .collect();
        let mut choices = intervals;
        if best.ridgeless {
            choices.push("lambda = 0".to_owned());
        }
        let rate = match &best.power {
            None => "the test error vanishes".to_owned(),
            power => format!(
                "test error of order {}",
                power_text(power.as_deref(), best.log_power.as_deref())
            ),
        };
        writeln!(
            out,
            "\nBest: {}; {rate} ({})",
            choices.join(" or "),
            best.leads.join(" = ")
        )
    }

    /// What the best choice on clean data costs here.
    fn write_clean_choice(&self, out: &mut String) -> std::fmt::Result {
        if let Some(clean) = &self.clean_choice {
            let choice = match &clean.ell {
                Some(ell) => format!("ell = {ell}"),
                None => "lambda = 0".to_owned(),
            };
            let clean_rate = power_text(clean.clean_power.as_deref(), None);
            let here = power_text(clean.power.as_deref(), None);
            write!(
                out,
                "Best on clean data: {choice} ({clean_rate} there); here it gives {here}"
            )?;
            match clean.rate_lost.as_deref() {
                Some("0") => writeln!(out, ", nothing lost")?,
                Some(lost) => writeln!(
                    out,
                    ", a factor {} lost ({})",
                    power_text(Some(lost), None),
                    clean.leads.join(" = ")
                )?,
                None => writeln!(out)?,
            }
        }
        Ok(())
    }

    fn term_table(&self) -> Table {
        let measured = self.at.measured_at.is_some();
        let mut header = vec!["", "term", "law", "power as a function"];
        if measured {
            header.extend(["measured", "expected", "value/law"]);
        }
        let mut table = plain_table(&header);
        for term in &self.at.terms {
            let law = match (term.coefficient, &term.undecided) {
                (Some(c), _) => {
                    let power = power_text(term.power.as_deref(), term.log_power.as_deref());
                    format!("{} {power}", significant(c))
                }
                (None, Some(_)) => "undecided".to_owned(),
                (None, None) => "0".to_owned(),
            };
            let mut row = vec![
                if term.leads { "*" } else { "" }.to_owned(),
                term.term.to_owned(),
                law,
                match (&term.law, term.coefficient) {
                    (Some(law), _) => affine_text(law),
                    (None, Some(_)) => "(kink)".to_owned(),
                    (None, None) => String::new(),
                },
            ];
            if measured {
                let digits = |x: Option<f64>| x.map_or_else(String::new, |x| format!("{x:.6}"));
                row.push(digits(term.measured_slope));
                row.push(digits(term.expected_slope));
                row.push(digits(term.measured_ratio));
            }
            table.add_row(row);
        }
        for column in 4..7 {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table
    }
}

fn plain_table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table
}

/// Five significant digits.
fn significant(x: f64) -> String {
    let size = x.abs();
    if size != 0.0 && !(1e-3..1e5).contains(&size) {
        format!("{x:.4e}")
    } else {
        let digits = (4.0 - size.log10().floor()).clamp(0.0, 8.0) as usize;
        format!("{x:.digits$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::scaling::LawReport;

    #[test]
    fn affine_laws_read_like_formulas() {
        let law = |constant: &str, slopes: &[(&'static str, &str)]| {
            affine_text(&LawReport {
                constant: constant.to_owned(),
                slopes: slopes.iter().map(|(n, s)| (*n, (*s).to_owned())).collect(),
            })
        };
        assert_eq!(law("0", &[("ell", "-3/4")]), "-3/4 ell");
        assert_eq!(
            law("0", &[("ell", "1/2"), ("a", "1"), ("b", "-1")]),
            "1/2 ell + a - b"
        );
        assert_eq!(law("-1", &[("ell", "1/2")]), "1/2 ell - 1");
        assert_eq!(law("0", &[]), "0");
    }
}
