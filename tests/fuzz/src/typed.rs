//! What a person types, pastes or scans: a long key, backup codes, an `otpauth` address, an authenticator's export.

use longkey_core::backup_codes::{BackupCode, LENGTH, MOST};
use longkey_core::base64;
use longkey_core::import::migration;
use longkey_core::long_key::{LONGEST, LongKey, SHORTEST, is_base32, is_invisible, is_separator, legal_length};
use longkey_core::otpauth::Otpauth;

/// A text without what separates or is not seen.
fn bare(text: &str) -> String {
    text.chars().filter(|it| !is_separator(*it) && !is_invisible(*it)).collect()
}

/// A long key, or backup codes.
pub(crate) fn keys(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else { return false };
    let key = LongKey::parse(text).map(|key| {
        let read = key.expose();
        assert!((SHORTEST..=LONGEST).contains(&read.len()) && legal_length(read.len()) && read.chars().all(is_base32));
        // Nothing is repaired: what is read stands there.
        assert!(bare(text.trim()).trim_end_matches('=').eq_ignore_ascii_case(read), "{text:?}");
        assert_eq!(LongKey::parse(read).as_ref(), Ok(&key), "what is read is read again");
        assert_eq!(key.bytes().len(), read.len() * 5 / 8);
    });
    let codes = BackupCode::parse_list(text).map(|codes| {
        assert!((1..=MOST).contains(&codes.len()));
        let stands = bare(text).to_ascii_lowercase();
        for (at, code) in codes.iter().enumerate() {
            assert!(code.expose().len() == LENGTH && stands.contains(code.expose()), "{text:?}");
            assert!(!codes[..at].contains(code), "twice");
            assert_eq!(BackupCode::parse(code.grouped().expose()).as_ref(), Ok(code));
        }
    });
    // Neither is ever taken for the other.
    assert!(key.is_err() || codes.is_err(), "{text:?}");
    key.is_ok() || codes.is_ok()
}

pub(crate) fn key_seeds() -> Vec<Vec<u8>> {
    let texts = [
        "JBSWY3DPEHPK3PXP",
        "jbsw y3dp ehpk 3pxp",
        "JBSW\u{a0}Y3DP\u{200b}-EHPK-3PXP",
        "GEZDGNBVGY3TQOJQGEZDGNBVGY======",
        "mrk7 er9q zx42",
        "aaaaaaaaaaa1\naaaaaaaaaaa2, AAAAAAAAAAA3; aaaaaaaaaaa4 aaaaaaaaaaa5",
    ];
    texts.map(|it| it.into()).to_vec()
}

/// An address.
pub(crate) fn otpauth(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else { return false };
    let Ok(read) = Otpauth::parse(text) else { return false };
    assert!((5..=10).contains(&read.recipe.digits()) && (1..=86_400).contains(&read.recipe.period()));
    let printed = read.print();
    let again = Otpauth::parse(printed.expose()).expect("what was printed is read");
    assert_eq!((&again.key, again.recipe), (&read.key, read.recipe), "{text:?}");
    // A colon parts issuer and label, also where it was written otherwise (Key URI format).
    let issuer = read.issuer.as_deref().unwrap_or_default();
    if !issuer.contains(':') {
        assert_eq!((again.label.as_str(), again.issuer.as_deref().unwrap_or_default()), (read.label.as_str(), issuer));
        assert_eq!(again.print(), printed);
    }
    true
}

pub(crate) fn otpauth_seeds() -> Vec<Vec<u8>> {
    let addresses = [
        "otpauth://totp/Twitter:@standin_user?secret=JBSWY3DPEHPK3PXP&issuer=Twitter",
        "otpauth://totp/X%3A%40acme?secret=gezdgnbvgy3tqojq&algorithm=SHA256&digits=8&period=60#x",
        "OTPAUTH://TOTP/a?Secret=JBSW-Y3DP-EHPK-3PXP&issuer=&image=https%3A%2F%2Fx.com",
        "otpauth://totp/a%3Fb%25%26c%20d?secret=JBSWY3DPEHPK3PXP",
    ];
    addresses.map(|it| it.into()).to_vec()
}

/// An authenticator's export: each address that comes out of it can be read, or says why not.
pub(crate) fn migration(bytes: &[u8]) -> bool {
    let text = match str::from_utf8(bytes) {
        Ok(text) if migration::is_one(text) => text.to_owned(),
        // Most changes make no base64: what is inside it is changed, too.
        _ => format!("otpauth-migration://offline?data={}", base64::print(bytes).replace('+', "%2B")),
    };
    let Ok(found) = migration::addresses(&text) else { return false };
    assert!(!found.is_empty() && found.iter().all(|it| it.expose().starts_with("otpauth://totp/")));
    for address in found {
        if let Ok(read) = Otpauth::parse(address.expose()) {
            assert!(matches!(read.recipe.digits(), 6 | 8));
        }
    }
    true
}

pub(crate) fn migration_seeds() -> Vec<Vec<u8>> {
    let account = b"\x0a\x31\x0a\x0aHello!\xde\xad\xbe\xef\x12\x18Example:alice@google.com\x1a\x07Example0\x02\x10\x01\x18\x01\x20\x00";
    let text = "otpauth-migration://offline?data=CjEKCkhlbGxvId6tvu8SGEV4YW1wbGU6YWxpY2VAZ29vZ2xlLmNvbRoHRXhhbXBsZTACEAEYASAAKI3orYEE";
    vec![account.to_vec(), text.into()]
}
