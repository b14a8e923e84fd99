//! Exports of other authenticators, as their addresses.

use longkey_core::base64;
use longkey_core::import::migration::{addresses, is_one};
use longkey_core::otpauth::Otpauth;
use longkey_core::refusal::Refusal;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A length-delimited field.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let length = u8::try_from(bytes.len()).expect("short");
    assert!(length < 128, "one byte of length");
    [&[number << 3 | 2, length], bytes].concat()
}

fn number(number: u8, value: u8) -> Vec<u8> {
    vec![number << 3, value]
}

fn account(secret: &[u8], name: &str, issuer: &str, rest: &[(u8, u8)]) -> Vec<u8> {
    let rest: Vec<u8> = rest.iter().flat_map(|it| number(it.0, it.1)).collect();
    [field(1, secret), field(2, name.as_bytes()), field(3, issuer.as_bytes()), rest].concat()
}

fn export(accounts: &[Vec<u8>]) -> String {
    let mut bytes: Vec<u8> = accounts.iter().flat_map(|it| field(1, it)).collect();
    // Version, parts, part, and a number of this export that is negative: ten bytes.
    bytes.extend([&[0x10, 1, 0x18, 1, 0x20, 0, 0x28][..], &[0xff; 9], &[1]].concat());
    address(&base64::print(&bytes))
}

fn address(data: &str) -> String {
    format!("otpauth-migration://offline?data={}", data.replace('+', "%2B").replace('/', "%2F"))
}

fn read(text: &str) -> Result<Vec<Otpauth>, Refusal> {
    addresses(text)?.iter().map(|it| Otpauth::parse(it.expose())).collect()
}

const TOTP: &[(u8, u8)] = &[(4, 1), (5, 1), (6, 2)];

#[test]
fn algorithm_and_digits_may_be_left_away() {
    // The key that the page "Key URI format" has as its example.
    let text = "otpauth-migration://offline?data=CjEKCkhlbGxvId6tvu8SGEV4YW1wbGU6YWxpY2VAZ29vZ2xlLmNvbRoHRXhhbXBsZTACEAEYASAAKI3orYEE";
    let found = read(text).expect("an account");
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].key.expose(), found[0].label.as_str()), ("JBSWY3DPEHPK3PXP", "alice@google.com"));
    assert_eq!(found[0].issuer.as_deref(), Some("Example"));
}

#[test]
fn each_account_becomes_an_address() {
    let long: Vec<u8> = (0..35).collect();
    let text = export(&[
        account(b"Hello!\xde\xad\xbe\xef", "Twitter:@standin_user", "Twitter", TOTP),
        account(&long, "a name with & and ü", "", &[(4, 3), (5, 2), (6, 2)]),
        account(b"counts", "x", "y", &[(4, 1), (5, 1), (6, 1)]),
    ]);
    let found = read(&text).expect("accounts");
    assert_eq!(found.len(), 2, "no codes by counter");
    assert_eq!(found[0].key.expose(), "JBSWY3DPEHPK3PXP");
    assert_eq!(found[0].handle().map(String::from).as_deref(), Some("standin_user"));
    assert_eq!(found[1].key.bytes().as_slice(), long);
    assert_eq!((found[1].label.as_str(), found[1].issuer.as_deref()), ("a name with & and ü", None));
    assert_eq!(found[1].recipe.digits(), 8);
    // Secrets of each length come back as they were.
    for length in 10..40 {
        let secret: Vec<u8> = (0..length).map(|it: u8| it.wrapping_mul(7) ^ 201).collect();
        let found = read(&export(&[account(&secret, "x", "X", TOTP)])).expect("an account");
        assert_eq!(found[0].key.bytes().as_slice(), secret, "{length}");
    }
}

#[test]
fn what_is_no_export_says_so() {
    let broken = Err(Refusal::OtpauthBroken);
    let good = export(&[account(b"0123456789", "x", "X", TOTP)]);
    for text in [
        "",
        "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP",
        "otpauth-migration://offline",
        "otpauth-migration://offline?data=",
        "otpauth-migration://offline?data=AAAA",
        "otpauth-migration://offline?data=%zz",
        "otpauth-migration://offline?dta=CgA",
        &good.replace("data=", "data=_"),
        &export(&[]),
        &"otpauth-migration://offline?data=".repeat(400),
    ] {
        assert_eq!(read(text), broken, "{text:.60}");
    }
    assert!(is_one(" OTPAUTH-migration://x") && !is_one("otpauth://totp/x") && !is_one("ö"));
    let counter = export(&[account(b"0123456789", "x", "X", &[(6, 1)])]);
    assert_eq!(read(&counter), Err(Refusal::OtpauthCounter));
    let md5 = export(&[account(b"0123456789", "x", "X", &[(4, 4), (6, 2)])]);
    assert!(matches!(read(&md5), Err(Refusal::OtpauthUnusual { .. })));
}

#[test]
fn a_cut_or_changed_export_is_refused_or_read_and_never_more() {
    let whole = [field(1, &account(b"0123456789", "name", "X", TOTP)), number(2, 1)].concat();
    for at in 0..whole.len() {
        let _ = read(&address(&base64::print(&whole[..at])));
        for bit in 0..8 {
            let mut changed = whole.clone();
            changed[at] ^= 1 << bit;
            // Lengths may now reach beyond the end.
            let _ = read(&address(&base64::print(&changed)));
        }
    }
    // A length of all bits, and a number without an end.
    for bytes in [&[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1][..], &[0x80; 20], &[0x0f, 0]] {
        assert_eq!(read(&address(&base64::print(bytes))), Err(Refusal::OtpauthBroken));
    }
}
