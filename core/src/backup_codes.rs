//! X's backup codes: 12 characters each, used once, in the order X made them. What may become of each, as pure rules.
//!
//! Where and when X shows one is the sites' business, asking and answering that of `app`. Sources: X's help on two-factor
//! verification (2024 wording), the words in X's own client (`too_many_backup_codes`), and what follows from them (inferred).
//!
//! | what happens | what becomes of the codes | source |
//! |---|---|---|
//! | X shows a code that is not here | it comes last; the others stay as they are | help: several may be active |
//! | X shows a code that is here | unknown becomes unused; used and void stay: a page revives nothing | inferred |
//! | a sixth comes while five are open | it is not taken: one was used elsewhere, and only the user knows which | help: five at a time |
//! | one is used | those before it are void; unknown ones after it are unused: X cancels only what came before | help: order |
//! | one is chosen that is not the oldest | those before it are void | help: order |
//! | one is refused, none open before it | it is void | help: inactive |
//! | one is refused, others open before it | they and it are void, those after it are unknown | help: out of order |
//! | a new key took the place of one that X had accepted | codes from before it are unknown | nobody outside X knows |
//! | X refuses the key | open codes are unknown: it was set up anew elsewhere | inferred |
//! | two-factor authentication is off | open codes are void | client: beyond five one has to enrol again, so that enrolling begins anew |
//! | "I used none of them" | unknown ones are unused | the user says so |
//! | "they don't work any more" | open ones are void | the user says so |

use crate::clock::{Span, UnixTime};
use crate::long_key::{LONGEST_TEXT, LongKey, is_invisible, is_separator};
use crate::refusal::Refusal;
use crate::secret::{Secret, exposed};
use alloc::{string::String, vec::Vec};
use core::fmt;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// As many as X lets work at a time.
pub const MOST: usize = 5;
/// Characters of a code.
pub const LENGTH: usize = 12;

/// One backup code: 12 characters of a–z and 0–9. Printed as `BackupCode(…)`, wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct BackupCode(Secret);

impl BackupCode {
    /// Reads one code as people write it down: groups and capital letters are fine.
    ///
    /// # Errors
    /// Says what the text is instead, or what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let mut codes = Self::parse_list(text)?;
        match (codes.pop(), codes.is_empty()) {
            (Some(code), true) => Ok(code),
            _ => Err(Refusal::BackupLength { length: count(text) }),
        }
    }

    /// Reads one or several: one a line, or 12 characters each between spaces or commas; the same one twice is one.
    ///
    /// # Errors
    /// As for [`BackupCode::parse`]; [`Refusal::BackupFull`] for more than five.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, Refusal> {
        if text.len() > LONGEST_TEXT {
            return Err(Refusal::BackupLength { length: count(text) });
        }
        let mut codes: Vec<Self> = Vec::new();
        for line in text.split(['\n', '\r', ',', ';']) {
            let mut whole = Zeroizing::new(String::with_capacity(line.len()));
            whole.extend(line.chars().filter(|it| !is_invisible(*it)));
            let groups = || whole.split(is_separator).filter(|it| !it.is_empty());
            if groups().count() > 1 && groups().all(|it| it.len() == LENGTH) {
                for group in groups() {
                    push(&mut codes, Self::one(group)?);
                }
            } else if groups().next().is_some() {
                let mut joined = Zeroizing::new(String::with_capacity(whole.len()));
                joined.extend(groups());
                push(&mut codes, Self::one(&joined)?);
            }
        }
        match codes.len() {
            0 => Err(Refusal::BackupEmpty),
            1..=MOST => Ok(codes),
            _ => Err(Refusal::BackupFull),
        }
    }

    /// Text without separators.
    fn one(text: &str) -> Result<Self, Refusal> {
        // What it is instead comes before what is wrong with it.
        let starts = |with: &str| text.get(..with.len()).is_some_and(|head| head.eq_ignore_ascii_case(with));
        if starts("otpauth") || LongKey::parse(text).is_ok() {
            return Err(Refusal::BackupIsKey);
        }
        if (6..=8).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit()) {
            return Err(Refusal::BackupIsSixDigitCode);
        }
        let wrong = (1_u32..).zip(text.chars()).find(|(_, it)| !it.is_ascii_alphanumeric());
        if let Some((position, found)) = wrong {
            return Err(Refusal::BackupCharacter { position, found });
        }
        if text.len() != LENGTH {
            return Err(Refusal::BackupLength { length: count(text) });
        }
        Ok(Self(Secret::new(text.to_ascii_lowercase())))
    }

    /// The 12 characters: what X takes.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// In groups of four, as X shows it.
    #[must_use]
    pub fn grouped(&self) -> Secret {
        let text = self.expose();
        let groups = [text.get(..4), text.get(4..8), text.get(8..)].map(Option::unwrap_or_default);
        Secret::new(groups.join(" "))
    }
}

