//! A computer whose clock is wrong, played by services whose clock is another: their replies tell, and codes go by it.

use anyhow::Context as _;
use longkey_core::clock::UnixTime;
use longkey_core::code::{Recipe, code_at};
use longkey_core::long_key::LongKey;
use longkey_tests::browsers::{DEADLINE, until};
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, Stage};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// Lists the accounts once more, and says what is known of the clock then.
pub(crate) async fn looked_again(stage: &mut Stage) -> anyhow::Result<Option<i64>> {
    stage.done(json!("refresh")).await?;
    Ok(stage.view().await?["clock"].as_i64())
}

/// The page shows the code of the moment that is so many seconds ahead of this machine's.
async fn shows_code_of(stage: &Stage, ahead: u64) -> anyhow::Result<()> {
    let key = LongKey::parse(KEY).ok().context("a key")?;
    until("the code of that moment", DEADLINE, async || {
        let read = "return document.querySelector('.list [data-slot=digits]')?.textContent ?? ''";
        let shown = stage.browser.script(read, vec![]).await?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() + ahead;
        let code = |moment| code_at(&key, Recipe::default(), UnixTime::from_seconds(moment));
        // Two seconds to either side: the header has whole ones.
        let fits = (now - 2..=now + 2).any(|moment| Some(code(moment).expose()) == shown.as_str());
        Ok(fits.then_some(()))
    })
    .await
}

in_both! {
    async fn codes_go_by_the_clock_of_replies_where_this_computers_is_wrong(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.world.clock.set_ahead(100);
        stage.connected().await?;
        assert_eq!(stage.view().await?["clock"], Value::Null, "one reply is not believed");
        let ahead = looked_again(&mut stage).await?.context("the header does not arrive")?;
        assert!((-101..=-99).contains(&ahead), "{ahead}");

        // X goes by its own clock: without the correction it would refuse what is filled.
        stage.captured_and_confirmed().await?;
        stage.us = Some(stage.browser.open_extension_page("pages/app.html#/").await?);
        stage.sees(&format!("Your clock is {} sec behind; the codes are corrected.", -ahead)).await?;
        stage.sees("switch on setting the time automatically").await?;
        shows_code_of(&stage, 100).await?;

        // From 20 to 5 s a quiet note; what contradicts the last measure ends it until the next agrees.
        stage.world.clock.set_ahead(10);
        assert_eq!(looked_again(&mut stage).await?, None);
        let ahead = looked_again(&mut stage).await?.context("told from 5 s on")?;
        assert!((-11..=-9).contains(&ahead), "{ahead}");
        stage.sees(&format!("Your clock is {} sec behind; the codes are corrected.", -ahead)).await?;
        stage.browser.until("no advice", "!document.body.innerText.includes('setting the time')").await?;
        shows_code_of(&stage, 10).await?;

        // A server that stands at 1970 is told, and changes no code.
        stage.world.clock.set_ahead(1 - i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?);
        looked_again(&mut stage).await?;
        let ahead = looked_again(&mut stage).await?.context("told")?;
        assert!(ahead > 1_000_000_000, "{ahead}");
        stage.sees("That is too much to correct").await?;
        shows_code_of(&stage, 0).await?;

        // Somebody sets this computer's clock while a page is open: what was measured before is void at once.
        stage.world.clock.set_ahead(60);
        looked_again(&mut stage).await?;
        looked_again(&mut stage).await?.context("measured")?;
        stage.sees("behind; the codes are corrected.").await?;
        let set = "const page = window.wrappedJSObject ?? window, before = page.Date.now.bind(page.Date);
            page.Date.now = () => before() + 60000;";
        stage.browser.script(set, vec![]).await?;
        stage.browser.until("nothing to be known", "!document.body.innerText.includes('Your clock')").await?;
        assert_eq!(stage.view().await?["clock"], Value::Null);

        // The right time again: nothing is said.
        stage.us = Some(stage.browser.open_extension_page("pages/app.html#/").await?);
        stage.world.clock.set_ahead(0);
        looked_again(&mut stage).await?;
        assert_eq!(looked_again(&mut stage).await?, None);
        stage.browser.until("no words about it", "!document.body.innerText.includes('Your clock')").await?;
        shows_code_of(&stage, 0).await?;
        stage.quit().await
    }
}
