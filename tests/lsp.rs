//! `resolvent lsp`, by an editor that follows a script.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

struct Editor {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    next: u64,
}

impl Editor {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_resolvent"))
            .args(["lsp", "--effort", "quick"])
            .env("RESOLVENT_CACHE_DIR", "")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut editor = Self {
            child,
            input,
            output,
            next: 0,
        };
        let answer = editor.ask("initialize", json!({ "capabilities": {} }));
        assert!(answer["capabilities"]["hoverProvider"].as_bool().unwrap());
        editor.note("initialized", json!({}));
        editor
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.input.flush().unwrap();
    }

    fn note(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn read(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(
                self.output.read_line(&mut line).unwrap() > 0,
                "the server is gone"
            );
            match line.trim().split_once(": ") {
                Some(("Content-Length", n)) => length = n.parse().unwrap(),
                Some(_) => {}
                None => break,
            }
        }
        let mut bytes = vec![0; length];
        self.output.read_exact(&mut bytes).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = self.next;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.read();
            if message["id"] == id && message.get("method").is_none() {
                assert!(message.get("error").is_none(), "{message}");
                return message["result"].clone();
            }
        }
    }

    fn until(&mut self, method: &str) -> Value {
        loop {
            let message = self.read();
            if message["method"] == method {
                return message["params"].clone();
            }
        }
    }

    fn stop(mut self) {
        self.ask("shutdown", Value::Null);
        self.note("exit", Value::Null);
        assert!(self.child.wait().unwrap().success());
    }
}

const URI: &str = "file:///nowhere/a%20b.toml";
const TEXT: &str = "[symbols]\nT = { integer = [2, 40] }\n\"κ\" = \"2*T\"\n\n[[claim]]\nid = \"sum\"\nsays = \"κ + T = 3*T\"\n\n\
    [[claim]]\nid = \"slip\"\nsays = \"κ = T\"\n";

fn place(text: &str, word: &str) -> Value {
    let at = text.find(word).unwrap();
    let start = text[..at].rfind('\n').map_or(0, |i| i + 1);
    json!({ "line": text[..at].matches('\n').count(), "character": text[start..at].encode_utf16().count() })
}

fn words_are_explained_and_completed(editor: &mut Editor) {
    let position = place(TEXT, "κ + T");
    let hover = editor.ask(
        "textDocument/hover",
        json!({ "textDocument": { "uri": URI }, "position": position }),
    );
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(
        text.contains("`kappa = 2*T`") && text.contains("scalar"),
        "{text}"
    );
    assert!(text.contains("$$"), "{text}");

    let position = place(TEXT, "3*T");
    let items = editor.ask(
        "textDocument/completion",
        json!({ "textDocument": { "uri": URI }, "position": position }),
    );
    let labels: Vec<&str> = items
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["label"].as_str().unwrap())
        .collect();
    for label in ["T", "kappa", "ridge", "Sigma", "sum"] {
        assert!(labels.contains(&label), "{label} among {labels:?}");
    }
}

#[test]
fn an_editor_is_served() {
    let mut editor = Editor::start();
    let document = json!({ "uri": URI, "languageId": "toml", "version": 1, "text": TEXT });
    editor.note("textDocument/didOpen", json!({ "textDocument": document }));
    let told = editor.until("textDocument/publishDiagnostics");
    assert_eq!(told["uri"], URI);
    assert_eq!(told["diagnostics"], json!([]));

    // Verdicts come by themselves: a diagnostic for the false claim, and lenses.
    let told = editor.until("textDocument/publishDiagnostics");
    let diagnostics = told["diagnostics"].as_array().unwrap().clone();
    assert_eq!(diagnostics.len(), 1, "{told}");
    assert!(
        diagnostics[0]["message"]
            .as_str()
            .unwrap()
            .starts_with("refuted, expected: holds")
    );
    assert_eq!(diagnostics[0]["range"]["start"]["line"], 10);
    editor.until("workspace/codeLens/refresh");
    let lenses = editor.ask(
        "textDocument/codeLens",
        json!({ "textDocument": { "uri": URI } }),
    );
    let titles: Vec<&str> = lenses
        .as_array()
        .unwrap()
        .iter()
        .map(|l| l["command"]["title"].as_str().unwrap())
        .collect();
    assert_eq!(titles.len(), 2);
    assert!(
        !titles[0].contains("refuted") && titles[1].starts_with("refuted"),
        "{titles:?}"
    );

    words_are_explained_and_completed(&mut editor);

    // A fault as it is typed, where it is in UTF-16, and the other claim untouched.
    let broken = TEXT.replace("κ = T\"", "κ = T +\"");
    editor.note(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": URI, "version": 2 }, "contentChanges": [{ "text": broken }] }),
    );
    let told = editor.until("textDocument/publishDiagnostics");
    let diagnostics = told["diagnostics"].as_array().unwrap();
    assert_eq!(diagnostics.len(), 1, "{told}");
    assert_eq!(diagnostics[0]["severity"], 1);
    assert_eq!(diagnostics[0]["range"]["start"]["line"], 10);
    let lenses = editor.ask(
        "textDocument/codeLens",
        json!({ "textDocument": { "uri": URI } }),
    );
    assert_eq!(lenses.as_array().unwrap().len(), 1);
    editor.stop();
}
