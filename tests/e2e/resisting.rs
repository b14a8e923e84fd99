//! A browser that resists fingerprinting (Firefox's preference; in Chromium the same story without it). Pages get a coarse
//! clock and made-up pixels there; Longkey's sensor and pages do not (seen in ESR 153), and what a page paints of made-up
//! pixels leads to nothing false.

use crate::clock::looked_again;
use crate::qr::differs;
use crate::scan::{FOUND, Picture, address, bitmap};
use anyhow::Context as _;
use longkey_core::clock::UnixTime;
use longkey_core::code::{Recipe, code_at};
use longkey_core::long_key::LongKey;
use longkey_tests::browsers::{DEADLINE, Kind, Options, until};
use longkey_tests::fakes::{Drafted, Standin};
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, OTHER_KEY, Stage};
use std::time::{SystemTime, UNIX_EPOCH};

in_both! {
    async fn keys_and_codes_are_right_where_fingerprinting_is_resisted(kind) {
        let mut stage = Stage::set_in(kind, Options { resists_fingerprinting: true, ..Options::default() }).await?;
        let lied_to = "const pen = document.createElement('canvas').getContext('2d');
            pen.fillRect(0, 0, 9, 9);
            return [...pen.getImageData(0, 0, 9, 9).data].some((value, at) => value !== (at % 4 === 3 ? 255 : 0))";
        assert_eq!(stage.browser.script(lied_to, vec![]).await? == true, kind == Kind::Firefox, "the preference is on");
        stage.connected().await?;

        let own = Standin::own()?;
        for (file, made_up) in [
            ("own/qr.canvas-coloured.html", None),
            ("own/qr.svg-path.html", None),
            // The page makes a picture of what it painted, and that is where the browser lies to it: nobody can read
            // the code, and beside it the text is asked.
            ("own/qr.img-blob.html", Some(vec![])),
            ("own/qr.img-beside-text.html", Some(vec![Drafted { key: KEY.to_owned(), handle: None, ask: true }])),
        ] {
            let page = own.iter().find(|it| it.file == file).with_context(|| file.to_owned())?;
            let normal = page.drafts.clone().with_context(|| file.to_owned())?;
            let wanted = made_up.filter(|_| kind == Kind::Firefox).unwrap_or(normal);
            assert_eq!(differs(&mut stage, page, &wanted).await?, None);
        }

        // From the QR step to X's yes, with a code that our sensor types.
        stage.on_x().await?;
        stage.browser.goto(longkey_tests::stage::SETTINGS).await?;
        stage.captured_and_confirmed().await?;
        for _ in 0..2 {
            assert_eq!(looked_again(&mut stage).await?, None, "the clock is right");
        }
        stage.us = Some(stage.browser.open_extension_page("pages/app.html#/").await?);
        shows_this_second(&stage).await?;
        let said = stage.browser.script("return document.body.innerText", vec![]).await?;
        assert!(!said.as_str().is_some_and(|it| it.contains("Your clock")), "{said}");

        stage.screen("#/scan").await?;
        let picture = Picture::of(&bitmap(&[&address("second_user", OTHER_KEY)], 3))?;
        picture.choose(&stage.browser).await?;
        stage.browser.until("one key", &format!("{FOUND} === 1")).await?;
        stage.quit().await
    }
}

/// The page shows the code of this second, and how many it has left.
async fn shows_this_second(stage: &Stage) -> anyhow::Result<()> {
    let key = LongKey::parse(KEY).ok().context("a key")?;
    until("this second's code", DEADLINE, async || {
        let now = || Ok::<_, anyhow::Error>(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs());
        let read = "const row = document.querySelector('.list [data-slot=digits]')?.closest('li');
            return row && [row.querySelector('[data-slot=digits]').textContent, row.querySelector('[data-slot=seconds]').textContent]";
        let before = now()?;
        let shown = stage.browser.script(read, vec![]).await?;
        let fits = (before..=now()?).any(|second| {
            let code = code_at(&key, Recipe::default(), UnixTime::from_seconds(second));
            let left = (30 - second % 30).to_string();
            shown[0] == code.expose() && shown[1].as_str().is_some_and(|it| it.trim_end_matches(" s").trim() == left)
        });
        Ok(fits.then_some(()))
    })
    .await
}
