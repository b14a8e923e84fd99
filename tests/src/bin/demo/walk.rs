//! The story of the main job, as a person lives it. Every step waits for what it shows; the lines name handles and
//! codes, never a key, a password or an API key.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use longkey_tests::browsers::{Browser, DEADLINE, Options, Tab, until};
use longkey_tests::fakes::{Canned, Route};
use longkey_tests::stage::Stage;
use serde_json::Value;

use crate::album::{Album, Frame};
use crate::asked::Asked;

/// Nobody's; long enough for Longkey's meter to call it long.
const PASSPHRASE: &str = "stand-in passphrase of the demo";
/// Xquik's number of the account that X is signed in with.
const ACCOUNT: &str = "900001";
/// A code that X would still take after a look at it.
const FRESH_S: u8 = 12;

/// Tells the whole story.
pub(crate) async fn show(asked: &Asked) -> anyhow::Result<()> {
    println!("Longkey in {}, on stand-ins of X and Xquik.\n", asked.kind.name());
    let album = Album::open(asked)?;
    let options = Options { headless: asked.headless, window: (1280, 1000), ..Options::default() };
    let stage = Stage::set_in(asked.kind, options).await?;
    let page = first_page(&stage.browser).await?;
    let mut walk = Walk { stage, album, page };
    walk.begin().await?;
    walk.capture().await?;
    walk.confirm().await?;
    walk.connect().await?;
    walk.sign_in().await?;
    walk.look_around().await?;
    println!("\n{}", walk.proof()?);
    println!("The pictures are in {}.", walk.album.place());
    if !asked.headless {
        println!("The browser is yours to look around in; Enter ends it.");
        enter().await;
    }
    walk.stage.quit().await
}

struct Walk {
    stage: Stage,
    album: Album,
    /// Longkey in a tab, for what is too large for a popup.
    page: Tab,
}

impl Walk {
    async fn begin(&mut self) -> anyhow::Result<()> {
        let browser = &self.stage.browser;
        browser.element("#new-passphrase").await?;
        self.tab("first-run", "You install Longkey. Its first page opens, says what it does and offers a passphrase.")
            .await?;
        let browser = &self.stage.browser;
        browser.type_into("#new-passphrase", PASSPHRASE).await?;
        browser.click("[data-form=passphrase] .primary").await?;
        browser.element("[data-slot=ways]").await?;
        self.tab("ways", "You set a passphrase. Longkey asks where your key is to come from.").await
    }

    async fn capture(&mut self) -> anyhow::Result<()> {
        let handle = self.stage.world.x.handle();
        self.stage.on_x().await?;
        self.x("x-settings", &format!("You open X's two-factor settings, signed in as @{handle}.")).await?;
        self.stage.x_shows_the_key().await?;
        // X is pictured last: a picture gives its tab the focus, which no popup outlives.
        self.stage.browser.popups_until(1).await?;
        let popup = self.popup_by_itself().await?;
        let x = "You turn the Authentication app on. X shows its login key, this once.";
        let x = self.album.told("x-shows-the-key", x).await;
        let file = self.album.told("popup", "Longkey has seen it and opens by itself.").await;
        std::fs::write(file, popup)?;
        self.stage.browser.close_popups().await?;
        self.album.picture(&self.stage.browser, Frame::Site, &x).await?;
        self.stage.on_us().await?;
        let field = format!("document.querySelector('#save-handle')?.value === '{handle}'");
        self.stage.browser.until("the account's name in its field", &field).await?;
        self.popup("save", &format!("It has read whose key it is, @{handle}'s, and shows no more than its ends."))
            .await?;
        self.stage.browser.click(".foot .primary").await?;
        self.fresh_code(".code-card").await?;
        self.popup("code", "You save it. Longkey shows the code that X will ask for.").await
    }

    async fn confirm(&mut self) -> anyhow::Result<()> {
        self.stage.x_asks_for_the_code().await?;
        self.stage.browser.popups_until(1).await?;
        self.stage.browser.close_popups().await?;
        self.stage.on_us().await?;
        self.fresh_code(".code-card").await?;
        self.stage.browser.element("[data-act=fill].primary").await?;
        self.popup("fill", "X asks for it. Longkey opens again, with [Fill on X] as the next step.").await?;
        self.stage.browser.click("[data-act=fill]").await?;
        // Longkey's popup closes itself after the fill, and our tab stands for it.
        self.stage.us = None;
        self.stage.on_x().await?;
        let field = "document.querySelector('[data-testid=ocfEnterTextTextInput]').value";
        let filled = format!("{field}.length === 6 && {field}");
        let filled = self.stage.browser.until("the code in X's field", &filled).await?;
        let code = filled.as_str().unwrap_or_default();
        self.x("filled", &format!("You press it. {} {} stands in X's field.", &code[..3], &code[3..])).await?;
        self.stage.x_presses("ocfEnterTextNextButton").await?;
        self.stage.x_is_at("done").await?;
        self.stage
            .view_until("the key to be confirmed", |view| view["entries"][0]["current"]["state"] == "confirmed")
            .await?;
        self.stage.on_x().await?;
        self.x("accepted", "X accepts the code and shows a backup code. Longkey has noticed: the key is confirmed.")
            .await?;
        self.stage.x_presses("OCF_CallToAction_Button").await?;
        self.home().await?;
        self.fresh_code("[data-slot=codes-list]").await?;
        self.popup("home", "From now on Longkey has your code whenever you open it.").await
    }

