//! What must agree in two places, and what must not be there: each check fails when one of them is forgotten.

#![cfg(not(target_arch = "wasm32"))]

mod help;
mod kept;
mod said;
mod screens;
mod stores;

use longkey_core::services::Host;
use longkey_core::sites::x;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn json(path: &str) -> Value {
    serde_json::from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = vec![];
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn words(value: &Value) -> BTreeSet<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(Into::into).collect()
}

/// A browser writes what stands in a field into its session files and lists, unless the field says no (HTML, 4.10.18.7).
#[test]
fn no_field_leaves_what_is_typed_to_the_browser() {
    let mut fields = 0;
    for path in files("static", "html") {
        let page = fs::read_to_string(&path).expect("a page");
        let tags = page.split('<').filter(|it| it.starts_with("input") || it.starts_with("textarea"));
        let chosen =
            |tag: &&str| ["radio", "checkbox", "file"].iter().all(|it| !tag.contains(&format!("type=\"{it}\"")));
        for tag in tags.filter_map(|it| it.split('>').next()).filter(chosen) {
            assert!(tag.contains("autocomplete=\"off\""), "{}: {tag}", path.display());
            fields += 1;
        }
    }
    assert!(fields > 25, "{fields}");
}

#[test]
fn the_core_knows_no_browser_clock_entropy_or_network() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let tree = Command::new(cargo)
        .args([
            "tree",
            "--locked",
            "-p",
            "longkey-core",
            "-e",
            "normal",
            "--prefix",
            "none",
            "--target",
            "wasm32v1-none",
        ])
        .current_dir(root())
        .output()
        .expect("cargo tree");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8_lossy(&tree.stdout).into_owned();
    for name in ["web-sys", "js-sys", "wasm-bindgen", "getrandom", "url", "gloo", "rand"] {
        assert!(!tree.lines().any(|line| line.split(' ').next() == Some(name)), "longkey-core depends on {name}");
    }
}

/// Upward only; modules of one line may know each other.
#[test]
fn inside_the_core_the_arrows_point_one_way() {
    const FLOORS: &[&[&str]] = &[
        &["refusal", "clock", "secret", "base64", "label", "long_key", "env", "help", "reset"],
        &["backup_codes", "code", "capture", "services", "run"],
        &["otpauth", "vault", "diagnostic"],
        &["protocol", "import"],
        &["sites"],
        &["gate"],
        &["effect"],
        &["app"],
    ];
    let floor = |name: &str| FLOORS.iter().position(|floor| floor.contains(&name));
    for path in files("core/src", "rs") {
        let inside = path.strip_prefix(root().join("core/src")).expect("inside").to_string_lossy().into_owned();
        let own = inside.split(['/', '.']).next().unwrap_or_default();
        if own == "lib" {
            continue;
        }
        let own_floor = floor(own).unwrap_or_else(|| panic!("{own} stands on no floor"));
        let text = fs::read_to_string(&path).expect("text");
        for part in text.split("crate::").skip(1) {
            let name: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let other = floor(&name).unwrap_or_else(|| panic!("{inside}: {name} stands on no floor"));
            assert!(other <= own_floor, "{inside} looks up to {name}");
        }
    }
}

#[test]
fn hosts_are_the_same_everywhere() {
    let base = json("manifest/base.json");
    let patterns: BTreeSet<String> = x::HOSTS.iter().map(|host| format!("https://{host}/*")).collect();
    assert_eq!(words(&base["host_permissions"]), patterns);
    assert_eq!(words(&base["content_scripts"][0]["matches"]), patterns);
    let policy = base["content_security_policy"]["extension_pages"].as_str().expect("a policy");
    let connect =
        policy.split(';').map(str::trim).find_map(|it| it.strip_prefix("connect-src 'self' ")).expect("connect-src");
    let optional = words(&base["optional_host_permissions"]);
    let allowed: BTreeSet<String> = connect.split(' ').map(|origin| format!("{origin}/*")).collect();
    assert_eq!(allowed, optional, "policy and optional hosts");
    for host in Host::ALL {
        assert!(optional.contains(&format!("{}/*", host.origin())), "{}", host.origin());
    }
    let asked = read("extension/src/browser/permissions.rs");
    let asked: BTreeSet<String> = asked.split('"').filter(|it| it.starts_with("https://")).map(str::to_owned).collect();
    assert_eq!(asked, patterns.union(&optional).cloned().collect(), "what is asked for");
    let mut test = words(&json("manifest/test.json")["host_permissions"]);
    test.retain(|it| !patterns.contains(it));
    assert_eq!(test, optional, "the packages for tests");
}

