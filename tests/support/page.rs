// What the blocks of the guide (docs/*.md) assume; each of them includes it.

/// How a block ends.
#[allow(dead_code, reason = "not every block fails by `?`")]
type Outcome = Result<(), Box<dyn std::error::Error>>;

/// An emulator with three collections, and a client that may use them.
#[allow(dead_code, reason = "a block uses what it is about")]
struct Lab {
    emulator: globus_emulator::Emulator,
    /// Where the services are. A program that uses Globus itself leaves it out.
    here: globus_sdk::Environment,
    client_id: globus_sdk::types::Uuid,
    secret: &'static str,
    native_id: &'static str,
    /// Somebody who logs in whenever they are asked to.
    person: Person,
    source: globus_sdk::types::Uuid,
    destination: globus_sdk::types::Uuid,
    /// A collection whose data wants a consent of its own.
    mapped: globus_sdk::types::Uuid,
    /// A folder to write to.
    folder: std::path::PathBuf,
    globus: globus_sdk::Globus,
    auth: globus_sdk::auth::Client,
    transfer: globus_sdk::transfer::Client,
    search: globus_sdk::search::Client,
    groups: globus_sdk::groups::Client,
    _folders: tempfile::TempDir,
}

impl Lab {
    async fn open() -> Result<Self, Box<dyn std::error::Error>> {
        let folders = tempfile::tempdir()?;
        let at = |name: &str| folders.path().join(name);
        std::fs::create_dir_all(at("source/run7"))?;
        std::fs::create_dir_all(at("destination"))?;
        std::fs::create_dir_all(at("mapped"))?;
        std::fs::create_dir_all(at("folder"))?;
        std::fs::write(at("source/run7/a.txt"), "copper")?;
        std::fs::write(at("source/run7/b.txt"), "silver")?;
        std::fs::write(at("mapped/a.txt"), "gold")?;
        let asks = globus_emulator::CollectionOptions::new().data_access(true);
        let client_id = globus_sdk::types::Uuid::new_v4();
        let secret = "the secret";
        let emulator = globus_emulator::Emulator::builder()
            .auto_consent(true)
            .collection("source", at("source"))
            .collection("destination", at("destination"))
            .collection_with("mapped", at("mapped"), asks)
            .client(client_id, secret)
            .start()
            .await?;
        let here = globus_sdk::Environment::empty().with_all_services(emulator.base_url());
        let app = globus_sdk::auth::ClientApp::new(client_id, secret)
            .scopes("search.api.globus.org", globus_sdk::search::scopes::ALL)
            .scopes("groups.api.globus.org", globus_sdk::groups::scopes::ALL);
        let globus = globus_sdk::Globus::builder(app)
            .environment(here.clone())
            .build()?;
        let collection = |name| emulator.collection_id(name).ok_or("no such collection");
        Ok(Self {
            source: collection("source")?,
            destination: collection("destination")?,
            mapped: collection("mapped")?,
            folder: at("folder"),
            auth: globus.auth(),
            transfer: globus.transfer(),
            search: globus.search(),
            groups: globus.groups(),
            emulator,
            here,
            client_id,
            secret,
            native_id: "61338d24-54d5-408f-a10d-66c06b59f6d2",
            person: Person,
            globus,
            _folders: folders,
        })
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
}

/// Runs a block.
#[allow(dead_code, reason = "a block runs in one way")]
fn on_the_emulator<F: Future<Output = Outcome>>(block: impl FnOnce(Lab) -> F) -> Outcome {
    runtime()?.block_on(async { block(Lab::open().await?).await })
}

/// Runs a block that has no runtime of its own.
#[allow(dead_code, reason = "a block runs in one way")]
fn beside_the_emulator(block: impl FnOnce(Lab) -> Outcome) -> Outcome {
    let runtime = runtime()?;
    let lab = runtime.block_on(Lab::open())?;
    block(lab)
}

/// A browser, in which somebody agrees to whatever is asked: where the last page leads to.
#[allow(dead_code, reason = "a block uses what it is about")]
fn follow(url: &str) -> String {
    use std::io::{Read as _, Write as _};
    let rest = url.strip_prefix("http://").expect("this machine");
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = std::net::TcpStream::connect(host).expect("a server");
    let head = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let leads = answer.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("location")
            .then(|| value.trim().to_owned())
    });
    match leads {
        Some(to) if to.starts_with("http://localhost:") && !to.contains("/callback") => follow(&to),
        Some(to) => to,
        None => url.to_owned(),
    }
}

/// A person who opens the page of a login, agrees, and brings the code.
#[allow(dead_code, reason = "a block uses what it is about")]
fn approve(url: &str) -> String {
    let address = follow(url);
    let (_, code) = address.split_once("code=").expect("a code");
    code.split('&').next().unwrap_or(code).to_owned()
}

/// A login flow by such a person.
#[derive(Debug, Clone)]
struct Person;

impl globus_sdk::auth::LoginFlow for Person {
    fn login(
        &self,
        request: globus_sdk::auth::LoginRequest,
    ) -> globus_sdk::auth::BoxFuture<'_, globus_sdk::Result<globus_sdk::auth::Tokens>> {
        Box::pin(async move {
            let flow = request.start();
            let code = approve(flow.authorize_url()?.as_str());
            flow.exchange(code).await
        })
    }
}