impl fmt::Debug for BackupCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BackupCode(…)")
    }
}

impl exposed::Exposed for BackupCode {
    fn text(&self) -> Option<&str> {
        Some(self.expose())
    }
    fn read(text: Option<String>) -> Result<Self, &'static str> {
        let text = Secret::new(text.ok_or("a backup code is missing")?);
        Self::one(text.expose()).map_err(|_| "a stored backup code cannot be read")
    }
}

fn count(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

fn push(codes: &mut Vec<BackupCode>, code: BackupCode) {
    if !codes.contains(&code) {
        codes.push(code);
    }
}

/// What is known of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeState {
    /// X takes it, as far as is known.
    Unused,
    /// It opened the account once.
    Used,
    /// X does not take it any more.
    Void,
    /// Nobody here knows.
    Unknown,
}

impl CodeState {
    /// Whether X may still take it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Unused | Self::Unknown)
    }
}

/// A code in the list. `added` names it for those who may not hold the code itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Slip {
    /// The code.
    #[serde(with = "exposed")]
    pub code: BackupCode,
    /// What is known of it.
    pub state: CodeState,
    /// Since when.
    pub since: UnixTime,
    /// When it came; no two of a list are the same.
    pub added: UnixTime,
    /// What was known before the last change of the list, where that change was about this one too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<CodeState>,
}

/// What a person says about the codes of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackupMark {
    /// X took this one.
    Used(UnixTime),
    /// X did not take it.
    Refused(UnixTime),
    /// This one is to be used next, although others came before it.
    Next(UnixTime),
    /// Of those that are unknown none was used.
    NoneUsed,
    /// None works any more.
    Dead,
    /// The last change was a mistake.
    Undo,
}

/// The backup codes of an account, in the order X made them: at most five, no two the same.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Slip>")]
pub struct BackupCodes(Vec<Slip>);

impl From<Vec<Slip>> for BackupCodes {
    /// A list that somebody else wrote is put in order; one odd slip must not keep a vault from opening.
    fn from(slips: Vec<Slip>) -> Self {
        let mut codes = Self::default();
        for slip in slips {
            codes.put(slip);
        }
        codes
    }
}

impl BackupCodes {
    /// Oldest first.
    pub fn iter(&self) -> core::slice::Iter<'_, Slip> {
        self.0.iter()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The code that came then.
    #[must_use]
    pub fn slip(&self, added: UnixTime) -> Option<&Slip> {
        self.0.iter().find(|it| it.added == added)
    }

    /// The one for the next login: the oldest that X takes for sure, else the oldest that it may take.
    #[must_use]
    pub fn next(&self) -> Option<&Slip> {
        let oldest = |state| self.0.iter().find(|it| it.state == state);
        oldest(CodeState::Unused).or_else(|| oldest(CodeState::Unknown))
    }

