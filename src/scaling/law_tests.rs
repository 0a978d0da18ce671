use super::*;
use num_rational::BigRational;

fn q(n: i64, d: i64) -> BigRational {
    BigRational::new(n.into(), d.into())
}

#[test]
fn probe() {
    for (dimension, b, noise) in [
        (DimensionLaw::Infinite, q(1, 1), None),
        (DimensionLaw::Infinite, q(1, 2), Some(q(0, 1))),
        (DimensionLaw::OfLabeller(q(1, 2)), q(1, 2), None),
        (DimensionLaw::OfLabeller(q(1, 2)), q(1, 1), None),
        (DimensionLaw::OfLabeller(q(1, 2)), q(3, 2), None),
        (DimensionLaw::OfLabeller(q(2, 1)), q(1, 2), Some(q(0, 1))),
        (DimensionLaw::OfLabeller(q(2, 1)), q(3, 2), Some(q(0, 1))),
        (DimensionLaw::Power(q(1, 2)), q(1, 1), Some(q(0, 1))),
    ] {
        let model = ScalingModel {
            beta: q(2, 1),
            source: q(3, 8),
            ridge: Ridge::Ridgeless,
            noise,
            labeller: Some(Labeller {
                samples: b.clone(),
                noise: Some(q(0, 1)),
                generations: 2,
                designs: LabellerDesigns::Independent,
            }),
            dimension: dimension.clone(),
        };
        println!("=== {dimension:?} b = {b}");
        let start = std::time::Instant::now();
        let curve = PiecewiseLinear::reconstruct(&q(0, 1), &q(6, 1), |ell| {
            Ok(model
                .with_ridge(Ridge::Exponent(ell.clone()))
                .test_error()?
                .leading()?
                .unwrap()
                .0
                .power)
        });
        println!("{:?}", start.elapsed());
        match &curve {
            Ok(c) => {
                for (x, y) in c.knots() {
                    println!("   ell {x}: {y}");
                }
            }
            Err(e) => println!("{e}"),
        }
        for ell in [
            Ridge::Exponent(q(4, 5)),
            Ridge::Exponent(q(3, 1)),
            Ridge::Ridgeless,
        ] {
            let start = std::time::Instant::now();
            match model.with_ridge(ell.clone()).test_error() {
                Ok(law) => {
                    for (t, g) in &law.terms {
                        println!("  {ell:?} {} {g}", t.name());
                    }
                }
                Err(e) => println!("  {ell:?} {e}"),
            }
            println!("{:?}", start.elapsed());
        }
    }
}
