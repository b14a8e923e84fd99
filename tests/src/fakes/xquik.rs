//! The fake Xquik: accounts, the API key, the orders for the next answers, and the calls that only
//! read. It follows `xquik.openapi.yaml`; what a login does is in `xquik_login.rs`, the ready-made
//! answers in `canned.rs`, first connections are in `xquik_connect.rs`.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::watch;

use super::wire::{self, Answer, Outcome};
use super::xquik_accounts::{Account, Bucket, Cooldown};
use crate::contract;

use super::xquik_connect::{self, Firsts};
use super::{Canned, Clock, FIRST_HANDLE, Nasty, Recorded, Route, XState, canned, keys, xquik_login};

/// Larger page sizes are lowered to this.
const LARGEST_PAGE: usize = 100;
/// What is left over of the path after the base address.
const BASE: &str = "/api/v1";

/// What was ordered.
#[derive(Debug)]
enum Order {
    Canned(Canned),
    Nasty(Nasty),
}

#[derive(Debug)]
pub(crate) struct Books {
    pub(crate) accounts: Vec<Account>,
    /// One for each workspace.
    api_keys: Vec<String>,
    orders: HashMap<Route, VecDeque<Order>>,
    breaches: Vec<String>,
    pub(crate) firsts: Firsts,
    reads: Bucket,
    writes: Bucket,
    /// Of so many sign-ins one meets the limit, which then holds for so long.
    every: Option<(usize, Duration)>,
    tried: usize,
    limited: usize,
    limited_until: Option<Instant>,
}

/// A handle on the fake Xquik; clones share it. All methods return at once.
#[derive(Clone, Debug)]
pub struct XquikState {
    books: Arc<Mutex<Books>>,
    held: Arc<watch::Sender<usize>>,
    releases: Arc<watch::Sender<usize>>,
    pub(crate) x: XState,
    pub(crate) clock: Clock,
}

impl XquikState {
    pub(crate) fn new(x: XState, clock: Clock) -> Self {
        let mut accounts = vec![
            Account::new("900001", FIRST_HANDLE, "needsReauth"),
            Account::new("900002", "acme_support", "healthy"),
            Account::new("900003", "acme_de", "locked"),
            Account::new("900004", "acme_fr", "needsReauth"),
            Account::new("900005", "acme_old", "suspended"),
        ];
        for account in &mut accounts[1..3] {
            let key = keys::random_secret();
            x.set_confirmed_key_of(&account.handle, Some(&key));
            account.stored_key = Some(key);
        }
        accounts[3].cooldown =
            Some(Cooldown { until: Instant::now() + Duration::from_secs(600), reason: "temporary_issue".to_owned() });
        let books = Books {
            accounts,
            api_keys: vec![random_api_key()],
            orders: HashMap::new(),
            breaches: vec![],
            firsts: Firsts::default(),
            reads: Bucket::new("read", 500, Duration::from_secs(1)),
            writes: Bucket::new("write", 120, Duration::from_secs(60)),
            every: None,
            tried: 0,
            limited: 0,
            limited_until: None,
        };
        Self {
            books: Arc::new(Mutex::new(books)),
            held: Arc::new(watch::Sender::new(0)),
            releases: Arc::new(watch::Sender::new(0)),
            x,
            clock,
        }
    }

    pub(crate) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The API key of the first workspace; there is no other unless one was added.
    pub fn api_key(&self) -> String {
        self.books().api_keys[0].clone()
    }

    /// Another workspace with these accounts; its API key.
    pub fn add_workspace(&self, accounts: Vec<Account>) -> String {
        let mut books = self.books();
        let (key, workspace) = (random_api_key(), books.api_keys.len());
        books.api_keys.push(key.clone());
        books.accounts.extend(accounts.into_iter().map(|account| Account { workspace, ..account }));
        key
    }

    /// Which workspace this API key opens.
    pub(crate) fn workspace(&self, key: Option<&str>) -> Option<usize> {
        self.books().api_keys.iter().position(|known| Some(known.as_str()) == key)
    }

    /// Replaces the first workspace's API key, as if the old one had been revoked.
    pub fn set_api_key(&self, key: &str) {
        self.books().api_keys[0] = key.to_owned();
    }

    /// In place of the limit by time, whatever the computer's pace: one sign-in of `every` meets it, and the next one may
    /// come after `pause`; one that comes sooner is a breach.
    pub fn limit_every(&self, every: usize, pause: Duration) {
        self.books().every = Some((every, pause));
    }

    /// How many sign-ins met the limit.
    pub fn limited(&self) -> usize {
        self.books().limited
    }

