//! The words of the interface, `static/_locales/<language>/messages.json`: checked against the English ones, and made as they
//! ship.
//!
//! English says which sentences there are and what their placeholders are called; a translation has nothing but sentences. A
//! sentence that is missing, that nobody asks for or whose placeholders differ fails the build. What ships has `$1` in place
//! of names, and two entries that the files do not have: `words_language` and `words_direction`.
//!
//! The packages for tests also get two languages that nobody speaks: `en_XA`, 40 % longer and with an accent on every letter,
//! and `ar_XB`, English written from right to left. What is still plain English there does not come from these files.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::build::Files;

/// The language that the others are made after.
const FIRST: &str = "en";

/// Languages, with the plural classes that their whole numbers have (CLDR 48, as `Intl.PluralRules` selects them). The class
/// `many` of Spanish, French, Italian and Portuguese begins at a million; nothing here is counted so far.
const LANGUAGES: [(&str, &[&str]); 16] = [
    ("ar", &["zero", "one", "two", "few", "many", "other"]),
    ("de", &["one", "other"]),
    ("en", &["one", "other"]),
    ("es", &["one", "other"]),
    ("fr", &["one", "other"]),
    ("he", &["one", "two", "other"]),
    ("hi", &["one", "other"]),
    ("id", &["other"]),
    ("it", &["one", "other"]),
    ("ja", &["other"]),
    ("ko", &["other"]),
    ("pt_BR", &["one", "other"]),
    ("ru", &["one", "few", "many", "other"]),
    ("tr", &["one", "other"]),
    ("zh_CN", &["other"]),
    ("zh_TW", &["other"]),
];

const FROM_THE_RIGHT: [&str; 2] = ["ar", "he"];

/// Every plural class that there is.
const CLASSES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

type Sentences = BTreeMap<String, String>;
/// What the placeholders of a sentence stand for: `HANDLE` → `$1`.
type Places = BTreeMap<String, BTreeMap<String, String>>;

/// Which languages a package has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spoken {
    /// Those that people speak.
    ByPeople,
    /// The two for tests as well.
    InTests,
}

/// Puts the files as they ship in place of those of the repository.
pub(crate) fn compile(files: &mut Files, spoken: Spoken) -> Result<()> {
    let mut found = BTreeMap::new();
    for (name, _) in files.iter().filter(|(name, _)| name.starts_with("_locales/")) {
        let language = name.split('/').nth(1).unwrap_or_default().to_owned();
        if *name != path(&language) {
            bail!("{name}: a language has a messages.json and nothing else");
        }
        found.insert(language, files[name].clone());
    }
    let known: BTreeSet<&str> = LANGUAGES.iter().map(|(name, _)| *name).collect();
    let there: BTreeSet<&str> = found.keys().map(String::as_str).collect();
    if known != there {
        bail!("static/_locales and xtask/src/words.rs disagree on {:?}", known.symmetric_difference(&there));
    }
    let (english, places) = read(&found[FIRST]).context("static/_locales/en")?;
    let mut wrong = Vec::new();
    for (language, classes) in LANGUAGES {
        let (sentences, own) = read(&found[language]).with_context(|| format!("static/_locales/{language}"))?;
        if language != FIRST && !own.is_empty() {
            wrong.push(format!("{language}: placeholders are declared in English alone"));
        }
        wrong.extend(differences(&english, &sentences, classes).into_iter().map(|it| format!("{language}: {it}")));
        let direction = if FROM_THE_RIGHT.contains(&language) { "rtl" } else { "ltr" };
        files.insert(path(language), shipped(&sentences, &places, &language.replace('_', "-"), direction)?);
    }
    if !wrong.is_empty() {
        bail!("the words of static/_locales:\n  {}", wrong.join("\n  "));
    }
    if spoken == Spoken::InTests {
        let longer = english.iter().map(|(name, text)| (name.clone(), longer(text))).collect();
        files.insert(path("en_XA"), shipped(&longer, &places, "en-XA", "ltr")?);
        let mirrored = english.iter().map(|(name, text)| (name.clone(), mirrored(text))).collect();
        files.insert(path("ar_XB"), shipped(&mirrored, &places, "ar-XB", "rtl")?);
    }
    Ok(())
}

