//! What a reauth at the fake Xquik does: it checks the body as strictly as the contract allows, keeps
//! a key that was sent, and asks the fake X whether password and key are right. Also the effect of an
//! ordered success on the accounts, so that a later list agrees with it.

use std::time::Instant;

use serde_json::{Map, Value, json};

use super::wire::{self, Answer, AnswerBody};
use super::{Account, Canned, Recorded, Route, XquikState, canned, keys};

/// Ten bytes, the shortest key that X gives.
const SHORTEST_KEY: usize = 16;

/// The limits that Longkey keeps, lists and others, and a little more.
const LIST_TOO_LONG: usize = (1 << 20) + 4_096;
const OTHER_TOO_LONG: usize = (64 << 10) + 4_096;

pub(crate) fn reauth(xquik: &XquikState, account: &Account, request: &Recorded) -> Answer {
    let fixed = |canned: Canned| canned.fixed(Route::Reauth).expect("errors do not depend on an account");
    let Some(body) = request.json() else {
        return fixed(Canned::InvalidJson);
    };
    let Some(fields) = body.as_object() else {
        return fixed(Canned::InvalidInput);
    };
    let Some(password) = text(fields, "password") else {
        return fixed(Canned::InvalidInput);
    };
    let sent_key = text(fields, "totp_secret");
    if fields.contains_key("totp_secret") && !sent_key.is_some_and(is_normal_key) {
        return fixed(Canned::InvalidInput);
    }
    if fields.contains_key("email") && !text(fields, "email").is_some_and(|email| email.contains('@')) {
        return fixed(Canned::InvalidInput);
    }
    let country = text(fields, "proxy_country");
    if fields.contains_key("proxy_country") && !country.is_some_and(is_country) {
        return fixed(Canned::InvalidInput);
    }
    if let Some(hold) = &account.cooldown {
        let left = hold.until.saturating_duration_since(Instant::now());
        if !left.is_zero() {
            return canned::cooldown(&hold.reason, left.as_secs_f64().ceil() as u64);
        }
    }
    // "Replaces the stored key": nothing says that a failed login would keep the old one.
    let key = sent_key.map(str::to_owned).or_else(|| account.stored_key.clone());
    let in_order = xquik.x.lets_in(&account.handle, password, key.as_deref());
    let now = xquik.clock.iso();
    xquik.change(&account.id, |account| {
        account.stored_key = key;
        account.cooldown = None;
        account.updated_at.clone_from(&now);
        if !in_order {
            account.health = "needsReauth".to_owned();
            return;
        }
        account.connected_at = Some(now);
        // A login does not undo what X did to the account.
        if !matches!(account.health.as_str(), "locked" | "suspended") {
            account.health = "healthy".to_owned();
        }
    });
    match xquik.account(&account.id) {
        Some(account) if in_order => wire::json(200, &account.summary()),
        _ => fixed(Canned::LoginFailed),
    }
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// Upper-case base32 and nothing else: Longkey has to normalise before it sends.
fn is_normal_key(key: &str) -> bool {
    key.len() >= SHORTEST_KEY && keys::decode(key).is_some()
}

fn is_country(country: &str) -> bool {
    country.len() == 2 && country.bytes().all(|letter| letter.is_ascii_uppercase())
}

/// The effect of an ordered success.
pub(crate) fn ordered(xquik: &XquikState, canned: Canned, id: &str, request: &Recorded) {
    let mut after = json!({});
    if !canned.edit(&mut after) || canned == Canned::WrongId {
        return;
    }
    let sent = request.json().and_then(|body| Some(body.get("totp_secret")?.as_str()?.to_owned()));
    let now = xquik.clock.iso();
    xquik.change(id, |account| {
        if let Some(health) = after["health"].as_str() {
            account.health = health.to_owned();
        }
        account.stored_key = sent.or(account.stored_key.take());
        account.connected_at = Some(now.clone());
        account.updated_at = now;
    });
}

/// The answer, made too long where that was ordered.
pub(crate) fn sized(canned: Canned, route: Route, answer: Answer) -> Answer {
    if !matches!(canned, Canned::TooLarge | Canned::TooLargeInChunks) {
        return answer;
    }
    let length = if route == Route::List { LIST_TOO_LONG } else { OTHER_TOO_LONG };
    answer.map(|body| {
        // White space behind the value keeps it valid JSON.
        let mut bytes = body.into_bytes().to_vec();
        bytes.resize(length, b' ');
        let body = AnswerBody::new(bytes);
        if canned == Canned::TooLargeInChunks { body.length_untold() } else { body }
    })
}
