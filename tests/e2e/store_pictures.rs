//! What the stores show, made from the extension itself beside the fake X: screenshots, tiles, icons. A run of the tests makes them
//! too, so that they can still be made on the day of a release; `cargo xtask screenshots --store` puts them into `dist/store`.

use crate::screens::STILL;
use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use longkey_tests::browsers::{Kind, artefacts, run};
use longkey_tests::fakes::Account;
use longkey_tests::pictures::Picture;
use longkey_tests::stage::{OTHER_KEY, SETTINGS, Stage};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Sides of the icons: toolbars, lists and stores; 300 is for Edge's listing.
const ICONS: [u32; 7] = [16, 32, 48, 64, 96, 128, 300];
/// Those that ship, in `static/icons`.
const SHIPPED: [u32; 4] = [16, 32, 48, 128];

fn folder() -> PathBuf {
    std::env::var_os("LONGKEY_STORE").map_or_else(|| artefacts().join("store"), PathBuf::from)
}

fn picture(png: &[u8]) -> String {
    format!("data:image/png;base64,{}", BASE64.encode(png))
}

/// What a page shows at that size, one pixel each.
async fn taken(stage: &Stage, size: (u32, u32), scale: u32) -> anyhow::Result<Vec<u8>> {
    let metrics = json!({ "width": size.0, "height": size.1, "deviceScaleFactor": scale, "mobile": false });
    stage.browser.driver().cdp().send_raw("Emulation.setDeviceMetricsOverride", metrics).await?;
    let there = format!("innerWidth === {} && innerHeight === {} && devicePixelRatio === {scale}", size.0, size.1);
    stage.browser.until("the page to have its size", &there).await?;
    let still = "await Promise.all([...document.images].map(it => it.decode()));
        await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))";
    stage.browser.script(still, vec![]).await?;
    Ok(stage.browser.driver().screenshot_as_png().await?)
}

/// The moment at which shop windows stand: the same codes every time.
const MOMENT: u64 = 1_795_271_559_000;

/// Longkey's page as the popup shows it, once this is there.
async fn popup(stage: &mut Stage, route: &str, css: &str) -> anyhow::Result<Vec<u8>> {
    themed(stage, route, css, "light").await
}

async fn themed(stage: &mut Stage, route: &str, css: &str, theme: &str) -> anyhow::Result<Vec<u8>> {
    stage.on_us().await?;
    let page = stage
        .browser
        .extension_url(&format!("pages/app.html?in=popup&scene={theme}{}&own&pinned&at={MOMENT}{route}", css.len()))?;
    stage.browser.goto(&page).await?;
    let there = format!("document.querySelector({})?.checkVisibility()", json!(css));
    stage.browser.until(css, &there).await?;
    // Only now: the page's own script sets the theme that was chosen, which is none.
    stage.browser.script("document.documentElement.dataset.theme = arguments[0]", vec![theme.into()]).await?;
    // The wish for a backup file belongs to no shop window.
    let away = "document.querySelector('[data-act=nudged]')?.click(); document.activeElement?.blur()";
    stage.browser.script(away, vec![]).await?;
    taken(stage, (380, 600), 2).await
}

