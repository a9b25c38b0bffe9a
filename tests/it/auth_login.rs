//! A person logs in, by a browser that comes back or by pasting a code.

use globus_sdk::auth::{
    AuthorizationParameters, CommandLineLogin, DetectedLogin, LocalServerLogin, UserApp,
};
use globus_sdk::{Environment, Error, ErrorKind, Globus, Result};
use globus_test_support::auth::{NATIVE, Page, Sandbox, TRANSFER, browse, pair, send};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use url::Url;

/// A browser whose person does as they are told.
fn by_browser() -> LocalServerLogin {
    LocalServerLogin::new().open(|url| {
        let url = url.clone();
        tokio::spawn(async move { browse(&url).await });
        Ok(())
    })
}

fn app(flow: LocalServerLogin) -> UserApp {
    UserApp::native(NATIVE).login_flow(flow)
}

/// A login that waits, with the address of its page.
struct Waiting {
    page: Url,
    port: u16,
    globus: Globus,
    login: tokio::task::JoinHandle<Result<()>>,
}

impl Waiting {
    async fn begin(sandbox: &Sandbox, timeout: Duration) -> Self {
        let (tell, told) = tokio::sync::oneshot::channel();
        let tell = Mutex::new(Some(tell));
        let flow = LocalServerLogin::new().timeout(timeout).open(move |url| {
            let tell = tell.lock().map_err(|_| "poisoned")?.take();
            tell.and_then(|tell| tell.send(url.clone()).ok())
                .ok_or("opened twice")?;
            Ok(())
        });
        let globus = sandbox.globus(app(flow));
        let _ = globus.transfer();
        let logging_in = globus.clone();
        let login = tokio::spawn(async move { logging_in.login().await });
        let page = told.await.unwrap();
        let redirect = Url::parse(&pair(&page, "redirect_uri").unwrap()).unwrap();
        Self {
            port: redirect.port().unwrap(),
            page,
            globus,
            login,
        }
    }

    /// Sends the browser back with this query.
    async fn come_back(&self, query: &str) -> Page {
        let url = format!("http://localhost:{}/?{query}", self.port);
        browse(&Url::parse(&url).unwrap()).await
    }

    fn state(&self) -> String {
        pair(&self.page, "state").unwrap()
    }

    /// The person logs in after all.
    async fn finish(self) {
        let shown = browse(&self.page).await;
        assert_eq!(shown.status, 200);
        self.login.await.unwrap().unwrap();
        let tokens = self.globus.tokens().await.unwrap();
        assert!(tokens.contains_key(TRANSFER));
    }

    async fn error(self) -> Error {
        self.login.await.unwrap().unwrap_err()
    }
}

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_person_logs_in_by_a_browser_that_comes_back() {
    let sandbox = Sandbox::start().await;
    let globus = sandbox.globus(app(by_browser()).refresh_tokens(true));
    let transfer = globus.transfer();
    assert!(globus.login_required().await.unwrap());
    globus.login().await.unwrap();
    assert!(!globus.login_required().await.unwrap());
    transfer.task_list().await.unwrap();
    let me = globus.auth().userinfo().await.unwrap();
    assert_eq!(me.preferred_username.as_deref(), Some("user@sandbox.local"));
    // one code was exchanged, for all services
    assert_eq!(sandbox.token_requests().len(), 1);
}

