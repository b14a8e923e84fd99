//! A stage for stories: the fakes, a browser with Longkey, X in one tab and Longkey's page in another; and the
//! moves that most stories make. The end-to-end tests and the demo play on it.
//!
//! Every move waits until what it leads to is there, and fails with the name of what did not come in time.
//! Deliberately judges nothing: what must hold is the story's to say.

use crate::browsers::{Browser, DEADLINE, Install, Kind, Options, Tab, until};
use crate::fakes::World;
use anyhow::Context as _;
use serde_json::{Value, json};

/// The page of X from which the set-up of the Authentication app begins.
pub const SETTINGS: &str = "https://x.com/settings/account/login_verification";
/// The key that X shows first: the example of the Key URI Format's own documentation, so no secret of anybody.
pub const KEY: &str = "JBSWY3DPEHPK3PXP";
/// A key for a second set-up.
pub const OTHER_KEY: &str = "GEZDGNBVGY3TQOJQ";
/// A key for a third one.
pub const THIRD_KEY: &str = "MFRGGZDFMZTWQ2LK";
/// The page as the popup shows it.
const POPUP: &str = "pages/app.html?in=popup";

/// The fakes and one browser.
#[derive(Debug)]
pub struct Stage {
    /// The fakes.
    pub world: World,
    /// The browser; its only way out is the fakes' proxy.
    pub browser: Browser,
    /// X.
    pub x: Tab,
    /// Longkey, as the popup shows it.
    pub us: Option<Tab>,
}

impl Stage {
    /// X's settings page is open; Longkey's own page is not yet.
    pub async fn set(kind: Kind) -> anyhow::Result<Self> {
        Self::set_with(kind, Install::AtStart).await
    }

    /// The same, with Longkey installed at another moment.
    pub async fn set_with(kind: Kind, install: Install) -> anyhow::Result<Self> {
        Self::set_in(kind, Options { install, ..Options::default() }).await
    }

    /// The same in a browser of one's own wishes; its proxy is the fakes' in any case.
    pub async fn set_in(kind: Kind, options: Options) -> anyhow::Result<Self> {
        let world = World::start().await?;
        world.x.set_next_secret(KEY);
        let options = Options { proxy: Some(world.proxy()), ..options };
        let browser = Browser::start(kind, options).await?;
        let x = browser.open_tab(SETTINGS).await?;
        browser.until("X's settings", "document.querySelector('input[name=Totp]')").await?;
        Ok(Self { world, browser, x, us: None })
    }

    /// To X's tab.
    pub async fn on_x(&self) -> anyhow::Result<()> {
        self.browser.switch_to(&self.x).await
    }

    /// To Longkey's page, in a tab; opened on first use.
    pub async fn on_us(&mut self) -> anyhow::Result<()> {
        match &self.us {
            Some(us) => self.browser.switch_to(us).await,
            None => {
                self.us = Some(self.browser.open_extension_page(POPUP).await?);
                self.browser.until("Longkey's page", "document.querySelector('#screen')?.children.length").await?;
                // The stories' user has agreed to what the services get; `flows.rs` tells of the asking.
                let agreed = "const first = !localStorage.getItem('agreed.xquik');
                    for (const it of ['xquik', 'fans']) localStorage.setItem(`agreed.${it}`, '1790000000000');
                    return first;";
                if self.browser.script(agreed, vec![]).await? == true {
                    // What X's settings say of their account is written down when it is heard: before anything is done here.
                    let heard = "(await api.storage.session.get('worker')).worker?.includes('\"tabs\":[{')";
                    self.browser.until("X to be heard", heard).await?;
                }
                Ok(())
            }
        }
    }

    /// Goes to a screen of Longkey's page.
    pub async fn screen(&mut self, route: &str) -> anyhow::Result<()> {
        self.on_us().await?;
        self.browser.script("location.hash = arguments[0]", vec![route.into()]).await?;
        Ok(())
    }

    /// Longkey's page speaks this language from now on (a name in `_locales`, or `en_XA` and `ar_XB`), as if it had been chosen
    /// in Settings.
    pub async fn speaks(&mut self, language: &str) -> anyhow::Result<()> {
        self.on_us().await?;
        let choose = "localStorage.setItem('language', arguments[0]);
            await api.storage.local.set({ language: arguments[0] });";
        self.browser.script(choose, vec![language.into()]).await?;
        self.browser.reload().await?;
        let there = format!("document.documentElement.lang === {}", Value::from(language.replace('_', "-")));
        self.browser.until(language, &there).await?;
        Ok(())
    }

    /// Waits until these words are on the screen; words that are hidden do not count.
    pub async fn sees(&self, words: &str) -> anyhow::Result<()> {
        let there = format!("document.body.innerText.includes({})", Value::from(words));
        self.browser.until(words, &there).await?;
        Ok(())
    }

