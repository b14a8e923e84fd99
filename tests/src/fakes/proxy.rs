//! The CONNECT proxy: the only way out that a browser under test has. It opens for the few hosts that
//! Longkey may reach, and there the fakes answer, not the hosts; everything else gets a 403 and a
//! line in the record. It never opens a connection of its own.

use std::io;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, bail, ensure};
use http_body_util::{BodyExt, Limited};
use hyper::Request;
use hyper::body::Incoming;
use hyper::header::{DATE, HOST, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::wire::{self, Answer, Outcome};
use super::{Fakes, Recorded, x_http};

/// The hosts that the proxy opens for, on port 443 only.
pub const HOSTS: [&str; 7] = [
    "x.com",
    "twitter.com",
    "mobile.x.com",
    "mobile.twitter.com",
    "xquik.com",
    "api.fansapi.com",
    "app.onlyfansapi.com",
];

/// Far above what a browser sends ahead of a body.
const HEAD_LIMIT: usize = 32 << 10;
/// Far above what Longkey sends; a larger body is a fault worth a 413.
const BODY_LIMIT: usize = 1 << 20;
/// A connection that says nothing for this long is not a browser's.
const HEAD_PATIENCE: Duration = Duration::from_secs(60);

/// Accepts for ever. The connections belong to this task and end with it.
pub(crate) async fn serve(listener: TcpListener, acceptor: TlsAcceptor, fakes: Fakes, mut cut: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Ok(()) = cut.changed() => connections.abort_all(),
            arrival = listener.accept() => {
                // Too many open files and the like: the next accept may succeed again.
                let Ok((stream, _peer)) = arrival else { tokio::task::yield_now().await; continue };
                if *cut.borrow() {
                    continue;
                }
                let (acceptor, fakes) = (acceptor.clone(), fakes.clone());
                connections.spawn(async move {
                    // A browser closes connections as it likes; what matters is in the record.
                    let _ended = connection(stream, acceptor, fakes).await;
                });
            }
            Some(_finished) = connections.join_next() => {}
        }
    }
}

async fn connection(mut stream: TcpStream, acceptor: TlsAcceptor, fakes: Fakes) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let head = tokio::time::timeout(HEAD_PATIENCE, read_head(&mut stream)).await??;
    let mut words = head.lines().next().unwrap_or_default().split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if method == "CONNECT" {
        let (host, port) = target.rsplit_once(':').unwrap_or((target, "443"));
        let host = host.to_ascii_lowercase();
        if port == "443" && HOSTS.contains(&host.as_str()) {
            fakes.traffic.pass(format!("{host}:{port}"));
            stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
            return speak_for(host, stream, acceptor, fakes).await;
        }
        fakes.traffic.refuse(format!("{host}:{port}"));
    } else {
        fakes.traffic.refuse(plain_address(target));
    }
    let refusal = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    stream.write_all(refusal).await?;
    stream.shutdown().await?;
    Ok(())
}

/// The head of the first request. The client may not send more before the proxy answers, so nothing
/// of TLS is swallowed here.
async fn read_head(stream: &mut TcpStream) -> anyhow::Result<String> {
    let mut head = Vec::new();
    loop {
        let mut part = [0; 4096];
        let count = stream.read(&mut part).await?;
        ensure!(count > 0, "closed before a request");
        head.extend_from_slice(&part[..count]);
        if head.windows(4).any(|four| four == b"\r\n\r\n") {
            return String::from_utf8(head).context("a request line in UTF-8");
        }
        if head.len() > HEAD_LIMIT {
            bail!("a head longer than {HEAD_LIMIT} bytes");
        }
    }
}

/// `http://example.com/path` as `example.com:80`.
fn plain_address(target: &str) -> String {
    let rest = target.split_once("://").map_or(target, |(_, rest)| rest);
    let host = rest.split(['/', '?']).next().unwrap_or_default().to_ascii_lowercase();
    if host.contains(':') { host } else { format!("{host}:80") }
}

async fn speak_for(host: String, stream: TcpStream, acceptor: TlsAcceptor, fakes: Fakes) -> anyhow::Result<()> {
    let secure = acceptor.accept(stream).await?;
    let asked = secure.get_ref().1.server_name().unwrap_or_default();
    ensure!(asked == host, "a tunnel to {host} used for {asked}");
    let service = service_fn(move |request| {
        let (host, fakes) = (host.clone(), fakes.clone());
        async move { answer(host, request, fakes).await }
    });
    http1::Builder::new().serve_connection(TokioIo::new(secure), service).await?;
    Ok(())
}

/// An error here makes hyper close the connection without an answer.
async fn answer(host: String, request: Request<Incoming>, fakes: Fakes) -> io::Result<Answer> {
    let named = request.headers().get(HOST).and_then(|name| name.to_str().ok()).map(str::to_owned);
    let outcome = match record(&host, request).await {
        Ok(recorded) => {
            fakes.traffic.request(recorded.clone());
            if named.as_deref() == Some(host.as_str()) {
                route(&recorded, &fakes).await
            } else {
                wire::empty(421).into()
            }
        }
        Err(_too_long) => wire::empty(413).into(),
    };
    match outcome {
        Outcome::HangUp => Err(io::ErrorKind::ConnectionAborted.into()),
        Outcome::Answer(mut answer) => {
            let date = HeaderValue::from_str(&fakes.clock.http_date()).map_err(io::Error::other)?;
            answer.headers_mut().insert(DATE, date);
            Ok(answer)
        }
    }
}

async fn route(recorded: &Recorded, fakes: &Fakes) -> Outcome {
    match recorded.host.as_str() {
        "xquik.com" => fakes.xquik.answer(recorded).await,
        "api.fansapi.com" | "app.onlyfansapi.com" => fakes.fansly.answer(recorded),
        _ => x_http::answer(&fakes.x, recorded).into(),
    }
}

/// The request in the form in which it is kept.
pub(crate) async fn record(host: &str, request: Request<Incoming>) -> anyhow::Result<Recorded> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, BODY_LIMIT).collect().await;
    let body = body.map_err(|fault| anyhow::anyhow!("{fault}"))?.to_bytes().to_vec();
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    Ok(Recorded {
        host: host.to_owned(),
        method: head.method.to_string(),
        target: head.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
        headers: headers.collect(),
        body,
        at: SystemTime::now(),
    })
}

#[cfg(test)]
mod tests {
    use super::plain_address;

    #[test]
    fn addresses_of_plain_requests() {
        assert_eq!(plain_address("http://Example.com/a?b"), "example.com:80");
        assert_eq!(plain_address("http://example.com:8080/"), "example.com:8080");
        assert_eq!(plain_address("/direct"), ":80");
    }
}
