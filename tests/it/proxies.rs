//! Calls through a proxy: which ones go there, and what the proxy gets to see.

use globus_sdk::auth::AccessTokenAuthorizer;
use globus_sdk::transfer::Client;
use globus_sdk::transport::{RetryPolicy, TlsVerification};
use globus_sdk::{ClientBuilder, Environment, Error, ErrorKind};
use globus_test_support::child_process;
use globus_test_support::mock::{MockServer, answer};
use globus_test_support::tls::{ANSWER, Server, authority};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const TOKEN: &str = "AgTokenThatOnlyTheServiceMayRead";

/// Forwards requests and opens tunnels, and notes the head of what it is asked for.
struct Proxy {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    async fn start() -> Self {
        Self::answering(None).await
    }

    /// Refuses everything, with this status line.
    async fn refusing(status: &'static str) -> Self {
        Self::answering(Some(status)).await
    }

    async fn answering(refusal: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = asked.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, seen.clone(), refusal));
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("requests").clone()
    }
}

/// One connection: the first request says where it leads.
async fn pass(
    mut client: TcpStream,
    seen: Arc<Mutex<Vec<String>>>,
    refusal: Option<&'static str>,
) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.ok()?);
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    seen.lock().expect("requests").push(text.clone());
    if let Some(status) = refusal {
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
        return client.write_all(answer.as_bytes()).await.ok();
    }
    let (method, rest) = text.split_once(' ')?;
    let (target, _) = rest.split_once(' ')?;
    let tunnel = method == "CONNECT";
    let host = target.trim_start_matches("http://").split('/').next()?;
    let mut service = TcpStream::connect(host).await.ok()?;
    if tunnel {
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok()?;
    } else {
        service.write_all(&head).await.ok()?;
    }
    let copied = tokio::io::copy_bidirectional(&mut client, &mut service).await;
    copied.ok().map(|_| ())
}

async fn service() -> MockServer {
    MockServer::start([answer(200, ANSWER)]).await
}

fn client(url: &str, environment: Environment) -> ClientBuilder<Client> {
    Client::builder()
        .environment(environment)
        .base_url(url)
        .retry(RetryPolicy::disabled())
        .verify_ssl(TlsVerification::CaFile(authority().to_owned()))
        .authorizer(AccessTokenAuthorizer::new(TOKEN))
}

async fn call(url: &str, environment: Environment) -> Result<(), Error> {
    let client = client(url, environment).build()?;
    client.get_submission_id().await.map(|_| ())
}

#[tokio::test]
async fn a_plain_call_is_forwarded_by_the_proxy_for_http() {
    let (proxy, service) = (Proxy::start().await, service().await);
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        let environment = Environment::empty().with_var(name, format!("http://{}", proxy.address));
        call(&service.url, environment).await.expect(name);
    }
    let asked = proxy.asked();
    assert_eq!(asked.len(), 4);
    let line = format!("GET {}/v0.10/submission_id HTTP/1.1", service.url);
    assert!(
        asked.iter().all(|head| head.starts_with(&line)),
        "{asked:?}"
    );
    assert_eq!(service.count(), 4);
}

#[tokio::test]
async fn tls_call_goes_through_a_tunnel_opaque_to_the_proxy() {
    let (proxy, service) = (Proxy::start().await, Server::start());
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let environment = Environment::empty().with_var(name, format!("http://{}", proxy.address));
        call(&service.url(), environment).await.expect(name);
    }
    let asked = proxy.asked();
    let line = format!("CONNECT localhost:{} HTTP/1.1", service.port);
    assert_eq!(asked.len(), 3);
    assert!(
        asked.iter().all(|head| head.starts_with(&line)),
        "{asked:?}"
    );
    assert!(!asked.concat().contains(TOKEN));
    assert!(service.requests()[0].contains(TOKEN));
}

#[tokio::test]
async fn each_scheme_has_a_proxy_of_its_own() {
    let (proxy, plain, secure) = (Proxy::start().await, service().await, Server::start());
    let environment = Environment::empty().with_var("HTTP_PROXY", &proxy.address);
    call(&secure.url(), environment)
        .await
        .expect("a direct call");
    let environment = Environment::empty().with_var("HTTPS_PROXY", &proxy.address);
    call(&plain.url, environment).await.expect("a direct call");
    assert_eq!(proxy.asked(), [""; 0]);
}

