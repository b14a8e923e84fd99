//! What must agree in two places, and what must not be there: each check fails when one of them is forgotten.

#![cfg(not(target_arch = "wasm32"))]

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
        &["refusal", "clock", "secret", "base64", "label", "long_key", "env"],
        &["backup_codes", "code", "capture", "services"],
        &["otpauth", "vault"],
        &["protocol"],
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
        assert!(!text.contains("new_no_args") && !text.contains("Function::new_with"), "{}: eval", path.display());
    }
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
    for attribute in ["data-i18n=\"", "data-i18n-label=\"", "data-i18n-hint=\"", "data-bar=\""] {
        for part in html.split(attribute).skip(1) {
            let key = part.split('"').next().unwrap_or_default();
            if !messages[key]["message"].is_string() {
                missing.insert(key.to_owned());
            }
        }
    }
    assert!(missing.is_empty(), "no words for {missing:?}");
}
