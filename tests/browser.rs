//! The HTML report in a browser: it fits a phone, its filter works, and nothing is fetched from elsewhere.
//!
//! Skipped where there is no Chromium (`apt-get install chromium`).

use std::path::{Path, PathBuf};
use std::process::Command;

use resolvent::check::{Effort, Options, check_text};
use resolvent::report;

const FILE: &str = r#"
[symbols]
d = { integer = [2, 40] }
k = { real = [0.1, 2] }

[[claim]]
id   = "smaller"
says = "df(2, k) + df(3, k) + df(4, k) + df(5, k) + df(6, k) <= df(1, k) + df(2, k) + df(3, k) + df(4, k) + df(5, k)"

[[claim]]
id      = "printed"
says    = "df(2, k) = df(1, k)"
expect  = "refuted"
instead = "smaller"
uses    = ["smaller"]
"#;

fn chromium() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .flat_map(|folder| {
            ["chromium", "chromium-browser", "google-chrome"].map(|name| folder.join(name))
        })
        .find(|program| program.is_file())
}

fn page() -> String {
    let options = Options {
        effort: Effort::Quick,
        ..Options::default()
    };
    let outcome = check_text(Path::new("report.toml"), FILE, &options);
    let claims: Vec<_> = outcome.claims.iter().flatten().cloned().collect();
    report::html(&outcome.report, &claims).unwrap()
}

/// The page as the browser has it after a script of ours ran in it at this width.
fn dom(program: &Path, page: &str, script: &str, width: u32) -> String {
    let folder =
        std::env::temp_dir().join(format!("resolvent-browser-{}-{width}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("report.html");
    let with = page.replace("</body>", &format!("<script>{script}</script></body>"));
    assert_ne!(with, page, "the page has no end of its body");
    std::fs::write(&file, with).unwrap();
    let output = Command::new(program)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
        .arg(format!("--window-size={width},900"))
        .arg(format!(
            "--user-data-dir={}",
            folder.join("profile").display()
        ))
        .arg(format!("file://{}", file.display()))
        .output()
        .unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_report_works_in_a_browser() {
    let Some(program) = chromium() else {
        eprintln!("skipped: there is no Chromium here");
        return;
    };
    let page = page();
    for place in ["src=\"http", "href=\"http://", "url(http", "@import"] {
        assert!(!page.contains(place), "{place}");
    }
    // An inner frame of 380 pixels: browsers keep their windows wider.
    let measure = "\
        document.querySelectorAll('details').forEach(d => d.open = true);\
        document.documentElement.style.width = '380px';\
        const wide = [...document.querySelectorAll('main > *')].filter(e => e.getBoundingClientRect().right > 380.5);\
        document.body.dataset.wide = wide.length;\
        const search = document.querySelector('input[type=search]');\
        search.value = 'printed';\
        search.dispatchEvent(new Event('input', {bubbles: true}));\
        const shown = [...document.querySelectorAll('.claim')].filter(c => !c.hidden).length;\
        document.body.dataset.shown = shown;\
        document.body.dataset.all = document.querySelectorAll('.claim').length;\
        document.body.dataset.formulas = document.querySelectorAll('math').length;\
        document.body.dataset.pictures = document.querySelectorAll('#findings figure svg').length;\
        const found = document.querySelectorAll('#findings .claim, #rest .claim');\
        found.forEach(c => c.open = false);\
        window.dispatchEvent(new Event('beforeprint'));\
        document.body.dataset.printed = document.querySelectorAll('#findings .claim[open]').length;\
        document.body.dataset.keys = [...document.querySelectorAll('summary, button, input, .graph a')]\
            .filter(e => e.tabIndex >= 0).length;";
    let dom = dom(&program, &page, measure, 600);
    let data = |name: &str| -> usize {
        let start = format!("data-{name}=\"");
        let after = dom
            .split_once(&start)
            .unwrap_or_else(|| panic!("{name} in {dom}"))
            .1;
        after.split('"').next().unwrap().parse().unwrap()
    };
    assert_eq!(data("wide"), 0, "parts of the page are wider than a phone");
    assert!(data("formulas") >= 2, "{}", data("formulas"));
    assert!(data("all") >= 2);
    assert!(data("pictures") >= 1);
    // Printing unfolds what was found; everything that acts is reached by the keyboard.
    assert_eq!(data("printed"), 1);
    assert!(data("keys") >= 2 + 2 + 2 + 2, "{}", data("keys"));
    assert!(
        data("shown") >= 1 && data("shown") < data("all"),
        "{} of {}",
        data("shown"),
        data("all")
    );
}