/// The page on which pictures are put together: words to the left, the popup to the right.
fn poster(mark: &str, size: (u32, u32), title: &str, text: &str, behind: Option<&[u8]>, popup: &[u8]) -> String {
    let (width, height) = size;
    let small = height < 400;
    let high = if behind.is_some() { 600 } else { height * 17 / 20 };
    let behind = behind.map_or_else(String::new, |it| format!("<img class=behind src='{}'>", picture(it)));
    let words = if behind.is_empty() {
        let (mark_side, big, line) = if small { (48, 30, 15) } else { (height / 8, height / 11, height / 26) };
        format!(
            "<div class=words style='inset-inline-start:{pad}px;inline-size:{room}px'><div style='width:{mark_side}px'>{mark}</div>
             <h1 style='font-size:{big}px'>{title}</h1><p style='font-size:{line}px'>{text}</p></div>",
            pad = width / 16,
            room = width * 13 / 32
        )
    } else {
        format!("<div class=bar><div style='width:40px'>{mark}</div><h1>{title}</h1><p>{text}</p></div>")
    };
    let (end, top) = if behind.is_empty() { (width / 14, (height - high) / 2) } else { (40, 160) };
    format!(
        "<!doctype html><meta charset=utf-8><style>
         * {{ box-sizing: border-box; margin: 0 }}
         body {{ width: {width}px; height: {height}px; overflow: hidden; position: relative; background: #eef3fc; color: #16181d;
            font-family: 'DejaVu Sans', sans-serif }}
         .behind {{ position: absolute; left: 0; top: 120px; width: 840px; height: 680px }}
         .bar {{ position: absolute; inset: 0 0 auto 0; height: 120px; display: flex; gap: 20px; align-items: center; padding: 0 40px;
            background: #eef3fc }}
         .bar h1 {{ font-size: 30px }} .bar p {{ font-size: 17px; color: #545b67; flex: 1; text-align: end }}
         .words {{ position: absolute; top: 50%; transform: translateY(-50%) }} .words h1 {{ margin: 12px 0 8px }} .words p {{ color: #545b67; line-height: 1.4 }}
         .popup {{ position: absolute; right: {end}px; top: {top}px; height: {high}px; border-radius: 12px; border: 1px solid #dfe2e7;
            box-shadow: 0 8px 24px rgb(22 24 29 / 22%) }}
         svg {{ display: block; width: 100% }}
         </style>{behind}{words}<img class=popup src='{}'>",
        picture(popup)
    )
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Puts a page together and keeps its picture, without transparency: stores refuse it.
async fn keeps(stage: &Stage, name: &str, size: (u32, u32), page: &str) -> anyhow::Result<()> {
    stage.browser.goto("about:blank").await?;
    stage.browser.script("document.open(); document.write(arguments[0]); document.close()", vec![page.into()]).await?;
    let png = taken(stage, size, 1).await?;
    std::fs::create_dir_all(folder())?;
    let picture = Picture::read(&png)?;
    ensure!(picture.size() == (size.0 as usize, size.1 as usize), "{name} has {:?}", picture.size());
    std::fs::write(folder().join(name), picture.png()?)?;
    Ok(())
}

/// The mark at each size, with a transparent ground. Those that ship are these.
async fn icons(stage: &Stage, mark: &str) -> anyhow::Result<()> {
    stage.browser.goto("about:blank").await?;
    for side in ICONS {
        let drawn = "const image = new Image(side, side);
            image.src = 'data:image/svg+xml;base64,' + btoa(arguments[0]);
            await image.decode();
            const canvas = Object.assign(document.createElement('canvas'), { width: side, height: side });
            canvas.getContext('2d').drawImage(image, 0, 0, side, side);
            return canvas.toDataURL('image/png').split(',')[1];"
            .replace("side", &side.to_string());
        let drawn = stage.browser.script(&drawn, vec![mark.into()]).await?;
        let png = BASE64.decode(drawn.as_str().context("no picture")?)?;
        std::fs::write(folder().join(format!("icon-{side}.png")), &png)?;
        if SHIPPED.contains(&side) {
            let ours = root().join(format!("static/icons/icon-{side}.png"));
            let ours = std::fs::read(&ours).with_context(|| ours.display().to_string())?;
            // A record of 16 pixels would be 4: these are small enough to be compared one by one.
            let far = Picture::read(&ours)?.far(&Picture::read(&png)?);
            ensure!(
                far == 0,
                "static/icons/icon-{side}.png is not mark.svg ({far} pixels): take dist/store/icon-{side}.png"
            );
        }
    }
    Ok(())
}

/// The README's picture is the popup as it is.
fn shown_to_readers(theme: &str, png: &[u8]) -> anyhow::Result<()> {
    let name = format!("popup-{theme}.png");
    std::fs::create_dir_all(folder())?;
    std::fs::write(folder().join(&name), Picture::read(png)?.png()?)?;
    let ours = Picture::read(&std::fs::read(root().join(".github").join(&name))?)?;
    let far = ours.record().compared(&Picture::read(png)?.record()).blocks;
    ensure!(far == 0, ".github/{name} is not the popup ({far} blocks): take dist/store/{name}");
    Ok(())
}

async fn pictures() -> anyhow::Result<()> {
    let mark = std::fs::read_to_string(root().join("static/icons/mark.svg")).context("mark.svg")?;
    let mut stage = Stage::set(Kind::Chromium).await?;
    stage.world.x.set_signed_in_handle("acme_studio");
    stage.on_x().await?;
    stage.browser.goto(SETTINGS).await?;
    stage.on_us().await?;
    stage.browser.driver().cdp().send_raw("Page.addScriptToEvaluateOnNewDocument", json!({ "source": STILL })).await?;
    let passphrase = stage.ask(json!("new_passphrase_terms")).await?["terms"].clone();
    stage.done(json!({ "set_passphrase": { "terms": passphrase, "derived": crate::stores::DERIVED } })).await?;
    let one = |at: usize, handle: &str, health: &str| Account::new(&format!("{}", 900_001 + at), handle, health);
    stage.world.xquik.set_accounts(vec![
        one(0, "acme_support", "needsReauth"),
        one(1, "acme_press", "needsReauth"),
        one(2, "acme", "healthy"),
        one(3, "acme_de", "recovering"),
    ]);
    let key = stage.world.xquik.api_key();
    stage.done(longkey_tests::stage::connect(&key)).await?;
    stage.x_shows_the_key().await?;
    let draft = stage.draft().await?;
    stage.on_x().await?;
    let x = taken(&stage, (840, 680), 1).await?;
    let save = popup(&mut stage, &format!("#/save/{draft}"), "#save-handle").await?;
    let entry = stage.keep().await?;
    stage.x_asks_for_the_code().await?;
    stage.on_x().await?;
    let asks = taken(&stage, (840, 680), 1).await?;
    let code = popup(&mut stage, &format!("#/code/{entry}"), ".code-card .digits").await?;
    stage.done(json!({ "accepted": { "entry": entry } })).await?;
    // While X asks for a code, the popup shows that.
    stage.on_x().await?;
    stage.browser.goto("https://x.com/home").await?;
    let plain = "for (const it of document.querySelectorAll('main *')) if (/[A-Z2-7]{16}/.test(it.textContent) && !it.children.length) it.textContent = 'Our new office is open.'";
    stage.browser.script(plain, vec![]).await?;
    let rest = taken(&stage, (840, 680), 1).await?;
    for (key, handle) in [(OTHER_KEY, "acme_support"), ("MFRGGZDFMZTWQ2LK", "acme"), ("KRSXG5CTMVRXEZLU", "acme_de")] {
        let kept = stage.ask(json!({ "add_key": { "text": key, "handle": handle } })).await?;
        stage.done(json!({ "accepted": { "entry": kept["kept"] } })).await?;
    }
    let home = popup(&mut stage, "#/", "[data-slot=needs-list] .row").await?;
    for theme in ["light", "dark"] {
        shown_to_readers(theme, &themed(&mut stage, "#/", "[data-slot=needs-list] .row", theme).await?)?;
    }
    let sheet = format!("#/signin/{}", stage.account_ref("900001").await?);
    let sheet = popup(&mut stage, &sheet, "#x-password").await?;
    stage.done(json!("lock")).await?;
    let locked = popup(&mut stage, "#/", "#unlock-passphrase").await?;

    let wide = (1280, 800);
    stage.on_x().await?;
    for (at, (title, text, behind, popup)) in [
        ("Keep the key X shows once", "Longkey sees it and asks.", &x, &save),
        ("The code X wants next", "Copied in one click, or filled in.", &asks, &code),
        ("Who needs you, and every code", "Sorted by what you can fix.", &rest, &home),
        ("Signed in again", "One field, Enter.", &rest, &sheet),
        ("Locked with your passphrase", "No account with us, no telemetry.", &rest, &locked),
    ]
    .into_iter()
    .enumerate()
    {
        let page = poster(&mark, wide, title, text, Some(behind), popup);
        keeps(&stage, &format!("screenshot-{}.png", at + 1), wide, &page).await?;
    }
    for size in [(440, 280), (920, 680), (1400, 560)] {
        let page = poster(
            &mark,
            size,
            "Longkey",
            "Keeps the login key X shows once, and signs your accounts in again.",
            None,
            &home,
        );
        keeps(&stage, &format!("tile-{}x{}.png", size.0, size.1), size, &page).await?;
    }
    icons(&stage, &mark).await?;
    stage.quit().await
}

/// Chromium alone: they are pictures, not behaviour.
#[test]
fn what_the_stores_show_can_be_made() {
    run(pictures());
}
