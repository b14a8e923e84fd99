//! The second store: a real IndexedDB, with a page's own hand on it where something has to go wrong.

use longkey_extension::browser::mirror::{read, read_within, write, write_within};
use longkey_extension::browser::storage::Silent;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

/// Enough for a page on a busy machine to ask, and short to wait for.
const SHORT: u32 = 300;

#[wasm_bindgen(inline_js = r#"
const settled = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
// Calls `around(original, this, arguments)` in a method's place, until the function that it returns is called.
const instead = (of, name, around) => {
  const original = of.prototype[name];
  of.prototype[name] = function (...given) { return around(original, this, given); };
  return () => { of.prototype[name] = original; };
};

export const forget = () => settled(indexedDB.deleteDatabase("longkey"));

export const put_object = async (key) => {
  const database = await settled(indexedDB.open("longkey", 1));
  await settled(database.transaction("copies", "readwrite").objectStore("copies").put({ gone: [1, null] }, key));
  database.close();
};

// One put is done and one request throws at once; or the second put aborts its transaction, as a full disk does.
export const delete_throws = () => instead(IDBObjectStore, "delete", () => { throw new DOMException("no", "DataError"); });
export const second_put_aborts = () => {
  let puts = 0;
  return instead(IDBObjectStore, "put", (put, store, given) => {
    const request = put.apply(store, given);
    if (++puts === 2) request.addEventListener("success", () => store.transaction.abort());
    return request;
  });
};

// A connection that stays, and holds every deletion up.
export const hold = async () => {
  const database = await settled(indexedDB.open("longkey", 1));
  return () => database.close();
};
export const begin_deleting = () => new Promise((resolve) => {
  indexedDB.deleteDatabase("longkey").onblocked = resolve;
});

// The next transaction says late that it is complete; meanwhile the database can be deleted or not.
export const late = () => {
  const held = {};
  const restore = instead(IDBDatabase, "transaction", (transaction, database, given) => {
    restore();
    const real = transaction.apply(database, given);
    held.complete = new Promise((resolve) => { real.addEventListener("complete", resolve); });
    return {
      objectStore: (name) => real.objectStore(name),
      abort: () => real.abort(),
      set oncomplete(call) { held.tell = call; },
      set onabort(_) {},
    };
  });
  return held;
};
export const landed = (held) => held.complete;
export const tell = (held) => { held.tell({ type: "complete" }); };
export const delete_in_use = () => new Promise((resolve, reject) => {
  const request = indexedDB.deleteDatabase("longkey");
  request.onsuccess = () => resolve();
  request.onblocked = () => reject("blocked");
});

export const watch = () => {
  const seen = [];
  const undo = [
    instead(IDBDatabase, "transaction", (transaction, database, given) => {
      const real = transaction.apply(database, given);
      seen.push(`${real.mode} ${real.durability}`);
      return real;
    }),
    instead(IDBDatabase, "close", (close, database) => { seen.push("closed"); close.apply(database); }),
  ];
  seen.restore = () => { for (const call of undo) call(); };
  return seen;
};
export const restore = (seen) => { seen.restore(); return seen.join(); };
"#)]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn forget() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn put_object(key: &str) -> Result<JsValue, JsValue>;
    fn delete_throws() -> js_sys::Function;
    fn second_put_aborts() -> js_sys::Function;
    #[wasm_bindgen(catch)]
    async fn hold() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn begin_deleting() -> Result<JsValue, JsValue>;
    fn late() -> JsValue;
    #[wasm_bindgen(catch)]
    async fn landed(held: &JsValue) -> Result<JsValue, JsValue>;
    fn tell(held: &JsValue);
    #[wasm_bindgen(catch)]
    async fn delete_in_use() -> Result<JsValue, JsValue>;
    fn watch() -> JsValue;
    fn restore(seen: &JsValue) -> String;
}

async fn afresh() {
    forget().await.expect("an empty origin");
}

