//! Answers that no contract describes and that a broken, taken-over or interposed service might give to a sign-in; each
//! with the code of the words that it must lead to. `unknown` stands for "no answer": it may have been carried out; `either`
//! for that or `unfamiliar`, where browsers differ (Chromium 156 hands out a redirect to nowhere, Firefox ESR 153 does not).
//!
//! The documented answers, and the odd ones that people order by name, are in `canned.rs`.

use std::time::Duration;

use hyper::header::{HeaderName, HeaderValue};

use super::Recorded;
use super::wire::{self, Answer, AnswerBody};

/// Where no answer may lead.
pub const SINK: &str = "elsewhere.invalid";
/// A whole, friendly answer, up to its closing brace. The id is the asked account's.
const SIGNED_IN: &str = r#"{"id":"$id","xUserId":"1","xUsername":"standin_user","status":"active","health":"healthy","createdAt":"2026-01-02T03:04:05.000Z""#;
/// Longer than any answer to a sign-in that Longkey reads (64 KiB).
const HUGE: usize = 5 << 20;

/// What the body is.
#[derive(Clone, Debug)]
enum Body {
    Text(String),
    Bytes(Vec<u8>),
    /// The text, with `$sent` replaced by what was sent, as the inside of a JSON string.
    Echo(&'static str),
    /// The text, piece by piece.
    Drip(String),
    /// A byte now and then, for hours.
    Endless,
}

/// One such answer.
#[derive(Clone, Debug)]
pub struct Nasty {
    /// What is wrong with it.
    pub name: &'static str,
    /// The code of the words that it leads to.
    pub leads: &'static str,
    status: u16,
    headers: Vec<(&'static str, &'static str)>,
    body: Body,
}

impl Nasty {
    /// All of them.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut all = redirects();
        all.extend(statuses());
        all.extend(bodies());
        all.extend(echoes());
        all
    }

    /// Those that lead elsewhere, or bring back what was sent: a first connection meets them too.
    #[must_use]
    pub fn astray() -> Vec<Self> {
        let mut all = redirects();
        all.extend(echoes());
        all
    }

    /// It begins well and never ends: among [`Self::all`] each would take its two minutes.
    #[must_use]
    pub fn endless() -> Self {
        nasty("without an end", "unknown", 200, Body::Endless)
    }

