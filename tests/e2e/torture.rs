//! The short form of `cargo xtask torture`: a few kills, one search of a profile, each with its control, and what
//! makes them hold: one `set` for each commit.

use std::time::Duration;

use longkey_tests::in_both;
use longkey_tests::stage::{KEY, OTHER_KEY, Stage};
use longkey_tests::torture::canary::{self, LONG_KEY};
use longkey_tests::torture::kills::{self, Plan};
use longkey_tests::torture::memory::total;
use serde_json::json;

in_both! {
    async fn a_kill_tears_and_loses_nothing(kind) {
        let plan = Plan { kind, kills: 3, seed: 20_261_121, latest: Duration::from_millis(400) };
        let figures = kills::run(plan, |_| {}).await?;
        // That two sets tear is a matter of luck in so few kills; the long form insists on it.
        assert!(figures.held(), "{figures:?}");
        assert!(figures.acknowledged >= 3, "each kill came after an acknowledgement: {figures:?}");
        Ok(())
    }

    async fn what_a_kill_might_tear_or_lose_would_be_seen(kind) {
        let figures = kills::spoiled(kind).await?;
        assert_eq!((figures.lost, figures.torn), (1, 1), "{figures:?}");
        assert_eq!((figures.torn_with_one_set, figures.torn_with_two_sets), (1, 1), "{figures:?}");
        Ok(())
    }

    async fn with_a_passphrase_no_secret_lies_in_the_profile(kind) {
        let figures = canary::run(kind).await?;
        // How much stays after locking is a figure of the long form's. Here: each moment was searched, and what has to be in
        // the memory of an open vault was met, by its name and no other's.
        let moments: Vec<_> = figures.memory.iter().map(|(moment, _)| *moment).collect();
        assert_eq!(moments, ["unlocked", "locked", "background ended", "extension reloaded"]);
        assert!(total(&figures.memory[0].1, LONG_KEY) > 0, "an open vault's key was not met: {:?}", figures.memory);
        assert!(figures.planted_were_met(), "the search met too little: {:?}", figures.profile);
        assert_eq!(figures.hits(), 0, "{:?}", figures.profile.hits);
        Ok(())
    }

    async fn each_commit_is_one_set(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.on_us().await?;
        // Firefox runs each script in a sandbox of its own: what is to last stands in the document.
        let hear = "const heard = [];
            api.storage.onChanged.addListener((changes, area) => {
                const names = Object.keys(changes).filter(name => name.startsWith('vault.')).sort();
                if (area === 'local' && names.length) heard.push(names.join(' '));
                document.body.dataset.heard = JSON.stringify(heard);
            })";
        stage.browser.script(hear, vec![]).await?;
        stage.done(json!("skip_passphrase")).await?;
        for (text, handle) in [(KEY, "first"), (OTHER_KEY, "second")] {
            stage.done(json!({ "add_key": { "text": text, "handle": handle } })).await?;
        }
        let entry = stage.view().await?["entries"][0]["id"].clone();
        stage.done(json!({ "delete": { "entry": entry } })).await?;
        stage.on_us().await?;
        // The two places take turns, and the head goes with the one that is written.
        let wanted = ["vault.0 vault.head", "vault.1 vault.head"].repeat(2);
        let heard = "JSON.parse(document.body.dataset.heard).length >= 4 && JSON.parse(document.body.dataset.heard)";
        assert_eq!(stage.browser.until("four changes of the store", heard).await?, json!(wanted));
        stage.quit().await
    }
}
