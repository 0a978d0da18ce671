//! Pictures: what is to be seen, laid out as a [`Chart`] or a [`Map`], drawn as a [`Scene`], written as SVG or PNG.
//!
//! | module | what |
//! |---|---|
//! | [`experiment`] | theory and simulation of an experiment file |
//! | [`written`] | the same where the estimator is written in formulas |
//! | [`simulated`] | rows that `resolvent simulate` wrote |
//! | [`claim`] | both sides of a claim, along its limit or a symbol; where in its domain it holds |
//! | [`table`] | columns of a table |
//! | [`chart`] | curves, points with error bars, marked crossovers |
//! | [`map`] | what is the case over two exponents or symbols |
//! | [`scaling`] | the map of a scaling model |
//! | [`axis`], [`theme`], [`text`] | scales and ticks, colours, labels with indices |
//! | [`scene`], [`svg`], [`png`] | shapes, and the two ways to write them |

pub mod axis;
pub mod chart;
pub mod claim;
pub mod experiment;
pub mod map;
pub mod png;
pub mod scaling;
pub mod scene;
pub mod simulated;
pub mod svg;
pub mod table;
pub mod text;
pub mod theme;
pub mod written;

pub use chart::Chart;
pub use map::Map;
pub use scene::Scene;
pub use theme::Theme;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum PlotError {
    #[error("there is nothing to draw: {reason}")]
    Empty { reason: String },
    #[error("{what} has {count} {of}; a picture shows at most {most}")]
    Crowded {
        what: String,
        count: usize,
        of: &'static str,
        most: usize,
    },
    #[error("{message}")]
    Data { message: String },
    #[error("the picture could not be encoded: {0}")]
    Encode(String),
}
