//! What can be taken back, for how long, and that what is refused has changed nothing.

use crate::fansly;
use crate::stories::*;
use crate::world::*;
use longkey_core::capture::KeyState;
use longkey_core::clock::Span;
use longkey_core::effect::{Alarm, Event, Key, Presence};
use longkey_core::protocol::*;
use longkey_core::refusal::Refusal;
use longkey_core::reset::Task;
use longkey_core::secret::Secret;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A vault under a passphrase, connected to both services.
fn connected() -> World {
    let mut world = World::new();
    world.sets_passphrase(1);
    world.connects(ACCOUNTS);
    fansly::connect(&mut world);
    world
}

/// Ways to end something, and whether it is gone.
fn ends(world: &mut World) -> [Question; 2] {
    let workspace = world.view().xquik[0].id;
    [Question::Disconnect { workspace }, Question::DisconnectFans]
}

/// [Undo] of what was asked for.
pub(crate) fn back(of: &Question) -> Question {
    let (draft, workspace) = match of {
        Question::DropDraft { draft } => (Some(*draft), None),
        Question::Disconnect { workspace } => (None, Some(*workspace)),
        _ => (None, None),
    };
    Question::TakeBack { draft, workspace, handle: None }
}

/// What is said where there is nothing of it to bring back.
fn gone(question: &Question) -> Refusal {
    match question {
        Question::DropDraft { .. } => Refusal::DraftUnknown,
        Question::DisconnectFans => Refusal::FansNotConnected,
        _ => Refusal::NotConnected,
    }
}

fn holds(world: &World, text: &str) -> bool {
    format!("{:?}", world.memory).contains(text) || world.local.values().any(|it| it.contains(text))
}

#[test]
fn what_can_be_taken_back_is_forgotten_when_its_time_is_over() {
    for which in 0..2 {
        let mut world = connected();
        let question = ends(&mut world)[which].clone();
        world.done(question.clone());
        assert!(world.waits(), "its end is waited for");
        assert_eq!(world.refusal(back(&question)), Refusal::UndoOver);
    }
}

#[test]
fn the_end_of_one_undo_is_not_that_of_the_next() {
    let mut world = connected();
    let [xquik, fans] = ends(&mut world);
    world.done(xquik.clone());
    world.later(Span::seconds(5));
    world.done(fans.clone());
    assert!(world.waits());
    assert_eq!(world.refusal(back(&xquik)), Refusal::UndoOver, "not what went last");
    world.done(back(&fans));
    let view = world.view();
    assert_eq!((view.xquik.len(), view.fansly.is_some()), (0, true), "what went last");
    assert!(world.waits());
    assert_eq!(world.refusal(back(&fans)), Refusal::UndoOver);
}

#[test]
fn stores_that_are_silent_do_not_keep_it_longer() {
    let mut world = connected();
    let question = ends(&mut world)[0].clone();
    world.done(question.clone());
    (world.silent_store, world.silent_mirror) = (true, true);
    world.done(Question::Reload);
    while world.waits() {}
    (world.silent_store, world.silent_mirror) = (false, false);
    world.done(Question::Reload);
    assert_eq!(world.unlocks(1), Answer::Done);
    assert_eq!(world.refusal(back(&question)), Refusal::UndoOver);
}

#[test]
fn a_locked_vault_has_nothing_to_take_back() {
    let mut world = connected();
    let question = ends(&mut world)[0].clone();
    world.done(question.clone());
    world.done(Question::Lock);
    assert_eq!(world.unlocks(1), Answer::Done);
    assert_eq!(world.refusal(back(&question)), Refusal::UndoOver);
}

