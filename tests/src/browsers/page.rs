//! The current tab: going, looking, clicking, typing, waiting, taking pictures.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};
use thirtyfour::{By, WindowHandle};

use super::browser::Engine;
use super::{Browser, artefacts, firefox, patience, raw};

/// An element of a page; thirtyfour's.
pub use thirtyfour::WebElement as Element;

/// A tab to come back to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tab(WindowHandle);

impl Browser {
    /// Goes to an address in the current tab and waits for its load event.
    ///
    /// # Errors
    /// When the page cannot be reached; browsers differ in which failures they call one.
    pub async fn goto(&self, url: &str) -> anyhow::Result<()> {
        self.driver.goto(url).await.with_context(|| format!("going to {url}"))
    }

    /// Loads the current tab's page anew. A script that does it may find its own document gone before it can answer.
    ///
    /// # Errors
    /// When the page cannot be reached.
    pub async fn reload(&self) -> anyhow::Result<()> {
        self.driver.refresh().await.context("loading the page anew")
    }

    /// Opens an address in a new tab, which becomes the current one.
    ///
    /// # Errors
    /// When the tab or the page does not open.
    pub async fn open_tab(&self, url: &str) -> anyhow::Result<Tab> {
        let tab = Tab(self.driver.new_tab().await?);
        if let Ok(mut opened) = self.opened.lock() {
            opened.push(tab.0.to_string());
        }
        self.switch_to(&tab).await?;
        self.goto(url).await?;
        Ok(tab)
    }

    /// The current tab.
    ///
    /// # Errors
    /// When it was closed.
    pub async fn current_tab(&self) -> anyhow::Result<Tab> {
        Ok(Tab(self.driver.window().await?))
    }

    /// Makes a tab the current one and brings it to the front.
    ///
    /// # Errors
    /// When it was closed.
    pub async fn switch_to(&self, tab: &Tab) -> anyhow::Result<()> {
        self.driver.switch_to_window(tab.0.clone()).await?;
        if let Engine::Chromium(_) = self.engine {
            // WebDriver's switch moves no focus in Chromium; in Firefox it does.
            self.cdp("Page.bringToFront", json!({})).await?;
        }
        Ok(())
    }

    /// Closes the current tab and goes to another.
    ///
    /// # Errors
    /// When either was closed before.
    pub async fn close_tab(&self, next: &Tab) -> anyhow::Result<()> {
        self.driver.close_window().await?;
        self.switch_to(next).await
    }

