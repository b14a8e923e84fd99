//! The stand-in pages of X at their real addresses: what the sensor says of each, judged here; and what the whole
//! extension makes of those that show a key. Stories about QR codes, backup codes and logging in stand elsewhere.

use longkey_core::protocol::{Mark, Screen};
use longkey_core::sites::x::{self, Account, Place, Step, Sure, judge_at};
use longkey_tests::browsers::{DEADLINE, until};
use longkey_tests::fakes::Standin;
use longkey_tests::in_both;
use longkey_tests::stage::Stage;
use serde_json::Value;

const STEPS: &[&str] = &["settings", "password", "begin", "secret", "reject", "code", "none"];

in_both! {
    async fn the_sensor_says_enough_of_each_page_and_no_more(kind) {
        let mut stage = Stage::set(kind).await?;
        let pages: Vec<Standin> = Standin::all()?.into_iter().chain(Standin::own()?).collect();
        assert!(pages.len() > 180, "{} pages", pages.len());
        let modules = modules()?;
        let mut wrong = vec![];
        stage.view().await?;
        stage.on_x().await?;
        for page in &pages {
            let Some(wanted) = wanted(page) else { continue };
            match read(&stage, page, &wanted).await {
                Ok((found, screen)) => {
                    if found != wanted {
                        wrong.push(format!("{}: wanted {wanted:?}, found {found:?} ({:?})", page.file, screen.marks));
                    }
                    let account = named(&page.address(), &screen);
                    if page.account.as_ref().is_some_and(|it| *it != account) {
                        wrong.push(format!("{}: names {account}, wanted {:?}", page.file, page.account));
                    }
                    let shown = screen.pictures.iter().filter(|it| shows(it, &modules, page.inverted)).count();
                    let expected = page.pictures.unwrap_or(usize::from(page.qr_secret.is_some()));
                    let all = screen.pictures.len();
                    if (shown, all) != (expected, expected) {
                        wrong.push(format!("{}: {shown} codes in {all} pictures, wanted {expected}", page.file));
                    }
                }
                Err(error) => wrong.push(format!("{}: {error:#}", page.file)),
            }
            stage.world.x.clear_standins();
        }
        assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), pages.len(), wrong.join("\n"));
        stage.quit().await
    }

    async fn each_page_leads_to_what_its_manifest_says(kind) {
        let mut stage = Stage::set(kind).await?;
        let pages: Vec<Standin> = Standin::all()?.into_iter().filter(|it| STEPS.contains(&it.step.as_str())).collect();
        assert!(pages.len() > 30, "{} pages", pages.len());
        let mut wrong = vec![];
        // Our own page hears what the sensor says to the background.
        stage.on_us().await?;
        let listen = "api.runtime.onMessage.addListener(message => { if (message?.content?.saw) window.heard += 1; })";
        stage.browser.script(listen, vec![]).await?;
        for page in &pages {
            let address = stage.world.x.serve_standin(&page.file)?;
            stage.on_us().await?;
            stage.browser.script("window.heard = 0", vec![]).await?;
            stage.on_x().await?;
            stage.browser.goto(&address).await?;
            // On a page that is read the sensor speaks once in any case; what it said is judged before the question after it.
            // Elsewhere it has nothing to say.
            if matches!(x::place(&address), Some(Place::Enrolment | Place::Settings)) {
                stage.on_us().await?;
                stage.browser.until(&format!("the sensor on {}", page.file), "window.heard > 0").await?;
            }
            let view = match &page.expect {
                Some(_) => stage.view_until(&page.file, |view| view["drafts"][0]["id"].is_string()).await,
                None => stage.view().await,
            };
            let drafts = view.as_ref().map(|view| view["drafts"].clone()).unwrap_or_default();
            let found = drafts.as_array().filter(|it| !it.is_empty()).map(|it| it[0].clone());
            let said = match (&page.expect, &found) {
                (None, None) => None,
                (Some(key), Some(draft)) if draft["ask"] == false && ends_fit(key, draft) => None,
                _ => Some(format!("{}: wanted {:?}, found {found:?}", page.file, page.expect)),
            };
            wrong.extend(said);
            for draft in drafts.as_array().into_iter().flatten() {
                stage.done(serde_json::json!({ "drop_draft": { "draft": draft["id"] } })).await?;
            }
            stage.world.x.clear_standins();
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        stage.quit().await
    }
}