    async fn connect(&mut self) -> anyhow::Result<()> {
        self.on_page("#/connect").await?;
        self.stage.browser.type_into("#api-key", &self.stage.world.xquik.api_key()).await?;
        self.tab("connect", "You paste the API key of Xquik, which signs accounts in for you.").await?;
        self.stage.browser.click("[data-form=connect] .primary").await?;
        self.stage.browser.accept_consent().await?;
        let all = self.stage.world.xquik.accounts().len();
        self.stage.browser.click("[data-slot=all-accounts]").await?;
        self.listed(all).await?;
        self.tab("accounts", &format!("Longkey lists its {all} accounts, each with its health and the key you have."))
            .await?;
        self.home().await?;
        let needs = "document.querySelectorAll('[data-slot=needs-list] li').length";
        let count = self.stage.browser.until("those that need the user", needs).await?;
        self.popup("needs-you", &format!("In the popup stand first the {count} that need you.")).await
    }

    async fn sign_in(&mut self) -> anyhow::Result<()> {
        let handle = self.stage.world.x.handle();
        self.stage.browser.click(&format!("a[href^=\"#/signin/\"][href$=\".{ACCOUNT}\"]")).await?;
        let saved = "document.querySelector('[data-slot=saved]').checked";
        self.stage.browser.until("the saved key to be chosen", saved).await?;
        self.stage.browser.type_into("#x-password", &self.stage.world.x.password()).await?;
        let words = format!("Xquik lost @{handle}. You enter its password; the saved key is chosen already.");
        self.popup("sign-in", &words).await?;
        // Held, so that there is time to look: the fakes would answer at once.
        self.stage.world.xquik.answer_next(Route::Reauth, Canned::Hold);
        self.stage.browser.click(".foot .primary").await?;
        self.stage.world.xquik.until_holding(1, DEADLINE).await?;
        let shown = "document.querySelector('[data-slot=progress]').checkVisibility()
            && document.querySelector('[data-slot=took]').textContent";
        self.stage.browser.until("the progress", shown).await?;
        self.popup("progress", "Xquik signs in on X with the password and the key that Longkey took from X.").await?;
        self.stage.world.xquik.release();
        self.stage.outcome().await?;
        let words = "document.querySelector('[data-slot=result] [data-slot=title]')?.textContent.trim()";
        let words = self.stage.browser.until("the result in words", words).await?;
        self.popup("result", &format!("Longkey says what came of it: “{}”", words.as_str().unwrap_or_default()))
            .await?;
        self.stage.browser.click("[data-act=dismiss]").await?;
        self.on_page("#/accounts").await?;
        self.listed(self.stage.world.xquik.accounts().len()).await?;
        self.tab("signed-in", &format!("In the list @{handle} is signed in.")).await
    }

    /// What stands beside the main job.
    async fn look_around(&mut self) -> anyhow::Result<()> {
        let other = self.stage.world.xquik.accounts().into_iter().find(|it| it.health == "needsReauth");
        let other = other.context("no account is left that needs a sign-in")?.handle;
        self.stage.screen(&format!("#/reset/{other}")).await?;
        self.stage.browser.element("[data-slot=tasks] .now").await?;
        let words = format!("Where a key is missing, as for @{other}, a checklist leads through its reset on X.");
        self.popup("reset", &words).await?;
        self.stage.browser.click("[data-act=end]").await?;
        self.stage.browser.click("[data-act=lock]").await?;
        self.stage.browser.element("#unlock-passphrase").await?;
        self.popup("locked", "You lock Longkey: the codes are gone, and so are the keys.").await?;
        self.stage.browser.type_into("#unlock-passphrase", PASSPHRASE).await?;
        self.stage.browser.click("[data-form=unlock] .primary").await?;
        self.fresh_code("[data-slot=codes-list]").await?;
        self.popup("unlocked", "The passphrase brings them back.").await
    }

