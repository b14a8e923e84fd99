//! The toast over X's open dialog: it takes neither focus nor keys, a press on it closes it and nothing else, and whatever
//! a page does to it, a click that was tricked out of somebody closes it at most. What is written into X's dialog itself
//! is told in `hostile.rs`.

use std::time::Duration;

use longkey_tests::browsers::{Browser, DEADLINE, Key, Kind, Options};
use longkey_tests::fakes::Recorded;
use longkey_tests::in_both;
use longkey_tests::probe::Probed;
use longkey_tests::stage::Stage;
use serde_json::{Value, json};
use thirtyfour::action_chain::ActionChain;

/// The background says it, as it does where the popup may not open.
const SHOW: &str = "
    const [tab] = await chrome.tabs.query({ url: 'https://x.com/*' });
    return await chrome.tabs.sendMessage(tab.id, { toast: ['X is showing a login key. Open Longkey.', 'ltr'] });";

/// How many toasts would have gone by themselves.
const HELD: &str = "
    const [tab] = await chrome.tabs.query({ url: 'https://x.com/*' });
    const func = () => globalThis.longkeyHeld.length;
    return (await chrome.scripting.executeScript({ target: { tabId: tab.id }, func }))[0].result;";

/// Their six seconds are over.
const PASS: &str = "
    const [tab] = await chrome.tabs.query({ url: 'https://x.com/*' });
    const func = () => { for (const does of globalThis.longkeyHeld) does(); };
    await chrome.scripting.executeScript({ target: { tabId: tab.id }, func });";

/// Tricks that leave nothing of the toast in the window that could be pressed.
const NOTHING_TO_PRESS: [&str; 3] = ["without a box", "out of style", "removed"];

/// Hears on the page's own window, later than X's own page could, what people and scripts do; and says where things are.
const WATCH: &str = "
    window.presses = [];
    window.moves = [];
    const presses = ['pointerdown', 'mousedown', 'touchstart', 'pointerup', 'mouseup', 'touchend', 'click', 'auxclick', 'dblclick', 'contextmenu'];
    const moves = ['focusin', 'focusout', 'keydown', 'pointerover', 'mouseover', 'pointermove', 'mousemove'];
    const named = event => [event.type, event.key ?? '', event.target.dataset?.testid ?? event.target.className ?? event.target.nodeName];
    for (const kind of presses) window.addEventListener(kind, event => window.presses.push(named(event)), true);
    for (const kind of moves) window.addEventListener(kind, event => {
        window.moves.push([...named(event), event.composedPath().includes(window.ours?.())]);
    }, true);
    window.ours = () => [...document.documentElement.children].find(it => !it.matches('head, body'));
    window.focused = () => document.activeElement.dataset.testid ?? document.activeElement.nodeName;";

/// The middle of what the page shows of the toast.
const MIDDLE: &str = "
    const { left, top, width, height } = window.ours().getBoundingClientRect();
    return [left + width / 2, top + height / 2].map(Math.round);";

const AT_CODE: &str =
    "return [document.documentElement.dataset.step, !!document.querySelector('[role=dialog]'), window.focused()]";

fn hand(browser: &Browser) -> ActionChain {
    browser.driver().action_chain_with_delay(Some(Duration::ZERO), Some(Duration::ZERO))
}

/// A stage on which no toast goes by itself; the copy of the extension must live as long.
async fn set(kind: Kind) -> anyhow::Result<(Stage, Probed)> {
    let probed = Probed::holding(kind)?;
    let options = Options { extension: Some(probed.folder()), ..Options::default() };
    Ok((Stage::set_in(kind, options).await?, probed))
}

/// The toast is over X's page, and stays; gives its middle.
async fn shown(stage: &Stage) -> anyhow::Result<(i64, i64)> {
    let held = stage.browser.background_script(HELD).await?;
    assert_eq!(stage.browser.background_script(SHOW).await?, true);
    let now = stage.browser.background_script(HELD).await?;
    assert_eq!(now.as_u64(), held.as_u64().map(|it| it + 1), "its time is held");
    stage.browser.until("the toast", "window.ours()").await?;
    let size = "const { width, height } = window.ours().getBoundingClientRect(); return width <= 320 && height <= 64";
    assert_eq!(stage.browser.script(size, vec![]).await?, true, "larger than it may be over X's page");
    let at = stage.browser.script(MIDDLE, vec![]).await?;
    Ok((at[0].as_i64().unwrap_or_default(), at[1].as_i64().unwrap_or_default()))
}

