//! Small words that ask for much: each must be refused before anything of that size is allocated. Who measures is not
//! their business; `cargo test -p longkey-tests --test bombs` counts the bytes, `cargo xtask fuzz bombs` measures times.

use crate::files::raw;
use crate::golden::{GOLDEN, Machine};
use longkey_core::base64;
use longkey_core::effect::Key;
use longkey_core::long_key::LongKey;
use longkey_core::otpauth::Otpauth;
use longkey_core::protocol::{Answer, Message, Terms};
use longkey_core::secret::Secret;
use longkey_core::vault::backup::Sealed;
use longkey_core::vault::envelope;
use longkey_core::vault::inbox::Item;
use longkey_core::vault::slots::Slot;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// A hostile text and who reads it.
pub struct Bomb {
    /// What it asks for.
    pub name: String,
    /// The text.
    pub text: String,
    /// Reads it; true if it is refused.
    pub refuses: fn(&str) -> bool,
    /// Most bytes that may be held at once while it is read, beside the text itself.
    pub most: usize,
    /// How long optimised code may take.
    pub within: Duration,
}

/// For a cost of Argon2id.
const COST: Duration = Duration::from_millis(50);
/// For anything else, a file among it.
const OTHER: Duration = Duration::from_secs(2);
/// What a refusal may cost at any rate: an error's words, small buffers.
const SMALL: usize = 16 * 1024;
/// Above this a vault is refused unread (`envelope::MOST`).
pub const LIMIT: usize = 8 * 1024 * 1024;

fn no<T: DeserializeOwned>(text: &str) -> bool {
    serde_json::from_str::<T>(text).is_err()
}

fn vault(text: &str) -> bool {
    envelope::parse(text).is_err()
}

fn file(text: &str) -> bool {
    Sealed::parse(&Secret::new(text.into())).is_err()
}

