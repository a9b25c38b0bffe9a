//! Makes requests of the specs: what an operation takes, with poison in it.

use std::fmt;

use globus_test_support::emulator::PORTAL;
use serde_json::{Map, Value, json};

pub const GROUPS: &str = "urn:globus:auth:scope:groups.api.globus.org:all";
pub const SCOPES: [&str; 4] = [
    "openid email profile urn:globus:auth:scope:auth.globus.org:manage_projects",
    "urn:globus:auth:scope:transfer.api.globus.org:all",
    "urn:globus:auth:scope:search.api.globus.org:all",
    GROUPS,
];

const POISON: &[&str] = &[
    "",
    "..",
    "/..",
    "../..",
    "/../outside/file",
    "/folder/../../outside/file",
    "/up/outside/file",
    "/out",
    "/out/file",
    "/out/new",
    "/leak",
    "/absolute/file",
    "/circle/x",
    "/circle",
    "//",
    "/./.",
    "/~/../outside",
    "~root",
    "/~",
    "\0",
    "/a\0b",
    "/a\r\nb",
    "\r\n\r\n",
    "\n",
    "..%2f..%2foutside",
    "%2e%2e/outside",
    "%00",
    "%",
    "%zz",
    "\\..\\outside",
    "C:\\",
    "\u{fffd}",
    "\u{fffd}/",
    "\u{fffd}..",
    "\u{fffd}\u{2f}",
    "\u{202e}",
    "\u{feff}",
    "é",
    "*",
    "[",
    "[!",
    "?",
    "{}",
    "'",
    "\"",
    "';--",
    "\" OR 1=1",
    "NEAR(",
    "a AND",
    "(((",
    ")",
    "AND",
    "NOT",
    "a:",
    ":",
    "~1",
    "^2",
    "[a TO",
    "-1",
    "0",
    "99999999999999999999",
    "1e999",
    "NaN",
    "true",
    "null",
    "<script>",
    "${x}",
    "{0}",
    "%s%n",
    "name:~*",
    "size:>",
    "type:file/",
    "name:=a,b/size:<-1",
    "-",
    "name,",
    "name DESC,size",
    "DATA,DATA",
    "2024-13-45T99:99:99Z",
    "9999-12-31T23:59:59Z",
    "-262143-01-01",
    "1970-01-01 00:00:00",
    "P1D",
    "public",
    "urn:globus:auth:identity:x",
    "urn:globus:groups:id:",
    "all_authenticated_users",
    "00000000-0000-0000-0000-000000000000",
    "not-a-uuid",
    "/folder",
    "/folder/",
    "/folder/file",
    "/",
    "new",
];

const METHODS: &[&str] = &[
    "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW", "get",
];

/// A small generator, so that every run sends the same requests.
pub struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % sides.max(1)
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }

    fn of<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.roll(choices.len())]
    }
}

pub struct Request {
    pub bytes: Vec<u8>,
    pub head: bool,
    /// Whether the connection ends before the request does.
    pub truncated: bool,
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = String::from_utf8_lossy(&self.bytes);
        let start: String = text.chars().take(1_500).collect();
        write!(f, "{} bytes: {start:?}", self.bytes.len())
    }
}

struct Operation {
    document: usize,
    method: String,
    path: String,
    query: Vec<(String, Value)>,
    content_type: Option<String>,
    body: Value,
}

/// Every operation of the four services.
pub struct Operations {
    documents: Vec<Value>,
    operations: Vec<Operation>,
}

impl Operations {
    pub fn of_the_specs() -> Result<Self, serde_yaml::Error> {
        let texts = [
            include_str!("../../specs/auth.yaml"),
            include_str!("../../specs/transfer.yaml"),
            include_str!("../../specs/search.yaml"),
            include_str!("../../specs/groups.yaml"),
        ];
        let documents: Vec<Value> = texts
            .iter()
            .map(|text| serde_yaml::from_str(text))
            .collect::<Result<_, _>>()?;
        let mut operations = Vec::new();
        for (number, document) in documents.iter().enumerate() {
            for (path, item) in document["paths"].as_object().into_iter().flatten() {
                for (method, node) in item.as_object().into_iter().flatten() {
                    if method == "parameters" {
                        continue;
                    }
                    let shared = item["parameters"].as_array().into_iter().flatten();
                    let own = node["parameters"].as_array().into_iter().flatten();
                    let query = shared
                        .chain(own)
                        .map(|parameter| resolved(document, parameter))
                        .filter(|parameter| parameter["in"] == "query")
                        .map(|parameter| {
                            let name = parameter["name"].as_str().unwrap_or("?");
                            (name.to_owned(), parameter["schema"].clone())
                        });
                    let body = resolved(document, &node["requestBody"]);
                    let content = body["content"].as_object().and_then(|c| c.iter().next());
                    operations.push(Operation {
                        document: number,
                        method: method.to_ascii_uppercase(),
                        path: path.clone(),
                        query: query.collect(),
                        content_type: content.map(|(name, _)| name.clone()),
                        body: content
                            .map(|(_, c)| c["schema"].clone())
                            .unwrap_or_default(),
                    });
                }
            }
        }
        Ok(Self {
            documents,
            operations,
        })
    }
}

