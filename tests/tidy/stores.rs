//! What the stores are told (`.github/store`) is what the packages ask for, within what the stores allow.

use super::{json, read, root, words};
use std::collections::BTreeSet;
use std::fs;

/// The part of a text below this heading, to the next heading of its rank.
fn part<'a>(text: &'a str, heading: &str) -> &'a str {
    let rank = heading.split(' ').next().unwrap_or_default();
    let start = text.find(&format!("{heading}\n")).unwrap_or_else(|| panic!("no {heading:?}")) + heading.len();
    let rest = &text[start..];
    rest.find(&format!("\n{rank} ")).map_or(rest, |end| &rest[..end]).trim()
}

/// Chrome's form takes 1,000 characters for each.
#[test]
fn each_permission_has_its_justification_and_no_other_is_named() {
    let text = read(".github/store/permissions.md");
    let mut asked = BTreeSet::new();
    for package in ["chrome", "edge", "firefox"] {
        let manifest = json(&format!("tests/manifests/{package}.json"));
        for list in ["permissions", "host_permissions", "optional_permissions", "optional_host_permissions"] {
            asked.extend(words(&manifest[list]));
        }
        for script in manifest["content_scripts"].as_array().into_iter().flatten() {
            asked.extend(words(&script["matches"]));
        }
    }
    let told: BTreeSet<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("### `").and_then(|line| line.strip_suffix('`')).map(str::to_owned))
        .collect();
    assert_eq!(told, asked);
    for name in &told {
        let because = part(&text, &format!("### `{name}`")).split("\n## ").next().unwrap_or_default().trim();
        assert!((40..=1_000).contains(&because.chars().count()), "{name}: {because:?}");
    }
    let purpose = part(&text, "## Single purpose");
    assert!((40..=1_000).contains(&purpose.chars().count()));
}

/// Firefox asks the user for these by name; the answers about data name each.
#[test]
fn what_firefox_asks_about_data_is_answered() {
    let manifest = json("tests/manifests/firefox.json");
    let answers = read(".github/store/data.md");
    let asked = &manifest["browser_specific_settings"]["gecko"]["data_collection_permissions"];
    assert_eq!(words(&asked["required"]), BTreeSet::from(["none".to_owned()]));
    for name in words(&asked["optional"]) {
        assert!(answers.contains(&format!("`{name}`")), "{name}");
    }
}

/// Chrome: 132 characters for the manifest's description. Edge: names up to 45. Firefox: names up to 50, summaries up to 250. A
/// long description has 250 (Edge) to 10,000 characters (Edge; Chrome takes 16,000).
#[test]
fn names_and_descriptions_keep_within_what_stores_allow() {
    for language in fs::read_dir(root().join("static/_locales")).expect("languages") {
        let language = language.expect("an entry").file_name().to_string_lossy().into_owned();
        let messages = json(&format!("static/_locales/{language}/messages.json"));
        let count = |name: &str| messages[name]["message"].as_str().unwrap_or_default().chars().count();
        assert!((1..=45).contains(&count("appName")), "{language}: appName");
        assert!((1..=132).contains(&count("appDescription")), "{language}: appDescription");
    }
    let (listing, english) = (read(".github/store/listing.md"), json("static/_locales/en/messages.json"));
    assert_eq!(part(&listing, "## Name"), english["appName"]["message"]);
    assert_eq!(part(&listing, "## Short description"), english["appDescription"]["message"]);
    assert!((250..=10_000).contains(&part(&listing, "## Description").chars().count()));
}

/// What leaves the browser is told in one way.
#[test]
fn the_privacy_policy_tells_what_the_readme_tells() {
    let table = |text: &str| {
        let table = text.lines().skip_while(|line| !line.starts_with("| what | to | when |"));
        table.take_while(|line| line.starts_with('|')).map(str::to_owned).collect::<Vec<_>>()
    };
    let told = table(&read(".github/store/privacy.md"));
    assert!(told.len() > 5);
    assert_eq!(told, table(&read("README.md")));
}
