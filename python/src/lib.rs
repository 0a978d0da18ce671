//! The Rust half of the Python package: numbers and arrays in, numbers and arrays out. What Python users see is built on
//! it in `resolvent/__init__.py`.

mod chains;
mod data;
mod equivalents;
mod experiments;
mod features;
mod pictures;
mod scaling;
mod spectra;
mod verdicts;

use pyo3::prelude::*;

#[pymodule]
fn _resolvent(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<spectra::Spectrum>()?;
    module.add_class::<chains::Target>()?;
    module.add_function(wrap_pyfunction!(chains::predict_chain, module)?)?;
    module.add_function(wrap_pyfunction!(chains::simulate_chain, module)?)?;
    module.add_function(wrap_pyfunction!(data::estimate, module)?)?;
    module.add_function(wrap_pyfunction!(equivalents::kappa, module)?)?;
    module.add_function(wrap_pyfunction!(equivalents::df, module)?)?;
    module.add_function(wrap_pyfunction!(experiments::predict, module)?)?;
    module.add_function(wrap_pyfunction!(experiments::simulate, module)?)?;
    module.add_function(wrap_pyfunction!(experiments::experiment_picture, module)?)?;
    module.add_function(wrap_pyfunction!(features::predict_features, module)?)?;
    module.add_function(wrap_pyfunction!(pictures::chart, module)?)?;
    module.add_function(wrap_pyfunction!(scaling::scaling, module)?)?;
    module.add_function(wrap_pyfunction!(verdicts::check, module)?)?;
    module.add_function(wrap_pyfunction!(verdicts::claim_picture, module)?)?;
    Ok(())
}
