//! What Longkey costs where there is nothing to do for it: on X outside the watched paths, after one was left, on other
//! hosts, and in the background until the first QR code. How long a look takes is for `cargo xtask bench`.

use longkey_tests::browsers::{DEADLINE, Options, until};
use longkey_tests::in_both;
use longkey_tests::probe::{Probed, asked, counted};
use longkey_tests::stage::Stage;
use serde_json::{Value, json};

/// All that the sensor listens to, on any page of X: navigation, and presses (on its toast, on X's own button).
const LISTENERS: [&str; 14] = [
    "auxclick",
    "click",
    "contextmenu",
    "currententrychange",
    "dblclick",
    "keydown",
    "mousedown",
    "mouseup",
    "pagehide",
    "pageshow",
    "pointerdown",
    "pointerup",
    "touchend",
    "touchstart",
];

/// What a timeline does: posts come and go, attributes and words change, pictures load, frames pass.
const BUSY: &str = "
    const main = document.querySelector('main') ?? document.body;
    for (let turn = 0; turn < 8; turn += 1) {
        for (let at = 0; at < 50; at += 1) {
            const post = document.createElement('article');
            post.dataset.testid = 'tweet';
            post.innerHTML = '<div role=group><span>JBSWY3DPEHPK3PXP</span></div>';
            if (at === 0) post.append(Object.assign(document.createElement('canvas'), { width: 120, height: 120 }));
            main.append(post);
            post.setAttribute('aria-busy', String(at));
            post.querySelector('span').textContent = 'A post, number ' + at;
        }
        await new Promise(done => requestAnimationFrame(done));
    }
    for (const post of [...main.querySelectorAll('article')].slice(0, 380)) post.remove();
    await new Promise(done => requestAnimationFrame(() => setTimeout(done)));";

fn count(list: &Value, what: &str) -> usize {
    list.as_array().into_iter().flatten().filter(|it| it.as_str().is_some_and(|it| it.contains(what))).count()
}

in_both! {
    async fn nothing_is_spent_where_no_key_is_shown(kind) {
        let probed = Probed::of(kind)?;
        let mut stage = Stage::set_in(kind, Options { extension: Some(probed.folder()), ..Options::default() }).await?;
        stage.view().await?;
        stage.on_x().await?;
        for path in ["/home", "/settings/account", "/standin_user", "/messages"] {
            let heard = counted(&stage.browser).await?["heard"].as_array().map_or(0, Vec::len);
            stage.browser.goto(&format!("https://x.com{path}")).await?;
            let busy = if path == "/home" { BUSY } else { "document.body.append('one change')" };
            stage.browser.script(busy, vec![]).await?;
            // From one place to another, none of which is watched.
            stage.browser.script("history.pushState({}, '', '/explore'); document.body.append('another');", vec![]).await?;
            let it = asked(&stage.browser).await?;
            let mut listeners: Vec<&str> = it["listeners"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            listeners.sort_unstable();
            assert_eq!(listeners, LISTENERS, "{path}");
            for nothing in ["observers", "watching", "timers", "waiting"] {
                assert_eq!(it[nothing], 0, "{path}: {nothing} in {it}");
            }
            assert_eq!((&it["sent"], &it["others"]), (&json!([]), &json!([])), "{path}");
            // It ran for what it listens to: the page was shown, and went somewhere.
            assert_eq!(it["runs"], json!({ "pageshow": 1, "currententrychange": 1 }), "{path}");
            let now = counted(&stage.browser).await?["heard"].as_array().map_or(0, Vec::len);
            // The settings before the first may have been seen, and left, meanwhile.
            let most = if path == "/home" { 2 } else { 0 };
            assert!(now - heard <= most, "{path}: {}", now - heard);
        }

        // To a watched path and away again, without a new page.
        stage.browser.script("history.pushState({}, '', '/i/flow/two-factor-auth-app-enrollment'); document.body.append('a change')", vec![]).await?;
        until("the sensor to look", DEADLINE, async || {
            Ok((count(&asked(&stage.browser).await?["sent"], "saw") > 0).then_some(()))
        }).await?;
        let there = asked(&stage.browser).await?;
        assert_eq!((&there["observers"], &there["watching"]), (&json!(1), &json!(1)), "{there}");
        stage.browser.script("document.body.append('one more'); history.pushState({}, '', '/home'); document.body.append('the last')", vec![]).await?;
        let left = asked(&stage.browser).await?;
        assert_eq!((&left["watching"], &left["waiting"]), (&json!(0), &json!(0)), "{left}");
        assert_eq!(count(&left["sent"], "left"), 1, "{left}");
        stage.browser.script(BUSY, vec![]).await?;
        let after = asked(&stage.browser).await?;
        for same in ["runs", "timers", "sent", "observers", "watching", "others"] {
            assert_eq!(after[same], left[same], "{same}");
        }

        // One sensor for each page of X, none in its frames, none elsewhere.
        let before = counted(&stage.browser).await?["sensors"].clone();
        let frame = "
            const frame = document.createElement('iframe');
            frame.src = '/i/flow/two-factor-auth-app-enrollment';
            await new Promise(done => { frame.onload = done; document.body.append(frame); });";
        stage.browser.script(frame, vec![]).await?;
        stage.browser.goto("https://xquik.com/").await?;
        stage.browser.goto("https://mobile.twitter.com/home").await?;
        let sensors = until("the next page's sensor", DEADLINE, async || {
            let sensors = counted(&stage.browser).await?["sensors"].clone();
            Ok((count(&sensors, "mobile.twitter.com") > 0).then_some(sensors))
        }).await?;
        let new = sensors.as_array().cloned().unwrap_or_default().split_off(before.as_array().map_or(0, Vec::len));
        assert_eq!(new, ["https://mobile.twitter.com/home"]);

        // The module that reads QR codes comes with the first one, and once.
        let fetched = counted(&stage.browser).await?["fetched"].clone();
        assert_eq!((count(&fetched, "background_bg.wasm"), count(&fetched, "qr_bg.wasm")), (1, 0), "{fetched}");
        for page in ["secret-step.html", "qr-step.html", "qr-step.img.html"] {
            let address = stage.world.x.serve_standin(page)?;
            stage.browser.goto(&address).await?;
            let view = stage.view_until(page, |view| view["drafts"][0]["id"].is_string()).await?;
            let fetched = counted(&stage.browser).await?["fetched"].clone();
            assert_eq!(count(&fetched, "qr_bg.wasm"), usize::from(page != "secret-step.html"), "{page}: {fetched}");
            stage.done(json!({ "drop_draft": { "draft": view["drafts"][0]["id"] } })).await?;
            stage.world.x.clear_standins();
            stage.on_x().await?;
        }
        stage.quit().await
    }
}