    /// The accounts, oldest first.
    pub fn accounts(&self) -> Vec<Account> {
        self.books().accounts.clone()
    }

    /// Replaces all accounts.
    pub fn set_accounts(&self, accounts: Vec<Account>) {
        self.books().accounts = accounts;
    }

    /// One account.
    pub fn account(&self, id: &str) -> Option<Account> {
        self.books().accounts.iter().find(|account| account.id == id).cloned()
    }

    /// Changes one account; nothing happens if there is none of that ID.
    pub fn change(&self, id: &str, change: impl FnOnce(&mut Account)) {
        if let Some(account) = self.books().accounts.iter_mut().find(|account| account.id == id) {
            change(account);
        }
    }

    /// Orders the answer to the next call of `route`; several orders are served one after the other.
    /// An ordered answer comes before any check, even that of the API key.
    pub fn answer_next(&self, route: Route, canned: Canned) {
        self.books().orders.entry(route).or_default().push_back(Order::Canned(canned));
    }

    /// The same with an answer to a sign-in that no contract describes.
    pub fn answer_nastily(&self, nasty: Nasty) {
        self.books().orders.entry(Route::Reauth).or_default().push_back(Order::Nasty(nasty));
    }

    /// Orders that were not served yet.
    pub fn orders_left(&self) -> usize {
        self.books().orders.values().map(VecDeque::len).sum()
    }

    /// Forgets all orders.
    pub fn clear_orders(&self) {
        self.books().orders.clear();
    }

    /// Requests that did not keep to the contract, and why not.
    pub fn breaches(&self) -> Vec<String> {
        self.books().breaches.clone()
    }

    /// How many requests are held open now.
    pub fn holding(&self) -> usize {
        *self.held.borrow()
    }

    /// Waits until so many requests are held open; a client that went away does not count.
    ///
    /// # Errors
    /// When it did not come to that in time.
    pub async fn until_holding(&self, count: usize, within: Duration) -> anyhow::Result<()> {
        let mut held = self.held.subscribe();
        let wait = held.wait_for(|held| *held == count);
        match tokio::time::timeout(within, wait).await {
            Ok(found) => found.map(|_count| ()).map_err(Into::into),
            Err(_elapsed) => {
                anyhow::bail!("{} instead of {count} requests held open after {within:?}", self.holding())
            }
        }
    }

    /// Lets all held requests go on.
    pub fn release(&self) {
        self.releases.send_modify(|count| *count += 1);
    }

    pub(crate) async fn answer(&self, request: &Recorded) -> Outcome {
        let Some(call) = request.path().strip_prefix(BASE) else {
            return wire::html(200, "<!DOCTYPE html><title>Xquik (fake)</title><h1>Xquik (fake)</h1>".into()).into();
        };
        if let Err(breach) = contract::xquik().request(BASE, request) {
            self.books().breaches.push(format!("{} {}: {breach:#}", request.method, request.target));
        }
        let parts: Vec<&str> = call.trim_start_matches('/').split('/').collect();
        if let Some(outcome) = xquik_connect::answer(self, request, &parts).await {
            return outcome;
        }
        let (route, id) = match (request.method.as_str(), parts.as_slice()) {
            ("GET", ["x", "accounts"]) => (Route::List, ""),
            ("GET", ["x", "accounts", id]) => (Route::Read, *id),
            ("POST", ["x", "accounts", id, "reauth"]) => (Route::Reauth, *id),
            _ => return wire::json(404, &json!({ "error": "not_found" })).into(),
        };
        let order = self.books().orders.get_mut(&route).and_then(VecDeque::pop_front);
        match order {
            None => self.usual(route, id, request).into(),
            Some(Order::Nasty(nasty)) => nasty.answer(id, request).into(),
            Some(Order::Canned(Canned::HangUp)) => Outcome::HangUp,
            Some(Order::Canned(Canned::Hold)) => {
                self.hold().await;
                self.usual(route, id, request).into()
            }
            Some(Order::Canned(canned)) => self.ordered(canned, route, id, request).into(),
        }
    }

    pub(crate) async fn hold(&self) {
        let mut releases = self.releases.subscribe();
        // Counts down also when the client goes away and this is dropped.
        let _held = Held::new(&self.held);
        let _released = releases.changed().await;
    }