    /// Asks the background as a page does.
    pub async fn ask(&mut self, question: Value) -> anyhow::Result<Value> {
        self.on_us().await?;
        self.browser.script("return await api.runtime.sendMessage({ page: arguments[0] })", vec![question]).await
    }

    /// Asks for something that must be done.
    pub async fn done(&mut self, question: Value) -> anyhow::Result<()> {
        let answer = self.ask(question.clone()).await?;
        anyhow::ensure!(answer == "done" || answer.get("kept").is_some(), "{question} was answered {answer}");
        Ok(())
    }

    /// What the background shows to pages.
    pub async fn view(&mut self) -> anyhow::Result<Value> {
        Ok(self.ask(json!("view")).await?["view"].clone())
    }

    /// Waits until the view is as a story wants it.
    pub async fn view_until(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        let last = std::cell::RefCell::new(Value::Null);
        let waited = until(what, DEADLINE, async || {
            let view = self.view().await?;
            let fit = fits(&view).then(|| view.clone());
            last.replace(view);
            Ok(fit)
        });
        waited.await.with_context(|| format!("the view is {}", last.borrow()))
    }

    /// Presses a control of X by its test id.
    pub async fn x_presses(&self, testid: &str) -> anyhow::Result<()> {
        self.browser.click(&format!("[data-testid={testid}]")).await
    }

    /// Waits until X shows that step of its set-up.
    pub async fn x_is_at(&self, step: &str) -> anyhow::Result<()> {
        let at = format!("document.documentElement.dataset.step === '{step}'");
        self.browser.until(&format!("X's step {step}"), &at).await?;
        Ok(())
    }

    /// From the settings page, by pushState, to the text of the key.
    pub async fn x_shows_the_key(&self) -> anyhow::Result<()> {
        self.on_x().await?;
        self.browser.click("input[name=Totp]").await?;
        let step = "['password', 'begin'].find(step => step === document.documentElement.dataset.step)";
        if self.browser.until("the set-up flow", step).await? == "password" {
            self.browser.type_into("input[name=password]", &self.world.x.password()).await?;
            self.x_presses("LoginForm_Login_Button").await?;
            self.x_is_at("begin").await?;
        }
        self.x_presses("ActionListNextButton").await?;
        self.x_is_at("qr").await?;
        // The link has no test id; on the narrow layout it is in no dialog either.
        let link = "document.querySelector('.link[role=button]')";
        self.browser.until("the link to the text", &format!("{link} && ({link}.click(), true)")).await?;
        self.x_is_at("secret").await
    }

    /// From the key's text to the code field.
    pub async fn x_asks_for_the_code(&self) -> anyhow::Result<()> {
        self.on_x().await?;
        self.x_presses("ocfShowCodeNextLink").await?;
        self.x_is_at("code").await
    }

    /// The popup has opened by itself with the key; the same draft in our tab.
    pub async fn draft(&mut self) -> anyhow::Result<String> {
        let view = self.view_until("the sighting", |view| view["drafts"][0]["id"].is_string()).await?;
        Ok(view["drafts"][0]["id"].as_str().unwrap_or_default().to_owned())
    }

    /// Keeps the draft for X's signed-in account.
    pub async fn keep(&mut self) -> anyhow::Result<String> {
        let draft = self.draft().await?;
        let handle = self.world.x.handle();
        let answer = self.ask(json!({ "keep_draft": { "draft": draft, "handle": handle } })).await?;
        Ok(answer["kept"].as_str().with_context(|| format!("not kept: {answer}"))?.to_owned())
    }

    /// X shows a key, it is kept, filled, confirmed; X is back at its settings.
    pub async fn captured_and_confirmed(&mut self) -> anyhow::Result<String> {
        self.x_shows_the_key().await?;
        let entry = self.keep().await?;
        self.x_asks_for_the_code().await?;
        self.view_until("X's code field to be seen", |view| view["entries"][0]["code_wanted"] == true).await?;
        self.done(json!({ "fill": { "id": entry } })).await?;
        self.on_x().await?;
        self.x_presses("ocfEnterTextNextButton").await?;
        self.x_is_at("done").await?;
        self.view_until("the key to be confirmed", |view| {
            view["entries"][0]["current"]["state"] == "confirmed" && view["entries"][0]["waiting"].is_null()
        })
        .await?;
        self.on_x().await?;
        self.x_presses("OCF_CallToAction_Button").await?;
        self.browser.until("X's settings", "document.querySelector('input[name=Totp]')").await?;
        // And heard: what they say of the account comes with the end of the set-up.
        self.view_until("the set-up to be over", |view| view["entries"][0]["on_x"] == false).await?;
        self.on_x().await?;
        Ok(entry)
    }

