//! "Did you mean": the known name nearest to one that is not known.

/// The candidate nearest to `name`, if it is near enough to be what was meant.
///
/// ```
/// use resolvent::formula::suggestion::nearest;
/// assert_eq!(nearest("kapa", ["kappa", "lambda"]), Some("kappa"));
/// assert_eq!(nearest("kapa", ["phi", "rho"]), None);
/// ```
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    if length > 64 {
        return None;
    }
    let allowed = match length {
        0..=4 => 1,
        5..=7 => 2,
        _ => 3,
    };
    candidates
        .into_iter()
        .filter(|candidate| candidate.chars().count() <= 64)
        .map(|candidate| (distance(name, candidate), candidate))
        // A name of which nothing is left is no suggestion.
        .filter(|&(distance, candidate)| {
            distance <= allowed && distance < candidate.chars().count().min(length)
        })
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions, substitutions (half price for a change of case, none free) and swaps of neighbours.
fn distance(a: &str, b: &str) -> usize {
    if a != b && a.eq_ignore_ascii_case(b) {
        return 1;
    }
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let substitution = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = substitution.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_edits() {
        assert_eq!(distance("sigma", "sigma"), 0);
        assert_eq!(distance("Sigma", "sigma"), 1);
        assert_eq!(distance("lamdba", "lambda"), 1);
        assert_eq!(distance("kapa", "kappa"), 1);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn one_letter_names_are_not_mended_into_one_another() {
        assert_eq!(nearest("k", ["n", "T"]), None);
        assert_eq!(nearest("t", ["n", "T"]), None);
        assert_eq!(nearest("T1", ["T0"]), Some("T0"));
    }

    #[test]
    fn short_names_are_mended_in_one_place_only() {
        assert_eq!(nearest("lim", ["min", "sum", "tr"]), None);
        assert_eq!(nearest("var", ["tr", "max"]), None);
        assert_eq!(nearest("kapa", ["kappa"]), Some("kappa"));
        assert_eq!(nearest("sqr", ["sqrt"]), Some("sqrt"));
    }
}