#[test]
fn what_is_refused_has_changed_nothing() {
    let mut world = connected();
    let questions = ends(&mut world);
    let before = (world.view().xquik, world.view().fansly.expect("connected"));
    world.done(Question::Lock);
    for question in questions {
        assert_eq!(world.refusal(question), Refusal::Locked);
    }
    assert_eq!(world.view().fansly.map(|it| it.accounts.len()), Some(before.1.accounts.len()), "locked");
    assert_eq!(world.unlocks(1), Answer::Done);
    assert_eq!((world.view().xquik, world.view().fansly), (before.0, Some(before.1)));
}

#[test]
fn what_cannot_be_written_is_not_changed_in_memory_either() {
    let mut world = connected();
    let entry = captured_and_confirmed(&mut world, KEY);
    let [xquik, fans] = ends(&mut world);
    let before = world.view();
    let writes = world.writes;
    world.silent_store = true;
    world.kill_worker();
    assert_eq!(world.view().vault, VaultState::Unlocked, "by the session's key");
    let shown = world.view();
    for question in [
        xquik,
        fans,
        Question::NameWorkspace { workspace: before.xquik[0].id, name: "Another".into() },
        Question::Rename { entry, handle: "another".into() },
        Question::Delete { entry },
        Question::Refuses { entry },
    ] {
        let told = format!("{question:?}");
        assert_eq!(world.refusal(question), Refusal::StoreReadOnly, "{told}");
        assert_eq!(world.view(), shown, "{told}");
    }
    assert_eq!(world.writes, writes);
}

#[test]
fn a_capture_that_was_put_away_comes_back() {
    let mut world = World::new();
    world.sets_passphrase(1);
    world.x_shows_key(KEY);
    let before = world.view().drafts;
    world.done(Question::DropDraft { draft: before[0].id });
    assert!(world.view().drafts.is_empty());
    assert!(!holds(&world, KEY), "in no store, and not in the session's memory");
    world.done(Question::TakeBack { draft: Some(before[0].id), workspace: None, handle: None });
    assert_eq!(world.view().drafts, before);
    world.restart_browser();
    assert_eq!(world.unlocks(1), Answer::Done);
    assert_eq!(world.view().drafts[0].id, before[0].id, "it lies in the inbox again");
    // For good, once the time is over.
    world.done(Question::DropDraft { draft: before[0].id });
    while world.waits() {}
    assert_eq!(
        world.refusal(Question::TakeBack { draft: Some(before[0].id), workspace: None, handle: None }),
        Refusal::UndoOver
    );
    assert!(world.view().drafts.is_empty());
}

#[test]
fn a_capture_of_a_locked_vault_comes_back_too() {
    let mut world = World::new();
    world.sets_passphrase(1);
    world.done(Question::Lock);
    world.x_shows_key(KEY);
    let draft = world.view().drafts[0].id;
    world.done(Question::DropDraft { draft });
    assert_eq!(world.local.get(&Key::Inbox).map(String::as_str), Some("[]"));
    world.done(Question::TakeBack { draft: Some(draft), workspace: None, handle: None });
    assert_eq!(world.view().drafts.len(), 1);
    world.kill_worker();
    world.memory = None;
    assert_eq!(world.unlocks(1), Answer::Done);
    assert_eq!(world.view().drafts[0].id, draft);
}

#[test]
fn a_capture_that_x_shows_again_is_there_once() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.x_shows_key(KEY);
    let draft = world.view().drafts[0].id;
    world.done(Question::DropDraft { draft });
    world.later(Span::seconds(1));
    world.x_shows_key(KEY);
    assert_ne!(world.view().drafts[0].id, draft);
    world.done(Question::TakeBack { draft: Some(draft), workspace: None, handle: None });
    assert_eq!(world.view().drafts.len(), 1);
    assert_eq!(world.view().drafts[0].state, KeyState::Pending);
}

