//! Moving a key to a phone: the QR code of one account's key, after the passphrase, and only while a button is held.
//!
//! The drawing is made when the button goes down and taken out of the page when it comes up, when the page loses the focus or is
//! hidden, and when the screen is left; the worker that drew it ends with it. Deliberately without a way of keeping it on the
//! screen, copying or saving it.

use super::derive::Form;
use super::events::Hears;
use super::notes::Lost;
use super::words::at;
use super::{Face, New, Screen, dom, events};
use crate::browser::i18n;
use crate::browser::qr_worker::Drawer;
use crate::browser::seen::Row;
use longkey_core::clock::UnixTime;
use longkey_core::label::Id;
use longkey_core::otpauth::Otpauth;
use longkey_core::protocol::{Question, VaultState};
use longkey_core::secret::Secret;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Event, EventTarget, KeyboardEvent};

/// Who issued the keys of X, as X's own QR codes say.
const ISSUER: &str = "X";

/// The screen.
pub(super) struct Phone {
    id: Id,
    laid: Cell<bool>,
    /// Whether nothing had to be asked for.
    open: Cell<bool>,
    hold: Rc<Hold>,
    /// Of the page and its window: they outlive the screen.
    hears: RefCell<Vec<Hears>>,
}

/// What is held.
#[derive(Default)]
struct Hold {
    drawer: RefCell<Option<Drawer>>,
    /// The number of the press that lasts; a drawing for an earlier one comes too late.
    lasts: Cell<Option<u32>>,
    presses: Cell<u32>,
}

impl Phone {
    /// Opens it.
    pub(super) fn open(face: &'static Face, id: Id) -> Self {
        face.root.set_text_content(None);
        Self { id, laid: Cell::new(false), open: Cell::new(false), hold: Rc::default(), hears: RefCell::default() }
    }

    fn lay(&self, face: &'static Face, handle: &str) {
        face.lay("phone");
        dom::say(&face.slot("whose"), "phone_whose", &[&at(handle)]);
        dom::set(&face.slot("qr"), "aria-label", &i18n::message("phone_qr", &[&at(handle)]));
        let open = face.view().is_some_and(|it| it.vault() == VaultState::NotLocked);
        dom::shown_if(open, &face.slot("open"));
        self.hears.replace(listen(face, self.id, &self.hold));
        self.open.set(open);
        face.stage(if open { "ready" } else { "ask" });
        if open {
            self.hold.drawer.replace(Drawer::new());
        }
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        self.hold.lasts.take();
        self.hold.drawer.take();
    }
}

/// The key in use; while a checklist goes on, the one that takes its place.
fn row(face: &'static Face, id: Id) -> Option<Row> {
    let view = face.view()?;
    let handle = view.entries().find(|it| it.id() == id)?.handle();
    let resets = view.resets().any(|it| it.handle().eq_ignore_ascii_case(&handle));
    face.row(id, if resets { New::First } else { New::Last })
}

/// The address of a key, as authenticator apps read it.
fn address(row: &Row) -> Option<Secret> {
    let (key, recipe) = (row.key()?, row.recipe());
    let label = at(&row.handle().unwrap_or_default());
    Some(Otpauth { issuer: Some(ISSUER.into()), label, key, recipe }.print())
}

/// Hears the button, and what of the page ends it.
fn listen(face: &'static Face, id: Id, hold: &Rc<Hold>) -> Vec<Hears> {
    let button = face.slot("hold");
    let on = |target: &EventTarget, name: &str, does: fn(&'static Face, Id, &Rc<Hold>, &Event)| {
        let hold = Rc::clone(hold);
        events::on(target, name, move |event| does(face, id, &hold, event));
    };
    on(&button, "pointerdown", |face, id, hold, _| show(face, id, hold));
    on(&button, "keydown", |face, id, hold, event| {
        if let Some(event) = event.dyn_ref::<KeyboardEvent>().filter(|it| matches!(it.key().as_str(), " " | "Enter")) {
            // Held, it comes again and again; and the page would scroll.
            event.prevent_default();
            if !event.repeat() {
                show(face, id, hold);
            }
        }
    });
    for name in ["pointerup", "pointercancel", "pointerleave", "keyup", "blur"] {
        on(&button, name, |face, _, hold, _| hide(face, hold));
    }
    // Held on a touch screen, a menu would open.
    on(&button, "contextmenu", |_, _, _, event| event.prevent_default());
    let ends = |target: &EventTarget, name: &'static str| {
        let hold = Rc::clone(hold);
        Hears::of(target, name, move |_| hide(face, &hold))
    };
    let window = web_sys::window();
    let window = window.iter().flat_map(|it| ["blur", "pagehide"].map(|name| ends(it, name)));
    window.chain([ends(&dom::document(), "visibilitychange")]).collect()
}