    /// A vault without a passphrase, and Xquik connected.
    pub async fn connected(&mut self) -> anyhow::Result<()> {
        self.done(json!("skip_passphrase")).await?;
        let api_key = self.world.xquik.api_key();
        self.done(connect(&api_key)).await
    }

    /// What Longkey calls the account that has this id at Xquik.
    pub async fn account_ref(&mut self, id: &str) -> anyhow::Result<String> {
        let view = self.view().await?;
        account(&view, id)["id"].as_str().map(Into::into).with_context(|| format!("{id} is not listed"))
    }

    /// Goes to the sheet of the account that has this id at Xquik.
    pub async fn sheet(&mut self, id: &str) -> anyhow::Result<()> {
        let account = self.account_ref(id).await?;
        self.screen(&format!("#/signin/{account}")).await
    }

    /// A sign-in of the account that has this id at Xquik, as a page asks for it that shows what the view has.
    pub async fn sign_in_of(&mut self, id: &str, key: &str) -> anyhow::Result<Value> {
        let view = self.view().await?;
        let (shown, password) = (account(&view, id), self.world.x.password());
        anyhow::ensure!(!shown.is_null(), "{id} is not listed");
        Ok(json!({ "sign_in": {
            "account": shown["id"], "password": password, "key": key, "entry": shown["entry"], "since": shown["key_since"],
        } }))
    }

    /// Sends a sign-in for the first account.
    pub async fn sign_in(&mut self, key: &str) -> anyhow::Result<Value> {
        let question = self.sign_in_of("900001", key).await?;
        self.ask(question).await
    }

    /// The same, where it must be taken.
    pub async fn done_sign_in(&mut self, key: &str) -> anyhow::Result<()> {
        let answer = self.sign_in(key).await?;
        anyhow::ensure!(answer == "done", "the sign-in was answered {answer}");
        Ok(())
    }

    /// From the settings page: the Authentication App is turned off, which kills its key.
    pub async fn x_turns_the_app_off(&self) -> anyhow::Result<()> {
        self.on_x().await?;
        self.browser.goto(SETTINGS).await?;
        self.browser.click("input[name=Totp]").await?;
        self.x_is_at("unenrol").await?;
        self.x_presses("OCF_CallToAction_Button").await?;
        self.browser.until("it to be off", "document.querySelector('input[name=Totp]')?.checked === false").await?;
        Ok(())
    }

    /// Waits for the outcome of the first account's sign-in.
    pub async fn outcome(&mut self) -> anyhow::Result<Value> {
        let view = self
            .view_until("the sign-in's outcome", |view| {
                let outcome = &account(view, "900001")["attempt"]["outcome"];
                !outcome.is_null() && outcome != "running"
            })
            .await?;
        Ok(account(&view, "900001")["attempt"]["outcome"].clone())
    }

    /// How many sign-ins Xquik has received.
    pub fn posts(&self) -> usize {
        self.world.requests("xquik.com").iter().filter(|it| it.method == "POST").count()
    }

    /// The browser ends in good order and starts again on its profile, which the story's first start must have named.
    /// X is open again; Longkey's page is not.
    pub async fn restarted(self, options: Options) -> anyhow::Result<Self> {
        let Self { world, browser, .. } = self;
        let kind = browser.kind();
        browser.quit().await?;
        let browser = Browser::start(kind, Options { proxy: Some(world.proxy()), ..options }).await?;
        let x = browser.open_tab(SETTINGS).await?;
        Ok(Self { world, browser, x, us: None })
    }

    /// Ends the browser.
    ///
    /// # Errors
    /// Also when X's page was told of a violation of its own policy, or a service was asked for something that its
    /// contract does not know: Longkey must do neither.
    pub async fn quit(self) -> anyhow::Result<()> {
        let (reports, mut breaches) = (self.world.x.csp_reports(), self.world.xquik.breaches());
        breaches.extend(self.world.fansly.breaches());
        self.browser.quit().await?;
        anyhow::ensure!(breaches.is_empty(), "a service was asked against its contract: {breaches:?}");
        anyhow::ensure!(reports.is_empty(), "X was told of a violation of its policy: {reports:?}");
        Ok(())
    }
}

/// One of Xquik's accounts in the view; null if it is not there.
#[must_use]
pub fn account<'a>(view: &'a Value, id: &str) -> &'a Value {
    let accounts = view["xquik"].as_array().into_iter().flatten().filter_map(|it| it["accounts"].as_array()).flatten();
    let named = |it: &&Value| it["id"].as_str().and_then(|it| it.split_once('.')).is_some_and(|(_, it)| it == id);
    accounts.into_iter().find(named).unwrap_or(&Value::Null)
}

/// The question that connects a workspace without a name.
#[must_use]
pub fn connect(api_key: &str) -> Value {
    json!({ "connect": { "api_key": api_key, "name": "" } })
}
