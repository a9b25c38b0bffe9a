//! No error, trace or log shows a secret that was sent or answered, whatever a service makes of it:
//! every operation is called by its typed method and answered in ways that repeat the secrets.

use crate::harness::{Call, Caller, answers, resolve, spec};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use globus_sdk::Error;
use globus_sdk::operation::{Auth, Operation};
use globus_test_support::mock::{MockServer, Step};
use globus_test_support::traces::Recorder;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

/// What every caller authenticates by.
const SENT: &str = "AgSentByTheCaller/9x+Zq=7LmN";
/// What a service answers as a secret.
const ANSWERED: &str = "AgAnswered4uOnly_Kj8tRw2Pq";

/// Every call of every file.
fn calls() -> impl Iterator<Item = &'static Call> {
    [
        crate::auth::CALLS,
        crate::groups::CALLS,
        crate::search::CALLS,
        crate::transfer::CALLS,
        crate::transfer_managers::CALLS,
        crate::transfer_sharing::CALLS,
        crate::transfer_streams::CALLS,
    ]
    .into_iter()
    .flatten()
}

/// The secrets (`format: password`) in what a schema describes, by the names of their fields.
fn secrets(spec: &Value, schema: &Value, seen: &mut BTreeSet<String>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        if seen.insert(reference.to_owned()) {
            found.extend(secrets(spec, resolve(spec, schema), seen));
        }
        return found;
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let items = resolve(spec, &resolve(spec, property)["items"]);
        for ty in [resolve(spec, property), items] {
            if ty["format"] == "password" {
                found.insert(name.clone());
            }
        }
        found.extend(secrets(spec, property, seen));
    }
    for part in ["items", "additionalProperties"] {
        if schema[part].is_object() {
            found.extend(secrets(spec, &schema[part], seen));
        }
    }
    for parts in ["allOf", "oneOf", "anyOf"] {
        for part in schema[parts].as_array().into_iter().flatten() {
            found.extend(secrets(spec, part, seen));
        }
    }
    found
}

/// The secrets that an operation takes in its body, and those that it answers, by its spec.
fn secrets_of(operation: &Operation) -> (BTreeSet<String>, BTreeSet<String>) {
    let spec = spec(operation.service);
    let method = operation.method.to_ascii_lowercase();
    let described = &spec["paths"][operation.path][method];
    let of = |holder: &Value| {
        let mut found = BTreeSet::new();
        let content = resolve(spec, holder)["content"].as_object();
        for (_, media) in content.into_iter().flatten() {
            found.extend(secrets(spec, &media["schema"], &mut BTreeSet::new()));
        }
        found
    };
    let responses = described["responses"].as_object().into_iter().flatten();
    let answered = responses
        .filter(|(status, _)| status.starts_with('2'))
        .flat_map(|(_, response)| of(response));
    (of(&described["requestBody"]), answered.collect())
}

#[test]
fn the_table_knows_which_operations_take_and_answer_secrets() {
    let mut some = 0;
    for operation in globus_sdk::operations() {
        let (taken, answered) = secrets_of(operation);
        let known: BTreeSet<String> = operation
            .secret_request_fields
            .iter()
            .map(|s| (*s).into())
            .collect();
        assert_eq!(known, taken, "{}", operation.name);
        assert_eq!(
            operation.response_has_secrets,
            !answered.is_empty(),
            "{}",
            operation.name
        );
        some += usize::from(!taken.is_empty() || !answered.is_empty());
    }
    assert!(some > 15, "only {some} operations take or answer a secret");
}

/// What a request holds.
#[derive(Clone, Default)]
struct Heard {
    authorization: String,
    body: String,
    secrets: Vec<String>,
    /// The operation takes or answers secrets beside what authenticates it.
    documents: bool,
}