fn show(face: &'static Face, id: Id, hold: &Rc<Hold>) {
    let button = face.slot("hold");
    // Not everywhere does a press give a button the focus; without it nothing would tell that it went.
    dom::focus(&button);
    let Some(address) = row(face, id).as_ref().and_then(address) else { return };
    let wrong = face.find("[data-wrong-here]");
    dom::hide(&wrong);
    let press = hold.presses.get().wrapping_add(1);
    hold.presses.set(press);
    hold.lasts.set(Some(press));
    let lasting = Rc::clone(hold);
    if hold.drawer.borrow().is_none() {
        hold.drawer.replace(Drawer::new());
    }
    let drawer = hold.drawer.borrow();
    let Some(drawer) = drawer.as_ref() else { return dom::reveal(&wrong, "phone_failed") };
    drawer.draw(&address, move |drawn| {
        if lasting.lasts.get() != Some(press) {
            return;
        }
        let Some((side, path)) = drawn else { return dom::reveal(&wrong, "phone_failed") };
        let (place, side) = (face.slot("qr"), side.to_string());
        dom::set(&place, "viewBox", &["0 0 ", &side, " ", &side].concat());
        dom::set(&face.slot("path"), "d", path.expose());
        dom::show(&place);
        dom::hide(&face.slot("hidden"));
        dom::announce(&i18n::message("phone_shown", &[]));
    });
}

/// Takes the drawing out of the page, and ends the worker that knows it; another one gets ready.
fn hide(face: &'static Face, hold: &Rc<Hold>) {
    if hold.lasts.take().is_none() {
        return;
    }
    let _ = face.slot("path").remove_attribute("d");
    dom::hide(&face.slot("qr"));
    dom::show(&face.slot("hidden"));
    hold.drawer.replace(Drawer::new());
    dom::announce(&i18n::message("phone_hidden", &[]));
}

impl Screen for Phone {
    fn refresh(&self, face: &'static Face) {
        let Some(view) = face.view() else { return };
        let entry = view.entries().find(|it| it.id() == self.id);
        let Some(entry) = entry.filter(|_| row(face, self.id).is_some()) else {
            hide(face, &self.hold);
            Lost::open(face, "lost_code");
            self.laid.set(false);
            return;
        };
        // There is a passphrase now, set on another page: it is asked for.
        let asks_now = self.open.get() && view.vault() != VaultState::NotLocked;
        if asks_now {
            hide(face, &self.hold);
        }
        if !self.laid.replace(true) || asks_now {
            self.lay(face, &entry.handle());
        }
    }

    fn tick(&self, face: &'static Face, _: UnixTime) {
        // The vault has locked itself meanwhile.
        if row(face, self.id).is_none() {
            hide(face, &self.hold);
        }
    }

    fn submit(&self, face: &'static Face, _: &str) {
        // The button of this screen: when the answer comes, another account's may be there.
        let (hold, button) = (Rc::clone(&self.hold), face.slot("hold"));
        Form::named(face, "phone").ask(
            face,
            "checking",
            Question::UnlockTerms,
            Box::new(|terms, derived| Question::CheckPassphrase { slot: terms.slot, derived }),
            Box::new(move |_, _| {
                if button.is_connected() {
                    hold.drawer.replace(Drawer::new());
                    face.stage("ready");
                    dom::focus(&button);
                }
            }),
        );
    }
}