#[test]
fn javascript_is_bound_in_one_room() {
    for path in files("extension/src", "rs") {
        let text = fs::read_to_string(&path).expect("text");
        let inside = path.components().any(|part| part.as_os_str() == "browser");
        assert!(inside || !text.contains("extern \"C\""), "{}: extern outside browser/", path.display());
        // What JavaScript throws where nobody catches it leaves a task's promise pending for ever.
        for part in text.split("extern \"C\" {").skip(1) {
            let block = part.split("\n}").next().unwrap_or_default();
            for (at, _) in block.match_indices("    fn ").chain(block.match_indices("async fn ")) {
                let head = block[..at].rsplit("#[wasm_bindgen(").next().unwrap_or_default();
                let name = block[at..].lines().next().unwrap_or_default();
                assert!(head.contains("catch"), "{}: {name} without catch", path.display());
            }
        }
        assert!(!text.contains("new_no_args") && !text.contains("Function::new_with"), "{}: eval", path.display());
    }
}

/// A font is a token: what a screen looks like on record is drawn with other families, put in their place. Paper has its own.
#[test]
fn fonts_are_tokens() {
    for path in files("static/style", "css") {
        let text = fs::read_to_string(&path).expect("text");
        let screen = text.split("@media print").next().unwrap_or_default();
        let token = |line: &&str| !line.trim_start().starts_with("--") && line.contains("system-ui");
        let others: Vec<&str> = screen.lines().filter(token).collect();
        assert!(others.is_empty(), "{}: {others:?}", path.display());
    }
    let records = read("tests/e2e/screens/page.rs");
    let tokens = read("static/style/tokens.css");
    let fonts = tokens.lines().filter_map(|line| line.trim().split_once(": ")).filter(|(_, font)| font.contains("px/"));
    let missing: Vec<&str> = fonts.map(|it| it.0).filter(|it| !records.contains(&format!("'{it}'"))).collect();
    assert!(missing.is_empty(), "not put in their place: {missing:?}");
}

#[test]
fn nothing_that_the_policy_or_the_stores_forbid() {
    for path in files("static", "js").into_iter().chain(files("static", "html")).chain(files("extension/src", "rs")) {
        let text = fs::read_to_string(&path).expect("text");
        for word in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "eval(",
            "new Function",
            "get(null)",
            "local.clear",
            "session.clear",
            "console.log",
            " onclick=",
            " style=\"",
        ] {
            let said = text.lines().any(|line| line.contains(word) && !line.trim_start().starts_with("//"));
            assert!(!said, "{} has {word}", path.display());
        }
    }
    let base = read("manifest/base.json");
    assert!(!base.contains("web_accessible_resources"));
}

#[test]
fn each_word_that_the_page_names_exists() {
    let messages = json("static/_locales/en/messages.json");
    let html = read("static/pages/app.html");
    let mut missing = BTreeSet::new();
    for attribute in ["data-i18n=\"", "data-i18n-label=\"", "data-i18n-hint=\"", "data-bar=\"", "data-name=\""] {
        for part in html.split(attribute).skip(1) {
            let key = part.split('"').next().unwrap_or_default();
            if !messages[key]["message"].is_string() {
                missing.insert(key.to_owned());
            }
        }
    }
    assert!(missing.is_empty(), "no words for {missing:?}");
}

/// Results come in one polite region: a second one, or an alert, would talk over it.
#[test]
fn there_is_one_live_region() {
    let html = read("static/pages/app.html");
    for speaks in
        ["role=\"status\"", "role=\"alert\"", "role=\"log\"", "aria-live=\"polite\"", "aria-live=\"assertive\""]
    {
        let here = html.lines().filter(|line| line.contains(speaks));
        let others: Vec<&str> = here.filter(|line| !line.contains("id=\"live\"")).collect();
        assert!(others.is_empty(), "{speaks} beside #live: {others:?}");
    }
    assert_eq!(html.matches("aria-live=\"polite\" id=\"live\"").count(), 1);
}

