//! A key out of a picture: file, clipboard, the tab in front. The pictures are made here, the reading is the product's.

use std::path::PathBuf;

use anyhow::Context as _;
use base64::Engine as _;
use longkey_tests::browsers::{Browser, Copied, Key, Kind, Look, Options, artefacts};
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, OTHER_KEY, Stage};
use qrcodegen::{QrCode, QrCodeEcc};
use serde_json::json;

pub(crate) fn address(handle: &str, key: &str) -> String {
    format!("otpauth://totp/Twitter:@{handle}?secret={key}&issuer=Twitter")
}

/// Codes side by side as a Windows bitmap (BITMAPINFOHEADER, 24 bits), which both browsers read: nothing to compress.
pub(crate) fn bitmap(texts: &[&str], scale: usize) -> Vec<u8> {
    let codes: Vec<QrCode> =
        texts.iter().map(|text| QrCode::encode_text(text, QrCodeEcc::Medium).expect("it fits")).collect();
    let side = |code: &QrCode| usize::try_from(code.size()).expect("small") + 8;
    let width = codes.iter().map(side).sum::<usize>().max(10) * scale;
    let height = codes.iter().map(side).max().unwrap_or(10) * scale;
    let line = (width * 3).div_ceil(4) * 4;
    let size = |it: usize| u32::try_from(it).expect("small").to_le_bytes();
    let mut file = vec![b'B', b'M'];
    file.extend([size(54 + line * height), [0; 4], size(54), size(40), size(width), size(height)].concat());
    file.extend([1, 0, 24, 0]);
    file.extend([0; 24]);
    // From the lowest line up.
    for y in (0..height).rev() {
        let mut pixels = Vec::with_capacity(line);
        for code in &codes {
            for x in 0..side(code) * scale {
                let module = |at: usize| i32::try_from(at / scale).expect("small") - 4;
                let dark = code.get_module(module(x), module(y));
                pixels.extend(if dark { [0_u8; 3] } else { [255; 3] });
            }
        }
        pixels.resize(line, 255);
        file.extend(pixels);
    }
    file
}

/// A file of the test's own, gone with it: the browser reads it after the choice.
pub(crate) struct Picture(PathBuf, #[expect(dead_code, reason = "the folder goes with it")] tempfile::TempDir);

impl Picture {
    pub(crate) fn of(bytes: &[u8]) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("code.bmp");
        std::fs::write(&path, bytes)?;
        Ok(Self(path, folder))
    }

    pub(crate) async fn choose(&self, browser: &Browser) -> anyhow::Result<()> {
        browser.choose_file("#scan-file", &self.0).await
    }
}

pub(crate) const FOUND: &str = "document.querySelectorAll('.scanned input').length";
const WRONG: &str = "[...document.querySelectorAll('[data-wrong]:not([hidden])')].map(it => it.innerText).join()";

/// A vault that takes keys.
async fn ready(kind: Kind) -> anyhow::Result<Stage> {
    let mut stage = Stage::set(kind).await?;
    stage.on_us().await?;
    stage.done(json!("skip_passphrase")).await?;
    Ok(stage)
}

/// The modules of a code, a text a row.
fn rows(text: &str) -> anyhow::Result<Vec<String>> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium)?;
    let row = |y| (0..code.size()).map(|x| if code.get_module(x, y) { '1' } else { '0' }).collect();
    Ok((0..code.size()).map(row).collect())
}

/// Paints those rows on a canvas of the page's document.
const PAINT: &str = "const rows = arguments[0], canvas = document.createElement('canvas');
    canvas.width = canvas.height = (rows.length + 8) * 4;
    const paper = canvas.getContext('2d');
    paper.fillStyle = '#fff';
    paper.fillRect(0, 0, canvas.width, canvas.height);
    paper.fillStyle = '#000';
    rows.forEach((row, y) => [...row].forEach((it, x) => it === '1' && paper.fillRect((x + 4) * 4, (y + 4) * 4, 4, 4)));";

const BUTTON: &str = "[data-act=scan-clipboard]";

/// Those rows as a PNG.
async fn png(stage: &Stage, rows: &[String]) -> anyhow::Result<Vec<u8>> {
    let paint = [PAINT, "return canvas.toDataURL().split(',')[1]"].concat();
    let png = stage.browser.script(&paint, vec![json!(rows)]).await?;
    Ok(base64::engine::general_purpose::STANDARD.decode(png.as_str().unwrap_or_default())?)
}