    /// Whether the last change can be taken back.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        self.0.iter().any(|it| it.before.is_some())
    }

    /// X shows this code. Says whether that is news; one that has no room is not taken.
    pub fn saw(&mut self, code: BackupCode, now: UnixTime) -> bool {
        if let Some(at) = self.0.iter().position(|it| it.code == code) {
            let news = self.0[at].state == CodeState::Unknown;
            if news {
                self.change(now, |there, it| (there == at && it.state.is_open()).then_some(CodeState::Unused));
            }
            return news;
        }
        if !self.has_room(1) {
            return false;
        }
        self.push(code, now);
        true
    }

    /// Codes by hand, in the order X gave them. What is here already stays as it is.
    ///
    /// # Errors
    /// [`Refusal::BackupFull`] if more than five would be open.
    pub fn add(&mut self, codes: Vec<BackupCode>, now: UnixTime) -> Result<(), Refusal> {
        let mut new = Vec::new();
        for code in codes {
            if self.iter().all(|slip| slip.code != code) {
                push(&mut new, code);
            }
        }
        if !self.has_room(new.len()) {
            return Err(Refusal::BackupFull);
        }
        for code in new {
            self.push(code, now);
        }
        Ok(())
    }

    /// What a person says. False if the list has no such code, or nothing to take back.
    pub fn mark(&mut self, mark: BackupMark, now: UnixTime) -> bool {
        use CodeState::{Unknown, Unused, Used, Void};
        let at = match mark {
            BackupMark::Used(added) | BackupMark::Refused(added) | BackupMark::Next(added) => {
                let Some(at) = self.0.iter().position(|it| it.added == added) else { return false };
                at
            }
            _ => 0,
        };
        match mark {
            BackupMark::Used(_) => self.change(now, |there, it| match it.state {
                Unused | Unknown if there < at => Some(Void),
                Unknown if there > at => Some(Unused),
                _ => (there == at).then_some(Used),
            }),
            BackupMark::Refused(_) => {
                let out_of_order = self.0[..at].iter().any(|it| it.state.is_open());
                self.change(now, |there, it| match it.state {
                    Unused | Unknown if there < at => Some(Void),
                    Unused if there > at && out_of_order => Some(Unknown),
                    _ => (there == at).then_some(Void),
                });
            }
            BackupMark::Next(_) => {
                if !self.0[at].state.is_open() {
                    return false;
                }
                self.change(now, |there, it| (there < at && it.state.is_open()).then_some(Void));
            }
            BackupMark::NoneUsed => self.change(now, |_, it| (it.state == Unknown).then_some(Unused)),
            BackupMark::Dead => self.two_factor_off(now),
            BackupMark::Undo => {
                let can = self.can_undo();
                for slip in &mut self.0 {
                    if let Some(before) = slip.before.take() {
                        slip.state = before;
                        slip.since = now;
                    }
                }
                return can;
            }
        }
        true
    }

    /// X's key was set up anew with the key that came then: whether X still takes what is older nobody here knows.
    pub fn enrolled_anew(&mut self, key_added: UnixTime, now: UnixTime) {
        self.change(now, |_, it| (it.state == CodeState::Unused && it.added < key_added).then_some(CodeState::Unknown));
    }

    /// Two-factor authentication was turned off.
    pub fn two_factor_off(&mut self, now: UnixTime) {
        self.change(now, |_, it| it.state.is_open().then_some(CodeState::Void));
    }

    /// Takes codes of the same account in: what is here stays as it is. What came from elsewhere is unknown where
    /// there are codes already: nobody knows which of the two lists X follows.
    pub fn take_in(&mut self, others: Self) {
        let alone = self.is_empty();
        let new: Vec<Slip> = others.0.into_iter().filter(|it| self.iter().all(|here| here.code != it.code)).collect();
        // The newest first: where there is not room for all, they are the ones that X may still take.
        for mut slip in new.into_iter().rev() {
            slip.before = None;
            if !alone && slip.state == CodeState::Unused {
                slip.state = CodeState::Unknown;
            }
            self.put(slip);
        }
    }

    /// Whether so many more can be open.
    #[must_use]
    pub fn has_room(&self, more: usize) -> bool {
        self.count_open() + more <= MOST
    }

    /// How many X may still take.
    #[must_use]
    pub fn count_open(&self) -> usize {
        self.0.iter().filter(|it| it.state.is_open()).count()
    }

    fn push(&mut self, code: BackupCode, now: UnixTime) {
        let latest = self.0.iter().map(|it| it.added).max();
        let added = latest.map_or(now, |latest| now.max(latest.after(Span(1))));
        self.drop_spent();
        self.0.push(Slip { code, state: CodeState::Unused, since: now, added, before: None });
    }

    /// Puts a slip where its time says, if there is room or it can be made.
    fn put(&mut self, mut slip: Slip) {
        if self.iter().any(|it| it.code == slip.code) {
            return;
        }
        if slip.state.is_open() {
            self.drop_spent();
        }
        if self.0.len() >= MOST {
            return;
        }
        while self.0.iter().any(|it| it.added == slip.added) {
            slip.added = slip.added.after(Span(1));
        }
        let at = self.0.iter().position(|it| it.added > slip.added).unwrap_or(self.0.len());
        self.0.insert(at, slip);
    }

    /// What was used or cancelled makes room, the oldest first.
    fn drop_spent(&mut self) {
        if self.0.len() >= MOST
            && let Some(at) = self.0.iter().position(|it| !it.state.is_open())
        {
            self.0.remove(at);
        }
    }

    /// One change of the list: only the last one can be taken back. One that changes nothing is none.
    fn change(&mut self, now: UnixTime, to: impl Fn(usize, &Slip) -> Option<CodeState>) {
        let new: Vec<Option<CodeState>> =
            self.0.iter().enumerate().map(|(at, it)| to(at, it).filter(|state| *state != it.state)).collect();
        if new.iter().all(Option::is_none) {
            return;
        }
        for (slip, new) in self.0.iter_mut().zip(new) {
            slip.before = new.map(|_| slip.state);
            if let Some(state) = new {
                slip.state = state;
                slip.since = now;
            }
        }
    }
}

impl<'a> IntoIterator for &'a BackupCodes {
    type Item = &'a Slip;
    type IntoIter = core::slice::Iter<'a, Slip>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