    pub(crate) fn answer(&self, id: &str, request: &Recorded) -> Answer {
        let text = |text: &str| text.replace("$id", id);
        let body = match &self.body {
            Body::Text(it) => AnswerBody::new(text(it)),
            Body::Bytes(it) => AnswerBody::new(it.clone()),
            Body::Echo(it) => {
                let sent = serde_json::Value::from(request.text()).to_string();
                AnswerBody::new(text(it).replace("$sent", sent.trim_matches('"')))
            }
            Body::Drip(it) => AnswerBody::new(text(it)).in_pieces(16, Duration::from_millis(20)),
            Body::Endless => AnswerBody::new(" ".repeat(60_000)).in_pieces(1, Duration::from_millis(200)),
        };
        let mut answer = wire::typed(self.status, "application/json", "");
        *answer.body_mut() = body;
        for (name, value) in &self.headers {
            answer.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        answer
    }
}

fn nasty(name: &'static str, leads: &'static str, status: u16, body: Body) -> Nasty {
    Nasty { name, leads, status, headers: vec![], body }
}

fn text(name: &'static str, leads: &'static str, status: u16, body: impl Into<String>) -> Nasty {
    nasty(name, leads, status, Body::Text(body.into()))
}

/// A friendly answer in which one thing is otherwise.
fn signed_in(name: &'static str, leads: &'static str, from: &str, to: &str) -> Nasty {
    let whole = format!("{SIGNED_IN}}}");
    let changed = whole.replacen(from, to, 1);
    assert_ne!(whole, changed, "{name}: something is otherwise");
    text(name, leads, 200, changed)
}

/// A friendly answer with more in it.
fn with(name: &'static str, leads: &'static str, more: &str) -> Nasty {
    text(name, leads, 200, format!("{SIGNED_IN},{more}}}"))
}

fn redirects() -> Vec<Nasty> {
    let to = |status, name, location| Nasty {
        headers: vec![("location", location)],
        ..text(name, "unknown", status, format!("{SIGNED_IN}}}"))
    };
    vec![
        to(301, "moved elsewhere", "https://elsewhere.invalid/api/v1/x/accounts"),
        to(302, "found elsewhere", "https://elsewhere.invalid/api/v1/x/accounts"),
        to(303, "see elsewhere", "https://elsewhere.invalid/api/v1/x/accounts"),
        to(307, "for now elsewhere", "https://elsewhere.invalid/api/v1/x/accounts"),
        to(308, "for ever elsewhere", "https://elsewhere.invalid/api/v1/x/accounts"),
        to(307, "to the same place without encryption", "http://xquik.com/api/v1/x/accounts"),
        to(307, "to another path of the same host", "/api/v1/echo"),
        to(302, "to a script", "javascript:alert(1)"),
        text("a redirect to nowhere", "either", 302, ""),
    ]
}

fn statuses() -> Vec<Nasty> {
    let whole = || format!("{SIGNED_IN}}}");
    let page = || "<!DOCTYPE html><title>Sign in</title><script>alert(1)</script>".to_owned();
    vec![
        text("created, which a first connection is", "unfamiliar", 201, whole()),
        text("nothing more to say", "unfamiliar", 204, ""),
        text("a part of it", "unfamiliar", 206, whole()),
        text("not modified", "unfamiliar", 304, ""),
        text("refused without a word", "unfamiliar", 400, ""),
        text("somebody wants money", "unfamiliar", 402, page()),
        text("a page instead of 401", "api_key_refused", 401, page()),
        text("forbidden by a page", "unfamiliar", 403, page()),
        text("a page is not found", "unfamiliar", 404, page()),
        text("gone", "unfamiliar", 410, r#"{"error":"gone"}"#),
        text("too large a request", "unfamiliar", 413, ""),
        text("422 without a word", "unfamiliar", 422, ""),
        text("422 and a number", "unfamiliar", 422, r#"{"error":422}"#),
        text("422 and a list", "unfamiliar", 422, r#"{"error":["login_failed"]}"#),
        text("422 and nothing", "unfamiliar", 422, r#"{"error":null}"#),
        text("a pause that lies before", "login_failed", 422, r#"{"error":"login_failed","retryAfterMs":-1}"#),
        text("a pause for ever", "login_failed", 422, r#"{"error":"login_failed","retryAfterMs":1e308}"#),
        text("a pause in words", "login_failed", 422, r#"{"error":"login_failed","retryAfterMs":"soon"}"#),
        text("429 without a word", "slow_down", 429, ""),
        Nasty { headers: vec![("retry-after", "-5")], ..text("429 for a time before", "slow_down", 429, page()) },
        Nasty {
            headers: vec![("retry-after", "99999999999999999999")],
            ..text("429 for ever", "slow_down", 429, r#"{"error":"rate_limit_exceeded"}"#)
        },
        text("blocked by law", "unfamiliar", 451, page()),
        text("500 as a page", "unavailable", 500, page()),
        text("501", "unfamiliar", 501, ""),
        text("503 as a page", "unavailable", 503, page()),
        text("504", "unfamiliar", 504, page()),
        text("a status of nobody's", "unfamiliar", 599, "{}"),
    ]
}

fn bodies() -> Vec<Nasty> {
    let deep = |open: &str, close: &str| [open.repeat(20_000), close.repeat(20_000)].concat();
    vec![
        text("nothing", "unfamiliar", 200, ""),
        text("white space", "unfamiliar", 200, " \n\t "),
        text("null", "unfamiliar", 200, "null"),
        text("true", "unfamiliar", 200, "true"),
        text("a list", "unfamiliar", 200, "[]"),
        text("an object without anything", "unfamiliar", 200, "{}"),
        text("a word", "unfamiliar", 200, "\"healthy\""),
        text("a page", "unfamiliar", 200, "<!DOCTYPE html><h1>Welcome to this network</h1>"),
        text("cut off", "unfamiliar", 200, SIGNED_IN),
        text("more behind it", "unfamiliar", 200, format!("{SIGNED_IN}}}{SIGNED_IN}}}")),
        nasty("a byte order mark", "unfamiliar", 200, Body::Bytes([b"\xEF\xBB\xBF{}".as_slice(), b" "].concat())),
        nasty("no UTF-8", "unfamiliar", 200, Body::Bytes(b"{\"id\":\"\xFF\xFE\"}".to_vec())),
        text("deep lists", "unfamiliar", 200, deep("[", "]")),
        text("deep objects", "unfamiliar", 200, deep("{\"a\":", "}")),
        with("deep where nobody looks", "signed_in", &format!("\"more\":{}", deep("[", "]"))),
        text("huge", "unfamiliar", 200, format!("{SIGNED_IN},\"more\":\"{}\"}}", "a".repeat(HUGE))),
        signed_in("no id", "unfamiliar", "\"id\":\"$id\",", ""),
        signed_in("an id that is a number", "unfamiliar", "\"$id\"", "$id"),
        signed_in("another account's id", "unfamiliar", "$id", "1"),
        signed_in("no health", "unfamiliar", ",\"health\":\"healthy\"", ""),
        signed_in("health that is nothing", "unfamiliar", "\"healthy\"", "null"),
        signed_in("health that is a number", "unfamiliar", "\"healthy\"", "1"),
        signed_in("health in capitals", "signed_in_but", "\"healthy\"", "\"HEALTHY\""),
        signed_in("health that is empty", "signed_in_but", "\"healthy\"", "\"\""),
        signed_in("health that is markup", "signed_in_but", "\"healthy\"", "\"<img src=x onerror=alert(1)>\""),
        signed_in("locked", "signed_in_but", "\"healthy\"", "\"locked\""),
        signed_in("said twice", "unfamiliar", "\"health\"", "\"health\":\"locked\",\"health\""),
        signed_in("no status", "unfamiliar", "\"status\":\"active\",", ""),
        signed_in("a status that is a list", "unfamiliar", "\"active\"", "[]"),
        with("an error beside success", "signed_in", "\"error\":\"login_failed\""),
        with("an address to ask", "signed_in", "\"polling_url\":\"https://elsewhere.invalid/poll\""),
        with("a name of JavaScript's", "signed_in", "\"__proto__\":{\"health\":\"locked\"},\"constructor\":1"),
        with("a country that is markup", "signed_in", "\"loginCountry\":\"<b>\""),
        nasty("slowly", "signed_in", 200, Body::Drip(format!("{SIGNED_IN}}}"))),
        Nasty { headers: vec![("content-encoding", "gzip")], ..text("not what it is packed as", "unknown", 200, "{}") },
        Nasty {
            headers: vec![
                ("link", "<https://elsewhere.invalid/a.css>; rel=preload; as=style"),
                ("refresh", "0; url=https://elsewhere.invalid/"),
                ("set-cookie", "session=1; Domain=xquik.com; Secure; SameSite=None"),
            ],
            ..text("headers that ask for more", "signed_in", 200, format!("{SIGNED_IN}}}"))
        },
    ]
}

fn echoes() -> Vec<Nasty> {
    let echo = |name, leads, status, body| nasty(name, leads, status, Body::Echo(body));
    vec![
        echo("what was sent, as the message", "login_failed", 422, r#"{"error":"login_failed","message":"$sent"}"#),
        echo("what was sent, as the reason", "login_failed", 422, r#"{"error":"login_failed","reason":"$sent"}"#),
        echo("what was sent, as the error", "unfamiliar", 422, r#"{"error":"$sent"}"#),
        echo("what was sent, as an object's code", "unfamiliar", 418, r#"{"error":{"code":"$sent"}}"#),
        echo(
            "what was sent, as health",
            "signed_in_but",
            200,
            r#"{"id":"$id","xUserId":"1","xUsername":"standin_user","status":"active","health":"$sent","createdAt":"x"}"#,
        ),
        echo(
            "what was sent, as status",
            "unfamiliar",
            200,
            r#"{"id":"$id","xUserId":"1","xUsername":"standin_user","status":"$sent","health":"healthy","createdAt":"x"}"#,
        ),
        echo(
            "what was sent, as a time",
            "signed_in",
            200,
            r#"{"id":"$id","xUserId":"1","xUsername":"standin_user","status":"active","health":"healthy","connectedAt":"$sent"}"#,
        ),
        echo("what was sent", "unavailable", 500, "$sent"),
    ]
}
