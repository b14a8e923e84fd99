//! Effect → browser, one arm each, no decisions.

use crate::browser::{extension, fetch, i18n, locks, mirror, notifications, qr, storage, timer};
use futures_util::future::join3;
use longkey_core::effect::{Copy, Effect, Event, Key, Loaded, MirrorWrite, Stands, Weight, Write};
use longkey_core::protocol::{ToContent, ToPage, ToastWords};
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
use longkey_core::sites::x;
use wasm_bindgen::JsValue;

/// The worker's memory in `storage.session`.
const MEMORY: &str = "worker";
/// The pages' rows in `storage.session`.
pub const ROWS: &str = "rows";

/// Where a popup was left, in `storage.session`; a page writes it.
const PLACE: &str = "place";

/// An event that is on its way.
pub type Coming = std::pin::Pin<Box<dyn Future<Output = Option<Event>>>>;

/// What an effect leads to.
pub enum After {
    /// Nothing more.
    Nothing,
    /// This, in the same turn.
    Then(Box<Event>),
    /// This (or nothing), whenever it comes; the turn goes on.
    Later(Coming),
    /// The same, but nobody waits for it: an instance that is to go does not stay for it.
    Perhaps(Coming),
}

/// Does what an effect says. Answers are the worker's own business.
pub async fn perform(effect: Effect) -> After {
    match effect {
        Effect::Load => {
            // A writer of another instance must not be seen half-way between the two stores.
            let loaded = locks::holding("vault", load()).await;
            let silent =
                || Loaded { local: Err(Refusal::StoreSilent), mirror: Err(Refusal::StoreSilent), memory: None };
            After::Then(Box::new(Event::Loaded(loaded.unwrap_or_else(silent))))
        }
        Effect::Write { write, then } => {
            let outcome = locks::holding("vault", write_over(write)).await.unwrap_or(Err(Refusal::StoreSilent));
            After::Then(Box::new(Event::Written { outcome, then }))
        }
        Effect::Remember(memory) => {
            // A memory that could not be replaced may have a key in it that was to be forgotten.
            if storage::write_session(MEMORY, &memory.expose().into()).await.is_err() {
                forget(MEMORY).await;
            }
            After::Nothing
        }
        Effect::Rows(rows) => {
            let stands = match rows.and_then(|rows| extension::to_js(&rows).ok()) {
                Some(rows) => storage::write_session(ROWS, &rows).await.is_ok(),
                None => false,
            };
            // None, or what stood there before may have a key in it that is locked now.
            if !stands {
                forget(ROWS).await;
            }
            After::Nothing
        }
        Effect::Send(call, purpose) => {
            After::Later(Box::pin(async move { Some(Event::Replied(purpose, fetch::send(&call).await)) }))
        }
        Effect::Tell(tab, words) => After::Later(Box::pin(async move {
            i18n::speak_as_chosen().await;
            let count = if let ToastWords::CodeNumbered(count) = words { count.to_string() } else { String::new() };
            let said = i18n::message(&["toast_", words.code()].concat(), &[&count]);
            let message = message(&ToContent::Toast([said, i18n::message("words_direction", &[])]));
            extension::tell(tab, &message).await;
            None
        })),
        Effect::Fill(tab, code, ask) => {
            let message = message(&ToContent::Fill(code));
            After::Later(Box::pin(async move {
                let done = extension::tell(tab, &message).await.is_some_and(|it| it.as_bool() == Some(true));
                Some(Event::Filled(ask, done))
            }))
        }
        Effect::LookAt(tab) => {
            After::Later(Box::pin(async move { Some(Event::Shows(tab, extension::address(tab).await)) }))
        }
        // Not awaited: a module has to be fetched the first time.
        Effect::Decode(tab, pictures) => {
            After::Later(Box::pin(async move { Some(Event::Decoded(tab, qr::read(&pictures).await)) }))
        }
        Effect::News => {
            let message = message(&ToPage::News);
            After::Later(Box::pin(async move {
                extension::broadcast(&message).await;
                None
            }))
        }
        // Not awaited: the popup asks its first question before the browser calls it open.
        Effect::OpenPopup(tab) => After::Later(Box::pin(async move {
            let refused = !extension::open_popup().await;
            refused.then_some(Event::PopupRefused(tab))
        })),
        Effect::Badge(text) => {
            extension::badge(&text).await;
            After::Nothing
        }
        Effect::Alarm(alarm, at) => {
            extension::alarm(alarm.name(), at).await;
            After::Nothing
        }
        Effect::Later(what, span) => After::Perhaps(Box::pin(async move {
            let passed = timer::passed(u32::try_from(span.0).unwrap_or(u32::MAX));
            wasm_bindgen_futures::JsFuture::from(passed).await.ok()?;
            Some(Event::Due(what))
        })),
        Effect::OpenPage(path) => {
            extension::open_page(&path).await;
            After::Nothing
        }
        // Not awaited: a desktop may take its time.
        Effect::Notify(alert) => After::Later(Box::pin(async move {
            i18n::speak_as_chosen().await;
            notifications::show(&alert).await;
            None
        })),
        // Not awaited: a frozen tab may take its time.
        Effect::WakeSensors => After::Later(Box::pin(async {
            extension::wake_sensors(x::HOSTS).await;
            None
        })),
        // Names stand in it, and what was searched for.
        Effect::Retire => {
            forget(PLACE).await;
            After::Nothing
        }
        // Handed out before they get here: by the worker, a forgotten draft by the machine.
        Effect::Answer(..) | Effect::Forget(_) | Effect::Erased | Effect::WatchIdle(_) => After::Nothing,
    }
}

