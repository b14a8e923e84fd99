//! What is remembered of a list of accounts beside the list: how its listings went, what each account's health has been,
//! and which incidents the user knows of. Pure, without secrets; who asks and who tells is in `watch`.
//!
//! An account is a line of text, since what serde derives for lists of lists was 10 kB of WASM: letters for what is going on,
//! `<milliseconds><letter>` for each change of health, `<milliseconds>-` since when it is listed no more, and after `/` the
//! account's id.

use crate::clock::{Span, UnixTime};
use crate::services::xquik::{Account, Health};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// How often accounts are asked for while all is well.
pub(super) const POLL: Span = Span::minutes(15);
/// A list younger than this is not asked for again because a page was opened, and no alarm comes sooner.
pub(super) const FRESH: Span = Span::minutes(1);
/// Failures in a row double the time between two questions, up to 16 times 15 minutes: four hours.
const MOST_DOUBLINGS: u32 = 4;
/// An alarm may ring a little before its moment.
const EARLY: Span = Span::seconds(10);
/// How many changes of an account's health are kept.
const TURNS: usize = 20;
/// How long an account that is listed no more is remembered: a list may be short by mistake.
const REMEMBERED: Span = Span::days(30);
/// Above so many lines nobody is remembered who is not listed.
const MOST_LINES: usize = 4_000;

/// What is known of a list of accounts beside the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Watch {
    /// Listings that failed in a row.
    failures: u32,
    /// The service asked not to be asked before this moment.
    pause: Option<UnixTime>,
    /// A line an account, by their ids.
    past: Vec<String>,
}

/// What is remembered of an account's health.
#[derive(Default)]
struct Past {
    /// When it changed, and into what; the newest last.
    turns: Vec<(UnixTime, Health)>,
    /// From the moment when it needs the user until it is well again: one incident, whatever else it is in between.
    incident: bool,
    /// Whether the user was told of it, or saw it anyway.
    told: bool,
    /// When it was missing from a list for the first time since it was in one.
    missing: Option<UnixTime>,
}

/// Who learns of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Witness {
    /// Nobody: it waits to be told.
    Nobody,
    /// The user, who asked for this list or wants no telling.
    User,
}

impl Watch {
    /// The list came.
    pub(super) fn came(&mut self, accounts: &[Account], witness: Witness, now: UnixTime) {
        (self.failures, self.pause) = (0, None);
        for account in accounts {
            self.is(&account.id, &account.health, witness, now);
        }
        // Each account of the list has its line: one more line means that somebody is listed no more.
        if self.past.len() > accounts.len() {
            let many = self.past.len() > MOST_LINES;
            self.past
                .retain_mut(|line| accounts.iter().any(|it| it.id == account(line)) || (!many && stays(line, now)));
        }
    }

    /// The list did not come, whether or not the service was asked; it may have said until when.
    pub(super) fn failed(&mut self, asked: bool, pause: Option<UnixTime>) {
        self.failures = self.failures.saturating_add(asked.into());
        self.pause = pause;
    }

    /// When the alarm asks next, after a question at `checked`.
    pub(super) fn next(&self, checked: Option<UnixTime>, now: UnixTime) -> UnixTime {
        let Some(checked) = believed(checked, now) else { return now };
        let doublings = self.failures.saturating_sub(1).min(MOST_DOUBLINGS);
        match self.pause {
            // Not sooner than it was asked for, and not sooner than usual.
            Some(pause) => pause.max(checked.after(POLL)),
            None => checked.after(Span(POLL.0 << doublings)),
        }
    }

    /// Whether the alarm may ask now.
    pub(super) fn is_due(&self, checked: Option<UnixTime>, now: UnixTime) -> bool {
        self.next(checked, now) <= now.after(EARLY)
    }

    /// Whether a page that was opened may ask now.
    pub(super) fn may_ask(&self, checked: Option<UnixTime>, now: UnixTime) -> bool {
        let Some(checked) = believed(checked, now) else { return true };
        self.pause.is_none_or(|until| until <= now) && now.since(checked) >= FRESH
    }

    fn find(&self, id: &str) -> Result<usize, usize> {
        self.past.binary_search_by(|line| account(line).cmp(id))
    }

