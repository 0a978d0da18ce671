//! What experiment files say, their formulas still unevaluated.

use std::sync::Arc;

use super::quantity::Quantity;
use crate::check::diagnostic::SourceFile;
use crate::formula::ast::Span;
use crate::simulate::{Designs, Sampler, StoppingRule};

/// What an experiment file says.
#[derive(Clone, Debug)]
pub struct Experiment {
    pub source: Arc<SourceFile>,
    pub dimension: Option<Quantity>,
    pub spectrum: SpectrumSetting,
    /// Where the spectrum and the target stand in the file.
    pub spectrum_span: Span,
    pub target: TargetSetting,
    pub target_span: Span,
    pub chain: Option<Chain>,
    pub downstream: Downstream,
    pub sweep: Sweep,
    pub simulate: Simulate,
}

/// The eigenvalues of `Σ`, but for the dimension.
#[derive(Clone, Debug)]
pub enum SpectrumSetting {
    Isotropic,
    PowerLaw {
        beta: Quantity,
    },
    /// Eigenvalues and their shares of the dimension.
    Atoms {
        values: Vec<Quantity>,
        weights: Vec<Quantity>,
    },
    /// Every eigenvalue; the dimension is their number.
    Explicit(Vec<f64>),
}

/// The true coefficients.
#[derive(Clone, Debug)]
pub enum TargetSetting {
    Isotropic {
        norm2: Quantity,
    },
    Source {
        r: Quantity,
    },
    Axis {
        index: Quantity,
    },
    /// The coefficients `c_j`, in descending order of the eigenvalues.
    Explicit(Vec<f64>),
}

/// The generations of synthetic labels. A list gives one entry for each generation.
#[derive(Clone, Debug)]
pub struct Chain {
    pub generations: Option<Quantity>,
    pub samples: Option<OneOrMany>,
    pub noise: OneOrMany,
    pub ridge: OneOrMany,
    pub designs: Designs,
    pub span: Span,
}

/// One value for all generations, or one for each.
#[derive(Clone, Debug)]
pub enum OneOrMany {
    One(Quantity),
    Many(Vec<Quantity>, Span),
}

/// The last fit.
#[derive(Clone, Debug)]
pub struct Downstream {
    pub samples: Option<Quantity>,
    pub noise: Quantity,
    pub ridge: Quantity,
    pub span: Span,
}

/// The values each swept setting takes; empty where it is not swept.
#[derive(Clone, Debug, Default)]
pub struct Sweep {
    pub d: Vec<Quantity>,
    pub n: Vec<Quantity>,
    pub t0: Vec<Quantity>,
    pub sigma0: Vec<Quantity>,
    pub sigma: Vec<Quantity>,
    pub lambda: Vec<Quantity>,
    pub t: Vec<Quantity>,
}

/// How to simulate.
#[derive(Clone, Debug)]
pub struct Simulate {
    pub rule: StoppingRule,
    pub seed: u64,
    pub sampler: Sampler,
    pub control_variates: bool,
    /// Levels of the quantiles to report.
    pub quantiles: Vec<f64>,
}

impl Default for Simulate {
    fn default() -> Self {
        Self {
            rule: StoppingRule::fixed(10),
            seed: 0,
            sampler: Sampler::Bartlett,
            control_variates: false,
            quantiles: Vec::new(),
        }
    }
}

/// A symbol that an experiment of formulas sweeps.
#[derive(Clone, Debug)]
pub struct Axis {
    pub name: String,
    pub span: Span,
    /// Whether its name is that of a size.
    pub whole: bool,
    pub values: Vec<Quantity>,
}
