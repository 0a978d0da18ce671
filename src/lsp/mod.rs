//! `resolvent lsp`: derivation files in the editor, over the Language Server Protocol on standard input and output.
//!
//! What is wrong is told as one types; verdicts are found in the background when a file is opened or saved, and shown as
//! lenses above their claims.

mod document;
mod place;

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::{
    DidChangeTextDocument, DidCloseTextDocument, DidOpenTextDocument, DidSaveTextDocument,
    Notification as _, PublishDiagnostics,
};
use lsp_types::request::{
    CodeLensRefresh, CodeLensRequest, Completion, HoverRequest, Request as _,
};
use lsp_types::{
    CodeLensOptions, CodeLensParams, CompletionOptions, CompletionParams,
    DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    DidSaveTextDocumentParams, HoverParams, HoverProviderCapability, PublishDiagnosticsParams,
    ServerCapabilities, TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions,
    Uri,
};
use serde::de::DeserializeOwned;

use crate::check::{Options, check_text};
use document::{Document, Verdicts};

/// Why the server ended.
#[derive(Debug, thiserror::Error)]
pub enum LspError {
    #[error("the editor broke the protocol: {0}")]
    Protocol(#[from] lsp_server::ProtocolError),
    #[error("the editor is gone")]
    Gone,
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("{0}")]
    Json(#[from] serde_json::Error),
}

/// Serves one editor until it says goodbye. `options` decide the claims.
///
/// # Errors
/// A connection that broke.
pub fn serve(options: Options) -> Result<(), LspError> {
    let (connection, threads) = Connection::stdio();
    let capabilities = ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Options(
            TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(TextDocumentSyncKind::FULL),
                save: Some(true.into()),
                ..TextDocumentSyncOptions::default()
            },
        )),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        completion_provider: Some(CompletionOptions::default()),
        code_lens_provider: Some(CodeLensOptions {
            resolve_provider: Some(false),
        }),
        ..ServerCapabilities::default()
    };
    connection.initialize(serde_json::to_value(capabilities)?)?;
    let served = Server::new(&connection, options).run();
    drop(connection);
    threads.join()?;
    served
}

/// A text whose claims are to be decided.
struct Work {
    uri: Uri,
    path: std::path::PathBuf,
    text: String,
}

struct Server<'c> {
    connection: &'c Connection,
    documents: HashMap<Uri, Document>,
    work: Sender<Work>,
    decided: Receiver<(Uri, Verdicts)>,
    refreshes: i32,
}

impl<'c> Server<'c> {
    fn new(connection: &'c Connection, options: Options) -> Self {
        let (work, waiting) = channel::<Work>();
        let (tell, decided) = channel();
        // Decides one text after the other; the server's own thread only ever reads and answers.
        thread::spawn(move || {
            while let Ok(mut next) = waiting.recv() {
                // Of several versions of one text the last counts.
                let mut others = Vec::new();
                while let Ok(later) = waiting.try_recv() {
                    if later.uri == next.uri {
                        next = later;
                    } else {
                        others.push(later);
                    }
                }
                for work in std::iter::once(next).chain(others) {
                    let outcome = check_text(&work.path, &work.text, &options);
                    let verdicts = Verdicts {
                        text: work.text,
                        report: outcome.report,
                    };
                    if tell.send((work.uri, verdicts)).is_err() {
                        return;
                    }
                }
            }
        });
        Self {
            connection,
            documents: HashMap::new(),
            work,
            decided,
            refreshes: 0,
        }
    }

    fn run(mut self) -> Result<(), LspError> {
        loop {
            let pause = std::time::Duration::from_millis(50);
            match self.connection.receiver.recv_timeout(pause) {
                Ok(Message::Request(request)) => {
                    if self.connection.handle_shutdown(&request)? {
                        return Ok(());
                    }
                    let response = self.answer(request);
                    self.send(Message::Response(response))?;
                }
                Ok(Message::Notification(notification)) => self.note(notification)?,
                Ok(Message::Response(_)) => {}
                Err(error) if error.is_timeout() => {}
                Err(_) => return Ok(()),
            }
            while let Ok((uri, verdicts)) = self.decided.try_recv() {
                if let Some(document) = self.documents.get_mut(&uri) {
                    document.verdicts = Some(verdicts);
                    self.publish(&uri)?;
                    self.refreshes += 1;
                    self.send(Message::Request(Request::new(
                        RequestId::from(self.refreshes),
                        CodeLensRefresh::METHOD.to_owned(),
                        serde_json::Value::Null,
                    )))?;
                }
            }
        }
    }

