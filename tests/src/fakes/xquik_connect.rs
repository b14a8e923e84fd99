//! First connections at the fake Xquik: `POST /x/accounts`, its pending attempts, and the codes that X e-mails. What a
//! connection meets is ordered beforehand with [`First`]; without an order X lets Xquik in at once, if password and
//! key are right.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::wire::{self, Answer, Outcome, with_header};
use super::xquik_accounts::{Account, Bucket};
use super::{Canned, Nasty, Recorded, Route, XquikState, keys};

/// What the next first connection meets once its four fields are there.
#[derive(Clone, Debug)]
pub enum First {
    /// X lets Xquik in, if password and key are right.
    Login,
    /// Xquik works on it for so many looks at the attempt; then this.
    Pending(u32, Box<First>),
    /// X e-mails one code after the other, and each is asked for so long.
    Codes(Vec<&'static str>, Duration),
    /// A pending attempt ends with this error, reason and `retryable`.
    Fails(&'static str, Option<&'static str>, bool),
    /// This status and body, whatever was sent.
    Answer(u16, Value),
    /// An answer that no contract describes.
    Nasty(Nasty),
    /// No answer until `release`; then as without an order.
    Hold,
    /// The connection is closed without an answer.
    HangUp,
}

/// Who is being connected.
#[derive(Clone, Debug)]
struct Who {
    workspace: usize,
    handle: String,
    password: String,
    key: String,
}

#[derive(Debug)]
struct Attempt {
    id: String,
    who: Who,
    meets: First,
}

#[derive(Debug)]
struct Challenge {
    id: String,
    who: Who,
    codes: VecDeque<&'static str>,
    lasts: Duration,
    until: Instant,
    over: bool,
}

/// What the fake knows of first connections.
#[derive(Debug)]
pub(crate) struct Firsts {
    orders: VecDeque<First>,
    submits: VecDeque<(u16, Value)>,
    attempts: Vec<Attempt>,
    challenges: Vec<Challenge>,
    bucket: Bucket,
    linked: u32,
}

impl Default for Firsts {
    fn default() -> Self {
        let bucket = Bucket::new("connect", 10, Duration::from_secs(15 * 60));
        Self {
            orders: VecDeque::new(),
            submits: VecDeque::new(),
            attempts: vec![],
            challenges: vec![],
            bucket,
            linked: 0,
        }
    }
}

impl XquikState {
    /// Orders what the next first connection meets; several orders are met one after the other.
    pub fn meets(&self, first: First) {
        self.books().firsts.orders.push_back(first);
    }

    /// Orders the answer to the next e-mailed code, whatever it is.
    pub fn answers_code(&self, status: u16, body: Value) {
        self.books().firsts.submits.push_back((status, body));
    }

