//! What a page says with pictures, and what the decoder may make of them: a screen and the texts of its QR codes.

use longkey_core::protocol::{Mark, Picture, Screen, ScreenText};
use longkey_core::secret::Secret;
use longkey_core::sites::qr::{LONGEST_SIDE, MOST_PICTURES, QrKey, SHORTEST_SIDE, bitmaps, keys, settle};
use longkey_core::sites::x::{Step, Sure, judge};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Seen {
    screen: Screen,
    /// The texts of each picture.
    texts: Vec<Vec<String>>,
}

pub(crate) fn run(bytes: &[u8]) -> bool {
    let Ok(Seen { screen, texts }) = serde_json::from_slice(bytes) else { return false };
    let read = bitmaps(&screen.pictures);
    assert!(read.len() <= MOST_PICTURES.min(screen.pictures.len()));
    for bitmap in &read {
        let sides = SHORTEST_SIDE..=LONGEST_SIDE;
        assert!(sides.contains(&bitmap.width()) && sides.contains(&bitmap.height()));
        let pixels = usize::from(bitmap.width()) * usize::from(bitmap.height());
        assert_eq!(bitmap.bits().len(), pixels.div_ceil(8));
        assert_eq!(bitmap.fingerprint(), bitmap.clone().fingerprint());
    }
    let secrets = |texts: Vec<String>| texts.into_iter().map(Secret::new).collect::<Vec<_>>();
    let codes: Vec<QrKey> = texts.into_iter().flat_map(|texts| keys(&secrets(texts))).collect();
    let before = judge(&screen);
    let settled = settle(before.clone(), &screen, &codes);
    match &settled.step {
        Step::Secret { key, sure } => {
            let all_say_it = codes.iter().all(|code| code.key == *key);
            assert!(all_say_it, "a key that a code contradicts");
            // A code makes nothing certain but its own key.
            let by_text = matches!(&before, Step::Secret { key: text, .. } if text == key);
            assert!(by_text || !codes.is_empty());
            assert!(*sure == Sure::Ask || codes.is_empty() || settled.code.as_ref().is_some_and(|it| it.key == *key));
        }
        Step::Conflict(_) => {
            let rivals = &settled.rivals;
            assert_ne!(rivals.len(), 1, "one key is no conflict");
            for (at, rival) in rivals.iter().enumerate() {
                assert!(rivals[..at].iter().all(|it| it.key != rival.key));
            }
        }
        other => assert_eq!(*other, before),
    }
    true
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let text = |text: &str| ScreenText { within: None, text: text.into() };
    let bits = |bytes: usize| {
        let mut text = longkey_core::base64::print(&vec![0x5a; bytes]);
        text.extend(std::iter::repeat_n('=', text.len().next_multiple_of(4) - text.len()));
        text
    };
    let square = Picture { width: 21, height: 21, bits: bits(56) };
    let claims = Picture { width: 1024, height: 1024, bits: bits(56) };
    let address = |label: &str, key: &str| format!("otpauth://totp/{label}?secret={key}&issuer=Twitter");
    let (key, other) = ("JBSWY3DPEHPK3PXP", "GEZDGNBVGY3TQOJQ");
    let screen = |texts: Vec<ScreenText>, marks: &[Mark], pictures: Vec<Picture>| Screen {
        texts,
        marks: marks.to_vec(),
        handle: Some("standin_user".into()),
        pictures,
        ..Screen::default()
    };
    let step = [Mark::ShowCodeNext, Mark::Qr];
    let mine = address("Twitter:@standin_user", key);
    let all = [
        Seen { screen: screen(vec![], &step, vec![square.clone()]), texts: vec![vec![mine.clone()]] },
        Seen { screen: screen(vec![text(key)], &step, vec![square.clone(), claims]), texts: vec![vec![mine.clone()]] },
        Seen { screen: screen(vec![text(other)], &step, vec![square.clone(); 4]), texts: vec![vec![mine.clone()]] },
        Seen {
            screen: screen(vec![], &step, vec![square.clone(); 5]),
            texts: vec![vec![mine, "https://x.com".into()], vec![address("X:@another", other)]],
        },
    ];
    all.iter().map(|it| serde_json::to_vec(it).expect("JSON")).collect()
}
