//! The long key: what is read, what is refused and in which words, and that it never shows.

use longkey_core::label::{Handle, Id};
use longkey_core::long_key::LongKey;
use longkey_core::refusal::Refusal;
use longkey_core::secret::{Key32, Secret};
#[cfg(not(target_arch = "wasm32"))]
use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn forms_that_people_paste() {
    for text in [
        "JBSWY3DPEHPK3PXP",
        "jbsw y3dp ehpk 3pxp",
        "JBSW-Y3DP-EHPK-3PXP",
        " JBSWY3DPEHPK3PXP\n",
        "JBSW\u{a0}Y3DP\u{200b}EHPK\u{2060}3PXP",
        "JBSWY3DPEHPK3PXP======",
    ] {
        assert_eq!(LongKey::parse(text).expect(text).expose(), "JBSWY3DPEHPK3PXP");
    }
}

#[test]
fn one_field_five_shapes() {
    for (text, refusal) in [
        ("", Refusal::KeyEmpty),
        ("  ", Refusal::KeyEmpty),
        ("- -", Refusal::KeyEmpty),
        ("482913", Refusal::KeyIsSixDigitCode),
        ("482 913", Refusal::KeyIsSixDigitCode),
        ("yvm51584v29r", Refusal::KeyIsBackupCode),
        ("yvm5 1584 v29r", Refusal::KeyIsBackupCode),
        ("otpauth://totp/x", Refusal::KeyIsOtpauth),
        ("OTPAUTH-MIGRATION://offline?data=x", Refusal::KeyIsMigration),
        ("JBSWY3DPEHPK3PX0", Refusal::KeyDigit { position: 16, found: '0' }),
        ("JBSW Y3DP EHP1 3PXP", Refusal::KeyDigit { position: 14, found: '1' }),
        ("JBSWY3DPEHPK3PXР", Refusal::KeyLetter { position: 16, found: 'Р' }),
        ("JBSWY3DPEHPK3PX!", Refusal::KeySymbol { position: 16, found: '!' }),
        ("JBSWY3DP", Refusal::KeyTooShort { length: 8 }),
        ("JBSWY3DPEHPK3PXPA", Refusal::KeyLength { length: 17 }),
    ] {
        assert_eq!(LongKey::parse(text), Err(refusal), "{text}");
    }
    assert_eq!(LongKey::parse(&"A".repeat(264)), Err(Refusal::KeyTooLong { length: 264 }));
}

/// RFC 4648 §10, the vectors that are long enough to be keys come from repeating "foobar".
#[test]
fn rfc_4648_bytes() {
    assert_eq!(
        LongKey::parse("MZXW6YTBOJTG633CMFZA").expect("a key").bytes().as_slice(),
        b"foobarfoobar"[..12].as_ref()
    );
    assert_eq!(LongKey::parse("GEZDGNBVGY3TQOJQ").expect("a key").bytes().as_slice(), b"1234567890");
}

#[test]
fn nothing_secret_prints() {
    let key = LongKey::parse("JBSWY3DPEHPK3PXP").expect("a key");
    let secret = Secret::new("not-a-real-password".into());
    let bytes = Key32::new(*b"MARKERMARKERMARKERMARKERMARKERMA");
    let printed = format!("{key:?}{secret:?}{bytes:?}");
    assert_eq!(printed, "LongKey(…)Secret(…)Key32(…)");
}

#[test]
fn handles() {
    assert_eq!(Handle::parse("@Standin_User").expect("a handle"), Handle::parse("standin_user").expect("a handle"));
    for text in ["", "@", "sixteen_letters_", "a b", "ä", "a-b"] {
        assert_eq!(Handle::parse(text), Err(Refusal::HandleShape), "{text}");
    }
}

#[test]
fn ids() {
    let id = Id::new([0, 1, 2, 3, 4, 5, 6, 255]);
    assert_eq!(Id::parse(&id.to_string()), Some(id));
    assert_eq!(Id::parse("00010203040506F"), None);
    assert_eq!(Id::parse("+001020304050607"), None);
}

#[cfg(not(target_arch = "wasm32"))]
proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        if let Ok(key) = LongKey::parse(&text) {
            prop_assert_eq!(LongKey::parse(key.expose()), Ok(key.clone()));
            prop_assert!(key.bytes().len() >= 10);
        }
    }

    #[test]
    fn a_key_survives_its_forms(bytes in proptest::collection::vec(0_usize..32, 16), size in 2_usize..9) {
        let text: String = bytes.iter().map(|at| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[*at])).collect();
        let groups: Vec<String> = text.as_bytes().chunks(size).map(|part| String::from_utf8_lossy(part).into()).collect();
        let grouped = LongKey::parse(&groups.join(" ").to_lowercase());
        // Sixteen digits of 2 to 7 are a key as well.
        prop_assert_eq!(grouped.map(|key| key.expose().to_owned()), Ok(text));
    }
}
