//! Labels that passed through fits: what the chain of labellers does to the test error, backwards from its end.

use super::germ::{Coefficient, Germ, GermError, binomial};
use super::model::{Labeller, LabellerDesigns, whole};
use super::spectral::{GermSpectrum, GermTarget, Pole};

/// `coefficient · s^power Π (s + κ_i)^{-q_i}`, a piece of the matrix `M` that the chain carries back.
#[derive(Clone)]
pub(super) struct Piece {
    coefficient: Germ,
    power: i64,
    poles: Vec<Pole>,
}

impl Piece {
    /// Multiplied by `coefficient · s^power (s + κ)^{-order}`; at `κ = 0` powers cancel.
    fn times(&self, coefficient: &Germ, power: i64, kappa: &Germ, order: i64) -> Self {
        let mut poles = self.poles.clone();
        poles.push(Pole::new(kappa.clone(), order));
        Self {
            coefficient: &self.coefficient * coefficient,
            power: self.power + power,
            poles,
        }
    }
}

/// The fit at the end of the chain.
pub(super) struct Downstream {
    pub kappa: Germ,
    /// `df_2/(T − df_2)`
    pub overfit: Germ,
}

impl Downstream {
    /// `Σ³(Σ+κ)^{-2}`, what the fit's mean makes of the labels.
    fn signal(&self) -> Vec<Piece> {
        vec![Piece {
            coefficient: Germ::integer(1),
            power: 3,
            poles: vec![Pole::new(self.kappa.clone(), 2)],
        }]
    }

    /// What its fluctuation makes of them.
    fn spread(&self) -> Vec<Piece> {
        vec![Piece {
            coefficient: &(&self.kappa * &self.kappa) * &self.overfit,
            power: 1,
            poles: vec![Pole::new(self.kappa.clone(), 2)],
        }]
    }
}

/// The labellers' minimum-norm fits, one after the other.
pub(super) struct Chain<'a> {
    spectrum: &'a GermSpectrum,
    /// `κ(0, T_0)`
    pub kappa: Germ,
    /// `T_0 − df_2`
    room: Germ,
    /// How many of them differ in what they do.
    pub fits: u32,
}

/// What the noise of the chain's generations meets on its way to the test error.
pub(super) struct Carried {
    pub through_signal: Germ,
    pub through_spread: Germ,
    /// The labellers' own fluctuation.
    pub grown_spread: Vec<Piece>,
}

impl<'a> Chain<'a> {
    pub fn of(labeller: &Labeller, spectrum: &'a GermSpectrum) -> Result<Self, GermError> {
        let samples = Germ::power_of_variable(labeller.samples.clone());
        let kappa = spectrum.kappa(&Germ::zero(), &samples)?;
        let room = &samples * &spectrum.unfilled(2, &kappa, &samples)?;
        if room.sign()? <= 0 {
            return Err(GermError::domain(
                "the labeller's fit",
                "its variance is infinite at T0 = d",
            ));
        }
        // under-parametrised generations add up; shared designs are one fit with all the noise
        let one_fit = kappa.is_zero() || labeller.designs == LabellerDesigns::Shared;
        Ok(Self {
            spectrum,
            kappa,
            room,
            fits: if one_fit { 1 } else { labeller.generations },
        })
    }

    pub fn under_parametrised(&self) -> bool {
        self.kappa.is_zero()
    }

    /// The chain, backwards: `M = signal + spread` before each of its fits.
    pub fn carry_back(&self, fit: &Downstream) -> Result<Carried, GermError> {
        let (mut signal, mut spread) = (fit.signal(), fit.spread());
        let mut grown_spread: Vec<Piece> = Vec::new();
        let (mut through_signal, mut through_spread) = (Germ::zero(), Germ::zero());
        for _ in 0..self.fits {
            let (a, b) = (self.noise_through(&signal)?, self.noise_through(&spread)?);
            through_signal = &through_signal + &a;
            through_spread = &through_spread + &b;
            if self.under_parametrised() {
                break;
            }
            signal = self.before(&signal);
            let own = Piece {
                coefficient: &(&self.kappa * &self.kappa) * &(&a + &b),
                power: 1,
                poles: vec![Pole::new(self.kappa.clone(), 2)],
            };
            spread = self.before(&spread);
            spread.push(own.clone());
            grown_spread = self.before(&grown_spread);
            grown_spread.push(own);
        }
        Ok(Carried {
            through_signal,
            through_spread,
            grown_spread,
        })
    }