fn path(language: &str) -> String {
    format!("_locales/{language}/messages.json")
}

fn read(bytes: &[u8]) -> Result<(Sentences, Places)> {
    let value: BTreeMap<String, Value> = serde_json::from_slice(bytes)?;
    let (mut sentences, mut places) = (Sentences::new(), Places::new());
    for (name, entry) in value {
        let text = entry["message"].as_str().with_context(|| format!("{name} has no message"))?;
        sentences.insert(name.clone(), text.to_owned());
        let Some(declared) = entry["placeholders"].as_object() else { continue };
        for (place, what) in declared {
            let content = what["content"].as_str().with_context(|| format!("{name}: {place} has no content"))?;
            places.entry(name.clone()).or_default().insert(place.to_uppercase(), content.to_owned());
        }
    }
    Ok((sentences, places))
}

/// The name of the family, if this is a sentence for a count.
fn family<'a>(sentences: &Sentences, name: &'a str) -> Option<&'a str> {
    let (stem, class) = name.rsplit_once('_')?;
    let counted = sentences.contains_key(&format!("{stem}_one")) && sentences.contains_key(&format!("{stem}_other"));
    (counted && CLASSES.contains(&class)).then_some(stem)
}

/// What is missing in a language, and what is too much.
fn differences(english: &Sentences, sentences: &Sentences, classes: &[&str]) -> Vec<String> {
    let mut wanted: BTreeMap<String, &str> = BTreeMap::new();
    for (name, text) in english {
        match family(english, name) {
            None => drop(wanted.insert(name.clone(), text)),
            Some(stem) => {
                let other = &english[&format!("{stem}_other")];
                wanted.extend(classes.iter().map(|class| (format!("{stem}_{class}"), other.as_str())));
            }
        }
    }
    let mut wrong = Vec::new();
    for (name, text) in &wanted {
        let Some(own) = sentences.get(name) else {
            wrong.push(format!("{name} is missing"));
            continue;
        };
        let (asked, has) = (named(text), named(own));
        // "One key", "two keys": a count may be said in words.
        let in_words = family(english, name).is_some();
        if own.trim().is_empty() || own.trim() != own {
            wrong.push(format!("{name} is empty or has space around it"));
        } else if !(asked == has || in_words && has.is_subset(&asked)) {
            wrong.push(format!("{name} has the placeholders {has:?}, not {asked:?}"));
        }
    }
    wrong.extend(sentences.keys().filter(|it| !wanted.contains_key(*it)).map(|it| format!("nobody asks for {it}")));
    wrong
}

/// The names between dollars. A dollar of any other kind is a name that no English sentence has.
fn named(text: &str) -> BTreeSet<&str> {
    text.split('$').skip(1).step_by(2).collect()
}

/// A sentence cut at its placeholders: text, name, text, name, … text.
fn pieces(text: &str) -> impl Iterator<Item = (bool, &str)> {
    text.split('$').enumerate().map(|(at, piece)| (at % 2 == 1, piece))
}

fn shipped(sentences: &Sentences, places: &Places, tag: &str, direction: &str) -> Result<Vec<u8>> {
    let mut entries = BTreeMap::new();
    for (name, text) in sentences {
        // A family has more classes than English has declared.
        let stem = name.rsplit_once('_').map(|(stem, _)| format!("{stem}_other")).unwrap_or_default();
        let own = places.get(name).or_else(|| places.get(&stem));
        let mut whole = String::new();
        for (is_name, piece) in pieces(text) {
            let filled = if is_name { own.and_then(|it| it.get(piece)).map(String::as_str) } else { Some(piece) };
            whole.push_str(filled.with_context(|| format!("{tag}: {name} has an undeclared ${piece}$"))?);
        }
        entries.insert(name.as_str(), json!({ "message": whole }));
    }
    entries.insert("words_direction", json!({ "message": direction }));
    entries.insert("words_language", json!({ "message": tag }));
    Ok(serde_json::to_vec(&entries)?)
}

