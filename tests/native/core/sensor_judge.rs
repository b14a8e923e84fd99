//! What counts as a key on X's page, rule by rule; the pages themselves are tried in real browsers.

use longkey_core::protocol::{Mark, Screen, ScreenText};
use longkey_core::secret::Secret;
use longkey_core::sites::qr::{keys, settle};
use longkey_core::sites::x::{Method, Place, Step, Sure, judge, judge_at, limited, place};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn screen(texts: &[&str], marks: &[Mark]) -> Screen {
    let texts = texts.iter().map(|text| ScreenText { within: None, text: (*text).into() }).collect();
    Screen { texts, marks: marks.to_vec(), ..Screen::default() }
}

fn judged(text: &str) -> Option<(String, Sure)> {
    match judge(&screen(&["Enter the following code", text], &[Mark::ShowCodeNext])) {
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
        "2345 6723 4567 2345",
        "-JBSWY3DPEHPK3PXP",
        "JBSW--Y3DP--EHPK--3PXP",
        "mfrggzdfmztw",
        "yvm5 1584 v29r",
    ] {
        assert_eq!(judged(text), None, "{text}");
    }
}

#[test]
fn what_a_word_or_a_row_of_boxes_could_be_is_asked() {
    for text in ["JBSWYEDPEHPKAPXP", "jbswy3dpehpk3pxp", "JB SW Y3 DP EH PK 3P XP", "J B S W Y 3 D P E H P K 3 P X P"] {
        assert_eq!(judged(text).map(|it| it.1), Some(Sure::Ask), "{text}");
    }
}

#[test]
fn only_the_set_up_flow_s_own_path_is_certain() {
    let shows = screen(&["JBSWY3DPEHPK3PXP"], &[Mark::ShowCodeNext]);
    for place in [Place::Unknown, Place::Settings, Place::Onboarding] {
        assert!(matches!(judge_at(place, &shows), Step::Secret { sure: Sure::Ask, .. }), "{place:?}");
    }
    for place in [Place::Elsewhere, Place::Login, Place::BackupCode, Place::Unenrolment(Method::App)] {
        assert_eq!(judge_at(place, &shows), Step::Other, "{place:?}");
    }
    // X shows the key once, the code field as often as one likes.
    let both = screen(&["JBSWY3DPEHPK3PXP"], &[Mark::ShowCodeNext, Mark::CodeField]);
    assert!(matches!(judge(&both), Step::Secret { .. }));
}

/// A QR code can be shown on any page too: it makes certain only what may be certain there.
#[test]
fn a_qr_code_does_not_widen_what_a_place_may_say() {
    let address = Secret::new("otpauth://totp/Twitter:@standin_user?secret=JBSWY3DPEHPK3PXP&issuer=Twitter".into());
    let codes = keys(&[address]);
    let marks = [Mark::ShowCodeNext, Mark::Qr];
    let at = |place, texts: &[&str]| {
        let screen = screen(texts, &marks);
        limited(place, settle(judge_at(place, &screen), &screen, &codes).step)
    };
    for texts in [&["JBSWY3DPEHPK3PXP"] as &[&str], &["Scan this"]] {
        assert!(matches!(at(Place::Enrolment, texts), Step::Secret { sure: Sure::Certain, .. }));
        for place in [Place::Unknown, Place::Settings, Place::Onboarding] {
            assert!(matches!(at(place, texts), Step::Secret { sure: Sure::Ask, .. }), "{place:?}");
        }
        for place in [Place::Elsewhere, Place::Login, Place::BackupCode, Place::Unenrolment(Method::App)] {
            assert_eq!(at(place, texts), Step::Other, "{place:?}");
        }
    }
    assert_eq!(at(Place::Login, &["GEZDGNBVGY3TQOJQ"]), Step::Other);
}

#[test]
fn where_codes_are_asked() {
    let at = |place, marks: &[Mark]| judge_at(place, &screen(&["Enter the code"], marks));
    for field in [Mark::CodeField, Mark::SixDigits] {
        assert_eq!(at(Place::Enrolment, &[field]), Step::Code { refused: false });
        assert_eq!(at(Place::Login, &[field, Mark::Toast]), Step::LoginCode { refused: true });
        assert_eq!(at(Place::Onboarding, &[field]), Step::LoginCode { refused: false });
        for place in [Place::Unknown, Place::Elsewhere, Place::Settings, Place::BackupCode] {
            assert_eq!(at(place, &[field]), Step::Other, "{place:?}");
        }
        assert_eq!(at(Place::Enrolment, &[field, Mark::EmailCode]), Step::Other);
        for place in [Place::Login, Place::Onboarding] {
            assert_eq!(at(place, &[field, Mark::EmailCode]), Step::LoginSent, "{place:?}");
        }
    }
    assert_eq!(at(Place::Login, &[Mark::TextField]), Step::LoginText);
    for place in [Place::Enrolment, Place::Onboarding, Place::Unknown, Place::Elsewhere] {
        assert_eq!(at(place, &[Mark::TextField]), Step::Other, "{place:?}");
    }
}