#[tokio::test]
async fn hosts_of_no_proxy_are_called_directly() {
    let (proxy, service) = (Proxy::start().await, service().await);
    let through = |hosts: &str| {
        Environment::empty()
            .with_var("ALL_PROXY", &proxy.address)
            .with_var("NO_PROXY", hosts)
    };
    for hosts in ["127.0.0.1", "127.0.0.0/8", "*", "globus.org, 127.0.0.1"] {
        call(&service.url, through(hosts)).await.expect(hosts);
        assert_eq!(proxy.asked(), [""; 0], "{hosts}");
    }
    call(&service.url, through("globus.org"))
        .await
        .expect("a proxy");
    assert_eq!(proxy.asked().len(), 1);
}

#[tokio::test]
async fn the_password_of_a_proxy_is_for_the_proxy_alone() {
    let (proxy, service) = (Proxy::start().await, Server::start());
    let address = format!("http://ada:pass%20word@{}", proxy.address);
    let environment = Environment::empty().with_var("HTTPS_PROXY", address);
    let client = client(&service.url(), environment.clone())
        .build()
        .expect("a client");
    client.get_submission_id().await.expect("a call");
    // base64 of `ada:pass word`
    let asked = proxy.asked().concat().to_ascii_lowercase();
    let sent = "Proxy-Authorization: Basic YWRhOnBhc3Mgd29yZA==";
    assert!(asked.contains(&sent.to_ascii_lowercase()), "{asked}");
    let passed_on = service.requests().concat().to_ascii_lowercase();
    assert!(!passed_on.contains("proxy-authorization"), "{passed_on}");
    for shown in [format!("{client:?}"), format!("{environment:?}")] {
        assert!(!shown.contains("pass"), "{shown}");
    }
}

#[tokio::test]
async fn a_proxy_that_wants_a_password_is_an_error_that_says_so() {
    let (proxy, service) = (
        Proxy::refusing("407 Proxy Authentication Required").await,
        Server::start(),
    );
    let environment = Environment::empty().with_var("HTTPS_PROXY", &proxy.address);
    let error = call(&service.url(), environment)
        .await
        .expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Connect);
    let text = error.to_string();
    assert!(text.contains("proxy auth"), "{text}");
    assert!(!text.contains(TOKEN), "{text}");
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_a_failed_connection() {
    let unused = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = unused.local_addr().expect("an address").to_string();
    drop(unused);
    let (service, environment) = (
        service().await,
        Environment::empty().with_var("HTTP_PROXY", address),
    );
    let error = call(&service.url, environment).await.expect_err("nobody");
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert_eq!(service.count(), 0);
}

#[test]
fn an_address_that_is_none_is_refused_without_being_shown() {
    for bad in [
        "http://ada:password@",
        "ftp://ada:password@proxy",
        "http://ada:password@:x",
    ] {
        let environment = Environment::empty().with_var("HTTPS_PROXY", bad);
        let built = client("https://localhost:9", environment).build();
        let error = built.expect_err(bad);
        assert_eq!(error.kind(), ErrorKind::Usage);
        let text = format!("{error} {error:?}");
        assert!(
            text.contains("invalid proxy address in HTTPS_PROXY"),
            "{text}"
        );
        assert!(!text.contains("ada"), "{text}");
    }
}

#[tokio::test]
async fn a_proxy_of_no_kind_is_an_error_only_where_it_would_be_used() {
    let (proxy, service) = (Proxy::start().await, service().await);
    let environment = Environment::empty()
        .with_var("ALL_PROXY", "gopher://ada:password@proxy")
        .with_var("HTTP_PROXY", &proxy.address);
    call(&service.url, environment.clone())
        .await
        .expect("a proxy for http");
    assert_eq!(proxy.asked().len(), 1);
    let error = call("https://localhost:9", environment.clone())
        .await
        .expect_err("no proxy");
    assert_eq!(error.kind(), ErrorKind::Usage);
    assert!(
        error
            .to_string()
            .contains("invalid proxy address in ALL_PROXY"),
        "{error}"
    );
    assert!(!format!("{error:?}").contains("ada"), "{error:?}");
    // of an app's services, when the first is called
    let globus = globus_sdk::Globus::builder(globus_sdk::auth::ClientApp::new(
        globus_sdk::types::Uuid::nil(),
        "secret",
    ))
    .environment(environment)
    .build()
    .expect("no proxy is used yet");
    let error = globus.transfer().task_list().await.expect_err("no proxy");
    assert_eq!(error.kind(), ErrorKind::Usage);
}

