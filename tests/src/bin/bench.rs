//! `cargo xtask bench`: what a person waits for when the popup opens and when something is saved, and how long the sensor
//! keeps X's page from its own work, in both browsers, in one run.
//!
//! Prints medians in milliseconds, and means where a clock is too coarse for one round. It asserts nothing: figures are for
//! comparing within one run, not for passing.

use anyhow::Result;
use longkey_tests::browsers::{Browser, Kind, Options};
use longkey_tests::fakes::Account;
use longkey_tests::probe::{Probed, asked};
use longkey_tests::stage::{SETTINGS, Stage};
use serde_json::{Value, json};
use std::time::Duration;

const ROUNDS: usize = 9;
const SIZES: [usize; 4] = [1, 100, 200, 1000];

/// What no save can be faster than: the browser's own calls, with nothing of ours.
const STORES: &str = "
    const text = (await api.storage.local.get('vault.0'))['vault.0'];
    await api.storage.local.set({ 'bench.0': text, 'bench.head': '{}' });
    await new Promise((done, failed) => {
        const asked = indexedDB.open('bench', 1);
        asked.onupgradeneeded = () => asked.result.createObjectStore('copies');
        asked.onsuccess = () => {
            const transaction = asked.result.transaction('copies', 'readwrite', { durability: 'strict' });
            transaction.objectStore('copies').put(text, 'bench');
            transaction.oncomplete = () => { asked.result.close(); done(); };
            transaction.onabort = failed;
        };
        asked.onerror = failed;
    })";

fn main() -> Result<()> {
    let only = std::env::args().nth(1);
    anyhow::ensure!(
        only.as_deref().is_none_or(|it| ["popup", "sensor", "accounts"].contains(&it)),
        "bench [popup|sensor|accounts]"
    );
    let wants = |part| only.as_deref().is_none_or(|it| it == part);
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(async {
        if wants("popup") {
            println!("| browser | keys | popup: first content, worker awake | the same, worker asleep | answer of an awake worker | of a sleeping worker | rows from storage.session | vault from storage.local | a save, acknowledged | both stores alone: one set and one strict transaction of a text as long |");
            println!("|---|---|---|---|---|---|---|---|---|---|");
            for kind in Kind::ALL {
                of(kind).await?;
            }
        }
        if wants("accounts") {
            println!("| browser | accounts | all accounts: first content | every row is there | the longest task (Chromium tells) | a letter typed into the search, laid out |");
            println!("|---|---|---|---|---|---|");
            for kind in Kind::ALL {
                accounts(kind).await?;
            }
        }
        if wants("sensor") {
            println!("| browser | page of X, with 2,000 nodes | the page's own work, a change | the sensor, a look | looks | both together: sensor to page | the sensor's first run |");
            println!("|---|---|---|---|---|---|---|");
            for kind in Kind::ALL {
                sensor(kind).await?;
            }
        }
        Ok(())
    })
}

/// Changes of X's page that are timed.
const CHANGES: u32 = 40;

/// A timeline with 2,000 nodes of its own, where X has one.
const TIMELINE: &str = "
    const main = document.querySelector('main') ?? document.body.appendChild(document.createElement('main'));
    window.post = (number) => {
        const post = document.createElement('article');
        post.dataset.testid = 'tweet';
        post.innerHTML = '<div><div role=group><a href=/acme><span>Acme</span></a><time>2 h</time></div>'
            + '<div data-testid=tweetText dir=auto><span>A post, number ' + number + '</span></div><div><button>Reply</button></div></div>';
        return post;
    };
    main.append(...Array.from({ length: 200 }, (_, at) => window.post(at)));
    return main.querySelectorAll('*').length;";