fn resolved<'a>(document: &'a Value, node: &'a Value) -> &'a Value {
    let reference = node["$ref"].as_str().and_then(|r| r.strip_prefix('#'));
    match reference.and_then(|pointer| document.pointer(pointer)) {
        Some(node) => resolved(document, node),
        None => node,
    }
}

/// Makes one request after the other.
pub struct Forge<'a> {
    dice: Dice,
    operations: &'a Operations,
    tokens: &'a [String],
    /// Ids that mean something, the newest last.
    ids: Vec<String>,
    outer: &'a str,
    made: usize,
}

impl<'a> Forge<'a> {
    pub fn new(
        seed: usize,
        operations: &'a Operations,
        tokens: &'a [String],
        ids: &[String],
        outer: &'a str,
    ) -> Self {
        Self {
            dice: Dice(seed as u64 * 7919 + 11),
            operations,
            tokens,
            ids: ids.to_vec(),
            outer,
            made: seed,
        }
    }

    /// Keeps the ids of an answer, to ask for those things.
    pub fn learn(&mut self, body: &str) {
        let document: Value = serde_json::from_str(body).unwrap_or_default();
        for key in ["id", "task_id"] {
            if let Some(id) = document[key].as_str() {
                self.ids.push(id.to_owned());
            }
        }
        if self.ids.len() > 60 {
            self.ids.remove(4);
        }
    }

    pub fn request(&mut self) -> Request {
        self.made += 1;
        let operations = self.operations;
        // File operations are a few of many, and the ones that could do harm.
        let mut operation = &operations.operations[self.dice.roll(operations.operations.len())];
        if self.dice.one_in(4) {
            let harmful: Vec<&Operation> = operations
                .operations
                .iter()
                .filter(|o| {
                    o.path.contains("/operation/")
                        || ["/v0.10/transfer", "/v0.10/delete", "/v0.10/shared_endpoint"]
                            .contains(&o.path.as_str())
                })
                .collect();
            operation = self.dice.of(&harmful);
        }
        let method = match self.dice.one_in(15) {
            true => self.dice.of(METHODS).to_owned(),
            false => operation.method.clone(),
        };
        let target = self.target(operation, &method);
        let mut bytes = format!("{method} {target} HTTP/1.1\r\n").into_bytes();
        if !self.dice.one_in(200) {
            bytes.extend_from_slice(b"Host: localhost\r\n");
        }
        self.headers(operation, &mut bytes);
        let body = match operation.content_type.is_some() || self.dice.one_in(20) {
            true => self.body(operation),
            false => Vec::new(),
        };
        let truncated = !body.is_empty() && self.dice.one_in(40);
        match self.dice.roll(300) {
            0 => bytes.extend_from_slice(b"Content-Length: -1\r\n"),
            1 => bytes.extend_from_slice(b"Content-Length: 99999999999999999999999\r\n"),
            _ if body.is_empty() => bytes.extend_from_slice(b"Content-Length: 0\r\n"),
            _ => {
                let length = body.len() + usize::from(truncated);
                bytes.extend_from_slice(format!("Content-Length: {length}\r\n").as_bytes());
            }
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&body);
        Request {
            bytes,
            head: method == "HEAD",
            truncated,
        }
    }

    fn target(&mut self, operation: &Operation, method: &str) -> String {
        let mut target = String::new();
        for segment in operation.path.split('/').skip(1) {
            target.push('/');
            match segment.trim_matches(['{', '}']) {
                // deleting the collections would end the game
                "endpoint_id" if method != "DELETE" && !self.dice.one_in(6) => {
                    target.push_str(self.collection());
                }
                name if segment.starts_with('{') => match name {
                    "client_id" if self.dice.one_in(2) => {
                        target.push_str(&PORTAL.to_string());
                    }
                    _ if self.dice.one_in(3) => {
                        let poison = self.string("");
                        target.push_str(&self.encoded(&poison));
                    }
                    _ => {
                        let id = self.id();
                        target.push_str(&self.encoded(&id));
                    }
                },
                literal => target.push_str(literal),
            }
        }
        if self.dice.one_in(100) {
            target = self.encoded("/v0.10/../../x//").replace("%2F", "/");
        }
        let mut sign = '?';
        for (name, schema) in &operation.query {
            if self.dice.one_in(if name == "path" { 10 } else { 2 }) == (name == "path") {
                continue;
            }
            let value = match self.value(operation.document, schema, name, 0) {
                Value::String(text) => text,
                other => other.to_string(),
            };
            let value: String = value.chars().take(3_000).collect();
            target.push(sign);
            sign = '&';
            target.push_str(&format!("{name}={}", self.encoded(&value)));
        }
        if self.dice.one_in(40) {
            target.push(sign);
            let poison = self.string("");
            let text = format!("{}=%FF%FE&&=&limit=1&limit=2", self.encoded(&poison));
            target.push_str(&text);
        }
        target
    }

