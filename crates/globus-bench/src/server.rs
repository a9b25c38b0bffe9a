//! The responder: canned bytes by hyper, on one thread.

use crate::case::PAGE;
use crate::documents;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpListener;

/// Serves until nobody is left who could ask: until its standard input ends.
pub(crate) fn serve() {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_line(&mut String::new());
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("http://{}", listener.local_addr().expect("an address"));
        let canned = Rc::new(StaticServer::new());
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("a socket");
            let canned = canned.clone();
            tokio::task::spawn_local(async move {
                let service = service_fn(|request| answer(canned.clone(), request));
                let connection = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service);
                // whoever asked may have gone
                let _ = connection.await;
            });
        }
    });
}

/// What is written once and sent often.
struct StaticServer {
    task: Bytes,
    tasks: Bytes,
    /// Of large folders, by how many entries they have and whether there is something new in them.
    files: RefCell<HashMap<(usize, bool), Bytes>>,
}

impl StaticServer {
    fn new() -> Self {
        Self {
            task: documents::task(0).into(),
            tasks: documents::tasks(PAGE).into(),
            files: RefCell::default(),
        }
    }

    fn files(&self, count: usize, novel: bool) -> Bytes {
        let mut known = self.files.borrow_mut();
        let files = known.entry((count, novel));
        files
            .or_insert_with(|| documents::files(count, novel).into())
            .clone()
    }
}

async fn answer(
    canned: Rc<StaticServer>,
    mut request: Request<Incoming>,
) -> Result<Response<Pieces>, Infallible> {
    let (path, query) = (request.uri().path(), request.uri().query());
    let asked = |name: &str| {
        let mut pairs = query.unwrap_or_default().split('&');
        pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    };
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let pieces = match parts.as_slice() {
        ["v0.10", "task", _] => vec![canned.task.clone()],
        ["v0.10", "endpoint_manager", "task_list"] => {
            let number = |name| asked(name).and_then(|n| n.parse::<usize>().ok());
            let next = number("last_key").unwrap_or(0) + 1;
            let has_next_page = next * PAGE < number("size").unwrap_or(0);
            let around_it = documents::list(has_next_page.then_some(next));
            around(around_it, canned.tasks.clone())
        }
        ["v1", "index", _, "ingest"] => vec![documents::acknowledged().into()],
        ["v1", "task", _] => vec![documents::ingested().into()],
        // the path says what the folder holds: `/large/100000/`, or `/slow/2001/d3/d31/` of a tree
        // of 2001 folders
        ["v0.10", "operation", "endpoint", _, "ls"] => {
            let path = asked("path").unwrap_or_default().replace("%2F", "/");
            let names: Vec<&str> = path.split('/').collect();
            match names.as_slice() {
                ["", size @ ("large" | "novel"), count, ..] => {
                    let count = count.parse().unwrap_or_default();
                    let files = canned.files(count, *size == "novel");
                    around(documents::listing(&path, count), files)
                }
                ["", pace @ ("slow" | "quick"), folders, ..] => {
                    if *pace == "slow" {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    let folders = folders.parse().unwrap_or_default();
                    let (entries, count) = documents::branch(&path, folders);
                    around(documents::listing(&path, count), entries.into())
                }
                _ => Vec::new(),
            }
        }
        ["v0.10", "submission_id"] => vec![documents::submission_id().into()],
        ["v0.10", "transfer"] => vec![documents::submitted().into()],
        ["v2", "api", "identities"] => {
            let ids = asked("ids").unwrap_or_default().replace("%2C", ",");
            vec![documents::identities(&ids).into()]
        }
        _ => Vec::new(),
    };
    // what is sent here is read, whatever it is
    while let Some(frame) = request.body_mut().frame().await {
        if frame.is_err() {
            break;
        }
    }
    let status = if pieces.is_empty() { 404 } else { 200 };
    let response = Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Pieces(pieces.into()));
    Ok(response.expect("an answer"))
}

fn around((before, after): (String, String), middle: Bytes) -> Vec<Bytes> {
    vec![before.into(), middle, after.into()]
}

/// A body of pieces whose length is known.
struct Pieces(VecDeque<Bytes>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.iter().map(|piece| piece.len() as u64).sum())
    }
}
