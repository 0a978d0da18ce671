//! Stacks: matrices of blocks, `[A, B; C, D]`, and vectors of parts.
//!
//! What is made of them is made of their blocks, by `[A; B]'*[A; B] = A'A + B'B` and the like; a fit to `[A; B]` is the engine's
//! own, with one part for each block of rows.

use super::form::{Closure, Form, Grid, Leaf, Pending, Vector};
use super::{Read, Reader};
use crate::equivalent::pencil::{Expression, Space};
use crate::term::equivalence::{EquivalenceError, undefined, unrecognised};

type Made<T> = Result<T, EquivalenceError>;

const CUT: &str = "stacks that are cut at different places: make both of the same blocks";

fn of_parts(mut parts: Vec<Vector>, row: bool) -> Form {
    match (parts.len(), row) {
        (1, false) => Form::Column(parts.swap_remove(0)),
        (1, true) => Form::Row(parts.swap_remove(0)),
        _ => Form::Parts { parts, row },
    }
}

fn grid_of(form: Form) -> Option<Grid> {
    match form {
        Form::Matrix(m) => Some(vec![vec![m]]),
        Form::Blocks(grid) => Some(grid),
        _ => None,
    }
}

fn parts_of(form: Form) -> Option<(Vec<Vector>, bool)> {
    match form {
        Form::Column(v) => Some((vec![v], false)),
        Form::Row(v) => Some((vec![v], true)),
        Form::Parts { parts, row } => Some((parts, row)),
        _ => None,
    }
}

fn turned(grid: &Grid) -> Grid {
    (0..grid[0].len())
        .map(|j| grid.iter().map(|row| row[j]).collect())
        .collect()
}

/// What stands in `[A; B]` or `[A, B]`.
enum Block {
    Grid(Grid),
    Parts(Vec<Vector>),
    /// A multiple of an identity that is as large as the rest asks.
    Identity(f64),
}

