//! Each hostile sender is turned away.

use longkey_core::gate::{Ourselves, Said, SenderFacts, TabFacts, admit};
use longkey_core::protocol::{FromContent, Message, Question, Screen};
use longkey_core::refusal::Refusal;
use longkey_core::sites::x::Place;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn ours() -> Ourselves {
    Ourselves { id: "us".into(), root: "chrome-extension://us/".into() }
}

fn on_x(url: &str) -> SenderFacts {
    SenderFacts {
        id: Some("us".into()),
        origin: Some("https://x.com".into()),
        url: Some("https://x.com/home".into()),
        frame_id: Some(0),
        document_id: None,
        tab: Some(TabFacts { id: Some(4), url: Some(url.into()), incognito: false }),
    }
}

fn saw() -> Message {
    Message::Content(FromContent::Saw(Screen::default()))
}

#[test]
fn the_sensor_on_a_watched_page_is_admitted_by_its_tabs_address() {
    let facts = on_x("https://x.com/i/flow/two-factor-auth-app-enrollment?input_flow_data=1");
    let said = admit(&facts, &ours(), saw()).expect("admitted").into_said();
    assert!(matches!(said, Said::Content { tab: 4, place: Place::Enrolment, .. }));
}

#[test]
fn hostile_or_incomplete_senders_of_the_sensors_words() {
    let good = on_x("https://x.com/i/flow/two-factor-auth-app-enrollment");
    let mut bad = vec![];
    for change in [
        (|it: &mut SenderFacts| it.id = Some("them".into())) as fn(&mut SenderFacts),
        |it| it.id = None,
        |it| it.origin = None,
        |it| it.origin = Some("https://x.com.evil.example".into()),
        |it| it.origin = Some("http://x.com".into()),
        |it| it.origin = Some("null".into()),
        |it| it.frame_id = Some(7),
        |it| it.frame_id = None,
        |it| it.tab = None,
        |it| it.tab.as_mut().expect("a tab").id = None,
        |it| it.tab.as_mut().expect("a tab").url = None,
        |it| it.tab.as_mut().expect("a tab").url = Some("https://x.com/home".into()),
        |it| {
            it.tab.as_mut().expect("a tab").url =
                Some("https://evil.example/i/flow/two-factor-auth-app-enrollment".into())
        },
        |it| it.tab.as_mut().expect("a tab").url = Some("http://x.com/i/flow/two-factor-auth-app-enrollment".into()),
    ] {
        let mut facts = good.clone();
        change(&mut facts);
        bad.push(facts);
    }
    for facts in bad {
        assert_eq!(admit(&facts, &ours(), saw()).err(), Some(Refusal::NotAdmitted), "{facts:?}");
    }
}

#[test]
fn a_content_script_cannot_ask_what_pages_ask() {
    let facts = on_x("https://x.com/i/flow/two-factor-auth-app-enrollment");
    assert!(admit(&facts, &ours(), Message::Page(Question::View)).is_err());
}

#[test]
fn pages_in_both_browsers() {
    // Chromium's popup has neither tab nor frame.
    let popup = SenderFacts {
        id: Some("us".into()),
        origin: Some("chrome-extension://us".into()),
        url: Some("chrome-extension://us/pages/app.html?in=popup".into()),
        ..SenderFacts::default()
    };
    assert!(admit(&popup, &ours(), Message::Page(Question::View)).is_ok());
    let framed = SenderFacts { frame_id: Some(3), ..popup.clone() };
    assert!(admit(&framed, &ours(), Message::Page(Question::View)).is_err());
    let lookalike = SenderFacts { url: Some("chrome-extension://us.evil/pages/app.html".into()), ..popup };
    assert!(admit(&lookalike, &ours(), Message::Page(Question::View)).is_err());
}

#[test]
fn words_that_are_not_in_the_vocabulary_do_not_parse() {
    for text in [
        r#"{"content":{"saw":{"texts":[],"marks":["success"],"extra":1}}}"#,
        r#"{"content":{"saw":{"texts":[],"marks":["root"]}}}"#,
        r#"{"content":"view"}"#,
        r#"{"content":{"lock":null}}"#,
        r#"{"admin":"view"}"#,
    ] {
        assert!(serde_json::from_str::<Message>(text).is_err(), "{text}");
    }
    assert!(serde_json::from_str::<Message>(r#"{"content":"left"}"#).is_ok());
}
