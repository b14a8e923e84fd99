//! What a page of another origin can make of Longkey's pages and of its background: no frame, no picture, no message, no
//! click.
//!
//! Each refusal has its control: a package whose manifest gives a protection up, in which the same attack gets further.

use crate::stores::{add, passphrase, stores};
use anyhow::Context as _;
use longkey_core::clock::UnixTime;
use longkey_core::code::{Recipe, code_at};
use longkey_core::long_key::LongKey;
use longkey_tests::browsers::{Browser, Kind, Options};
use longkey_tests::in_both;
use longkey_tests::probe::copy;
use longkey_tests::stage::{KEY, OTHER_KEY, Stage};
use serde_json::{Value, json};
use std::path::Path;
use std::time::SystemTime;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const PAGE: &str = "pages/app.html?in=popup";
const ICON: &str = "icons/icon-128.png";

/// Protections of the manifest that a package gives up.
const ACCESSIBLE: fn(&mut Value) = |manifest| {
    let files = ["pages/*", "js/*", "wasm/*", "style/*", "icons/*"];
    manifest["web_accessible_resources"] = json!([{ "resources": files, "matches": ["<all_urls>"] }]);
};
const FRAMED: fn(&mut Value) = |manifest| {
    let policy = &mut manifest["content_security_policy"]["extension_pages"];
    let without = policy.as_str().unwrap_or_default().replace("; frame-ancestors 'none'", "");
    *policy = without.into();
};

/// The package without these protections.
fn without(kind: Kind, gives_up: &[fn(&mut Value)], folder: &Path) -> anyhow::Result<()> {
    copy(&kind.built_extension(), folder)?;
    let file = folder.join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&file)?)?;
    for give_up in gives_up {
        let before = manifest.clone();
        give_up(&mut manifest);
        anyhow::ensure!(manifest != before, "there was nothing to give up");
    }
    Ok(std::fs::write(&file, manifest.to_string())?)
}

/// A site of somebody else's, with no policy of its own; its address.
async fn site() -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}/", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).await;
            let page = "<!doctype html><title>Elsewhere</title><p>Elsewhere";
            let head = format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\n", page.len());
            let _ = stream.write_all(format!("{head}connection: close\r\n\r\n{page}").as_bytes()).await;
        }
    });
    Ok(address)
}

/// Whether an address shows Longkey in a frame of the current page.
async fn shows_in_a_frame(browser: &Browser, url: &str) -> anyhow::Result<bool> {
    let frame = "const frame = document.createElement('iframe');
        const ended = new Promise(done => { frame.onload = frame.onerror = done; });
        frame.src = arguments[0];
        (document.body ?? document.documentElement).append(frame);
        await ended;";
    browser.script(frame, vec![url.into()]).await?;
    // Firefox may leave a frame that it refused without a window.
    if browser.driver().enter_frame(0).await.is_err() {
        return Ok(false);
    }
    // A page of the browser's own, saying that it was blocked, answers as well. Firefox gives a framed page of ours too few
    // of its interfaces to draw anything, so that being there is what counts.
    let shown = browser.exists("#screen").await?;
    browser.driver().enter_default_frame().await?;
    Ok(shown)
}

/// Whether the current page gets a picture out of the package.
async fn gets_a_picture(browser: &Browser, url: &str) -> anyhow::Result<bool> {
    let picture = "const picture = new Image();
        const ended = new Promise(done => { picture.onload = () => done(true); picture.onerror = () => done(false); });
        picture.src = arguments[0];
        return await ended;";
    Ok(browser.script(picture, vec![url.into()]).await? == true)
}

/// Says something to the background from where the sensor lives, in the top frame of X's tab or in the frames below it.
async fn says_from_x(stage: &mut Stage, messages: &[Value], below: Value) -> anyhow::Result<Vec<Value>> {
    stage.on_us().await?;
    let inject = "const [x] = await api.tabs.query({ url: 'https://x.com/*' });
        const told = await api.scripting.executeScript({
            target: arguments[1] ? { tabId: x.id, allFrames: true } : { tabId: x.id },
            args: [arguments[0]],
            func: async messages => {
                const answers = [];
                for (const message of messages) {
                    answers.push(await (globalThis.browser ?? globalThis.chrome).runtime.sendMessage(message));
                }
                return [window === window.top, answers];
            },
        });
        return told.map(it => it.result);";
    let told = stage.browser.script(inject, vec![messages.into(), below.clone()]).await?;
    let frames = told.as_array().context("no frame")?;
    let frame = frames.iter().find(|it| it[0] == !below.as_bool().unwrap_or_default()).context("no such frame")?;
    frame[1].as_array().cloned().context("no answers")
}

