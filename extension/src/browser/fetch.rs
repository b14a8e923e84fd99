//! The one function that sends anything over the network. Its options are fixed: no credentials, no redirects, no
//! cache, no referrer; a call's host is a constant (measured: by default a 307 hands body and key to another origin).

use super::deadline::within;
use super::permissions;
use gloo::timers::callback::Interval;
use js_sys::{Reflect, Uint8Array};
use longkey_core::clock::{Dated, UnixTime};
use longkey_core::secret::Secret;
use longkey_core::services::{Call, Reply, wait};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Headers, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials,
    RequestInit, RequestRedirect, Response,
};

/// A background worker is ended after 30 s without an extension API call.
const KEEP_ALIVE: u32 = 10_000;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn fetch(url: &str, options: &RequestInit) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "runtime"], js_name = getPlatformInfo)]
    async fn platform() -> Result<JsValue, JsValue>;
}

/// Sends a call once.
pub async fn send(call: &Call) -> Reply {
    if is_offline() {
        return Reply::Offline;
    }
    if !permissions::allows(call.host.origin()).await {
        return Reply::NotAllowed;
    }
    let keep_alive = Interval::new(KEEP_ALIVE, || {
        wasm_bindgen_futures::spawn_local(async {
            let _ = platform().await;
        });
    });
    let Ok(abort) = AbortController::new() else { return Reply::Silence };
    let reply = within(call.patience.saturating_mul(1000), exchange(call, &abort)).await;
    drop(keep_alive);
    match reply {
        Some(Ok(reply)) => reply,
        // Whatever failed after it was sent, it may have been carried out.
        Some(Err(_)) => Reply::Silence,
        None => {
            abort.abort();
            Reply::Silence
        }
    }
}

fn is_offline() -> bool {
    let online = Reflect::get(&js_sys::global(), &"navigator".into())
        .and_then(|navigator| Reflect::get(&navigator, &"onLine".into()));
    online.is_ok_and(|online| online.as_bool() == Some(false))
}

async fn exchange(call: &Call, abort: &AbortController) -> Result<Reply, JsValue> {
    let headers = Headers::new()?;
    headers.set("accept", "application/json")?;
    let (name, value) = &call.auth;
    headers.set(name, value.expose())?;
    let options = RequestInit::new();
    options.set_method(call.method.as_str());
    options.set_credentials(RequestCredentials::Omit);
    options.set_redirect(RequestRedirect::Error);
    options.set_cache(RequestCache::NoStore);
    options.set_referrer_policy(ReferrerPolicy::NoReferrer);
    options.set_signal(Some(&abort.signal()));
    if let Some(body) = &call.body {
        headers.set("content-type", "application/json")?;
        options.set_body(&body.expose().into());
    }
    options.set_headers(&headers);
    let url = [call.host.origin(), &call.path].concat();
    let sent = now();
    let response: Response = fetch(&url, &options).await?.dyn_into()?;
    let received = now();
    let headers = response.headers();
    // Readable because the host is permitted; across origins a page would have to be allowed to read it (Fetch, "CORS-exposed
    // header-name list"). What a cache kept for a while (`Age`, RFC 9111 section 5.1) has the date of then.
    let fresh = headers.get("age")?.is_none_or(|age| age.trim() == "0");
    let date = headers.get("date")?.filter(|_| fresh).map(|date| Dated { date, sent, received });
    let body = read(&response, call.most).await?;
    let retry_after = wait(headers.get("retry-after")?.as_deref(), headers.get("ratelimit")?.as_deref(), &body);
    Ok(Reply::Answer { status: response.status(), retry_after, date, body })
}

fn now() -> UnixTime {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a date is positive and far below 2^53 ms"
    )]
    UnixTime(js_sys::Date::now() as u64)
}

/// The body as text, at most `most` bytes; a longer one counts as none.
async fn read(response: &Response, most: usize) -> Result<Secret, JsValue> {
    let Some(stream) = response.body() else { return Ok(Secret::default()) };
    let reader: ReadableStreamDefaultReader = stream.get_reader().dyn_into()?;
    let mut bytes = Vec::new();
    loop {
        let part = JsFuture::from(reader.read()).await?;
        if Reflect::get(&part, &"done".into())?.is_truthy() {
            break;
        }
        let part: Uint8Array = Reflect::get(&part, &"value".into())?.dyn_into()?;
        if bytes.len() + part.length() as usize > most {
            let _ = reader.cancel();
            return Ok(Secret::default());
        }
        bytes.extend(part.to_vec());
    }
    Ok(Secret::new(String::from_utf8(bytes).unwrap_or_default()))
}
