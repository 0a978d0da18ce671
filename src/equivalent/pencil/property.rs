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

/// Three levels, three designs, a random layer, and fits of all kinds that map the inputs' space to itself.
fn drawn(stream: &mut Stream) -> Drawn {
    let mut m = Model::new();
    let levels: Vec<(f64, f64, f64)> = (0..3)
        .map(|_| {
            let s = (4.0 * stream.uniform() - 2.0).exp();
            (
                s,
                10.0 + (10.0 * stream.uniform()).floor(),
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

#[test]
fn random_models_agree_with_simulation() {
    let mut wrong = String::new();
    for case in 0..24 {
        let mut stream = Stream::new(3, 1, case);
        let mut drawn = drawn(&mut stream);
        let e = expression(&mut stream, &mut drawn);
        let m = &mut drawn.model;
        let mean = match m.equivalents(&[e]) {
            Ok(mut means) => means.remove(0),
            Err(error) => {
                wrong += &format!("{case}: {error}\n");
                continue;
            }
        };
        let weights = drawn.features.mass.clone();
        let value = m.closed(&mean, &weights).unwrap();
        let (average, error) = simulated(m, &[(e, weights)], 60, case)[0];
        // Finite sizes add a relative order of 1/size, the more the nearer a threshold is.
        let size = m.dimension(drawn.features.space);
        let allowed = 4.0 * error + value.abs() * (2.0 / (size * mean.margin)).min(0.3);
        if !((value - average).abs() <= allowed) {
            wrong += &format!(
                "{case}: {value} for {average} ± {error}, margin {}\n",
                mean.margin
            );
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
