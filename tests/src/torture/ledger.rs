//! What was acknowledged, kept outside of the browser, and what the browser has after a kill: compared. Knows no
//! browser.

use std::collections::BTreeMap;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::Value;

/// The mark of a line in the console that acknowledges a save: `longkey-torture kept <number> <entry>`.
pub(super) const KEPT: &str = "longkey-torture kept ";

/// Random numbers that a seed gives again (splitmix64, Steele, Lea and Flood 2014): a run can be repeated.
pub(super) fn random(seed: u64, number: u64) -> u64 {
    let mut mixed = seed.wrapping_add(number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

/// The long key with that number: 16 characters of base32 (RFC 4648), as X's are.
pub(super) fn key(seed: u64, number: u64) -> String {
    let (high, low) = (random(seed, 2 * number), random(seed, 2 * number + 1));
    let bits = u128::from(high) << 64 | u128::from(low);
    let letter = |at: u32| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(bits >> (5 * at) & 31) as usize]);
    (0..16).map(letter).collect()
}

/// The account with that number.
pub(super) fn handle(number: u64) -> String {
    format!("torture_{number}")
}

/// The saves that a page has heard to be done.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    kept: BTreeMap<u64, String>,
}

impl Ledger {
    /// Notes a line of the console; says whether it was an acknowledgement.
    pub(super) fn hear(&mut self, line: &str) -> bool {
        let Some((number, entry)) = acknowledged(line) else { return false };
        self.kept.insert(number, entry).is_none()
    }

    /// Takes out the oldest, all but so many, to be deleted: their entries.
    pub(super) fn retire(&mut self, leave: usize) -> Vec<String> {
        let many = self.kept.len().saturating_sub(leave);
        (0..many).filter_map(|_| self.kept.pop_first()).map(|(_, entry)| entry).collect()
    }

    /// How many are to be there.
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    /// Those of the acknowledged that are not there as they were saved: entry, account and key. `rows` are the
    /// background's rows for pages.
    pub(super) fn lost(&self, seed: u64, rows: &Value) -> Vec<u64> {
        let rows = rows.as_array().map(Vec::as_slice).unwrap_or_default();
        let rows: BTreeMap<&str, &Value> = rows.iter().filter_map(|row| Some((row["id"].as_str()?, row))).collect();
        let stands = |number: u64, entry: &str| {
            let row = rows.get(entry);
            row.is_some_and(|row| row["handle"] == handle(number) && row["key"] == key(seed, number))
        };
        self.kept.iter().filter(|(number, entry)| !stands(**number, entry)).map(|(number, _)| *number).collect()
    }
}

fn acknowledged(line: &str) -> Option<(u64, String)> {
    let (number, entry) = line.split_once(KEPT)?.1.split_once(' ')?;
    // Firefox puts what was said into quotation marks.
    Some((number.parse().ok()?, entry.trim_end_matches('"').to_owned()))
}

/// Whether the store's head names a vault that does not stand there as it says. `places` are `{text, sha256}` by
/// the names of the store.
pub(super) fn torn(head: &Value, places: &Value) -> anyhow::Result<Option<String>> {
    let Some(head) = head.as_str() else { return Ok(Some("there is no head".to_owned())) };
    let head: Value = serde_json::from_str(head).context("the head is no JSON")?;
    let place = &places[format!("vault.{}", head["active"])];
    let Some(header) = place["header"].as_str() else { return Ok(Some("the head names an empty place".to_owned())) };
    if place["sha256"] != head["sha256"] {
        return Ok(Some("the head names another text".to_owned()));
    }
    let header: Value = serde_json::from_slice(&STANDARD_NO_PAD.decode(header)?)?;
    Ok((header["generation"] != head["generation"]).then(|| "the head names another generation".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn acknowledgements_are_read_from_both_browsers_consoles() {
        let mut ledger = Ledger::default();
        assert!(ledger.hear("longkey-torture kept 7 aB3"));
        assert!(ledger.hear("\"longkey-torture kept 8 aB4\""));
        assert!(!ledger.hear("longkey-torture kept 9"), "cut off by the kill");
        assert_eq!(ledger.kept.into_iter().collect::<Vec<_>>(), [(7, "aB3".into()), (8, "aB4".into())]);
    }

    #[test]
    fn a_key_that_is_missing_or_another_is_lost() {
        let mut ledger = Ledger::default();
        for number in 1..=3 {
            ledger.hear(&format!("{KEPT}{number} id{number}"));
        }
        let row =
            |number: u64, key: String| json!({ "id": format!("id{number}"), "handle": handle(number), "key": key });
        let rows = json!([row(1, key(5, 1)), row(2, key(6, 2))]);
        assert_eq!(ledger.lost(5, &rows), [2, 3]);
        assert_eq!(ledger.retire(1), ["id1", "id2"]);
        assert_eq!((ledger.len(), ledger.lost(5, &rows)), (1, vec![3]));
    }

    #[test]
    fn a_head_and_a_text_that_disagree_are_torn() {
        let header = STANDARD_NO_PAD.encode(r#"{"generation":4}"#);
        let places = json!({ "vault.1": { "header": header, "sha256": "S" } });
        let said = |head: Value| torn(&Value::String(head.to_string()), &places).expect("it can be read");
        assert_eq!(said(json!({ "active": 1, "generation": 4, "sha256": "S" })), None);
        assert!(said(json!({ "active": 1, "generation": 5, "sha256": "S" })).is_some());
        assert!(said(json!({ "active": 1, "generation": 4, "sha256": "T" })).is_some());
        assert!(said(json!({ "active": 0, "generation": 4, "sha256": "S" })).is_some());
        assert!(torn(&Value::Null, &places).expect("it can be read").is_some());
    }
}
