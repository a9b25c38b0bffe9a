//! Calls an operation through its typed method against the answers that its spec gives as examples,
//! and holds what was sent and what was decoded in one snapshot.

use globus_sdk::auth::BoxFuture;
use globus_sdk::auth::{AccessTokenAuthorizer, BasicAuthorizer, NullAuthorizer};
use globus_sdk::operation::{Auth, Operation};
use globus_sdk::transport::RetryPolicy;
use globus_sdk::{ClientBuilder, Environment, Result, ServiceClient};
use globus_test_support::mock::{MockClock, MockServer, Step};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

/// The headers that say nothing of an operation.
const VOLATILE: [&str; 3] = ["host", "user-agent", "content-length"];

/// Tests of operations, each written as the call of its method:
/// `operations!(transfer.task_list().limit(5), transfer.get_task(TASK));`.
///
/// A test has its operation's name, and the module's `HELD` names them all.
macro_rules! operations {
    ($($service:ident.$name:ident($($argument:expr),* $(,)?)
        $(.$setter:ident($($value:expr),* $(,)?))*),+ $(,)?) => {
        /// The operations that this file calls.
        pub(crate) const HELD: &[(&str, &str)] =
            &[$((stringify!($service), stringify!($name))),+];

        /// The same calls, to be answered by anything.
        pub(crate) const CALLS: &[$crate::harness::Call] = &[$($crate::harness::Call {
            service: stringify!($service),
            name: stringify!($name),
            make: |server| Box::pin(async move {
                let $service: globus_sdk::$service::Client = server.client();
                $service.$name($($argument),*)$(.$setter($($value),*))*.await.map(drop)
            }),
        }),+];

        $(#[tokio::test]
        async fn $name() {
            let mut stage =
                $crate::harness::OperationFixture::open(stringify!($service), stringify!($name)).await;
            let $service: globus_sdk::$service::Client = stage.client();
            while stage.has_more() {
                let answer = $service.$name($($argument),*)$(.$setter($($value),*))*.await;
                stage.saw(answer);
            }
            insta::with_settings!(
                {
                    snapshot_path => concat!("snapshots/", stringify!($service)),
                    prepend_module_to_snapshot => false,
                    omit_expression => true,
                },
                { insta::assert_snapshot!(stringify!($name), stage.story()) }
            );
        })+
    };
}
pub(crate) use operations;

/// A call of an operation by its typed method.
pub(crate) struct Call {
    pub(crate) service: &'static str,
    pub(crate) name: &'static str,
    pub(crate) make: fn(Caller) -> BoxFuture<'static, Result<()>>,
}

/// Who makes a call, and where.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) url: String,
    pub(crate) auth: Auth,
    pub(crate) secret: &'static str,
}

impl Caller {
    /// A client that authenticates as an operation wants it, and makes every call once.
    pub(crate) fn client<C: ServiceClient>(&self) -> C {
        let builder = ClientBuilder::<C>::default()
            .environment(Environment::empty())
            .base_url(&self.url)
            .retry(RetryPolicy::disabled());
        let builder = match self.auth {
            Auth::Bearer => builder.authorizer(AccessTokenAuthorizer::new(self.secret)),
            Auth::Basic | Auth::Client => {
                builder.authorizer(BasicAuthorizer::new("the-client", self.secret))
            }
            _ => builder.authorizer(NullAuthorizer),
        };
        builder.build().expect("a client")
    }
}

/// Tests of pages for browsers, whose URL is all there is: written as [`operations`].
macro_rules! pages {
    ($($service:ident.$name:ident($($argument:expr),* $(,)?)
        $(.$setter:ident($($value:expr),* $(,)?))*),+ $(,)?) => {
        /// The pages that this file builds the URLs of.
        pub(crate) const PAGES: &[(&str, &str)] =
            &[$((stringify!($service), stringify!($name))),+];

        $(#[test]
        fn $name() {
            let $service = globus_sdk::$service::Client::builder()
                .environment(globus_sdk::Environment::empty())
                .build()
                .expect("a client");
            let page = $service.$name($($argument),*)$(.$setter($($value),*))*;
            let url = page.url().expect("a URL");
            insta::with_settings!(
                {
                    snapshot_path => concat!("snapshots/", stringify!($service)),
                    prepend_module_to_snapshot => false,
                    omit_expression => true,
                },
                { insta::assert_snapshot!(stringify!($name), url.as_str().replace('&', "\n&")) }
            );
        })+
    };
}
pub(crate) use pages;

/// One operation, and a server that gives the examples of its spec, one after the other.
pub(crate) struct OperationFixture {
    operation: &'static Operation,
    answers: Vec<Answer>,
    server: MockServer,
    documents: Vec<Value>,
}

impl OperationFixture {
    pub(crate) async fn open(service: &str, name: &str) -> Self {
        let operation = globus_sdk::operations()
            .find(|o| o.service == service && o.name == name)
            .expect("an operation of the specs");
        let answers = answers(operation);
        let server = MockServer::start(answers.iter().map(Answer::step)).await;
        Self {
            operation,
            answers,
            server,
            documents: Vec::new(),
        }
    }

    /// A client of the server, which authenticates as the operation wants it.
    pub(crate) fn client<C: ServiceClient>(&self) -> C {
        let builder = ClientBuilder::<C>::default()
            .environment(Environment::empty())
            .base_url(&self.server.url)
            .clock(MockClock::new());
        let builder = match self.operation.auth {
            Auth::Bearer => builder.authorizer(AccessTokenAuthorizer::new("the-token")),
            Auth::Basic | Auth::Client => {
                builder.authorizer(BasicAuthorizer::new("the-client", "the-secret"))
            }
            _ => builder.authorizer(NullAuthorizer),
        };
        builder.build().expect("a client")
    }

