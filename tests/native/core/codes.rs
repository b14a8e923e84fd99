//! Codes against the RFCs' own tables.

use longkey_core::clock::{Span, UnixTime};
use longkey_core::code::{Algorithm, Recipe, code_after, code_at, matches};
use longkey_core::long_key::LongKey;
use longkey_core::otpauth::Otpauth;
use longkey_core::refusal::Refusal;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// RFC 6238 Appendix B: the ASCII seeds of 20, 32 and 64 bytes, in base32.
const SEEDS: [(Algorithm, &str); 3] = [
    (Algorithm::Sha1, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
    (Algorithm::Sha256, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA"),
    (
        Algorithm::Sha512,
        "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNA",
    ),
];

#[test]
fn rfc_6238_appendix_b() {
    let table = [
        (59, ["94287082", "46119246", "90693936"]),
        (1_111_111_109, ["07081804", "68084774", "25091201"]),
        (1_111_111_111, ["14050471", "67062674", "99943326"]),
        (1_234_567_890, ["89005924", "91819424", "93441116"]),
        (2_000_000_000, ["69279037", "90698825", "38618901"]),
        (20_000_000_000, ["65353130", "77737706", "47863826"]),
    ];
    for (seconds, codes) in table {
        for ((algorithm, seed), code) in SEEDS.iter().zip(codes) {
            let key = LongKey::parse(seed).expect("a seed");
            let recipe = Recipe::new(*algorithm, 8, 30).expect("a recipe");
            assert_eq!(code_at(&key, recipe, UnixTime::from_seconds(seconds)).expose(), code);
        }
    }
}

/// RFC 4226 Appendix D gives the truncated values themselves; with ten digits a code is the value.
#[test]
fn rfc_4226_appendix_d_in_every_width() {
    let key = LongKey::parse(SEEDS[0].1).expect("a seed");
    let values = [1_284_755_224_u32, 1_094_287_082, 137_359_152, 1_726_969_429, 1_640_338_314];
    for (counter, value) in (0_u64..).zip(values) {
        let now = UnixTime::from_seconds(counter * 30);
        for digits in 5..=10_u8 {
            let recipe = Recipe::new(Algorithm::Sha1, digits, 30).expect("a recipe");
            let wanted = format!("{value:010}");
            assert_eq!(code_at(&key, recipe, now).expose(), &wanted[10 - usize::from(digits)..]);
        }
    }
}

#[test]
fn the_next_code_and_the_time_left() {
    let key = LongKey::parse(SEEDS[0].1).expect("a seed");
    let (now, recipe) = (UnixTime(59_250), Recipe::default());
    assert_eq!(recipe.left(now), Span(750));
    assert_eq!(recipe.left(UnixTime(60_000)), Span::seconds(30));
    assert_eq!(code_after(&key, recipe, now), code_at(&key, recipe, UnixTime::from_seconds(60)));
    let code = code_at(&key, recipe, now).expose().to_owned();
    assert!(matches(&key, recipe, &code, now.after(Span::seconds(30))));
    assert!(!matches(&key, recipe, &code, now.after(Span::seconds(61))));
}

#[test]
fn no_recipe_can_panic() {
    for (digits, period) in [(4, 30), (11, 30), (0, 30), (6, 0), (6, 86_401)] {
        assert!(Recipe::new(Algorithm::Sha1, digits, period).is_err(), "{digits} digits, {period} s");
    }
    assert!(serde_json::from_str::<Recipe>(r#"{"algorithm":"Sha1","digits":6,"period":0}"#).is_err());
    let key = LongKey::parse(SEEDS[0].1).expect("a seed");
    for digits in 5..=10 {
        for period in [1, 86_400] {
            let recipe = Recipe::new(Algorithm::Sha512, digits, period).expect("a recipe");
            assert_eq!(code_at(&key, recipe, UnixTime(u64::MAX)).expose().len(), usize::from(digits));
        }
    }
}

#[test]
fn x_s_address() {
    let text = "otpauth://totp/Twitter:@standin_user?secret=JBSWY3DPEHPK3PXP&issuer=Twitter";
    let address = Otpauth::parse(text).expect("an address");
    assert_eq!(address.handle().expect("a handle").as_str(), "standin_user");
    assert_eq!(address.key.expose(), "JBSWY3DPEHPK3PXP");
    let printed = address.print();
    assert_eq!(Otpauth::parse(printed.expose()), Ok(address));
}

#[test]
fn addresses_that_are_refused() {
    let unusual = |what: &str| Refusal::OtpauthUnusual { what: what.into() };
    let key = "secret=JBSWY3DPEHPK3PXP";
    for (text, refusal) in [
        (format!("otpauth://hotp/a?{key}&counter=1"), Refusal::OtpauthCounter),
        (format!("otpauth://totp/a?{key}&digits=4"), unusual("digits=4")),
        (format!("otpauth://totp/a?{key}&period=0"), unusual("period=0")),
        (format!("otpauth://totp/a?{key}&algorithm=MD5"), unusual("algorithm")),
        (format!("otpauth://totp/a?{key}&{key}"), Refusal::OtpauthBroken),
        (format!("otpauth://totp/%zz?{key}"), Refusal::OtpauthBroken),
        ("otpauth://totp/a".into(), Refusal::OtpauthBroken),
        ("otpauth://totp/a?issuer=X".into(), Refusal::KeyEmpty),
        ("otpauth://totp/a?secret=JBSW0".into(), Refusal::KeyDigit { position: 5, found: '0' }),
    ] {
        assert_eq!(Otpauth::parse(&text), Err(refusal), "{text}");
    }
    let other = Otpauth::parse("otpauth://totp/GitHub:acme?secret=JBSWY3DPEHPK3PXP").expect("an address");
    assert_eq!(other.handle(), None, "another issuer's account is no X handle");
}
