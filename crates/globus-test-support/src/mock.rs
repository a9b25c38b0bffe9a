//! A server that says exactly what a test tells it to, and a clock that
//! waits for nothing.

use globus_sdk::transport::Clock;
use globus_sdk::{ClientBuilder, Environment, ServiceClient};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the scripted server does with one request.
#[derive(Clone, Debug)]
pub enum Step {
    /// Sends these bytes as they are, and closes.
    Raw(Vec<u8>),
    /// Closes without a word.
    Drop,
    /// Says nothing for long.
    Hang,
}

/// A whole answer with a JSON content type.
pub fn answer(status: u16, body: &str) -> Step {
    answer_with(status, "", body)
}

/// A whole answer with further headers, each ended by `\r\n`.
pub fn answer_with(status: u16, headers: &str, body: &str) -> Step {
    Step::Raw(
        format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{headers}\r\n{body}",
            body.len()
        )
        .into_bytes(),
    )
}

/// Answers each request by the next step; the last step repeats.
pub struct MockServer {
    pub url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl MockServer {
    pub async fn start(steps: impl IntoIterator<Item = Step>) -> Self {
        let steps: Vec<Step> = steps.into_iter().collect();
        let mut served = 0;
        Self::answering(move |_| {
            let step = steps[served.min(steps.len() - 1)].clone();
            served += 1;
            step
        })
        .await
    }

    /// Answers each request, head and body as text, by what a function says.
    pub async fn answering(mut choose: impl FnMut(&str) -> Step + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let Some(request) = read_request(&mut stream).await else {
                    continue;
                };
                let step = choose(&request);
                seen.lock().expect("requests").push(request);
                match step {
                    Step::Raw(bytes) => {
                        let _ = stream.write_all(&bytes).await;
                        let _ = stream.shutdown().await;
                    }
                    Step::Drop => drop(stream),
                    Step::Hang => {
                        tokio::spawn(async move {
                            tokio::time::sleep(Duration::from_secs(60)).await;
                            drop(stream);
                        });
                    }
                }
            }
        });
        Self { url, requests }
    }

    /// The requests so far, as text: head and body.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("requests").clone()
    }

    pub fn count(&self) -> usize {
        self.requests().len()
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = stream.read(&mut chunk).await.ok()?;
        if read == 0 {
            return None;
        }
        bytes.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|l| {
                    l.to_ascii_lowercase()
                        .strip_prefix("content-length: ")?
                        .parse()
                        .ok()
                })
                .unwrap_or(0);
            if body.len() >= length {
                return Some(text);
            }
        }
    }
}

/// Sleeps not at all, and notes what it was asked to sleep; its elapsed time is what it slept.
#[derive(Clone, Debug)]
pub struct MockClock {
    start: Instant,
    slept: Arc<Mutex<Vec<Duration>>>,
}

impl Default for MockClock {
    fn default() -> Self {
        Self::new()
    }
}

impl MockClock {
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
            slept: Arc::default(),
        }
    }

    pub fn slept(&self) -> Vec<Duration> {
        self.slept.lock().expect("sleeps").clone()
    }

    fn elapsed(&self) -> Duration {
        self.slept().iter().sum()
    }
}

impl Clock for MockClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000) + self.elapsed()
    }
    fn instant(&self) -> Instant {
        self.start + self.elapsed()
    }
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.slept.lock().expect("sleeps").push(duration);
        Box::pin(std::future::ready(()))
    }
    fn random(&self) -> f64 {
        1.0
    }
}

/// A client of a scripted server that waits for nothing.
pub fn hasty<C: ServiceClient>(url: &str) -> (C, MockClock) {
    let clock = MockClock::new();
    let client = ClientBuilder::<C>::default()
        .environment(Environment::empty())
        .base_url(url)
        .clock(clock.clone())
        .build()
        .expect("a client");
    (client, clock)
}
