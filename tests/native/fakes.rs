//! The fakes, through a small client of their own: what the proxy lets through, what the fake X and
//! the fake Xquik answer, and the control address. Browsers are not needed here; that the pages work
//! in them is seen by the end-to-end tests.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

#[path = "fakes/canned.rs"]
mod canned;
#[path = "fakes/client.rs"]
mod client;
#[path = "fakes/connect.rs"]
mod connect_calls;
#[path = "fakes/contract.rs"]
mod contract;
#[path = "fakes/fansly.rs"]
mod fansly_calls;
#[path = "fakes/x.rs"]
mod x_calls;
#[path = "fakes/xquik.rs"]
mod xquik_calls;

use std::time::Duration;

use longkey_tests::fakes::{FANS_HOSTS, World, code_at};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use client::{PATIENCE, REAUTH, connect, control, set_up, talk, try_send, x, xquik};

#[tokio::test]
async fn proxy_opens_for_its_hosts_only_and_records_the_rest() {
    let world = World::start().await.unwrap();
    for address in ["example.com:443", "x.com:80", "x.com:8443", "api.x.com:443", "127.0.0.1:22"] {
        let (answer, _stream) = connect(&world, address).await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{address}: {answer}");
    }
    let plain = TcpStream::connect(world.proxy()).await.unwrap();
    let reply = talk(plain, "GET http://x.com/home HTTP/1.1\r\nHost: x.com\r\n".into(), "").await.unwrap();
    assert_eq!(reply.status, 403);
    let refused = ["example.com:443", "x.com:80", "x.com:8443", "api.x.com:443", "127.0.0.1:22", "x.com:80"];
    assert_eq!(world.refused(), refused);
    assert!(world.passed().is_empty());

    assert_eq!(x(&world, "GET /home", Value::Null).await.status, 200);
    assert_eq!(world.passed(), ["x.com:443"]);
    let recorded = &world.requests("x.com")[0];
    assert_eq!((recorded.method.as_str(), recorded.path()), ("GET", "/home"));
}

#[tokio::test]
async fn both_addresses_of_fans_api_answer_who_has_the_key() {
    let world = World::start().await.unwrap();
    for host in FANS_HOSTS {
        let reply = try_send(&world, host, "GET /api/fansly/accounts", &[], "").await.unwrap();
        assert_eq!(reply.status, 401);
        let key = format!("Bearer {}", world.fansly.key());
        let reply = try_send(&world, host, "GET /api/fansly/accounts", &[("authorization", &key)], "").await.unwrap();
        assert_eq!(reply.json().as_array().map(Vec::len), Some(3));
        assert_eq!(world.requests(host).len(), 2);
    }
    assert_eq!(world.fansly.breaches().len(), 2, "a request without a key is none of the contract's");
    world.fansly.close(Some(FANS_HOSTS[0]));
    assert!(try_send(&world, FANS_HOSTS[0], "GET /api/fansly/accounts", &[], "").await.is_none());
}

#[tokio::test]
async fn everything_stops_with_the_world() {
    let world = World::start().await.unwrap();
    let (_answer, mut open) = connect(&world, "x.com:443").await;
    let proxy = world.proxy();
    drop(world);
    let mut rest = Vec::new();
    // Either an orderly end or a reset, but an end.
    let _ended = tokio::time::timeout(PATIENCE, open.read_to_end(&mut rest)).await.unwrap();
    assert!(TcpStream::connect(proxy).await.is_err());
}

#[tokio::test]
async fn clock_moves_codes_and_date_headers() {
    let world = World::start().await.unwrap();
    world.clock.set_ahead(3_600);
    let secret = set_up(&world).await;
    world.clock.set_ahead(0);
    let code = code_at(&secret, world.clock.unix() + 3_600).unwrap();
    assert_eq!(x(&world, "POST /fake/api/login/code", json!({ "code": code })).await.status, 403);
    world.clock.set_ahead(86_400 * 366);
    let reply = xquik(&world, "GET /api/v1/x/accounts", "").await;
    let date = httpdate::parse_http_date(reply.header("date").unwrap()).unwrap();
    assert!(date > std::time::SystemTime::now() + Duration::from_secs(86_400 * 365));
}

#[tokio::test]
async fn seen_finds_what_came_and_names_what_came_instead() {
    let world = World::start().await.unwrap();
    let waiting = world.seen("x.com", |request| request.path() == "/home", PATIENCE);
    let (found, _reply) = tokio::join!(waiting, x(&world, "GET /home", Value::Null));
    assert_eq!(found.unwrap().method, "GET");
    let fault = world.seen("x.com", |request| request.path() == "/other", Duration::ZERO).await.unwrap_err();
    assert!(fault.to_string().contains("GET /home"), "{fault}");
}

#[tokio::test]
async fn control_address_tells_and_obeys() {
    let world = World::start().await.unwrap();
    let words = control(&world, "GET /", "").await;
    assert!(words.body.contains("/xquik/next") && words.body.contains("429-login_cooldown"));

    for (call, body) in [
        ("/xquik/next", r#"{"route":"reauth","answer":"422-passkey_required"}"#),
        ("/x/secret", r#"{"secret":"JBSWY3DPEHPK3PXP"}"#),
        ("/x/password", r#"{"password":"another"}"#),
        ("/x/narrow", r#"{"narrow":true}"#),
        ("/x/recent", r#"{"recent":true}"#),
        ("/x/standin", r#"{"file":"secret-step.html"}"#),
        ("/x/key", r#"{"secret":"GEZDGNBVGY3TQOJQ"}"#),
        ("/clock", r#"{"ahead":5}"#),
        ("/xquik/release", ""),
    ] {
        assert_eq!(control(&world, &format!("POST {call}"), body).await.status, 200, "{call}");
    }
    assert_eq!(xquik(&world, &format!("POST {REAUTH}"), "{}").await.json()["error"], "passkey_required");
    let state = control(&world, "GET /state", "").await.json();
    assert_eq!(state["x"]["password"], "another");
    assert_eq!(state["x"]["confirmedKey"], "GEZDGNBVGY3TQOJQ");
    assert_eq!(state["xquik"]["apiKey"], world.xquik.api_key());
    let begun = x(&world, "POST /fake/api/enrol/begin", json!({})).await.json();
    assert_eq!(begun["secret"], "JBSWY3DPEHPK3PXP");
    let page = x(&world, "GET /i/flow/two-factor-auth-app-enrollment", Value::Null).await;
    assert!(page.body.contains("data-standin=\"secret-step.html\""));

    let requests = control(&world, "GET /requests", "").await.json();
    assert_eq!(requests["requests"].as_array().unwrap().len(), 3);
    let bad = control(&world, "POST /xquik/next", r#"{"answer":"nonsense"}"#).await;
    assert_eq!(bad.status, 400);
    assert!(bad.json()["error"].as_str().unwrap().contains("200-healthy"));
    assert_eq!(control(&world, "POST /nowhere", "").await.status, 404);

    let stopped = world.stopped();
    assert_eq!(control(&world, "POST /stop", "").await.status, 200);
    tokio::time::timeout(PATIENCE, stopped).await.unwrap();
}