#[tokio::test]
async fn redirect_names_localhost_and_its_port_is_closed_afterwards() {
    let sandbox = Sandbox::start().await;
    let waiting = Waiting::begin(&sandbox, MINUTE).await;
    let redirect = pair(&waiting.page, "redirect_uri").unwrap();
    let port = waiting.port;
    assert_eq!(redirect, format!("http://localhost:{port}"));
    waiting.finish().await;
    assert!(
        tokio::net::TcpStream::connect(("127.0.0.1", port))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_wrong_state_is_refused_and_does_not_disturb_the_login() {
    let sandbox = Sandbox::start().await;
    let waiting = Waiting::begin(&sandbox, MINUTE).await;
    for query in [
        "code=abc&state=wrong",
        "code=abc",
        "",
        "error=x&state=wrong",
        "error=access_denied",
        "error=access_denied&error_description=forged",
        "error=access_denied&state=",
    ] {
        let page = waiting.come_back(query).await;
        assert_eq!(page.status, 400, "{query}");
        assert!(page.text.contains("not the login"), "{}", page.text);
    }
    waiting.finish().await;
}

#[tokio::test]
async fn an_error_answer_ends_the_login_and_says_why() {
    let sandbox = Sandbox::start().await;
    let waiting = Waiting::begin(&sandbox, MINUTE).await;
    let query = format!(
        "error=access_denied&error_description=the+person+denied+the+request&state={}",
        waiting.state()
    );
    let page = waiting.come_back(&query).await;
    assert!(page.text.contains("did not succeed"), "{}", page.text);
    let error = waiting.error().await;
    assert_eq!(error.kind(), ErrorKind::Login);
    assert_eq!(
        error.message(),
        "the login was refused: access_denied: the person denied the request; log in again"
    );
}

#[tokio::test]
async fn control_characters_of_an_error_answer_are_escaped() {
    let sandbox = Sandbox::start().await;
    let waiting = Waiting::begin(&sandbox, MINUTE).await;
    let long = "x".repeat(5000);
    let query = format!(
        "error=a%0Ab&error_description=%1b%5D0;title%07%1b%5B2J%0D%0Aall+is+well%e2%80%ae{long}&state={}",
        waiting.state()
    );
    waiting.come_back(&query).await;
    let message = waiting.error().await.to_string();
    assert!(!message.contains(char::is_control), "{message:?}");
    let start = r"the login was refused: a b: \u{1b}]0;title\u{7}\u{1b}[2J all is well\u{202e}xx";
    assert!(message.starts_with(start), "{message}");
    assert!(message.len() < 1200, "{}", message.len());
}

#[tokio::test]
async fn an_answer_without_a_code_ends_the_login() {
    let sandbox = Sandbox::start().await;
    let waiting = Waiting::begin(&sandbox, MINUTE).await;
    let query = format!("state={}", waiting.state());
    waiting.come_back(&query).await;
    let error = waiting.error().await;
    assert!(error.message().contains("without a code"), "{error}");
}

#[tokio::test]
async fn a_code_that_the_service_does_not_know_ends_the_login() {
    let sandbox = Sandbox::start().await;
    let waiting = Waiting::begin(&sandbox, MINUTE).await;
    let query = format!("code=forged&state={}", waiting.state());
    waiting.come_back(&query).await;
    let error = waiting.error().await;
    assert_eq!(error.kind(), ErrorKind::Login);
    assert_eq!(error.operation(), Some("oauth2_token"));
    assert!(error.message().contains("code was not accepted"), "{error}");
}

#[tokio::test]
async fn other_paths_hosts_and_methods_are_refused_during_a_login() {
    let sandbox = Sandbox::start().await;
    let waiting = Waiting::begin(&sandbox, MINUTE).await;
    let (port, state) = (waiting.port, waiting.state());
    let own = format!("Host: localhost:{port}\r\n\r\n");
    let target = format!("/?code=abc&state={state}");
    for (request, status) in [
        (format!("GET /favicon.ico HTTP/1.1\r\n{own}"), 404),
        (format!("HEAD {target} HTTP/1.1\r\n{own}"), 404),
        (format!("HEAD / HTTP/1.1\r\n{own}"), 404),
        (
            format!("GET /callback{} HTTP/1.1\r\n{own}", &target[1..]),
            404,
        ),
        (format!("POST {target} HTTP/1.1\r\n{own}"), 405),
        (
            format!("GET {target} HTTP/1.1\r\nHost: evil.example:{port}\r\n\r\n"),
            403,
        ),
        (format!("GET {target} HTTP/1.1\r\n\r\n"), 400),
        ("nonsense\r\n\r\n".to_owned(), 400),
        (
            format!(
                "GET {target} HTTP/1.1\r\nX: {}\r\n{own}",
                "x".repeat(100_000)
            ),
            431,
        ),
    ] {
        let answer = send(port, request.as_bytes()).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer:.60} to {request:.60}"
        );
    }
    waiting.finish().await;
}

