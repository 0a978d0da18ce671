//! A matrix whose blocks are diagonal: of each block the values on all levels, in one piece of memory.

use std::ops::Range;

pub(super) struct Blocks {
    width: usize,
    /// Where the values of a block are; nowhere, where it is zero.
    places: Vec<Range<usize>>,
    values: Vec<f64>,
}

impl Blocks {
    pub fn new(width: usize) -> Self {
        Self {
            width,
            places: vec![0..0; width * width],
            values: Vec::new(),
        }
    }

    pub fn get(&self, row: usize, column: usize) -> Option<&[f64]> {
        self.place(row, column).map(|place| &self.values[place])
    }

    pub fn place(&self, row: usize, column: usize) -> Option<Range<usize>> {
        let place = &self.places[row * self.width + column];
        (!place.is_empty()).then(|| place.clone())
    }

    /// Sets a block that was zero.
    pub fn insert(&mut self, row: usize, column: usize, values: impl IntoIterator<Item = f64>) {
        let start = self.values.len();
        self.values.extend(values);
        self.places[row * self.width + column] = start..self.values.len();
    }

    /// `block (row, column) += factor · left · weights · right`, both of them blocks of the same levels.
    pub fn add_product(
        &mut self,
        (row, column): (usize, usize),
        factor: f64,
        left: (usize, usize),
        weights: &[f64],
        right: (usize, usize),
    ) {
        let (Some(left), Some(right)) = (self.place(left.0, left.1), self.place(right.0, right.1))
        else {
            return;
        };
        let place = self.place(row, column).unwrap_or_else(|| {
            self.insert(row, column, std::iter::repeat_n(0.0, left.len()));
            self.values.len() - left.len()..self.values.len()
        });
        for level in 0..place.len() {
            let product = factor
                * self.values[left.start + level]
                * weights[level]
                * self.values[right.start + level];
            self.values[place.start + level] += product;
        }
    }
}
