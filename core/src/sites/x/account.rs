//! Whose page it is: the account that X's page names, where its parts agree. Pure; the label of a QR code is
//! `sites::qr`'s.
//!
//! A display name is its owner's text and may be another account's handle: of the account switcher only a last line of its
//! own counts, and only below another line (observed in public copies of X's client: name above, handle below).

use super::Place;
use crate::label::Handle;
use crate::protocol::Screen;

/// The account that a screen names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Account {
    /// Nothing names one.
    Untold,
    /// All that name one name this.
    Told(Handle),
    /// They name several: nobody is preselected.
    Unclear,
}

/// Reads the hidden field, the link to the profile and the account switcher. At a login the last two name whoever is
/// signed in already, which is not who is signing in.
#[must_use]
pub fn account(place: Place, screen: &Screen) -> Account {
    let login = matches!(place, Place::Login | Place::Onboarding);
    let around = |text| if login { None } else { text };
    let field = screen.handle.as_deref().and_then(|it| Handle::parse(it).ok());
    let profile = around(screen.profile.as_deref()).and_then(|it: &str| exact(it.strip_prefix('/')?));
    let switcher = around(screen.switcher.as_deref()).and_then(signed_in);
    let mut told = [field, profile, switcher].into_iter().flatten();
    match told.next() {
        None => Account::Untold,
        Some(first) if told.all(|it| it == first) => Account::Told(first),
        Some(_) => Account::Unclear,
    }
}

/// Nothing around it: `Handle::parse` is for what people type.
fn exact(name: &str) -> Option<Handle> {
    Handle::parse(name).ok().filter(|it| it.as_str() == name)
}

/// The handle in the switcher's text.
fn signed_in(text: &str) -> Option<Handle> {
    let (above, last) = text.trim_end_matches('\n').rsplit_once('\n')?;
    let handle = exact(last.strip_prefix('@')?)?;
    above.lines().any(|line| !line.trim().is_empty()).then_some(handle)
}
