//! Which of the two is out of date, the password or the key: what is known of the key, what the user's test on X has shown of
//! it, and a warning before a third try. Parts of the sheet of one account; what is pressed there is the sheet's.

use super::account::{fact, when};
use super::notes::{self, Tone};
use super::words::state;
use super::{Face, dom, now};
use crate::browser::i18n;
use crate::browser::seen::{Account, Past};
use crate::client;
use longkey_core::capture::KeyState;
use longkey_core::protocol::Question;
use std::cell::Cell;

/// From so many refusals in a row on the next try is warned of: a login that fails again and again is paused or locked.
const MANY: u32 = 2;

/// What the user's test on X has shown of the saved key; `accepted` is an answer that changed nothing of it.
pub(super) fn show(face: &'static Face, account: &Account, accepted: &Cell<bool>) {
    let stale = account.key() == Some(KeyState::Stale);
    let works = account.entry().is_some() && account.key() == Some(KeyState::Confirmed);
    let accepted = works && accepted.get();
    dom::shown_if(works, &face.slot("tested"));
    let found = face.slot("found");
    dom::shown_if(stale || accepted, &found);
    found.set_class_name(if stale { "state bad" } else { "state" });
    dom::icon(&face.slot("found-icon"), if stale { "alert" } else { "good" });
    let words = if stale { "which_only_key" } else { "which_only_password" };
    let (words, place) = (i18n::message(words, &[]), face.slot("found-words"));
    if (stale || accepted) && place.text_content().as_deref() != Some(words.as_str()) {
        dom::text(&place, &words);
        dom::announce(&words);
    }
    dom::class(&face.slot("test"), "primary", !stale && !accepted);
    dom::class(&face.slot("reset"), "primary", stale);
    dom::class(&face.slot("change"), "primary", accepted);
}

/// What speaks for the key and what against it: since when it is here, what X said of it, when it worked last, and whether
/// this computer's clock, which its codes go by, is right.
pub(super) fn facts(face: &'static Face, account: &Account) {
    let key = account.key().zip(account.key_since());
    let standing = key.map(|(key, since)| i18n::message(&["standing_", state(key)].concat(), &[&i18n::date(since.0)]));
    fact(face, "fact-standing", Some(standing.unwrap_or_else(|| i18n::message("key_saved_none", &[]))));
    fact(face, "fact-clock", face.view().map(|view| notes::clock_state(&view)));
    client::ask(
        &Question::Past { account: account.id() },
        Box::new(move |answer| {
            let Some(past) = answer.ok().and_then(|it| it.of::<Past>("past")) else { return };
            let said = |it| Some(when(it?, now()));
            fact(face, "fact-saved", said(past.added()));
            fact(face, "fact-worked", said(past.worked()));
        }),
    );
}

/// The warning before the next try.
pub(super) fn warning(account: &Account) -> Option<String> {
    match account.refusals() {
        0..MANY => None,
        MANY => Some(i18n::message("refused_twice", &[])),
        more => Some(i18n::message("refused_often", &[&more.to_string()])),
    }
}

/// Shows it and says it, once for each refusal.
pub(super) fn warn(face: &'static Face, account: &Account, shown: &Cell<u32>) {
    if shown.replace(account.refusals()) == account.refusals() {
        return;
    }
    let place = face.slot("refusals");
    place.set_text_content(None);
    if let Some(words) = warning(account) {
        let note = notes::note(Tone::Warn, "", &words);
        notes::button(&note, "test_on_x", "open", "x_login");
        dom::append(&place, &note);
        dom::announce(&words);
    }
}
