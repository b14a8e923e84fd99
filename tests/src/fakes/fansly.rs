//! The fake Fans API at both of its addresses: Fansly accounts, logins that take a few looks, code prompts by e-mail and
//! of an app, and orders for the next answer of a call. It follows `fansly.openapi.yaml`; its status words are made up
//! wherever the contract has none, and its `polling_url` always leads elsewhere, since nobody may follow it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::wire::{self, Answer, AnswerBody, Outcome};
use super::{Clock, Recorded, keys};
use crate::contract;

/// Its two addresses.
pub const FANS_HOSTS: [&str; 2] = ["api.fansapi.com", "app.onlyfansapi.com"];

/// A call of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FanslyRoute {
    /// The accounts.
    List,
    /// The start of a login.
    Start,
    /// A look at it.
    Look,
    /// A code for it.
    Code,
}

/// What a login wants besides what the service has stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wants {
    /// Nothing.
    Nothing,
    /// The code that it e-mailed.
    Email,
    /// The code of this key.
    App(String),
    /// A code of a kind that nobody has described.
    Other(u8),
}

/// How far a login is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// None was started.
    Idle,
    /// So many looks until it goes on.
    Working(u32),
    /// It waits for a code.
    Prompt,
    /// So many looks until the code is known to be right, or not.
    Verifying(u32, bool),
    /// It ended, with this `last_error`.
    Failed(Value),
}

/// A Fansly account at the service.
#[derive(Clone, Debug)]
pub struct FanslyMember {
    /// The service's id.
    pub id: String,
    /// Fansly's name of it.
    pub username: Option<String>,
    /// Whether it is signed in.
    pub signed_in: bool,
    /// What its logins want.
    pub wants: Wants,
    /// How many looks a step takes.
    pub looks: u32,
    /// What its logins end with, where that is not success.
    pub error: Option<Value>,
    /// How far its login is.
    pub phase: Phase,
    /// The code that was e-mailed last.
    pub emailed: String,
}

impl FanslyMember {
    /// One that is signed out.
    #[must_use]
    pub fn new(id: &str, username: &str, wants: Wants) -> Self {
        Self {
            id: id.into(),
            username: Some(username.into()),
            signed_in: false,
            wants,
            looks: 1,
            error: None,
            phase: Phase::Idle,
            emailed: String::new(),
        }
    }

    fn row(&self) -> Value {
        json!({
            "id": self.id, "display_name": "Fake Creator", "fansly_id": "100000000000000001",
            "fansly_username": self.username, "is_authenticated": self.signed_in,
            "authentication_progress": if self.signed_in { "authenticated" } else { "fake-progress-word" },
        })
    }

    fn status(&self) -> Value {
        let prompts = matches!(self.phase, Phase::Prompt | Phase::Verifying(..));
        let word = match (&self.phase, &self.wants) {
            (Phase::Prompt, Wants::Email) => "challenge-email",
            (Phase::Prompt, _) => "fake-prompt-word",
            (Phase::Verifying(..), _) => "verifying",
            _ => "fake-other-word",
        };
        let kind = match self.wants {
            Wants::Email => json!(2),
            Wants::App(_) => json!(0),
            Wants::Other(kind) => json!(kind),
            Wants::Nothing => Value::Null,
        };
        let sent_to = (self.wants == Wants::Email).then_some("f**@e*****.invalid");
        json!({
            "account_id": self.id, "display_name": "Fake Creator", "status": word,
            "is_authenticated": self.signed_in, "needs_code": prompts,
            "twofa_type": if prompts { kind } else { Value::Null },
            "masked_email": sent_to.filter(|_| prompts),
            "last_error": if let Phase::Failed(error) = &self.phase { error.clone() } else { Value::Null },
            "fansly_user_data": if self.signed_in { json!({ "fake": true }) } else { Value::Null },
        })
    }

    /// A look has passed.
    fn goes_on(&mut self) {
        self.phase = match self.phase.clone() {
            Phase::Working(left @ 1..) => Phase::Working(left - 1),
            Phase::Verifying(left @ 1.., right) => Phase::Verifying(left - 1, right),
            Phase::Working(0) if self.error.is_some() => Phase::Failed(self.error.clone().unwrap_or_default()),
            Phase::Working(0) if self.wants != Wants::Nothing => {
                self.emailed = keys::random_text(b"0123456789", 6);
                Phase::Prompt
            }
            Phase::Working(0) | Phase::Verifying(0, true) => {
                self.signed_in = true;
                Phase::Idle
            }
            Phase::Verifying(0, false) => Phase::Prompt,
            other => other,
        };
    }
}

/// An answer that was ordered: anything at all. `$key` stands for the caller's key, `$sent` for the body that was sent.
#[derive(Clone, Debug)]
pub struct FanslyOrder {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(&'static str, &'static str)>,
    /// The body.
    pub body: String,
    /// Whether it comes in pieces of 16 bytes.
    pub slow: bool,
}

impl FanslyOrder {
    /// A body and nothing special.
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: vec![], body: body.into(), slow: false }
    }
}

#[derive(Debug)]
struct Books {
    members: Vec<FanslyMember>,
    key: String,
    closed: Option<&'static str>,
    orders: HashMap<FanslyRoute, VecDeque<FanslyOrder>>,
    breaches: Vec<String>,
}

/// A handle on the fake Fans API; clones share it. All methods return at once.
#[derive(Clone, Debug)]
pub struct FanslyState {
    books: Arc<Mutex<Books>>,
    clock: Clock,
}

