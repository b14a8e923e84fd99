//! Settings: ways to open, locking, watching, how it looks and opens, the clock, what the browser allows, what leaves it, backup
//! and bin. Nothing here is a promise for later.

use super::words::{counted, time};
use super::{Face, Screen, dom, events, language, notes, now, rights, watching, ways};
use crate::browser::seen::View;
use crate::browser::{choices, commands, i18n, runtime};
use longkey_core::protocol::{LockAfter, Question, VaultState};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlSelectElement};

/// Where `page.js` reads these choices before the first paint. They are this browser's, not the vault's.
const THEME: &str = "theme";
const HANDLES: &str = "handles";
/// What [`HANDLES`] says where they are not to be read over a shoulder.
const HIDDEN: &str = "hidden";

/// The settings.
pub struct Settings;

impl Settings {
    /// Opens it.
    pub fn open(face: &'static Face) -> Self {
        face.lay("settings");
        dom::fill(&face.slot("leaves"), &dom::fragment("leaves"));
        dom::say(&face.slot("version"), "version", &[&runtime::version()]);
        // Firefox does not tell extensions when the screen is locked.
        let also = if runtime::is_firefox() { "locks_when_idle" } else { "locks_with_screen" };
        dom::say(&face.slot("locks-also"), also, &[]);
        let shortcut = face.slot("shortcut");
        commands::shortcut("lock", move |keys| {
            dom::text(&shortcut, &if keys.is_empty() { keys } else { i18n::message("shortcut", &[&keys]) });
        });
        if let Some(field) = face.slot("theme").dyn_ref::<HtmlSelectElement>() {
            field.set_value(&choices::kept(THEME));
        }
        language::show(face);
        dom::input("hide-handles").set_checked(hides());
        dom::input("slash").set_checked(choices::kept(events::SLASH).is_empty());
        rights::lay(face);
        Self
    }
}

/// Whether names are hidden on the screen.
pub(super) fn hides() -> bool {
    choices::kept(HANDLES) == HIDDEN
}

/// Keeps a choice of how pages look, and shows it at once.
fn choose(name: &str, value: &str) {
    choices::keep(name, value);
    if let Some(html) = dom::document().document_element() {
        dom::set(&html, &["data-", name].concat(), value);
    }
}

/// What is known of this computer's clock, and by whose answers.
fn clock(face: &'static Face, view: &View) {
    let (xquik, fansly) = (view.xquik().count_all() > 0, view.fansly().is_some());
    dom::text(&face.slot("clock-state"), &notes::clock_state(view));
    let at = view.clock_at().map(|at| time(at, now())).unwrap_or_default();
    let name = i18n::message("xquik", &[]);
    let by = match (xquik, fansly) {
        _ if at.is_empty() => String::new(),
        (true, true) => i18n::message("settings_clock_by_both", &[&name, FANS, &at]),
        (true, false) => i18n::message("settings_clock_by", &[&name, &at]),
        _ => i18n::message("settings_clock_by", &[FANS, &at]),
    };
    dom::text(&face.slot("clock-by"), &by);
}

/// A name, in every language.
pub(super) const FANS: &str = "Fans API";

/// The heading that a link of the index leads to.
fn part(link: &Element) -> Option<Element> {
    dom::document().get_element_by_id(&link.get_attribute("data-to")?)
}

impl Screen for Settings {
    fn refresh(&self, face: &'static Face) {
        let Some(view) = face.view() else { return };
        ways::show(face, &view);
        watching::show(face, &view);
        clock(face, &view);
        dom::input("opens-itself").set_checked(!view.stays_shut());
        let open = view.vault() == VaultState::Unlocked;
        dom::shown_if(open, &face.slot("lock"));
        dom::shown_if(open, &face.slot("locking"));
        let after = view.lock_after();
        let minutes = if after.word() == "minutes" { after.content::<u32>().to_string() } else { after.word() };
        if let Some(field) = face.slot("lock-after").dyn_ref::<HtmlSelectElement>() {
            field.set_value(&minutes);
        }
        let known = !matches!(view.vault(), VaultState::None | VaultState::Locked | VaultState::Trouble);
        dom::shown_if(known, &face.slot("keeping"));
        let unsaved = (view.unsaved() > 0).then(|| counted("unsaved", view.unsaved()));
        let last = view.backup().map(|it| i18n::message("last_backup", &[&i18n::date(it.0)]));
        dom::text(&face.slot("unsaved"), &unsaved.or(last).unwrap_or_else(|| i18n::message("no_backup", &[])));
        let binned = view.bin().count_all();
        let words = if binned == 0 { i18n::message("bin_empty", &[]) } else { counted("bin", binned) };
        dom::text(&face.slot("bin"), &words);
        dom::shown_if(view.quarantined(), &face.slot("quarantined"));
        let fansly = view.fansly().map(|it| it.accounts().count_all());
        match fansly {
            Some(count) => dom::say(&face.slot("fansly"), "is_connected", &[&counted("connected", count)]),
            None => dom::say(&face.slot("fansly"), "not_connected", &[]),
        }
        let open_fansly = if fansly.is_some() { "accounts" } else { "connect_fansly" };
        dom::say(&face.slot("fansly-open"), open_fansly, &[]);
        let connect = face.slot("connect");
        if view.xquik().count_all() == 0 {
            dom::say(&face.slot("xquik"), "not_connected", &[]);
            dom::say(&connect, "connect_xquik", &[]);
        } else {
            let count = view.xquik().map(|it| it.accounts().count_all()).sum();
            dom::say(&face.slot("xquik"), "is_connected", &[&counted("connected", count)]);
            dom::say(&connect, "accounts", &[]);
        }
        // A link leads to what is there.
        dom::each(&face.root, "[data-act=jump]", |link| {
            let to = part(&link);
            let there = to.and_then(|it| it.closest("[hidden]").ok()).is_some_and(|hidden| hidden.is_none());
            dom::shown_if(there, &link);
        });
    }

    fn act(&self, face: &'static Face, act: &str, on: &Element) {
        match act {
            "add-passkey" => ways::add_passkey(face, on),
            "allow-right" | "take-back-right" => rights::act(face, act, on),
            "jump" => {
                if let Some(part) = part(on) {
                    part.scroll_into_view();
                    dom::focus(&part);
                }
            }
            _ => {}
        }
    }

    fn changed(&self, face: &'static Face, on: &Element) {
        if on.id().starts_with("watch-") {
            return watching::changed(face, on);
        }
        if on.id() == "opens-itself" {
            let question = Question::StaysShut(!dom::input("opens-itself").checked());
            return face.ask(&question, face.slot("opens-wrong"), |_| {});
        }
        if on.id() == "hide-handles" {
            choose(HANDLES, if dom::input("hide-handles").checked() { HIDDEN } else { "" });
            return self.refresh(face);
        }
        if on.id() == "slash" {
            return choices::keep(events::SLASH, if dom::input("slash").checked() { "" } else { "off" });
        }
        let Some(field) = on.dyn_ref::<HtmlSelectElement>() else { return };
        let chosen = field.value();
        if on.id() == "lock-after" {
            let after = match chosen.as_str() {
                "closed" => LockAfter::Closed,
                "restart" => LockAfter::Restart,
                minutes => minutes.parse().map_or_else(|_| LockAfter::default(), LockAfter::Minutes),
            };
            return face.ask(&Question::LockAfter(after), face.find("[data-wrong]"), |_| {});
        }
        if on.id() == "language" {
            return language::changed(chosen);
        }
        if on.id() == "theme" {
            choose(THEME, &chosen);
        }
    }
}