async fn there(stage: &Stage) -> anyhow::Result<bool> {
    Ok(stage.browser.script("return !!window.ours()", vec![]).await? == true)
}

async fn gone(stage: &Stage) -> anyhow::Result<()> {
    stage.browser.until("the toast to be gone", "!window.ours()").await?;
    Ok(())
}

/// A kept key, X at its code step with the focus in the field, and no popup to take it.
async fn at_the_code_step(stage: &mut Stage) -> anyhow::Result<String> {
    stage.view().await?;
    stage.browser.background_script("chrome.action.openPopup = () => Promise.resolve();").await?;
    stage.x_shows_the_key().await?;
    let entry = stage.keep().await?;
    stage.x_asks_for_the_code().await?;
    stage.view_until("X's code field to be seen", |view| view["entries"][0]["code_wanted"] == true).await?;
    stage.on_x().await?;
    stage.browser.script(WATCH, vec![]).await?;
    Ok(entry)
}

fn cancelled(stage: &Stage) -> usize {
    let requests = stage.world.requests("x.com");
    requests.iter().filter(|it| it.path() == "/fake/api/enrol/cancel").count()
}

/// Where the focus goes with Tab and with Shift and Tab; in the end it is where it was.
async fn tab_order(stage: &Stage) -> anyhow::Result<Vec<Value>> {
    let mut order = vec![];
    for back in [false, true, true, true, false, false] {
        let chain = if back { hand(&stage.browser).key_down(Key::Shift) } else { hand(&stage.browser) };
        let chain = chain.key_down(Key::Tab).key_up(Key::Tab);
        if back { chain.key_up(Key::Shift) } else { chain }.perform().await?;
        order.push(stage.browser.script("return window.focused()", vec![]).await?);
    }
    Ok(order)
}