fn hear(request: &str, operation: &Operation) -> Heard {
    let (head, body) = request.split_once("\r\n\r\n").unwrap_or((request, ""));
    let (taken, answered) = secrets_of(operation);
    let mut secrets = Vec::new();
    let mut authorization = String::new();
    for line in head.lines() {
        let Some((name, value)) = line.split_once(": ") else {
            continue;
        };
        if name.eq_ignore_ascii_case("authorization") {
            value.clone_into(&mut authorization);
            let token = value.split_once(' ').map_or(value, |(_, token)| token);
            secrets.push(token.trim_end_matches('=').to_owned());
        }
    }
    if !authorization.is_empty() {
        secrets.push(SENT.to_owned());
    }
    if let Ok(document) = serde_json::from_str::<Value>(body) {
        collect(&document, &taken, &mut secrets);
    } else {
        for (name, value) in url::form_urlencoded::parse(body.as_bytes()) {
            if taken.contains(&*name) {
                secrets.push(value.into_owned());
            }
        }
    }
    if !answered.is_empty() {
        secrets.push(ANSWERED.to_owned());
    }
    let mut known = BTreeSet::new();
    secrets.retain(|secret| known.insert(secret.clone()));
    Heard {
        authorization,
        body: body.to_owned(),
        secrets,
        documents: !taken.is_empty() || !answered.is_empty(),
    }
}

fn collect(document: &Value, names: &BTreeSet<String>, found: &mut Vec<String>) {
    match document {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str() {
                    Some(text) if names.contains(name) => found.push(text.to_owned()),
                    _ => collect(value, names, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, names, found)),
        _ => {}
    }
}

/// An answer in the making: status, headers, body.
type Crafted = (u16, String, Vec<u8>);

fn text(status: u16, media: &str, body: impl Into<Vec<u8>>) -> Crafted {
    (status, format!("content-type: {media}\r\n"), body.into())
}

fn document(status: u16, body: &Value) -> Crafted {
    text(status, "application/json", body.to_string())
}

fn html(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('"', "&quot;");
    text.replace('<', "&lt;").replace('/', "&#x2F;")
}

