//! QR codes on X's page: which pictures are read, what their texts prove, and what becomes of it.

use super::world::{KEY, OTHER_KEY, World};
use longkey_core::effect::Key;
use longkey_core::label::Handle;
use longkey_core::long_key::LongKey;
use longkey_core::protocol::{FromContent, Mark, Picture, Question, Screen, ScreenText, VaultState};
use longkey_core::secret::Secret;
use longkey_core::sites::qr::{Bitmap, QrKey, bitmaps, keys, settle};
use longkey_core::sites::x::{Step, Sure, judge};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const LETTERS: &str = "JBSWYEDPEHPKAPXP";

fn base64(bytes: &[u8]) -> String {
    let mut text = longkey_core::base64::print(bytes);
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// 21 × 21 pixels of which the world's stand-in for the decoder looks at the first eight.
pub(crate) fn picture(first: u8) -> Picture {
    let mut bits = [0; 56];
    bits[0] = first;
    Picture { width: 21, height: 21, bits: base64(&bits) }
}

fn address(label: &str, key: &str) -> String {
    format!("otpauth://totp/{label}?secret={key}&issuer=Twitter")
}

fn code(label: &str, key: &str) -> QrKey {
    let found = keys(&[Secret::new(address(label, key))]);
    found.into_iter().next().expect("a key of X")
}

fn screen(texts: &[&str], marks: &[Mark]) -> Screen {
    let texts = texts.iter().map(|text| ScreenText { within: None, text: (*text).into() }).collect();
    Screen { texts, marks: marks.to_vec(), handle: Some("standin_user".into()), ..Screen::default() }
}

fn settled(texts: &[&str], codes: &[&QrKey]) -> (Step, Vec<String>) {
    let screen = screen(texts, &[Mark::ShowCodeNext, Mark::Qr]);
    let settled = settle(judge(&screen), &screen, &codes.iter().map(|it| (*it).clone()).collect::<Vec<_>>());
    (settled.step, settled.rivals.iter().map(|it| it.key.expose().to_owned()).collect())
}

fn secret(key: &str, sure: Sure) -> Step {
    Step::Secret { key: LongKey::parse(key).expect("a key"), sure }
}

impl World {
    fn x_paints(&mut self, texts: &[&str], marks: &[Mark], pictures: Vec<Picture>) {
        let screen = Screen { pictures, ..screen(texts, marks) };
        self.sensed(super::world::ENROLMENT, FromContent::Saw(screen));
    }
    pub(crate) fn qr_says(&mut self, first: u8, text: &str) {
        self.qr.insert(first, vec![text.into()]);
    }
    fn nothing_is_stored(&self) {
        assert!(self.local.is_empty(), "{:?}", self.local.keys());
    }
}

const QR_STEP: &[Mark] = &[Mark::ShowCodeNext, Mark::Qr];

#[test]
fn only_well_measured_pictures_are_unpacked() {
    let read = |width, height, bits: &str| Bitmap::read(&Picture { width, height, bits: bits.into() }).is_some();
    let whole = base64(&[0; 56]);
    assert!(read(21, 21, &whole));
    for (width, height) in [(20, 21), (21, 20), (0, 0), (21, 22), (1025, 21), (u16::MAX, u16::MAX), (1024, 1024)] {
        assert!(!read(width, height, &whole), "{width} × {height}");
    }
    let unpadded = whole.trim_end_matches('=');
    let line_feed = format!("{unpadded}\n");
    for bits in ["", unpadded, &line_feed, &base64(&[0; 55]), &base64(&[0; 57]), &"é".repeat(38)] {
        assert!(!read(21, 21, bits), "{bits}");
    }
    assert!(read(1024, 1024, &base64(&[0; 131_072])));
    assert!(!read(1024, 1024, &base64(&[0; 131_073])));
    assert_eq!(bitmaps(&vec![picture(0); 4]).len(), 4);
    assert!(bitmaps(&vec![picture(0); 5]).is_empty(), "more than the sensor sends");
    assert_eq!(bitmaps(&[picture(0), Picture { width: 7, ..picture(0) }]).len(), 1);
}

#[test]
fn pictures_differ_by_sides_and_pixels() {
    let of = |picture: &Picture| Bitmap::read(picture).expect("a bitmap").fingerprint();
    let zeros = |width, height| Picture { width, height, bits: base64(&[0; 116]) };
    assert_eq!(of(&picture(1)), of(&picture(1)));
    assert_ne!(of(&picture(1)), of(&picture(2)));
    assert_ne!(of(&zeros(22, 42)), of(&zeros(42, 22)));
}

#[test]
fn which_texts_are_keys_of_x() {
    let found = |text: &str| keys(&[Secret::new(text.into())]).pop();
    let plain = found(&address("Twitter:@standin_user", KEY)).expect("X's own form");
    assert_eq!(plain.key.expose(), KEY);
    assert_eq!(plain.handle.as_ref().map(Handle::as_str), Some("standin_user"));
    assert!(plain.recipe.is_usual());
    for ours in [
        "otpauth://totp/X:standin_user?secret=JBSWY3DPEHPK3PXP&issuer=X",
        "otpauth://totp/Twitter%3A%40standin_user?secret=JBSWY3DPEHPK3PXP",
    ] {
        assert_eq!(found(ours).and_then(|it| it.handle).map(String::from).as_deref(), Some("standin_user"), "{ours}");
    }
    let other = found("otpauth://totp/X:a?secret=JBSWY3DPEHPK3PXP&issuer=X&algorithm=SHA256&digits=8&period=60");
    let recipe = other.expect("a key").recipe;
    assert_eq!((recipe.digits(), recipe.period(), recipe.is_usual()), (8, 60, false));
    for not_ours in [
        "https://x.com/download",
        "JBSWY3DPEHPK3PXP",
        "otpauth://totp/GitHub:someone?secret=JBSWY3DPEHPK3PXP&issuer=GitHub",
        "otpauth://totp/someone?secret=JBSWY3DPEHPK3PXP",
        "otpauth://hotp/Twitter:@a?secret=JBSWY3DPEHPK3PXP&issuer=Twitter",
        "otpauth://totp/Twitter:@a?secret=JBSWY3DPEHPK3PX0&issuer=Twitter",
        "otpauth://totp/Twitter:@a?secret=JBSWY3DPEHPK3PXP&secret=GEZDGNBVGY3TQOJQ&issuer=Twitter",
    ] {
        assert_eq!(found(not_ours), None, "{not_ours}");
    }
    // A label that is no handle keeps the key and names nobody.
    assert_eq!(found(&address("Twitter:some%20body", KEY)).map(|it| it.handle), Some(None));
}

#[test]
fn text_and_code_together() {
    let mine = code("Twitter:@standin_user", KEY);
    let others = code("Twitter:@somebody_else", KEY);
    let nobodys = code("Twitter:not%20a%20handle", KEY);
    let letters = code("Twitter:@standin_user", LETTERS);
    let other_key = code("Twitter:@standin_user", OTHER_KEY);
    let both = |codes: &[&QrKey]| settled(&["Enter the code", KEY], codes).0;
    assert_eq!(both(&[]), secret(KEY, Sure::Ask), "a picture that nobody can read leaves a doubt");
    assert_eq!(both(&[&mine]), secret(KEY, Sure::Certain));
    assert_eq!(both(&[&nobodys]), secret(KEY, Sure::Certain));
    assert_eq!(both(&[&others]), secret(KEY, Sure::Ask), "another account's");
    assert_eq!(both(&[&mine, &others]), secret(KEY, Sure::Ask), "two labels");
    assert_eq!(settled(&[LETTERS], &[&letters]).0, secret(LETTERS, Sure::Certain), "letters alone");
    assert_eq!(settled(&[KEY], &[&other_key]), (Step::Conflict(vec![]), vec![KEY.into(), OTHER_KEY.into()]));
    assert_eq!(settled(&[KEY], &[&mine, &other_key]), (Step::Conflict(vec![]), vec![KEY.into(), OTHER_KEY.into()]));
    assert_eq!(
        settled(&[KEY, OTHER_KEY], &[&mine]),
        (Step::Conflict(vec![]), vec![KEY.into(), OTHER_KEY.into()]),
        "two texts stay two"
    );
    // A code alone.
    let alone = |codes: &[&QrKey]| settled(&["Scan this"], codes);
    assert_eq!(alone(&[]).0, Step::Qr);
    assert_eq!(alone(&[&mine]).0, secret(KEY, Sure::Certain));
    assert_eq!(alone(&[&others]).0, secret(KEY, Sure::Ask));
    assert_eq!(alone(&[&nobodys]).0, secret(KEY, Sure::Ask));
    assert_eq!(alone(&[&mine, &other_key]), (Step::Conflict(vec![]), vec![KEY.into(), OTHER_KEY.into()]));
    let without_next = screen(&["Scan this"], &[Mark::Qr]);
    assert_eq!(settle(judge(&without_next), &without_next, std::slice::from_ref(&mine)).step, secret(KEY, Sure::Ask));
    // Where the flow has gone on, a picture that is left over says nothing.
    for mark in [Mark::CodeField, Mark::Success] {
        let later = screen(&[], &[mark]);
        assert_eq!(settle(judge(&later), &later, std::slice::from_ref(&mine)).step, judge(&later));
    }
}

#[test]
fn the_key_is_sealed_at_the_qr_step() {
    let mut world = World::new();
    world.qr_says(7, &address("Twitter:@standin_user", KEY));
    world.x_paints(&["Scan this"], QR_STEP, vec![picture(7)]);
    assert!(world.local.contains_key(&Key::Inbox));
    assert_eq!(world.popups, 1);
    let draft = world.view().drafts.remove(0);
    assert_eq!((draft.head.as_str(), draft.tail.as_str(), draft.ask), ("JBSW", "3PXP", false));
    assert_eq!(draft.handle.as_ref().map(Handle::as_str), Some("standin_user"));
    // The text that follows is the same key.
    world.x_shows_key(KEY);
    assert_eq!(world.view().drafts.len(), 1);
    assert_eq!(world.popups, 1);
    world.done(Question::KeepDraft { draft: draft.id, handle: "standin_user".into() });
    let code = world.code_of(KEY);
    world.x_asks_code();
    world.x_accepts(&code);
    let entry = world.view().entries.remove(0);
    assert_eq!(entry.current.map(|it| it.state), Some(longkey_core::capture::KeyState::Confirmed));
}

#[test]
fn a_picture_is_read_once_and_again_after_the_page_was_left() {
    let mut world = World::new();
    world.qr_says(7, &address("Twitter:@standin_user", KEY));
    for text in ["a", "b", "c"] {
        world.x_paints(&[text], QR_STEP, vec![picture(7), picture(7), picture(9)]);
    }
    assert_eq!(world.decoded, 2);
    world.sensed(super::world::ENROLMENT, FromContent::Left);
    world.x_paints(&["a"], QR_STEP, vec![picture(7)]);
    assert_eq!(world.decoded, 3);
}

#[test]
fn a_page_that_paints_without_end_is_read_less() {
    let mut world = World::new();
    for at in 0..200_u8 {
        world.x_paints(&["a"], QR_STEP, vec![picture(at)]);
    }
    assert_eq!(world.decoded, 40);
    // The text is judged all the same.
    world.x_paints(&[KEY], QR_STEP, vec![picture(201)]);
    assert!(world.view().drafts[0].ask);
    world.later(longkey_core::clock::Span::minutes(1));
    world.x_paints(&["a"], QR_STEP, vec![picture(202)]);
    assert_eq!(world.decoded, 41);
}

#[test]
fn what_disagrees_is_offered_and_not_stored() {
    let mut world = World::new();
    world.qr_says(7, &address("Twitter:@standin_user", OTHER_KEY));
    world.x_paints(&["Enter this", KEY], QR_STEP, vec![picture(7)]);
    world.nothing_is_stored();
    let view = world.view();
    assert_eq!(view.vault, VaultState::None);
    let heads: Vec<&str> = view.drafts.iter().map(|it| it.head.as_str()).collect();
    assert_eq!(heads, ["JBSW", "GEZD"]);
    assert!(view.drafts.iter().all(|it| it.ask));
    assert_eq!(view.drafts[0].rival, Some(view.drafts[1].id));
    assert_eq!(view.drafts[1].rival, Some(view.drafts[0].id));
    // The same screen once more changes nothing.
    world.later(longkey_core::clock::Span::seconds(1));
    world.x_paints(&["Enter this", KEY, "more"], QR_STEP, vec![picture(7)]);
    assert_eq!((world.view().drafts.len(), world.popups), (2, 1));
    world.nothing_is_stored();

    let chosen = view.drafts[1].id;
    world.done(Question::KeepDraft { draft: chosen, handle: "standin_user".into() });
    let after = world.view();
    assert!(after.drafts.is_empty(), "the other one goes");
    assert_eq!(after.entries.len(), 1);
    let code = world.code_of(OTHER_KEY);
    world.x_asks_code();
    world.x_accepts(&code);
    let entry = world.view().entries.remove(0);
    assert_eq!(entry.current.map(|it| it.state), Some(longkey_core::capture::KeyState::Confirmed));
}

#[test]
fn what_was_asked_is_settled_by_a_code_that_is_painted_later() {
    let mut world = World::new();
    world.qr_says(7, "otpauth://totp/X:@standin_user?secret=JBSWY3DPEHPK3PXP&issuer=X&period=60");
    let text = |world: &mut World, pictures| world.x_paints(&["Enter this", KEY], QR_STEP, pictures);
    text(&mut world, vec![]);
    let asked = world.view().drafts.remove(0);
    assert!(asked.ask);
    world.nothing_is_stored();
    text(&mut world, vec![picture(7)]);
    let drafts = world.view().drafts;
    assert_eq!(
        drafts.iter().map(|it| (it.id, it.ask)).collect::<Vec<_>>(),
        [(asked.id, false)],
        "the popup shows that one"
    );
    assert!(world.local.contains_key(&Key::Inbox));
    assert_eq!(world.popups, 1);
    world.restart_browser();
    world.done(Question::KeepDraft { draft: asked.id, handle: "standin_user".into() });
    assert_eq!(world.rows.as_ref().map(|it| it.rows[0].recipe.period()), Some(60));
}

#[test]
fn from_a_private_window_certainty_stores_nothing_either() {
    let text = |world: &mut World, pictures| world.x_paints(&["Enter this", KEY], QR_STEP, pictures);
    for before in [false, true] {
        let mut world = World::new();
        world.qr_says(7, &address("Twitter:@standin_user", KEY));
        // Seen in either kind of window first.
        world.incognito = before;
        text(&mut world, vec![]);
        world.incognito = true;
        text(&mut world, vec![picture(7)]);
        let draft = world.view().drafts.remove(0);
        if before {
            assert!(draft.private && !draft.ask);
            world.nothing_is_stored();
        }
        // The same key in a window that is not private is as certain as any.
        world.incognito = false;
        text(&mut world, vec![picture(7)]);
        assert!(!world.view().drafts[0].private);
        assert!(world.local.contains_key(&Key::Inbox));
    }
}

#[test]
fn a_label_that_disagrees_with_the_page_names_nobody_also_later() {
    let mut world = World::new();
    world.qr_says(7, &address("Twitter:@acme_support", KEY));
    world.x_paints(&["Enter this", KEY], QR_STEP, vec![]);
    world.x_paints(&["Enter this", KEY], QR_STEP, vec![picture(7)]);
    assert_eq!(world.view().drafts[0].handle, None);
}

#[test]
fn what_is_only_asked_takes_no_certain_key_s_place() {
    let mut world = World::new();
    for at in 0..8 {
        world.later(longkey_core::clock::Span::seconds(1));
        world.sensed_in(at, super::world::ENROLMENT, certain(at));
    }
    let ids = |world: &mut World| world.view().drafts.iter().map(|it| it.id).collect::<Vec<_>>();
    let before = ids(&mut world);
    assert_eq!(before.len(), 8);
    world.later(longkey_core::clock::Span::seconds(1));
    world.x_shows(&["MFRGGZDFMZTWQ2LK"], &[]);
    assert_eq!(ids(&mut world), before, "asked, and there is no room");
    world.later(longkey_core::clock::Span::seconds(1));
    world.sensed_in(9, super::world::ENROLMENT, certain(9));
    assert_eq!(ids(&mut world)[..7], before[1..], "the oldest goes for one that is as certain");
}

fn certain(at: i32) -> FromContent {
    let letter = char::from(b'A' + u8::try_from(at).expect("few"));
    FromContent::Saw(screen(&[&format!("JBSWY3DPEHPK3P{letter}2")], &[Mark::ShowCodeNext]))
}

#[test]
fn a_key_that_is_shown_without_an_account_gets_the_one_of_the_code() {
    let mut world = World::new();
    world.qr_says(7, &address("Twitter:@standin_user", KEY));
    let paint = |world: &mut World, texts: &[&str], marks: &[Mark], pictures| {
        let screen = Screen { handle: None, pictures, ..screen(texts, marks) };
        world.sensed(super::world::ENROLMENT, FromContent::Saw(screen));
    };
    paint(&mut world, &[KEY], &[Mark::ShowCodeNext], vec![]);
    let (writes, draft) = (world.local.clone(), world.view().drafts.remove(0));
    assert_eq!((draft.ask, draft.handle), (false, None));
    // Back to X's step before.
    paint(&mut world, &["Scan this"], QR_STEP, vec![picture(7)]);
    let handles: Vec<_> = world.view().drafts.into_iter().map(|it| it.handle.map(String::from)).collect();
    assert_eq!(handles, [Some("standin_user".to_owned())]);
    assert_ne!(world.local.get(&Key::Inbox), writes.get(&Key::Inbox), "sealed anew");
}

#[test]
fn between_keys_that_disagreed_only_the_user_chooses() {
    let mut world = World::new();
    world.qr_says(7, &address("Twitter:@standin_user", OTHER_KEY));
    world.x_paints(&[KEY], QR_STEP, vec![picture(7)]);
    world.later(longkey_core::clock::Span::seconds(1));
    world.x_paints(&["Scan this"], QR_STEP, vec![picture(7)]);
    assert_eq!(world.view().drafts.iter().map(|it| it.ask).collect::<Vec<_>>(), [true, true]);
    world.nothing_is_stored();
}

#[test]
fn a_screen_without_the_quarrel_ends_it() {
    let mut world = World::new();
    world.qr_says(7, &address("Twitter:@standin_user", OTHER_KEY));
    world.x_paints(&[KEY], QR_STEP, vec![picture(7)]);
    world.later(longkey_core::clock::Span::seconds(1));
    world.x_shows_key("MFRGGZDFMZTWQ2LK");
    let drafts = world.view().drafts;
    assert_eq!(drafts.iter().map(|it| it.head.as_str()).collect::<Vec<_>>(), ["MFRG"]);
    assert_eq!(drafts[0].rival, None);
}

#[test]
fn the_label_s_account_and_recipe_go_with_the_key() {
    let mut world = World::new();
    let text = "otpauth://totp/X:@somebody_else?secret=JBSWY3DPEHPK3PXP&issuer=X&digits=8";
    world.qr_says(7, text);
    world.x_paints(&["Scan this"], QR_STEP, vec![picture(7)]);
    let draft = world.view().drafts.remove(0);
    assert!(draft.ask, "another account is signed in");
    assert_eq!(draft.handle, None, "label and page disagree: the user says whose key it is");
    assert_eq!(world.rows.as_ref().map(|it| it.rows[0].recipe.digits()), Some(8));
    world.done(Question::KeepDraft { draft: draft.id, handle: "somebody_else".into() });
    assert_eq!(world.rows.as_ref().map(|it| it.rows[0].recipe.digits()), Some(8));
}

#[test]
fn an_unusual_recipe_outlives_the_worker_in_the_inbox() {
    let mut world = World::new();
    world.qr_says(7, "otpauth://totp/X:@standin_user?secret=JBSWY3DPEHPK3PXP&issuer=X&period=60");
    world.x_paints(&["Scan this"], QR_STEP, vec![picture(7)]);
    world.restart_browser();
    let draft = world.view().drafts.remove(0);
    world.done(Question::KeepDraft { draft: draft.id, handle: "standin_user".into() });
    assert_eq!(world.rows.as_ref().map(|it| it.rows[0].recipe.period()), Some(60));
}

#[test]
fn what_was_read_is_in_no_store() {
    let mut world = World::new();
    world.qr_says(7, &address("Twitter:@standin_user", KEY));
    // The flow has gone on before the picture was read: nobody has asked for this key.
    world.x_paints(&[], &[Mark::CodeField], vec![picture(7)]);
    assert_eq!(world.decoded, 1);
    assert!(world.memory.as_ref().is_none_or(|it| !it.contains(KEY)));
    world.nothing_is_stored();
    assert!(world.view().drafts.is_empty());
}