    /// The sentence that the demo was for, if it is true for both fakes.
    fn proof(&self) -> anyhow::Result<String> {
        let world = &self.stage.world;
        let handle = world.x.handle();
        let sent = world.requests("xquik.com").into_iter().filter(|it| it.method == "POST");
        let bodies: Vec<Value> = sent.filter_map(|it| it.json()).collect();
        let [body] = bodies.as_slice() else {
            anyhow::bail!("Xquik received {} sign-ins instead of one", bodies.len())
        };
        let confirmed = world.x.confirmed_key().context("X has confirmed no key")?;
        ensure!(body["totp_secret"] == confirmed, "the key that Xquik received is not the one that X has confirmed");
        let health = world.xquik.account(ACCOUNT).map(|it| it.health).unwrap_or_default();
        ensure!(health == "healthy", "at Xquik @{handle} is `{health}` instead of healthy");
        Ok(format!(
            "@{handle} was signed in again at Xquik with the key that Longkey captured: the key Xquik received is the one X confirmed."
        ))
    }

    async fn x(&mut self, name: &str, words: &str) -> anyhow::Result<()> {
        self.album.step(&self.stage.browser, Frame::Site, name, words).await
    }

    async fn tab(&mut self, name: &str, words: &str) -> anyhow::Result<()> {
        self.album.step(&self.stage.browser, Frame::Tab, name, words).await
    }

    async fn popup(&mut self, name: &str, words: &str) -> anyhow::Result<()> {
        self.album.step(&self.stage.browser, Frame::Popup, name, words).await
    }

    /// The popup that opened without a click, once it shows the key.
    async fn popup_by_itself(&self) -> anyhow::Result<Vec<u8>> {
        let shows = "return Boolean(document.querySelector('[data-form=save] [data-slot=key]')?.textContent)";
        until("the popup's question", DEADLINE, async || {
            // A popup that is still loading has no page to ask.
            let asks = self.stage.browser.popup_script(shows).await.is_ok_and(|it| it == true);
            Ok(asks.then_some(()))
        })
        .await?;
        self.stage.browser.popup_picture().await
    }

    /// To the tab, on that screen.
    async fn on_page(&self, route: &str) -> anyhow::Result<()> {
        self.stage.browser.switch_to(&self.page).await?;
        self.stage.browser.script("location.hash = arguments[0]", vec![route.into()]).await?;
        Ok(())
    }

    /// To the popup's list.
    async fn home(&mut self) -> anyhow::Result<()> {
        self.stage.screen("#/").await?;
        self.stage.browser.element("[data-slot=codes-list]").await?;
        Ok(())
    }

    async fn listed(&self, count: usize) -> anyhow::Result<()> {
        let listed = format!("document.querySelectorAll('.list li a').length === {count}");
        self.stage.browser.until("Xquik's accounts", &listed).await?;
        Ok(())
    }

    /// Waits for a code that stands for a while yet.
    async fn fresh_code(&self, place: &str) -> anyhow::Result<()> {
        let digits = format!("document.querySelector('{place} .digits')?.textContent.replace(/\\D/g, '').length === 6");
        let left = "document.querySelector('[data-slot=seconds]').textContent";
        let fresh = format!("{digits} && Number({left}) >= {FRESH_S}");
        // A code that is about to go takes its last seconds to do so.
        let patience = DEADLINE + Duration::from_secs(FRESH_S.into());
        self.stage.browser.until_within(patience, "a fresh code", &fresh).await?;
        Ok(())
    }
}

/// Longkey's first page. It opens by itself at the installation; Chromium's driver does not reach that tab, so the
/// same page in a tab of ours takes its place.
async fn first_page(browser: &Browser) -> anyhow::Result<Tab> {
    let page = browser.open_extension_page("pages/app.html#/first").await?;
    let replace = "(async () => {
        const all = await api.tabs.query({ active: false });
        const other = all.find(it => it.url === location.href);
        if (!other) return false;
        await api.tabs.remove(other.id);
        return true;
    })()";
    browser.until("Longkey's first page to open by itself", replace).await?;
    Ok(page)
}

/// Waits for the Enter key, or for the end of the input.
async fn enter() {
    let (pressed, heard) = tokio::sync::oneshot::channel();
    // A thread of its own: the runtime would wait for a read of its own even after Ctrl-C.
    std::thread::spawn(move || {
        // Whatever came, a key or the end, the waiting is over; and nobody waits after Ctrl-C.
        let _ = std::io::stdin().read_line(&mut String::new());
        let _ = pressed.send(());
    });
    let _ = heard.await;
}