    /// An account's health is known.
    pub(super) fn is(&mut self, id: &str, health: &Health, witness: Witness, now: UnixTime) {
        let found = self.find(id);
        let before = found.ok().and_then(|at| self.past.get(at));
        // The first look at an account is no change of it.
        let first = || Past { incident: needs(health), told: true, ..Past::default() };
        let mut past = before.map_or_else(first, |line| Past::read(line));
        past.missing = None;
        if past.turns.last().is_none_or(|(_, last)| last != health) {
            past.turns.push((now, health.clone()));
            let excess = past.turns.len().saturating_sub(TURNS);
            past.turns.drain(..excess);
        }
        if needs(health) {
            past.told &= past.incident;
            past.told |= witness == Witness::User;
            past.incident = true;
        } else if *health == Health::Healthy {
            past.incident = false;
        }
        let line = past.print(id);
        match found {
            Ok(at) => self.past[at] = line,
            Err(at) => self.past.insert(at, line),
        }
    }

    /// The changes of an account's health, the newest last.
    pub(super) fn turns(&self, id: &str) -> Vec<(UnixTime, Health)> {
        self.find(id).ok().and_then(|at| self.past.get(at)).map(|line| Past::read(line).turns).unwrap_or_default()
    }

    /// Since when its health is what it is, if it was seen to change.
    pub(super) fn since(&self, id: &str) -> Option<UnixTime> {
        let turns = self.turns(id);
        turns.last().filter(|_| turns.len() > 1).map(|(at, _)| *at)
    }

    /// Accounts that need the user and of which nobody was told yet. From now on they count as told.
    pub(super) fn news(&mut self) -> Vec<(String, Health)> {
        let mut news = Vec::new();
        for line in &mut self.past {
            let mut past = Past::read(line);
            let id = account(line).to_string();
            let last = past.turns.last().map(|(_, health)| health.clone()).filter(needs);
            if let Some(health) = last.filter(|_| past.incident && !past.told) {
                past.told = true;
                *line = past.print(&id);
                news.push((id, health));
            }
        }
        news
    }
}

/// A question that lies ahead was asked before the clock was set back: how long ago that was nobody knows, nor how much of
/// a pause is left. The next answer says both.
fn believed(checked: Option<UnixTime>, now: UnixTime) -> Option<UnixTime> {
    checked.filter(|checked| !checked.is_ahead(now))
}

/// Whether somebody who is not in the list is still remembered; notes since when.
fn stays(line: &mut String, now: UnixTime) -> bool {
    let mut past = Past::read(line);
    if let Some(missing) = past.missing {
        return now.since(missing) < REMEMBERED;
    }
    past.missing = Some(now);
    *line = past.print(account(line));
    true
}

/// Whose line it is.
fn account(line: &str) -> &str {
    line.split_once('/').map_or("", |(_, account)| account)
}

impl Past {
    fn read(line: &str) -> Self {
        let mut words = line.split('/').next().unwrap_or_default().split(' ');
        let state = words.next().unwrap_or_default();
        let turn = |word: &str| {
            let (at, letter) = word.split_at_checked(word.len().checked_sub(1)?)?;
            let (_, health) = LETTERS.iter().find(|(known, _)| *known == letter)?;
            Some((UnixTime(at.parse().ok()?), health.clone()))
        };
        let (incident, told) = (state.contains('!'), state.contains('t'));
        let missing = words.clone().find_map(|word| word.strip_suffix(MISSING)?.parse().ok()).map(UnixTime);
        Self { turns: words.filter_map(turn).collect(), incident, told, missing }
    }

    fn print(&self, id: &str) -> String {
        let mut line = String::from(if self.incident { "!" } else { "" });
        line.push_str(if self.told { "t" } else { "" });
        for (at, health) in &self.turns {
            line.push(' ');
            line.push_str(&at.0.to_string());
            line.push_str(LETTERS.iter().find(|(_, known)| known == health).map_or("o", |(letter, _)| letter));
        }
        if let Some(at) = self.missing {
            line.push(' ');
            line.push_str(&at.0.to_string());
            line.push(MISSING);
        }
        line.push('/');
        line.push_str(id);
        line
    }
}

/// After the moment since which it is listed no more.
const MISSING: char = '-';

const LETTERS: [(&str, Health); 7] = [
    ("h", Health::Healthy),
    ("n", Health::NeedsReauth),
    ("l", Health::Locked),
    ("s", Health::Suspended),
    ("r", Health::Recovering),
    ("t", Health::TemporaryIssue),
    ("o", Health::Other),
];

/// Whether an account of this health is one that the user can put right.
fn needs(health: &Health) -> bool {
    matches!(health, Health::NeedsReauth | Health::Locked)
}
