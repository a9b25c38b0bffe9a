//! A server of one endless kind of tree, for walks: as many folders as wanted, each with as many
//! folders in it, and no disk. It counts what is asked of it. Runs on a thread of its own, so that
//! what a test measures of its own runtime is the client's alone.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::net::TcpListener as Bound;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// Status, headers with `\r\n` after each, and body.
pub type Answer = (u16, &'static str, &'static str);

/// What the server serves.
#[derive(Clone)]
pub struct Shape {
    /// In all, the top included. They are numbered level by level.
    pub folders: usize,
    /// How many are in each.
    pub branching: usize,
    /// How many files are in each.
    pub files: usize,
    /// How long the listing of a folder takes.
    pub delay: fn(usize) -> Duration,
    /// Below the top, no listing is answered before so many are under way at once.
    pub gate: usize,
    /// In place of a listing, by the number of the request and of the folder.
    pub instead: fn(usize, usize) -> Option<Answer>,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            folders: 13,
            branching: 3,
            files: 2,
            delay: |_| Duration::ZERO,
            gate: 0,
            instead: |_, _| None,
        }
    }
}

impl Shape {
    /// The numbers of the folders in a folder.
    pub fn children(&self, folder: usize) -> std::ops::Range<usize> {
        let first = folder * self.branching + 1;
        first.min(self.folders)..(first + self.branching).min(self.folders)
    }
}

pub struct Tree {
    pub url: String,
    shared: Arc<Shared>,
}

struct Shared {
    shape: Shape,
    /// The folders in the order in which their listings were asked for.
    asked: Mutex<Vec<usize>>,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
    connections: AtomicUsize,
    opened: Notify,
}

/// Counts up, and down when it is dropped.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn new(counter: &'a AtomicUsize) -> (Self, usize) {
        (Self(counter), counter.fetch_add(1, SeqCst) + 1)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

impl Tree {
    pub fn serve(shape: Shape) -> Self {
        let bound = Bound::bind("127.0.0.1:0").expect("a port");
        bound.set_nonblocking(true).expect("a socket");
        let url = format!("http://{}", bound.local_addr().expect("an address"));
        let shared = Arc::new(Shared {
            shape,
            asked: Mutex::default(),
            in_flight: AtomicUsize::new(0),
            most_in_flight: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
            opened: Notify::new(),
        });
        let serving = shared.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async move {
                let listener = TcpListener::from_std(bound).expect("a listener");
                while let Ok((stream, _)) = listener.accept().await {
                    let serving = serving.clone();
                    tokio::spawn(async move {
                        let _counted = Counted::new(&serving.connections);
                        serving.converse(stream).await
                    });
                }
            });
        });
        Self { url, shared }
    }

    /// The folders in the order in which their listings were asked for.
    pub fn asked(&self) -> Vec<usize> {
        self.shared.asked.lock().expect("a log").clone()
    }

    pub fn in_flight(&self) -> usize {
        self.shared.in_flight.load(SeqCst)
    }

    pub fn most_in_flight(&self) -> usize {
        self.shared.most_in_flight.load(SeqCst)
    }

    pub fn connections(&self) -> usize {
        self.shared.connections.load(SeqCst)
    }

    /// The most folders that a client knew of and had not asked for yet.
    pub fn widest_frontier(&self) -> usize {
        let mut known = 1;
        let mut widest = 0;
        let mut seen = HashSet::new();
        for folder in self.asked() {
            if seen.insert(folder) {
                known = known - 1 + self.shared.shape.children(folder).len();
                widest = widest.max(known);
            }
        }
        widest
    }
}

impl Shared {
    /// Request after request, until the client leaves; also in the middle of an answer.
    async fn converse(&self, mut stream: TcpStream) -> Option<()> {
        stream.set_nodelay(true).ok()?;
        let mut head = Vec::new();
        loop {
            head.clear();
            while !head.ends_with(b"\r\n\r\n") {
                let mut chunk = [0; 2048];
                match stream.read(&mut chunk).await.ok()? {
                    0 => return None,
                    read => head.extend_from_slice(&chunk[..read]),
                }
            }
            let folder = folder(std::str::from_utf8(&head).ok()?)?;
            let request = {
                let mut asked = self.asked.lock().expect("a log");
                asked.push(folder);
                asked.len()
            };
            let mut more = [0];
            let answer = tokio::select! {
                answer = self.answer(request, folder) => answer,
                _ = stream.read(&mut more) => return None,
            };
            stream.write_all(&answer).await.ok()?;
        }
    }

    async fn answer(&self, request: usize, folder: usize) -> Vec<u8> {
        let (_counted, in_flight) = Counted::new(&self.in_flight);
        self.most_in_flight.fetch_max(in_flight, SeqCst);
        self.opened.notify_waiters();
        if let Some((status, headers, body)) = (self.shape.instead)(request, folder) {
            return answer(status, headers, body);
        }
        let delay = (self.shape.delay)(folder);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        if folder > 0 {
            let open = async {
                loop {
                    let opened = self.opened.notified();
                    if self.most_in_flight.load(SeqCst) >= self.shape.gate {
                        return;
                    }
                    opened.await;
                }
            };
            // a client that never gets there gets its answer, and its test fails
            let _ = tokio::time::timeout(Duration::from_secs(10), open).await;
        }
        answer(200, "", &self.listing(folder))
    }

    fn listing(&self, folder: usize) -> String {
        let mut data = String::new();
        let folders = self
            .shape
            .children(folder)
            .map(|n| (format!("d{n}"), "dir"));
        let files = (0..self.shape.files).map(|n| (format!("f{n}.h5"), "file"));
        for (name, kind) in folders.chain(files) {
            if !data.is_empty() {
                data.push(',');
            }
            let _ = write!(
                data,
                r#"{{"DATA_TYPE":"file","name":"{name}","type":"{kind}","size":4096,"last_modified":"2026-11-22 09:54:38+00:00","permissions":"0644","user":"alice","group":"lab","link_target":null,"link_size":null,"link_last_modified":null,"link_user":null,"link_group":null}}"#
            );
        }
        format!(
            r#"{{"DATA_TYPE":"file_list","endpoint":"e","path":"/","absolute_path":"/","rename_supported":true,"DATA":[{data}]}}"#
        )
    }
}

fn answer(status: u16, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The folder that a request is about: the number at the end of its path, 0 for the top.
fn folder(head: &str) -> Option<usize> {
    let target = head.split(' ').nth(1)?;
    let url = url::Url::parse("http://tree").ok()?.join(target).ok()?;
    let (_, path) = url.query_pairs().find(|(name, _)| name == "path")?;
    let name = path.trim_end_matches('/').rsplit('/').next()?;
    Some(
        name.strip_prefix('d')
            .and_then(|n| n.parse().ok())
            .unwrap_or(0),
    )
}