/// What lies over X's page takes two lines of 286 px at most: letters of 7 px, or signs of 14.
#[test]
fn what_lies_over_x_is_short() {
    for path in files("static/_locales", "json") {
        let language = path.parent().and_then(Path::file_name).expect("a name").to_string_lossy().into_owned();
        let most = if ["ja", "ko", "zh_CN", "zh_TW"].contains(&&*language) { 44 } else { 82 };
        let words: Value = serde_json::from_str(&fs::read_to_string(&path).expect("text")).expect("JSON");
        for (name, word) in words.as_object().expect("words").iter().filter(|it| it.0.starts_with("toast_")) {
            let long = word["message"].as_str().unwrap_or_default().chars().count();
            assert!(long <= most, "{language}: {name} has {long} letters of {most}");
        }
    }
}

/// Settings offers the languages that there are.
#[test]
fn each_language_can_be_chosen() {
    let html = read("static/pages/app.html");
    let offered: BTreeSet<_> = html.split("<option value=\"").filter_map(|it| it.split_once("\" lang=\"")).collect();
    let offered: BTreeSet<_> =
        offered.into_iter().filter(|(name, _)| !name.contains('"')).map(|(name, _)| name).collect();
    let there = files("static/_locales", "json");
    let there: BTreeSet<_> = there.iter().filter_map(|it| it.parent()?.file_name()?.to_str()).collect();
    assert_eq!(offered, there);
}

/// The words of a constant list, as its source has them: what stands between quotation marks.
fn written(source: &str, name: &str) -> Vec<String> {
    let (_, rest) = source.split_once(&format!("const {name}")).unwrap_or_else(|| panic!("no {name}"));
    let (_, rest) = rest.split_once('=').expect("a list");
    let (list, _) = rest.split_once(']').expect("its end");
    list.split('"').skip(1).step_by(2).map(Into::into).collect()
}

/// The diagnostic text names each of them, as the build marks the page.
#[test]
fn the_diagnostic_text_knows_each_language() {
    let source = read("extension/src/pages/diagnostics.rs");
    let known: BTreeSet<String> = written(&source, "LANGUAGES").into_iter().collect();
    let there = files("static/_locales", "json");
    let there = there.iter().filter_map(|it| it.parent()?.file_name()?.to_str()).map(|it| it.replace('_', "-"));
    assert_eq!(known, there.collect());
}

/// A state is an icon and a word: heard, the icon would be "image" before each of them.
#[test]
fn icons_are_silent() {
    let page = read("static/pages/app.html");
    for tag in page.split("<svg").skip(1).filter_map(|it| it.split('>').next()) {
        let silent = tag.contains("aria-hidden=\"true\"") || tag.contains("role=\"img\"");
        assert!(silent, "an icon without a name is heard: <svg{tag}>");
    }
}

/// What stands up to the next quotation mark, wherever a text has this.
fn quoted<'text>(text: &'text str, before: &str) -> BTreeSet<&'text str> {
    text.split(before).skip(1).filter_map(|it| it.split('"').next()).collect()
}

/// A drawing that nothing shows is nobody's, and one that is shown is there. Our sources write `i-name` in the page, and the
/// name alone where it is chosen by what is so.
#[test]
fn each_icon_is_shown_and_exists() {
    let html = read("static/pages/app.html");
    let (drawn, written) = (quoted(&html, "<symbol id=\""), quoted(&html, "href=\"#"));
    let icon = |it: &str| it.starts_with("i-") || it == "mark";
    let missing: Vec<_> = written.iter().filter(|it| icon(it) && !drawn.contains(*it)).collect();
    assert!(missing.is_empty(), "no drawings for {missing:?}");
    let sources: String =
        files("extension/src/pages", "rs").iter().map(|it| fs::read_to_string(it).expect("text")).collect();
    // The name of a slot is no icon's.
    let parts: Vec<&str> = sources.split('"').collect();
    let slot = |before: &str| before.rsplit_once("slot(").is_some_and(|(_, since)| !since.contains(')'));
    let chosen: BTreeSet<&str> = parts.windows(2).filter(|it| !slot(it[0])).map(|it| it[1]).collect();
    let unseen: Vec<_> = drawn
        .iter()
        .filter(|it| !written.contains(*it) && !it.strip_prefix("i-").is_some_and(|name| chosen.contains(name)))
        .collect();
    assert!(unseen.is_empty(), "nothing shows {unseen:?}");
}

