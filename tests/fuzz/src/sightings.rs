//! What X's page shows, as a hostile page could word it: nothing is read out of it that does not stand there.

use longkey_core::long_key::{is_invisible, is_separator};
use longkey_core::protocol::{Mark, Screen, ScreenText};
use longkey_core::sites::x::{Method, Place, Step, Sure, judge_at};

const PLACES: [Place; 8] = [
    Place::Enrolment,
    Place::Settings,
    Place::BackupCode,
    Place::Unenrolment(Method::App),
    Place::Login,
    Place::Onboarding,
    Place::Unknown,
    Place::Elsewhere,
];
const MARKS: [Mark; 7] =
    [Mark::ShowCodeNext, Mark::Qr, Mark::CodeField, Mark::SixDigits, Mark::TextField, Mark::EmailCode, Mark::Success];

/// One byte for the place, one for the marks, then texts with a zero between them, each inside the one before.
fn screen(bytes: &[u8]) -> Option<(Place, Screen)> {
    let [place, marks, texts @ ..] = bytes else { return None };
    let place = PLACES[usize::from(*place) % PLACES.len()];
    let marks = MARKS.iter().enumerate().filter(|(at, _)| marks >> at & 1 == 1).map(|(_, mark)| *mark).collect();
    let texts = std::str::from_utf8(texts).ok()?;
    let nested = |(at, text): (usize, &str)| ScreenText {
        within: (at % 3 == 2).then(|| u32::try_from(at - 1).unwrap_or_default()),
        text: text.into(),
    };
    let texts = texts.split('\0').enumerate().map(nested).collect();
    Some((place, Screen { texts, marks, ..Screen::default() }))
}

/// A text without what separates, pads or is not seen.
fn bare(text: &str) -> String {
    text.chars().filter(|c| !is_separator(*c) && !is_invisible(*c) && *c != '=').collect()
}

/// Whether the screen means anything.
pub(crate) fn run(bytes: &[u8]) -> bool {
    let Some((place, screen)) = screen(bytes) else { return false };
    let has = |mark| screen.marks.contains(&mark);
    let stands = |said: &str, lines: bool| {
        let texts = screen.texts.iter().map(|item| item.text.as_str());
        let mut parts: Vec<&str> = if lines { texts.flat_map(str::lines).collect() } else { texts.collect() };
        parts.retain(|part| bare(part).eq_ignore_ascii_case(said));
        !parts.is_empty()
    };
    let step = judge_at(place, &screen);
    match &step {
        Step::Secret { key, sure } => {
            assert!(stands(key.expose(), false), "{step:?}");
            let certain = place == Place::Enrolment && has(Mark::ShowCodeNext) && !has(Mark::Qr);
            assert!(*sure == Sure::Ask || certain, "{place:?}");
            assert!(key.expose().len() >= 16);
        }
        Step::Success { backup: Some(code) } | Step::Backup(code) => {
            assert!(stands(code.expose(), true), "{step:?}");
            assert!(code.expose().len() == 12 && !code.expose().bytes().any(|c| c.is_ascii_uppercase()));
        }
        Step::Code { .. } | Step::LoginCode { .. } => assert!(!has(Mark::EmailCode)),
        Step::Success { backup: None } | Step::Unenrolment(_) => assert!(has(Mark::Success)),
        Step::Conflict(_) | Step::Qr | Step::LoginText | Step::LoginSent => {}
        Step::Other => return false,
    }
    true
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let seed = |place: u8, marks: u8, texts: &str| [&[place, marks], texts.as_bytes()].concat();
    vec![
        seed(0, 1, "Enter the code\0JBSWY3DPEHPK3PXP"),
        seed(0, 3, "jbsw y3dp ehpk 3pxp\0JBSWY3DPEHPK3PXP\0JBSW"),
        seed(0, 1, "JBSW\u{a0}Y3DP\u{200b}-EHPK-3PXP\0GEZDGNBVGY3TQOJQGEZDGNBVGY======"),
        seed(0, 64, "You are all set\n\nyvm51584v29r\n\nKeep it"),
        seed(2, 0, "Backup Code\0yvm5 1584 v29r"),
        seed(6, 1, "JBSWYEDPEHPKAPXP"),
        seed(0, 4, "Enter the code"),
        seed(5, 8, "Enter the code"),
        seed(3, 64, "Turn it off?"),
        seed(1, 2, "Scan it"),
    ]
}
