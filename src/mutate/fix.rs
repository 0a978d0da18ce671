//! A correction, written beside the claim it corrects.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::formula::ast::RelationOp;
use crate::formula::parse::parse_relation;

/// The text of a file in which claim `id` is expected to be refuted and names a new claim, right below it, that says what
/// holds, with a further assumption where it holds only there. `None` where the claim is written in a way that is better
/// changed by hand: as a step, or without a line of its own for what it says.
pub fn fixed(text: &str, id: &str, says: &str, assume: Option<&str>) -> Option<String> {
    let document = DeTable::parse(text).ok()?;
    let DeValue::Array(claims) = document.get_ref().get("claim")?.get_ref() else {
        return None;
    };
    let string = |table: &DeTable<'_>, key: &str| match table.get(key).map(Spanned::get_ref) {
        Some(DeValue::String(value)) => Some(value.to_string()),
        _ => None,
    };
    let table = claims.iter().find_map(|claim| match claim.get_ref() {
        DeValue::Table(table) if string(table, "id").as_deref() == Some(id) => Some(table),
        _ => None,
    })?;
    let span = |key: &str| table.get(key).map(Spanned::span);
    let (says_at, id_at) = (span("says")?, span("id")?);
    let block = block_around(text, id_at.start)?;
    if says_at.start < block.start || says_at.end > block.end || table.contains_key("instead") {
        return None;
    }
    let known = |name: &str| {
        claims.iter().any(|claim| match claim.get_ref() {
            DeValue::Table(table) => string(table, "id").as_deref() == Some(name),
            _ => false,
        })
    };
    let new_id = (1..100)
        .map(|i| match i {
            1 => format!("{id}-corrected"),
            i => format!("{id}-corrected-{i}"),
        })
        .find(|name| !known(name))?;
    let copy = copy_of(text, table, &block, &new_id, says, assume)?;
    // The original keeps its place.
    let mut remarks = format!("\ninstead = {}", quoted(&new_id));
    if !table.contains_key("expect") {
        remarks.insert_str(0, "\nexpect = \"refuted\"");
    }
    let original = format!(
        "{}{remarks}{}",
        text.get(..says_at.end)?,
        text.get(says_at.end..block.end)?.trim_end()
    );
    let rest = text[block.end..].trim_start_matches('\n');
    let gap = if rest.is_empty() { "" } else { "\n" };
    let fixed = format!("{original}\n\n{}\n{gap}{rest}", copy.trim_end());
    DeTable::parse(&fixed).ok()?;
    Some(fixed)
}

/// The block again with another id, what holds, and without what is said of the slip.
fn copy_of(
    text: &str,
    table: &DeTable<'_>,
    block: &std::ops::Range<usize>,
    new_id: &str,
    says: &str,
    assume: Option<&str>,
) -> Option<String> {
    let span = |key: &str| table.get(key).map(Spanned::span);
    let (says_at, id_at) = (span("says")?, span("id")?);
    let mut copy = Vec::new();
    let mut changes = vec![(id_at, quoted(new_id)), (says_at.clone(), quoted(says))];
    if let Some(condition) = assume {
        match table.get("assume") {
            Some(old) => changes.push(match turned(old, condition) {
                Some(place) => (place, quoted(condition)),
                None => (
                    old.span(),
                    format!("[{}, {}]", listed(text, old)?, quoted(condition)),
                ),
            }),
            None => changes.push((
                says_at.end..says_at.end,
                format!("\nassume = [{}]", quoted(condition)),
            )),
        }
    }
    for key in ["expect", "why"] {
        if let Some((name, value)) = table.get_key_value(key) {
            let end = text[value.span().end..]
                .find('\n')
                .map_or(text.len(), |i| value.span().end + i + 1);
            changes.push((name.span().start..end, String::new()));
        }
    }
    changes.sort_by_key(|(range, _)| (range.start, range.end));
    let mut at = block.start;
    for (range, new) in changes {
        copy.push(text.get(at..range.start)?.to_owned());
        copy.push(new);
        at = range.end;
    }
    copy.push(text.get(at..block.end)?.to_owned());
    Some(copy.concat())
}

