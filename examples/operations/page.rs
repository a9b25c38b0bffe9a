//! The page `docs/operations.md`; a test fails while it is out of date.

use globus_sdk::operation::{Auth, Idempotency, Operation};

const HEAD: &str = "\
<!-- `just operations` writes this page from the table that the specs become. -->

# Operations

Every operation of every service, from `globus_sdk::operations()`. An operation's name is its
method on the service's client, and links to its public documentation.

* **Scopes**: any one of them is sufficient; `urn:globus:auth:scope:` is left out.
* **Idempotency**: whether a request is repeated when it is unknown whether the first was received.
  *idempotent*: it is; *deduplicated by id*: likewise, since the service runs each submission id once;
  *not idempotent*: only if the first provably was not received.
* **Paging**: the style, as described in `specs/README.md`, and the number of items after which the
  service returns no more. These have `.pages()` and `.stream()`.
* **Python**: its names in the Python SDK.
";

/// The page.
pub(crate) fn operations() -> String {
    let mut page = HEAD.to_owned();
    let mut service = "";
    for operation in globus_sdk::operations() {
        if operation.service != service {
            service = operation.service;
            let of_service = globus_sdk::operations().filter(|o| o.service == service);
            page += &format!("\n## {service}\n\n{} operations.\n\n", of_service.count());
            page += "| operation | method and path | scopes | idempotency | paging | authentication | Python |\n";
            page += "| --- | --- | --- | --- | --- | --- | --- |\n";
        }
        page += &row(operation);
    }
    page
}

fn row(operation: &Operation) -> String {
    let mut name = format!("[`{}`]({})", operation.name, operation.documentation);
    if operation.deprecated {
        name += " (deprecated)";
    }
    if operation.url_only {
        name += " (a page for browsers)";
    }
    let scopes = operation.scopes.iter();
    let scopes = scopes.map(|s| s.trim_start_matches("urn:globus:auth:scope:"));
    let paging = match operation.paging {
        Some(paging) => match paging.max_items {
            Some(cap) => format!("{}, up to {cap}", paging.style),
            None => paging.style.to_owned(),
        },
        None => String::new(),
    };
    let idempotency = match operation.idempotency {
        Idempotency::Idempotent => "idempotent",
        Idempotency::DeduplicatedById => "deduplicated by id",
        Idempotency::NotIdempotent => "not idempotent",
        _ => "",
    };
    let auth = match operation.auth {
        Auth::Bearer => "bearer token",
        Auth::Basic => "client id and secret",
        Auth::Client => "as the client",
        Auth::None => "none",
        _ => "",
    };
    let call = format!("`{} {}`", operation.method, operation.path);
    let python = quoted(operation.python_names.iter().copied());
    format!(
        "| {name} | {call} | {} | {idempotency} | {paging} | {auth} | {python} |\n",
        quoted(scopes)
    )
}

fn quoted<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
    words.join(", ")
}
