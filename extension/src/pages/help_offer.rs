//! Help at the moment when it helps: the links on other screens that lead to a situation, to its few, or to the list of words.

use super::dom;
use super::help::{WORDS, has_backup, has_code, spoken_of};
use super::notes::{self, Tone, note};
use super::route::Route;
use super::words::at;
use crate::browser::i18n;
use crate::browser::seen::View;
use longkey_core::help::{Situation, Trigger};
use longkey_core::protocol::{VaultState, Wanted};
use web_sys::Element;

/// The link that a moment offers: to its situation, to its few, or to the list of words.
fn link(trigger: Trigger) -> Element {
    let link = dom::part("help-link");
    let mut rows = Situation::at(trigger);
    let (first, more) = (rows.next(), rows.next().is_some());
    let place = match first {
        None => WORDS,
        Some(row) if !more => row.slug,
        Some(_) => trigger.slug(),
    };
    let own = first.map(|it| ["help_", it.slug, "_title"].concat()).unwrap_or_default();
    let words = match trigger {
        Trigger::LoginAsks | Trigger::LoginSent => "help_no_code",
        Trigger::KeyIsSixDigits => "help_words",
        Trigger::Filling
        | Trigger::Moving
        | Trigger::Restoring
        | Trigger::BackupFull
        | Trigger::BackupKept
        | Trigger::KeyIsBackupCode
        | Trigger::PasskeyAsked
        | Trigger::CodeRefused => &own,
        _ => "help_this",
    };
    dom::say(&dom::slot(&link, "words"), words, &[]);
    dom::set(&link, "href", &Route::Help(place.into()).print());
    link
}

/// Offers help for these moments, and for no other: what stood there goes. What stays is not drawn anew, as it may have
/// the focus.
pub(super) fn offer(into: &Element, triggers: &[Trigger]) {
    let slugs: Vec<&str> = triggers.iter().map(|it| it.slug()).collect();
    let slugs = slugs.join(" ");
    if into.get_attribute("data-says").as_deref() == Some(&slugs) {
        return;
    }
    dom::set(into, "data-says", &slugs);
    into.set_text_content(None);
    for trigger in triggers {
        dom::append(into, &link(*trigger));
    }
    dom::shown_if(!triggers.is_empty(), into);
}

/// Beside a button that fills: on which host of X it does, and on no other. Where it would be none or two, the link keeps the
/// words of its situation.
pub(super) fn offer_fills(into: &Element, host: Option<&str>) {
    let place = link_to(into, Trigger::Filling);
    let (words, arguments) = match &host {
        Some(host) => ("help_fills_on", core::slice::from_ref(host)),
        None => ("help_phishing_title", Default::default()),
    };
    if place.text_content().is_none_or(|it| it != i18n::message(words, arguments)) {
        dom::say(&place, words, arguments);
    }
}

/// Where the words of a moment's link stand; nowhere if it is not offered.
fn link_to(into: &Element, trigger: Trigger) -> Element {
    let place = Situation::at(trigger).next().map(|it| Route::Help(it.slug.into()).print()).unwrap_or_default();
    let link = ["a[href=\"", &place, "\"]"].concat();
    let link = into.query_selector(&link).ok().flatten().unwrap_or_else(dom::unseen);
    dom::slot(&link, "words")
}

/// Adds the link of a moment to a note.
pub(super) fn on_note(note: &Element, trigger: Trigger) {
    let actions = dom::slot(note, "actions");
    dom::show(&actions);
    dom::append(&actions, &link(trigger));
}

/// X's login asks for a code, and nothing that is saved here answers it: what stands, and where to read on. Nothing
/// while a row or a card of a saved key says more.
pub(super) fn asked(view: &View) -> Option<Element> {
    // A field for text is most often one for the name.
    let login = view.login().filter(|it| it.wants() != Wanted::Text)?;
    let sent = login.wants() == Wanted::Sent;
    let trigger = if sent { Trigger::LoginSent } else { Trigger::LoginAsks };
    let words = match (view.vault(), login.handle()) {
        (VaultState::Trouble, _) => return None,
        (VaultState::Locked, _) if sent => String::new(),
        (VaultState::Locked, _) => i18n::message("help_asked_locked", &[]),
        _ if sent => i18n::message("refusal_code_sent", &[]),
        _ if spoken_of(view).any(|it| has_code(&it)) => return None,
        _ if spoken_of(view).any(|it| has_backup(&it)) => i18n::message("help_here_backup", &[]),
        (_, Some(handle)) => i18n::message("help_asked_none", &[&at(&handle)]),
        (_, None) => i18n::message("help_asked_none_any", &[]),
    };
    let note = note(Tone::Plain, &i18n::message("help_asked_title", &[]), &words);
    on_note(&note, trigger);
    notes::button(&note, "not_now", "asked-away", "");
    Some(note)
}