/// What a name begins or ends with where our sources write the rest of it alone.
const SLOT_PARTS: [&str; 6] = ["part-", "list-", "all-", "-term", "-mark", "-line"];

/// A slot that a screen fills is in its template, and none is there that nobody fills: an empty line, or words that stay away.
#[test]
fn each_slot_is_filled_and_exists() {
    let html = read("static/pages/app.html");
    let there = quoted(&html, "data-slot=\"");
    let sources: String =
        files("extension/src/pages", "rs").iter().map(|it| fs::read_to_string(it).expect("text")).collect();
    let made = quoted(&sources, "\"data-slot\", \"");
    let parts: Vec<&str> = sources.split('"').collect();
    let of_call = |before: &str, after: &str| {
        let (_, arguments) = before.rsplit_once("slot(").unwrap_or_default();
        let whole = arguments.is_empty() || arguments.ends_with(", ") && !arguments.contains([';', '=']);
        before.contains("slot(") && whole && after.starts_with(')')
    };
    let named: BTreeSet<&str> = parts.windows(3).filter(|it| of_call(it[0], it[2])).map(|it| it[1]).collect();
    assert!(named.len() > 200, "{}", named.len());
    let missing: Vec<_> = named.iter().filter(|it| !there.contains(*it) && !made.contains(*it)).collect();
    assert!(missing.is_empty(), "no template has {missing:?}");
    let written: BTreeSet<&str> = parts.iter().copied().collect();
    let rest = |name: &str| {
        SLOT_PARTS.iter().any(|part| {
            let rest = name.strip_prefix(part).or_else(|| name.strip_suffix(part));
            rest.is_some_and(|it| written.contains(it)) && written.contains(part)
        })
    };
    let unseen: Vec<_> = there.iter().filter(|it| !written.contains(*it) && !rest(it)).collect();
    assert!(unseen.is_empty(), "nobody fills {unseen:?}");
}

/// Words that are named in two parts: how they begin, and where what follows stands in quotes, or is the name of a variant.
const IN_PARTS: [(&str, &str); 17] = [
    ("account_", "extension/src/browser/seen/services.rs"),
    ("health_", "extension/src/browser/seen/services.rs"),
    ("turn_", "extension/src/browser/seen/services.rs"),
    ("standing_", "extension/src/pages/words.rs"),
    ("notice_", "extension/src/browser/asked.rs"),
    ("verdict_", "core/src/services/xquik/mod.rs"),
    ("connection_", "core/src/services/xquik/mod.rs"),
    ("connection_", "core/src/app/connecting/mod.rs"),
    ("connection_", "extension/src/pages/new_account.rs"),
    ("fans_", "core/src/services/fansly.rs"),
    ("refusal_", "core/src/refusal.rs"),
    ("refusal_", "extension/src/pages/derive.rs"),
    ("trouble_", "core/src/refusal.rs"),
    ("doubt_", "core/src/capture.rs"),
    ("toast_", "core/src/protocol/content.rs"),
    ("reset_", "extension/src/pages/reset.rs"),
    ("help_", "core/src/help.rs"),
];

/// What may follow.
const ENDINGS: [&str; 6] = ["", "_title", "_text", "_action", "_list_text", "_hint"];

/// The name of a variant that serde writes like this.
fn variant(word: &str) -> String {
    let parts = word.split('_').map(|it| it[..1].to_uppercase() + &it[1..]);
    parts.collect()
}

