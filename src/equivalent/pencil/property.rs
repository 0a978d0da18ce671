//! Models and expressions drawn at random, against simulation.

use super::simulation::simulated;
use super::*;
use crate::simulate::Stream;

struct Drawn {
    model: Model,
    features: Features,
    operators: Vec<Expression>,
}

fn choose(stream: &mut Stream, n: usize) -> usize {
    ((stream.uniform() * n as f64) as usize).min(n - 1)
}

/// Three levels, three designs, a random layer, and fits of all kinds that map the inputs' space to itself; all sizes
/// times `scale`.
fn drawn(stream: &mut Stream, scale: f64) -> Drawn {
    let mut m = Model::new();
    let levels: Vec<(f64, f64, f64)> = (0..3)
        .map(|_| {
            let s = (4.0 * stream.uniform() - 2.0).exp();
            (
                s,
                scale * (10.0 + (10.0 * stream.uniform()).floor()),
                stream.uniform(),
            )
        })
        .collect();
    let features = m.levels_of(&levels).unwrap();
    let d = m.dimension(features.space);
    let mut operators = Vec::new();
    let mut designs = Vec::new();
    for _ in 0..3 {
        // Away from the threshold, on either side.
        let share = if stream.uniform() < 0.5 {
            0.3 + 0.35 * stream.uniform()
        } else {
            1.6 + 2.0 * stream.uniform()
        };
        let rows = m.flat((share * d).round()).unwrap();
        let power = [1.0, 1.0, 0.5, 2.0][choose(stream, 4)];
        let values = m
            .values(features.sigma)
            .iter()
            .map(|s| s.powf(power))
            .collect();
        let covariance = m.diagonal(features.space, values);
        let x = m.design(rows, covariance);
        designs.push(m.of_gaussian(x));
    }
    let layer = m.flat((d * (0.5 + stream.uniform())).round()).unwrap();
    let unit = m.constant(features.space, 1.0 / d);
    let layer = m.design(layer, unit);
    let layer = m.of_gaussian(layer);
    let layer_t = m.transpose(layer);
    for &x in &designs {
        let rows = m.dimension(m.rows(x));
        let ridge = rows * (4.0 * stream.uniform() - 3.0).exp();
        let n = m.ridge(x, ridge).unwrap();
        operators.push(m.product(&[n, x]).unwrap());
        if rows < d {
            operators.push(m.projection(x).unwrap());
        }
    }
    let x = designs[choose(stream, 3)];
    let z = m.product(&[x, layer_t]).unwrap();
    let n = m.ridge(z, m.dimension(m.rows(x)) * 0.2).unwrap();
    operators.push(m.product(&[layer_t, n, x]).unwrap());
    let stacked = m.ridge_stacked(&[designs[0], designs[1]], d * 0.3).unwrap();
    operators.push(m.product(&[stacked[0], designs[0]]).unwrap());
    let t = m.transpose(designs[2]);
    let s = m.product(&[t, designs[2]]).unwrap();
    let s = m.scaled(1.0 / m.dimension(m.rows(designs[2])), s);
    let sigma = m.of_diagonal(features.sigma);
    let shifted = m.sum(&[(1.0, s), (0.5, sigma)]).unwrap();
    let inverse = m.inverse(shifted).unwrap();
    operators.push(m.product(&[inverse, sigma]).unwrap());
    Drawn {
        model: m,
        features,
        operators,
    }
}

/// `e'Σe` with `e` a sum of products of operators, less one or not.
fn expression(stream: &mut Stream, drawn: &mut Drawn) -> Expression {
    let m = &mut drawn.model;
    let one = m.identity(drawn.features.space);
    let mut terms = vec![(-f64::from(choose(stream, 2) as u8), one)];
    for _ in 0..1 + choose(stream, 2) {
        let factors: Vec<Expression> = (0..1 + choose(stream, 2))
            .map(|_| drawn.operators[choose(stream, drawn.operators.len())])
            .collect();
        let product = m.product(&factors).unwrap();
        terms.push((0.3 + stream.uniform(), product));
    }
    let e = m.sum(&terms).unwrap();
    let t = m.transpose(e);
    let sigma = m.of_diagonal(drawn.features.sigma);
    m.product(&[t, sigma, e]).unwrap()
}

/// What the equivalent and a simulation find, at one size.
struct Compared {
    value: f64,
    average: f64,
    error: f64,
    /// Sizes that count: the dimension times how far the equations are from singular.
    room: f64,
}

fn compared(case: u64, scale: f64, replicates: usize) -> Result<Compared, String> {
    let mut stream = Stream::new(3, 1, case);
    let mut drawn = drawn(&mut stream, scale);
    let e = expression(&mut stream, &mut drawn);
    let m = &mut drawn.model;
    let mean = m.equivalents(&[e]).map_err(|e| e.to_string())?.remove(0);
    let weights = drawn.features.mass.clone();
    let value = m.closed(&mean, &weights).map_err(|e| e.to_string())?;
    let (average, error) = simulated(m, &[(e, weights)], replicates, case)[0];
    Ok(Compared {
        value,
        average,
        error,
        room: m.dimension(drawn.features.space) * mean.margin,
    })
}

/// Twice as large, the difference must be half of what it was, up to four standard errors and the square of the small number.
fn disagreements(cases: std::ops::Range<u64>) -> String {
    let mut wrong = String::new();
    for case in cases {
        let pair = compared(case, 1.0, 120).and_then(|a| Ok((a, compared(case, 2.0, 60)?)));
        let (small, large) = match pair {
            Ok(pair) => pair,
            Err(error) => {
                wrong += &format!("{case}: {error}\n");
                continue;
            }
        };
        let bias = 0.5 * (small.average - small.value);
        let error = large.error.hypot(0.5 * small.error);
        let next_order = (large.value.abs() * (3.0 / large.room).powi(2)).min(large.value.abs());
        let off = large.average - large.value - bias;
        if !(off.abs() <= 4.0 * error + next_order) {
            wrong += &format!(
                "{case}: {} for {} ± {} (fitted bias {bias}), room {}\n",
                large.value, large.average, large.error, large.room
            );
        }
    }
    wrong
}

#[test]
fn random_models_agree_with_simulation() {
    let wrong = disagreements(0..10) + &disagreements(64..65) + &disagreements(80..81);
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
#[ignore = "minutes of processor time: cargo test --release --lib random_models -- --ignored"]
fn two_hundred_random_models_agree_with_simulation() {
    let wrong = disagreements(0..200);
    assert!(wrong.is_empty(), "\n{wrong}");
}