in_both! {
    async fn a_picture_file_becomes_a_key(kind) {
        let mut stage = ready(kind).await?;
        stage.screen("#/add").await?;
        stage.browser.click("a[href='#/scan']").await?;
        let picture = Picture::of(&bitmap(&[&address("standin_user", KEY)], 4))?;
        picture.choose(&stage.browser).await?;
        stage.browser.until("one key", &format!("{FOUND} === 1")).await?;
        let shown = stage.browser.text(".scanned").await?;
        assert!(shown.contains("@standin_user") && shown.contains("JBSW ···· ···· 3PXP"), "{shown}");
        let whole = stage.browser.script("return document.documentElement.outerHTML", vec![]).await?;
        assert!(!whole.as_str().unwrap_or_default().contains(KEY), "the whole key is in the page");
        let named = stage.browser.script("return document.querySelector('#scan-handle').value", vec![]).await?;
        assert_eq!(named, "standin_user");
        stage.browser.click("[form=scan-form]").await?;
        let view = stage.view_until("the entry", |view| view["entries"][0]["handle"] == "standin_user").await?;
        assert_eq!(view["entries"][0]["waiting"]["state"], "pending");
        stage.quit().await
    }

    async fn of_several_codes_one_is_chosen(kind) {
        let mut stage = ready(kind).await?;
        stage.screen("#/scan").await?;
        let (first, second) = (address("standin_user", KEY), address("second_user", OTHER_KEY));
        let picture = Picture::of(&bitmap(&[&first, &second], 4))?;
        picture.choose(&stage.browser).await?;
        stage.browser.until("two keys", &format!("{FOUND} === 2")).await?;
        let go = "document.querySelector('[form=scan-form]').disabled";
        assert_eq!(stage.browser.script(&format!("return {go}"), vec![]).await?, true, "nothing is chosen yet");
        let pick = "[...document.querySelectorAll('.scanned li')].find(it => it.innerText.includes('@second_user')).id = 'second'";
        stage.browser.script(pick, vec![]).await?;
        stage.browser.click("#second input").await?;
        stage.browser.until("its account", "document.querySelector('#scan-handle').value === 'second_user'").await?;
        stage.browser.click("[form=scan-form]").await?;
        let view = stage.view_until("the entry", |view| view["entries"][0]["handle"] == "second_user").await?;
        assert_eq!(view["entries"].as_array().map(Vec::len), Some(1));
        stage.quit().await
    }

    async fn from_an_authenticators_export_the_accounts_of_x_are_offered(kind) {
        let mut stage = ready(kind).await?;
        let account = |bytes: &[u8], name: &str, issuer: &str| {
            let part = |number: u8, bytes: &[u8]| [&[number << 3 | 2, u8::try_from(bytes.len()).unwrap_or(0)], bytes].concat();
            part(1, &[part(1, bytes), part(2, name.as_bytes()), part(3, issuer.as_bytes()), vec![32, 1, 40, 1, 48, 2]].concat())
        };
        let bytes = [
            account(b"not for us", "someone@mail.invalid", "Somewhere"),
            account(b"Hello!\xde\xad\xbe\xef", "Twitter:@standin_user", "Twitter"),
            account(b"another one's key of 32 bytes ..", "@second_user", "X"),
        ].concat();
        let data = base64::engine::general_purpose::STANDARD.encode(bytes);
        let export = format!("otpauth-migration://offline?data={}", data.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"));
        stage.screen("#/add").await?;
        stage.browser.type_into("#add-key", &export).await?;
        stage.browser.type_into("#add-handle", "standin_user").await?;
        stage.browser.click("[data-slot=go]").await?;
        stage.sees("Scan it or paste it under “Scan a QR code”.").await?;
        stage.browser.click("a[href='#/scan']").await?;
        let picture = Picture::of(&bitmap(&[&export], 4))?;
        picture.choose(&stage.browser).await?;
        stage.browser.until("two keys", &format!("{FOUND} === 2")).await?;
        let shown = stage.browser.text(".scanned").await?;
        assert!(shown.contains("JBSW ···· ···· 3PXP") && shown.contains("@second_user") && !shown.contains("Somewhere"), "{shown}");
        stage.browser.click(".scanned li:first-child input").await?;
        stage.browser.until("its account", "document.querySelector('#scan-handle').value === 'standin_user'").await?;
        stage.browser.click("[form=scan-form]").await?;
        stage.view_until("the entry", |view| view["entries"][0]["handle"] == "standin_user").await?;
        stage.quit().await
    }

    async fn what_holds_no_key_is_said(kind) {
        let mut stage = ready(kind).await?;
        stage.screen("#/scan").await?;
        let pictures: [(&str, Vec<u8>); 4] = [
            ("No QR code was found", bitmap(&[], 8)),
            ("holds no login key", bitmap(&["https://x.com/download"], 4)),
            ("holds no login key", bitmap(&["otpauth-migration://offline?data=AAAA"], 4)),
            ("can't open that picture", b"no picture".to_vec()),
        ];
        for (words, bytes) in pictures {
            let picture = Picture::of(&bytes)?;
            picture.choose(&stage.browser).await?;
            stage.browser.until(words, &format!("({WRONG}).includes({})", json!(words))).await?;
        }
        // And after all that a good one.
        let picture = Picture::of(&bitmap(&[&address("standin_user", KEY)], 3))?;
        picture.choose(&stage.browser).await?;
        stage.browser.until("one key", &format!("{FOUND} === 1 && !({WRONG})")).await?;
        stage.quit().await
    }

    async fn a_picture_comes_from_the_clipboard_and_what_is_none_is_said(kind) {
        let mut stage = ready(kind).await?;
        stage.screen("#/scan").await?;
        let code = png(&stage, &rows(&address("standin_user", KEY))?).await?;
        let one = format!("{FOUND} === 1 && !({WRONG})");
        stage.browser.copy(Copied::Picture(&code)).await?;
        stage.browser.element("h1").await?.send_keys(Key::Control + "v").await?;
        stage.browser.until("the key of the picture that was pasted", &one).await?;
        stage.browser.click("[data-act=scan-again]").await?;

        stage.browser.copy(Copied::Picture(&code)).await?;
        stage.browser.click_and_let_look(BUTTON, Look::Allowed).await?;
        stage.browser.until("the key of the picture on the clipboard", &one).await?;
        stage.browser.click("[data-act=scan-again]").await?;

        let none = "found no picture on the clipboard";
        let empty = png(&stage, &["0".to_owned()]).await?;
        for (copied, answer, words) in [
            (Copied::Picture(&code), Look::Refused, "didn't let Longkey look at the clipboard"),
            (Copied::Text("JBSWY3DPEHPK3PXP"), Look::Allowed, none),
            (Copied::Picture(&empty), Look::Allowed, "No QR code was found"),
            (Copied::Nothing, Look::Allowed, none),
        ] {
            stage.browser.copy(copied).await?;
            stage.browser.click_and_let_look(BUTTON, answer).await?;
            let there = format!("({WRONG}).includes({}) && {FOUND} === 0", json!(words));
            stage.browser.until(words, &there).await.with_context(|| format!("{copied:?}, {answer:?}"))?;
        }
        stage.quit().await
    }

    async fn what_the_browser_still_asks_stops_nothing_else(kind) {
        let mut stage = ready(kind).await?;
        stage.screen("#/scan").await?;
        stage.browser.element(BUTTON).await?;
        // A question that stays open until the test answers it.
        let asks = "const page = window.wrappedJSObject ?? window;
            page.navigator.clipboard.read = () => new page.Promise((_, refuse) => { page.refuse = refuse; });";
        stage.browser.script(asks, vec![]).await?;
        let refuse = "const page = window.wrappedJSObject ?? window;
            page.refuse();
            delete page.refuse;
            // What comes of it is done in microtasks.
            await new Promise(done => setTimeout(done));
            return [...document.querySelectorAll('[data-wrong]:not([hidden])')].map(it => it.innerText).join()";
        let asked = "typeof (window.wrappedJSObject ?? window).refuse === 'function'";
        stage.browser.click(BUTTON).await?;
        stage.browser.until("the question", asked).await?;
        // A picture that comes in another way meanwhile is read, and the answer to the question is late then.
        let picture = Picture::of(&bitmap(&[&address("standin_user", KEY)], 3))?;
        picture.choose(&stage.browser).await?;
        stage.browser.until("one key", &format!("{FOUND} === 1")).await?;
        assert_eq!(stage.browser.script(refuse, vec![]).await?, "");

        stage.browser.click("[data-act=scan-again]").await?;
        stage.browser.click(BUTTON).await?;
        stage.browser.until("the question", asked).await?;
        stage.screen("#/add").await?;
        stage.browser.until("the other screen", &format!("!document.querySelector('{BUTTON}')")).await?;
        stage.screen("#/scan").await?;
        stage.browser.element(BUTTON).await?;
        assert_eq!(stage.browser.script(refuse, vec![]).await?, "", "that was asked on another screen");
        stage.quit().await
    }

    async fn an_address_that_was_copied_as_text_is_pasted(kind) {
        let mut stage = ready(kind).await?;
        stage.on_x().await?;
        stage.browser.goto("data:text/html,<input>").await?;
        stage.browser.type_into("input", &address("standin_user", KEY)).await?;
        let field = stage.browser.element("input").await?;
        field.send_keys(Key::Control + "a").await?;
        field.send_keys(Key::Control + "c").await?;
        stage.screen("#/scan").await?;
        stage.browser.element("h1").await?.send_keys(Key::Control + "v").await?;
        stage.browser.until("one key", &format!("{FOUND} === 1")).await?;
        stage.quit().await
    }

    async fn the_tab_in_front_is_scanned_after_a_click_on_the_toolbar(kind) {
        let stage = ready(kind).await?;
        stage.on_x().await?;
        // A page on which Longkey does nothing by itself.
        stage.browser.goto("https://x.com/").await?;
        let show = [PAINT, "document.body.replaceChildren(canvas)"].concat();
        stage.browser.script(&show, vec![json!(rows(&address("standin_user", KEY))?)]).await?;
        stage.browser.press_toolbar_button().await?;
        stage.browser.popups_until(1).await?;
        stage.browser.popup_script("location.hash = '#/scan'").await?;
        let press = "const button = document.querySelector('[data-act=scan-page]'); button?.click(); return Boolean(button)";
        longkey_tests::browsers::until("the button", longkey_tests::browsers::DEADLINE, async || {
            Ok((stage.browser.popup_script(press).await? == true).then_some(()))
        })
        .await?;
        longkey_tests::browsers::until("the key in the popup", longkey_tests::browsers::DEADLINE, async || {
            let shown = stage.browser.popup_script("return document.querySelector('.scanned')?.innerText ?? ''").await?;
            Ok(shown.as_str().is_some_and(|it| it.contains("@standin_user")).then_some(()))
        })
        .await?;
        stage.quit().await
    }

    async fn without_that_click_the_page_is_not_given_and_it_is_said(kind) {
        let mut stage = ready(kind).await?;
        stage.screen("#/scan").await?;
        // A side panel has the button; no toolbar button was pressed for this tab.
        let panel = stage.browser.extension_url("pages/app.html?in=panel#/scan")?;
        stage.browser.goto("about:blank").await?;
        stage.browser.goto(&panel).await?;
        stage.browser.click("[data-act=scan-page]").await?;
        stage.browser.until("the sentence", &format!("({WRONG}).includes('toolbar')")).await?;
        stage.quit().await
    }

    async fn the_screens_fit_light_and_dark_popup_and_tab(kind) {
        for dark in [false, true] {
            let mut stage = Stage::set_in(kind, Options { dark, ..Options::default() }).await?;
            stage.on_us().await?;
            stage.done(json!("skip_passphrase")).await?;
            let several = [address("standin_user", KEY), address("second_user_15", OTHER_KEY)];
            let several = Picture::of(&bitmap(&[&several[0], &several[1]], 4))?;
            let none = Picture::of(&bitmap(&[], 8))?;
            for (surface, width) in [("popup", 380), ("tab", 900)] {
                let page = stage.browser.extension_url(&format!("pages/app.html?in={surface}#/scan"))?;
                stage.browser.goto("about:blank").await?;
                stage.browser.goto(&page).await?;
                stage.browser.viewport(width, 600).await?;
                for (state, picture, there) in [
                    ("start", None, "document.querySelector('[data-act=scan-clipboard]')".to_owned()),
                    ("none", Some(&none), WRONG.to_owned()),
                    ("several", Some(&several), format!("{FOUND} === 2")),
                ] {
                    if let Some(picture) = picture {
                        picture.choose(&stage.browser).await?;
                    }
                    stage.browser.until(state, &there).await?;
                    let wide = "document.documentElement.scrollWidth <= innerWidth";
                    assert_eq!(stage.browser.script(&format!("return {wide}"), vec![]).await?, true, "{surface} {state}");
                    let nameless = "return [...document.querySelectorAll('#screen input, #screen button, #screen a')]
                        .filter(it => it.getClientRects().length && !it.innerText?.trim() && !it.labels?.length && !it.ariaLabel).length";
                    assert_eq!(stage.browser.script(nameless, vec![]).await?, 0, "{surface} {state}: controls without a name");
                    let theme = if dark { "dark" } else { "light" };
                    let file = artefacts().join(format!("scan-{surface}-{state}.{theme}.{}.png", kind.name()));
                    stage.browser.screenshot(&file).await?;
                }
            }
            stage.quit().await?;
        }
        Ok(())
    }
}