#[tokio::test]
async fn small_letters_win_over_capitals_and_take_them_away() {
    let (proxy, service) = (Proxy::start().await, service().await);
    let capitals = Environment::empty().with_var("HTTP_PROXY", "127.0.0.1:9");
    let both = capitals.clone().with_var("http_proxy", &proxy.address);
    call(&service.url, both)
        .await
        .expect("the proxy in small letters");
    assert_eq!(proxy.asked().len(), 1);
    call(&service.url, capitals.with_var("http_proxy", ""))
        .await
        .expect("a direct call");
    assert_eq!(proxy.asked().len(), 1);
}

/// Speaks SOCKS 5 once, without a password, and says which host it was asked for.
async fn socks(listener: TcpListener) -> Option<String> {
    let (mut client, _) = listener.accept().await.ok()?;
    let mut greeting = [0; 2];
    client.read_exact(&mut greeting).await.ok()?;
    let mut methods = vec![0; usize::from(greeting[1])];
    client.read_exact(&mut methods).await.ok()?;
    client.write_all(&[5, 0]).await.ok()?;
    let mut request = [0; 4];
    client.read_exact(&mut request).await.ok()?;
    let host = match request[3] {
        1 => {
            let mut address = [0; 4];
            client.read_exact(&mut address).await.ok()?;
            std::net::Ipv4Addr::from(address).to_string()
        }
        3 => {
            let mut name = vec![0; usize::from(client.read_u8().await.ok()?)];
            client.read_exact(&mut name).await.ok()?;
            String::from_utf8(name).ok()?
        }
        _ => return None,
    };
    let port = client.read_u16().await.ok()?;
    let mut service = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    client
        .write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
        .await
        .ok()?;
    tokio::spawn(async move { tokio::io::copy_bidirectional(&mut client, &mut service).await });
    Some(host)
}

#[tokio::test]
async fn a_socks_proxy_is_used_and_resolves_names_where_it_is_told_to() {
    let secure = Server::start();
    for scheme in ["socks5h", "socks5"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("{scheme}://{}", listener.local_addr().expect("an address"));
        let host = tokio::spawn(socks(listener));
        let environment = Environment::empty().with_var("ALL_PROXY", address);
        call(&secure.url(), environment).await.expect(scheme);
        let host = host.await.expect("a task").expect("a SOCKS request");
        assert_eq!(host == "localhost", scheme == "socks5h", "{host}");
    }
}

#[tokio::test]
async fn a_password_that_a_proxy_repeats_is_redacted() {
    let body = "ada:pass word (YWRhOnBhc3Mgd29yZA==) may not pass%20word";
    let proxy = MockServer::start([answer(407, body)]).await;
    let address = proxy.url.replace("http://", "http://ada:pass%20word@");
    let environment = Environment::empty().with_var("HTTP_PROXY", address);
    let error = call("http://service.example", environment)
        .await
        .expect_err("407");
    let text = format!("{error} {error:?}");
    assert!(text.contains("may not") && !text.contains("word"), "{text}");
    assert!(!text.contains("YWRhOn"), "{text}");
}

#[tokio::test]
async fn a_header_of_a_web_servers_visitor_is_no_proxy() {
    let (proxy, service) = (Proxy::start().await, service().await);
    // a CGI program's variables, of a request with the header `Proxy`
    let environment = Environment::empty()
        .with_var("REQUEST_METHOD", "GET")
        .with_var("HTTP_PROXY", &proxy.address);
    call(&service.url, environment)
        .await
        .expect("a direct call");
    assert_eq!(proxy.asked(), [""; 0]);
}

const BY_VARIABLES: &str = "proxies::process_variables_count_unless_an_environment_is_given";
const CALLED: &str = "GLOBUS_SDK_TEST_CALLED_URL";

#[tokio::test(flavor = "multi_thread")]
async fn process_variables_count_unless_an_environment_is_given() {
    if child_process::is_child_of(BY_VARIABLES) {
        let url = std::env::var(CALLED).expect("an address");
        call(&url, Environment::from_env()).await.expect("a call");
        child_process::end();
    }
    let (proxy, service) = (Proxy::start().await, service().await);
    let mut command = child_process::command(BY_VARIABLES);
    command
        .env(CALLED, &service.url)
        .env("HTTP_PROXY", &proxy.address)
        .env_remove("NO_PROXY")
        .env_remove("no_proxy");
    let ended = tokio::task::spawn_blocking(move || command.output()).await;
    let output = ended.expect("a thread").expect("a process");
    assert!(child_process::acted(output.status), "{output:?}");
    assert_eq!(proxy.asked().len(), 1);
    assert_eq!(service.count(), 1);
}
