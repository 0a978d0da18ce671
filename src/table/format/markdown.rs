//! A pipe table, with what it is in a comment.

use super::super::Table;
use super::content::{checksum, definition, header, names, texts};

pub(super) fn render(table: &Table) -> String {
    let escape = |text: &str| text.replace('|', "\\|");
    let names: Vec<String> = names(table).iter().map(|name| escape(name)).collect();
    let mut body = format!(
        "| {} |\n|{}\n",
        names.join(" | "),
        "---:|".repeat(names.len())
    );
    for row in &table.rows {
        let cells: Vec<String> = texts(row).into_iter().map(escape).collect();
        body.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    let lines = header(table, &checksum(&body))
        .join("\n")
        .replace("--", "- -");
    // A comment ends where its definition says so; such a table does without.
    let definition = definition(table, "|");
    let definition = if ["-->", "--!>"].iter().any(|end| definition.contains(end)) {
        String::new()
    } else {
        format!("definition:\n{definition}")
    };
    format!("<!--\n{lines}\n{definition}-->\n{body}")
}
