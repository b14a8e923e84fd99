//! Whose key it is: the QR's label, then what the page says, and the user where they say nothing or disagree.

use super::qr::picture;
use super::world::{ENROLMENT, KEY, World};
use longkey_core::label::Handle;
use longkey_core::protocol::{FromContent, Mark, Question, Screen, ScreenText};
use longkey_core::sites::x::{Account, Place, account};

fn screen(handle: Option<&str>, profile: Option<&str>, switcher: Option<&str>) -> Screen {
    let [handle, profile, switcher] = [handle, profile, switcher].map(|it| it.map(String::from));
    Screen { handle, profile, switcher, ..Screen::default() }
}

fn named(account: &Account) -> &str {
    match account {
        Account::Told(handle) => handle.as_str(),
        Account::Untold => "-",
        Account::Unclear => "?",
    }
}

#[test]
fn of_the_switcher_only_the_last_line_counts() {
    for (text, wanted) in [
        ("Stand-in\n@standin_user", "standin_user"),
        ("Stand-in\n\n@standin_user\n", "standin_user"),
        // A display name is what its owner wrote.
        ("@acme_support\n@standin_user", "standin_user"),
        ("I am @acme_support\n@standin_user", "standin_user"),
        ("\u{202e}@acme_support\n@standin_user", "standin_user"),
        ("حساب تجريبي\n@standin_user", "standin_user"),
        // Its own line, and below another.
        ("@acme_support", "-"),
        ("\n@acme_support", "-"),
        ("Stand-in", "-"),
        ("Stand-in @standin_user", "-"),
        ("Stand-in\nI am @acme_support", "-"),
        ("Stand-in\n@acme_support !", "-"),
        ("Stand-in\n@standin_user\n@", "-"),
        ("Stand-in\nstandin_user", "-"),
        ("Stand-in\n@@standin_user", "-"),
        ("Stand-in\n @standin_user", "-"),
        ("Stand-in\n@st\u{430}ndin_user", "-"),
        ("Stand-in\n@a_name_of_16_char", "-"),
        ("", "-"),
    ] {
        let found = account(Place::Enrolment, &screen(None, None, Some(text)));
        assert_eq!(named(&found), wanted, "{text:?}");
    }
}

#[test]
fn what_a_page_names_must_agree() {
    let switcher = |handle| format!("Stand-in\n@{handle}");
    for (place, field, profile, below, wanted) in [
        (Place::Enrolment, None, None, None, "-"),
        (Place::Enrolment, Some("acme"), None, None, "acme"),
        (Place::Enrolment, None, Some("/acme"), None, "acme"),
        (Place::Enrolment, Some("acme"), Some("/Acme"), Some("ACME"), "acme"),
        (Place::Enrolment, Some("acme"), Some("/other"), None, "?"),
        (Place::Enrolment, Some("acme"), None, Some("other"), "?"),
        (Place::Settings, None, Some("/acme"), Some("other"), "?"),
        // What names nobody says nothing against the rest.
        (Place::Enrolment, Some("acme@example.test"), Some("/acme"), None, "acme"),
        (Place::Enrolment, Some("acme"), Some("/acme/status/1"), None, "acme"),
        (Place::Enrolment, None, Some("acme"), None, "-"),
        // Who is signed in is not who signs in.
        (Place::Login, None, Some("/acme"), Some("acme"), "-"),
        (Place::Onboarding, Some("acme"), Some("/other"), Some("other"), "acme"),
    ] {
        let screen = screen(field, profile, below.map(switcher).as_deref());
        assert_eq!(named(&account(place, &screen)), wanted, "{place:?} {screen:?}");
    }
}

fn shows_key(world: &mut World, mut screen: Screen) -> Option<Handle> {
    screen.marks = vec![Mark::ShowCodeNext];
    screen.texts = vec![ScreenText { within: None, text: KEY.into() }];
    world.sensed(ENROLMENT, FromContent::Saw(screen));
    let draft = world.view().drafts.remove(0);
    assert!(!draft.ask, "the key itself is certain: it is sealed whoever it belongs to");
    draft.handle
}

#[test]
fn a_key_goes_to_whom_the_page_names_and_to_nobody_unasked() {
    let told = shows_key(&mut World::new(), screen(None, None, Some("@acme_support\n@standin_user")));
    assert_eq!(told.as_ref().map(Handle::as_str), Some("standin_user"));
    assert_eq!(shows_key(&mut World::new(), screen(None, None, Some("@acme_support"))), None);
    assert_eq!(shows_key(&mut World::new(), screen(Some("acme"), None, Some("A\n@standin_user"))), None);
    // What was known before a screen that disagrees with itself is not taken for true.
    let mut world = World::new();
    world.sensed(ENROLMENT, FromContent::Saw(screen(Some("acme"), None, None)));
    assert_eq!(shows_key(&mut world, screen(Some("acme"), Some("/other"), None)), None);
    // The user says it.
    let draft = world.view().drafts.remove(0).id;
    world.done(Question::KeepDraft { draft, handle: "acme".into() });
    assert_eq!(world.view().entries[0].handle.as_str(), "acme");
}

#[test]
fn a_label_beside_another_account_names_nobody() {
    for (label, wanted) in [("standin_user", Some("standin_user")), ("somebody_else", None)] {
        let mut world = World::new();
        world.qr_says(7, &format!("otpauth://totp/Twitter:@{label}?secret={KEY}&issuer=Twitter"));
        let mut shown = screen(None, None, Some("@somebody_else\n@standin_user"));
        shown.marks = vec![Mark::ShowCodeNext, Mark::Qr];
        shown.pictures = vec![picture(7)];
        world.sensed(ENROLMENT, FromContent::Saw(shown));
        let draft = world.view().drafts.remove(0);
        assert_eq!(draft.handle.as_ref().map(Handle::as_str), wanted);
        assert_eq!(draft.ask, wanted.is_none());
    }
}