#[test]
fn a_code_that_x_sent_is_not_the_app_s() {
    let at = |text: &str| judge_at(Place::Login, &screen(&[text], &[Mark::CodeField]));
    for sent in [
        "Enter the code we sent to your phone number ending in 42.",
        "We sent it to s***@e******.test.",
        "+49 ••• •• 17",
        "أرسلنا رمزًا إلى رقم ينتهي بـ ٤٢",
        "末尾が 42 の電話番号に送信しました",
    ] {
        assert_eq!(at(sent), Step::LoginSent, "{sent}");
    }
    for app in [
        "Use your code generator app to generate a code and enter it below.",
        "Enter the 6-digit code of your app. It changes every 30 seconds.",
        "© 2026 X Corp.",
        "@standin_user42 · 2FA",
        "• •",
    ] {
        assert_eq!(at(app), Step::LoginCode { refused: false }, "{app}");
    }
    // No field, nothing to refuse.
    assert_eq!(judge_at(Place::Login, &screen(&["ending in 42"], &[])), Step::Other);
}

#[test]
fn backup_codes() {
    let after = |text: &str| match judge(&screen(&["Done", text], &[Mark::Success])) {
        Step::Success { backup } => backup.map(|code| code.expose().to_owned()),
        other => panic!("{other:?}"),
    };
    let lines = "Now you can use the app.\n\nSave this code.\n\nyvm51584v29r\n\nIt works once.";
    assert_eq!(after(lines), Some("yvm51584v29r".into()));
    assert_eq!(after("yvm5-1584-v29r"), Some("yvm51584v29r".into()));
    assert_eq!(after("One line.\nmfrggzdfmztw\nAnother."), Some("mfrggzdfmztw".into()));
    assert_eq!(after("registration\nyvm51584v29r"), Some("yvm51584v29r".into()), "a word beside the code");
    for none in [
        "yvm51584v29r is your code",
        "yvm51584v29r\nq7w8e9r0t1y2",
        "registration\nverification",
        "YVM51584V29R",
        "yvm51584v29",
        "yvm51584v29rx",
        "yvm5 1584 v29",
        "yvm515 84v29r",
        "123456789012",
        "jbswy3dpehpk3pxp",
    ] {
        assert_eq!(after(none), None, "{none}");
    }
    let page = |text: &str| judge_at(Place::BackupCode, &screen(&["Backup Code", text], &[]));
    let Step::Backup(code) = page("yvm5\u{a0}1584\u{a0}v29r") else { panic!("no backup code") };
    assert_eq!(code.expose(), "yvm51584v29r");
    assert_eq!(page("Generate a new code"), Step::Other);
}

#[test]
fn turning_a_method_off_is_seen_once_its_button_is_there() {
    let off = |marks: &[Mark]| judge_at(Place::Unenrolment(Method::App), &screen(&["Turn it off?"], marks));
    assert_eq!(off(&[Mark::Success]), Step::Unenrolment(Method::App));
    assert_eq!(off(&[]), Step::Other);
}

#[test]
fn less_than_the_next_button_is_asked() {
    let lone = screen(&["JBSWY3DPEHPK3PXP"], &[]);
    assert!(matches!(judge(&lone), Step::Secret { sure: Sure::Ask, .. }));
    let beside_a_qr = screen(&["JBSWY3DPEHPK3PXP"], &[Mark::ShowCodeNext, Mark::Qr]);
    assert!(matches!(judge(&beside_a_qr), Step::Secret { sure: Sure::Ask, .. }));
}

#[test]
fn two_candidates_are_a_conflict_but_nested_copies_are_one() {
    let two = screen(&["JBSWY3DPEHPK3PXP", "GEZDGNBVGY3TQOJQ"], &[Mark::ShowCodeNext]);
    let Step::Conflict(keys) = judge(&two) else { panic!("one of them was taken") };
    assert_eq!(keys.len(), 2, "both are offered");
    let many = screen(
        &["JBSWY3DPEHPK3PXP", "GEZDGNBVGY3TQOJQ", "KRSXG5CTMVRXEZL2", "MFRGGZDFMZTWQ2LK", "ONSWG4TFOQQHG5D7"],
        &[Mark::ShowCodeNext],
    );
    assert_eq!(judge(&many), Step::Conflict(vec![]), "no set-up shows five");
    let text = |within, text: &str| ScreenText { within, text: text.into() };
    let nested = Screen {
        texts: vec![text(None, "JBSW Y3DP EHPK 3PXP"), text(Some(0), "JBSWY3DPEHPK3PXP"), text(Some(1), "JBSW")],
        marks: vec![Mark::ShowCodeNext],
        ..Screen::default()
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
    assert_eq!(place("https://x.com/i/flow/setup_profile"), Some(Place::Elsewhere));
    for unknown in ["/i/flow/two-factor-auth", "/i/jf/security/app", "/settings/account/login_verification/enrollment"]
    {
        assert_eq!(place(&format!("https://x.com{unknown}")), Some(Place::Unknown), "{unknown}");
    }
    let settings = "https://x.com/settings/account/login_verification";
    assert_eq!(place(&format!("{settings}/?a=b")), Some(Place::Settings));
    assert_eq!(place(&format!("{settings}/backup_code")), Some(Place::BackupCode));
    assert_eq!(place("https://x.com/i/flow/login?redirect_after_login=%2Fhome"), Some(Place::Login));
    assert_eq!(place("https://x.com/i/jf/onboarding/web?mode=login#/s/two_factor_code/r"), Some(Place::Onboarding));
    let off = |query: &str| place(&format!("https://x.com/i/flow/two-factor-unenrollment{query}"));
    assert_eq!(off("?a=b&method=authenticationApp#c"), Some(Place::Unenrolment(Method::App)));
    assert_eq!(off("?method=sms"), Some(Place::Unenrolment(Method::Another)));
    assert_eq!(off("#?method=authenticationApp"), Some(Place::Unenrolment(Method::Untold)));
}