    fn headers(&mut self, operation: &Operation, bytes: &mut Vec<u8>) {
        let token = &self.tokens[operation.document];
        let authorization = match self.dice.roll(16) {
            0 => None,
            1 => Some(String::from("Bearer ")),
            2 => Some(format!("Basic {}", self.string(""))),
            3 => Some(format!("bearer  {token}  ")),
            4 => Some(format!("Bearer {}", "A".repeat(20_000))),
            5 if operation.path.contains("oauth2") => Some(String::from("Basic Og==")),
            _ => Some(format!("Bearer {token}")),
        };
        if let Some(text) = authorization {
            let text = text.replace(['\r', '\n', '\0'], "");
            bytes.extend_from_slice(format!("Authorization: {text}\r\n").as_bytes());
        }
        match (self.dice.roll(12), &operation.content_type) {
            (0, _) => bytes.extend_from_slice(b"Content-Type: text/xml\r\n"),
            (1, _) => bytes.extend_from_slice(b"Content-Type: ;;;=\xff\r\n"),
            (2, _) => {}
            (_, Some(kind)) => {
                bytes.extend_from_slice(format!("Content-Type: {kind}\r\n").as_bytes());
            }
            _ => {}
        }
        match self.dice.roll(60) {
            0 => bytes.extend_from_slice(b"Authorization: Bearer x\r\nAuthorization: Bearer y\r\n"),
            1 => bytes.extend_from_slice(format!("X-Huge: {}\r\n", "h".repeat(60_000)).as_bytes()),
            2 => (0..90).for_each(|n| bytes.extend_from_slice(format!("X-{n}: v\r\n").as_bytes())),
            3 => bytes.extend_from_slice(b"X-Bytes: \xff\xfe\x80\r\n"),
            4 => bytes.extend_from_slice(b"X Bad Name: 1\r\n"),
            5 => bytes.extend_from_slice(b"Accept: \xe9/*;q=9\r\nRange: bytes=9-1\r\n"),
            6 => bytes.extend_from_slice(b"X-Nul: \0\r\n"),
            7 => bytes.extend_from_slice(b"Cookie: session=../../x; a=\"\\\r\n"),
            _ => {}
        }
    }

    fn body(&mut self, operation: &Operation) -> Vec<u8> {
        match self.dice.roll(60) {
            0 => return "[".repeat(10_000).into_bytes(),
            1 => {
                return [
                    r#"{"a":"#.repeat(10_000),
                    String::from("1"),
                    "}".repeat(10_000),
                ]
                .concat()
                .into_bytes();
            }
            2 => return b"{\"path\": \"\xff\xfe\"}".to_vec(),
            3 => return b"\xef\xbb\xbf{}".to_vec(),
            4 => return b"{\"a\":1,\"a\":2".to_vec(),
            5 => return br#"{"path":"\ud800","name":"\u0000"}"#.to_vec(),
            6 => return Vec::from("null"),
            7 => return format!("{{\"DATA_TYPE\":{}}}", "9".repeat(4_000)).into_bytes(),
            _ => {}
        }
        let value = self.value(operation.document, &operation.body, "", 0);
        if operation.content_type.as_deref() == Some("application/x-www-form-urlencoded") {
            let fields = value.as_object().into_iter().flatten();
            let pairs: Vec<String> = fields
                .map(|(name, value)| {
                    let text = value
                        .as_str()
                        .map_or_else(|| value.to_string(), str::to_owned);
                    format!("{name}={}", self.encoded(&text))
                })
                .collect();
            return pairs.join("&").into_bytes();
        }
        value.to_string().into_bytes()
    }

