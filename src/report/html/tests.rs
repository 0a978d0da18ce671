use super::*;
use crate::check::{Effort, Options, check, file};

const FILE: &str = r#"
[symbols]
d = { integer = [2, 40] }
k = { real = [0.1, 2] }

[[claim]]
id   = "smaller"
says = "df(2, k) <= df(1, k)"

[[claim]]
id      = "printed"
says    = "df(2, k) = df(1, k)"
expect  = "refuted"
instead = "smaller"
why     = "a <b>bold</b> mistake & a half"
uses    = ["smaller"]

[[claim]]
id   = "wrong"
says = "k < 1"
"#;

fn page() -> String {
    static PAGE: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    PAGE.get_or_init(|| {
        let folder = std::env::temp_dir().join(format!("resolvent-html-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("a \"file\".toml");
        std::fs::write(&path, FILE).unwrap();
        let options = Options {
            effort: Effort::Quick,
            threads: 1,
            ..Options::default()
        };
        let outcome = check(std::slice::from_ref(&path), &options, &|_, _| {});
        let claims = file::read(&path).unwrap().claims;
        std::fs::remove_dir_all(&folder).unwrap();
        html(&outcome.report, &claims).unwrap()
    })
    .clone()
}

#[test]
fn findings_come_first_and_nothing_comes_from_elsewhere() {
    let page = page();
    let place = |text: &str| {
        page.find(text)
            .unwrap_or_else(|| panic!("no {text} in the page"))
    };
    assert!(place("Not as expected (1)") < place("False as stated"));
    assert!(place("False as stated") < place("What holds</h2>"));
    for outside in ["http:", "https:", "src=", "@import", "<link", "url("] {
        let stripped = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!stripped.contains(outside), "{outside}");
    }
    assert!(page.contains("<math"));
    assert!(page.contains("What rests on what"));
}

#[test]
fn strangers_text_stays_text() {
    let page = page();
    assert!(!page.contains("<b>bold"));
    assert!(page.contains("a &lt;b&gt;bold&lt;/b&gt; mistake &amp; a half"));
    assert!(page.contains("a &quot;file&quot;.toml"));
}

/// Every link of the page leads to a place of the page.
#[test]
fn links_lead_somewhere() {
    let page = page();
    let mut links = 0;
    for piece in page.split("href=\"#").skip(1) {
        let target = piece.split('"').next().unwrap();
        assert!(page.contains(&format!("id=\"{target}\"")), "{target}");
        links += 1;
    }
    assert!(links > 3);
}

/// Tags are closed in the order in which they were opened.
#[test]
fn tags_are_balanced() {
    let page = page();
    let body = &page[page.find("<main>").unwrap()..page.find("<script>").unwrap()];
    let void = ["input", "meta", "br", "rect", "path", "mspace"];
    let mut open: Vec<&str> = Vec::new();
    for piece in body.split('<').skip(1) {
        let tag = piece.split('>').next().unwrap();
        let name = tag
            .trim_start_matches('/')
            .split([' ', '\n', '/'])
            .next()
            .unwrap();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "{tag}");
        } else if !tag.ends_with('/') && !void.contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
}