#[test]
fn what_was_only_asked_comes_back_unstored() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.incognito = true;
    world.x_shows_key(KEY);
    let draft = world.view().drafts[0].id;
    let before = world.local.get(&Key::Inbox).cloned();
    world.done(Question::DropDraft { draft });
    let dropped = world.local.get(&Key::Inbox).cloned();
    world.done(Question::TakeBack { draft: Some(draft), workspace: None, handle: None });
    assert_eq!(world.view().drafts.len(), 1);
    assert_eq!(world.local.get(&Key::Inbox).cloned(), dropped, "as before: {before:?}");
}

/// What was taken away in each of three ways, and whether it is there.
fn three(world: &mut World) -> [Question; 3] {
    world.x_shows_key(KEY);
    let draft = first_draft(world).id;
    let [xquik, fans] = ends(world);
    [xquik, fans, Question::DropDraft { draft }]
}

fn there(world: &mut World) -> [bool; 3] {
    let view = world.view();
    [!view.xquik.is_empty(), view.fansly.is_some(), !view.drafts.is_empty()]
}

#[test]
fn a_press_that_could_not_be_written_can_be_made_again() {
    for which in 0..3 {
        let mut world = connected();
        let question = three(&mut world)[which].clone();
        world.done(question.clone());
        world.fail_writes = true;
        assert_eq!(world.refusal(back(&question)), Refusal::NotSaved, "{which}");
        world.fail_writes = false;
        world.done(back(&question));
        assert_eq!(there(&mut world), [true; 3], "{which}");
        assert_eq!(world.refusal(back(&question)), Refusal::UndoOver, "{which}: once");
        world.restart_browser();
        assert_eq!(world.unlocks(1), Answer::Done);
        assert_eq!(there(&mut world), [true; 3], "{which}: for good");
    }
}

#[test]
fn a_press_that_another_writer_came_before_is_made_over_what_stands_there() {
    for which in 0..3 {
        let mut world = connected();
        let question = three(&mut world)[which].clone();
        world.done(question.clone());
        let mut other = World::new();
        other.stir(5);
        (other.local, other.mirror) = (world.local.clone(), world.mirror.clone());
        assert_eq!(other.unlocks(1), Answer::Done);
        other.done(Question::AddKey { text: Secret::new(OTHER_KEY.into()), handle: "acme".into() });
        (world.local, world.mirror) = (other.local, other.mirror);
        world.done(back(&question));
        world.restart_browser();
        assert_eq!(world.unlocks(1), Answer::Done);
        assert_eq!(there(&mut world), [true; 3], "{which}");
        assert_eq!(world.view().entries.len(), 1, "{which}: theirs too");
    }
}

#[test]
fn a_sign_in_that_was_answered_meanwhile_is_not_waited_for() {
    let mut world = connected();
    world.signs_in(KeyChoice::Theirs);
    let question = ends(&mut world)[0].clone();
    world.done(question.clone());
    world.service_answers(200, HEALTHY);
    world.done(back(&question));
    assert_eq!(attempt(&mut world), Some(Outcome::Unknown), "nobody heard its answer");
    // One that is still out is heard.
    let mut world = connected();
    world.signs_in(KeyChoice::Theirs);
    let question = ends(&mut world)[0].clone();
    world.done(question.clone());
    world.done(back(&question));
    assert_eq!(attempt(&mut world), Some(Outcome::Running));
    assert_eq!(world.sign_in_refused(KeyChoice::Theirs), Refusal::StillRunning, "no second one meanwhile");
    world.service_answers(200, HEALTHY);
    assert!(matches!(attempt(&mut world), Some(Outcome::Answered { .. })), "{:?}", attempt(&mut world));
}

#[test]
fn locking_forgets_it_also_while_the_stores_are_in_trouble() {
    let mut world = connected();
    let question = ends(&mut world)[0].clone();
    world.done(question.clone());
    (world.silent_store, world.silent_mirror) = (true, true);
    world.done(Question::Reload);
    world.happens(Event::LockPressed);
    (world.silent_store, world.silent_mirror) = (false, false);
    world.done(Question::Reload);
    assert_eq!(world.unlocks(1), Answer::Done);
    assert_eq!(world.refusal(back(&question)), Refusal::UndoOver);
}

