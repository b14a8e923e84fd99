//! Before anything is there: first run, ways in, empty lists, and what every vault has.

use super::scene::Scene;
use super::walk::{Walk, is_accessible, wishes};
use longkey_tests::browsers::Kind;
use longkey_tests::in_both;
use longkey_tests::stage::Stage;
use serde_json::json;

in_both! {
    async fn the_screens_of_the_first_day(kind) {
        let mut stage = Stage::set(kind).await?;
        let mut walk = Walk::new();
        walk.visit(&mut stage, Scene::tab("first-run", "#/first").shows("#new-passphrase").with_tree()).await?;
        walk.visit(&mut stage, Scene::popup("passphrase", "#/passphrase").shows("#new-passphrase")).await?;
        stage.done(json!("skip_passphrase")).await?;
        let mut ways = Scene::tab("ways", "#/first").shows("[data-slot=ways]").click("[data-slot=ways] details summary");
        // Whether the button is in the toolbar is asked by the second; Chromium's is not, and says so.
        if kind == Kind::Chromium {
            ways = ways.shows("[data-slot=pin] .note");
        }
        walk.visit(&mut stage, ways).await?;
        walk.visit(&mut stage, Scene::popup("home-empty", "#/").shows("[data-slot=empty]").with_tree()).await?;
        walk.visit(&mut stage, Scene::popup("not-found", "#/nowhere").shows("main a[href='#/']")).await?;
        walk.visit(&mut stage, Scene::popup("add", "#/add").shows("#add-key")).await?;
        let wrong = Scene::popup("add-not-a-key", "#/add").types("#add-key", "482913").types("#add-handle", "acme");
        walk.visit(&mut stage, wrong.click("[data-slot=go]").shows("#add-wrong")).await?;
        walk.visit(&mut stage, Scene::popup("scan", "#/scan").shows("[data-slot=page]")).await?;
        walk.visit(&mut stage, Scene::tab("bin-empty", "#/bin").shows("[data-slot=none]")).await?;
        walk.visit(&mut stage, Scene::tab("connect", "#/connect").shows("#api-key")).await?;
        // As it is for who has agreed to nothing yet.
        stage.browser.script("localStorage.removeItem('agreed.xquik')", vec![]).await?;
        walk.visit(&mut stage, Scene::tab("connect-agree", "#/connect").shows("[data-slot=agree-card]").with_tree()).await?;
        stage.browser.script("localStorage.setItem('agreed.xquik', '1790000000000')", vec![]).await?;
        let wrong = Scene::tab("connect-not-a-key", "#/connect").types("#api-key", "xq_12").click("[data-form=connect] [data-slot=go]");
        walk.visit(&mut stage, wrong.shows("#api-wrong")).await?;
        walk.visit(&mut stage, Scene::tab("fansly-connect", "#/fansly").shows("#fans-key")).await?;
        walk.visit(&mut stage, Scene::tab("settings-open", "#/settings").shows("#theme")).await?;
        walk.visit(&mut stage, Scene::tab("help", "#/help").shows("details[data-row]")).await?;
        walk.visit(&mut stage, Scene::popup("help-login", "#/help/when_login_asks").shows("details[data-row]")).await?;
        stage.browser.revoke("https://x.com/*").await?;
        walk.visit(&mut stage, Scene::popup("no-access", "#/").shows("[data-act=give-access]")).await?;
        stage.browser.grant("https://x.com/*").await?;
        walk.end()?;

        // Faults that were put there are found: a button without a name, faint letters, a line that is too long.
        let plant = "const main = document.querySelector('#screen main');
            const put = (name, text) => { const it = Object.assign(document.createElement(name), { textContent: text }); main.prepend(it); return it; };
            put('button', '');
            Object.assign(put('p', 'faint').style, { color: '#888', background: '#999' });
            put('p', 'long'.repeat(200)).style.whiteSpace = 'pre';";
        stage.browser.script(plant, vec![]).await?;
        let found = is_accessible(&stage).await.err().map(|it| it.to_string()).unwrap_or_default();
        for fault in ["button-name: <button", "color-contrast: <p", "wider than its place: <main"] {
            anyhow::ensure!(found.contains(fault), "{fault} was not found, but {found}");
        }

        // And what turns although nothing should, a button that shows no focus, two choices that look the same.
        if kind == Kind::Chromium {
            let plant = "const main = document.querySelector('#screen main');
                const put = (name, css) => { const it = document.createElement(name); it.style.cssText = css; main.prepend(it); return it; };
                put('p', 'animation: turn 1s infinite !important').textContent = 'turns';
                put('p', 'transition: color 1s !important').textContent = 'fades';
                put('button', 'outline: none !important').className = 'unlike-others';
                for (const at of [0, 1]) {
                    const radio = Object.assign(document.createElement('input'), { type: 'radio', name: 'planted', checked: !at });
                    radio.style.opacity = 0;
                    put('label', at ? '' : 'box-shadow: 0 0 0 2px red').append(radio, 'one of two');
                }";
            stage.browser.script(plant, vec![]).await?;
            let found = wishes(&stage).await?.into_iter().flat_map(|it| it.1).collect::<Vec<_>>().join("\n");
            for fault in ["has the animation turn: <p", "would move, color: <p", "has no ring: <button", "does not look chosen: <label"] {
                anyhow::ensure!(found.contains(fault), "{fault} was not found, but {found}");
            }
        }
        stage.quit().await
    }
}
