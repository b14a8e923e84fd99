//! `cargo xtask torture`: the worst moments, long. Prints what was torn, lost and met, with the controls' figures,
//! last, and fails if a promise did not hold or a control found nothing.
//!
//! Deliberately never a secret: canaries are printed by name.

mod asked;

use std::time::Duration;

use asked::{Asked, Part};
use longkey_tests::browsers::Kind;
use longkey_tests::torture::canary::{self, LONG_KEY, SECRETS, planted};
use longkey_tests::torture::{kills, memory};

/// The latest moment of a kill after the first acknowledgement; some hundred writes fit in.
const LATEST: Duration = Duration::from_millis(600);

fn main() -> anyhow::Result<()> {
    let asked = Asked::read(std::env::args().skip(1))?;
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(all(&asked))
}

async fn all(asked: &Asked) -> anyhow::Result<()> {
    let mut report = Report::default();
    for kind in &asked.kinds {
        if asked.parts.contains(&Part::Canary) {
            println!("── {}: canaries", kind.name());
            report.canary(*kind, &canary::run(*kind).await?);
        }
        if asked.parts.contains(&Part::Kills) && asked.kills > 0 {
            println!("── {}: {} kills, seed {}", kind.name(), asked.kills, asked.seed);
            let plan = kills::Plan { kind: *kind, kills: asked.kills, seed: asked.seed, latest: LATEST };
            let figures = kills::run(plan, |figures| {
                if figures.kills.is_multiple_of(10) {
                    println!("   {}", sentence(figures));
                }
            });
            report.kills(*kind, asked.seed, &figures.await?);
        }
    }
    println!("\n{}", report.lines.join("\n"));
    anyhow::ensure!(report.broken.is_empty(), "{}", report.broken.join("; "));
    Ok(())
}

fn sentence(figures: &kills::Figures) -> String {
    format!(
        "{} kills ({:.1} s each), {} saves acknowledged: {} torn, {} lost; control: two sets tore {} times, one set {}",
        figures.kills,
        figures.each.as_secs_f32(),
        figures.acknowledged,
        figures.torn,
        figures.lost,
        figures.torn_with_two_sets,
        figures.torn_with_one_set,
    )
}

/// What is said at the end.
#[derive(Default)]
struct Report {
    lines: Vec<String>,
    /// Promises that did not hold, and controls that proved nothing.
    broken: Vec<String>,
}

impl Report {
    fn say(&mut self, kind: Kind, line: &str) {
        self.lines.push(format!("{:9} {line}", kind.name()));
    }

    fn holds(&mut self, kind: Kind, it_does: bool, otherwise: &str) {
        if !it_does {
            self.broken.push(format!("{}: {otherwise}", kind.name()));
        }
    }

    fn kills(&mut self, kind: Kind, seed: u64, figures: &kills::Figures) {
        self.say(kind, &format!("{}; seed {seed}", sentence(figures)));
        for word in &figures.words {
            self.say(kind, word);
        }
        self.holds(kind, figures.held(), "a kill tore or lost something");
        self.holds(kind, figures.control_tore(), "the control did not tear, so these kills prove nothing");
    }

    fn canary(&mut self, kind: Kind, figures: &canary::Figures) {
        let profile = &figures.profile;
        for (moment, met) in &figures.memory {
            for name in SECRETS {
                self.say(kind, &format!("memory, {moment}: {name} {}", memory::line(met, name)));
            }
        }
        if let Some((moment, met)) = figures.memory.last() {
            let many = memory::in_extensions(met);
            let claim = if many == 0 { "true" } else { "NOT true" };
            let words = format!("memory, {moment}: {many} in processes of extensions; that nothing is left is {claim}");
            self.say(kind, &words);
        }
        // The screen shows its codes, so it must be there; else this search could not have met anything.
        let proof = figures.memory.first().is_some_and(|(_, met)| memory::total(met, LONG_KEY) > 0);
        self.holds(kind, proof, "the long key was not met in the memory of an unlocked browser");
        for ((name, place), many) in &profile.hits {
            self.say(kind, &format!("met: {name} {many} times as {place}"));
        }
        let planted: usize = planted().map(|name| profile.of(name)).sum();
        self.say(
            kind,
            &format!(
                "{} files, {:.1} MB and {:.1} MB unpacked: {} canary hits; control: planted texts met {planted} times",
                profile.files,
                megabytes(profile.bytes),
                megabytes(profile.unpacked),
                figures.hits(),
            ),
        );
        self.holds(kind, figures.hits() == 0, "a secret lies in the profile in plain");
        self.holds(kind, figures.planted_were_met(), "a planted text was not met, so the search proves nothing");
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