/// Hears in the background what sensors say, with the address that the browser gives for each.
pub(crate) const LISTEN: &str = "
    if (!self.heard) {
        self.heard = [];
        chrome.runtime.onMessage.addListener((message, sender) => {
            if (message?.content?.saw) self.heard.push([sender.tab?.url, message.content.saw]);
        });
    }
    self.heard.length = 0;";

/// X's own way to say that something happened, as the last thing on a page: what the sensor saw with it, it saw of the
/// page as it is in the end.
pub(crate) const TOAST: &str = "
    const toast = document.createElement('div');
    Object.assign(toast.dataset, { testid: 'toast' });
    toast.setAttribute('role', 'alert');
    toast.textContent = 'The end';
    document.body.append(toast);";

/// What a page leads to, as a word, with the key or backup code.
pub(crate) type Lead = (String, Option<String>);

/// What the sensor has said until now: addresses and screens.
pub(crate) async fn heard(stage: &Stage) -> anyhow::Result<Vec<(String, Screen)>> {
    let said = stage.browser.background_script("return self.heard").await?;
    Ok(serde_json::from_value(said)?)
}

fn lead(address: &str, screen: &Screen) -> Lead {
    let Some(place) = x::place(address) else { return ("unwatched".into(), None) };
    let secret = |code: longkey_core::secret::Secret| Some(code.expose().to_owned());
    let (word, text) = match judge_at(place, screen) {
        Step::Secret { key, sure: Sure::Certain } => ("certain", Some(key.expose().to_owned())),
        Step::Secret { key, sure: Sure::Ask } => ("ask", Some(key.expose().to_owned())),
        Step::Conflict(_) => ("conflict", None),
        Step::Qr => ("qr", None),
        Step::Code { .. } => ("code", None),
        Step::Success { backup } => ("success", backup.and_then(secret)),
        Step::Backup(code) => ("backup", secret(code)),
        Step::LoginCode { .. } => ("login_code", None),
        Step::LoginText => ("login_text", None),
        Step::LoginSent => ("login_sent", None),
        Step::Unenrolment(_) => ("unenrolment", None),
        Step::Other => ("other", None),
    };
    (word.into(), text)
}

/// The account that a screen names, in the manifest's words.
fn named(address: &str, screen: &Screen) -> String {
    match x::account(x::place(address).unwrap_or(Place::Unknown), screen) {
        Account::Told(handle) => handle.as_str().to_owned(),
        Account::Untold => "-".to_owned(),
        Account::Unclear => "?".to_owned(),
    }
}

/// What the manifests say of a page; nothing for those that are told as stories.
pub(crate) fn wanted(page: &Standin) -> Option<Lead> {
    let watched = x::place(&page.address()).is_some();
    let backup = || page.backup.first().cloned();
    let (word, text) = match (page.leads.as_deref(), page.step.as_str()) {
        (Some("none"), _) | (None, "spa") => return None,
        (Some(leads), _) => (leads, page.key.clone().or_else(backup)),
        (None, _) if !watched => ("silent", None),
        (None, "secret") => ("certain", page.expect.clone()),
        (None, "done") => ("success", backup()),
        (None, "backup") => ("backup", backup()),
        (None, "login-code") => ("login_code", None),
        (None, "login-backup") => ("login_text", None),
        (None, "unenroll") => ("unenrolment", None),
        // The text alone; whoever reads the QR finds that they disagree.
        (None, "conflict") => ("ask", Some("GEZDGNBVGY3TQOJQ".to_owned())),
        // What is the address that the code went to.
        (None, "other") if page.file.contains("email-code") => ("login_sent", None),
        (None, step @ ("qr" | "code")) => (step, None),
        (None, _) => ("other", None),
    };
    Some((word.to_owned(), text))
}