    /// A value that a schema may allow, unless it is poisoned.
    fn value(&mut self, document: usize, schema: &Value, name: &str, depth: usize) -> Value {
        if self.dice.one_in(if depth == 0 { 30 } else { 14 }) {
            return self.wrong();
        }
        let root = &self.operations.documents[document];
        let schema = resolved(root, schema);
        for key in ["oneOf", "anyOf"] {
            if let Some(choices) = schema[key].as_array().filter(|c| !c.is_empty()) {
                let choice = &choices[self.dice.roll(choices.len())];
                return self.value(document, choice, name, depth + 1);
            }
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let mut whole = Map::new();
            for part in parts {
                match self.value(document, part, name, depth + 1) {
                    Value::Object(members) => whole.extend(members),
                    other => return other,
                }
            }
            return Value::Object(whole);
        }
        if let Some(choices) = schema["enum"].as_array().filter(|c| !c.is_empty()) {
            return choices[self.dice.roll(choices.len())].clone();
        }
        match schema["type"].as_str() {
            Some("object") if depth < 8 => {
                let mut members = Map::new();
                let required = schema["required"].as_array();
                for (key, member) in schema["properties"].as_object().into_iter().flatten() {
                    let needed = required.is_some_and(|r| r.iter().any(|name| name == key));
                    if (needed && !self.dice.one_in(40)) || self.dice.one_in(4) {
                        let value = self.value(document, member, key, depth + 1);
                        members.insert(key.clone(), value);
                    }
                }
                if members.is_empty() {
                    let key = self.string("");
                    members.insert(key, self.wrong());
                }
                Value::Object(members)
            }
            Some("array") if depth < 8 => {
                let count = self.dice.roll(3) + usize::from(!self.dice.one_in(8));
                let items =
                    (0..count).map(|_| self.value(document, &schema["items"], name, depth + 1));
                items.collect()
            }
            Some("integer" | "number") => match self.dice.roll(6) {
                0 => json!(i64::MAX),
                1 => json!(-1),
                2 => json!(1e300),
                other => json!(other),
            },
            Some("boolean") => json!(self.dice.one_in(2)),
            Some("string") if name.ends_with("endpoint") || name.contains("endpoint_id") => {
                json!(self.collection())
            }
            Some("string") if schema["format"] == "uuid" || name.ends_with("_id") => {
                match name == "submission_id" && !self.dice.one_in(4) {
                    true => json!(format!("00000000-0000-4000-8000-{:012x}", self.made * 31)),
                    false => json!(self.id()),
                }
            }
            Some("string") => json!(self.string(name)),
            _ => self.wrong(),
        }
    }

    fn collection(&mut self) -> &'static str {
        // as in the tests of Transfer
        self.dice.of(&[
            "aaaaaaaa-0000-4000-8000-000000000001",
            "bbbbbbbb-0000-4000-8000-000000000002",
        ])
    }

    fn id(&mut self) -> String {
        let number = self.dice.roll(self.ids.len());
        self.ids[number].clone()
    }

    fn wrong(&mut self) -> Value {
        match self.dice.roll(11) {
            0 => Value::Null,
            1 => json!([]),
            2 => json!({}),
            3 => json!(u64::MAX),
            4 => json!(-1.5e308),
            5 => json!([[[[null]]]]),
            6 => json!({ "": { "\0": [{}] } }),
            7 => (0..100).fold(json!(1), |inner, _| json!([inner])),
            8 => (0..60).fold(
                json!({ "type": "match_all" }),
                |inner, _| json!({ "type": "not", "filter": inner }),
            ),
            9 => json!(false),
            _ => json!(self.string("")),
        }
    }

    fn string(&mut self, name: &str) -> String {
        match self.dice.roll(24) {
            0 => "x".repeat(300),
            1 => format!("/{}", "é".repeat(2_100)),
            2 => "a/".repeat(3_000),
            3 => self.dice.of(&["(", "[", "\"a\" AND NOT ("]).repeat(2_000),
            4 => format!("{}/outside/file", self.outer),
            5 => self.id(),
            6 => {
                let parts = 2 + self.dice.roll(4);
                (0..parts).map(|_| self.dice.of(POISON)).collect()
            }
            7..=12 if name.contains("path") => {
                format!("/{}/{}", self.dice.of(POISON), self.dice.of(POISON))
            }
            13..=15 if name.contains("path") => {
                let link = self
                    .dice
                    .of(&["up", "up/outside", "out", "leak", "absolute"]);
                match self.dice.of(&["", "/file", "/new"]) {
                    "/new" => format!("/{link}/new{}", self.made),
                    rest => format!("/{link}{rest}"),
                }
            }
            16..=18 if name.contains("path") => format!("/folder/{}", self.made),
            _ => self.dice.of(POISON).to_owned(),
        }
    }

    /// Percent-encoded as the grammar has it, or twice, or hardly.
    fn encoded(&mut self, text: &str) -> String {
        let once: String = text
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                    char::from(byte).to_string()
                }
                _ => format!("%{byte:02X}"),
            })
            .collect();
        match self.dice.roll(30) {
            0 => once.replace('%', "%25"),
            1 => once.replace("%2F", "/").replace("..", "%2e%2E"),
            2 => once.replace('%', "%%"),
            _ => once,
        }
    }
}