    /// Ends the time of every e-mailed code, whatever was said of it.
    pub fn forget_codes(&self) {
        for challenge in &mut self.books().firsts.challenges {
            challenge.until = Instant::now();
        }
    }
}

/// The answer to a call that belongs to first connections; `None` for all others.
pub(crate) async fn answer(xquik: &XquikState, request: &Recorded, call: &[&str]) -> Option<Outcome> {
    let kind = match (request.method.as_str(), call) {
        ("POST", ["x", "accounts"]) => Kind::Connect,
        ("GET", ["x", "account-connection-attempts", id]) => Kind::Attempt(id),
        ("POST", ["x", "account-connection-challenges", id, "submit"]) => Kind::Submit(id),
        _ => return None,
    };
    let ordered = matches!(kind, Kind::Submit(_)).then(|| xquik.books().firsts.submits.pop_front()).flatten();
    if let Some((status, body)) = ordered {
        return Some(wire::json(status, &body).into());
    }
    let order = matches!(kind, Kind::Connect).then(|| xquik.books().firsts.orders.pop_front()).flatten();
    Some(match order {
        Some(First::HangUp) => Outcome::HangUp,
        Some(First::Answer(status, body)) => wire::json(status, &body).into(),
        Some(First::Nasty(nasty)) => nasty.answer("920001", request).into(),
        Some(First::Hold) => {
            xquik.hold().await;
            usual(xquik, request, &kind, First::Login).into()
        }
        order => usual(xquik, request, &kind, order.unwrap_or(First::Login)).into(),
    })
}

enum Kind<'a> {
    Connect,
    Attempt(&'a str),
    Submit(&'a str),
}

fn error(status: u16, code: &str) -> Answer {
    wire::json(status, &json!({ "error": code, "message": format!("Fake: {code}.") }))
}

fn usual(xquik: &XquikState, request: &Recorded, kind: &Kind<'_>, meets: First) -> Answer {
    let Some(workspace) = xquik.workspace(request.header("x-api-key")) else {
        return Canned::Unauthenticated.fixed(Route::Reauth).expect("errors do not depend on an account");
    };
    match kind {
        Kind::Connect => connect(xquik, workspace, request, meets),
        Kind::Attempt(id) => attempt(xquik, workspace, id),
        Kind::Submit(id) => submit(xquik, workspace, id, request),
    }
}

fn connect(xquik: &XquikState, workspace: usize, request: &Recorded, meets: First) -> Answer {
    let (fits, ..) = xquik.books().firsts.bucket.take();
    if !fits {
        let body =
            json!({ "error": "rate_limit_exceeded", "message": "Fake: rate_limit_exceeded.", "retryAfter": 900 });
        return with_header(wire::json(429, &body), "retry-after", "900");
    }
    let Some(body) = request.json() else { return error(400, "invalid_json") };
    let text = |name: &str| body.get(name)?.as_str().filter(|it| !it.is_empty()).map(str::to_owned);
    let (Some(handle), Some(password), Some(key), Some(_)) =
        (text("username"), text("password"), text("totp_secret"), text("email").filter(|it| it.contains('@')))
    else {
        return error(400, "invalid_input");
    };
    let same = |it: &Account| it.workspace == workspace && it.handle.eq_ignore_ascii_case(&handle);
    if xquik.accounts().iter().any(same) {
        return error(409, "account_already_connected");
    }
    go_on(xquik, Who { workspace, handle, password, key }, meets)
}

/// From here on it is the same whether somebody has waited before.
fn go_on(xquik: &XquikState, who: Who, meets: First) -> Answer {
    let id = keys::random_text(b"0123456789abcdef", 32);
    match meets {
        First::Pending(..) => {
            let id = format!("xatt_{id}");
            let answer = pending(202, &id);
            xquik.books().firsts.attempts.push(Attempt { id: id.clone(), who, meets });
            with_header(answer, "location", &format!("/api/v1/x/account-connection-attempts/{id}"))
        }
        First::Codes(codes, lasts) => {
            let (id, until) = (format!("xch_{id}"), Instant::now() + lasts);
            let answer = prompt(xquik, 202, &id, &who.handle, lasts);
            let codes = codes.into();
            xquik.books().firsts.challenges.push(Challenge { id, who, codes, lasts, until, over: false });
            answer
        }
        First::Fails(code, ..) => error(422, code),
        _ => link(xquik, &who),
    }
}

fn link(xquik: &XquikState, who: &Who) -> Answer {
    if !xquik.x.lets_in(&who.handle, &who.password, Some(&who.key)) {
        return error(422, "login_failed");
    }
    let mut books = xquik.books();
    books.firsts.linked += 1;
    let mut account = Account::new(&(920_000 + books.firsts.linked).to_string(), &who.handle, "healthy");
    account.workspace = who.workspace;
    // One account of X, in however many workspaces.
    if let Some(same) = books.accounts.iter().find(|it| it.handle.eq_ignore_ascii_case(&who.handle)) {
        account.x_user_id.clone_from(&same.x_user_id);
    }
    account.stored_key = Some(who.key.clone());
    account.connected_at = Some(xquik.clock.iso());
    let answer = wire::json(201, &account.summary());
    books.accounts.push(account);
    answer
}

fn pending(status: u16, id: &str) -> Answer {
    let body = json!({ "object": "x_account_connection_attempt", "id": id, "status": "pending", "pollAfterMs": 1_200 });
    let answer = with_header(wire::json(status, &body), "retry-after", "1");
    with_header(answer, "cache-control", "no-store")
}

fn prompt(xquik: &XquikState, status: u16, id: &str, handle: &str, lasts: Duration) -> Answer {
    let body = json!({
        "object": "x_account_connection_challenge",
        "id": id,
        "status": "requires_email_code",
        "expiresAt": xquik.clock.iso_in(lasts.as_secs()),
        "message": "Fake: a code was sent by e-mail.",
        "username": handle,
    });
    wire::json(status, &body)
}

fn attempt(xquik: &XquikState, workspace: usize, id: &str) -> Answer {
    let ended = {
        let mut books = xquik.books();
        let ours = |it: &Attempt| it.id == id && it.who.workspace == workspace;
        let Some(at) = books.firsts.attempts.iter().position(ours) else {
            return error(400, "invalid_input");
        };
        match &mut books.firsts.attempts[at].meets {
            First::Pending(looks, _) if *looks > 0 => {
                *looks -= 1;
                return pending(200, id);
            }
            First::Pending(_, then) => {
                let then = (**then).clone();
                Some((books.firsts.attempts[at].who.clone(), then))
            }
            _ => None,
        }
    };
    let told = |status: &str| json!({ "object": "x_account_connection_attempt", "id": id, "status": status });
    let Some((who, then)) = ended else { return wire::json(200, &told("success")) };
    let failed = |code: &str, reason: Option<&str>, retryable: bool| {
        let mut body = told("failed");
        body["error"] = json!(code);
        body["retryable"] = json!(retryable);
        if let Some(reason) = reason {
            body["reason"] = json!(reason);
        }
        wire::json(200, &body)
    };
    match then {
        First::Codes(_, lasts) => {
            let handle = who.handle.clone();
            go_on(xquik, who, then);
            let id = xquik.books().firsts.challenges.last().map(|it| it.id.clone()).unwrap_or_default();
            prompt(xquik, 200, &id, &handle, lasts)
        }
        First::Fails(code, reason, retryable) => failed(code, reason, retryable),
        _ if link(xquik, &who).status() == 201 => {
            let mut books = xquik.books();
            if let Some(attempt) = books.firsts.attempts.iter_mut().find(|it| it.id == id) {
                attempt.meets = First::Login;
            }
            wire::json(200, &told("success"))
        }
        _ => failed("login_failed", Some("wrong_password"), true),
    }
}

fn submit(xquik: &XquikState, workspace: usize, id: &str, request: &Recorded) -> Answer {
    let typed = request.json().and_then(|it| Some(it.get("email_code")?.as_str()?.replace(' ', "")));
    let Some(typed) = typed.filter(|it| (4..=64).contains(&it.len())) else { return error(400, "invalid_input") };
    let who = {
        let mut books = xquik.books();
        let ours = |it: &&mut Challenge| it.id == id && it.who.workspace == workspace;
        let Some(it) = books.firsts.challenges.iter_mut().find(ours) else {
            return error(404, "connection_challenge_not_found");
        };
        if it.over {
            return error(409, "connection_challenge_inactive");
        }
        if it.until <= Instant::now() {
            return error(410, "connection_challenge_expired");
        }
        // A wrong code, or another one after it: X asks again, and everything stays in the same flow.
        let right = it.codes.front() == Some(&typed.as_str());
        if right {
            it.codes.pop_front();
        }
        if !right || !it.codes.is_empty() {
            it.until = Instant::now() + it.lasts;
            let (handle, lasts) = (it.who.handle.clone(), it.lasts);
            drop(books);
            return prompt(xquik, 202, id, &handle, lasts);
        }
        it.over = true;
        it.who.clone()
    };
    link(xquik, &who)
}