impl Reader<'_> {
    /// `[A; B; …]` where `below`, else `[A, B, …]`.
    pub(super) fn stacked(&mut self, below: bool, forms: Vec<Form>) -> Read {
        let mut blocks = Vec::with_capacity(forms.len());
        for form in forms {
            blocks.push(match form {
                Form::Identity(c) => Block::Identity(c),
                Form::Matrix(m) => Block::Grid(vec![vec![m]]),
                // Beside one another first, so that all stacks are built downwards.
                Form::Blocks(grid) if below => Block::Grid(grid),
                Form::Blocks(grid) => Block::Grid(turned(&grid)),
                other => match parts_of(other) {
                    Some((parts, row)) if row != below => Block::Parts(parts),
                    _ => return unrecognised("a row or a column within a matrix"),
                },
            });
        }
        if blocks.iter().all(|b| matches!(b, Block::Parts(_))) {
            let parts = blocks.into_iter().flat_map(|b| match b {
                Block::Parts(parts) => parts,
                Block::Grid(_) | Block::Identity(_) => Vec::new(),
            });
            return Ok(of_parts(parts.collect(), !below));
        }
        let grid = self.under_one_another(below, blocks)?;
        Ok(Form::of_grid(if below { grid } else { turned(&grid) }))
    }

    /// Grids that agree across; those of `[A, B]` come turned, as lists of their columns of blocks.
    fn under_one_another(&mut self, below: bool, blocks: Vec<Block>) -> Made<Grid> {
        let side = |reader: &Self, e: Expression| {
            if below {
                reader.model.columns(e)
            } else {
                reader.model.rows(e)
            }
        };
        let across: Option<Vec<Space>> = blocks.iter().find_map(|block| match block {
            Block::Grid(grid) => Some(grid[0].iter().map(|e| side(self, *e)).collect()),
            _ => None,
        });
        let Some(across) = across else {
            return unrecognised("a stack of vectors and identities");
        };
        let mut rows: Grid = Vec::new();
        for block in blocks {
            match block {
                Block::Grid(grid) => {
                    for row in grid {
                        let own: Vec<Space> = row.iter().map(|e| side(self, *e)).collect();
                        if own != across {
                            return unrecognised(CUT);
                        }
                        rows.push(row);
                    }
                }
                Block::Identity(c) => {
                    for i in 0..across.len() {
                        let row = (0..across.len()).map(|j| {
                            if i == j {
                                let one = self.model.identity(across[i]);
                                self.model.scaled(c, one)
                            } else if below {
                                self.model.zero(across[i], across[j])
                            } else {
                                self.model.zero(across[j], across[i])
                            }
                        });
                        rows.push(row.collect());
                    }
                }
                Block::Parts(_) => return unrecognised("a row or a column within a matrix"),
            }
        }
        Ok(rows)
    }

    pub(super) fn transposed(&mut self, form: Form) -> Form {
        match form {
            Form::Matrix(m) => Form::Matrix(self.model.transpose(m)),
            Form::Blocks(grid) => {
                let mut grid = turned(&grid);
                for block in grid.iter_mut().flatten() {
                    *block = self.model.transpose(*block);
                }
                Form::Blocks(grid)
            }
            Form::Column(v) => Form::Row(v),
            Form::Row(v) => Form::Column(v),
            Form::Parts { parts, row } => Form::Parts { parts, row: !row },
            Form::Outer(u, v) => Form::Outer(v, u),
            other @ (Form::Number { .. } | Form::Scalar(_) | Form::Identity(_)) => other,
        }
    }

    /// A sum of which one summand at least is a stack.
    pub(super) fn plus_blocks(&mut self, a: Form, b: Form) -> Read {
        match (a, b) {
            (Form::Blocks(mut grid), Form::Blocks(other)) => {
                if grid.len() != other.len() || grid[0].len() != other[0].len() {
                    return unrecognised(CUT);
                }
                for (block, with) in grid.iter_mut().flatten().zip(other.iter().flatten()) {
                    *block = self.summed(&[(1.0, *block), (1.0, *with)])?;
                }
                Ok(Form::Blocks(grid))
            }
            (Form::Blocks(grid), Form::Identity(c)) | (Form::Identity(c), Form::Blocks(grid)) => {
                Ok(Form::Blocks(self.with_identity(grid, c)?))
            }
            (Form::Parts { parts, row }, Form::Column(v) | Form::Row(v))
            | (Form::Column(v) | Form::Row(v), Form::Parts { parts, row }) => {
                let spaces = parts.iter().map(|p| self.space_of(p)).collect();
                let with = self.cut(v, spaces)?;
                self.plus_blocks(Form::Parts { parts, row }, Form::Parts { parts: with, row })
            }
            (
                Form::Parts { parts, row },
                Form::Parts {
                    parts: with,
                    row: r,
                },
            ) if row == r && parts.len() == with.len() => {
                let mut sums = Vec::with_capacity(parts.len());
                for (u, v) in parts.into_iter().zip(with) {
                    sums.push(self.added(u, v)?);
                }
                Ok(Form::Parts { parts: sums, row })
            }
            _ => unrecognised(CUT),
        }
    }

    fn space_of(&self, part: &Vector) -> Option<Space> {
        part.0.first().map(|(_, e)| self.model.rows(*e))
    }

    /// Noise beside a stack, `[y1; y2] + E`, as independent parts.
    fn cut(&mut self, whole: Vector, spaces: Option<Vec<Space>>) -> Made<Vec<Vector>> {
        let Some(spaces) = spaces else {
            return unrecognised(CUT);
        };
        let size: f64 = spaces.iter().map(|s| self.model.dimension(*s)).sum();
        let mut parts = vec![Vector(Vec::new()); spaces.len()];
        for (leaf, e) in whole.0 {
            let (Leaf::Noise(noise), Some(scale)) = (leaf, self.model.multiple_of_identity(e))
            else {
                return unrecognised(CUT);
            };
            if self.model.dimension(self.noises[noise].1) != size {
                return unrecognised(CUT);
            }
            let first = match self.cuts.get(&noise) {
                Some((known, first)) if *known == spaces => *first,
                Some(_) => return unrecognised(CUT),
                None => {
                    let (sd, first) = (self.noises[noise].0, self.noises.len());
                    self.noises.extend(spaces.iter().map(|s| (sd, *s)));
                    self.cuts.insert(noise, (spaces.clone(), first));
                    first
                }
            };
            for (i, part) in parts.iter_mut().enumerate() {
                let one = self.model.identity(spaces[i]);
                let scaled = self.model.scaled(scale, one);
                part.0.push((Leaf::Noise(first + i), scaled));
            }
        }
        Ok(parts)
    }

    /// Whether one of two noises is a part of the other.
    pub(super) fn one_within_the_other(&self, a: usize, b: usize) -> bool {
        let within = |whole: usize, part: usize| {
            let cut = self.cuts.get(&whole);
            cut.is_some_and(|(spaces, first)| (*first..first + spaces.len()).contains(&part))
        };
        within(a, b) || within(b, a)
    }

    /// Blocks that do not fit were cut in another way.
    fn summed(&mut self, terms: &[(f64, Expression)]) -> Made<Expression> {
        let (rows, columns) = (self.model.rows(terms[0].1), self.model.columns(terms[0].1));
        let fits = |e: Expression| self.model.rows(e) == rows && self.model.columns(e) == columns;
        if !terms.iter().all(|(_, e)| fits(*e)) {
            return unrecognised(CUT);
        }
        Ok(self.model.sum(terms)?)
    }

    /// `c I` added to a square grid.
    fn with_identity(&mut self, mut grid: Grid, c: f64) -> Made<Grid> {
        self.square(&grid)?;
        for (i, row) in grid.iter_mut().enumerate() {
            let one = self.model.identity(self.model.rows(row[i]));
            row[i] = self.model.sum(&[(1.0, row[i]), (c, one)])?;
        }
        Ok(grid)
    }

    fn square(&self, grid: &Grid) -> Made<()> {
        let is = grid.len() == grid[0].len()
            && (0..grid.len())
                .all(|i| self.model.rows(grid[i][i]) == self.model.columns(grid[i][i]));
        if is { Ok(()) } else { unrecognised(CUT) }
    }

    /// A product of which one factor at least is a stack.
    pub(super) fn times_blocks(&mut self, a: Form, b: Form) -> Read {
        match (a, b) {
            (Form::Row(u), right @ Form::Parts { row: false, .. }) => {
                self.inner_of_parts(vec![u], right)
            }
            (
                Form::Parts { parts, row: true },
                right @ (Form::Column(_) | Form::Parts { row: false, .. }),
            ) => self.inner_of_parts(parts, right),
            (
                left @ (Form::Matrix(_) | Form::Blocks(_)),
                right @ (Form::Matrix(_) | Form::Blocks(_)),
            ) => match (grid_of(left), grid_of(right)) {
                (Some(a), Some(b)) => Ok(Form::of_grid(self.product_of_grids(&a, &b)?)),
                _ => unrecognised(CUT),
            },
            (
                left @ (Form::Matrix(_) | Form::Blocks(_)),
                right @ (Form::Column(_) | Form::Parts { row: false, .. }),
            ) => match (grid_of(left), parts_of(right)) {
                (Some(grid), Some((parts, _))) => {
                    Ok(of_parts(self.applied_to_parts(&grid, &parts)?, false))
                }
                _ => unrecognised(CUT),
            },
            (left @ (Form::Row(_) | Form::Parts { row: true, .. }), right) => {
                // (u'A)' = A'u
                let (left, right) = (self.transposed(left), self.transposed(right));
                let product = self.times(right, left)?;
                Ok(self.transposed(product))
            }
            _ => unrecognised("a product with a stack of these shapes"),
        }
    }

    fn inner_of_parts(&mut self, left: Vec<Vector>, right: Form) -> Read {
        let Some((right, _)) = parts_of(right).filter(|(r, _)| r.len() == left.len()) else {
            return unrecognised(CUT);
        };
        let mut total = Form::exact(0.0);
        for (u, v) in left.iter().zip(&right) {
            let part = self.inner(u, v)?;
            total = self.plus(total, part)?;
        }
        Ok(total)
    }

    fn product_of_grids(&mut self, a: &Grid, b: &Grid) -> Made<Grid> {
        let fits = a[0].len() == b.len()
            && (a[0].iter().zip(b))
                .all(|(left, right)| self.model.columns(*left) == self.model.rows(right[0]));
        if !fits {
            return unrecognised(CUT);
        }
        let mut grid = Vec::with_capacity(a.len());
        for row in a {
            let mut product = Vec::with_capacity(b[0].len());
            for j in 0..b[0].len() {
                let mut terms = Vec::with_capacity(b.len());
                for (left, right) in row.iter().zip(b) {
                    terms.push((1.0, self.model.product(&[*left, right[j]])?));
                }
                product.push(self.model.sum(&terms)?);
            }
            grid.push(product);
        }
        Ok(grid)
    }

    fn applied_to_parts(&mut self, grid: &Grid, parts: &[Vector]) -> Made<Vec<Vector>> {
        if grid[0].len() != parts.len() {
            return unrecognised(CUT);
        }
        let mut image = Vec::with_capacity(grid.len());
        for row in grid {
            let mut sum: Option<Vector> = None;
            for (block, part) in row.iter().zip(parts) {
                let space = self.model.columns(*block);
                if part.0.iter().any(|(_, e)| self.model.rows(*e) != space) {
                    return unrecognised(CUT);
                }
                let next = self.applied(*block, part.clone())?;
                sum = Some(match sum {
                    None => next,
                    Some(sum) => self.added(sum, next)?,
                });
            }
            image.extend(sum);
        }
        Ok(image)
    }

    /// The trace, by the blocks on the diagonal.
    pub(super) fn trace_of_blocks(&mut self, grid: &Grid) -> Read {
        self.square(grid)?;
        let terms =
            (0..grid.len()).map(|i| (1.0, grid[i][i], Closure::Trace(self.model.rows(grid[i][i]))));
        Ok(Form::Scalar(Pending::of(terms.collect())))
    }

    /// The inverse of a square grid, by the Schur complement of its last block.
    pub(super) fn inverse_of_blocks(&mut self, grid: &Grid) -> Made<Grid> {
        self.square(grid)?;
        if let Some(inverse) = self.inverse_of_shifted_gram(grid)? {
            return Ok(inverse);
        }
        let n = grid.len() - 1;
        let corner = self.model.inverse(grid[n][n])?;
        if n == 0 {
            return Ok(vec![vec![corner]]);
        }
        let mut rest = Vec::with_capacity(n);
        for i in 0..n {
            let mut row = Vec::with_capacity(n);
            for j in 0..n {
                let back = self.model.product(&[grid[i][n], corner, grid[n][j]])?;
                row.push(self.model.sum(&[(1.0, grid[i][j]), (-1.0, back)])?);
            }
            rest.push(row);
        }
        let mut inverse = self.inverse_of_blocks(&rest)?;
        // With C the corner, B above it and D beside it: −S B C on the right, −C D S below.
        let mut last = Vec::with_capacity(n + 1);
        for j in 0..n {
            let mut terms = Vec::with_capacity(n);
            for (k, row) in inverse.iter().enumerate() {
                terms.push((-1.0, self.model.product(&[corner, grid[n][k], row[j]])?));
            }
            last.push(self.model.sum(&terms)?);
        }
        let mut of_corner = vec![(1.0, corner)];
        for (j, block) in last.iter().enumerate() {
            of_corner.push((-1.0, self.model.product(&[*block, grid[j][n], corner])?));
        }
        for row in &mut inverse {
            let mut terms = Vec::with_capacity(n);
            for (k, block) in row.iter().enumerate() {
                terms.push((-1.0, self.model.product(&[*block, grid[k][n], corner])?));
            }
            row.push(self.model.sum(&terms)?);
        }
        last.push(self.model.sum(&of_corner)?);
        inverse.push(last);
        Ok(inverse)
    }

    /// `(c + BB')^{-1} = (1 − B (c + B'B)^{-1} B')/c` where `B` is a stack.
    fn inverse_of_shifted_gram(&mut self, grid: &Grid) -> Made<Option<Grid>> {
        let mut parts = Vec::with_capacity(grid.len());
        let mut shift = None;
        for (i, row) in grid.iter().enumerate() {
            let Some((c, back)) = self.model.shifted_gram(row[i]) else {
                return Ok(None);
            };
            if *shift.get_or_insert(c) != c {
                return Ok(None);
            }
            parts.push(self.model.transpose(back));
        }
        let Some(shift) = shift.filter(|_| parts.len() > 1) else {
            return Ok(None);
        };
        let space = self.model.columns(parts[0]);
        if parts.iter().any(|b| self.model.columns(*b) != space) {
            return Ok(None);
        }
        for (i, row) in grid.iter().enumerate() {
            for (j, block) in row.iter().enumerate() {
                let back = self.model.transpose(parts[j]);
                let expected = self.model.product(&[parts[i], back])?;
                if i != j && expected != *block {
                    return Ok(None);
                }
            }
        }
        let weights = self.model.ridge_stacked(&parts, shift)?;
        let mut inverse = Vec::with_capacity(parts.len());
        for (i, part) in parts.iter().enumerate() {
            let mut row = Vec::with_capacity(parts.len());
            for (j, weight) in weights.iter().enumerate() {
                let mut terms = vec![(-1.0 / shift, self.model.product(&[*part, *weight])?)];
                if i == j {
                    let one = self.model.identity(self.model.rows(*part));
                    terms.push((1.0 / shift, one));
                }
                row.push(self.model.sum(&terms)?);
            }
            inverse.push(row);
        }
        Ok(Some(inverse))
    }

    /// `(M'M + μ)^{-1} M'` for a stack `M`, and `M†` at `μ = 0`.
    pub(super) fn fit_of_blocks(&mut self, grid: &Grid, mu: f64) -> Made<Grid> {
        if grid[0].len() == 1 {
            let parts: Vec<Expression> = grid.iter().map(|row| row[0]).collect();
            return Ok(vec![self.model.ridge_stacked(&parts, mu)?]);
        }
        if grid.len() == 1 {
            // ((MM' + μ)^{-1} M)', a fit to the stack M'.
            let parts: Vec<Expression> = (grid[0].iter())
                .map(|block| self.model.transpose(*block))
                .collect();
            let weights = self.model.ridge_stacked(&parts, mu)?;
            let column = weights
                .into_iter()
                .map(|w| vec![self.model.transpose(w)])
                .collect();
            return Ok(column);
        }
        if !(mu > 0.0) {
            return unrecognised("a pseudo-inverse of a stack in both directions");
        }
        let Form::Blocks(back) = self.transposed(Form::Blocks(grid.clone())) else {
            return unrecognised(CUT);
        };
        let gram = self.product_of_grids(&back, grid)?;
        let shifted = self.with_identity(gram, mu)?;
        let resolvent = self.inverse_of_blocks(&shifted)?;
        self.product_of_grids(&resolvent, &back)
    }

    /// Rows of a grid, all blocks counted.
    pub(super) fn height(&self, grid: &Grid) -> f64 {
        grid.iter()
            .map(|row| self.model.dimension(self.model.rows(row[0])))
            .sum()
    }

    /// `ridge(M, y, λ)` of a stack `M`.
    pub(super) fn ridge_of_blocks(&mut self, grid: &Grid, labels: Form, lambda: f64) -> Read {
        if !(lambda >= 0.0) {
            return undefined(format!("a ridge of {lambda}"));
        }
        let fit = self.fit_of_blocks(grid, lambda * self.height(grid))?;
        self.times(Form::of_grid(fit), labels)
    }
}
