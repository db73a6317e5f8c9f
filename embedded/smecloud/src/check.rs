//! `smecloud check`: asks an address over plain HTTP, for health checks where there is no other client.

use anyhow::{Context, bail, ensure};
use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpStream, ToSocketAddrs},
    time::Duration,
};
use url::Url;

/// How long connecting, and each read, may take.
const PATIENCE: Duration = Duration::from_secs(4);

/// Fails unless the answer is 200. Blocks.
pub(crate) fn run(url: &Url) -> anyhow::Result<()> {
    ensure!(url.scheme() == "http", "only http:// can be checked");
    let (host, port) = (url.host_str().context("no host")?, url.port_or_known_default().unwrap_or(80));
    let address = (host.trim_matches(['[', ']']), port).to_socket_addrs()?.next().context("no such host")?;
    let mut stream =
        TcpStream::connect_timeout(&address, PATIENCE).with_context(|| format!("{url} does not listen"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET {} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n", url.path())?;
    let mut status = String::new();
    BufReader::new(stream).read_line(&mut status).with_context(|| format!("{url} does not answer"))?;
    match status.split(' ').nth(1) {
        Some("200") => Ok(()),
        _ => bail!("{url} answers {}", status.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn only_200_is_healthy() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url: Url = format!("http://{}/readyz", listener.local_addr().unwrap()).parse().unwrap();
        let server = std::thread::spawn(move || {
            for status in ["200 OK", "503 Service Unavailable"] {
                let (mut stream, _) = listener.accept().unwrap();
                let head: Vec<_> =
                    BufReader::new(&stream).lines().map_while(Result::ok).take_while(|l| !l.is_empty()).collect();
                assert_eq!(head[0], "GET /readyz HTTP/1.1");
                write!(stream, "HTTP/1.1 {status}\r\n\r\n").unwrap();
            }
        });
        run(&url).unwrap();
        assert!(run(&url).unwrap_err().to_string().contains("503"));
        server.join().unwrap();
        assert!(run(&url).unwrap_err().to_string().contains("does not listen"));
    }
}