#[test]
fn locking_a_locked_vault_forgets_a_capture_too() {
    let mut world = World::new();
    world.sets_passphrase(1);
    world.done(Question::Lock);
    world.x_shows_key(KEY);
    let draft = first_draft(&mut world).id;
    world.done(Question::DropDraft { draft });
    world.rings(Alarm::Lock, Presence::Locked);
    assert_eq!(
        world.refusal(Question::TakeBack { draft: Some(draft), workspace: None, handle: None }),
        Refusal::UndoOver
    );
}

/// What was answered with "done", step by step; nothing where there was no answer, since then it may stand or not.
fn steps(world: &mut World, all: &[Question; 3]) -> [Option<bool>; 3] {
    let mut told = [Some(true); 3];
    for which in [2, 0, 1] {
        for (question, leads) in [(all[which].clone(), false), (back(&all[which]), true), (all[which].clone(), false)] {
            told[which] = match world.ask_for(question) {
                Some(Answer::Done) => Some(leads),
                _ => None,
            };
            if told[which].is_none() {
                return told;
            }
            if leads && which == 0 {
                // From here on it stays.
                break;
            }
        }
    }
    told
}

/// The worker, or the whole browser, ends between any two effects.
#[test]
fn whoever_is_killed_between_two_effects_has_what_was_answered() {
    let mut count = connected();
    let questions = three(&mut count);
    let before = count.effects;
    steps(&mut count, &questions);
    let all = count.effects - before;
    assert!(all > 40, "{all}");
    for at in 0..all {
        for browser in [false, true] {
            let mut world = connected();
            let questions = three(&mut world);
            world.dies_after = Some(at);
            let told = steps(&mut world, &questions);
            if browser {
                world.restart_browser();
                assert_eq!(world.unlocks(1), Answer::Done);
            } else {
                world.kill_worker();
            }
            let found = there(&mut world);
            for which in 0..3 {
                assert!(told[which].is_none_or(|it| it == found[which]), "effect {at}, {which}: {told:?}, {found:?}");
            }
            assert_eq!(world.view().trouble, None, "effect {at}");
            for question in questions {
                assert_eq!(world.refusal(back(&question)), Refusal::UndoOver, "effect {at}: gone with the worker");
            }
        }
    }
}

/// One storage call fails, each in turn: what was refused was not done in secret, and what was done stays.
#[test]
fn each_storage_call_may_fail_around_an_undo() {
    let mut count = connected();
    let questions = three(&mut count);
    let before = count.calls;
    steps(&mut count, &questions);
    for fault in [Fault::Before, Fault::After] {
        for at in 0..count.calls - before {
            let mut world = connected();
            let questions = three(&mut world);
            world.fault = Some((at, fault));
            let told = steps(&mut world, &questions);
            world.fault = None;
            world.restart_browser();
            assert_eq!(world.unlocks(1), Answer::Done);
            let found = there(&mut world);
            for which in 0..3 {
                // A capture that one of the two stores still has comes back: it cannot be had again.
                let safe = which == 2 && found[which];
                assert!(
                    safe || told[which].is_none_or(|it| it == found[which]),
                    "{fault:?} at {at}, {which}: {told:?}, {found:?}"
                );
            }
        }
    }
}

