//! `kill -9` in the middle of writing, again and again on one profile.
//!
//! A page of the extension saves fresh keys as fast as they are acknowledged and reports each acknowledgement to
//! its console, which is heard outside of the browser; one that dies on its way there does not count. Beside it run
//! two controls in the same store: pairs that are written by one `set`, and pairs that are written by two, which
//! must tear. At a random moment every process is killed. After a restart head and text must agree, the vault must
//! open, and every acknowledged key be there.
//!
//! Deliberately no power cut: what the system has taken, it keeps after a kill.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::ledger::{self, Ledger};
use crate::browsers::{Browser, DEADLINE, Kind, Options, Said, until};
use crate::fakes::World;

/// A quiet screen: others draw a list after each save.
const PAGE: &str = "pages/app.html#/settings";
/// More saves than one life of a browser can do.
const SUPPLY: u64 = 2000;
/// Above so many keys the oldest are deleted, and so many stay: writing stays as fast as a person's vault.
const FULL: usize = 120;
const LEFT: usize = 30;

/// What is to be done.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// In which browser.
    pub kind: Kind,
    /// How often.
    pub kills: u32,
    /// What the moments and the keys are made from.
    pub seed: u64,
    /// The latest moment, counted from the first acknowledgement.
    pub latest: Duration,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Kills, each with a restart after it.
    pub kills: u32,
    /// Keys whose saving was acknowledged.
    pub acknowledged: usize,
    /// Restarts that found a head without its text, or a vault that did not open.
    pub torn: u32,
    /// Acknowledged keys that were not there.
    pub lost: usize,
    /// Restarts that found a torn pair among those written by one `set`.
    pub torn_with_one_set: u32,
    /// The control: torn pairs among those written by two.
    pub torn_with_two_sets: u32,
    /// Whole runs of a browser, from its start to its death, on average.
    pub each: Duration,
    /// What was wrong, in words.
    pub words: Vec<String>,
}

impl Figures {
    /// Whether the promise held. The control is judged by [`Self::control_tore`].
    #[must_use]
    pub fn held(&self) -> bool {
        self.torn == 0 && self.lost == 0 && self.torn_with_one_set == 0
    }

    /// Whether these kills could have torn something.
    #[must_use]
    pub fn control_tore(&self) -> bool {
        self.torn_with_two_sets > 0
    }
}

/// Kills and looks.
///
/// # Errors
/// When a browser does not start or a page does not work; what the kills did to the store is no error but a figure.
pub async fn run(plan: Plan, mut told: impl FnMut(&Figures)) -> anyhow::Result<Figures> {
    let mut run = Run::begin(plan.kind, plan.seed).await?;
    let latest = u64::try_from(plan.latest.as_micros())?.max(1);
    for kill in 0..u64::from(plan.kills) {
        write(&run.browser, plan.seed, kill * SUPPLY).await?;
        until("the first acknowledgement", DEADLINE, async || {
            Ok(run.browser.console().iter().any(|said| said.text.contains(ledger::KEPT)).then_some(()))
        })
        .await?;
        // No waiting for anything: a random moment is what is tried.
        tokio::time::sleep(Duration::from_micros(ledger::random(!plan.seed, kill) % latest)).await;
        run = run.killed().await?;
        told(&run.figures);
        if run.ledger.len() > FULL {
            for entry in run.ledger.retire(LEFT) {
                ask(&run.browser, json!({ "delete": { "entry": entry } })).await?;
            }
        }
    }
    run.browser.quit().await?;
    Ok(run.figures)
}

