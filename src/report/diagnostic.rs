//! Diagnostics as text: the line at fault, underlined, and how to mend it.

#[cfg(feature = "cli")]
use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::printable::{in_place, printable, printable_lines};
use crate::check::diagnostic::Diagnostic;

/// The diagnostic as plain text or with terminal colours.
///
/// ```
/// use resolvent::{check::file::read_text, report::diagnostic::render};
/// let faulty = "[[claim]]\nid = \"a\"\nsays = \"2 pi = 1\"\n";
/// let diagnostics = read_text("a.toml".as_ref(), faulty).unwrap_err();
/// let text = render(&diagnostics[0], false);
/// assert!(text.contains("a.toml:3:11"));
/// assert!(text.contains("help: write 2*pi"));
/// ```
pub fn render(diagnostic: &Diagnostic, colours: bool) -> String {
    let message = printable_lines(&diagnostic.message);
    let path = printable(&diagnostic.file);
    let renderer = if colours {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let title = Level::ERROR
        .primary_title(message.as_str())
        .id(diagnostic.code);
    let help = diagnostic.help.as_deref().map(printable_lines);
    let label = diagnostic.label.as_deref().map(printable);
    let help = help.as_deref().map(|text| Level::HELP.message(text));
    let group = if diagnostic.line == 0 {
        title
            .element(annotate_snippets::Origin::path(path.as_ref()))
            .elements(help)
    } else {
        let mut annotation = AnnotationKind::Primary.span(diagnostic.underline.clone());
        if let Some(label) = label.as_deref() {
            annotation = annotation.label(label);
        }
        let line = in_place(&diagnostic.source_line);
        let snippet = Snippet::source(line.into_owned())
            .line_start(diagnostic.line)
            .path(path.as_ref())
            .annotation(annotation);
        title.element(snippet).elements(help)
    };
    renderer.render(&[group])
}

/// Writes diagnostics to standard error, coloured where that is a terminal that wants colours.
#[cfg(feature = "cli")]
pub fn write_to_stderr(diagnostics: &[Diagnostic]) -> io::Result<()> {
    let mut stderr = anstream::stderr().lock();
    for diagnostic in diagnostics {
        writeln!(stderr, "{}\n", render(diagnostic, true))?;
    }
    stderr.flush()
}