/// Erased means erased, wherever the worker ends, and with something to take back in its memory.
#[test]
fn erasing_that_is_cut_off_is_whole_or_can_be_made_again() {
    let set_up = || {
        let mut world = connected();
        let question = three(&mut world)[0].clone();
        world.done(question.clone());
        world
    };
    let erase = || Question::Erase { word: "erase".into() };
    let mut count = set_up();
    let before = count.effects;
    count.done(erase());
    let all = count.effects - before;
    assert!(all > 5, "{all}");
    for at in 0..all {
        let mut world = set_up();
        world.dies_after = Some(at);
        let done = world.ask_for(erase()) == Some(Answer::Done);
        assert_eq!(world.dies_after, None, "effect {at}");
        world.kill_worker();
        let view = world.view();
        assert_eq!(view.trouble, None, "effect {at}");
        if done {
            assert!(world.local.is_empty() && world.mirror.is_empty(), "effect {at}");
        }
        world.done(erase());
        assert!(world.local.is_empty() && world.mirror.is_empty(), "effect {at}");
        assert!(!holds(&world, KEY) && !holds(&world, API_KEY), "effect {at}");
        assert!(world.rows.is_none(), "effect {at}");
        assert_eq!(world.view().vault, VaultState::None, "effect {at}");
    }
}

#[test]
fn settings_and_captures_that_were_refused_are_as_before() {
    let mut world = connected();
    world.x_shows_key(KEY);
    let draft = first_draft(&mut world).id;
    world.silent_store = true;
    world.kill_worker();
    let shown = world.view();
    assert_eq!(shown.vault, VaultState::Unlocked, "by the session's key");
    for question in [
        Question::StaysShut(true),
        Question::Watching { notify: true, hide_names: true, watch_locked: true },
        Question::LockAfter(LockAfter::Restart),
        Question::DropDraft { draft },
        Question::KeepDraft { draft, handle: "another".into() },
        Question::Language("de".into()),
    ] {
        let told = format!("{question:?}");
        assert_eq!(world.refusal(question), Refusal::StoreReadOnly, "{told}");
        assert_eq!(world.view(), shown, "{told}");
    }
}

/// Two pages: what the other one took away last is not brought back under the words of this one.
#[test]
fn another_page_took_something_else_away_meanwhile() {
    let mut world = connected();
    let all = three(&mut world);
    for first in 0..3 {
        for last in (0..3).filter(|it| *it != first) {
            world.done(all[first].clone());
            world.done(all[last].clone());
            assert_eq!(world.refusal(back(&all[first])), Refusal::UndoOver, "{first}, then {last}");
            world.done(back(&all[last]));
            let mut left = [true; 3];
            left[first] = false;
            assert_eq!(there(&mut world), left, "{first}, then {last}");
            world = connected();
            three(&mut world);
        }
    }
}

#[test]
fn what_is_gone_already_is_not_ended_again_and_comes_back() {
    for which in 0..3 {
        let mut world = connected();
        let question = three(&mut world)[which].clone();
        world.done(question.clone());
        assert_eq!(world.refusal(question.clone()), gone(&question), "{which}: another page was first");
        world.done(back(&question));
        assert_eq!(there(&mut world), [true; 3], "{which}");
    }
}

#[test]
fn a_checklist_that_was_put_away_comes_back_with_its_ticks() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    captured_and_confirmed(&mut world, KEY);
    let handle = world.view().entries[0].handle.as_str().to_owned();
    let mark = |mark| Question::Reset { handle: handle.clone(), mark };
    for it in [ResetMark::Start, ResetMark::Done(Task::Security), ResetMark::Done(Task::TheApp)] {
        world.done(mark(it));
    }
    let before = world.view().resets;
    world.done(mark(ResetMark::End));
    assert!(world.view().resets.is_empty());
    // Begun anew meanwhile, by a page that was still open.
    world.done(mark(ResetMark::Start));
    let back = |of: &str| Question::TakeBack { draft: None, workspace: None, handle: Some(of.into()) };
    assert_eq!(world.refusal(back("acme_other")), Refusal::UndoOver);
    world.done(back(&handle));
    assert_eq!(world.view().resets, before);
    world.restart_browser();
    assert_eq!(world.view().resets, before, "it is written");
    world.done(mark(ResetMark::End));
    while world.waits() {}
    assert_eq!(world.refusal(back(&handle)), Refusal::UndoOver);
    assert!(world.view().resets.is_empty());
}
