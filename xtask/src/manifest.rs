//! The manifest of each package: `manifest/base.json` with the browser's overlay merged over it.
//!
//! What the manifest asks for and why stands in `manifest/README.md`; the merged results are kept in `tests/manifests`.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

/// A package that the build can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Package {
    /// For Chrome and Chromium.
    Chrome,
    /// For Edge.
    Edge,
    /// For Firefox.
    Firefox,
    /// Chrome's, with the services' hosts granted: a test cannot click the browser's own question.
    TestChrome,
    /// Firefox's, likewise.
    TestFirefox,
}

impl Package {
    /// Every package.
    pub(crate) const ALL: [Self; 5] = [Self::Chrome, Self::Edge, Self::Firefox, Self::TestChrome, Self::TestFirefox];
    /// The packages for people.
    pub(crate) const SHIPPED: [Self; 3] = [Self::Chrome, Self::Edge, Self::Firefox];

    /// The name of its folder in `dist`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Chrome => "chrome",
            Self::Edge => "edge",
            Self::Firefox => "firefox",
            Self::TestChrome => "test-chrome",
            Self::TestFirefox => "test-firefox",
        }
    }

    fn overlays(self) -> &'static [&'static str] {
        match self {
            Self::Chrome => &["chrome"],
            Self::Edge => &["edge"],
            Self::Firefox => &["firefox"],
            Self::TestChrome => &["chrome", "test", "test-chrome"],
            Self::TestFirefox => &["firefox", "test", "test-firefox"],
        }
    }
}

/// The merged manifest of a package, as the text of `manifest.json`.
pub(crate) fn merged(root: &Path, package: Package, version: &str) -> Result<String> {
    let mut manifest = part(root, "base")?;
    for overlay in package.overlays() {
        merge(&mut manifest, part(root, overlay)?);
    }
    manifest["version"] = Value::from(version);
    Ok(serde_json::to_string_pretty(&manifest)? + "\n")
}

fn part(root: &Path, name: &str) -> Result<Value> {
    let path = root.join("manifest").join(name).with_extension("json");
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}

/// RFC 7396, section 2: objects merge, null removes, everything else replaces.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    if let Value::Object(fields) = target {
        for (name, value) in patch {
            if value.is_null() {
                fields.remove(&name);
            } else {
                merge(fields.entry(name).or_insert(Value::Null), value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The examples of RFC 7396, appendix A.
    #[test]
    fn merges_as_rfc_7396_says() {
        let cases = [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a": "b"}), json!(["c"]), json!(["c"])),
            (json!({"a": "foo"}), json!(null), json!(null)),
            (json!({"a": "foo"}), json!("bar"), json!("bar")),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!([1, 2]), json!({"a": "b", "c": null}), json!({"a": "b"})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ];
        for (mut target, patch, expected) in cases {
            let shown = format!("{target} with {patch}");
            merge(&mut target, patch);
            assert_eq!(target, expected, "{shown}");
        }
    }

    /// What a browser is asked for changes only together with the file that a reviewer reads.
    #[test]
    fn merged_manifests_are_those_on_record() {
        let root = crate::layout::root();
        let folder = root.join("tests/manifests");
        for package in Package::ALL {
            let merged = merged(&root, package, "0.0.0").expect("the manifest's parts merge");
            let path = folder.join(package.name()).with_extension("json");
            if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
                std::fs::create_dir_all(&folder).expect("the folder of records can be made");
                std::fs::write(&path, &merged).expect("the record can be written");
            }
            let record = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(
                merged == record,
                "{} is out of date; look at the difference, then run with UPDATE_SNAPSHOTS=1\n{merged}",
                path.display()
            );
        }
    }
}