    /// What the contract says, with no order given.
    fn usual(&self, route: Route, id: &str, request: &Recorded) -> Answer {
        let fixed = |canned: Canned| canned.fixed(route).expect("errors do not depend on an account");
        if self.workspace(request.header("x-api-key")).is_none() {
            return fixed(Canned::Unauthenticated);
        }
        let (fits, limit, policy, left) = {
            let mut books = self.books();
            if let Some((every, pause)) = books.every.filter(|_| route == Route::Reauth) {
                drop(books);
                return self.limited_or(every, pause, id, request);
            }
            let bucket = if route == Route::Reauth { &mut books.writes } else { &mut books.reads };
            let (fits, limit, policy) = bucket.take();
            let left = bucket.left();
            (fits, limit, policy, left)
        };
        let answer = if !fits {
            canned::rate_limited(left)
        } else if route == Route::List {
            self.list(request, |_account| true).unwrap_or_else(|| fixed(Canned::InvalidInput))
        } else if id.is_empty() || !id.bytes().all(|digit| digit.is_ascii_digit()) {
            fixed(Canned::InvalidId)
        } else if let Some(account) = self.account(id).filter(|it| self.has(request, it)) {
            match route {
                Route::Reauth => xquik_login::reauth(self, &account, request),
                _ => wire::json(200, &account.detail()),
            }
        } else {
            fixed(Canned::NotFound)
        };
        let answer = wire::with_header(answer, "ratelimit", &limit);
        wire::with_header(answer, "ratelimit-policy", &policy)
    }

    fn limited_or(&self, every: usize, pause: Duration, id: &str, request: &Recorded) -> Answer {
        {
            let mut books = self.books();
            books.tried += 1;
            if books.limited_until.is_some_and(|until| until > Instant::now()) {
                books.breaches.push(format!("{} came during the pause", request.target));
            }
            if books.tried.is_multiple_of(every) {
                books.limited += 1;
                books.limited_until = Some(Instant::now() + pause);
                return canned::rate_limited(pause.as_secs());
            }
        }
        match self.account(id) {
            Some(account) => xquik_login::reauth(self, &account, request),
            None => Canned::NotFound.fixed(Route::Reauth).expect("errors do not depend on an account"),
        }
    }

    fn ordered(&self, canned: Canned, route: Route, id: &str, request: &Recorded) -> Answer {
        if let Some(answer) = canned.fixed(route) {
            return answer;
        }
        if route == Route::Reauth {
            xquik_login::ordered(self, canned, id, request);
        }
        let edit = |account: &mut Value| canned.edit(account);
        if route == Route::List {
            let page = self.list(request, edit).unwrap_or_else(|| wire::json(200, &json!({ "accounts": [] })));
            return xquik_login::sized(canned, route, page);
        }
        let account = self.account(id).unwrap_or_else(|| Account::new(id, FIRST_HANDLE, "healthy"));
        let mut told = if route == Route::Read { account.detail() } else { account.summary() };
        edit(&mut told);
        xquik_login::sized(canned, route, wire::json(200, &told))
    }

    /// Whether the account is in the workspace of who asks.
    fn has(&self, request: &Recorded, account: &Account) -> bool {
        self.workspace(request.header("x-api-key")).unwrap_or_default() == account.workspace
    }

    /// A page of accounts; `None` for a bad limit or cursor.
    fn list(&self, request: &Recorded, edit: impl Fn(&mut Value) -> bool) -> Option<Answer> {
        let own = self.accounts().into_iter().filter(|it| self.has(request, it));
        let mut all: Vec<Value> = own.map(|it| it.detail()).collect();
        for account in &mut all {
            edit(account);
        }
        let (limit, cursor) = (request.query("limit"), request.query("cursor"));
        if limit.is_none() && cursor.is_none() {
            return Some(wire::json(200, &json!({ "accounts": all })));
        }
        let limit = limit.map_or(Some(50), |limit| limit.parse().ok()).filter(|limit: &usize| *limit > 0)?;
        let from = cursor.map_or(Some(0), |cursor| cursor.strip_prefix("after_")?.parse().ok())?;
        let rest = all.get(from..)?;
        let page = &rest[..rest.len().min(limit).min(LARGEST_PAGE)];
        let more = page.len() < rest.len();
        let mut told = json!({ "accounts": page, "hasMore": more });
        if more {
            told["nextCursor"] = json!(format!("after_{}", from + page.len()));
        }
        Some(wire::json(200, &told))
    }
}

fn random_api_key() -> String {
    format!("xq_{}", keys::random_text(b"0123456789abcdef", 64))
}

/// Counts one held request for as long as it lives.
struct Held<'a>(&'a watch::Sender<usize>);

impl<'a> Held<'a> {
    fn new(count: &'a watch::Sender<usize>) -> Self {
        count.send_modify(|held| *held += 1);
        Self(count)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|held| *held -= 1);
    }
}
