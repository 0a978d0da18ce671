//! What a proof knows of each `κ`: its sign, its equation, `df_2 < T`.

use super::super::atom::{EIGENVALUE, GAPS, Moment, Part};
use super::super::fraction::Fraction;
use super::super::ground::{Spectrum, Stop};
use super::super::polynomial::Polynomial;
use super::script::{Script, say};
use super::writer::{Mode, Root, Writer};

impl Root {
    /// Whether it is a positive unknown, not a number that the assumptions give it.
    pub fn is_open(&self) -> bool {
        self.another.is_none()
            && self.exact.denominator.is_empty()
            && self
                .exact
                .numerator
                .as_variable()
                .is_some_and(|v| v >= GAPS)
    }

    /// The ridge as it stands in the equation.
    fn equation_ridge(&self) -> &str {
        if self.exact_ridge.is_zero() {
            "0"
        } else {
            &self.ridge
        }
    }
}

/// Signs of `κ`, its equation, and `df_2 < T`.
pub fn facts(writer: &mut Writer<'_>, script: &mut Script) -> Result<(), Stop> {
    let isotropic = writer.exact.ground.spectrum == Spectrum::Identity;
    for (i, root) in writer.roots.clone().into_iter().enumerate() {
        let n = i + 1;
        let (k, l, t) = (&root.name, &root.ridge, &root.samples);
        let ridgeless = root.exact_ridge.is_zero();
        if let Some(other) = root.another {
            same_as(&writer.roots[other], &root, other + 1, n, script);
            continue;
        }
        if ridgeless && l != "0" {
            say!(script, "assert (R{n} : {l} = 0) by lra.");
            say!(script, "rewrite R{n} in K{n}.");
        }
        if root.exact.is_zero() {
            say!(
                script,
                "pose proof (kappa_classical S {t} {k} HS HS0 ltac:(rewrite Hdim; lra) K{n}) as Z{n}."
            );
            continue;
        }
        if ridgeless && isotropic {
            say!(
                script,
                "pose proof (kappa_isotropic S {t} {k} HI ltac:(lra) ltac:(rewrite Hdim; lra) K{n}) as Z{n}.\n\
                 rewrite Hdim in Z{n}."
            );
            continue;
        }
        if !root.is_open() {
            return Err(Stop::Beyond("a kappa of another kind".into()));
        }
        let l = root.equation_ridge();
        if ridgeless {
            say!(
                script,
                "pose proof (kappa_ridgeless S {t} {k} HS ltac:(lra) ltac:(rewrite Hdim; lra) K{n}) as P{n}."
            );
        } else {
            say!(
                script,
                "pose proof (kappa_pos S {l} {t} {k} ltac:(lra) K{n}) as P{n}."
            );
        }
        say!(
            script,
            "pose proof (df2_lt_samples S {l} {t} {k} HS HS0 ltac:(lra) ltac:(lra) P{n} K{n}) as D{n}.\n\
             pose proof (df1_le_samples S {l} {t} {k} HS ltac:(lra) ltac:(lra) P{n} K{n}) as F{n}.\n\
             pose proof (df_nonneg S 2 {k} HS (Rlt_le _ _ P{n})) as G{n}.\n\
             pose proof (kappa_above S {l} {t} {k} HS HS0 ltac:(lra) P{n} (proj1 (proj2 K{n}))) as X{n}."
        );
        if isotropic {
            say!(
                script,
                "pose proof (isotropic_samples S {t} {k} HI P{n} D{n}) as I{n}."
            );
            if !ridgeless {
                say!(
                    script,
                    "pose proof (isotropic_above S {l} {t} {k} HI ltac:(lra) ltac:(lra) P{n} (proj1 (proj2 K{n}))) as J{n}."
                );
            }
        }
        if writer.mode == Mode::Apart {
            say!(
                script,
                "pose proof (kappa_samples S {l} {t} {k} ltac:(lra) P{n} (proj1 (proj2 K{n}))) as E{n}."
            );
            // These facts speak of degrees of freedom.
            writer.degrees(1, k, &root.exact)?;
            writer.degrees(2, k, &root.exact)?;
        }
    }
    Ok(())
}