in_both! {
    async fn x_s_dialog_keeps_focus_keys_and_life_under_the_toast(kind) {
        let (mut stage, _probed) = set(kind).await?;
        at_the_code_step(&mut stage).await?;
        let as_it_was = json!(["code", true, "ocfEnterTextTextInput"]);
        assert_eq!(stage.browser.script(AT_CODE, vec![]).await?, as_it_was);
        // With something in the field X's button can be reached too.
        hand(&stage.browser).send_keys("0").perform().await?;
        let before = tab_order(&stage).await?;
        assert_eq!(before[..3], ["ocfEnterTextNextButton", "ocfEnterTextTextInput", "app-bar-back"]);
        assert_eq!(stage.browser.script(AT_CODE, vec![]).await?, as_it_was);

        // It appears, and nothing that the focus is in hears of it.
        stage.browser.script("window.moves.length = 0", vec![]).await?;
        let (x, y) = shown(&stage).await?;
        let beneath = "const it = document.elementFromPoint(...arguments); return [!!it.closest('#layers'), !!it.closest('[role=dialog]')]";
        assert_eq!(stage.browser.script(beneath, vec![x.into(), y.into()]).await?, json!([true, false]), "X's mask lies beneath");
        assert_eq!(stage.browser.script("return window.moves", vec![]).await?, json!([]));
        assert_eq!(stage.browser.script(AT_CODE, vec![]).await?, as_it_was);
        assert_eq!(tab_order(&stage).await?, before);
        assert!(there(&stage).await?, "it was there all the while");

        // Pressed, pressed twice, pressed and pulled away, pressed with the other button: it goes, the focus stays, X hears nothing.
        for way in ["once", "twice", "pulled", "other", "held"] {
            let (x, y) = shown(&stage).await?;
            stage.browser.script("window.presses.length = window.moves.length = 0", vec![]).await?;
            let chain = hand(&stage.browser).move_to(x, y);
            let chain = match way {
                "once" => chain.click(),
                "twice" => chain.double_click(),
                "pulled" => chain.click_and_hold().move_to(x, y + 300).release(),
                // A modifier goes down between press and click.
                "held" => chain.click_and_hold().key_down(Key::Shift).release().key_up(Key::Shift),
                _ => chain.context_click(),
            };
            chain.perform().await?;
            gone(&stage).await?;
            assert_eq!(stage.browser.script("return window.presses", vec![]).await?, json!([]), "{way}");
            assert_eq!(stage.browser.script(AT_CODE, vec![]).await?, as_it_was, "{way}");
            let moves = stage.browser.script("return window.moves", vec![]).await?;
            let moves = moves.as_array().cloned().unwrap_or_default();
            assert!(moves.iter().all(|it| it[3] == false && !it[0].as_str().unwrap_or_default().starts_with("focus")), "{way}: {moves:?}");
        }
        assert_eq!((cancelled(&stage), stage.world.x.pending_key()), (0, Some(longkey_tests::stage::KEY.to_owned())));

        // A key is X's, also the first one after a press on the toast: typed, and the button pressed by it.
        shown(&stage).await?;
        hand(&stage.browser).send_keys("00000").key_down(Key::Tab).key_up(Key::Tab).key_down(Key::Enter).key_up(Key::Enter).perform().await?;
        let refused = |it: &Recorded| it.path() == "/fake/api/enrol/confirm";
        stage.world.seen("x.com", refused, DEADLINE).await?;

        // Escape closes X's dialog, once, and the toast stays where it is.
        stage.browser.script("document.querySelector('[data-testid=ocfEnterTextTextInput]').focus()", vec![]).await?;
        shown(&stage).await?;
        stage.browser.script("window.moves.length = 0", vec![]).await?;
        hand(&stage.browser).key_down(Key::Escape).key_up(Key::Escape).perform().await?;
        stage.browser.until("X's settings", "location.pathname.endsWith('login_verification') && !document.querySelector('[role=dialog]')").await?;
        let keys = stage.browser.script("return window.moves.filter(it => it[0] === 'keydown').map(it => it.slice(0, 3))", vec![]).await?;
        assert_eq!(keys, json!([["keydown", "Escape", "ocfEnterTextTextInput"]]));
        assert_eq!(cancelled(&stage), 1);
        assert!(there(&stage).await?, "Escape is X's alone");
        // Nobody has to press it.
        stage.browser.background_script(PASS).await?;
        gone(&stage).await?;
        let (x, y) = shown(&stage).await?;
        hand(&stage.browser).move_to(x, y).click().perform().await?;
        gone(&stage).await?;

        // That X's mask would have closed it: the same click with no toast above.
        stage.browser.click("input[name=Totp]").await?;
        stage.x_is_at("begin").await?;
        hand(&stage.browser).move_to(x, y).click().perform().await?;
        stage.browser.until("the dialog to be closed", "!document.querySelector('[role=dialog]')").await?;
        assert_eq!(cancelled(&stage), 1, "no key was made the second time");
        stage.quit().await
    }

    async fn whatever_is_done_to_the_toast_a_click_closes_it_at_most(kind) {
        let (mut stage, _probed) = set(kind).await?;
        at_the_code_step(&mut stage).await?;
        let view = stage.view().await?;
        stage.on_x().await?;
        let tabs = stage.browser.all_tabs().await?.len();
        let listen = "
            self.told = [];
            chrome.runtime.onMessage.addListener((message, sender) => {
                if (sender.url?.startsWith('https:')) self.told.push(Object.keys(message?.content ?? message ?? {}).join());
            });";
        stage.browser.background_script(listen).await?;
        // An enemy keeps clicks from X's mask, so that the dialog stays.
        let enemy = "
            document.addEventListener('click', event => event.stopPropagation(), true);
            const style = (text) => document.head.appendChild(Object.assign(document.createElement('style'), { textContent: text }));
            const cover = (kind) => {
                const it = document.createElement(kind);
                it.textContent = 'Win a prize';
                it.style.cssText = 'position:fixed;inset:0;width:100vw;height:100vh;z-index:2147483647;max-width:none;max-height:none';
                document.documentElement.append(it);
                return it;
            };
            // Each gives back what undoes it.
            const undo = (it) => () => it.remove();
            window.tricks = {
                covered: () => undo(cover('div')),
                'covered in the top layer': () => { const it = cover('div'); it.popover = 'manual'; it.showPopover(); return undo(it); },
                'covered by a modal dialog': () => { const it = cover('dialog'); it.showModal(); return undo(it); },
                'itself in the top layer': () => { const it = window.ours(); it.popover = 'manual'; it.showPopover(); return () => {}; },
                'without opacity': () => undo(style('html { opacity: 0 } body { opacity: 0 }')),
                filtered: () => undo(style('html { filter: opacity(0) blur(40px) }')),
                clipped: () => undo(style('html { clip-path: circle(0) }')),
                blended: () => undo(style('html { mix-blend-mode: difference } body { background: #16181d }')),
                shrunk: () => undo(style('html { transform: scale(0.05) }')),
                moved: () => undo(style('html { transform: translate(-300px, 200px) }')),
                invisible: () => undo(style('html, html * { visibility: hidden !important }')),
                'without a box': () => undo(style('html > div { display: none !important }')),
                'out of style': () => undo(style('* { all: unset !important; pointer-events: auto !important; cursor: pointer !important }')),
                'over everything': () => { window.ours().style.cssText = 'position:fixed;inset:0;opacity:0;pointer-events:auto'; return () => {}; },
                'made a button': () => { const it = window.ours(); it.tabIndex = 0; it.role = 'button'; it.focus(); return () => document.activeElement.blur(); },
                removed: () => { window.ours().remove(); return () => {}; },
                'put elsewhere': () => { const it = window.ours(); document.querySelector('[role=dialog]').append(it); it.style.cssText += ';position:absolute;inset:40px;pointer-events:auto'; return undo(it); },
                cloned: () => { const it = window.ours(); const other = it.cloneNode(true); it.replaceWith(other); other.textContent = 'Open Longkey'; return undo(other); },
                'given a root': () => {
                    const it = window.ours();
                    try { it.attachShadow({ mode: 'open' }); window.found.push('a root'); } catch { /* it has one */ }
                    if (it.shadowRoot || it.innerHTML || it.textContent) window.found.push('its inside');
                    return () => {};
                },
            };
            window.found = [];
            return Object.keys(window.tricks);";
        let tricks = stage.browser.script(enemy, vec![]).await?;
        let tricks: Vec<&str> = tricks.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        assert!(tricks.len() >= 19, "{tricks:?}");
        let mut untouched = vec![];
        for trick in &tricks {
            let at = shown(&stage).await?;
            // What is clicked is where it was, and where it is now.
            let play = "
                const it = window.ours();
                window.back = window.tricks[arguments[0]]();
                const box = (it.isConnected ? it : window.ours())?.getBoundingClientRect();
                const [x, y] = box ? [(box.left + box.right) / 2, (box.top + box.bottom) / 2] : [-1, -1];
                const there = box?.width >= 1 && x > 0 && y > 0 && x < innerWidth && y < innerHeight;
                window.presses.length = 0;
                return there ? [Math.round(x), Math.round(y)] : null;";
            let now = stage.browser.script(play, vec![(*trick).into()]).await?;
            if let (Some(x), Some(y)) = (now[0].as_i64(), now[1].as_i64()) {
                hand(&stage.browser).move_to(x, y).click().perform().await?;
                let heard = stage.browser.script("return window.presses", vec![]).await?;
                if !["cloned"].contains(trick) {
                    assert_eq!(heard, json!([]), "{trick}: a press on it reached the page");
                }
            } else {
                untouched.push(*trick);
            }
            hand(&stage.browser).move_to(at.0, at.1).click().perform().await?;
            stage.browser.script("window.back(); window.ours()?.remove(); document.querySelector('[data-testid=ocfEnterTextTextInput]').focus()", vec![]).await?;
            let field = stage.browser.script("return [document.querySelector('[data-testid=ocfEnterTextTextInput]').value, window.found, location.pathname]", vec![]).await?;
            assert_eq!(field, json!(["", [], "/i/flow/two-factor-auth-app-enrollment"]), "{trick}: filled, or found");
        }
        assert_eq!(untouched, NOTHING_TO_PRESS, "what could not be pressed");
        let told = stage.browser.background_script("return self.told").await?;
        let told = told.as_array().cloned().unwrap_or_default();
        assert!(told.iter().all(|it| it == "saw"), "the sensor says what it sees, and nothing of a click: {told:?}");
        assert_eq!(stage.browser.all_tabs().await?.len(), tabs, "no page opened");
        let mut after = stage.view().await?;
        assert_eq!(after["entries"][0]["waiting"]["state"], "pending");
        // Only whether X's page shows the field at this moment may differ.
        after["entries"][0]["code_wanted"] = view["entries"][0]["code_wanted"].clone();
        after["entries"][0]["on_x"] = view["entries"][0]["on_x"].clone();
        assert_eq!((&after["entries"], &after["drafts"], &after["vault"]), (&view["entries"], &view["drafts"], &view["vault"]));
        assert_eq!(stage.world.requests("xquik.com").len(), 0);
        assert_eq!(stage.world.x.accepted_codes().len() + stage.world.x.refused_codes().len(), 0);
        stage.quit().await
    }
}
