//! The pages' `localStorage`: what this profile remembers of the pages themselves (colours, language, what was agreed to, notes
//! that were put away). Nothing secret, and nothing of the vault: that is the background's alone.

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

/// What was chosen; empty if nothing was.
#[must_use]
pub fn kept(name: &str) -> String {
    storage().and_then(|it| it.get_item(name).ok().flatten()).unwrap_or_default()
}

/// Keeps a choice; an empty one is none.
pub fn keep(name: &str, chosen: &str) {
    if let Some(storage) = storage() {
        // A browser that keeps nothing shows the choice until the page is closed, and asks again what was agreed to.
        let _ = if chosen.is_empty() { storage.remove_item(name) } else { storage.set_item(name, chosen) };
    }
}

/// Everything goes.
pub fn clear() {
    if let Some(storage) = storage() {
        // A browser that keeps nothing has nothing to take away.
        let _ = storage.clear();
    }
}