/// `κ(μ, m)` as the root of the equation of `T ≥ m` samples too, at the ridge `κ(1 − df_1(κ)/T)`.
fn same_as(known: &Root, root: &Root, m: usize, n: usize, script: &mut Script) {
    let (x, l, t) = (&known.name, known.equation_ridge(), &known.samples);
    let (y, ridge, samples) = (&root.name, &root.ridge, &root.samples);
    say!(
        script,
        "assert (Z{n} : {y} = {x}).\n\
         {{ apply (kappa_of_another S {l} {t} {samples} {ridge} {x} {y} HS HS0 ltac:(lra) ltac:(lra) ltac:(lra) P{m} K{m});\n  \
         [first [field; side | rewrite (kappa_degrees S {l} {t} {x} ltac:(lra) P{m} (proj1 (proj2 K{m}))); field; side] | exact K{n}]. }}"
    );
}

/// `df_1(κ) = T(κ − λ)/κ` in a difference of sums that are taken whole, and in the goal.
pub fn degrees_known(
    writer: &mut Writer<'_>,
    gap: &Fraction,
    script: &mut Script,
) -> Result<Fraction, Stop> {
    let mut gap = gap.clone();
    for (i, root) in writer.roots.clone().into_iter().enumerate() {
        if !root.is_open() {
            continue;
        }
        let n = i + 1;
        let df = writer.degrees(1, &root.name, &root.exact)?.exact.scalar()?;
        let (Some(v), Some(inverse)) = (df.numerator.as_variable(), root.exact.recip()) else {
            continue;
        };
        let used = root
            .exact_samples
            .mul(&root.exact.sub(&root.exact_ridge))
            .mul(&inverse);
        if let Some(replaced) = gap.substitute(v, &used) {
            gap = replaced;
        }
        let (k, t, l) = (&root.name, &root.samples, root.equation_ridge());
        say!(
            script,
            "rewrite ?(kappa_degrees S {l} {t} {k} ltac:(lra) P{n} (proj1 (proj2 K{n})))."
        );
    }
    Ok(gap)
}

/// The trace that partial fractions leave of `κ`'s equation, by that equation.
pub fn traces_known(writer: &mut Writer<'_>, script: &mut Script) -> Result<Vec<String>, Stop> {
    let mut known = Vec::new();
    for (i, root) in writer.roots.clone().into_iter().enumerate() {
        if !root.is_open() {
            continue;
        }
        let n = i + 1;
        let pole = Polynomial::variable(EIGENVALUE).add(&root.exact.numerator);
        let named = writer
            .bases
            .iter()
            .find(|b| b.0 == Moment::Trace && b.1 == Part::power(pole.clone(), -1))
            .map(|b| b.2.clone());
        let Some(name) = named else {
            continue;
        };
        let text = format!("/ {} ^ 1", writer.polynomial(&pole)?);
        let (k, t, l) = (&root.name, &root.samples, root.equation_ridge());
        say!(
            script,
            "assert (V{n} : tr (fun s => {text}) S = (dim S - {t} * ({k} - {l}) / {k}) / {k}).\n\
             {{ rewrite <- (kappa_trace S {l} {t} {k} HS ltac:(lra) P{n} (proj1 (proj2 K{n}))).\n  \
             apply tr_ext; [assumption|]. intros s Hs. field; side. }}"
        );
        known.push(name);
    }
    Ok(known)
}

/// For `Σ = I` the equation gives the ridge, where that is a symbol.
pub fn ridges_known(writer: &Writer<'_>, script: &mut Script) -> Result<(), Stop> {
    let mut done = Vec::new();
    for (i, root) in writer.roots.iter().enumerate() {
        if !root.is_open() {
            continue;
        }
        let symbol = root.exact_ridge.numerator.as_variable().is_some()
            && root.exact_ridge.denominator.is_empty();
        if !symbol || done.contains(&root.ridge) {
            return Err(Stop::Beyond("a ridge that is no symbol".into()));
        }
        done.push(root.ridge.clone());
        let n = i + 1;
        let (k, l, t) = (&root.name, &root.ridge, &root.samples);
        // T (κ − λ) = r, so λ = κ − r/T.
        say!(
            script,
            "match type of E{n} with _ = ?r =>\n  assert (V{n} : {l} = {k} - r / {t}) by (rewrite <- E{n}; field; side)\n\
             end.\nclear E{n}; clear K{n}; try rewrite V{n}."
        );
    }
    Ok(())
}