/// Takes a key out of `storage.session`. What cannot be removed is written over: a refusal may be of the one call alone.
async fn forget(key: &str) {
    if storage::remove_session(key).await.is_err() {
        let _ = storage::write_session(key, &JsValue::NULL).await;
    }
}

async fn load() -> Loaded {
    // Side by side: neither waits for the other.
    let (local, mirror, memory) = join3(load_local(), load_mirror(), storage::read_session(MEMORY)).await;
    let memory = memory.unwrap_or(None).and_then(|value| value.as_string()).map(Secret::new);
    Loaded { local, mirror, memory }
}

async fn load_local() -> Result<Vec<(Key, Secret)>, Refusal> {
    let names: Vec<&str> = Key::ALL.iter().map(|key| key.name()).collect();
    let found = storage::read_local(&names).await.map_err(|_| Refusal::StoreSilent)?;
    Ok(Key::ALL.iter().copied().zip(found).filter_map(|(key, text)| Some((key, Secret::new(text?)))).collect())
}

async fn load_mirror() -> Result<Vec<(Copy, Secret)>, Refusal> {
    let names: Vec<&str> = Copy::ALL.iter().map(|copy| copy.name()).collect();
    let found = mirror::read(&names).await.map_err(|_| Refusal::StoreSilent)?;
    Ok(Copy::ALL.iter().copied().zip(found).filter_map(|(copy, text)| Some((copy, Secret::new(text?)))).collect())
}

/// One atomic `set`, over the head that the machine knew, read back before it counts; then the mirror. What stands there is
/// what was read back, not what the call said: one that was given up by its time limit may have been carried out.
async fn write_over(write: Write) -> Result<Stands, Refusal> {
    let silent = |_| Refusal::StoreSilent;
    if let Some(expected) = &write.over {
        let head = storage::read_local(&[Key::Head.name()]).await.map_err(silent)?;
        let stands = head.first().cloned().flatten().map(Secret::new);
        if stands != *expected {
            return Err(Refusal::StoreChanged);
        }
    }
    let values: Vec<(&str, &str)> = write.set.iter().map(|(key, text)| (key.name(), text.expose())).collect();
    if !values.is_empty() {
        let wrote = storage::write_local(&values).await;
        let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
        let stands = storage::read_local(&names).await.map_err(|_| Refusal::StoreUnknown)?;
        if !values.iter().zip(&stands).all(|((_, wanted), found)| found.as_deref() == Some(*wanted)) {
            return Err(wrote.map_or_else(silent, |()| Refusal::NotSaved));
        }
    }
    if !write.remove.is_empty() {
        let names: Vec<&str> = write.remove.iter().map(|key| key.name()).collect();
        let removed = storage::remove_local(&names).await;
        // What is given up was emptied together with what took its place.
        if write.set.is_empty() {
            removed.map_err(silent)?;
        }
    }
    copy(&write.mirror).await
}

async fn copy(write: &MirrorWrite) -> Result<Stands, Refusal> {
    if write.set.is_empty() && write.remove.is_empty() {
        return Ok(Stands::Here);
    }
    let values: Vec<(&str, &str)> = write.set.iter().map(|(copy, text)| (copy.name(), text.expose())).collect();
    let names: Vec<&str> = write.remove.iter().map(|copy| copy.name()).collect();
    match (mirror::write(&values, &names).await, write.weight) {
        (Ok(()), _) => Ok(Stands::Twice),
        (Err(_), Weight::Spare) => Ok(Stands::Once),
        (Err(_), Weight::Must) => Err(Refusal::CopiesLeft),
    }
}

/// The machine's answer as a message.
pub(crate) fn message<T: serde::Serialize>(value: &T) -> JsValue {
    extension::to_js(value).unwrap_or(JsValue::NULL)
}