/// One change: five posts come, five go, the dialog (if there is one) is made anew, as X does with each step, and all of it is
/// laid out. Gives how long the page itself was busy.
const WORK: &str = "
    const main = document.querySelector('main'), dialog = document.querySelector('[role=dialog]');
    const begun = performance.now();
    main.prepend(...Array.from({ length: 5 }, (_, at) => window.post(arguments[0] * 5 + at)));
    for (const post of [...main.querySelectorAll('article')].slice(-5)) post.remove();
    dialog?.replaceChildren(...[...dialog.childNodes].map(it => it.cloneNode(true)));
    document.body.getBoundingClientRect();
    return performance.now() - begun;";

/// Between two changes: longer than the sensor waits for a page to be quiet. A pace, not a wait for anything.
const PACE: Duration = Duration::from_millis(120);

/// How long the sensor runs on X's main thread, beside what X's page does there itself, in the same document and run.
async fn sensor(kind: Kind) -> Result<()> {
    let probed = Probed::of(kind)?;
    let stage = Stage::set_in(kind, Options { extension: Some(probed.folder()), ..Options::default() }).await?;
    // Under a popup or behind another tab X's page would have slow timers.
    stage.on_x().await?;
    stage.browser.background_script("chrome.action.openPopup = () => Promise.resolve();").await?;
    let flow = stage.world.x.serve_standin("secret-step.html")?;
    for (name, address) in [
        ("the timeline", "https://x.com/home"),
        ("the set-up's dialog over it", &flow),
        ("the settings, no dialog", SETTINGS),
    ] {
        stage.browser.goto(address).await?;
        let nodes = stage.browser.script(TIMELINE, vec![]).await?;
        anyhow::ensure!(nodes.as_u64() >= Some(2000), "{nodes} nodes on {name}");
        let first = asked(&stage.browser).await?;
        let mut busy = 0.0;
        for change in 0..CHANGES {
            busy += stage.browser.script(WORK, vec![change.into()]).await?.as_f64().unwrap_or_default();
            tokio::time::sleep(PACE).await;
        }
        let last = asked(&stage.browser).await?;
        let spent = last["spent"].as_f64().unwrap_or_default() - first["spent"].as_f64().unwrap_or_default();
        let looks =
            last["runs"]["timer"].as_u64().unwrap_or_default() - first["runs"]["timer"].as_u64().unwrap_or_default();
        let (changes, looks) = (f64::from(CHANGES), f64::from(u32::try_from(looks)?));
        println!(
            "| {} | {name} | {:.2} | {:.2} | {looks} | {:.2} | {:.1} |",
            kind.name(),
            busy / changes,
            if looks > 0.0 { spent / looks } else { spent },
            spent / busy,
            last["started"].as_f64().unwrap_or_default()
        );
    }
    stage.quit().await
}

/// Sizes of the list of accounts; the last line of each browser is the second to the first.
const LISTS: [usize; 2] = [20, 1000];

/// What a page has been kept from, as far as the browser tells (W3C Long Tasks, from 50 ms on).
const LONGEST: &str = "
    if (!PerformanceObserver.supportedEntryTypes.includes('longtask')) return 0;
    return await new Promise(done => {
        new PerformanceObserver(list => done(Math.max(...list.getEntries().map(it => it.duration))))
            .observe({ type: 'longtask', buffered: true });
        setTimeout(() => done(0), 100);
    });";

/// A letter, and the page as it is then.
const LETTER: &str = "
    const field = document.querySelector('[data-slot=query]');
    const begun = performance.now();
    field.value = '9';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    document.body.getBoundingClientRect();
    return performance.now() - begun;";