fn code() -> anyhow::Result<String> {
    let key = LongKey::parse(KEY).map_err(|refusal| anyhow::anyhow!("{refusal:?}"))?;
    let now = u64::try_from(SystemTime::UNIX_EPOCH.elapsed()?.as_millis())?;
    Ok(code_at(&key, Recipe::default(), UnixTime(now)).expose().to_owned())
}

in_both! {
    async fn no_page_shows_longkey_in_a_frame_or_gets_a_file_of_it(kind) {
        let site = site().await?;
        for (gives_up, framed, pictured) in [
            ([].as_slice(), false, false),
            // Each protection by itself is enough against the frame.
            ([FRAMED].as_slice(), false, false),
            ([ACCESSIBLE].as_slice(), false, true),
            // The control: without both the attack works.
            ([ACCESSIBLE, FRAMED].as_slice(), true, true),
        ] {
            let folder = tempfile::tempdir()?;
            without(kind, gives_up, folder.path())?;
            let options = Options { extension: Some(folder.path().to_owned()), ..Options::default() };
            let browser = Browser::start(kind, options).await?;
            browser.open_tab(&site).await?;
            let at = format!("{} protections given up", gives_up.len());
            assert_eq!(gets_a_picture(&browser, &browser.extension_url(ICON)?).await?, pictured, "{at}");
            assert_eq!(shows_in_a_frame(&browser, &browser.extension_url(PAGE)?).await?, framed, "{at}");
            browser.quit().await?;
        }
        Ok(())
    }

    async fn a_page_that_could_be_framed_would_still_not_be_answered(kind) {
        let folder = tempfile::tempdir()?;
        without(kind, &[ACCESSIBLE, FRAMED], folder.path())?;
        let options = Options { extension: Some(folder.path().to_owned()), ..Options::default() };
        let browser = Browser::start(kind, options).await?;
        browser.open_tab(&site().await?).await?;
        assert!(shows_in_a_frame(&browser, &browser.extension_url(PAGE)?).await?);
        browser.driver().enter_frame(0).await?;
        for question in [json!("view"), json!("skip_passphrase"), json!("sealed")] {
            let asks = "return await api.runtime.sendMessage({ page: arguments[0] })";
            let answer = browser.script(asks, vec![question.clone()]).await?;
            assert_eq!(answer["refused"], "NotAdmitted", "{question}");
        }
        browser.quit().await
    }

    async fn longkeys_own_pages_are_not_framed_by_each_other(kind) {
        let browser = Browser::start(kind, Options::default()).await?;
        for top in ["manifest.json", "pages/app.html"] {
            browser.open_extension_page(top).await?;
            assert!(!shows_in_a_frame(&browser, &browser.extension_url(PAGE)?).await?, "{top}");
            assert!(browser.exists("iframe").await?, "{top}: there was a frame to show it in");
            // The page's own tab is the only place where it may be.
            let frames = "return (await api.runtime.getContexts({ contextTypes: ['TAB'] })).filter(it => it.frameId > 0)";
            assert_eq!(browser.script(frames, vec![]).await?, json!([]), "{top}");
        }
        browser.quit().await
    }

    async fn nothing_is_open_to_the_web(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.on_us().await?;
        let manifest = stage.browser.script("return api.runtime.getManifest()", vec![]).await?;
        assert_eq!(manifest["web_accessible_resources"], Value::Null);
        // Chromium's is there and empty: left out, every extension could connect.
        let outside = if kind == Kind::Chromium { json!({ "ids": [] }) } else { Value::Null };
        assert_eq!(manifest["externally_connectable"], outside);
        stage.on_x().await?;
        let reach = "return [typeof window.chrome?.runtime?.sendMessage, typeof window.browser?.runtime]";
        assert_eq!(stage.browser.script(reach, vec![]).await?, json!(["undefined", "undefined"]));
        stage.quit().await
    }

    async fn what_lives_in_xs_page_cannot_ask_what_a_page_of_ours_asks(kind) {
        let mut stage = Stage::set(kind).await?;
        passphrase(&mut stage).await?;
        add(&mut stage, KEY, "standin_user").await?;
        let view = stage.view().await?;
        let entry = view["entries"][0]["id"].clone();
        let before = stores(&mut stage).await?;
        let ours = stage.browser.extension_url(PAGE)?;
        // As it would be named; nothing of it needs to be there for the question to be refused.
        let account = "0123456789abcdef.900001";
        let mut messages: Vec<Value> = [
            json!("view"), json!("sealed"), json!("unlock_terms"), json!("new_recovery"), json!("lock"), json!("reload"),
            json!("skip_passphrase"), json!({ "delete": { "entry": entry } }), json!({ "accepted": { "entry": entry } }),
            json!({ "refuses": { "entry": entry } }), json!({ "fill": { "id": entry } }), json!({ "erase": { "word": "erase" } }),
            json!({ "add_key": { "text": OTHER_KEY, "handle": "standin_user" } }), json!({ "choose": "mirror" }),
            json!({ "sign_in": { "account": account, "password": "not one", "key": "saved" } }), json!({ "lock_after": "restart" }),
            json!({ "connect_code": { "account": account, "code": "123456" } }), json!({ "fansly_code": { "member": "a", "code": "123456" } }),
            json!({ "watching": { "notify": true, "hide_names": false, "watch_locked": true } }), json!({ "rename": { "entry": entry, "handle": "other" } }),
        ].into_iter().map(|question| json!({ "page": question })).collect();
        // Who it comes from is the browser's to say, whatever the message says of itself.
        messages.push(json!({ "page": "view", "url": ours, "origin": ours, "frameId": 0, "sender": { "url": ours, "origin": ours } }));
        messages.push(json!({ "content": "left", "page": "view" }));
        messages.push(json!([{ "page": "view" }]));
        messages.push(json!("view"));
        let answers = says_from_x(&mut stage, &messages, json!(false)).await?;
        assert_eq!(answers.len(), messages.len());
        for (message, answer) in messages.iter().zip(&answers) {
            assert_eq!(answer, &json!({ "refused": "NotAdmitted" }), "{message}");
        }
        assert_eq!(stores(&mut stage).await?, before);
        let after = stage.view().await?;
        assert_eq!((&after["vault"], &after["entries"]), (&view["vault"], &view["entries"]));

        // What the sensor may say it may say from the top frame only.
        let left = [json!({ "content": "left" })];
        assert_eq!(says_from_x(&mut stage, &left, json!(false)).await?, [json!("done")]);
        stage.on_x().await?;
        let frame = "const frame = document.createElement('iframe');
            const ended = new Promise(done => { frame.onload = done; });
            frame.src = '/home';
            document.body.append(frame);
            await ended;";
        stage.browser.script(frame, vec![]).await?;
        assert_eq!(says_from_x(&mut stage, &left, json!(true)).await?, [json!({ "refused": "NotAdmitted" })]);
        stage.quit().await
    }

    async fn a_click_that_a_page_makes_up_proves_nothing(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.x_shows_the_key().await?;
        stage.keep().await?;
        stage.x_asks_for_the_code().await?;
        stage.view_until("X's code field to be seen", |view| view["entries"][0]["code_wanted"] == true).await?;
        // The page knows the key as well: it types the right code and presses the button, and X goes on.
        stage.on_x().await?;
        let made_up = "const field = document.querySelector('[data-testid=ocfEnterTextTextInput]');
            // Past the property that X's framework puts over the field's own.
            const { set } = Object.getOwnPropertyDescriptor(window.HTMLInputElement.prototype, 'value');
            set.call(field, arguments[0]);
            field.dispatchEvent(new Event('input', { bubbles: true }));
            const button = document.querySelector('[data-testid=ocfEnterTextNextButton]');
            button.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));";
        stage.browser.script(made_up, vec![code()?.into()]).await?;
        stage.x_is_at("done").await?;
        stage.view_until("the sensor to see it", |view| view["entries"][0]["code_wanted"] == false).await?;
        let view = stage.view().await?;
        assert_eq!((&view["entries"][0]["waiting"]["state"], &view["entries"][0]["current"]), (&json!("pending"), &Value::Null), "{view}");
        stage.quit().await
    }
}
