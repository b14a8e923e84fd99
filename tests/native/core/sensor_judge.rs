//! What counts as a key on X's page, rule by rule; the pages themselves are tried in real browsers.

use longkey_core::protocol::{Mark, Screen, ScreenText};
use longkey_core::sites::x::{Place, Step, Sure, judge, place};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn screen(texts: &[&str], marks: &[Mark]) -> Screen {
    let texts = texts.iter().map(|text| ScreenText { within: None, text: (*text).into() }).collect();
    Screen { texts, marks: marks.to_vec(), handle: None }
}

fn judged(text: &str) -> Option<(String, Sure)> {
    match judge(&screen(&["Enter the following code", text], &[Mark::Dialog, Mark::ShowCodeNext])) {
        Step::Secret { key, sure } => Some((key.expose().into(), sure)),
        _ => None,
    }
}

#[test]
fn forms_that_are_taken_without_asking() {
    for text in [
        "JBSWY3DPEHPK3PXP",
        "jbsw y3dp ehpk 3pxp",
        "JBSW-Y3DP-EHPK-3PXP",
        "JBSW\u{a0}Y3DP\u{a0}EHPK\u{a0}3PXP",
        "JBSW\u{200b}Y3DP\u{feff}EHPK3PXP",
    ] {
        assert_eq!(judged(text), Some(("JBSWY3DPEHPK3PXP".into(), Sure::Certain)), "{text}");
    }
    assert_eq!(judged("GEZDGNBVGY3TQOJQGEZDGNBVGY======").map(|it| it.0.len()), Some(26));
}

#[test]
fn what_only_looks_like_a_key() {
    for text in [
        "JBSWY3DP",
        "JBSWY3DPEHPK",
        "JBSWY3DPEHPK3PX",
        "JBSWY3DPEHPK3PX0",
        "JBSWY3DPEHPK3PX1",
        "JBSWY3DPEHPK3PX8",
        "48656c6c6f21deadbeef",
        "JBSWY3DPehpk3pxp",
        "JBSWY3DPEHPK3PXР",
        "this code must stay",
        "LINK AN APP TO YOUR ACCOUNT",
        "Link an authentication app to your X account",
        "RESPONSIBILITIES: keep this key safe. CONFIDENTIALNESS",
        "responsibilities",
        "JBSWY3DP\nEHPK3PXP",
        "@ABCDEFGHIJKLMNOP",
    ] {
        assert_eq!(judged(text), None, "{text}");
    }
}

#[test]
fn a_lone_token_without_a_digit_is_asked() {
    assert_eq!(judged("JBSWYEDPEHPKAPXP").map(|it| it.1), Some(Sure::Ask));
}

#[test]
fn less_than_the_next_button_is_asked() {
    let lone = screen(&["JBSWY3DPEHPK3PXP"], &[Mark::Dialog]);
    assert!(matches!(judge(&lone), Step::Secret { sure: Sure::Ask, .. }));
    let beside_a_qr = screen(&["JBSWY3DPEHPK3PXP"], &[Mark::ShowCodeNext, Mark::Qr]);
    assert!(matches!(judge(&beside_a_qr), Step::Secret { sure: Sure::Ask, .. }));
}

#[test]
fn two_candidates_are_a_conflict_but_nested_copies_are_one() {
    let two = screen(&["JBSWY3DPEHPK3PXP", "GEZDGNBVGY3TQOJQ"], &[Mark::ShowCodeNext]);
    assert_eq!(judge(&two), Step::Conflict);
    let text = |within, text: &str| ScreenText { within, text: text.into() };
    let nested = Screen {
        texts: vec![text(None, "JBSW Y3DP EHPK 3PXP"), text(Some(0), "JBSWY3DPEHPK3PXP"), text(Some(1), "JBSW")],
        marks: vec![Mark::ShowCodeNext],
        handle: None,
    };
    assert!(matches!(judge(&nested), Step::Secret { sure: Sure::Certain, .. }));
}

#[test]
fn places() {
    let enrolment = "/i/flow/two-factor-auth-app-enrollment";
    for host in ["x.com", "twitter.com", "mobile.x.com", "mobile.twitter.com"] {
        assert_eq!(place(&format!("https://{host}{enrolment}?a=b#c")), Some(Place::Enrolment));
    }
    for url in [
        "https://x.com/home",
        "https://x.com.evil.example/i/flow/two-factor-auth-app-enrollment",
        "https://evil.example/https://x.com/i/flow/two-factor-auth-app-enrollment",
        "https://x.com:444/i/flow/two-factor-auth-app-enrollment",
        "https://x.com@evil.example/i/flow/two-factor-auth-app-enrollment",
        "http://x.com/i/flow/two-factor-auth-app-enrollment",
    ] {
        assert_eq!(place(url), None, "{url}");
    }
    assert_eq!(place("https://x.com/i/flow/two-factor-sms-enrollment"), Some(Place::Elsewhere));
    assert_eq!(place("https://x.com/settings/account/login_verification/"), Some(Place::Settings));
}
