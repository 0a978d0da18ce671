use super::definition::Definition;
use super::format::{TableFormat, render};
use super::verify::{Wrong, verify};
use super::*;

fn definition(text: &str) -> Definition {
    Definition::read("test.toml".as_ref(), text).unwrap_or_else(|faults| {
        panic!(
            "{}",
            faults
                .iter()
                .map(|f| f.message.as_str())
                .collect::<Vec<_>>()
                .join("; ")
        )
    })
}

fn faults(text: &str) -> Vec<String> {
    let faults = Definition::read("test.toml".as_ref(), text).unwrap_err();
    faults
        .into_iter()
        .map(|f| format!("{}:{}: {}", f.line, f.column, f.message))
        .collect()
}

const ISOTROPIC: &str = r#"
title  = "Isotropic"
digits = 30

[setting]
spectrum = "isotropic"
d        = 300

[grid]
T      = [200, 300, 600]
lambda = [0, "1/T", 0.5]

[define]
k = "kappa(lambda, T)"

[columns]
kappa    = "k"
df2      = "df(2, k)"
variance = "df(2, k)/(T - df(2, k))"
"#;

/// `κ` of isotropic inputs solves a quadratic: `κ² + κ(1 − λ − φ) − λ = 0`.
#[test]
fn every_digit_of_kappa_solves_its_equation() {
    let table = compute(&definition(ISOTROPIC)).unwrap();
    assert_eq!(table.rows.len(), 9);
    for row in &table.rows {
        let read = |cell: &Cell| decimal::read(cell.text());
        let (t, lambda) = (read(&row.at[0]).unwrap().value, &row.at[1]);
        let lambda = match read(lambda) {
            Some(printed) => printed.value,
            None => t.recip(),
        };
        let phi = num_rational::BigRational::from_integer(300.into()) / &t;
        let one = num_rational::BigRational::from_integer(1.into());
        let k = read(&row.cells[0]).unwrap();
        let side = |k: &num_rational::BigRational| k * k + k * (&one - &lambda - &phi) - &lambda;
        let (low, high) = (
            side(&(&k.value - &k.half_unit)),
            side(&(&k.value + &k.half_unit)),
        );
        let zero = num_rational::BigRational::from_integer(0.into());
        assert!(k.significant == 30 || k.value == zero, "{:?}", row.cells);
        assert!(
            k.value == zero || (low <= zero && high >= zero),
            "{:?}",
            row.cells
        );
    }
}

/// At `T = d` without ridge the variance is infinite: no number is printed.
#[test]
fn poles_have_no_value() {
    let table = compute(&definition(ISOTROPIC)).unwrap();
    let pole = &table.rows[3];
    assert_eq!(pole.at[0].text(), "300");
    assert!(matches!(pole.cells[2], Cell::None { .. }), "{pole:?}");
    assert_eq!(pole.cells[0].text(), "0");
}

#[test]
fn tiny_negative_whole_and_tied_values() {
    let text = r#"
digits = 50
[grid]
x = [0, 3, "1/8"]
[columns]
tiny     = "exp(-690 - x)"
huge     = "exp(2000 + x)"
negative = "-sqrt(2 + x)"
whole    = "300 + 0*x"
nothing  = "x - x"
third    = "1/(3 + x)"
cancels  = "exp(1e-40 + 0*x) - 1"
"#;
    let table = compute(&definition(text)).unwrap();
    let row = &table.rows[0];
    let of = |name: &str| {
        let at = table.definition.columns.iter().position(|c| c.name == name);
        row.cells[at.unwrap()].text().to_owned()
    };
    assert_eq!(of("whole"), format!("300.{}", "0".repeat(47)));
    assert_eq!(of("nothing"), "0");
    assert_eq!(of("third"), format!("0.{}", "3".repeat(50)));
    assert_eq!(
        of("negative"),
        "-1.4142135623730950488016887242096980785696718753769"
    );
    assert!(of("cancels").starts_with(&format!("1.{}5", "0".repeat(40))));
    assert!(of("tiny").ends_with("e-300"));
    assert!(of("huge").ends_with("e868"));
    let enormous = definition("[grid]\nx = [1e6]\n[columns]\ny = \"exp(x)\"\n");
    let cell = &compute(&enormous).unwrap().rows[0].cells[0];
    assert!(matches!(cell, Cell::None { .. }), "{cell:?}");
    // 1/8 to two digits lies between two roundings, and is exact: half goes away from zero.
    let mut tie = definition("digits = 2\n[grid]\nx = [8]\n[columns]\ny = \"1/x\"\n");
    assert_eq!(compute(&tie).unwrap().rows[0].cells[0].text(), "0.13");
    tie.digits = 3;
    assert_eq!(compute(&tie).unwrap().rows[0].cells[0].text(), "0.125");
}

