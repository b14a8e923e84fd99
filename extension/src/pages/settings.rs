//! Settings: ways to open, locking, backup and bin, the service, how it looks, what leaves the browser. Nothing here is a
//! promise for later.

use super::words::counted;
use super::{Face, Screen, dom, ways};
use crate::browser::{commands, i18n, runtime};
use longkey_core::protocol::{LockAfter, Question, VaultState};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlSelectElement};

/// Where `page.js` reads the choice before the first paint.
const THEME: &str = "theme";

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
        let chosen = storage().and_then(|it| it.get_item(THEME).ok().flatten()).unwrap_or_default();
        if let Some(field) = face.slot("theme").dyn_ref::<HtmlSelectElement>() {
            field.set_value(&chosen);
        }
        Self
    }
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

impl Screen for Settings {
    fn refresh(&self, face: &'static Face) {
        let Some(view) = face.view() else { return };
        ways::show(face, &view);
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
        let connect = face.slot("connect");
        match view.xquik() {
            Some(xquik) => {
                let count = xquik.accounts().count_all();
                dom::say(&face.slot("xquik"), "is_connected", &[&counted("connected", count)]);
                dom::say(&connect, "accounts", &[]);
            }
            None => {
                dom::say(&face.slot("xquik"), "not_connected", &[]);
                dom::say(&connect, "connect_xquik", &[]);
            }
        }
    }

    fn act(&self, face: &'static Face, act: &str, on: &Element) {
        if act == "add-passkey" {
            ways::add_passkey(face, on);
        }
    }

    fn changed(&self, face: &'static Face, on: &Element) {
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
        if let Some(storage) = storage() {
            // A browser that keeps nothing shows the choice until the page is closed.
            let _ = storage.set_item(THEME, &chosen);
        }
        if let Some(html) = dom::document().document_element() {
            dom::set(&html, "data-theme", &chosen);
        }
    }
}
