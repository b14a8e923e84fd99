//! Settings: the passphrase, the service, how it looks, what leaves the browser. Nothing here is a promise for later.

use super::words::counted;
use super::{Face, Screen, dom};
use crate::browser::runtime;
use longkey_core::protocol::VaultState;
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
        let (standing, action) = match view.vault() {
            VaultState::None => ("state_none", "set_passphrase"),
            VaultState::NotLocked => ("not_locked", "set_passphrase"),
            VaultState::Unlocked => ("state_unlocked", "change_passphrase"),
            VaultState::Locked => ("state_locked", "unlock"),
            VaultState::Trouble => ("trouble_title", "set_passphrase"),
        };
        dom::say(&face.slot("standing"), standing, &[]);
        let passphrase = face.slot("passphrase");
        dom::say(&passphrase, action, &[]);
        dom::shown_if(view.vault() != VaultState::Trouble, &passphrase);
        dom::shown_if(view.vault() == VaultState::Unlocked, &face.slot("lock"));
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

    fn changed(&self, _: &'static Face, on: &Element) {
        let Some(field) = on.dyn_ref::<HtmlSelectElement>() else { return };
        let chosen = field.value();
        if let Some(storage) = storage() {
            // A browser that keeps nothing shows the choice until the page is closed.
            let _ = storage.set_item(THEME, &chosen);
        }
        if let Some(html) = dom::document().document_element() {
            dom::set(&html, "data-theme", &chosen);
        }
    }
}
