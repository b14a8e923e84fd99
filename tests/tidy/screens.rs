//! The screens of the walk (`e2e/screens`): every address that the pages know has one, each has its records in `album`, and no
//! record is left of one that is gone. What the pictures show is the walk's to say.

use super::{files, read, root, written};
use std::collections::BTreeSet;
use std::fs;

/// A scene as it is written: its name, and all that follows up to the end of the statement.
fn scenes() -> Vec<(String, String)> {
    let mut scenes = vec![];
    for path in files("tests/e2e/screens", "rs") {
        let text = fs::read_to_string(&path).expect("text");
        for part in text.split("Scene::").skip(1) {
            let Some((_, rest)) = part.split_once('(') else { continue };
            let whole = rest.split(';').next().unwrap_or_default().to_owned();
            if let Some((name, _)) = rest.strip_prefix('"').and_then(|it| it.split_once('"')) {
                scenes.push((name.to_owned(), whole));
            }
        }
        // Those of a table, whose scene is written once.
        for name in text.split('"').skip(1).step_by(2) {
            if name.starts_with("result-") || name.starts_with("trouble-") {
                scenes.push((name.to_owned(), String::new()));
            }
        }
    }
    scenes
}

/// Every arm of `Route::print`: what it matches, and the address that it begins with.
fn addresses() -> Vec<(String, String)> {
    let source = read("extension/src/pages/route.rs");
    let (_, rest) = source.split_once("pub fn print").expect("the addresses");
    let (body, _) = rest.split_once("pub fn leads_back").expect("their end");
    let arms = body.split("Self::").collect::<Vec<_>>().join("\u{0}Self::").replace("| \u{0}", "| ");
    let arms = arms.split('\u{0}').filter(|it| it.contains("=>"));
    arms.map(|arm| (arm.to_owned(), arm.split('"').nth(1).unwrap_or_default().to_owned())).collect()
}

#[test]
fn every_address_has_a_scene() {
    let routes: BTreeSet<String> = files("tests/e2e/screens", "rs")
        .iter()
        .flat_map(|path| {
            let text = fs::read_to_string(path).expect("text");
            text.split('"').filter(|it| it.starts_with("#/")).map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    let arms = addresses();
    let variants = read("extension/src/pages/route.rs");
    let (_, variants) = variants.split_once("pub enum Route {").expect("the routes");
    let (variants, _) = variants.split_once("\n}").expect("their end");
    let variants: Vec<&str> = variants
        .lines()
        .map(str::trim)
        .filter(|it| !it.starts_with("//"))
        .filter_map(|it| it.split(['(', ',']).next().filter(|it| !it.is_empty()))
        .collect();
    assert!(variants.len() > 20, "{variants:?}");
    for variant in variants {
        let own = |arm: &str| {
            let mut words = arm.split(|it: char| !it.is_alphanumeric());
            words.any(|it| it == variant)
        };
        let arms: Vec<_> = arms.iter().filter(|it| own(&it.0)).collect();
        assert!(!arms.is_empty(), "{variant} has no address");
        for (arm, address) in arms {
            // An address of its own prints as home.
            let address = if variant == "Nowhere" { "#/nowhere" } else { address };
            let of_account = arm.contains("account.to_string()");
            let walked = |route: &&String| match address {
                "#/" => *route == address,
                // An account's name is known only once it is there; a handle may be written out.
                _ if address.ends_with('/') && of_account => {
                    route.strip_prefix(address).is_some_and(|it| it.contains('{'))
                }
                _ if address.ends_with('/') => route.strip_prefix(address).is_some_and(|it| !it.is_empty()),
                _ => *route == address,
            };
            assert!(routes.iter().any(|it| walked(&it)), "no scene of Route::{variant}, {address}");
        }
    }
}

#[test]
fn every_scene_has_its_records_and_every_record_its_scene() {
    let mut wanted = BTreeSet::new();
    for (name, written) in scenes() {
        let heard = written.contains(".with_tree()").then_some("tree.txt");
        let kinds = ["light.png", "dark.png", "rtl.png"].into_iter().chain(heard);
        wanted.extend(kinds.map(|kind| format!("{name}.{kind}")));
    }
    let there = fs::read_dir(root().join("tests/album")).expect("the album");
    let there: BTreeSet<String> =
        there.map(|it| it.expect("a record").file_name().to_string_lossy().into_owned()).collect();
    let missing: Vec<_> = wanted.difference(&there).collect();
    let nobodys: Vec<_> = there.difference(&wanted).collect();
    assert!(nobodys.is_empty(), "records of no scene: {nobodys:?}");
    assert!(
        missing.is_empty(),
        "scenes without their records, which `cargo xtask screenshots --accept` makes: {missing:?}"
    );
}

/// The walk takes its pictures in the themes and languages that the command then looks for.
#[test]
fn walk_and_command_take_the_same_pictures() {
    let list = |path: &str, name: &str| written(&read(path), name);
    for name in ["THEMES", "LANGUAGES"] {
        let (walk, command) = (list("tests/e2e/screens/walk.rs", name), list("xtask/src/screenshots.rs", name));
        assert!(walk.len() > 1, "{name}");
        assert_eq!(walk, command, "{name}");
    }
}