/// The other way round: words that nothing names are nobody's.
#[test]
fn each_word_that_exists_is_named() {
    let messages = json("static/_locales/en/messages.json");
    let folders =
        [("extension/src", "rs"), ("core/src", "rs"), ("static", "html"), ("static", "js"), ("manifest", "json")];
    let sources = folders.iter().flat_map(|(folder, ending)| files(folder, ending));
    let sources: String = sources.map(|path| fs::read_to_string(path).expect("a text")).collect();
    let quoted: BTreeSet<&str> = sources.split('"').collect();
    let parts = IN_PARTS.map(|(begins, file)| (begins, read(file)));
    let named = |text: &str, word: &str| {
        let quote = format!("\"{word}\"");
        let variant = variant(word);
        text.contains(&quote) || text.split(|it: char| !it.is_alphanumeric()).any(|it| it == variant)
    };
    let counted = |key: &str| {
        let mut stems = ["_one", "_other"].into_iter().filter_map(|it| key.strip_suffix(it));
        stems.any(|it| quoted.contains(it) || quoted.contains(&*format!("{it}_")))
    };
    let in_parts = |key: &str| {
        parts.iter().filter_map(|(begins, text)| Some((key.strip_prefix(begins)?, text))).any(|(rest, text)| {
            let words = ENDINGS.iter().filter_map(|it| rest.strip_suffix(it));
            words.filter(|it| !it.is_empty() && !it.starts_with('_')).any(|it| named(text, it))
        })
    };
    // A country's code, and a step's number.
    let country = |key: &str| key.strip_prefix("country_").is_some_and(|it| it.len() == 2);
    let step = |key: &str| key.strip_prefix("reset_").is_some_and(|it| it.starts_with(|it: char| it.is_ascii_digit()));
    let manifest = |key: &str| quoted.contains(&*format!("__MSG_{key}__"));
    let named =
        |key: &str| quoted.contains(key) || counted(key) || in_parts(key) || country(key) || step(key) || manifest(key);
    let unnamed: Vec<_> = messages.as_object().expect("words").keys().filter(|it| !named(it)).collect();
    assert!(unnamed.is_empty(), "nothing names {unnamed:?}");
}

/// Each permission and host that a manifest names stands in the settings' list, with a reason; and nothing else does.
#[test]
fn each_permission_has_its_reason_in_the_settings() {
    let html = read("static/pages/app.html");
    let attribute = |item: &str, name: &str| {
        let (_, rest) = item.split_once(&format!("{name}=\""))?;
        rest.split_once('"').map(|(value, _)| value.to_owned())
    };
    for (browser, family) in [("chrome", "chromium"), ("edge", "chromium"), ("firefox", "firefox")] {
        let manifest = json(&format!("tests/manifests/{browser}.json"));
        let consents = &manifest["browser_specific_settings"]["gecko"]["data_collection_permissions"]["optional"];
        let named = |kind: &str, list: &Value, optional: bool| -> Vec<(String, String, bool)> {
            words(list).into_iter().map(|it| (kind.to_owned(), it, optional)).collect()
        };
        let asked: BTreeSet<_> = [
            named("permissions", &manifest["permissions"], false),
            named("permissions", &manifest["optional_permissions"], true),
            named("origins", &manifest["host_permissions"], false),
            named("origins", &manifest["optional_host_permissions"], true),
            named("data_collection", consents, true),
        ]
        .concat()
        .into_iter()
        .collect();
        let mut listed = BTreeSet::new();
        for item in html.split("<li ").filter(|it| it.contains("data-right=")) {
            let (tag, rest) = item.split_once('>').expect("a tag");
            if attribute(tag, "data-only").is_some_and(|only| only != family) {
                continue;
            }
            let (kind, of) = (attribute(tag, "data-right").expect("a kind"), attribute(tag, "data-of").expect("names"));
            let why = rest.split("</li>").next().and_then(|it| it.split("data-i18n=\"").last()).unwrap_or_default();
            assert!(why.split('"').next().is_some_and(|it| it.starts_with("may_") && it.ends_with("_why")), "{of}");
            for name in of.split(' ') {
                listed.insert((kind.clone(), name.to_owned(), tag.contains("data-optional")));
            }
        }
        assert_eq!(listed, asked, "{browser}");
    }
}