    fn send(&self, message: Message) -> Result<(), LspError> {
        self.connection
            .sender
            .send(message)
            .map_err(|_| LspError::Gone)
    }

    fn note(&mut self, notification: Notification) -> Result<(), LspError> {
        let Notification { method, params } = notification;
        match method.as_str() {
            DidOpenTextDocument::METHOD => {
                let Some(params) = read::<DidOpenTextDocumentParams>(params) else {
                    return Ok(());
                };
                let uri = params.text_document.uri;
                let document = Document::new(&uri, params.text_document.text);
                self.documents.insert(uri.clone(), document);
                self.publish(&uri)?;
                self.decide(&uri);
            }
            DidChangeTextDocument::METHOD => {
                let Some(params) = read::<DidChangeTextDocumentParams>(params) else {
                    return Ok(());
                };
                let uri = params.text_document.uri;
                // The whole text each time, as asked for.
                if let (Some(document), Some(change)) = (
                    self.documents.get_mut(&uri),
                    params.content_changes.into_iter().last(),
                ) {
                    document.change(change.text);
                    self.publish(&uri)?;
                }
            }
            DidSaveTextDocument::METHOD => {
                if let Some(params) = read::<DidSaveTextDocumentParams>(params) {
                    self.decide(&params.text_document.uri);
                }
            }
            DidCloseTextDocument::METHOD => {
                if let Some(params) = read::<DidCloseTextDocumentParams>(params) {
                    self.documents.remove(&params.text_document.uri);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn decide(&self, uri: &Uri) {
        if let Some(document) = self.documents.get(uri) {
            // Where the worker is gone there are no verdicts, and everything else goes on.
            let _ = self.work.send(Work {
                uri: uri.clone(),
                path: document.path.clone(),
                text: document.text().to_owned(),
            });
        }
    }

    fn publish(&self, uri: &Uri) -> Result<(), LspError> {
        let Some(document) = self.documents.get(uri) else {
            return Ok(());
        };
        let params = PublishDiagnosticsParams {
            uri: uri.clone(),
            diagnostics: document.diagnostics(),
            version: None,
        };
        self.send(Message::Notification(Notification::new(
            PublishDiagnostics::METHOD.to_owned(),
            params,
        )))
    }

    fn answer(&self, request: Request) -> Response {
        let Request { id, method, params } = request;
        let answered = match method.as_str() {
            HoverRequest::METHOD => read::<HoverParams>(params).map(|params| {
                let at = params.text_document_position_params;
                let document = self.documents.get(&at.text_document.uri);
                serde_json::to_value(document.and_then(|d| d.hover(at.position)))
            }),
            Completion::METHOD => read::<CompletionParams>(params).map(|params| {
                let at = params.text_document_position;
                let document = self.documents.get(&at.text_document.uri);
                serde_json::to_value(document.map(|d| d.completion(at.position)))
            }),
            CodeLensRequest::METHOD => read::<CodeLensParams>(params).map(|params| {
                let document = self.documents.get(&params.text_document.uri);
                serde_json::to_value(document.map(Document::lenses))
            }),
            other => {
                let message = format!("no method {other}");
                return Response::new_err(id, ErrorCode::MethodNotFound as i32, message);
            }
        };
        match answered {
            Some(Ok(value)) => Response::new_ok(id, value),
            Some(Err(error)) => {
                Response::new_err(id, ErrorCode::InternalError as i32, error.to_string())
            }
            None => Response::new_err(
                id,
                ErrorCode::InvalidParams as i32,
                "not understood".to_owned(),
            ),
        }
    }
}

fn read<T: DeserializeOwned>(params: serde_json::Value) -> Option<T> {
    serde_json::from_value(params).ok()
}
