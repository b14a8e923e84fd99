//! `storage.local` and `storage.session`, played by the page: what is asked of them, and when.

use longkey_core::effect::{Effect, Event, Key, Stands, Write};
use longkey_core::protocol::Rows;
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
use longkey_extension::browser::storage::{read_local, remove_local, write_local};
use longkey_extension::perform::{After, perform};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen(inline_js = r#"
// Answers a change when it is told to, as a browser does whose disk is busy.
export const play = () => {
  const kept = { number: 7, object: { a: [1] }, nothing: null, text: "t", endless: 10n };
  const play = { asked: [], answers: [] };
  const ask = (name, does) => (given) => {
    play.asked.push(name);
    return new Promise((resolve) => { play.answers.push(() => { resolve(does(given)); }); });
  };
  const local = {
    get: async (names) => {
      play.asked.push("get");
      return Object.fromEntries(names.filter((name) => name in kept).map((name) => [name, kept[name]]));
    },
    set: ask("set", (values) => { Object.assign(kept, values); }),
    remove: ask("remove", (names) => { for (const name of names) delete kept[name]; }),
  };
  globalThis.chrome = { storage: { local } };
  return play;
};
// Has no room for one text; may be told to remove nothing.
export const play_session = (removes) => {
  const kept = {};
  const session = {
    set: async (values) => { if (Object.values(values).includes("full")) throw new Error("QuotaExceeded"); Object.assign(kept, values); },
    remove: async (names) => { if (!removes) throw new Error("no"); for (const name of names) delete kept[name]; },
  };
  globalThis.chrome = { storage: { session } };
  return kept;
};
export const worker = (kept) => kept.worker;
export const rows = (kept) => JSON.stringify(kept.rows);
// Says of a change what it is told to say, and makes it or not.
export const play_half = (says, makes) => {
  const kept = {};
  const local = {
    get: async (names) => {
      if (says === "breaks" && kept.asked) throw new Error("gone");
      return Object.fromEntries(names.filter((name) => name in kept).map((name) => [name, kept[name]]));
    },
    set: async (values) => { kept.asked = true; if (makes) Object.assign(kept, values); if (says === "no") throw new Error("no"); },
    remove: async () => { throw new Error("no"); },
  };
  globalThis.chrome = { storage: { local } };
};
export const asked = (play) => play.asked.join();
export const answer = (play) => { play.answers.shift()(); };
// Every promise that can be settled by now is.
export const settled = () => new Promise((resolve) => { const { port1, port2 } = new MessageChannel(); port1.onmessage = resolve; port2.postMessage(0); });
"#)]
extern "C" {
    fn play() -> JsValue;
    fn play_session(removes: bool) -> JsValue;
    fn play_half(says: &str, makes: bool);
    fn worker(kept: &JsValue) -> Option<String>;
    fn rows(kept: &JsValue) -> Option<String>;
    fn asked(play: &JsValue) -> String;
    fn answer(play: &JsValue);
    #[wasm_bindgen(catch)]
    async fn settled() -> Result<JsValue, JsValue>;
}

#[wasm_bindgen_test]
async fn a_value_that_is_not_text_is_not_missing() {
    play();
    let found = read_local(&["number", "object", "nothing", "text", "endless", "missing"]).await.expect("an answer");
    let found: Vec<Option<&str>> = found.iter().map(Option::as_deref).collect();
    assert_eq!(found, [Some("7"), Some(r#"{"a":[1]}"#), Some("null"), Some("t"), Some(""), None]);
}

#[wasm_bindgen_test]
async fn while_a_change_is_on_its_way_nothing_else_is_asked() {
    let play = play();
    let calls = [
        future_to_promise(async {
            write_local(&[("a", "1")]).await.map_err(|_| JsValue::NULL)?;
            Ok(JsValue::NULL)
        }),
        future_to_promise(async {
            write_local(&[("a", "2")]).await.map_err(|_| JsValue::NULL)?;
            Ok(JsValue::NULL)
        }),
        future_to_promise(async {
            remove_local(&["text"]).await.map_err(|_| JsValue::NULL)?;
            Ok(JsValue::NULL)
        }),
        future_to_promise(async {
            let found = read_local(&["a", "text"]).await.map_err(|_| JsValue::NULL)?;
            Ok(format!("{found:?}").into())
        }),
    ];
    for so_far in ["set", "set,set", "set,set,remove"] {
        settled().await.expect("settled");
        assert_eq!(asked(&play), so_far);
        answer(&play);
    }
    let mut last = JsValue::NULL;
    for call in calls {
        last = JsFuture::from(call).await.expect("an answer");
    }
    assert_eq!(last.as_string().as_deref(), Some(r#"[Some("2"), None]"#));
    assert_eq!(asked(&play), "set,set,remove,get");
}

/// The vault is locked, and the session's store refuses the memory without its key: then the one with it goes.
#[wasm_bindgen_test]
async fn a_memory_that_cannot_be_written_does_not_leave_the_one_before() {
    let kept = play_session(true);
    for (memory, wanted) in [("open", Some("open")), ("full", None), ("open", Some("open"))] {
        perform(Effect::Remember(Secret::new(memory.into()))).await;
        assert_eq!(worker(&kept).as_deref(), wanted, "{memory}");
    }
}

/// What was readable goes with the lock, by removing it or by writing over it.
#[wasm_bindgen_test]
async fn rows_that_cannot_be_removed_are_written_over() {
    for (removes, left) in [(true, None), (false, Some("null"))] {
        let kept = play_session(removes);
        perform(Effect::Rows(Some(Rows::default()))).await;
        assert!(rows(&kept).is_some_and(|it| it.contains("rows")));
        perform(Effect::Rows(None)).await;
        assert_eq!(rows(&kept).as_deref(), left, "removes: {removes}");
    }
}

/// What stands there is what was read back, whatever the call said of itself.
#[wasm_bindgen_test]
async fn a_change_is_what_was_read_back() {
    let cases = [
        ("yes", true, Ok(Stands::Here)),
        ("no", true, Ok(Stands::Here)),
        ("yes", false, Err(Refusal::NotSaved)),
        ("no", false, Err(Refusal::StoreSilent)),
        ("breaks", true, Err(Refusal::StoreUnknown)),
    ];
    for (says, makes, wanted) in cases {
        play_half(says, makes);
        let set = vec![(Key::Settings, Secret::new("{}".into()))];
        // What is given up was emptied in the same change, so that one that cannot be removed stands in nobody's way.
        let write = Write { set, remove: vec![Key::Device], ..Write::default() };
        let After::Then(event) = perform(Effect::Write { write, then: vec![] }).await else { panic!("not written") };
        let Event::Written { outcome, .. } = *event else { panic!("not written") };
        assert_eq!(outcome, wanted, "{says}, {makes}");
    }
}