/// The judge's own test: everything that a kill might do is done by hand, once. A saved key is deleted and a pair of
/// each kind left half written, before a kill that finds the browser at rest; then the head is made to name a
/// generation that is not there, and judged at once, since a start might mend it.
///
/// # Errors
/// As [`run`].
pub async fn spoiled(kind: Kind) -> anyhow::Result<Figures> {
    let mut run = Run::begin(kind, 0).await?;
    for number in 0..2 {
        let key = json!({ "add_key": { "text": ledger::key(0, number), "handle": ledger::handle(number) } });
        let answer = run.browser.script(ASK, vec![key]).await?;
        let entry = answer["kept"].as_str().with_context(|| format!("not kept: {answer}"))?;
        run.ledger.hear(&format!("{}{number} {entry}", ledger::KEPT));
        if number == 0 {
            ask(&run.browser, json!({ "delete": { "entry": entry } })).await?;
        }
    }
    let halves = "await api.storage.local.set({ 'torture.one.a': 'half', 'torture.two.a': 'half' })";
    run.browser.script(halves, vec![]).await?;
    run = run.killed().await?;
    let head = "const head = JSON.parse((await api.storage.local.get(['vault.head']))['vault.head']);
        await api.storage.local.set({ 'vault.head': JSON.stringify({ ...head, generation: head.generation + 1 }) })";
    run.browser.script(head, vec![]).await?;
    judge(&run.browser, run.seed, &run.ledger, &mut run.figures).await?;
    run.browser.quit().await?;
    Ok(run.figures)
}

/// One profile through many lives of the browser.
struct Run {
    life: Life,
    browser: Browser,
    ledger: Ledger,
    figures: Figures,
    seed: u64,
    begun: Instant,
}

impl Run {
    /// With an open vault that has no passphrase, so that it opens by itself after each start.
    async fn begin(kind: Kind, seed: u64) -> anyhow::Result<Self> {
        let life = Life::new(kind).await?;
        let browser = life.start().await?;
        ask(&browser, json!("skip_passphrase")).await?;
        let (ledger, figures) = (Ledger::default(), Figures::default());
        Ok(Self { life, browser, ledger, figures, seed, begun: Instant::now() })
    }

    /// Kills the browser, starts it again, and judges what it finds.
    async fn killed(mut self) -> anyhow::Result<Self> {
        let said = self.browser.kill().await?;
        self.figures.acknowledged += hear(&mut self.ledger, &said)?;
        self.browser = self.life.start().await?;
        self.figures.kills += 1;
        self.figures.each = self.begun.elapsed() / self.figures.kills;
        judge(&self.browser, self.seed, &self.ledger, &mut self.figures)
            .await
            .with_context(|| format!("after kill {}", self.figures.kills))?;
        Ok(self)
    }
}

/// What all the browsers of a run have in common.
struct Life {
    kind: Kind,
    world: World,
    room: TempDir,
}

impl Life {
    async fn new(kind: Kind) -> anyhow::Result<Self> {
        let room = tempfile::Builder::new().prefix("longkey-torture-").tempdir()?;
        std::fs::create_dir(room.path().join("profile"))?;
        Ok(Self { kind, world: World::start().await?, room })
    }

    async fn start(&self) -> anyhow::Result<Browser> {
        let profile = Some(self.room.path().join("profile"));
        let options = Options { proxy: Some(self.world.proxy()), profile, ..Options::default() };
        let browser = Browser::start(self.kind, options).await?;
        browser.open_extension_page(PAGE).await?;
        browser.until("Longkey's page", "document.querySelector('#screen')?.children.length").await?;
        Ok(browser)
    }
}

/// A question to the background.
const ASK: &str = "return await api.runtime.sendMessage({ page: arguments[0] })";

async fn ask(browser: &Browser, question: Value) -> anyhow::Result<()> {
    let answer = browser.script(ASK, vec![question]).await?;
    ensure!(answer == "done", "the background answered {answer}");
    Ok(())
}

/// Starts all writers; they go on until the browser is dead.
async fn write(browser: &Browser, seed: u64, first: u64) -> anyhow::Result<()> {
    let keys: Vec<Value> = (first..first + SUPPLY)
        .map(|number| json!([number, ledger::handle(number), ledger::key(seed, number)]))
        .collect();
    browser.script(WRITERS, vec![json!(keys), json!(ledger::KEPT)]).await?;
    Ok(())
}

