//! The diagnostic text on the screen, before it is a file. What can stand in it is decided by `longkey_core::diagnostic`:
//! here things are counted.

use super::{Face, Screen, dom, now, trouble, words};
use crate::browser::permissions::{self, Answered, Right};
use crate::browser::seen::{Account, Entry, View};
use crate::browser::{runtime, used};
use crate::client;
use longkey_core::capture::KeyState;
use longkey_core::clock::UnixTime;
use longkey_core::diagnostic::{Diagnostic, HEALTHS, Line, OUTCOMES, known};
use longkey_core::protocol::{CodeState, VaultState};
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
use std::cell::Cell;
use std::rc::Rc;
use web_sys::Element;

/// Languages that have words of ours, as the page is marked with them (BCP 47).
const LANGUAGES: &[&str] =
    &["en", "es", "pt-BR", "fr", "de", "it", "tr", "ja", "ko", "zh-CN", "zh-TW", "ar", "he", "hi", "id", "ru"];
/// What may be taken back, or was never granted.
const RIGHTS: [(&str, &str, &[&str]); 5] = [
    ("x.com", "origins", permissions::X),
    ("xquik.com", "origins", permissions::XQUIK),
    ("api.fansapi.com", "origins", permissions::FANS),
    ("app.onlyfansapi.com", "origins", permissions::FANS_OLD),
    ("notifications", "permissions", permissions::NOTIFICATIONS),
];
/// When locking is due, where that is not a number of minutes.
const LOCKS: &[&str] = &["closed", "restart"];
/// How far a new account is.
const STAGES: &[&str] = &["running", "unknown", "pending", "late", "code", "sending", "connected", "failed"];

/// What the browser tells later.
#[derive(Default)]
struct Told {
    rights: [Cell<Option<bool>>; RIGHTS.len()],
    local: Cell<Option<u32>>,
    session: Cell<Option<u32>>,
}

/// The screen.
pub struct Diagnostics(Rc<Told>);

impl Diagnostics {
    /// Opens it.
    pub fn open(face: &'static Face) -> Self {
        face.lay("diagnostics");
        let told = Rc::new(Told::default());
        for (at, (_, kind, names)) in RIGHTS.iter().enumerate() {
            let told = Rc::clone(&told);
            permissions::has(&Right::of(kind, names), Answered::No, move |granted| {
                told.rights[at].set(Some(granted));
                draw(face, &told);
            });
        }
        let (local, session) = (Rc::clone(&told), Rc::clone(&told));
        used::local(move |bytes| {
            local.local.set(bytes);
            draw(face, &local);
        });
        used::session(move |bytes| {
            session.session.set(bytes);
            draw(face, &session);
        });
        Self(told)
    }
}

impl Screen for Diagnostics {
    fn refresh(&self, face: &'static Face) {
        draw(face, &self.0);
    }

    fn act(&self, face: &'static Face, act: &str, _: &Element) {
        if act == "save-diagnostic" {
            let text = face.slot("diagnostic").text_content().unwrap_or_default();
            let name = ["longkey-diagnostic-", &words::day(), ".txt"].concat();
            trouble::save(&face.find("[data-wrong-here]"), &name, &Secret::new(text));
        }
    }
}

fn draw(face: &'static Face, told: &Told) {
    let mut it = Diagnostic::default();
    it.part("longkey");
    it.version("version", &runtime::version());
    let firefox = runtime::is_firefox();
    it.version(
        if firefox { "firefox" } else { "chromium" },
        &used::browser_version(if firefox { "Firefox/" } else { "Chrome/" }),
    );
    let language = dom::document().document_element().and_then(|it| it.get_attribute("lang")).unwrap_or_default();
    it.line("language", Line::Word(known(&language, LANGUAGES)));
    let answers = !face.is_silent();
    it.line("background answers", Line::Is(answers));
    it.part("browser");
    for ((name, ..), granted) in RIGHTS.iter().zip(&told.rights) {
        it.line(name, granted.get().map_or(Line::Unknown, Line::Is));
    }
    for (name, bytes) in [("storage.local, bytes", &told.local), ("storage.session, bytes", &told.session)] {
        it.line(name, bytes.get().map_or(Line::Unknown, Line::Count));
    }
    if let Some(view) = face.view() {
        about(&mut it, &view, now());
    }
    // Another screen may be there by now; then its slot is nowhere.
    dom::text(&face.slot("diagnostic"), it.text());
}