fn header() -> String {
    let bytes = base64::parse(GOLDEN.vault.split('.').nth(1).unwrap_or_default()).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

fn with_header(header: &str) -> String {
    ["longkey1.", &base64::print(header.as_bytes()), ".AAAA"].concat()
}

/// All of them; those that are refused only after they were read weigh about `size` bytes.
#[must_use]
pub fn bombs(size: usize) -> Vec<Bomb> {
    let mut bombs = vec![];
    let mut add = |name: String, text: String, refuses: fn(&str) -> bool, most: usize| {
        let within = if name.contains(" that costs ") { COST } else { OTHER };
        bombs.push(Bomb { name, text, refuses, most, within });
    };
    for (m, t, p) in COSTS {
        let work = format!(r#"{{"m":{m},"t":{t},"p":{p}}}"#);
        let name = |what: &str| format!("{what} that costs {m} KiB × {t}, {p} lanes");
        let bomb = header().replace(r#"{"m":65536,"t":3,"p":1}"#, &work);
        let most = 3 * bomb.len() + SMALL;
        add(name("a vault"), with_header(&bomb), vault, most);
        add(name("a backup file"), with_header(&bomb), file, 2 * most);
        let stores = raw(&[("vault.0", &with_header(&bomb)), ("inbox", &GOLDEN.inbox)], &[]);
        add(name("a file of stores"), stores, file, 2 * most);
        let slot = serde_json::to_string(&GOLDEN.envelope.header.slots[0]).unwrap_or_default();
        add(name("a slot"), slot.replace(r#"{"m":65536,"t":3,"p":1}"#, &work), no::<Slot>, SMALL);
        let terms = format!(r#"{{"slot":"635e6caa951d894e","salt":"AAAA","work":{work}}}"#);
        add(name("terms"), terms.clone(), no::<Terms>, SMALL);
        add(name("an answer"), format!(r#"{{"terms":{terms}}}"#), no::<Answer>, SMALL);
        let unlock = format!(r#"{{"page":{{"set_passphrase":{{"terms":{terms},"derived":"AAAA"}}}}}}"#);
        add(name("a message"), unlock, no::<Message>, SMALL);
    }

    // Refused by its length, whatever is in it.
    for length in [LIMIT + 1, 8 * LIMIT] {
        let long = |start: &str| start.chars().chain(std::iter::repeat('A')).take(length).collect::<String>();
        add(format!("a vault of {length} bytes"), long(&GOLDEN.vault), vault, 0);
        add(format!("a header of {length} bytes"), long("longkey1."), vault, 0);
    }

    // Up to the limit it is read: what is held stays a small multiple of what came.
    let nested = |open: &str, close: &str, text: usize| {
        let depth = text / (open.len() + close.len());
        [open.repeat(depth), close.repeat(depth)].concat()
    };
    let fields = header();
    let cut = fields.find(r#","vault""#).unwrap_or_default();
    for (name, deep) in [("lists", nested("[", "]", size)), ("objects", nested("{\"a\":", "}", size))] {
        for field in ["vault", "slots", "kind", "unknown"] {
            let text = with_header(&format!(r#"{{"min_reader":1,"{field}":{deep}}}"#));
            let most = 4 * text.len();
            add(format!("deep {name} as {field}"), text, vault, most);
        }
        add(format!("deep {name} as a slot"), deep.clone(), no::<Slot>, SMALL);
        add(format!("deep {name} as an inbox"), deep.clone(), no::<Vec<Item>>, SMALL);
        add(format!("deep {name} as a message"), format!(r#"{{"page":{deep}}}"#), no::<Message>, SMALL);
        // What a view does not know is passed over, level by level.
        add(format!("deep {name} as a view"), format!(r#"{{"view":{deep}}}"#), no::<Answer>, size);
    }

    // Many of what is right, and then something that is wrong.
    let slots = serde_json::to_string(&GOLDEN.envelope.header.slots).unwrap_or_default();
    let slot = &slots[1..slots.len() - 1];
    let many = |one: &str, size: usize| vec![one; size / (one.len() + 1)].join(",");
    for (name, list) in [("slots", many(slot, size)), ("empty slots", many("{}", size))] {
        let bomb = format!(r#"{},"vault":"AAAA","slots":[{list}]}}"#, &fields[..cut]);
        add(format!("a list of many {name} under a broken header"), with_header(&bomb), vault, 2 * size);
        let bomb = fields.replace(&slots, &format!("[{list},{{}}]"));
        let text = with_header(&bomb);
        let most = 4 * text.len();
        add(format!("a list of many {name}, the last one broken"), text, vault, most);
    }
    add(
        "many items, the last one broken".into(),
        format!("[{},{{}}]", many(GOLDEN.inbox.trim_matches(['[', ']']), size)),
        no::<Vec<Item>>,
        4 * LIMIT,
    );
    add("many numbers as slots".into(), format!("[{}]", many("0", size)), no::<Vec<Slot>>, SMALL);

    // Stores in stores in stores, as deep as they are read, full of vaults that a passphrase could open.
    let vaults = |one: &str, size: usize| {
        let most = size / (one.len() + 40);
        let inner = raw(&vec![("vault.0", one); most], &[]);
        (0..3).fold(inner, |inner, _| raw(&[("quarantine.0", &inner)], &[]))
    };
    let first = serde_json::to_string(&GOLDEN.envelope.header.slots[..1]).unwrap_or_default();
    let one = with_header(&fields.replace(&slots, &first));
    let small = format!("{}.{}", one.rsplit_once('.').map_or("", |it| it.0), base64::print(&[0; 16]));
    for (name, text) in [("vaults", vaults(&small, size)), ("texts that are none", vaults("", size))] {
        let most = 16 * text.len();
        add(format!("a file with many {name} in its damaged stores"), text, file, most);
    }

    // What a person pastes.
    add("a long key of 8 MiB".into(), "A".repeat(LIMIT), |text| LongKey::parse(text).is_err(), 2 * LIMIT);
    add(
        "an address of 8 MiB".into(),
        format!("otpauth://totp/a?secret={}", "A".repeat(LIMIT)),
        |text| Otpauth::parse(text).is_err(),
        8 * LIMIT,
    );
    bombs
}

/// Costs of Argon2id that no vault of ours names.
const COSTS: [(&str, &str, &str); 9] = [
    ("4294967295", "1", "1"),
    ("4294967295", "4294967295", "4294967295"),
    ("262145", "1", "1"),
    ("262144", "5", "1"),
    ("65536", "4294967295", "1"),
    ("65536", "3", "16777215"),
    ("18446744073709551616", "1", "1"),
    ("1e300", "1", "1"),
    ("-1", "1", "1"),
];

/// The store of a machine with an inbox of this many items that open for nobody: what waking up with it costs.
///
/// # Panics
/// If an item is thrown away or one is invented.
pub fn wake_with_foreign_items(items: usize) {
    let item = GOLDEN.inbox.trim_matches(['[', ']']).replace(&GOLDEN.item.id.to_string(), "0000000000000000");
    let text = ["[", &vec![item.as_str(); items].join(","), "]"].concat();
    let mut machine = Machine::with(&[(Key::Inbox, &text)], None);
    assert!(machine.view().drafts.is_empty());
}