fn call(function: &JsValue) {
    function.unchecked_ref::<js_sys::Function>().call0(&JsValue::NULL).expect("the page's own hand");
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[wasm_bindgen_test]
async fn what_was_written_is_read() {
    afresh().await;
    assert_eq!(read(&["one", "two"]).await, Ok(vec![None, None]), "a missing database");
    let long = "\u{1F511} ".repeat(100_000);
    write(&[("one", &long), ("two", ""), ("three", "3")], &[]).await.expect("written");
    assert_eq!(read(&["two", "none", "one"]).await, Ok(vec![some(""), None, Some(long)]));
    write(&[("two", "2")], &["three", "never there"]).await.expect("written");
    assert_eq!(read(&["two", "three"]).await, Ok(vec![some("2"), None]));
    assert_eq!(read(&[]).await, Ok(vec![]));
    write(&[], &[]).await.expect("nothing to do");
}

#[wasm_bindgen_test]
async fn a_call_is_one_strict_transaction_and_keeps_no_connection() {
    afresh().await;
    let seen = watch();
    write(&[("one", "1"), ("two", "2")], &["three"]).await.expect("written");
    read(&["one", "two"]).await.expect("read");
    // Firefox ESR 153 has `durability` too, and answers "strict" here.
    assert_eq!(restore(&seen), "readwrite strict,closed,readonly strict,closed");
}

#[wasm_bindgen_test]
async fn a_transaction_is_kept_whole_or_not_at_all() {
    for broken in [delete_throws, second_put_aborts] {
        afresh().await;
        write(&[("one", "before"), ("gone", "before")], &[]).await.expect("written");
        let repaired = broken();
        let failed = write(&[("one", "after"), ("two", "after")], &["gone"]).await;
        call(&repaired);
        assert_eq!(failed, Err(Silent));
        assert_eq!(read(&["one", "two", "gone"]).await, Ok(vec![some("before"), None, some("before")]));
    }
}

#[wasm_bindgen_test]
async fn a_value_that_is_not_text_is_not_missing() {
    afresh().await;
    write(&[("one", "1")], &[]).await.expect("written");
    put_object("two").await.expect("damaged");
    assert_eq!(read(&["one", "two"]).await, Ok(vec![some("1"), some(r#"{"gone":[1,null]}"#)]));
}

#[wasm_bindgen_test]
async fn a_database_can_be_deleted_while_a_call_uses_it() {
    afresh().await;
    let held = late();
    assert_eq!(write_within(SHORT, &[("one", "1")], &[]).await, Err(Silent), "not complete in time");
    landed(&held).await.expect("complete");
    // The call still has its connection, which gives way.
    delete_in_use().await.expect("not blocked");
    tell(&held);
    assert_eq!(read(&["one"]).await, Ok(vec![None]));
    write(&[("one", "2")], &[]).await.expect("written");
    assert_eq!(read(&["one"]).await, Ok(vec![some("2")]));
}

#[wasm_bindgen_test]
async fn after_a_call_that_came_late_the_next_one_waits() {
    afresh().await;
    let held = late();
    assert_eq!(write_within(SHORT, &[("one", "late")], &[]).await, Err(Silent));
    assert_eq!(write_within(SHORT, &[("one", "refused")], &[]).await, Err(Silent), "not begun behind it");
    assert_eq!(read_within(SHORT, &["one"]).await, Err(Silent), "neither is a read");
    landed(&held).await.expect("complete");
    tell(&held);
    assert_eq!(read(&["one"]).await, Ok(vec![some("late")]), "what was given up is not done later");
}

#[wasm_bindgen_test]
async fn a_blocked_database_is_silent_and_then_answers() {
    afresh().await;
    write(&[("one", "1")], &[]).await.expect("written");
    let held = hold().await.expect("a connection");
    begin_deleting().await.expect("blocked");
    assert_eq!(read_within(SHORT, &["one"]).await, Err(Silent));
    call(&held);
    assert_eq!(read(&["one"]).await, Ok(vec![None]), "deleted, made anew");
}
