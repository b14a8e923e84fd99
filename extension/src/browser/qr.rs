//! The `qr` module as the background reaches it: Chromium's service worker has no `import()`, so `background.js` holds the
//! glue and makes an instance when there is something to read.

use super::deadline::within;
use js_sys::{Array, Uint8Array};
use longkey_core::secret::Secret;
use longkey_core::sites::qr::{Bitmap, Fingerprint};
use wasm_bindgen::prelude::*;

/// Fetching and compiling the module included; reading takes milliseconds.
const LIMIT: u32 = 5_000;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = longkeyDecode)]
    async fn longkey_decode(pictures: &Array) -> Result<JsValue, JsValue>;
}

/// The texts of the QR codes in each picture; none where it has none, or cannot be read.
pub async fn read(pictures: &[Bitmap]) -> Vec<(Fingerprint, Vec<Secret>)> {
    let all = Array::new();
    for picture in pictures {
        let bits = Uint8Array::from(picture.bits());
        all.push(&Array::of3(&bits, &picture.width().into(), &picture.height().into()));
    }
    let read = within(LIMIT, longkey_decode(&all)).await.and_then(Result::ok);
    let read = read.and_then(|it| it.dyn_into::<Array>().ok()).unwrap_or_default();
    let texts = |at: u32| {
        let texts = read.get(at).dyn_into::<Array>().unwrap_or_default();
        texts.iter().filter_map(|text| text.as_string()).map(Secret::new).collect()
    };
    pictures.iter().zip(0..).map(|(picture, at)| (picture.fingerprint(), texts(at))).collect()
}
