//! What a popup keeps of its fields is a list, and about every field there is a decision: a new one fails here until it is
//! in `pages::kept` or in the list below. What hides its text, and e-mail addresses, are never kept.

use super::{read, written};
use std::collections::BTreeSet;

/// Plain fields that are not kept, and why.
const FORGOTTEN: &[(&str, &str)] = &[
    ("email-code", "a code"),
    ("erase-word", "it deletes everything"),
    ("fansly-code", "a code"),
    ("new-handle", "its form stands in a tab"),
    ("reset-handle", "the first screens, which no popup comes back to"),
    ("save-handle", "the screen of a key that X shows, which comes by itself with what X says"),
    ("scan-handle", "it is asked for a code that was read, and no code is kept"),
    ("workspace-name", "its form holds an API key, which is not kept"),
];

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split_once(&format!(" {name}=\""))?.1.split('"').next()
}

#[test]
fn a_popup_keeps_what_was_decided_and_no_secret() {
    let source = read("extension/src/pages/kept.rs");
    let list = |name: &str| -> BTreeSet<String> { written(&source, name).into_iter().collect() };
    let (fields, choices) = (list("FIELDS"), list("CHOICES"));
    let html = read("static/pages/app.html");
    let mut seen = BTreeSet::new();
    for tag in html.split('<').filter(|it| it.starts_with("input ") || it.starts_with("textarea ")) {
        let tag = tag.split('>').next().unwrap_or_default();
        let (id, kind) = (attribute(tag, "id").unwrap_or_default(), attribute(tag, "type").unwrap_or("text"));
        let kept = fields.contains(id);
        seen.insert(id.to_owned());
        match kind {
            "text" | "search" => assert!(
                kept != FORGOTTEN.iter().any(|it| it.0 == id),
                "whether a popup keeps {tag} must be decided: in FIELDS of pages/kept.rs, or here"
            ),
            "radio" => {
                seen.insert(attribute(tag, "name").unwrap_or_default().to_owned());
            }
            _ => assert!(!kept, "{tag} is never kept"),
        }
    }
    for name in fields.iter().chain(&choices).map(String::as_str).chain(FORGOTTEN.iter().map(|it| it.0)) {
        assert!(seen.contains(name), "there is no field {name}");
    }
}
