//! Codes, random keys and QR pictures for the fakes. Written apart from `longkey-core`, from
//! RFC 4226, 6238 and 4648, so that a fault there cannot hide by being present on both sides.
//! Not constant-time and not for anything but tests.

use hmac::{Hmac, KeyInit, Mac};
use qrcodegen::{QrCode, QrCodeEcc, QrSegment, Version};
use sha1::Sha1;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// RFC 6238's default step; X uses it.
const STEP: u64 = 30;

/// The bytes of an upper-case base32 key without padding; `None` if it is not one.
pub(crate) fn decode(secret: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(secret.len() * 5 / 8);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for character in secret.bytes() {
        let value = BASE32.iter().position(|known| *known == character)?;
        held = (held << 5 | value as u32) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xff) as u8);
        }
    }
    // RFC 4648: these remainders cannot come from whole bytes.
    (!matches!(secret.len() % 8, 1 | 3 | 6) && !bytes.is_empty()).then_some(bytes)
}

/// The six digits of `secret` at a time; `None` if the key is not base32.
pub fn code_at(secret: &str, unix: u64) -> Option<String> {
    let key = decode(secret)?;
    let mut mac = Hmac::<Sha1>::new_from_slice(&key).expect("HMAC takes keys of every length");
    mac.update(&(unix / STEP).to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash[19] & 15);
    let word = [hash[offset] & 0x7f, hash[offset + 1], hash[offset + 2], hash[offset + 3]];
    Some(format!("{:06}", u32::from_be_bytes(word) % 1_000_000))
}

/// Whether `code` is right at `unix`, one step early or one step late.
pub(crate) fn accepts(secret: &str, code: &str, unix: u64) -> bool {
    [unix.saturating_sub(STEP), unix, unix + STEP]
        .into_iter()
        .any(|time| code_at(secret, time).as_deref() == Some(code))
}

/// `length` random characters of an alphabet of at most 256.
pub(crate) fn random_text(alphabet: &[u8], length: usize) -> String {
    // Bytes above the last whole multiple would favour the alphabet's beginning.
    let usable = 256 - 256 % alphabet.len();
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let mut byte = [0];
        getrandom::fill(&mut byte).expect("the system gives randomness");
        let value = usize::from(byte[0]);
        if value < usable {
            text.push(char::from(alphabet[value % alphabet.len()]));
        }
    }
    text
}

/// A key as X gives it: 16 base32 characters. Always with a digit, since a key without one (3.6 % of
/// them) is asked about instead of taken, which would make one test run in thirty different.
pub(crate) fn random_secret() -> String {
    loop {
        let secret = random_text(BASE32, 16);
        if secret.bytes().any(|character| character.is_ascii_digit()) {
            return secret;
        }
    }
}

/// X's single-use backup code.
pub(crate) fn random_backup_code() -> String {
    random_text(b"abcdefghijklmnopqrstuvwxyz0123456789", 12)
}

/// The modules of the QR code as rows of `0` and `1`, with the error correction that X uses (a usual
/// handle then gives version 5, 37 modules).
pub(crate) fn qr_rows(text: &str) -> Vec<String> {
    let segments = QrSegment::make_segments(text);
    let (ecc, lowest, highest) = (QrCodeEcc::Medium, Version::MIN, Version::MAX);
    let code = QrCode::encode_segments_advanced(&segments, ecc, lowest, highest, None, false)
        .expect("an otpauth address is far below a QR code's capacity");
    let row = |y| (0..code.size()).map(|x| if code.get_module(x, y) { '1' } else { '0' }).collect();
    (0..code.size()).map(row).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where something is missing")]
mod tests {
    use super::*;

    #[test]
    fn rfc_6238_sha1_vectors() {
        // Appendix B's eight digits, cut to the last six.
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        for (time, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            assert_eq!(code_at(secret, time).unwrap(), code);
        }
    }

    #[test]
    fn window_is_one_step() {
        let (secret, now) = ("JBSWY3DPEHPK3PXP", 1_800_000_000);
        for (distance, right) in [(0, true), (30, true), (60, false)] {
            assert_eq!(accepts(secret, &code_at(secret, now + distance).unwrap(), now), right);
            assert_eq!(accepts(secret, &code_at(secret, now - distance).unwrap(), now), right);
        }
    }

    #[test]
    fn keys_have_the_form_of_x() {
        for _ in 0..50 {
            let secret = random_secret();
            assert_eq!(decode(&secret).unwrap().len(), 10);
            assert!(secret.bytes().any(|character| character.is_ascii_digit()));
        }
        assert_eq!(decode("ABC"), None);
        assert_eq!(decode("abcdefgh"), None);
    }

    #[test]
    fn qr_of_a_usual_handle_is_version_5() {
        let uri = "otpauth://totp/Twitter:@standin_user?secret=JBSWY3DPEHPK3PXP&issuer=Twitter";
        assert_eq!(qr_rows(uri).len(), 37);
    }
}
