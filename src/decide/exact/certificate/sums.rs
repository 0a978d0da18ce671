//! Sums over the spectrum as their partial fractions.

use super::super::atom::{EIGENVALUE, Moment, Part};
use super::super::fraction::Fraction;
use super::super::ground::{Spectrum, Stop};
use super::super::moment::{Expansion, expand};
use super::super::polynomial::Polynomial;
use super::script::{Script, say};
use super::writer::{Sum, Writer};

/// Rewrites every sum over the spectrum by its partial fractions; the sums that are left get names.
pub fn split(writer: &mut Writer<'_>, script: &mut Script) -> Result<Vec<String>, Stop> {
    let mut bases: Vec<String> = Vec::new();
    let isotropic = writer.exact.ground.spectrum == Spectrum::Identity;
    let mut sums: Vec<(usize, Sum)> = writer.sums.iter().cloned().enumerate().collect();
    if isotropic {
        // A sum's function may hold sums that were met before it: those stand after it is rewritten.
        sums.reverse();
    }
    for (i, sum) in &sums {
        let n = i + 1;
        let told = if isotropic {
            if sum.kind == Moment::Target && bases.is_empty() {
                // All that is left of w0 is its length.
                let length = Polynomial::variable(EIGENVALUE);
                writer
                    .bases
                    .push((Moment::Target, Part::power(length, 0), "u0".to_owned()));
                bases.push("quad (fun s => 1) S".to_owned());
            }
            at_one(sum, n, script)
        } else {
            apart(writer, sum, n, &mut bases, script)?
        };
        if !told {
            continue;
        }
        let mut line = String::new();
        for (k, root) in writer.roots.iter().enumerate() {
            if root.is_open() {
                for fact in ["D", "E", "F", "G"] {
                    line.push_str(&format!("try rewrite H{n} in {fact}{}; ", k + 1));
                }
            }
        }
        say!(script, "{line}try rewrite H{n}.\nclear H{n}.");
    }
    Ok(bases)
}

/// For `Σ = I` a sum is its term at 1, as often as there are dimensions.
fn at_one(sum: &Sum, n: usize, script: &mut Script) -> bool {
    let (head, f) = (head(sum.kind), &sum.function);
    if sum.kind == Moment::Target && f == "1" {
        return false;
    }
    say!(
        script,
        "pose proof ({head}_isotropic S (fun s => {f}) HI) as H{n}; cbv beta in H{n}.\n\
         change ({head} (fun s => {f}) S) with {} in H{n}.",
        sum.call
    );
    true
}

pub fn head(kind: Moment) -> &'static str {
    match kind {
        Moment::Trace => "tr",
        Moment::Target => "quad",
    }
}

fn apart(
    writer: &mut Writer<'_>,
    sum: &Sum,
    n: usize,
    bases: &mut Vec<String>,
    script: &mut Script,
) -> Result<bool, Stop> {
    let head = head(sum.kind);
    let mut items = Vec::new();
    let mut total = Vec::new();
    let expansion = expand(&sum.exact, EIGENVALUE)?;
    distinct(writer, &expansion)?;
    for (part, c) in expansion {
        let c = writer.fraction(&c)?;
        let Part { base, power, times } = part.clone();
        let text = match (power, times) {
            (0, _) => "1".to_owned(),
            (p, _) if p > 0 => format!("s ^ {p}"),
            (p, 0) => format!("/ {} ^ {}", writer.polynomial(&base)?, -p),
            (p, n) => format!("s ^ {n} / {} ^ {}", writer.polynomial(&base)?, -p),
        };
        items.push(format!("({c}, fun s => {text})"));
        let basis = format!("{head} (fun s => {text}) S");
        total.push(format!("{c} * {basis}"));
        if !(power == 0 && sum.kind == Moment::Trace) && !bases.contains(&basis) {
            let part = if power == 0 {
                Part::one(EIGENVALUE)
            } else {
                part
            };
            let name = format!("u{}", bases.len());
            writer.bases.push((sum.kind, part, name));
            bases.push(basis);
        }
    }
    let text = total
        .iter()
        .rev()
        .fold("0".to_owned(), |rest, term| format!("({term} + {rest})"));
    if items.len() == 1 && sum.call == format!("({})", bases.last().cloned().unwrap_or_default()) {
        return Ok(false);
    }
    say!(
        script,
        "assert (H{n} : {call} = {text}).\n\
         {{ change ({head} (fun s => {f}) S = {head}s [{}] S).\n  \
         apply {head}_split; [assumption|]. intros s Hs; unfold combination; cbn [fold_right fst snd].\n  \
         {}field; side. }}\n\
         try change (tr (fun s => 1) S) with (tr (fun _ => 1) S) in H{n}; try rewrite tr_one in H{n}.",
        items.join("; "),
        zeros(writer, "; "),
        call = sum.call,
        f = sum.function,
    );
    Ok(true)
}

/// Rewriting of each `κ` that is a number.
pub fn zeros(writer: &Writer<'_>, end: &str) -> String {
    writer
        .roots
        .iter()
        .enumerate()
        .filter(|(_, root)| !root.is_open())
        .map(|(i, _)| format!("rewrite ?Z{}{end}", i + 1))
        .collect()
}

/// Two poles that may coincide have no partial fractions: the kernel refuses to divide by their distance.
fn distinct(writer: &mut Writer<'_>, expansion: &Expansion) -> Result<(), Stop> {
    let mut poles: Vec<Polynomial> = (expansion.keys())
        .filter(|part| part.power < 0)
        .map(|part| part.base.clone())
        .collect();
    poles.dedup();
    if poles.iter().any(|pole| pole.degree_in(EIGENVALUE) > 1) {
        // What their distance is stands in the denominators.
        let denominators = expansion.values().flat_map(|c| c.denominator.keys());
        for distance in denominators.cloned().collect::<Vec<_>>() {
            if (writer.exact.ground.require_nonzero(&distance.into())).is_err() {
                return Err(Stop::Beyond("two poles that may coincide".into()));
            }
        }
        return Ok(());
    }
    for (i, a) in poles.iter().enumerate() {
        for b in &poles[i + 1..] {
            let gap: Fraction = a.sub(b).into();
            let ground = &mut writer.exact.ground;
            if gap.mentions(EIGENVALUE) || ground.require_nonzero(&gap).is_err() {
                return Err(Stop::Beyond("two poles that may coincide".into()));
            }
        }
    }
    Ok(())
}