#[tokio::test]
async fn connections_that_send_slowly_or_nothing_keep_nobody_waiting() {
    let sandbox = Sandbox::start().await;
    let waiting = Waiting::begin(&sandbox, MINUTE).await;
    let mut slow = Vec::new();
    for _ in 0..20 {
        let stream = tokio::net::TcpStream::connect(("127.0.0.1", waiting.port))
            .await
            .unwrap();
        stream.try_write(b"GET /").unwrap();
        slow.push(stream);
    }
    let started = Instant::now();
    waiting.finish().await;
    assert!(started.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn two_hundred_hanging_connections_do_not_block_the_browser() {
    let sandbox = Sandbox::start().await;
    for sent in ["", "GET /", "GET / HTTP/1.1\r\nHost: localhost\r\nX: "] {
        let waiting = Waiting::begin(&sandbox, MINUTE).await;
        let mut hanging = Vec::new();
        for _ in 0..200 {
            let stream = tokio::net::TcpStream::connect(("127.0.0.1", waiting.port))
                .await
                .unwrap();
            if !sent.is_empty() {
                stream.try_write(sent.as_bytes()).unwrap();
            }
            hanging.push(stream);
        }
        let started = Instant::now();
        waiting.finish().await;
        assert!(started.elapsed() < Duration::from_secs(4), "{sent:?}");
    }
}

#[tokio::test]
async fn a_flood_of_requests_does_not_keep_the_browser_out() {
    let sandbox = Sandbox::start().await;
    let waiting = Waiting::begin(&sandbox, MINUTE).await;
    let port = waiting.port;
    let large = format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(40_000));
    let flood = futures_util::future::join_all((0..300).map(|n| {
        let request = match n % 3 {
            0 => "GET /?error=x HTTP/1.1\r\nHost: localhost\r\n\r\n",
            1 => "GET /",
            _ => large.as_str(),
        };
        async move {
            let connected = tokio::net::TcpStream::connect(("127.0.0.1", port)).await;
            if let Ok(mut stream) = connected {
                use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
                let _ = stream.write_all(request.as_bytes()).await;
                let _ = stream.read(&mut [0; 64]).await;
            }
        }
    }));
    let started = Instant::now();
    let (_, ()) = tokio::join!(
        tokio::time::timeout(Duration::from_secs(4), flood),
        waiting.finish()
    );
    assert!(started.elapsed() < Duration::from_secs(6));
}

#[tokio::test]
async fn a_login_that_nobody_finishes_times_out() {
    let sandbox = Sandbox::start().await;
    let waiting = Waiting::begin(&sandbox, Duration::from_millis(200)).await;
    let error = waiting.error().await;
    assert_eq!(error.kind(), ErrorKind::Login);
    assert!(error.message().contains("no login within"), "{error}");
}

#[tokio::test]
async fn a_browser_that_does_not_open_ends_the_login() {
    let sandbox = Sandbox::start().await;
    let flow = LocalServerLogin::new().open(|_| Err("there is no display".into()));
    let globus = sandbox.globus(app(flow));
    let error = globus.login().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Login);
    assert!(error.message().contains("CommandLineLogin"), "{error}");
}

