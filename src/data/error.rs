//! Why there is no spectrum.

/// Why there is no spectrum, and how to mend it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DataError {
    #[error("{path}: {message}\nhelp: {help}")]
    File {
        path: String,
        message: String,
        help: String,
    },
    #[error(
        "{path}, {place}, column {column}: {found:?} is not a finite number\nhelp: fill in or leave out what is missing"
    )]
    Cell {
        path: String,
        /// Its line or row.
        place: String,
        column: usize,
        found: String,
    },
    #[error("{path}: no column {wanted:?}\nhelp: {help}")]
    Column {
        path: String,
        wanted: String,
        help: String,
    },
    #[error("there are {labels} labels for {rows} rows\nhelp: give one label for each row")]
    Labels { labels: usize, rows: usize },
    #[error("{what} is {value}\nhelp: give {help}")]
    Setting {
        what: &'static str,
        value: f64,
        help: &'static str,
    },
    #[error("{rows} rows are too few\nhelp: give at least {least}")]
    Few { rows: usize, least: usize },
    #[error(
        "a decomposition of size {size} is too large\nhelp: at most {most}: take fewer rows, or fewer features with the linear kernel"
    )]
    Large { size: usize, most: usize },
    #[error("no eigenvalue is positive\nhelp: the features are all zero, or constant and centred")]
    Empty,
    #[error(
        "an exponent needs 4 eigenvalues, and there are {count}\nhelp: give more features, or such that vary"
    )]
    Flat { count: usize },
    #[error("the eigenvalues could not be found\nhelp: rescale the features to about 1")]
    Decomposition,
    #[error(
        "only {count} of the numbers from {first} to {last} can be fitted\nhelp: widen the window, or give more rows"
    )]
    Window {
        count: usize,
        first: usize,
        last: usize,
    },
}
