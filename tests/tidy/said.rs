//! Words that repeat what somebody else has said: X's names of its own menus, what our buttons are called, and how long
//! something stands.

use super::{files, json, read};
use serde_json::Value;

/// X's menus in our sentences, in their order.
const MENUS: [(&str, &[&str]); 3] = [
    ("reset_1", &["security_and_account_access", "security"]),
    ("reset_2", &["two_factor_title", "authentication_app"]),
    ("backup_where", &["security_and_account_access", "security", "two_factor_title", "backup_codes_link"]),
];

/// Our languages, each with its sentences.
fn languages() -> Vec<(String, Value)> {
    let all: Vec<_> = files("static/_locales", "json")
        .iter()
        .filter_map(|it| it.parent()?.file_name()?.to_str().map(str::to_owned))
        .map(|it| (it.clone(), json(&format!("static/_locales/{it}/messages.json"))))
        .collect();
    assert_eq!(all.len(), 16);
    all
}

/// What X calls a language of ours.
fn at_x(language: &str) -> &str {
    match language {
        "ar" => "ar-x-fm",
        "pt_BR" => "pt",
        "zh_CN" => "zh",
        "zh_TW" => "zh-Hant",
        same => same,
    }
}

#[test]
fn the_menus_of_x_are_called_as_x_calls_them() {
    let recorded = json("tests/sites/x/ui-strings.json");
    for (language, sentences) in languages() {
        let words = &recorded["languages"][at_x(&language)];
        for (name, menus) in MENUS {
            let mut rest = sentences[name]["message"].as_str().unwrap_or_else(|| panic!("{language}: no {name}"));
            for menu in menus {
                let word =
                    words[menu].as_str().unwrap_or_else(|| panic!("{language}: X's {menu} is not recorded")).trim();
                let (_, after) = rest
                    .split_once(word)
                    .unwrap_or_else(|| panic!("{language}: {name} does not say {word:?}, X's {menu}, but {rest:?}"));
                rest = after;
            }
        }
    }
}

/// Our buttons in our sentences: the sentence, and the words of the button.
const BUTTONS: [(&str, &str); 14] = [
    ("leaves_before", "fill"),
    ("leaves_sign_in_when", "try_again_now"),
    ("leaves_code_when", "fill"),
    ("leaves_fans_code_when", "fansly_submit"),
    ("flow_agree_password", "try_again_now"),
    ("flow_agree_code", "fansly_submit"),
    ("may_x_why", "fill"),
    ("reset_7_hint", "fill"),
    ("wait_closed", "accepted"),
    ("backup_filled", "backup_use"),
    ("refusal_key_is_migration", "scan_title"),
    ("help_backup_inactive_text", "backup_refused"),
    ("help_backup_use_text", "backup_use"),
    ("help_backup_use_text", "fill"),
];

#[test]
fn our_buttons_are_called_in_sentences_as_they_are() {
    for (language, sentences) in languages() {
        let said = |name: &str| sentences[name]["message"].as_str().unwrap_or_else(|| panic!("{language}: no {name}"));
        for (sentence, button) in BUTTONS {
            let (text, words) = (said(sentence), said(button));
            assert!(text.contains(words), "{language}: {sentence} does not say {words:?}, but {text:?}");
        }
    }
}

/// The number that follows, written with or without underscores.
fn number_after(path: &str, begins: &str) -> u64 {
    let source = read(path);
    let (_, rest) = source.split_once(begins).unwrap_or_else(|| panic!("{path} has no {begins}"));
    let digits: String =
        rest.chars().take_while(|it| it.is_ascii_digit() || *it == '_').filter(|it| *it != '_').collect();
    digits.parse().unwrap_or_else(|_| panic!("{path}: no number after {begins}"))
}

/// The button stands as long as its sentences say, and what it brings back is kept a little longer: a press at the end is then
/// still on its way.
#[test]
fn undo_stands_as_long_as_it_says() {
    let shown = number_after("extension/src/pages/bin.rs", "const UNDO_MS: u32 = ");
    let kept = number_after("core/src/app/undo.rs", "const KEEPS: Span = Span::seconds(") * 1000;
    assert!(shown + 1_000 <= kept && kept <= shown + 5_000, "shown for {shown} ms, kept for {kept}");
    let source = read("extension/src/pages/bin.rs");
    for (language, sentences) in languages() {
        let mut said = 0;
        for (name, sentence) in sentences.as_object().expect("words").iter().filter(|it| it.0.ends_with("_undo")) {
            if !source.contains(&format!("\"{name}\"")) {
                continue;
            }
            let text = sentence["message"].as_str().unwrap_or_default();
            let numbers: Vec<u64> =
                text.split(|it: char| !it.is_ascii_digit()).filter_map(|it| it.parse().ok()).collect();
            assert_eq!(numbers, [shown / 1000], "{language}: {name} says {text:?}");
            said += 1;
        }
        assert!(said >= 3, "{language}: {said} sentences of Undo");
    }
}
