//! What is known of one account at Xquik: its state and since when, the last sign-in from here, and what its health has been.
//! A part of the account's page, beside what `entry` shows of the saved key. Nothing here asks Xquik anything.

use super::words::{time, verdict_title};
use super::{Face, dom, now};
use crate::browser::i18n;
use crate::browser::seen::{Account, Attempt, Past, Tagged};
use crate::client;
use longkey_core::clock::{Span, UnixTime};
use longkey_core::protocol::Question;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// From here on a day of the week names no day any more.
const WEEK: Span = Span::days(6);

/// What was remembered of the account when it was asked for last.
#[derive(Default)]
pub(super) struct Memory {
    past: RefCell<Option<Past>>,
    asked: Cell<Option<u32>>,
}

/// Shows it; asks for what the view does not bring, once for each change of the view.
pub(super) fn show(face: &'static Face, account: &Account, memory: &Rc<Memory>) {
    facts(face, account, memory.past.borrow().as_ref());
    if memory.asked.replace(Some(face.news())) == Some(face.news()) {
        return;
    }
    let (memory, account) = (Rc::clone(memory), account.clone());
    client::ask(
        &Question::Past { account: account.id() },
        Box::new(move |answer| {
            if let Some(past) = answer.ok().and_then(|it| it.of::<Past>("past")) {
                facts(face, &account, Some(&past));
                *memory.past.borrow_mut() = Some(past);
            }
        }),
    );
}

fn facts(face: &'static Face, account: &Account, past: Option<&Past>) {
    let moment = now();
    let xquik = since(account, moment).unwrap_or_else(|| health(account));
    fact(face, "xquik", Some(xquik));
    let connected = account.connected().map(|it| js_sys::Date::parse(&it));
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a date is far below 2^53 ms
    fact(face, "connected", connected.filter(|it| it.is_finite() && *it > 0.0).map(|it| i18n::date(it as u64)));
    let Some(past) = past else { return };
    let pair = |first: &str, second: &str| i18n::message("two_facts", &[first, second]);
    let last = past.last().map(|it| pair(&when(it.sent(), moment), &outcome(account, &it, moment)));
    fact(face, "last", last);
    fact(face, "country", past.country().map(|it| i18n::country(&it)));
    fact(face, "worked", past.worked().map(|it| when(it, moment)));
    let list = face.slot("turns");
    list.set_text_content(None);
    for turn in past.turns() {
        let item = dom::element("li");
        dom::text(&item, &pair(&when(turn.at(), moment), &turned(turn.health().code())));
        dom::append(&list, &item);
    }
    dom::shown_if(list.child_element_count() > 0, &face.slot("past"));
}

/// "Needs sign-in since 14:32", where that was seen.
pub(super) fn since(account: &Account, moment: UnixTime) -> Option<String> {
    account.since().map(|it| i18n::message("since", &[&turned(account.health().code()), &when(it, moment)]))
}

/// A term of the facts and what it says; nothing hides both.
pub(super) fn fact(face: &'static Face, slot: &str, words: Option<String>) {
    let (term, value) = (face.slot(&[slot, "-term"].concat()), face.slot(slot));
    dom::shown_if(words.is_some(), &term);
    dom::shown_if(words.is_some(), &value);
    dom::text(&value, &words.unwrap_or_default());
}

fn health(account: &Account) -> String {
    i18n::message(&["health_", account.health().code()].concat(), &[])
}

/// A state in a word or two.
fn turned(code: &str) -> String {
    i18n::message(&["turn_", code].concat(), &[])
}

/// The time, or the day where that was long ago.
pub(super) fn when(then: UnixTime, moment: UnixTime) -> String {
    if moment.since(then) > WEEK { i18n::date(then.0) } else { time(then, moment) }
}

fn outcome(account: &Account, attempt: &Attempt, moment: UnixTime) -> String {
    let outcome = attempt.outcome();
    if outcome.word() != "answered" {
        return i18n::message(&["account_", &outcome.word()].concat(), &[]);
    }
    let verdict: Tagged = outcome.field("verdict");
    verdict_title(&account.handle(), &verdict, verdict.field("until"), moment)
}