    /// `tr M Σ(Σ+κ_0)^{-2}/(T_0 − df_2)`: one labeller's noise, as `M` sees it.
    fn noise_through(&self, pieces: &[Piece]) -> Result<Germ, GermError> {
        let mut sum = Germ::zero();
        for piece in pieces.iter().filter(|p| !p.coefficient.is_zero()) {
            let weighted = piece.times(&Germ::integer(1), 1, &self.kappa, 2);
            let trace = self
                .spectrum
                .trace(&whole(weighted.power), &weighted.poles)?;
            sum = &sum + &(&weighted.coefficient * &trace);
        }
        sum.div(&self.room)
    }

    /// What a matrix after one of the fits is before it.
    fn before(&self, pieces: &[Piece]) -> Vec<Piece> {
        let one = Germ::integer(1);
        let moved = pieces.iter().map(|p| p.times(&one, 2, &self.kappa, 2));
        moved.collect()
    }

    /// What the fits lose of the target, beyond the bias on clean labels.
    pub fn misspecification(
        &self,
        fit: &Downstream,
        grown_spread: &[Piece],
        target: &GermTarget,
    ) -> Result<Germ, GermError> {
        let form = |pieces: &[Piece]| -> Result<Germ, GermError> {
            let mut sum = Germ::zero();
            for piece in pieces.iter().filter(|p| !p.coefficient.is_zero()) {
                let power = whole(piece.power);
                let value = self.spectrum.quadratic(target, &power, &piece.poles)?;
                sum = &sum + &(&piece.coefficient * &value);
            }
            Ok(sum)
        };
        let shrinkage = form(&extra_shrinkage(&fit.kappa, &self.kappa, self.fits))?;
        let grown = form(grown_spread)?;
        // the downstream fit's own fluctuation, counted in the bias, shrinks on the way
        let lost = form(&lost_spread(&fit.spread(), &self.kappa, self.fits))?;
        Ok(&(&shrinkage + &grown) - &lost)
    }
}

/// `V − a_0^{2n} V` with `a_0 = s/(s+κ_0)`, multiplied out so that nothing cancels.
fn lost_spread(spread: &[Piece], labeller_kappa: &Germ, fits: u32) -> Vec<Piece> {
    let n = 2 * i64::from(fits);
    let mut lost = Vec::new();
    for piece in spread {
        for j in 0..n {
            let weight = Coefficient::rational(binomial(&whole(n), j as usize));
            let power = (0..n - j).fold(Germ::integer(1), |p, _| &p * labeller_kappa);
            lost.push(piece.times(&power.scale(&weight), j, labeller_kappa, n));
        }
    }
    lost
}

/// `Σ(1 − a)² − κ²Σ(Σ+κ)^{-2}` with `a = s^{n+1}/((s+κ)(s+κ_0)^n)`, as positive pieces:
/// `1 − a = κ/(s+κ) + Σ_{j<n} binom(n,j) κ_0^{n−j} s^{j+1} / ((s+κ)(s+κ_0)^n)`.
fn extra_shrinkage(kappa: &Germ, labeller_kappa: &Germ, fits: u32) -> Vec<Piece> {
    let n = i64::from(fits);
    let mut shrinkage = vec![(kappa.clone(), 0, 0)];
    for j in 0..n {
        let weight = Coefficient::rational(binomial(&whole(n), j as usize));
        let power = (0..n - j).fold(Germ::integer(1), |p, _| &p * labeller_kappa);
        shrinkage.push((power.scale(&weight), j + 1, n));
    }
    let mut pieces = Vec::new();
    for (i, (first, first_power, first_order)) in shrinkage.iter().enumerate() {
        for (j, (second, second_power, second_order)) in shrinkage.iter().enumerate() {
            if i + j == 0 {
                continue;
            }
            let coefficient = first * second;
            if coefficient.is_zero() {
                continue;
            }
            let mut poles = vec![Pole::new(kappa.clone(), 2)];
            if first_order + second_order > 0 {
                poles.push(Pole::new(
                    labeller_kappa.clone(),
                    first_order + second_order,
                ));
            }
            pieces.push(Piece {
                coefficient,
                power: 1 + first_power + second_power,
                poles,
            });
        }
    }
    pieces
}