impl FanslyState {
    pub(crate) fn new(clock: Clock) -> Self {
        let members = vec![
            FanslyMember::new("fansly_acct_FAKE0001", "fake_creator", Wants::Email),
            FanslyMember::new("fansly_acct_FAKE0002", "second_creator", Wants::App(keys::random_secret())),
            FanslyMember::new("fansly_acct_FAKE0003", "third_creator", Wants::Nothing),
        ];
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let key = format!("12|{}", keys::random_text(alphabet, 40));
        let (orders, breaches) = (HashMap::new(), vec![]);
        Self { books: Arc::new(Mutex::new(Books { members, key, closed: None, orders, breaches })), clock }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The only key that it takes.
    #[must_use]
    pub fn key(&self) -> String {
        self.books().key.clone()
    }

    /// Replaces the key, as if the old one had been revoked.
    pub fn set_key(&self, key: &str) {
        self.books().key = key.into();
    }

    /// One account.
    #[must_use]
    pub fn member(&self, id: &str) -> Option<FanslyMember> {
        self.books().members.iter().find(|it| it.id == id).cloned()
    }

    /// Changes one account; nothing happens if there is none of that id.
    pub fn change(&self, id: &str, change: impl FnOnce(&mut FanslyMember)) {
        if let Some(member) = self.books().members.iter_mut().find(|it| it.id == id) {
            change(member);
        }
    }

    /// One address hangs up on everybody.
    pub fn close(&self, host: Option<&'static str>) {
        self.books().closed = host;
    }

    /// Orders the answer to the next call; several orders are served one after the other.
    pub fn answer_next(&self, route: FanslyRoute, order: FanslyOrder) {
        self.books().orders.entry(route).or_default().push_back(order);
    }

    /// Requests that did not keep to the contract, and why not.
    #[must_use]
    pub fn breaches(&self) -> Vec<String> {
        self.books().breaches.clone()
    }

    pub(crate) fn answer(&self, request: &Recorded) -> Outcome {
        let mut books = self.books();
        if books.closed == Some(request.host.as_str()) {
            return Outcome::HangUp;
        }
        if let Err(breach) = contract::fansly().request("", request) {
            books.breaches.push(format!("{} {}: {breach:#}", request.method, request.target));
        }
        let parts: Vec<&str> = request.path().trim_start_matches('/').split('/').collect();
        let (route, id) = match (request.method.as_str(), parts.as_slice()) {
            ("GET", ["api", "fansly", "accounts"]) => (FanslyRoute::List, ""),
            ("POST", ["api", "fansly", "authenticate", id, "reauthenticate"]) => (FanslyRoute::Start, *id),
            ("GET", ["api", "fansly", "authenticate", id]) => (FanslyRoute::Look, *id),
            ("PUT", ["api", "fansly", "authenticate", id]) => (FanslyRoute::Code, *id),
            _ => return wire::json(404, &json!({ "message": "Fake: no such route." })).into(),
        };
        if let Some(order) = books.orders.get_mut(&route).and_then(VecDeque::pop_front) {
            return ordered(&order, request).into();
        }
        if request.header("authorization") != Some(&format!("Bearer {}", books.key)) {
            return wire::json(401, &json!({ "message": "Unauthenticated." })).into();
        }
        if route == FanslyRoute::List {
            let rows: Vec<Value> = books.members.iter().map(FanslyMember::row).collect();
            return limited(wire::json(200, &rows.into())).into();
        }
        let now = self.clock.unix();
        let Some(member) = books.members.iter_mut().find(|it| it.id == id) else {
            return wire::json(404, &json!({ "message": "Fake: no such account." })).into();
        };
        limited(match route {
            FanslyRoute::Start => start(member),
            FanslyRoute::Code => code(member, request, now),
            _ => {
                let told = member.status();
                member.goes_on();
                // A step that takes no look is seen at once.
                let told = if member.looks == 0 { member.status() } else { told };
                wire::json(200, &told)
            }
        })
        .into()
    }
}

fn start(member: &mut FanslyMember) -> Answer {
    if member.signed_in {
        let reason = "Account is already successfully authenticated";
        let message = "Can't re-authenticate account at this time.";
        return wire::json(400, &json!({ "message": message, "reason": reason }));
    }
    member.phase = Phase::Working(member.looks);
    let polling_url = format!("https://{}/api/fansly/authenticate/{}", super::SINK, member.id);
    wire::json(200, &json!({ "success": true, "message": "Fake started text.", "polling_url": polling_url }))
}

fn code(member: &mut FanslyMember, request: &Recorded, now: u64) -> Answer {
    let sent = request.json().and_then(|it| Some(it["code"].as_str()?.to_owned())).unwrap_or_default();
    if member.phase != Phase::Prompt {
        return wire::json(422, &json!({ "message": "Fake: no code is awaited." }));
    }
    let right = match &member.wants {
        Wants::App(key) => keys::accepts(key, &sent, now),
        _ => sent == member.emailed,
    };
    member.phase = Phase::Verifying(member.looks, right);
    wire::json(200, &member.status())
}

fn limited(answer: Answer) -> Answer {
    let answer = wire::with_header(answer, "x-rate-limit-limit-minute", "60");
    wire::with_header(answer, "x-rate-limit-remaining-minute", "59")
}

fn ordered(order: &FanslyOrder, request: &Recorded) -> Answer {
    let key = request.header("authorization").unwrap_or_default().trim_start_matches("Bearer ");
    let sent = Value::from(request.text()).to_string();
    let text = order.body.replace("$key", key).replace("$sent", sent.trim_matches('"'));
    let mut body = AnswerBody::new(text);
    if order.slow {
        body = body.in_pieces(16, Duration::from_millis(20));
    }
    let mut answer = wire::typed(order.status, "application/json", "");
    *answer.body_mut() = body;
    for (name, value) in &order.headers {
        answer = wire::with_header(answer, name, value);
    }
    answer
}