#[test]
fn an_altered_digit_is_found_at_its_cell() {
    let definition = definition(ISOTROPIC);
    let table = compute(&definition).unwrap();
    for format in [TableFormat::Csv, TableFormat::Json] {
        let text = String::from_utf8(render(&table, format).unwrap()).unwrap();
        let whole = published::read(&text).unwrap();
        assert_eq!(whole.whole, Some(true), "{format:?}");
        assert_eq!(whole.definition.as_deref(), Some(ISOTROPIC));
        let right = verify(&definition, &whole).unwrap();
        assert_eq!(right.wrong, [], "{format:?}");
        assert_eq!(right.cells, 27);
        // Every digit of one cell in turn.
        let cell = table.rows[4].cells[1].text().to_owned();
        let at = text.find(&cell).unwrap();
        for (i, letter) in cell.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
            let other = if letter == '9' {
                '8'
            } else {
                ((letter as u8) + 1) as char
            };
            let mut altered = text.clone();
            altered.replace_range(at + i..at + i + 1, &other.to_string());
            let altered = published::read(&altered).unwrap();
            assert_eq!(altered.whole, Some(false));
            let outcome = verify(&definition, &altered).unwrap();
            match &outcome.wrong[..] {
                [
                    Wrong::Cell {
                        row,
                        column,
                        computed,
                        ..
                    },
                    Wrong::Checksum,
                ] => {
                    assert_eq!(column, "df2");
                    assert!(row.contains("T = 300"), "{row}");
                    assert_eq!(*computed, cell);
                }
                other => panic!("{format:?}, digit {i}: {other:?}"),
            }
        }
    }
}

/// A table from elsewhere: its own digits, its own order, a column that is not ours.
#[test]
fn tables_of_others() {
    let definition = definition(ISOTROPIC);
    let theirs = "T,lambda,method,kappa\n600,0.5,theirs,0.707\n200,0,theirs,0.50\n";
    let table = published::read(theirs).unwrap();
    let outcome = verify(&definition, &table).unwrap();
    assert_eq!((outcome.cells, outcome.wrong.len()), (2, 0), "{outcome:?}");
    let wrong = theirs.replace("0.707", "0.708");
    let outcome = verify(&definition, &published::read(&wrong).unwrap()).unwrap();
    assert!(
        outcome.wrong[0]
            .to_string()
            .contains("kappa is printed as 0.708, but is 0.707")
    );
    let elsewhere = theirs.replace("600", "601");
    let outcome = verify(&definition, &published::read(&elsewhere).unwrap()).unwrap();
    assert!(outcome.wrong[0].to_string().contains("no such row"));
}

#[test]
fn the_other_formats() {
    let table = compute(&definition(
        "title = \"A | B\"\ndigits = 4\n[grid]\nbeta0 = [1, \"1/3\"]\n[columns]\nkappa = \"beta0/7e9\"\n",
    ))
    .unwrap();
    let text = |format| String::from_utf8(render(&table, format).unwrap()).unwrap();
    let latex = text(TableFormat::Latex);
    assert!(
        latex.contains("\\toprule") && latex.contains("$\\beta_{0}$ & $\\kappa$"),
        "{latex}"
    );
    assert!(latex.contains("$1.429 \\times 10^{-10}$"));
    let markdown = text(TableFormat::Markdown);
    assert!(markdown.contains("| 1/3 | 4.762e-11 |"), "{markdown}");
    let npy = render(&table, TableFormat::Npy).unwrap();
    assert_eq!(&npy[..8], b"\x93NUMPY\x01\x00");
    let header = u16::from_le_bytes([npy[8], npy[9]]) as usize;
    assert_eq!((10 + header) % 64, 0);
    // What the array is stands behind its data.
    let end = 10 + header + 4 * 8;
    assert!(npy[end..].starts_with(b"# title: A | B\n"));
    let last = f64::from_le_bytes(npy[end - 8..end].try_into().unwrap());
    assert_eq!(last, 4.762e-11);
}

#[test]
fn faults_point_at_their_place() {
    assert_eq!(
        faults("[grid]\nT = [10]\n[columns]\nkappa = \"2*kapa\"\n"),
        ["4:12: nothing is called `kapa`"]
    );
    assert!(faults("[grid]\nT = []\n[columns]\nx = \"T\"\n")[0].contains("`T` has no values"));
    assert!(faults("[grid]\nT = [1]\n[column]\nx = \"T\"\n")[0].contains("no key `column`"));
    let any =
        "[setting]\nspectrum = \"any\"\nd = 3\n[grid]\nk = [1]\n[columns]\nx = \"df(1, k)\"\n";
    assert!(faults(any)[0].contains("one spectrum"));
    let target = "[setting]\nspectrum = \"isotropic\"\nd = 3\n[grid]\nk = [1]\n[columns]\nx = \"norm2(w0)\"\n";
    assert!(faults(target)[0].contains("target is not given"));
    assert!(faults("digits = 0\n[grid]\nT = [1]\n[columns]\nx = \"T\"\n")[0].contains("digits"));
    assert!(
        faults("[grid]\nT = [1]\n[columns]\nx = { predict = \"lambda\" }\n")[0]
            .contains("`x` is no column")
    );
}

#[test]
fn predictions_and_finite_sizes() {
    let table = compute(&definition(
        r#"
digits = 10
[setting]
spectrum = "isotropic"
target   = { kind = "isotropic", norm2 = 1 }
d        = 5
[chain]
noise    = 0.5
[downstream]
noise    = 0.5
[grid]
n      = [0, 2]
T0     = [9]
T      = [7]
lambda = [0, 0.1]
[columns]
predicted = { predict = "test_error" }
exact     = { exact = "test_error" }
"#,
    ))
    .unwrap();
    // Least squares: σ² d/(T−d−1) = 1.25, and two generations of 0.25·5/3.
    let text = |row: usize, column: usize| table.rows[row].cells[column].text();
    assert_eq!(text(0, 1), "1.250000000");
    assert_eq!(text(2, 1), "2.083333333");
    assert_eq!(text(0, 0), "0.6250000000");
    assert!(text(1, 1).parse::<f64>().unwrap() < 1.25);
}
