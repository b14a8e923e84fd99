//! No sentence is a key, and every key is found: sentences made of X's own words in 50 languages, and random keys.
//!
//! X's words are `sites/x/ui-strings.json` (its source stands in it). They are not the words of its set-up, which X
//! never published; what counts is how languages build sentences.

use super::Seeded;
use longkey_core::env::Rng;
use longkey_core::protocol::{Mark, Screen, ScreenText};
use longkey_core::sites::x::{Step, Sure, judge};
use serde_json::Value;

const CASES: usize = 100_000;

impl Seeded {
    fn below(&mut self, count: usize) -> usize {
        let mut bytes = [0; 4];
        self.fill(&mut bytes);
        u32::from_le_bytes(bytes) as usize % count.max(1)
    }

    fn pick<'a, T: ?Sized>(&mut self, among: &[&'a T]) -> &'a T {
        among[self.below(among.len())]
    }
}

/// The set-up's step as the sensor sends it: a heading's sentence left out, elements nested, one text for each.
fn step(texts: &[&str]) -> Screen {
    let whole = ScreenText { within: None, text: texts.join("\n") };
    let parts = texts.iter().map(|text| ScreenText { within: Some(0), text: (*text).into() });
    let texts = std::iter::once(whole).chain(parts).collect();
    Screen { texts, marks: vec![Mark::ShowCodeNext], ..Screen::default() }
}

/// The words of each language; where words are not told apart by spaces, pieces of a few characters.
fn languages() -> Vec<Vec<String>> {
    let strings: Value = serde_json::from_str(include_str!("../../../sites/x/ui-strings.json")).expect("JSON");
    let languages = strings["languages"].as_object().expect("languages");
    languages
        .values()
        .map(|strings| {
            let all: Vec<&str> = strings.as_object().expect("strings").values().filter_map(Value::as_str).collect();
            let spaced = all.iter().any(|text| text.split_whitespace().count() > 3);
            if spaced {
                return all.iter().flat_map(|text| text.split_whitespace()).map(str::to_owned).collect();
            }
            let characters: Vec<char> = all.iter().flat_map(|text| text.chars()).collect();
            characters.chunks(3).map(|few| few.iter().collect()).collect()
        })
        .collect()
}

fn sentence(words: &[String], random: &mut Seeded) -> String {
    let mut chosen: Vec<String> = vec![];
    for _ in 0..=random.below(11) {
        let word = &words[random.below(words.len())];
        chosen.push(match random.below(12) {
            0 => random.pick(&["2", "2FA", "24", "7", "X", "30", "2026"]).into(),
            1 => word.trim_matches(|c: char| !c.is_alphanumeric()).into(),
            _ => word.clone(),
        });
    }
    let glue = random.pick(&[" ", " ", " ", " ", "\u{a0}", "-", " - "]);
    let sentence = chosen.join(glue);
    match random.below(4) {
        0 => sentence.to_uppercase(),
        1 => sentence.to_lowercase(),
        _ => sentence,
    }
}

#[test]
fn no_sentence_is_a_key() {
    let languages = languages();
    assert_eq!(languages.len(), 50);
    let mut random = Seeded(1);
    let mut asked = 0;
    for case in 0..CASES {
        let words = &languages[case % languages.len()];
        let said = sentence(words, &mut random);
        match judge(&step(&["Before it", &said, "after it"])) {
            Step::Other => {}
            // One long word in capitals could be a key without a digit: asked (rule 6).
            Step::Secret { key, sure: Sure::Ask } if said.split(' ').count() == 1 => {
                assert!(key.expose().bytes().all(|c| c.is_ascii_uppercase()), "{said}");
                asked += 1;
            }
            other => panic!("{said}: {other:?}"),
        }
    }
    assert!(asked * 1000 < CASES, "{asked} words are asked");
}

fn key(random: &mut Seeded) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let length = [16, 26, 32][random.below(3)];
    (0..length).map(|_| char::from(ALPHABET[random.below(32)])).collect()
}

#[test]
fn every_key_is_found() {
    let mut random = Seeded(2);
    let (mut certain, mut asked) = (0, 0);
    for _ in 0..CASES {
        let key = key(&mut random);
        let digit = key.bytes().any(|c| c.is_ascii_digit());
        match judge(&step(&["Enter the following code", &key, "into your app."])) {
            Step::Secret { key: found, sure } => {
                assert_eq!(found.expose(), key);
                assert_eq!(sure == Sure::Certain, digit, "{key}");
                *if digit { &mut certain } else { &mut asked } += 1;
            }
            other => panic!("{key}: {other:?}"),
        }
    }
    // (26/32)^16 of the shortest ones have no digit.
    assert!(asked > 0 && asked * 30 < certain, "{asked} asked, {certain} certain");
}

#[test]
fn every_key_with_a_digit_among_its_letters_is_found_in_groups_too() {
    let mut random = Seeded(3);
    let mut found = 0;
    for _ in 0..CASES {
        let key = key(&mut random);
        let size = [4, 4, 8, 5][random.below(4)];
        let groups: Vec<String> =
            key.as_bytes().chunks(size).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
        let mixed = groups.iter().any(|group| {
            let digits = group.bytes().filter(u8::is_ascii_digit).count();
            group.len() == size && (1..size).contains(&digits)
        });
        let shown = groups.join(random.pick(&[" ", "\u{a0}", "-", "\u{2011}", " \u{200b}"]));
        let shown = if random.below(2) == 0 { shown.to_lowercase() } else { shown };
        let shown = if random.below(4) == 0 { format!("\u{2068}{shown}\u{2069}") } else { shown };
        match judge(&step(&["Enter the following code", &shown])) {
            Step::Secret { key: read, sure: Sure::Certain } if mixed => {
                assert_eq!(read.expose(), key, "{shown}");
                found += 1;
            }
            Step::Other if !mixed => {}
            other => panic!("{shown}: {other:?}"),
        }
    }
    assert!(found * 10 > CASES * 9, "{found}");
}

/// Rule 8: what is no key does not become one by a guess.
#[test]
fn one_wrong_character_is_never_repaired() {
    let mut random = Seeded(4);
    for _ in 0..CASES / 10 {
        let mut letters: Vec<char> = key(&mut random).chars().collect();
        let at = random.below(letters.len());
        let wrong = ['0', '1', '8', '9', 'А', 'Е', 'О', 'Р', 'С', 'Τ', 'Ι', 'İ', 'ı', '٣', '_', '.', ':', '/'];
        letters[at] = wrong[random.below(wrong.len())];
        let shown: String = letters.into_iter().collect();
        assert_eq!(judge(&step(&["Enter the following code", &shown])), Step::Other, "{shown}");
    }
}
