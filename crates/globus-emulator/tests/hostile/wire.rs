//! A connection that sends bytes as they are, and reads one answer after the other.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use super::generator::Request;

/// How long an answer may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

pub enum Outcome {
    Answer {
        status: u16,
        body: String,
    },
    /// The connection ended, and why.
    Nothing(String),
}

/// A connection that is made anew when the other side has closed it.
pub struct Line {
    address: SocketAddr,
    open: Option<BufReader<TcpStream>>,
}

impl Line {
    pub fn to(address: SocketAddr) -> Self {
        Self {
            address,
            open: None,
        }
    }

    /// A server may close a connection after any answer, and then what is sent on it is lost: only
    /// a new connection that ends without an answer says something about the request.
    pub fn send(&mut self, request: &Request) -> Outcome {
        let fresh = self.open.is_none();
        match self.try_send(request) {
            Ok((status, body)) => Outcome::Answer { status, body },
            Err(_) if !fresh => self.send(request),
            Err(error) => Outcome::Nothing(error.to_string()),
        }
    }

    fn try_send(&mut self, request: &Request) -> std::io::Result<(u16, String)> {
        let mut line = match self.open.take() {
            Some(line) => line,
            None => {
                let stream = TcpStream::connect(self.address)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_nodelay(true)?;
                BufReader::new(stream)
            }
        };
        // A server may answer before it has read everything, and close: the answer counts.
        let sent = line.get_mut().write_all(&request.bytes);
        if request.truncated {
            let _ = line.get_mut().shutdown(Shutdown::Write);
        }
        let (status, body, again) = read(&mut line, request.head).map_err(|error| match &sent {
            Err(sent) => std::io::Error::other(format!("{error}; sending: {sent}")),
            Ok(()) => error,
        })?;
        if again && sent.is_ok() && !request.truncated {
            self.open = Some(line);
        }
        Ok((status, body))
    }
}

/// The next answer: status, body, and whether the connection stays open.
fn read(line: &mut BufReader<TcpStream>, head: bool) -> std::io::Result<(u16, String, bool)> {
    let broken = |what: &str| std::io::Error::other(what.to_owned());
    let mut text = String::new();
    line.read_line(&mut text)?;
    let status = text.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status: u16 = status.ok_or_else(|| broken(&format!("no status line: {text:?}")))?;
    let (mut length, mut chunked, mut again) = (None, false, true);
    loop {
        text.clear();
        if line.read_line(&mut text)? == 0 {
            return Err(broken("the headers end too early"));
        }
        let header = text.trim_end().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        match header.split_once(": ") {
            Some(("content-length", value)) => length = value.parse().ok(),
            Some(("transfer-encoding", value)) => chunked = value == "chunked",
            Some(("connection", "close")) => again = false,
            _ => {}
        }
    }
    let mut body = Vec::new();
    if !head && chunked {
        loop {
            text.clear();
            line.read_line(&mut text)?;
            let size = usize::from_str_radix(text.trim(), 16).map_err(std::io::Error::other)?;
            let mut chunk = vec![0; size + 2];
            line.read_exact(&mut chunk)?;
            chunk.truncate(size);
            body.append(&mut chunk);
            if size == 0 {
                break;
            }
        }
    } else if !head && let Some(length) = length {
        body.resize(length, 0);
        line.read_exact(&mut body)?;
    }
    Ok((status, String::from_utf8_lossy(&body).into_owned(), again))
}
