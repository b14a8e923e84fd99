//! The control address: plain HTTP on loopback for a person with a browser or curl. It can do what
//! the handles of the fakes can do and shows all they know; there is nothing secret in a world of
//! fakes. Not reachable through the proxy.

use std::convert::Infallible;
use std::net::SocketAddr;

use anyhow::Context as _;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::wire::{self, Answer};
use super::{Canned, Fakes, Recorded, Route, proxy};

const WORDS: &str = "\
The fake X and the fake Xquik, and what they can be told. Bodies are JSON.

GET  /state                                        all that the fakes know
GET  /requests                                     every request, and what the proxy refused
POST /xquik/next    {\"route\":\"reauth\",\"answer\":\"429-login_cooldown\"}
                                                   the next answer of list, read or reauth
POST /xquik/release                                lets requests go on that \"hold\" keeps
POST /xquik/clear                                  forgets answers that were not served yet
POST /x/secret      {\"secret\":\"JBSWY3DPEHPK3PXP\"}  the key of the next set-up
POST /x/password    {\"password\":\"...\"}             changes the password of the signed-in account
POST /x/recent      {\"recent\":true}                whether X skips the password step
POST /x/handle      {\"handle\":\"acme_support\"}      signs another account in
POST /x/key         {\"secret\":\"...\" or null}       turns the app on with a key, or off
POST /x/narrow      {\"narrow\":true}                the layout for narrow windows
POST /x/standin     {\"file\":\"secret-step.html\"}    serves a page of sites/x; null: none of them
POST /clock         {\"ahead\":120}                  how many seconds the fakes are ahead of this machine
POST /stop                                         ends the program

Answers of Xquik:
";

pub(crate) async fn serve(listener: TcpListener, fakes: Fakes, proxy: SocketAddr, stop: watch::Sender<bool>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            arrival = listener.accept() => {
                let Ok((stream, _peer)) = arrival else { tokio::task::yield_now().await; continue };
                let (fakes, stop) = (fakes.clone(), stop.clone());
                let service = service_fn(move |request| {
                    let (fakes, stop) = (fakes.clone(), stop.clone());
                    async move { Ok::<_, Infallible>(respond(request, &fakes, proxy, &stop).await) }
                });
                connections.spawn(async move {
                    // The client may go away at any time.
                    let _ended = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
            Some(_finished) = connections.join_next() => {}
        }
    }
}

async fn respond(request: Request<Incoming>, fakes: &Fakes, proxy: SocketAddr, stop: &watch::Sender<bool>) -> Answer {
    let told = match proxy::record("control", request).await {
        Ok(request) => act(&request, fakes, proxy, stop),
        Err(fault) => Err(fault),
    };
    told.unwrap_or_else(|fault| wire::json(400, &json!({ "error": format!("{fault:#}") })))
}

fn act(request: &Recorded, fakes: &Fakes, proxy: SocketAddr, stop: &watch::Sender<bool>) -> anyhow::Result<Answer> {
    let Fakes { x, xquik, clock, .. } = fakes;
    let body = request.json().unwrap_or_default();
    let text =
        |name: &str| body.get(name).and_then(Value::as_str).with_context(|| format!("the body lacks a text {name:?}"));
    let flag = |name: &str| {
        body.get(name).and_then(Value::as_bool).with_context(|| format!("the body lacks true or false {name:?}"))
    };
    match (request.method.as_str(), request.path()) {
        ("GET", "/") => {
            let answers: String = Canned::ALL.iter().map(|canned| format!("  {canned}\n")).collect();
            return Ok(wire::typed(200, "text/plain; charset=utf-8", format!("{WORDS}{answers}")));
        }
        ("GET", "/state") => return Ok(wire::json(200, &state(fakes, proxy))),
        ("GET", "/requests") => return Ok(wire::json(200, &traffic(fakes))),
        ("POST", "/xquik/next") => {
            let route: Route = body.get("route").and_then(Value::as_str).unwrap_or("reauth").parse()?;
            xquik.answer_next(route, text("answer")?.parse()?);
        }
        ("POST", "/xquik/release") => xquik.release(),
        ("POST", "/xquik/clear") => xquik.clear_orders(),
        ("POST", "/x/secret") => x.set_next_secret(text("secret")?),
        ("POST", "/x/password") => x.set_password(text("password")?),
        ("POST", "/x/recent") => x.set_password_recent(flag("recent")?),
        ("POST", "/x/handle") => x.set_signed_in_handle(text("handle")?),
        ("POST", "/x/key") if body.get("secret").is_some_and(Value::is_null) => x.set_confirmed_key(None),
        ("POST", "/x/key") => x.set_confirmed_key(Some(text("secret")?)),
        ("POST", "/x/narrow") => x.set_narrow(flag("narrow")?),
        ("POST", "/x/standin") if body.get("file").is_some_and(Value::is_null) => x.clear_standins(),
        ("POST", "/x/standin") => {
            let address = x.serve_standin(text("file")?)?;
            return Ok(wire::json(200, &json!({ "ok": true, "address": address })));
        }
        ("POST", "/clock") => {
            clock.set_ahead(body.get("ahead").and_then(Value::as_i64).context("the body lacks a number \"ahead\"")?);
        }
        ("POST", "/stop") => {
            stop.send_replace(true);
        }
        _ => {
            return Ok(wire::json(404, &json!({ "error": "unknown; GET / lists what there is" })));
        }
    }
    Ok(wire::json(200, &json!({ "ok": true })))
}

fn state(fakes: &Fakes, proxy: SocketAddr) -> Value {
    let Fakes { x, xquik, .. } = fakes;
    let accounts: Vec<Value> = xquik
        .accounts()
        .iter()
        .map(|account| {
            json!({
                "id": account.id,
                "handle": account.handle,
                "health": account.health,
                "storedKey": account.stored_key,
                "cooldown": account.cooldown.as_ref().map(|cooldown| &cooldown.reason),
            })
        })
        .collect();
    json!({
        "proxy": proxy.to_string(),
        "x": {
            "handle": x.handle(),
            "password": x.password(),
            "confirmedKey": x.confirmed_key(),
            "pendingKey": x.pending_key(),
            "backupCode": x.backup_code(),
            "acceptedCodes": x.accepted_codes(),
            "refusedCodes": x.refused_codes(),
            "cspReports": x.csp_reports(),
        },
        "xquik": {
            "apiKey": xquik.api_key(),
            "accounts": accounts,
            "holding": xquik.holding(),
            "ordersLeft": xquik.orders_left(),
        },
    })
}

fn traffic(fakes: &Fakes) -> Value {
    let requests: Vec<Value> = fakes
        .traffic
        .all_requests()
        .iter()
        .map(|request| {
            json!({
                "host": request.host,
                "method": request.method,
                "target": request.target,
                "headers": request.headers,
                "body": request.text(),
                "at": httpdate::fmt_http_date(request.at),
            })
        })
        .collect();
    json!({
        "requests": requests,
        "passed": fakes.traffic.passed(),
        "refused": fakes.traffic.refused(),
    })
}