/// What stands between the brackets of a list of assumptions, or the one without brackets.
fn listed<'t>(text: &'t str, assumptions: &Spanned<DeValue<'_>>) -> Option<&'t str> {
    let written = text.get(assumptions.span())?;
    Some(match assumptions.get_ref() {
        DeValue::String(_) => written,
        _ => written
            .trim_start_matches('[')
            .trim_end_matches(']')
            .trim()
            .trim_end_matches(','),
    })
}

/// Where the assumption stands that `condition` is the other way round: both together would leave nothing.
fn turned(assumptions: &Spanned<DeValue<'_>>, condition: &str) -> Option<std::ops::Range<usize>> {
    use RelationOp::{Ge, Gt, Le, Lt};
    let condition = parse_relation(condition).ok()?;
    let is_turned = |value: &Spanned<DeValue<'_>>| match value.get_ref() {
        DeValue::String(text) => parse_relation(text).is_ok_and(|old| {
            let against = matches!(
                (old.op, condition.op),
                (Le | Lt, Ge | Gt) | (Ge | Gt, Le | Lt)
            );
            against
                && old.lhs.to_string() == condition.lhs.to_string()
                && old.rhs.to_string() == condition.rhs.to_string()
        }),
        _ => false,
    };
    match assumptions.get_ref() {
        DeValue::Array(all) => all.iter().find(|value| is_turned(value)).map(Spanned::span),
        _ => is_turned(assumptions).then(|| assumptions.span()),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// From its `[[claim]]` to the next header that is not one of its own tables.
fn block_around(text: &str, at: usize) -> Option<std::ops::Range<usize>> {
    let start = text[..at].rfind("[[claim]]")?;
    let mut end = text.len();
    let mut place = start + "[[claim]]".len();
    for line in text[place..].split_inclusive('\n') {
        if line.starts_with('[') && !line.starts_with("[claim.") {
            end = place;
            break;
        }
        place += line.len();
    }
    (at < end).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::fixed;
    use crate::check::file::read_text;

    const FILE: &str = "[symbols]\nx = { real = [1, 2] } # one\n\n[[claim]]\nid = \"a\"\nsays = \"x = 2*x\"  # printed\nwhy = \"a slip\"\n\n[[claim]]\nid = \"b\"\nsays = \"x = x\"\n";

    #[test]
    fn the_correction_stands_below_its_claim() {
        let text = fixed(FILE, "a", "x = x", Some("x <= 1")).unwrap();
        let file = read_text("a.toml".as_ref(), &text).unwrap();
        let ids: Vec<&str> = file.claims.iter().map(|c| c.id.as_str()).collect();
        assert_eq!(ids, ["a", "a-corrected", "b"], "{text}");
        assert_eq!(file.claims[0].instead.as_deref(), Some("a-corrected"));
        assert_eq!(file.claims[1].says_text, "x = x");
        assert_eq!(file.claims[1].scope.assumptions.len(), 1);
        assert!(text.starts_with("[symbols]\nx = { real = [1, 2] } # one\n"));
    }

    /// `phi >= 1` and `phi <= 1` together would leave one point.
    #[test]
    fn a_turned_assumption_stands_in_place_of_the_old_one() {
        for (old, new) in [
            ("[\"x >= 1\", \"y > 0\"]", "[\"x <= 1\", \"y > 0\"]"),
            ("\"x > 1\"", "\"x <= 1\""),
            ("[\"x >= 2\"]", "[\"x >= 2\", \"x <= 1\"]"),
        ] {
            let file = format!(
                "[symbols]\nx = {{ real = [0, 3] }}\ny = {{ real = [0, 3] }}\n\n[[claim]]\nid = \"a\"\n\
                 says = \"x = 2*x\"\nassume = {old}\n"
            );
            let text = fixed(&file, "a", "x = 2*x", Some("x <= 1")).unwrap();
            assert!(
                text.ends_with(&format!("assume = {new}\n")),
                "{old}: {text}"
            );
        }
    }

    #[test]
    fn what_is_not_understood_is_left_alone() {
        assert_eq!(fixed(FILE, "nothing", "x = x", None), None);
        assert_eq!(
            fixed("[[derivation]]\nid = \"a\"\n", "a/1", "x", None),
            None
        );
    }
}