/// The list of all accounts, short and long.
async fn accounts(kind: Kind) -> Result<()> {
    let mut stage = Stage::set(kind).await?;
    stage.world.xquik.set_accounts(vec![]);
    stage.connected().await?;
    let mut lines = Vec::new();
    for size in LISTS {
        let health = ["healthy", "needsReauth", "locked"];
        let one = |at: usize| Account::new(&format!("{}", 910_000 + at), &format!("acme_{at}"), health[at % 3]);
        stage.world.xquik.set_accounts((0..size).map(one).collect());
        stage.done(json!("refresh")).await?;
        stage.screen("#/accounts").await?;
        let mut figures = [const { Vec::new() }; 4];
        for _ in 0..ROUNDS {
            figures[0].push(first_content(&stage.browser).await?);
            // Its rows come in pieces; the page notes no time for the last one, so the frame that has it is taken.
            let rows = format!("document.querySelectorAll('.list > li').length === {size} && performance.now()");
            figures[1].push(stage.browser.until("every row", &rows).await?.as_f64().unwrap_or_default());
            figures[2].push(stage.browser.script(LONGEST, vec![]).await?.as_f64().unwrap_or_default());
            figures[3].push(stage.browser.script(LETTER, vec![]).await?.as_f64().unwrap_or_default());
        }
        let medians = figures.each_mut().map(|all| median(all));
        println!("| {} | {size} | {} |", kind.name(), medians.map(|it| format!("{it:.1}")).join(" | "));
        lines.push(medians);
    }
    // A task below 50 ms is none that is told.
    let times = |(few, many): (&f64, f64)| if *few > 0.0 { format!("{:.1} ×", many / few) } else { "–".into() };
    let ratio: Vec<String> = lines[0].iter().zip(lines[1]).map(times).collect();
    println!("| {} | {} to {} | {} |", kind.name(), LISTS[1], LISTS[0], ratio.join(" | "));
    stage.quit().await
}

async fn of(kind: Kind) -> Result<()> {
    let mut stage = Stage::set(kind).await?;
    stage.done(json!("skip_passphrase")).await?;
    let mut have = 0;
    for size in SIZES {
        for number in have..size {
            let digits = format!("{number:05}").into_bytes();
            let tail: String = digits.iter().map(|digit| char::from(digit - b'0' + b'A')).collect();
            let text = format!("JBSWY3DPEHP{tail}");
            stage.done(json!({ "add_key": { "text": text, "handle": format!("standin_{number}") } })).await?;
        }
        have = size;
        let mut figures = [const { Vec::new() }; 8];
        for _ in 0..ROUNDS {
            let browser = &stage.browser;
            figures[0].push(first_content(browser).await?);
            browser.kill_background().await?;
            figures[1].push(first_content(browser).await?);
            figures[2].push(timed(browser, "await api.runtime.sendMessage({ page: 'view' })").await?);
            browser.kill_background().await?;
            figures[3].push(timed(browser, "await api.runtime.sendMessage({ page: 'view' })").await?);
            figures[4].push(timed(browser, "await api.storage.session.get(['rows'])").await?);
            figures[5].push(timed(browser, "await api.storage.local.get(['vault.0', 'vault.1', 'vault.head'])").await?);
            // An edit that changes nothing but is written like any other.
            let edit = "await api.runtime.sendMessage({ page: { backup_saved: { made: 1 } } })";
            figures[6].push(timed(browser, edit).await?);
            figures[7].push(timed(browser, STORES).await?);
        }
        let medians: Vec<String> = figures.iter_mut().map(|all| format!("{:.1}", median(all))).collect();
        println!("| {} | {size} | {} |", kind.name(), medians.join(" | "));
    }
    stage.quit().await
}

/// From navigation to the first content that was painted: the list with its codes, since nothing else stands there before.
async fn first_content(browser: &Browser) -> Result<f64> {
    // Loaded anew by the driver, which waits for the load; a script would be cut off by it.
    browser.reload().await?;
    let paint = "performance.getEntriesByType('paint').find(it => it.name === 'first-contentful-paint')?.startTime";
    Ok(browser.until("the first content", paint).await?.as_f64().unwrap_or_default())
}

async fn timed(browser: &Browser, what: &str) -> Result<f64> {
    let body = format!("const begun = performance.now(); {what}; return performance.now() - begun");
    Ok(browser.script(&body, Vec::<Value>::new()).await?.as_f64().unwrap_or_default())
}

fn median(all: &mut [f64]) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or_default()
}
