//! κ and the chain on power laws: through every eigenvalue written out, for dimensions that allow it.

use super::degrees::{Degrees, SplitSums};
use super::kappa::{Kappa, explicit};
use super::{Chain, EquivalentError, Prediction};
use crate::spectrum::{Atoms, PowerLaw, Spectrum, Target};

const LIMIT: u64 = 1_000_000;

fn atoms(law: &PowerLaw) -> Result<Atoms, EquivalentError> {
    let eigenvalues = Spectrum::PowerLaw(*law).eigenvalues(LIMIT)?;
    Ok(Atoms::from_eigenvalues(eigenvalues)?)
}

pub(super) fn degrees(law: &PowerLaw, kappa: f64) -> Result<Degrees, EquivalentError> {
    Ok(SplitSums::over_atoms(&atoms(law)?, kappa).degrees())
}

pub(super) fn kappa(law: &PowerLaw, lambda: f64, samples: f64) -> Result<Kappa, EquivalentError> {
    explicit(&atoms(law)?, lambda, samples)
}

pub(super) fn predict(
    chain: &Chain,
    law: &PowerLaw,
    target: &Target,
) -> Result<Prediction, EquivalentError> {
    let atoms = atoms(law)?;
    let masses = match target {
        Target::Source { r } => {
            let delta = 1.0 + law.beta() * (2.0 * r - 1.0);
            let count = atoms.values().len() as u64;
            (1..=count).map(|k| (k as f64).powf(-delta)).collect()
        }
        _ => target.masses(&atoms)?,
    };
    chain.predict(&Spectrum::Atoms(atoms), &Target::Masses(masses))
}
