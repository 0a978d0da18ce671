//! Matrices of one draw: resolvents of a design, projections, push-through.

use super::random::Random;

/// A square matrix of the dimension's size, or between samples and dimension.
#[derive(Clone, Debug, PartialEq)]
enum Matrix {
    One,
    Sigma,
    /// `X'X/T`
    Gram,
    /// `(X'X/T + λ)^-1`
    Resolvent,
    Projection,
    Add(Box<Matrix>, Box<Matrix>),
    Sub(Box<Matrix>, Box<Matrix>),
    Mul(Box<Matrix>, Box<Matrix>),
    Scaled(&'static str, Box<Matrix>),
    /// `X'(XX'/T + λ)^-1 X/T`
    Pushed,
}

use Matrix::{Add, Gram, Mul, One, Projection, Pushed, Resolvent, Scaled, Sigma, Sub};

fn b<T>(x: T) -> Box<T> {
    Box::new(x)
}

impl Matrix {
    fn text(&self) -> String {
        match self {
            One => "I".into(),
            Sigma => "Sigma".into(),
            Gram => "(X'*X/T)".into(),
            Resolvent => "inv(X'*X/T + lambda*I)".into(),
            Projection => "proj(X)".into(),
            Add(x, y) => format!("({} + {})", x.text(), y.text()),
            Sub(x, y) => format!("({} - {})", x.text(), y.text()),
            Mul(x, y) => format!("{}*{}", x.text(), y.text()),
            Scaled(c, x) => format!("{c}*{}", x.text()),
            Pushed => "X'*inv(X*X'/T + lambda*I)*X/T".into(),
        }
    }

