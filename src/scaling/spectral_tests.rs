//! Germs beside brute sums at finite `T`.

use num_rational::BigRational;

use super::{Germ, GermDimension, GermSpectrum, GermTarget, Pole};

fn q(n: i64, d: i64) -> BigRational {
    BigRational::new(n.into(), d.into())
}

/// `Σ_{k ≤ d} k^{-shift} s^p Π (s+κ)^{-q}`, the tail by one integral beyond `d = ∞`.
fn brute(beta: f64, d: Option<f64>, shift: f64, p: f64, poles: &[(f64, f64)]) -> f64 {
    let f = |k: f64| {
        let s = k.powf(-beta);
        k.powf(-shift)
            * s.powf(p)
            * poles
                .iter()
                .map(|(kappa, q)| (s + kappa).powf(-q))
                .product::<f64>()
    };
    let last = d.unwrap_or(3e5);
    let mut sum: f64 = (1..=last as u64).rev().map(|k| f(k as f64)).sum();
    if d.is_none() {
        // tail: substitute k = last/x
        let n = 20000;
        let mut tail = 0.0;
        for i in 0..n {
            let t = (i as f64 + 0.5) / n as f64 * 60.0;
            let k = last * t.exp();
            tail += f(k) * k;
        }
        sum += tail * 60.0 / n as f64 - 0.5 * f(last);
    }
    sum
}

#[test]
fn probe() {
    let t = Germ::variable();
    for (beta, ell) in [(q(2, 1), q(1, 1)), (q(3, 2), q(3, 4)), (q(3, 1), q(2, 1))] {
        let spectrum = GermSpectrum::PowerLaw {
            beta: beta.clone(),
            dimension: GermDimension::Infinite,
        };
        let kappa = t.powr(&-&ell).unwrap();
        let b = super::germ::to_f64(&beta);
        for (m, r) in [
            (1, None),
            (2, None),
            (2, Some(q(3, 8))),
            (2, Some(q(1, 1))),
            (2, Some(q(3, 2))),
            (2, Some(q(1, 2))),
        ] {
            let (germ, shift) = match &r {
                None => (
                    spectrum
                        .trace(&q(m, 1), &[Pole::new(kappa.clone(), m)])
                        .unwrap(),
                    0.0,
                ),
                Some(r) => (
                    spectrum
                        .quadratic(
                            &GermTarget::Source { r: r.clone() },
                            &q(1, 1),
                            &[Pole::new(kappa.clone(), m)],
                        )
                        .unwrap(),
                    1.0 + b * (2.0 * super::germ::to_f64(r) - 1.0),
                ),
            };
            let p = if r.is_some() { 1.0 } else { m as f64 };
            for tv in [1e2, 1e3, 1e4] {
                let kv = kappa.evaluate(tv);
                let exact = brute(b, None, shift, p, &[(kv, m as f64)]);
                println!(
                    "beta {beta} m {m} r {r:?} T {tv:e}: {} vs {} rel {:.2e}",
                    germ.evaluate(tv),
                    exact,
                    germ.evaluate(tv) / exact - 1.0
                );
            }
            println!("   {germ}");
        }
        let k0 = spectrum.kappa(&Germ::zero(), &t).unwrap();
        println!("ridgeless {k0}");
        println!("kappa(lambda) {}", spectrum.kappa(&kappa, &t).unwrap());
        println!(
            "kappa(T^-beta) {}",
            spectrum.kappa(&t.powr(&-&beta).unwrap(), &t).unwrap()
        );
        for (p, d) in [(q(1, 2), 0), (q(1, 1), 0), (q(2, 1), 0)] {
            let d = t.powr(&p).unwrap();
            let _ = 0;
            let finite = GermSpectrum::PowerLaw {
                beta: beta.clone(),
                dimension: GermDimension::Finite(d.clone()),
            };
            for lam in [
                Germ::zero(),
                t.powr(&-&ell).unwrap(),
                t.powr(&q(-4, 1)).unwrap(),
            ] {
                match finite.kappa(&lam, &t) {
                    Ok(k) => {
                        println!("d = {d} lambda = {lam}: kappa = {k}");
                        if !k.is_zero() {
                            let df = finite.degrees_of_freedom(1, &k).unwrap();
                            println!(
                                "     df1 {df}  df2 {}",
                                finite.degrees_of_freedom(2, &k).unwrap()
                            );
                            for tv in [1e2_f64, 1e4] {
                                let dv = d.evaluate(tv).round();
                                if dv > 2e6 {
                                    continue;
                                }
                                println!(
                                    "       {:.3e}",
                                    df.evaluate(tv)
                                        / brute(b, Some(dv), 0.0, 1.0, &[(k.evaluate(tv), 1.0)])
                                        - 1.0
                                );
                            }
                        }
                    }
                    Err(e) => println!("d = {d} lambda = {lam}: {e}"),
                }
            }
        }
        // two poles
        let k2 = k0.clone();
        for (a, c) in [
            (kappa.clone(), k2.clone()),
            (kappa.clone(), kappa.scale(&super::Coefficient::integer(3))),
            (Germ::integer(2), kappa.clone()),
            (t.clone(), kappa.clone()),
        ] {
            let g = spectrum
                .trace(
                    &q(3, 1),
                    &[Pole::new(a.clone(), 2), Pole::new(c.clone(), 2)],
                )
                .unwrap();
            for tv in [1e2, 1e3] {
                let e = brute(
                    b,
                    None,
                    0.0,
                    3.0,
                    &[(a.evaluate(tv), 2.0), (c.evaluate(tv), 2.0)],
                );
                println!("two poles {tv:e} {:.2e}", g.evaluate(tv) / e - 1.0);
            }
            println!("   {g}");
        }
    }
}