#[tokio::test]
async fn fifty_calls_that_need_a_login_open_one_browser() {
    let sandbox = Sandbox::start().await;
    let opened = Arc::new(AtomicUsize::new(0));
    let count = opened.clone();
    let flow = LocalServerLogin::new().open(move |url| {
        count.fetch_add(1, Ordering::SeqCst);
        let url = url.clone();
        tokio::spawn(async move { browse(&url).await });
        Ok(())
    });
    let globus = sandbox.globus(app(flow));
    let (transfer, auth) = (globus.transfer(), globus.auth());
    let transfers =
        futures_util::future::join_all((0..25).map(|_| transfer.task_list().into_future()));
    let infos = futures_util::future::join_all((0..25).map(|_| auth.userinfo().into_future()));
    let (transfers, infos) = tokio::join!(transfers, infos);
    assert!(transfers.iter().all(std::result::Result::is_ok));
    assert!(infos.iter().all(std::result::Result::is_ok));
    assert_eq!(opened.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_person_logs_in_by_pasting_the_code() {
    let sandbox = Sandbox::start().await;
    let (tell, told) = std::sync::mpsc::channel::<String>();
    let told = Mutex::new(told);
    let runtime = tokio::runtime::Handle::current();
    let flow = CommandLineLogin::new()
        .show(move |text| {
            let url = text
                .lines()
                .find(|line| line.starts_with("http"))
                .unwrap_or_default();
            tell.send(url.to_owned()).map_err(std::io::Error::other)
        })
        .read(move || {
            let told = told.lock().map_err(|_| std::io::Error::other("poisoned"))?;
            let url = told.recv().map_err(std::io::Error::other)?;
            let page = runtime.block_on(browse(&Url::parse(&url).unwrap()));
            Ok(format!(
                "  {}\n",
                pair(&page.url, "code").unwrap_or_default()
            ))
        });
    let globus = sandbox.globus(UserApp::native(NATIVE).login_flow(flow));
    globus.login().await.unwrap();
    assert!(globus.auth().userinfo().await.is_ok());
}

#[tokio::test]
async fn pasting_nothing_ends_the_login() {
    let sandbox = Sandbox::start().await;
    let flow = CommandLineLogin::new()
        .show(|_| Ok(()))
        .read(|| Ok("\n".to_owned()));
    let globus = sandbox.globus(UserApp::native(NATIVE).login_flow(flow));
    let error = globus.login().await.unwrap_err();
    assert_eq!(error.message(), "no code was given; log in again");
}

#[tokio::test]
async fn what_is_pasted_and_is_no_code_is_not_sent() {
    let sandbox = Sandbox::start().await;
    for pasted in ["abc def", "\u{1b}[200~abc\u{1b}[201~", "a\0b", "line\nline"] {
        let flow = CommandLineLogin::new()
            .show(|_| Ok(()))
            .read(move || Ok(pasted.to_owned()));
        let globus = sandbox.globus(UserApp::native(NATIVE).login_flow(flow));
        let error = globus.login().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Login);
        let message = error.message();
        assert!(message.contains("paste only the code"), "{message}");
        assert!(!message.contains("abc"), "{message}");
    }
    assert!(sandbox.token_requests().is_empty());
}

/// A terminal that a person sits at who gives up, and tells whether it was used.
fn terminal() -> (CommandLineLogin, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let flow = CommandLineLogin::new().show(|_| Ok(())).read(move || {
        count.fetch_add(1, Ordering::SeqCst);
        Ok(String::new())
    });
    (flow, asked)
}

fn desk() -> Environment {
    Environment::empty().with_var("DISPLAY", ":0")
}

#[tokio::test]
async fn a_person_at_the_machine_logs_in_by_its_browser() {
    let sandbox = Sandbox::start().await;
    let (terminal, asked) = terminal();
    let flow = DetectedLogin::new()
        .local_server(by_browser())
        .command_line(terminal);
    let globus = sandbox.globus(UserApp::native(NATIVE).login_flow(flow.environment(desk())));
    globus.login().await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn login_falls_back_to_the_terminal_over_ssh_or_without_browser() {
    let sandbox = Sandbox::start().await;
    let none = LocalServerLogin::new().open(|_| Err("there is no browser".into()));
    for (browser, environment) in [
        (
            by_browser(),
            desk().with_var("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22"),
        ),
        (none, desk()),
    ] {
        let (terminal, asked) = terminal();
        let flow = DetectedLogin::new()
            .local_server(browser)
            .command_line(terminal);
        let globus =
            sandbox.globus(UserApp::native(NATIVE).login_flow(flow.environment(environment)));
        let error = globus.login().await.unwrap_err();
        assert_eq!(error.message(), "no code was given; log in again");
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn refusal_in_the_browser_does_not_fall_back_to_the_terminal() {
    let sandbox = Sandbox::start().await;
    let (terminal, asked) = terminal();
    let refusing = LocalServerLogin::new().open(|url| {
        let redirect = pair(url, "redirect_uri").ok_or("no way back")?;
        let back = format!(
            "{redirect}?error=access_denied&state={}",
            pair(url, "state").ok_or("no state")?
        );
        let back = Url::parse(&back)?;
        tokio::spawn(async move { browse(&back).await });
        Ok(())
    });
    let flow = DetectedLogin::new()
        .local_server(refusing)
        .command_line(terminal);
    let globus = sandbox.globus(UserApp::native(NATIVE).login_flow(flow.environment(desk())));
    let error = globus.login().await.unwrap_err();
    assert!(error.message().contains("access_denied"), "{error}");
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn logins_for_different_things_come_one_after_another() {
    let sandbox = Sandbox::start().await;
    let open = Arc::new(AtomicUsize::new(0));
    let pages = Arc::new(AtomicUsize::new(0));
    let (now, count) = (open.clone(), pages.clone());
    let flow = LocalServerLogin::new().open(move |url| {
        assert_eq!(
            now.fetch_add(1, Ordering::SeqCst),
            0,
            "two browsers at once"
        );
        count.fetch_add(1, Ordering::SeqCst);
        let (url, now) = (url.clone(), now.clone());
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            now.fetch_sub(1, Ordering::SeqCst);
            browse(&url).await
        });
        Ok(())
    });
    let globus = sandbox.globus(app(flow));
    let saying = |text: &str| AuthorizationParameters::default().session_message(text);
    let logins = ["one", "another", "one", "another"];
    let logins = logins.map(|text| globus.login_with(saying(text)));
    for login in futures_util::future::join_all(logins).await {
        login.unwrap();
    }
    assert_eq!(pages.load(Ordering::SeqCst), 2);
}