fn longer(text: &str) -> String {
    let accented = |letter: char| match letter {
        'a' => 'á',
        'e' => 'é',
        'i' => 'í',
        'o' => 'ó',
        'u' => 'ú',
        'n' => 'ñ',
        's' => 'š',
        'c' => 'ç',
        'A' => 'Á',
        'E' => 'É',
        'I' => 'Í',
        'O' => 'Ó',
        'U' => 'Ú',
        'S' => 'Š',
        'C' => 'Ç',
        other => other,
    };
    let whole = pieces(text).map(
        |(is_name, piece)| {
            if is_name { format!("${piece}$") } else { piece.chars().map(accented).collect() }
        },
    );
    let whole: String = whole.collect();
    // Words, not one long string: what is too long for a line has to wrap as it does in a language.
    let more = "~ ".repeat(text.chars().count() / 5);
    format!("[{whole} {more}]")
}

/// Every word between an override and its end: the letters run from the right, the placeholders stay as they are.
fn mirrored(text: &str) -> String {
    let turned = |word: &str| if word.is_empty() { String::new() } else { format!("\u{202e}{word}\u{202c}") };
    let whole = pieces(text).map(|(is_name, piece)| {
        if is_name { format!("${piece}$") } else { piece.split(' ').map(turned).collect::<Vec<_>>().join(" ") }
    });
    whole.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn sentences(pairs: &[(&str, &str)]) -> Sentences {
        pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn what_a_language_lacks_is_named() {
        let english = sentences(&[
            ("open", "Open $HANDLE$"),
            ("left_one", "$COUNT$ key"),
            ("left_other", "$COUNT$ keys"),
            ("done", "Done"),
        ]);
        let good = sentences(&[
            ("open", "$HANDLE$ öffnen"),
            ("left_one", "ein Schlüssel"),
            ("left_other", "$COUNT$ Schlüssel"),
            ("done", "Fertig"),
        ]);
        assert_eq!(differences(&english, &good, &["one", "other"]), [""; 0]);
        assert_eq!(differences(&english, &good, &["other"]), ["nobody asks for left_one"]);
        assert_eq!(differences(&english, &good, &["one", "few", "other"]), ["left_few is missing"]);
        let bad = sentences(&[("open", "$HANDEL$ öffnen"), ("left_other", "$COUNT$"), ("done", " "), ("more", "Mehr")]);
        let wrong = differences(&english, &bad, &["other"]);
        assert_eq!(wrong.len(), 3, "{wrong:?}");
    }

    #[test]
    fn names_become_places_and_the_languages_for_tests_keep_them() {
        let english = sentences(&[("two", "$FIRST$ and $SECOND$ are there")]);
        let declared = [("FIRST".to_owned(), "$1".to_owned()), ("SECOND".to_owned(), "$2".to_owned())];
        let places = Places::from([("two".to_owned(), declared.into())]);
        for made in [english["two"].clone(), longer(&english["two"]), mirrored(&english["two"])] {
            let file = shipped(&sentences(&[("two", &made)]), &places, "en", "ltr").expect("a file");
            let file: Value = serde_json::from_slice(&file).expect("JSON");
            let text = file["two"]["message"].as_str().expect("text");
            assert!(text.contains("$1") && text.contains("$2") && !text.contains("FIRST"), "{text}");
        }
        assert!(shipped(&english, &Places::new(), "en", "ltr").is_err());
    }

    #[test]
    fn the_plural_classes_are_those_that_browsers_select() {
        let script = "for (const tag of process.argv.slice(1)) {
            const rules = new Intl.PluralRules(tag);
            console.log([...new Set(Array.from({ length: 2001 }, (_, count) => rules.select(count)))].sort().join(' '));
        }";
        let tags = LANGUAGES.map(|(name, _)| name.replace('_', "-"));
        let said = Command::new("node").args(["-e", script]).args(tags).output().expect("Node");
        let said = String::from_utf8(said.stdout).expect("text");
        for ((name, classes), selected) in LANGUAGES.iter().zip(said.lines()) {
            // `other` is also what a class that is not there falls back to.
            let own: BTreeSet<&str> = classes.iter().copied().collect();
            let selected: BTreeSet<&str> = selected.split(' ').chain(["other"]).collect();
            assert_eq!(own, selected, "{name}");
        }
        assert_eq!(said.lines().count(), LANGUAGES.len());
    }
}