fn form(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// The answers that repeat a secret, each with a name.
fn crafted(
    heard: &Heard,
    secret: &str,
    example: Option<&Value>,
    url: &str,
) -> Vec<(String, Crafted)> {
    let echo = format!("Authorization: {}\n{}", heard.authorization, heard.body);
    let encoded = form(&[("t", secret)]);
    let nested =
        json!({"headers": {"Authorization": heard.authorization}, "body": secret}).to_string();
    let half = &secret[..(secret.len() / 2 + 4).min(secret.len())];
    let mut answers: Vec<(&str, Crafted)> = Vec::new();
    let (answered, refused) = match heard.documents {
        true => (&[200, 401][..], &[400, 403, 502][..]),
        false => (&[200, 401][..], &[403][..]),
    };
    for &status in answered {
        answers.extend([
            (
                "form-encoded",
                text(
                    status,
                    "application/x-www-form-urlencoded",
                    form(&[("access_token", secret), ("token_type", "bearer")]),
                ),
            ),
            ("plain text", text(status, "text/plain", secret)),
            (
                "a page that echoes the header",
                text(
                    status,
                    "text/html",
                    format!("<html><pre>{}\n{}</pre></html>", html(&echo), html(secret)),
                ),
            ),
            (
                "a page that echoes raw",
                text(status, "text/html", format!("<p>{echo} {secret}</p>")),
            ),
            ("a JSON text", document(status, &json!(secret))),
            ("a list", document(status, &json!([secret, {"x": secret}]))),
            (
                "unexpected JSON",
                document(status, &json!({"unexpected": {"value": secret}})),
            ),
            (
                "a key",
                document(status, &json!({secret: {secret: [{secret: 1}]}})),
            ),
            (
                "a broken value behind a key",
                text(
                    status,
                    "application/json",
                    format!("{{\"a\": {{{}: [1, {{{}: nul", json!(secret), json!(secret)),
                ),
            ),
            (
                "cut off behind it",
                text(
                    status,
                    "application/json",
                    format!("{{\"access_token\": \"{secret}"),
                ),
            ),
            (
                "cut off within it",
                text(
                    status,
                    "application/json",
                    format!("{{\"access_token\": \"{half}"),
                ),
            ),
            (
                "broken behind it",
                text(
                    status,
                    "application/json",
                    format!("{{\"access_token\": \"{secret}\" \"x\": {secret}}}"),
                ),
            ),
            (
                "no text around it",
                text(
                    status,
                    "application/json",
                    [b"\xff\xfe", secret.as_bytes(), b"\xff"].concat(),
                ),
            ),
            (
                "no text within JSON",
                text(
                    status,
                    "application/json",
                    [b"{\"access_token\": \"", secret.as_bytes(), b"\xff\"}"].concat(),
                ),
            ),
        ]);
    }
    for &status in refused {
        answers.extend([
            ("an error document", document(status, &json!({"code": "Bad", "message": format!("got {secret}"), "request_id": secret}))),
            ("a code", document(status, &json!({"code": secret, "message": "no"}))),
            ("an OAuth error", document(status, &json!({"error": "invalid_grant", "error_description": format!("{secret} has expired"), "access_token": secret}))),
            ("an OAuth code", document(status, &json!({"error": secret}))),
            ("Auth's errors", document(status, &json!({"errors": [{"code": secret, "title": secret, "detail": format!("<{secret}>")}]}))),
            ("a nested echo", document(status, &json!({"code": "Bad", "message": format!("upstream got {nested} and {}", json!(nested))}))),
            ("an echo of the form", document(status, &json!({"error": "invalid_request", "error_description": format!("bad form: {} {encoded}", heard.body)}))),
            ("its base64", document(status, &json!({"message": format!("got {} {}", heard.authorization, STANDARD.encode(secret))}))),
            ("a validation error", document(status, &json!({"detail": [{"loc": ["body", secret], "msg": secret, "type": "value_error", "input": secret}]}))),
            ("a consent", document(status, &json!({"code": "ConsentRequired", "message": secret, "required_scopes": [secret]}))),
            ("parameters", document(status, &json!({"code": "AuthorizationRequired", "authorization_parameters": {"session_message": secret, "session_required_policies": [secret], "session_required_identities": secret}}))),
        ]);
    }
    answers.push(("a header", (401, format!("www-authenticate: Bearer realm=\"{secret}\"\r\nx-request-id: {secret}\r\nset-cookie: t={secret}\r\n"), b"{}".to_vec())));
    answers.push((
        "a header of a document",
        (200, format!("x-request-id: {secret}\r\n"), b"{}".to_vec()),
    ));
    for host in ["http://localhost:9", url, "/"] {
        let to = format!("location: {host}/?token={encoded}\r\n");
        answers.push((
            "a redirect",
            (
                302,
                to.clone(),
                format!("Redirecting to {host}/?token={encoded}").into_bytes(),
            ),
        ));
        answers.push(("a redirect of everything", (307, to, Vec::new())));
    }
    // in the place of every value, tags and enums among them
    let fields = example.and_then(Value::as_object).into_iter().flatten();
    for (n, (field, _)) in fields.enumerate() {
        let wrong = match n % 3 {
            0 => json!(secret),
            1 => json!([secret]),
            _ => json!({secret: secret}),
        };
        let mut wrong_document = example.cloned().unwrap_or_default();
        wrong_document[field] = wrong;
        answers.push(("a value of the wrong type", document(200, &wrong_document)));
    }
    answers
        .into_iter()
        .map(|(name, crafted)| (format!("{name} ({})", crafted.0), crafted))
        .collect()
}

fn step((status, headers, body): Crafted) -> Step {
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\n{headers}\r\n",
        body.len()
    );
    Step::Raw([head.into_bytes(), body].concat())
}