/// `kept` says an acknowledgement only after it has come. The pairs are as long as a vault, so that writing them
/// takes as long.
const WRITERS: &str = r"
    const [keys, kept] = arguments;
    const failed = error => console.log('longkey-torture failed ' + error);
    const save = async () => {
        for (const [number, handle, text] of keys) {
            const answer = await api.runtime.sendMessage({ page: { add_key: { text, handle } } });
            if (!answer?.kept) throw JSON.stringify(answer);
            console.log(kept + number + ' ' + answer.kept);
        }
    };
    const local = api.storage.local;
    const long = number => number + ' '.padEnd(20000, 'x');
    const pairs = async (a, b, write) => {
        for (let number = 0; ; number++) await write(a, b, long(number));
    };
    save().catch(failed);
    pairs('torture.one.a', 'torture.one.b', (a, b, text) => local.set({ [a]: text, [b]: text })).catch(failed);
    pairs('torture.two.a', 'torture.two.b', async (a, b, text) => {
        await local.set({ [a]: text });
        await local.set({ [b]: text });
    }).catch(failed);
";

/// Notes what was acknowledged; says how many. A writer that failed before the kill is a fault of its own.
fn hear(ledger: &mut Ledger, said: &[Said]) -> anyhow::Result<usize> {
    let failed = said.iter().find_map(|said| said.text.split_once("longkey-torture failed "));
    if let Some((_, why)) = failed {
        anyhow::bail!("a writer failed: {why}");
    }
    Ok(said.iter().filter(|said| ledger.hear(&said.text)).count())
}

async fn judge(browser: &Browser, seed: u64, ledger: &Ledger, figures: &mut Figures) -> anyhow::Result<()> {
    let store = browser.script(STORE, vec![]).await?;
    let view = browser.script(ASK, vec!["view".into()]).await?["view"].clone();
    let at = format!("kill {}: ", figures.kills);
    let mut words = Vec::new();
    words.extend(ledger::torn(&store["head"], &store["places"])?);
    if view["vault"] != "not_locked" {
        words.push(format!("the vault does not open: {} {}", view["vault"], view["trouble"]));
    }
    // Whoever mends a damaged store at its start keeps what was there.
    if store["quarantine"] == true {
        words.push("something was put into quarantine".to_owned());
    }
    figures.torn += u32::from(!words.is_empty());
    if words.is_empty() {
        let many = view["entries"].as_array().map_or(0, Vec::len);
        let rows = "(async () => (await api.storage.session.get(['rows'])).rows?.rows)()";
        let full = format!("(async () => {{ const it = await {rows}; return it?.length === {many} && {{ it }}; }})()");
        let rows = browser.until("the rows of all entries", &full).await?["it"].clone();
        let lost = ledger.lost(seed, &rows);
        figures.lost += lost.len();
        words.extend((!lost.is_empty()).then(|| format!("acknowledged and not there: {lost:?}")));
    }
    if store["one"] != true {
        figures.torn_with_one_set += 1;
        words.push("a pair written by one set is torn".to_owned());
    }
    figures.torn_with_two_sets += u32::from(store["two"] != true);
    figures.words.extend(words.into_iter().map(|word| format!("{at}{word}")));
    Ok(())
}

/// What stands in the store: the head, each place's header and checksum, and whether the pairs are whole.
const STORE: &str = r"
    const names = ['vault.0', 'vault.1', 'vault.head',
        'torture.one.a', 'torture.one.b', 'torture.two.a', 'torture.two.b'];
    const all = await api.storage.local.get(names);
    const places = {};
    for (const name of names.slice(0, 2)) {
        if (typeof all[name] !== 'string') continue;
        const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(all[name])));
        const sha256 = btoa(String.fromCharCode(...sum)).replace(/=+$/, '');
        places[name] = { header: all[name].split('.')[1] ?? '', sha256 };
    }
    const whole = which => all[`torture.${which}.a`] === all[`torture.${which}.b`];
    // Made whole again, lest one tear be counted twice.
    await api.storage.local.set(Object.fromEntries(names.slice(3).map(name => [name, ''])));
    const quarantine = (await api.storage.local.getKeys()).some(name => name.startsWith('quarantine'));
    return { head: all['vault.head'], places, quarantine, one: whole('one'), two: whole('two') };
";
