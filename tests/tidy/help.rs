//! The help: every situation is there, with its words and a moment at which it is offered.

use super::{files, json, read};
use longkey_core::help::{Group, Kind, SITUATIONS, Situation, Trigger};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

fn said(messages: &Value, key: &str) -> String {
    messages[key]["message"].as_str().map(str::trim).unwrap_or_default().to_owned()
}

#[test]
fn there_are_32_situations_each_with_its_words() {
    let messages = json("static/_locales/en/messages.json");
    let numbers: Vec<u8> = SITUATIONS.iter().map(|it| it.number).collect();
    assert_eq!(numbers, (1..=32).collect::<Vec<_>>());
    for it in &SITUATIONS {
        assert!(!it.kinds.is_empty(), "{}", it.slug);
        for ending in ["title", "text"] {
            let key = format!("help_{}_{ending}", it.slug);
            assert!(!said(&messages, &key).is_empty(), "no words for {key}");
        }
    }
    for group in Group::ALL {
        let key = format!("help_{}", group.slug());
        assert!(!said(&messages, &key).is_empty(), "no words for {key}");
        assert!(SITUATIONS.iter().any(|it| it.group == group), "{key} is empty");
    }
}

#[test]
fn an_address_names_one_place_of_the_help() {
    let places = SITUATIONS.iter().map(|it| it.slug).chain(Group::ALL.map(Group::slug));
    let places: Vec<&str> = places.chain(Trigger::ALL.iter().map(|it| it.0.slug())).chain(["words"]).collect();
    assert_eq!(places.iter().collect::<BTreeSet<_>>().len(), places.len(), "{places:?}");
    // They stand in addresses and in selectors as they are.
    assert!(places.iter().all(|it| it.bytes().all(|it| it.is_ascii_lowercase() || it == b'_')), "{places:?}");
}

/// Each is offered somewhere else than on its page, and each moment that offers something is one that a screen knows.
#[test]
fn each_situation_is_offered_at_a_moment_that_a_screen_knows() {
    let screens: String = files("extension/src/pages", "rs")
        .iter()
        .filter(|it| it.file_name().is_none_or(|name| name != "help.rs" && name != "help_offer.rs"))
        .map(|it| fs::read_to_string(it).expect("a text"))
        .collect();
    let asked = read("extension/src/pages/help_offer.rs");
    let (_, asked) = asked.split_once("fn asked(").expect("what the list says of X's login");
    let used = |name: &str| {
        let named = format!("Trigger::{name}");
        let within = |text: &str| {
            text.match_indices(&named)
                .any(|(at, _)| !text[at + named.len()..].starts_with(|next: char| next.is_alphanumeric()))
        };
        within(&screens) || within(asked)
    };
    for (trigger, name) in Trigger::ALL {
        assert!(used(name), "no screen knows {name}");
        // The list of words answers this one.
        assert!(
            *trigger == Trigger::KeyIsSixDigits || Situation::at(*trigger).next().is_some(),
            "{name} offers nothing"
        );
    }
    assert!(!used("Login"), "a part of a name is no name");
    let never: Vec<_> = SITUATIONS.iter().filter(|it| it.triggers.is_empty()).map(|it| it.slug).collect();
    assert!(never.is_empty(), "{never:?} is offered nowhere");
}

/// What Longkey cannot help with is said in so many words, with the way to who can.
#[test]
fn what_is_outside_longkey_says_so() {
    let messages = json("static/_locales/en/messages.json");
    let page = read("extension/src/pages/help.rs");
    let outside = SITUATIONS.iter().filter(|it| it.kinds.contains(&Kind::Outside)).map(|it| it.slug);
    let outside: Vec<_> = outside.collect();
    assert_eq!(outside, ["locked_out", "mobile"]);
    assert!(said(&messages, "help_locked_out_text").ends_with("Only X support can help now."));
    assert!(page.contains("(\"locked_out\", &[Has::Saved, SUPPORT])"), "without the form of X's support");
    assert!(said(&messages, "help_mobile_text").starts_with("This is outside Longkey"));
    for key in ["help_here_none", "help_here_none_any"] {
        assert!(said(&messages, key).ends_with("only X support can help now."), "{key}");
    }
}

#[test]
fn every_row_that_has_something_exists() {
    let page = read("extension/src/pages/help.rs");
    let (_, table) = page.split_once("const HAVE").expect("the table");
    let (table, _) = table.split_once("];").expect("its end");
    let rows = table.lines().filter_map(|it| it.trim_start().strip_prefix("(\"")?.split('"').next());
    let rows: Vec<&str> = rows.collect();
    assert!(rows.len() > 10, "{rows:?}");
    let unknown: Vec<_> = rows.iter().filter(|it| Situation::of(it).is_none()).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
