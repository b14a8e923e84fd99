//! The settings' block "Watching": who is told of an account that lost its sign-in, and whether a locked vault goes on
//! watching.

use super::words::refuse;
use super::{Face, dom, settings};
use crate::browser::permissions::{self, Answered, Right};
use crate::browser::seen::View;
use crate::client::{self, Answer, Failure};
use longkey_core::protocol::{Question, VaultState};
use longkey_core::refusal::Refusal;
use web_sys::{Element, HtmlInputElement};

/// On the field of a choice that needs no question of the browser's any more.
const ALLOWED: &str = "data-allowed";

fn notifications() -> Right {
    Right::of("permissions", permissions::NOTIFICATIONS)
}

/// Shows the choices as they stand.
pub(super) fn show(face: &'static Face, view: &View) {
    let open = matches!(view.vault(), VaultState::Unlocked | VaultState::NotLocked);
    dom::shown_if(open && view.xquik().count_all() > 0, &face.slot("watching"));
    // Without a passphrase nothing is ever locked.
    dom::shown_if(view.vault() == VaultState::Unlocked, &face.slot("watch-locked"));
    // Names that are hidden on the screen are in no notification either, also where that was chosen while nothing could be kept.
    let hidden = settings::hides();
    dom::input("watch-hide").set_checked(hidden || view.hide_names());
    if hidden && !view.hide_names() {
        let (notify, watch_locked) = (view.notify(), view.watch_locked());
        let question = Question::Watching { notify, hide_names: true, watch_locked };
        let told = move |done: Result<Answer, Failure>| {
            if done.is_ok() {
                face.ask_again();
            }
        };
        client::ask(&question, Box::new(told));
    }
    dom::input("watch-when-locked").set_checked(view.watch_locked());
    let wanted = view.notify();
    permissions::has(&notifications(), Answered::No, move |may| {
        // Taken back in the browser's own settings: nothing is shown any more, whatever was chosen here.
        let field = dom::input("watch-notify");
        field.set_checked(wanted && may);
        dom::flag(&field, ALLOWED, may);
        dom::flag(&dom::input("watch-hide"), "disabled", hidden || !(wanted && may));
    });
}

/// A choice was made.
pub(super) fn changed(face: &'static Face, on: &Element) {
    let field = dom::input("watch-notify");
    let asks = on.id() == "watch-notify" && field.checked() && !field.has_attribute(ALLOWED);
    if !asks {
        return save(face);
    }
    dom::hide(&face.slot("watch-wrong"));
    // Before anything is awaited: the browser asks only while the click is fresh.
    permissions::grant(&notifications(), move |granted| {
        field.set_checked(granted);
        if granted {
            save(face);
        } else {
            refuse(&face.slot("watch-wrong"), Refusal::NoNotifications);
        }
    });
}

fn save(face: &'static Face) {
    let chosen = |id: &str| -> bool {
        let field: HtmlInputElement = dom::input(id);
        field.checked()
    };
    let question = Question::Watching {
        notify: chosen("watch-notify"),
        hide_names: chosen("watch-hide"),
        watch_locked: chosen("watch-when-locked"),
    };
    face.ask(&question, face.slot("watch-wrong"), |_| {});
}