/// An error as anybody can print it.
fn shown(error: &Error) -> String {
    let mut text = format!("{error}\n{error:#}\n{error:?}\n{error:#?}\n");
    let _ = write!(
        text,
        "{} {} {:?}",
        error.message(),
        error.code(),
        error.request_id()
    );
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let _ = write!(text, "\n{error} {error:#} {error:?} {error:#?}");
        cause = error.source();
    }
    text
}

/// Everything that any crate traced or logged.
static TRACED: Mutex<String> = Mutex::new(String::new());

fn note(text: std::fmt::Arguments<'_>) {
    let mut traced = TRACED.lock().unwrap_or_else(PoisonError::into_inner);
    let _ = writeln!(traced, "{text}");
}

fn traced() -> String {
    std::mem::take(&mut TRACED.lock().unwrap_or_else(PoisonError::into_inner))
}

/// What a text shows of secrets: of each, a part that is long enough to be told from other texts.
fn leaks(said: &str, secrets: &[String], what: &str, found: &mut Vec<String>) {
    for secret in secrets {
        let encoded = form(&[("t", secret)]);
        for part in [&secret[..secret.len().min(10)], &encoded[2..]] {
            if said.contains(part) {
                found.push(format!("{what}: {part} in {said}"));
            }
        }
    }
}

#[tokio::test]
async fn no_answer_of_any_operation_shows_a_secret() {
    let _ = tracing::subscriber::set_global_default(Recorder(note));
    let _ = log::set_logger(&Recorder(note));
    log::set_max_level(log::LevelFilter::Trace);

    let next: Arc<Mutex<Option<Crafted>>> = Arc::default();
    let (answer, last) = (next.clone(), Arc::new(Mutex::new(String::new())));
    let request = last.clone();
    let server = MockServer::answering(move |text| {
        text.clone_into(&mut request.lock().expect("a request"));
        let crafted = answer.lock().expect("an answer").clone();
        step(crafted.unwrap_or((500, String::new(), Vec::new())))
    })
    .await;

    let (mut operations, mut made, mut failed) = (0, 0, 0);
    let mut found = Vec::new();
    for call in calls() {
        let operation = globus_sdk::operations()
            .find(|o| o.service == call.service && o.name == call.name)
            .expect("an operation");
        let caller = Caller {
            url: server.url.clone(),
            auth: operation.auth,
            secret: SENT,
        };
        // what it sends
        *next.lock().expect("an answer") = None;
        let _ = (call.make)(caller.clone()).await;
        let heard = hear(&last.lock().expect("a request").clone(), operation);
        if heard.secrets.is_empty() {
            assert_eq!(operation.auth, Auth::None, "{}", operation.name);
            continue;
        }
        operations += 1;
        let example = answers(operation).into_iter().find_map(|a| a.document);
        for secret in &heard.secrets {
            let answers = crafted(&heard, secret, example.as_ref(), &server.url);
            // what only authenticates gets a third of them, each operation another
            let (first, each) = match heard.documents {
                true => (0, 1),
                false => (operations % 3, 3),
            };
            for (name, crafted) in answers.into_iter().skip(first).step_by(each) {
                *next.lock().expect("an answer") = Some(crafted);
                let what = format!("{}: {name}", operation.name);
                let outcome = (call.make)(caller.clone()).await;
                made += 1;
                if let Err(error) = outcome {
                    failed += 1;
                    leaks(&shown(&error), &heard.secrets, &what, &mut found);
                }
                let what = format!("{what}: traces");
                leaks(&traced(), &heard.secrets, &what, &mut found);
            }
        }
    }
    let first: String = found
        .iter()
        .take(20)
        .map(|leak| format!("{leak}\n\n"))
        .collect();
    assert!(
        found.is_empty(),
        "{} leaks in {made} answers, first:\n{first}",
        found.len()
    );
    assert!(
        operations > 140 && failed > made / 2,
        "{operations} operations, {made} answers, {failed} errors"
    );
}
