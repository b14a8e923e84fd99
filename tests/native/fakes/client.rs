//! A small HTTP client that goes through the world's proxy and trusts the world's certificate.

use std::sync::Arc;
use std::time::Duration;

use longkey_tests::fakes::{World, code_at};
use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
pub(crate) const REAUTH: &str = "/api/v1/x/accounts/900001/reauth";

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|fault| panic!("{fault}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// One request on an open stream; `None` when it closes without an answer.
pub(crate) async fn talk(mut stream: impl AsyncRead + AsyncWrite + Unpin, head: String, body: &str) -> Option<Reply> {
    let head = format!("{head}Connection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    let mut bytes = Vec::new();
    // A connection that is dropped within TLS ends with an error; what came before it counts.
    let _end = stream.read_to_end(&mut bytes).await;
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Reply { status, head: head.to_owned(), body: body.to_owned() })
}

/// The answer to a CONNECT, and the stream behind it.
pub(crate) async fn connect(world: &World, address: &str) -> (String, TcpStream) {
    let mut stream = TcpStream::connect(world.proxy()).await.unwrap();
    let request = format!("CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.unwrap());
    }
    (String::from_utf8(answer).unwrap(), stream)
}

pub(crate) async fn try_send(
    world: &World,
    host: &'static str,
    request: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Option<Reply> {
    let (answer, stream) = connect(world, &format!("{host}:443")).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let mut roots = RootCertStore::empty();
    roots.add(world.certificate().clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let secure = connector.connect(ServerName::try_from(host).unwrap(), stream).await.unwrap();
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    talk(secure, format!("{request} HTTP/1.1\r\nHost: {host}\r\n{headers}"), body).await
}

pub(crate) async fn x(world: &World, request: &str, body: Value) -> Reply {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    try_send(world, "x.com", request, &[("content-type", "application/json")], &body).await.unwrap()
}

pub(crate) async fn xquik(world: &World, request: &str, body: &str) -> Reply {
    let key = world.xquik.api_key();
    let headers = [("x-api-key", key.as_str()), ("content-type", "application/json")];
    try_send(world, "xquik.com", request, &headers, body).await.unwrap()
}

pub(crate) async fn control(world: &World, request: &str, body: &str) -> Reply {
    let stream = TcpStream::connect(world.control()).await.unwrap();
    talk(stream, format!("{request} HTTP/1.1\r\nHost: {}\r\n", world.control()), body).await.unwrap()
}

/// Goes through X's set-up and returns the confirmed key.
pub(crate) async fn set_up(world: &World) -> String {
    assert!(x(world, "POST /fake/api/password", json!({ "password": world.x.password() })).await.status == 200);
    let begun = x(world, "POST /fake/api/enrol/begin", json!({})).await.json();
    let secret = begun["secret"].as_str().unwrap().to_owned();
    let code = code_at(&secret, world.clock.unix()).unwrap();
    let done = x(world, "POST /fake/api/enrol/confirm", json!({ "code": code })).await;
    assert_eq!(done.status, 200);
    secret
}

pub(crate) async fn xquik_body(world: &World, request: &str, body: Value) -> Reply {
    xquik(world, request, &body.to_string()).await
}