/// What the sensor says of a page in the end, and everything that it said before.
pub(crate) async fn read(stage: &Stage, page: &Standin, wanted: &Lead) -> anyhow::Result<(Lead, Screen)> {
    let address = stage.world.x.serve_standin(&page.file)?;
    if let Some(also) = &page.also {
        stage.world.x.serve_standin(also)?;
    }
    stage.browser.background_script(LISTEN).await?;
    stage.browser.goto(&address).await?;
    if wanted.0 == "silent" {
        // The first that is heard is what is said of a watched path.
        stage.browser.script("history.pushState({}, '', '/i/flow/from-here-on')", vec![]).await?;
        let first = until(&page.file, DEADLINE, async || Ok(heard(stage).await?.into_iter().next())).await?;
        let word = if first.0.ends_with("/i/flow/from-here-on") { "silent" } else { "heard" };
        return Ok(((word.to_owned(), None), first.1));
    }
    // First what it must come to, then what it is in the end: an earlier sight of it is not enough.
    let comes = until(&page.file, DEADLINE, async || {
        let said = heard(stage).await?;
        let fits = said.last().is_some_and(|(address, screen)| {
            lead(address, screen) == *wanted && page.pictures.is_none_or(|count| screen.pictures.len() == count)
        });
        Ok(fits.then_some(()))
    });
    let came = comes.await.is_ok();
    let toast = Mark::Toast;
    let before = heard(stage).await?.last().is_some_and(|(_, screen)| screen.marks.contains(&toast));
    if !before {
        stage.browser.script(TOAST, vec![]).await?;
    }
    let (address, screen) = until(&format!("the end of {}", page.file), DEADLINE, async || {
        Ok(heard(stage).await?.pop().filter(|(_, screen)| screen.marks.contains(&toast)))
    })
    .await?;
    let (word, text) = lead(&address, &screen);
    Ok(((if came { word } else { format!("late {word}") }, text), screen))
}

/// Whether the picture shows these modules: what is dark in it, from edge to edge, is the code without its margin.
fn shows(picture: &longkey_core::protocol::Picture, rows: &[Vec<bool>], inverted: bool) -> bool {
    use base64::Engine as _;
    let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(&picture.bits) else { return false };
    let (width, height) = (usize::from(picture.width), usize::from(picture.height));
    if bytes.len() != (width * height).div_ceil(8) {
        return false;
    }
    let dark = |x: usize, y: usize| {
        let at = y * width + x;
        (bytes[at / 8] & (128 >> (at % 8)) != 0) != inverted
    };
    let columns: Vec<usize> = (0..width).filter(|x| (0..height).any(|y| dark(*x, y))).collect();
    let lines: Vec<usize> = (0..height).filter(|y| (0..width).any(|x| dark(x, *y))).collect();
    let (Some(left), Some(right), Some(top), Some(bottom)) =
        (columns.first(), columns.last(), lines.first(), lines.last())
    else {
        return false;
    };
    let count = rows.len();
    let centre = |from: usize, to: usize, at: usize| from + ((to + 1 - from) * (2 * at + 1)) / (2 * count);
    (0..count).all(|y| (0..count).all(|x| dark(centre(*left, *right, x), centre(*top, *bottom, y)) == rows[y][x]))
}

/// The modules of the public pages' code, from the script of one of them.
fn modules() -> anyhow::Result<Vec<Vec<bool>>> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/sites/x/qr-step.html"))?;
    let rows: Vec<Vec<bool>> = page
        .split('"')
        .filter(|part| part.len() == 37 && part.bytes().all(|c| matches!(c, b'0' | b'1')))
        .map(|row| row.bytes().map(|c| c == b'1').collect())
        .collect();
    anyhow::ensure!(rows.len() == 37, "{} rows", rows.len());
    Ok(rows)
}

fn ends_fit(key: &str, draft: &Value) -> bool {
    draft["head"].as_str() == key.get(..4) && draft["tail"].as_str() == key.get(key.len() - 4..)
}
