//! IndexedDB as a second store of text, for the background: what Chromium and Firefox lose together is less than what
//! one of their stores loses.
//!
//! It knows no vault and no generations, and it keeps no connection: each call opens, does one transaction and closes,
//! so that a database that was deleted or has broken is met anew and not remembered.

use super::storage::{Silent, text};
use super::turns::{Turns, in_turn};
use js_sys::{Array, Function, Object, Promise, Reflect};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

const DATABASE: &str = "longkey";
const VERSION: u32 = 1;
const STORE: &str = "copies";

/// A database that has not answered by then is treated as silent.
const LIMIT: u32 = 10_000;

// Not web-sys: 0.3.107 has `durability` behind an unstable flag only, and without it the module was 100 bytes larger.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = indexedDB)]
    fn open(name: &str, version: u32) -> Result<JsValue, JsValue>;

    type Database;
    #[wasm_bindgen(method, catch, js_name = createObjectStore)]
    fn create_store(this: &Database, name: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn transaction(this: &Database, store: &str, mode: &str, options: &Object) -> Result<Transaction, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn close(this: &Database) -> Result<(), JsValue>;

    type Transaction;
    #[wasm_bindgen(method, catch, js_name = objectStore)]
    fn store(this: &Transaction, name: &str) -> Result<Store, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn abort(this: &Transaction) -> Result<(), JsValue>;

    type Store;
    #[wasm_bindgen(method, catch)]
    fn get(this: &Store, key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn put(this: &Store, value: &str, key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn delete(this: &Store, key: &str) -> Result<JsValue, JsValue>;
}

thread_local! {
    static LAST: RefCell<Option<Promise>> = const { RefCell::new(None) };
}

const TURNS: &Turns = &LAST;

/// One request to the store.
enum Ask {
    Get(String),
    Put(String, String),
    Delete(String),
}

/// Reads these names in one transaction. A value that is not text comes as its JSON text: it is damaged, not missing.
///
/// # Errors
/// [`Silent`].
pub async fn read(names: &[&str]) -> Result<Vec<Option<String>>, Silent> {
    read_within(LIMIT, names).await
}

/// [`read`] with a time limit of one's own, in milliseconds.
///
/// # Errors
/// [`Silent`].
pub async fn read_within(limit: u32, names: &[&str]) -> Result<Vec<Option<String>>, Silent> {
    let asks = names.iter().map(|name| Ask::Get((*name).into())).collect();
    let found = in_turn(TURNS, limit, Box::pin(transact("readonly", asks))).await?;
    Ok(found.unchecked_ref::<Array>().iter().map(text).collect())
}

/// Sets and removes in one transaction: all of it or nothing. It is done when the browser says that it lies on the
/// disk, not only with the operating system.
///
/// # Errors
/// [`Silent`]. Nothing was changed, unless it was the time limit: then it may be changed until the next call is answered.
pub async fn write(set: &[(&str, &str)], remove: &[&str]) -> Result<(), Silent> {
    write_within(LIMIT, set, remove).await
}

/// [`write`] with a time limit of one's own, in milliseconds.
///
/// # Errors
/// [`Silent`].
pub async fn write_within(limit: u32, set: &[(&str, &str)], remove: &[&str]) -> Result<(), Silent> {
    let put = set.iter().map(|(name, text)| Ask::Put((*name).into(), (*text).into()));
    let asks = put.chain(remove.iter().map(|name| Ask::Delete((*name).into()))).collect();
    in_turn(TURNS, limit, Box::pin(transact("readwrite", asks))).await.map(drop)
}

/// The results of all requests, once their transaction is complete.
async fn transact(mode: &'static str, asks: Vec<Ask>) -> Result<JsValue, JsValue> {
    let database = connect().await?;
    let done = on(&database, mode, asks).await;
    let _ = database.close();
    done
}

async fn connect() -> Result<Database, JsValue> {
    let asked = open(DATABASE, VERSION)?;
    // No `onblocked`: it could only come if a connection to a lower version were open, and there is none below 1. A
    // deletion that somebody blocks sends nothing to those who wait behind it; for that there is the limit.
    let event = JsFuture::from(first(&asked, &["onupgradeneeded", "onsuccess"], "onerror")?).await?;
    let database: Database = Reflect::get(&asked, &"result".into())?.unchecked_into();
    // Who wants to delete it or to open a later version must not wait for us. A running transaction still ends.
    let close: Function = Reflect::get(&database, &"close".into())?.unchecked_into();
    Reflect::set(&database, &"onversionchange".into(), &close.bind0(&database))?;
    // Still inside the event: what a promise leads to runs before the browser ends its dispatch, so the upgrade is open.
    if Reflect::get(&event, &"type".into())? == "upgradeneeded" {
        database.create_store(STORE)?;
        JsFuture::from(first(&asked, &["onsuccess"], "onerror")?).await?;
    }
    Ok(database)
}

async fn on(database: &Database, mode: &str, asks: Vec<Ask>) -> Result<JsValue, JsValue> {
    let options = Object::new();
    Reflect::set(&options, &"durability".into(), &"strict".into())?;
    let transaction = database.transaction(STORE, mode, &options)?;
    // Not `onerror`: an error aborts, and only with the abort it is over; a full disk aborts without an error.
    let over = first(&transaction, &["oncomplete"], "onabort")?;
    let store = transaction.store(STORE)?;
    let asked = asks.iter().map(|ask| match ask {
        Ask::Get(key) => store.get(key),
        Ask::Put(key, value) => store.put(value, key),
        Ask::Delete(key) => store.delete(key),
    });
    let asked: Result<Vec<JsValue>, JsValue> = asked.collect();
    if asked.is_err() {
        // What was asked before it would be kept otherwise.
        let _ = transaction.abort();
    }
    JsFuture::from(over).await?;
    asked?.iter().map(|request| Reflect::get(request, &"result".into())).collect::<Result<Array, _>>().map(Into::into)
}

/// A promise of the first of these events: kept with one of `well`, broken with `ill`.
fn first(of: &JsValue, well: &[&str], ill: &str) -> Result<Promise, JsValue> {
    let mut set = Ok(true);
    let promise = Promise::new(&mut |keep, fail| {
        set = well
            .iter()
            .map(|name| (*name, &keep))
            .chain([(ill, &fail)])
            .try_fold(true, |_, (name, call)| Reflect::set(of, &name.into(), call));
    });
    set.map(|_| promise)
}
