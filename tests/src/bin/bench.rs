//! `cargo xtask bench`: what a person waits for when the popup opens and when something is saved, in both browsers, in one
//! run.
//!
//! Prints medians in milliseconds. It asserts nothing: figures are for comparing within one run, not for passing.

use anyhow::Result;
use longkey_tests::browsers::{Browser, Kind};
use longkey_tests::stage::Stage;
use serde_json::{Value, json};

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
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(async {
        println!("| browser | keys | popup: first content, worker awake | the same, worker asleep | answer of an awake worker | of a sleeping worker | rows from storage.session | vault from storage.local | a save, acknowledged | both stores alone: one set and one strict transaction of a text as long |");
        println!("|---|---|---|---|---|---|---|---|---|---|");
        for kind in Kind::ALL {
            of(kind).await?;
        }
        Ok(())
    })
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
