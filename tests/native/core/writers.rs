//! More than one writer: who came first is respected, and every edit is kept.

use crate::boot::{PASSPHRASE, add};
use crate::world::*;

use longkey_core::protocol::*;
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn another_writer_is_respected_and_the_edit_is_made_once_more() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    add(&mut world, KEY, "standin_user");
    // Another worker of the same profile adds a key; ours still holds the older head.
    let mut other = World::new();
    other.stir(5);
    (other.local, other.mirror) = (world.local.clone(), world.mirror.clone());
    add(&mut other, OTHER_KEY, "acme");
    (world.local, world.mirror) = (other.local, other.mirror);
    let third = Question::AddKey { text: Secret::new("MFRGGZDFMZTWQ2LK".into()), handle: "third".into() };
    assert!(matches!(world.ask(third), Answer::Kept(_)));
    assert_eq!(world.view().entries.len(), 3, "theirs and ours");
}

#[test]
fn a_writer_who_is_always_faster_is_not_fought() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.head_moves = true;
    let third = Question::AddKey { text: Secret::new(KEY.into()), handle: "third".into() };
    assert_eq!(world.refusal(third), Refusal::StoreChanged);
}

#[test]
fn forty_edits_keep_forty() {
    let mut world = World::new();
    world.sets_passphrase(PASSPHRASE);
    for at in 0..40 {
        if at % 7 == 0 {
            world.kill_worker();
        }
        let key = format!("JBSWY3DPEHPK3P{}{}", char::from(b'A' + at / 8), char::from(b'A' + at % 8));
        add(&mut world, &key, &format!("account_{at}"));
    }
    world.kill_worker();
    assert_eq!(world.view().entries.len(), 40);
}