/// What the view says, in numbers.
pub fn about(it: &mut Diagnostic, view: &View, now: UnixTime) {
    it.part("vault");
    let vault = match view.vault() {
        VaultState::None => "none",
        VaultState::NotLocked => "not locked",
        VaultState::Unlocked => "unlocked",
        VaultState::Locked => "locked",
        VaultState::Trouble => "trouble",
    };
    it.line("state", Line::Word(vault));
    if let Some(trouble) = view.trouble() {
        it.line("trouble", Line::Word(known(&client::snake(&trouble.word()), Refusal::CODES)));
    }
    for way in ["passphrase", "recovery", "passkey"] {
        it.line(way, Line::Is(view.way(way).is_some()));
    }
    it.line("opened by recovery code", Line::Is(view.recovered()));
    it.line("set aside", Line::Is(view.quarantined()));
    let after = view.lock_after();
    let word = after.word();
    it.line(
        "locks after",
        if word == "minutes" { Line::Count(after.content()) } else { Line::Word(known(&word, LOCKS)) },
    );
    it.line("not in a backup", Line::Count(view.unsaved()));
    it.line("backup made", view.backup().map_or(Line::Word("never"), |at| Line::Ago(now.since(at))));

    it.part("accounts saved here");
    let entries = |of: fn(&Entry) -> bool| Line::Count(count(view.entries().filter(of)));
    let is = |it: &Entry, state| it.current().or_else(|| it.waiting()).is_some_and(|it| it.state() == state);
    it.line("all", Line::Count(view.entries().count_all()));
    for (name, state) in [
        ("pending", KeyState::Pending),
        ("matched", KeyState::Matched),
        ("confirmed", KeyState::Confirmed),
        ("stale", KeyState::Stale),
    ] {
        it.line(name, Line::Count(count(view.entries().filter(|it| is(it, state)))));
    }
    it.line("with a second key that waits", entries(|it| it.current().is_some() && it.waiting().is_some()));
    it.line("in doubt", entries(|it| it.doubt().is_some()));
    for (name, state) in [
        ("backup codes unused", CodeState::Unused),
        ("used", CodeState::Used),
        ("void", CodeState::Void),
        ("unknown", CodeState::Unknown),
    ] {
        it.line(name, Line::Count(count(view.entries().flat_map(|it| it.backup()).filter(|it| it.state() == state))));
    }
    it.line("in the bin", Line::Count(view.bin().count_all()));
    it.line("keys seen and not saved", Line::Count(count(view.drafts().filter(|it| !it.kept()))));
    it.line("checklists", Line::Count(view.resets().count_all()));

    it.part("xquik");
    it.line("workspaces", Line::Count(view.xquik().count_all()));
    for workspace in view.xquik() {
        it.line("listed", workspace.checked().map_or(Line::Word("never"), |at| Line::Ago(now.since(at))));
        if let Some(trouble) = workspace.trouble() {
            it.line("listing", Line::Word(known(&trouble.word(), OUTCOMES)));
        }
    }
    let accounts = || view.xquik().flat_map(|it| it.accounts());
    it.line("accounts", Line::Count(count(accounts())));
    for health in HEALTHS {
        it.line(health, Line::Count(count(accounts().filter(|it| it.health().code() == *health))));
    }
    it.line("with a key here", Line::Count(count(accounts().filter(|it| it.entry().is_some()))));
    it.part("last sign-ins");
    for outcome in OUTCOMES {
        let of = || accounts().filter_map(|it| sign_in(&it)).filter(|(word, _)| word == outcome);
        it.times(outcome, count(of()), of().map(|(_, at)| at).max().unwrap_or_default(), now);
    }
    it.part("new accounts");
    for stage in STAGES {
        let of = || view.connections().filter(|it| it.stage() == *stage);
        it.times(stage, count(of()), of().map(|it| it.sent()).max().unwrap_or_default(), now);
    }

    it.part("fansly");
    it.line("connected", Line::Is(view.fansly().is_some()));
    if let Some(fansly) = view.fansly() {
        it.line("old address", Line::Is(fansly.old()));
        it.line("listed", fansly.checked().map_or(Line::Word("never"), |at| Line::Ago(now.since(at))));
        it.line("status", fansly.status().map_or(Line::Word("none"), Line::Count));
        it.line("accounts", Line::Count(fansly.accounts().count_all()));
        it.line("signed in", Line::Count(count(fansly.accounts().filter(|it| it.signed_in()))));
    }

    it.part("settings");
    it.line("notifications", Line::Is(view.notify()));
    it.line("without names", Line::Is(view.hide_names()));
    it.line("watches while locked", Line::Is(view.watch_locked()));
    it.line("popup stays shut", Line::Is(view.stays_shut()));
    it.line("clock compared", view.clock_at().map_or(Line::Word("never"), |at| Line::Ago(now.since(at))));
    // Below what is told of a clock that was compared stands nothing: then it is right.
    let right = view.clock_at().map_or(Line::Unknown, |_| Line::Word("right"));
    it.line("clock", view.clock().map_or(right, Line::Ahead));
}

fn count<T>(all: impl Iterator<Item = T>) -> u32 {
    u32::try_from(all.count()).unwrap_or(u32::MAX)
}

/// What became of an account's last sign-in from here, and when.
fn sign_in(account: &Account) -> Option<(String, UnixTime)> {
    let attempt = account.attempt()?;
    let outcome = attempt.outcome();
    let word = outcome.word();
    if word == "answered" {
        let verdict: crate::browser::seen::Tagged = outcome.field("verdict");
        return Some((verdict.word(), outcome.field("at")));
    }
    Some((word, attempt.sent()))
}
