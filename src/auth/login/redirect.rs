//! The one request that a browser brings back: just enough HTTP to read and answer it.
//!
//! Any program on this machine, and any page in its browser, can send requests to a local port. So
//! every request is limited in time and size, and nothing of it is repeated in an answer.

use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a request may take to arrive.
const READ_TIMEOUT: Duration = Duration::from_secs(5);
/// The largest request head: a code and a state have some hundred bytes, a browser's cookies for
/// `localhost` some thousand.
const LIMIT: usize = 32 << 10;

/// An answer, which the user sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) reason: &'static str,
    pub(super) text: &'static str,
}

const fn answer(status: u16, reason: &'static str, text: &'static str) -> Answer {
    Answer {
        status,
        reason,
        text,
    }
}

pub(super) const DONE: Answer = answer(
    200,
    "OK",
    "You are logged in and can close this page. The program continues automatically.",
);
pub(super) const REFUSED: Answer = answer(
    200,
    "OK",
    "The login did not succeed. You can close this page; see the program for details.",
);
pub(super) const NOT_THIS_LOGIN: Answer = answer(
    400,
    "Bad Request",
    "This is not the login that the program is waiting for. Please return to the program and use the page that it opened.",
);
const MALFORMED: Answer = answer(400, "Bad Request", "The request is malformed.");
const FOREIGN: Answer = answer(403, "Forbidden", "The request is for another host.");
const NOT_FOUND: Answer = answer(404, "Not Found", "There is nothing here.");
const NOTHING: Answer = answer(404, "Not Found", "");
const NOT_GET: Answer = answer(405, "Method Not Allowed", "Only GET is answered.");
const TOO_SLOW: Answer = answer(408, "Request Timeout", "The request took too long.");
const TOO_LARGE: Answer = answer(
    431,
    "Request Header Fields Too Large",
    "The request is too large.",
);

/// Reads a request for `/` on `port` of this machine. Returns its query, or what to answer.
///
/// Browsers request more than the page (its icon, for example), and other programs request the page
/// without a user (a preview by HEAD, for example): none of these are the login.
pub(super) async fn query(stream: &mut TcpStream, port: u16) -> Result<String, Answer> {
    let head = match timeout(READ_TIMEOUT, head(stream)).await {
        Ok(head) => head?,
        Err(_) => return Err(TOO_SLOW),
    };
    parse(&head, port)
}

/// Reads everything up to the empty line.
async fn head(stream: &mut TcpStream) -> Result<Vec<u8>, Answer> {
    let mut head = Vec::new();
    loop {
        let mut chunk = [0; 1024];
        let n = stream.read(&mut chunk).await.map_err(|_| MALFORMED)?;
        let Some(read) = chunk.get(..n).filter(|read| !read.is_empty()) else {
            return Err(MALFORMED);
        };
        // the empty line may be split between two chunks
        let from = head.len().saturating_sub(3);
        head.extend_from_slice(read);
        if head
            .get(from..)
            .is_some_and(|end| end.windows(4).any(|w| w == b"\r\n\r\n"))
        {
            return Ok(head);
        }
        if head.len() > LIMIT {
            return Err(TOO_LARGE);
        }
    }
}

fn parse(head: &[u8], port: u16) -> Result<String, Answer> {
    let head = std::str::from_utf8(head).map_err(|_| MALFORMED)?;
    let mut lines = head.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(MALFORMED);
    };
    if !version.starts_with("HTTP/1.") || !target.starts_with('/') {
        return Err(MALFORMED);
    }
    // DNS rebinding: a foreign page whose host name was made to resolve to this machine still sends
    // its own name
    let mut hosts = lines
        .filter_map(|line| line.split_once(':'))
        .filter(|(name, _)| name.eq_ignore_ascii_case("host"));
    let (Some((_, host)), None) = (hosts.next(), hosts.next()) else {
        return Err(MALFORMED);
    };
    let own = |name: &str| host.trim().eq_ignore_ascii_case(&format!("{name}:{port}"));
    // browsers leave out the default port
    let bare = port == 80 && matches!(host.trim(), "localhost" | "127.0.0.1");
    if !own("localhost") && !own("127.0.0.1") && !bare {
        return Err(FOREIGN);
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    // an answer to HEAD has no body
    if method == "HEAD" {
        return Err(NOTHING);
    }
    if path != "/" {
        return Err(NOT_FOUND);
    }
    if method != "GET" {
        return Err(NOT_GET);
    }
    Ok(query.to_owned())
}

/// Answers and closes the connection. A browser that has gone away is ignored.
pub(super) async fn reply(stream: &mut TcpStream, answer: Answer) {
    let page = match answer.text {
        "" => String::new(),
        text => format!(
            "<!doctype html><html lang=en><meta charset=utf-8><title>Globus login</title><p>{text}</p></html>\n"
        ),
    };
    let whole = format!(
        "HTTP/1.1 {} {}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Connection: close\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\
         Content-Security-Policy: default-src 'none'\r\n\r\n{page}",
        answer.status,
        answer.reason,
        page.len(),
    );
    let finish = async {
        stream.write_all(whole.as_bytes()).await?;
        stream.shutdown().await?;
        // closing with unread input would make the system reset the connection and lose the answer
        let mut rest = [0; 1024];
        while stream.read(&mut rest).await? > 0 {}
        Ok::<(), std::io::Error>(())
    };
    let _ = timeout(Duration::from_millis(500), finish).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn request(line: &str, host: &str) -> Result<String, Answer> {
        parse(
            format!("{line}\r\nHost: {host}\r\nAccept: */*\r\n\r\n").as_bytes(),
            4000,
        )
    }

    #[test]
    fn the_query_of_the_root_is_read() {
        let query = request("GET /?code=a&state=b HTTP/1.1", "localhost:4000");
        assert_eq!(query.as_deref(), Ok("code=a&state=b"));
        assert_eq!(
            request("GET / HTTP/1.1", "127.0.0.1:4000").as_deref(),
            Ok("")
        );
    }

    #[test]
    fn another_host_is_refused() {
        for host in [
            "evil.example:4000",
            "localhost",
            "localhost:4001",
            "",
            "localhost:4000.evil.example",
        ] {
            assert_eq!(
                request("GET /?code=a HTTP/1.1", host),
                Err(FOREIGN),
                "{host}"
            );
        }
    }

    #[test]
    fn a_request_with_two_hosts_or_none_is_refused() {
        let two = b"GET / HTTP/1.1\r\nHost: localhost:4000\r\nhost: evil.example\r\n\r\n";
        assert_eq!(parse(two, 4000), Err(MALFORMED));
        assert_eq!(parse(b"GET / HTTP/1.1\r\n\r\n", 4000), Err(MALFORMED));
    }

    #[test]
    fn other_paths_and_methods_are_answered_as_such() {
        let host = "localhost:4000";
        assert_eq!(request("GET /favicon.ico HTTP/1.1", host), Err(NOT_FOUND));
        assert_eq!(request("POST /?code=a HTTP/1.1", host), Err(NOT_GET));
        assert_eq!(request("HEAD /?code=a HTTP/1.1", host), Err(NOTHING));
        assert_eq!(
            request("GET http://localhost:4000/ HTTP/1.1", host),
            Err(MALFORMED)
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(head: Vec<u8>) {
            let _ = parse(&head, 4000);
        }
    }
}