    fn at(&self, p: &Point) -> Grid {
        match self {
            One => identity(),
            Sigma => p.sigma,
            Gram => p.gram,
            Resolvent => p.resolvent,
            Projection => p.projection,
            Add(x, y) => combined(&x.at(p), 1.0, &y.at(p)),
            Sub(x, y) => combined(&x.at(p), -1.0, &y.at(p)),
            Mul(x, y) => product(&x.at(p), &y.at(p)),
            Scaled(c, x) => {
                let c = match *c {
                    "lambda" => p.lambda,
                    _ => 0.7,
                };
                combined(&[[0.0; N]; N], c, &x.at(p))
            }
            Pushed => product(&p.gram, &p.resolvent),
        }
    }
}

const N: usize = 3;
type Grid = [[f64; N]; N];

fn identity() -> Grid {
    let mut grid = [[0.0; N]; N];
    for i in 0..N {
        grid[i][i] = 1.0;
    }
    grid
}

fn product(x: &Grid, y: &Grid) -> Grid {
    let mut grid = [[0.0; N]; N];
    for i in 0..N {
        for j in 0..N {
            grid[i][j] = (0..N).map(|k| x[i][k] * y[k][j]).sum();
        }
    }
    grid
}

fn combined(x: &Grid, c: f64, y: &Grid) -> Grid {
    let mut grid = *x;
    for i in 0..N {
        for j in 0..N {
            grid[i][j] += c * y[i][j];
        }
    }
    grid
}

/// By Gauss and Jordan; what is inverted here is well conditioned.
fn inverse(x: &Grid) -> Grid {
    let (mut left, mut right) = (*x, identity());
    for i in 0..N {
        let scale = 1.0 / left[i][i];
        for j in 0..N {
            left[i][j] *= scale;
            right[i][j] *= scale;
        }
        for k in (0..N).filter(|&k| k != i) {
            let c = left[k][i];
            for j in 0..N {
                left[k][j] -= c * left[i][j];
                right[k][j] -= c * right[i][j];
            }
        }
    }
    right
}

struct Point {
    sigma: Grid,
    gram: Grid,
    resolvent: Grid,
    projection: Grid,
    lambda: f64,
}

/// Two rows in three dimensions: no projection is the identity.
fn point() -> Point {
    let rows = [[0.9, -0.4, 1.3], [0.2, 1.1, -0.7]];
    let lambda = 0.31;
    let mut gram = [[0.0; N]; N];
    for i in 0..N {
        for j in 0..N {
            gram[i][j] = rows.iter().map(|r| r[i] * r[j]).sum::<f64>() / 2.0;
        }
    }
    let shifted = |c: f64| combined(&gram, c, &identity());
    // The projection by two steps of Tikhonov's limit and extrapolation.
    let near = |c: f64| product(&gram, &inverse(&shifted(c)));
    let projection = combined(
        &combined(&[[0.0; N]; N], 2.0, &near(5e-7)),
        -1.0,
        &near(1e-6),
    );
    Point {
        sigma: [[1.7, 0.0, 0.0], [0.0, 0.6, 0.0], [0.0, 0.0, 0.23]],
        gram,
        resolvent: inverse(&shifted(lambda)),
        projection,
        lambda,
    }
}

fn apart(x: &Matrix, y: &Matrix) -> f64 {
    let p = point();
    let gap = combined(&x.at(&p), -1.0, &y.at(&p));
    gap.iter().flatten().fold(0.0f64, |m, x| m.max(x.abs()))
}

fn matrix(random: &mut Random, depth: usize) -> Matrix {
    if depth == 0 {
        return random.one_of(&[Sigma, Gram, Resolvent, Resolvent, Projection, Pushed, One]);
    }
    let next = |random: &mut Random| b(matrix(random, depth - 1));
    match random.below(5) {
        0 => Add(next(random), next(random)),
        1 => Sub(next(random), next(random)),
        2 => Scaled(random.one_of(&["a", "lambda"]), next(random)),
        _ => Mul(next(random), next(random)),
    }
}

fn rewritten(x: &Matrix, random: &mut Random) -> Option<Matrix> {
    let inside = |y: &Matrix, random: &mut Random| rewritten(y, random).map(b);
    Some(match (random.below(9), x) {
        (0, Add(p, q)) => Add(q.clone(), p.clone()),
        (1, Resolvent) => Add(
            b(Mul(b(Resolvent), b(Mul(b(Gram), b(Resolvent))))),
            b(Scaled("lambda", b(Mul(b(Resolvent), b(Resolvent))))),
        ),
        (2, Pushed) => Sub(b(One), b(Scaled("lambda", b(Resolvent)))),
        (3, Pushed) => Mul(b(Resolvent), b(Gram)),
        (4, Projection) => Mul(b(Projection), b(Projection)),
        (5, Gram) => Mul(b(Gram), b(Projection)),
        (6, Mul(p, q)) => match &**q {
            Add(u, v) => Add(b(Mul(p.clone(), u.clone())), b(Mul(p.clone(), v.clone()))),
            Sub(u, v) => Sub(b(Mul(p.clone(), u.clone())), b(Mul(p.clone(), v.clone()))),
            _ => Mul(inside(p, random)?, q.clone()),
        },
        (7, Mul(p, q)) => Mul(p.clone(), inside(q, random)?),
        (8, Add(p, q)) => Add(inside(p, random)?, q.clone()),
        (8, Sub(p, q)) => Sub(p.clone(), inside(q, random)?),
        (8, Scaled(c, p)) => Scaled(c, inside(p, random)?),
        _ => return None,
    })
}

fn edited(x: &Matrix, random: &mut Random) -> Matrix {
    match (random.below(3), x) {
        (0, Add(p, q)) => Sub(p.clone(), q.clone()),
        (0, Sub(p, q)) => Add(p.clone(), q.clone()),
        (0, Mul(p, q)) => Mul(q.clone(), p.clone()),
        (1, Add(p, q)) => Add(b(edited(p, random)), q.clone()),
        (_, Add(p, q)) => Add(p.clone(), b(edited(q, random))),
        (1, Sub(p, q)) => Sub(b(edited(p, random)), q.clone()),
        (_, Sub(p, q)) => Sub(p.clone(), b(edited(q, random))),
        (1, Mul(p, q)) => Mul(b(edited(p, random)), q.clone()),
        (_, Mul(p, q)) => Mul(p.clone(), b(edited(q, random))),
        (_, Scaled(c, p)) => Scaled(c, b(edited(p, random))),
        _ => random.one_of(&[Sigma, Gram, Resolvent, Projection, Pushed, One]),
    }
}

/// An identity and one that is false by one edit.
pub fn pair(random: &mut Random) -> (String, String) {
    loop {
        let depth = 1 + random.below(2);
        let left = matrix(random, depth);
        let mut right = left.clone();
        for _ in 0..12 {
            if let Some(new) = rewritten(&right, random) {
                right = new;
            }
        }
        let gap = apart(&left, &right);
        assert!(
            !(gap > 1e-6),
            "rewriting is not sound: {} = {}",
            left.text(),
            right.text()
        );
        if left == right || right.text().len() > 400 {
            continue;
        }
        for _ in 0..20 {
            let wrong = edited(&right, random);
            if apart(&left, &wrong) > 1e-4 {
                return (
                    format!("{} = {}", left.text(), right.text()),
                    format!("{} = {}", left.text(), wrong.text()),
                );
            }
        }
    }
}
