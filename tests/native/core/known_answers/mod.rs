//! Known answers: what others computed, against the ciphers as they are linked into Longkey. Natively, in WASM
//! under Node, and in both browsers' pages.
//!
//! `vault::crypto` is closed, so the vectors meet the same crates with the same features (`tests/Cargo.toml`) and,
//! by the one `Cargo.lock`, the same versions; `stranger` then shows that the vault is these ciphers and nothing
//! else. RFC 6238's table and the texts that people paste are in `codes.rs` and `keys.rs`.

mod stranger;
mod wycheproof;

use argon2::{Algorithm, Argon2, Params, ParamsBuilder, Version};
use hkdf::Hkdf;
use longkey_core::clock::UnixTime;
use longkey_core::code::{self, Recipe, code_at};
use longkey_core::long_key::LongKey;
use longkey_core::vault::work::Work;
use sha2::Sha256;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// The kdf module's own source: the function that pages call.
#[cfg(target_arch = "wasm32")]
#[path = "../../../../extension/src/bin/kdf.rs"]
#[allow(dead_code, unreachable_pub, reason = "a program's source, taken in as a module")]
mod kdf;

/// Bytes as the RFCs print them.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()
}

fn count(from: u8, to: u8) -> Vec<u8> {
    (from..=to).collect()
}

#[test]
fn rfc_5869_appendix_a() {
    for (input, salt, info, prk, okm) in [
        (
            vec![0x0b; 22],
            count(0, 0x0c),
            count(0xf0, 0xf9),
            "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        ),
        (
            count(0, 0x4f),
            count(0x60, 0xaf),
            count(0xb0, 0xff),
            "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c\
             59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71\
             cc30c58179ec3e87c14c01d5c1f3434f1d87",
        ),
        (
            vec![0x0b; 22],
            vec![],
            vec![],
            "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
        ),
    ] {
        let (extracted, expander) = Hkdf::<Sha256>::extract(Some(&salt), &input);
        assert_eq!(extracted.as_slice(), hex(prk));
        let mut found = vec![0; hex(okm).len()];
        expander.expand(&info, &mut found).expect("a short output");
        assert_eq!(found, hex(okm));
    }
}

/// RFC 9106 §5.3, the only vector of Argon2id there. It has a secret and associated data, which Longkey never uses.
#[test]
fn rfc_9106_section_5_3() {
    let params = ParamsBuilder::new()
        .m_cost(32)
        .t_cost(3)
        .p_cost(4)
        .output_len(32)
        .data(argon2::AssociatedData::new(&[4; 12]).expect("12 bytes"))
        .build()
        .expect("parameters");
    let argon2 =
        Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params).expect("a secret of 8 bytes");
    let mut tag = [0; 32];
    argon2.hash_password_into(&[1; 32], &[2; 16], &mut tag).expect("a tag");
    assert_eq!(tag.as_slice(), hex("0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"));
}

/// What the passphrase of the vectors becomes at each cost that Longkey names. Computed with the reference
/// implementation in C (argon2-cffi 25.1.0) on 2026-11-21.
pub(crate) const PASSPHRASE: &str = "correct horse battery staple";
const DERIVED: [(Work, &str); 2] = [
    (Work::USUAL, "0d1a3c6523c8f06e4e0af9c515aa5b5448cfebd6838f2d52c3d8b6ef8ddc3c2e"),
    (Work::SMALL, "818259b6310026a8e0dbac5d2e6927abcfdb07b32258fac4f61b18b80f929085"),
];

/// The salt of the vectors: 0 to 15.
pub(crate) fn salt() -> [u8; 16] {
    core::array::from_fn(|at| at as u8)
}

/// Argon2id as the kdf module runs it.
pub(crate) fn argon2id(passphrase: &str, salt: &[u8], work: Work) -> [u8; 32] {
    let params = Params::new(work.memory_kib(), work.passes(), work.lanes(), Some(32)).expect("a cost");
    let mut derived = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, &mut derived)
        .expect("a key");
    derived
}

#[test]
fn argon2id_at_the_product_s_own_cost() {
    for (work, derived) in DERIVED {
        assert_eq!(argon2id(PASSPHRASE, &salt(), work).as_slice(), hex(derived), "{work:?}");
    }
}

#[cfg(target_arch = "wasm32")]
#[test]
fn the_kdf_module_derives_the_same() {
    let derive = |work: (u32, u32, u32)| kdf::derive(PASSPHRASE.into(), &salt(), work.0, work.1, work.2);
    for (work, derived) in DERIVED {
        let (m, t, p) = (work.memory_kib(), work.passes(), work.lanes());
        assert_eq!(derive((m, t, p)).expect("derived"), hex(derived), "{work:?}");
    }
    for impossible in [(7, 1, 1), (65_536, 0, 1), (65_536, 3, 0), (u32::MAX, 1, 1)] {
        assert!(derive(impossible).is_err(), "{impossible:?}");
    }
}

/// RFC 4226 Appendix D: the HOTP values of all ten counters, by the moments that RFC 6238 gives them.
#[test]
fn rfc_4226_appendix_d_all_ten() {
    let key = LongKey::parse("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").expect("the RFC's seed");
    let table = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
    let values = [
        1_284_755_224_u32,
        1_094_287_082,
        137_359_152,
        1_726_969_429,
        1_640_338_314,
        868_254_676,
        1_918_287_922,
        82_162_583,
        673_399_871,
        645_520_489,
    ];
    let ten = Recipe::new(code::Algorithm::Sha1, 10, 30).expect("a recipe");
    for ((counter, six), value) in (0_u64..).zip(table).zip(values) {
        let now = UnixTime::from_seconds(counter * 30);
        assert_eq!(code_at(&key, Recipe::default(), now).expose(), six, "counter {counter}");
        assert_eq!(code_at(&key, ten, now).expose(), format!("{value:010}"), "counter {counter}");
    }
}

/// RFC 4648 §10, without the padding.
#[test]
fn rfc_4648_base64() {
    use longkey_core::base64::{parse, print};
    for (bytes, text) in
        [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE")]
    {
        assert_eq!(print(bytes.as_bytes()), text);
        assert_eq!(parse(text).expect(text), bytes.as_bytes());
    }
    assert_eq!(print(b"foobar"), "Zm9vYmFy");
    // One text has one meaning: padding, bits left over, line breaks and the other alphabet are refused (§3).
    for text in ["Zg==", "Zh", "Zm9", "Zm9v\n", " Zm9v", "Zm-v", "Zm_v", "Z", "Zm9vY"] {
        assert_eq!(parse(text), None, "{text:?}");
    }
}

/// RFC 4648 §6 in every length that a key can end with; §10's own vectors are too short to be keys.
#[test]
fn rfc_4648_base32_in_every_length() {
    let foobar = b"foobarfoobarfoobar";
    for (length, text) in [
        (10, "MZXW6YTBOJTG633C"),
        (11, "MZXW6YTBOJTG633CME"),
        (12, "MZXW6YTBOJTG633CMFZA"),
        (13, "MZXW6YTBOJTG633CMFZGM"),
        (14, "MZXW6YTBOJTG633CMFZGM3Y"),
        (15, "MZXW6YTBOJTG633CMFZGM33P"),
    ] {
        assert_eq!(LongKey::parse(text).expect(text).bytes().as_slice(), &foobar[..length], "{text}");
    }
}
