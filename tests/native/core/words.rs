//! Each code has its words: refusals, verdicts, health, toasts.

use longkey_core::protocol::ToastWords;
use longkey_core::refusal::Refusal;
use longkey_core::services::fansly::What;
use longkey_core::services::xquik::{Health, Verdict};
use serde_json::Value;

#[test]
fn each_code_has_its_sentence() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../static/_locales/en/messages.json");
    let messages: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("messages")).expect("JSON");
    let mut wanted: Vec<String> = Refusal::CODES.iter().map(|code| format!("refusal_{code}")).collect();
    wanted.extend(Health::CODES.iter().map(|code| format!("health_{code}")));
    wanted.extend(Health::CODES.iter().map(|code| format!("turn_{code}")));
    for code in Verdict::CODES {
        wanted.extend(["title", "text"].map(|part| format!("verdict_{code}_{part}")));
    }
    for code in (0..600).map(|status| What::of(status).code()) {
        wanted.extend(["title", "text"].map(|part| format!("fans_{code}_{part}")));
    }
    wanted.extend(ToastWords::ALL.map(|words| format!("toast_{}", words.code())));
    let missing: Vec<&String> = wanted.iter().filter(|key| !messages[key.as_str()]["message"].is_string()).collect();
    assert!(missing.is_empty(), "no words for {missing:?}");
}