    /// Whether there is another example to answer with.
    pub(crate) fn has_more(&self) -> bool {
        self.documents.len() < self.answers.len()
    }

    /// Notes what a call gave. It must be the example, whole.
    pub(crate) fn saw(&mut self, decoded: Result<impl Serialize>) {
        let answer = &self.answers[self.documents.len()];
        let replayed = self
            .operation
            .decode_round_trip(answer.status, answer.body.as_bytes());
        let unknown_fields = replayed.expect("a document").unknown_fields;
        assert!(
            unknown_fields.is_empty(),
            "{}: without a type: {unknown_fields:?}",
            answer.title
        );
        let decoded = decoded.unwrap_or_else(|e| panic!("{}: {e}", answer.title));
        let document = serde_json::to_value(decoded).expect("JSON");
        if let Some(example) = answer.document.as_ref().filter(|_| !document.is_null()) {
            assert_eq!(
                document, *example,
                "{}: what was decoded (left) is not the example (right)",
                answer.title
            );
        }
        self.documents.push(document);
    }

    /// What was sent, once, and what came of each answer.
    pub(crate) fn story(&self) -> String {
        let requests = self.server.requests();
        let request = told(&requests[0]);
        for again in &requests {
            assert_eq!(told(again), request, "the same call sends the same request");
        }
        assert_eq!(requests.len(), self.answers.len(), "one request a call");
        let mut words = requests[0].split(' ');
        let (method, path) = (words.next(), words.next());
        let found = Operation::find(
            self.operation.service,
            method.unwrap_or_default(),
            path.unwrap_or_default(),
        );
        assert_eq!(found.map(|o| o.name), Some(self.operation.name));

        let mut story = request;
        for (answer, document) in self.answers.iter().zip(&self.documents) {
            let document = match document {
                Value::Null => "(no document)".to_owned(),
                document => pretty(document),
            };
            write!(story, "\n\n--- {}\n{document}", answer.title).expect("text");
        }
        story
    }
}

/// An answer that a spec gives as an example.
pub(crate) struct Answer {
    title: String,
    status: u16,
    media: String,
    body: String,
    pub(crate) document: Option<Value>,
}

impl Answer {
    fn step(&self) -> Step {
        let Self {
            status,
            media,
            body,
            ..
        } = self;
        Step::Raw(
            format!(
                "HTTP/1.1 {status} X\r\ncontent-type: {media}\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )
            .into_bytes(),
        )
    }
}

/// The examples of an operation's successes.
pub(crate) fn answers(operation: &Operation) -> Vec<Answer> {
    let spec = spec(operation.service);
    let method = operation.method.to_ascii_lowercase();
    let responses = spec["paths"][operation.path][method]["responses"]
        .as_object()
        .expect("responses");
    let mut answers = Vec::new();
    for (status, response) in responses.iter().filter(|(s, _)| s.starts_with('2')) {
        let response = resolve(spec, response);
        let answer = |title: String, media: &str, document: Option<&Value>| Answer {
            title,
            status: status.parse().expect("a status"),
            media: media.to_owned(),
            body: match document {
                None => String::new(),
                Some(Value::String(text)) if media != "application/json" => text.clone(),
                Some(document) => document.to_string(),
            },
            document: document.cloned(),
        };
        let Some(content) = response["content"].as_object() else {
            answers.push(answer(status.clone(), "application/json", None));
            continue;
        };
        for (media, content) in content {
            if let Some(example) = content.get("example") {
                answers.push(answer(status.clone(), media, Some(example)));
            }
            for (name, example) in content["examples"].as_object().into_iter().flatten() {
                let title = format!("{status} {name}");
                answers.push(answer(title, media, resolve(spec, example).get("value")));
            }
        }
    }
    assert!(
        !answers.is_empty(),
        "{} of specs/{}.yaml has no example of a success; add one",
        operation.name,
        operation.service
    );
    answers
}

/// The spec of a service, as JSON.
pub(crate) fn spec(service: &str) -> &'static Value {
    static SPECS: LazyLock<BTreeMap<&str, Value>> = LazyLock::new(|| {
        let services = globus_sdk::operations().map(|o| o.service);
        let mut specs = BTreeMap::new();
        for service in services {
            specs.entry(service).or_insert_with(|| read(service));
        }
        specs
    });
    &SPECS[service]
}

fn read(service: &str) -> Value {
    let path = format!("{}/specs/{service}.yaml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("a spec");
    serde_yaml::from_str(&text).expect("YAML")
}

/// What a `$ref` of the same document stands for.
pub(crate) fn resolve<'a>(spec: &'a Value, mut value: &'a Value) -> &'a Value {
    while let Some(reference) = value.get("$ref").and_then(Value::as_str) {
        let pointer = reference.strip_prefix('#').expect("a local $ref");
        value = spec.pointer(pointer).expect("what the $ref names");
    }
    value
}

/// A request without what is volatile, and with its body laid out.
fn told(request: &str) -> String {
    let (head, body) = request.split_once("\r\n\r\n").expect("a head");
    let (line, headers) = head.split_once("\r\n").expect("headers");
    let mut headers: Vec<&str> = headers
        .lines()
        .filter(|h| !VOLATILE.iter().any(|v| h.starts_with(&format!("{v}:"))))
        .collect();
    headers.sort_unstable();
    let line = line.trim_end_matches(" HTTP/1.1");
    let body = match serde_json::from_str::<Value>(body) {
        Ok(json) => pretty(&json),
        Err(_) => body.replace('&', "\n&"),
    };
    let told = format!("{line}\n{}\n\n{body}", headers.join("\n"));
    told.trim_end().to_owned()
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("JSON")
}
