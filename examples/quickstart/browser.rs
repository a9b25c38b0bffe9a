//! A minimal browser, so that nobody has to click: it opens a page and follows its redirects.

use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

/// Opens a page over plain http, following its redirects.
pub(crate) async fn open(mut url: Url) -> io::Result<()> {
    for _ in 0..5 {
        let head = get(&url).await?;
        let next = head.lines().find_map(|line| {
            line.split_once(": ")
                .filter(|(name, _)| name.eq_ignore_ascii_case("location"))
        });
        match next {
            Some((_, location)) => url = url.join(location).map_err(io::Error::other)?,
            None => return Ok(()),
        }
    }
    Err(io::Error::other("too many redirects"))
}

/// Reads the head of the answer.
async fn get(url: &Url) -> io::Result<String> {
    let address = (
        url.host_str().unwrap_or_default(),
        url.port_or_known_default().unwrap_or(80),
    );
    let mut stream = TcpStream::connect(address).await?;
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let request = format!("GET {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer
        .split("\r\n\r\n")
        .next()
        .unwrap_or_default()
        .to_owned())
}