    /// All tabs, in the order of the browser, also those that the extension opened.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn all_tabs(&self) -> anyhow::Result<Vec<Tab>> {
        Ok(self.driver.windows().await?.into_iter().map(Tab).collect())
    }

    /// The tabs that the test opened.
    pub(super) fn tabs(&self) -> Vec<String> {
        self.opened.lock().map(|opened| opened.clone()).unwrap_or_default()
    }

    /// Runs the body of an async function in the page: `return` gives the answer, `await` works,
    /// `arguments` holds `args`, and `api` is the extension API where the page has one.
    ///
    /// # Errors
    /// When the script throws.
    pub async fn script(&self, body: &str, args: Vec<Value>) -> anyhow::Result<Value> {
        let script = format!(
            "const given = [...arguments], done = given.pop();
             const api = globalThis.browser ?? globalThis.chrome;
             (async function () {{ {body} }}).apply(null, given)
                 .then(value => done({{ value }}), error => done({{ error: String(error) }}));"
        );
        let answer = self.driver.execute_async(script, args).await?.json().clone();
        if let Some(error) = answer["error"].as_str() {
            anyhow::bail!("the script threw: {error}");
        }
        Ok(answer["value"].clone())
    }

    /// Looks at a JavaScript expression until it is truthy and gives its value; it may `await`. An
    /// expression that throws is not true yet, since pages come and go.
    ///
    /// # Errors
    /// When the deadline passes: says what was waited for, the page's address and title and the last
    /// exception, and leaves a screenshot among the [`artefacts`].
    pub async fn until(&self, what: &str, expression: &str) -> anyhow::Result<Value> {
        self.until_within(patience::DEADLINE, what, expression).await
    }

    /// The same with a deadline of its own, for what is known to take longer, or must not.
    ///
    /// # Errors
    /// As [`Self::until`].
    pub async fn until_within(&self, deadline: Duration, what: &str, expression: &str) -> anyhow::Result<Value> {
        let body = format!("return await ({expression});");
        let mut thrown = None;
        let waited = patience::until(what, deadline, async || match self.script(&body, Vec::new()).await {
            Ok(value) => Ok(truthy(&value).then_some(value)),
            Err(error) => {
                thrown = Some(error);
                Ok(None)
            }
        })
        .await;
        match waited {
            Ok(value) => Ok(value),
            Err(error) => Err(self.where_it_stands(error, thrown).await),
        }
    }

    /// Waits until no colour is on its way to another. The ring never rests; it is an animation, not a transition. What
    /// lies in a closed `details` never arrives in Firefox, and is not seen either.
    ///
    /// # Errors
    /// As [`Self::until`].
    pub async fn settle(&self) -> anyhow::Result<()> {
        let still = "!document.getAnimations().some(it => it.transitionProperty && it.effect.target.checkVisibility())";
        self.until("the page to rest", still).await.map(drop)
    }

    async fn where_it_stands(&self, error: anyhow::Error, thrown: Option<anyhow::Error>) -> anyhow::Error {
        let url = self.driver.current_url().await.map_or_else(|e| e.to_string(), String::from);
        let title = self.driver.title().await.unwrap_or_default();
        let file = artefacts().join(format!("{}-{}-timeout.png", self.kind.name(), self.test));
        let picture = match self.screenshot(&file).await {
            Ok(_) => format!("see {}", file.display()),
            Err(error) => format!("no screenshot: {error}"),
        };
        let thrown = thrown.map_or_else(String::new, |thrown| format!("; last exception: {thrown}"));
        error.context(format!("at {url} ({title:?}), {picture}{thrown}"))
    }

    /// The element, once it exists and is displayed.
    ///
    /// # Errors
    /// When that does not come true in time.
    pub async fn element(&self, css: &str) -> anyhow::Result<Element> {
        let wanted = json!(css);
        let shown = format!("document.querySelector({wanted})?.getClientRects().length");
        self.until(&format!("{css} to be shown"), &shown).await?;
        Ok(self.driver.find(By::Css(css)).await?)
    }

    /// An element inside a shadow root, open or closed, once it exists.
    ///
    /// # Errors
    /// When that does not come true in time.
    pub async fn inside_shadow(&self, host: &str, css: &str) -> anyhow::Result<Element> {
        patience::until(&format!("{css} in {host}"), patience::DEADLINE, async || {
            Ok(self.now_inside_shadow(host, css).await.ok())
        })
        .await
    }

    /// thirtyfour asks the page for `shadowRoot`, which is null for a closed one; WebDriver itself
    /// gives both (section 12.3.1, "get element shadow root").
    async fn now_inside_shadow(&self, host: &str, css: &str) -> anyhow::Result<Element> {
        let host = self.driver.find(By::Css(host)).await?;
        let root = raw::get(&self.driver, &format!("element/{}/shadow", host.element_id())).await?;
        let root = root.as_object().and_then(|root| root.values().next()).and_then(Value::as_str);
        let path = format!("shadow/{}/element", root.context("no shadow root")?);
        let wanted = json!({ "using": "css selector", "value": css });
        let element = raw::post(&self.driver, &path, wanted).await?;
        Ok(Element::from_json(element, self.driver.handle().clone())?)
    }

    /// Clicks an element as a user does, once it is shown.
    ///
    /// # Errors
    /// When it does not appear or something covers it.
    pub async fn click(&self, css: &str) -> anyhow::Result<()> {
        self.element(css).await?.click().await.with_context(|| format!("clicking {css}"))
    }

    /// Types into an element, once it is shown; what was there stays.
    ///
    /// # Errors
    /// When it does not appear or takes no text.
    pub async fn type_into(&self, css: &str, text: &str) -> anyhow::Result<()> {
        self.element(css).await?.send_keys(text).await.with_context(|| format!("typing into {css}"))
    }

    /// The displayed text of an element, once it is shown.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn text(&self, css: &str) -> anyhow::Result<String> {
        Ok(self.element(css).await?.text().await?)
    }

    /// Whether an element exists now, shown or not.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn exists(&self, css: &str) -> anyhow::Result<bool> {
        let body = "return !!document.querySelector(arguments[0])";
        Ok(self.script(body, vec![css.into()]).await? == true)
    }

    /// Chooses a file in a file field, which may be hidden behind its label.
    ///
    /// # Errors
    /// When there is no such field.
    pub async fn choose_file(&self, css: &str, file: &Path) -> anyhow::Result<()> {
        self.until(&format!("{css} to exist"), &format!("document.querySelector({})", json!(css))).await?;
        let field = self.driver.find(By::Css(css)).await?;
        Ok(field.send_keys(file.to_string_lossy()).await?)
    }

    /// Makes the current tab's page exactly so many CSS pixels large, at a device scale of two. Lasts
    /// as long as the tab.
    ///
    /// # Errors
    /// When the page does not take the size.
    pub async fn viewport(&self, width: u32, height: u32) -> anyhow::Result<()> {
        match &self.engine {
            Engine::Chromium(_) => {
                let size = json!({
                    "width": width, "height": height, "deviceScaleFactor": 2, "mobile": false,
                });
                self.cdp("Emulation.setDeviceMetricsOverride", size).await?;
            }
            Engine::Firefox => {
                firefox::viewport(&self.driver, width, height).await?;
            }
        }
        let there = format!("innerWidth === {width} && innerHeight === {height} && devicePixelRatio === 2");
        self.until("the page to have its size", &there).await?;
        Ok(())
    }

    /// Writes a picture of the page as PNG; gives its width and height in pixels.
    ///
    /// # Errors
    /// When the picture cannot be taken or written.
    pub async fn screenshot(&self, file: &Path) -> anyhow::Result<(u32, u32)> {
        let png = self.driver.screenshot_as_png().await?;
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(file, &png).with_context(|| file.display().to_string())?;
        png_size(&png).context("the picture is no PNG")
    }

    /// A DevTools command to the current tab; Chromium only.
    async fn cdp(&self, method: &str, params: Value) -> anyhow::Result<Value> {
        Ok(self.driver.cdp().send_raw(method, params).await?)
    }
}

fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// Width and height out of the first chunk (PNG specification, section 11.2.1).
fn png_size(png: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| Some(u32::from_be_bytes(png.get(at..at + 4)?.try_into().ok()?));
    Some((number(16)?, number(20)?))
}
