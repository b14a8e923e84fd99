//! What a screen of X means: the structural rules, without wording and without memory. What becomes of it (drafts,
//! proof, backup codes) is `app`'s business; QR codes are `sites::qr`'s.

use super::candidate::{self, Shape};
use super::plan::WATCH_PLAN;
use super::{Method, Place};
use crate::long_key::LongKey;
use crate::protocol::{Mark, Screen, ScreenText};
use crate::secret::Secret;
use alloc::vec::Vec;

/// What a screen shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The secret as text.
    Secret {
        /// The key.
        key: LongKey,
        /// Whether nothing stands against it, or the user is asked.
        sure: Sure,
    },
    /// Several candidates: nothing is stored, the user chooses. None stand here where they are too many to be X's.
    Conflict(Vec<LongKey>),
    /// The QR, without the text.
    Qr,
    /// The field for the confirmation code.
    Code {
        /// Whether X's toast says that the code was wrong.
        refused: bool,
    },
    /// X accepted the code.
    Success {
        /// The backup code that X gives now: 12 characters, `[a-z0-9]`.
        backup: Option<Secret>,
    },
    /// The settings page shows this backup code.
    Backup(Secret),
    /// The login asks for six digits, and nothing says that they were sent.
    LoginCode {
        /// Whether X's toast says that the code was wrong.
        refused: bool,
    },
    /// The login asks for a code that X sent somewhere: it shows to which address or number.
    LoginSent,
    /// The login asks for some other text: a backup code, a user name or a telephone number, which look the same.
    LoginText,
    /// A method is about to be turned off.
    Unenrolment(Method),
    /// Nothing of interest.
    Other,
}

/// How sure a sighting is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sure {
    /// The screen with X's own Next button, no QR, one candidate.
    Certain,
    /// Ask before anything is stored.
    Ask,
}

/// Judges one screen of the set-up flow.
#[must_use]
pub fn judge(screen: &Screen) -> Step {
    judge_at(Place::Enrolment, screen)
}

/// Judges one screen of any watched page. Only the set-up flow's own path can be certain of a key.
#[must_use]
pub fn judge_at(place: Place, screen: &Screen) -> Step {
    let has = |mark| screen.marks.contains(&mark);
    let refused = has(Mark::Toast);
    // A code that came by e-mail: nothing of ours belongs there, on whatever page.
    let by_mail = has(Mark::EmailCode);
    let six_digits = !by_mail && (has(Mark::CodeField) || has(Mark::SixDigits));
    match place {
        Place::Elsewhere => Step::Other,
        Place::Enrolment if has(Mark::Success) => Step::Success { backup: backup_code(screen) },
        Place::Enrolment => match shown(screen) {
            // A key beside the code field is worth more than the field: X shows it once.
            Step::Qr | Step::Other if six_digits => Step::Code { refused },
            step => step,
        },
        Place::BackupCode => backup_code(screen).map_or(Step::Other, Step::Backup),
        Place::Unenrolment(method) if has(Mark::Success) => Step::Unenrolment(method),
        Place::Unenrolment(_) => Step::Other,
        Place::Login | Place::Onboarding if by_mail || (six_digits && names_receiver(screen)) => Step::LoginSent,
        Place::Login | Place::Onboarding if six_digits => Step::LoginCode { refused },
        Place::Login if has(Mark::TextField) => Step::LoginText,
        Place::Login => Step::Other,
        Place::Settings | Place::Onboarding | Place::Unknown => limited(place, shown(screen)),
    }
}

/// What of a step may count at this place, also after the QR was read: only the set-up flow's own path can be certain,
/// and on a page that is known to show no key there is none.
#[must_use]
pub fn limited(place: Place, step: Step) -> Step {
    match (place, step) {
        (Place::Enrolment, step) => step,
        (Place::Settings | Place::Onboarding | Place::Unknown, Step::Secret { key, .. }) => {
            Step::Secret { key, sure: Sure::Ask }
        }
        (Place::Settings | Place::Onboarding | Place::Unknown, step) => step,
        (_, Step::Secret { .. } | Step::Conflict(_) | Step::Qr) => Step::Other,
        (_, step) => step,
    }
}

/// Most candidates that are offered: more are no set-up's.
const MOST_CANDIDATES: usize = 4;

/// The key or QR that the screen shows.
fn shown(screen: &Screen) -> Step {
    let has = |mark| screen.marks.contains(&mark);
    let mut found: Vec<(LongKey, Shape)> = Vec::new();
    let mut inside: Vec<bool> = Vec::with_capacity(screen.texts.len().min(WATCH_PLAN.most_texts()));
    for item in screen.texts.iter().take(WATCH_PLAN.most_texts()) {
        // Outermost only: a child of a candidate is the same text again.
        let parent = item.within.and_then(|at| usize::try_from(at).ok());
        let covered = parent.is_some_and(|at| inside.get(at).copied().unwrap_or(false));
        let candidate = if covered { None } else { candidate::key(&item.text) };
        inside.push(covered || candidate.is_some());
        if let Some((key, shape)) = candidate {
            match found.iter_mut().find(|(known, _)| *known == key) {
                // The same key twice, as text and in a field: one plain form is enough.
                Some((_, known)) if shape == Shape::Plain => *known = shape,
                Some(_) => {}
                None => found.push((key, shape)),
            }
        }
    }
    match (found.len(), found.pop()) {
        (1, Some((key, shape))) => {
            let sure = has(Mark::ShowCodeNext) && !has(Mark::Qr) && shape == Shape::Plain;
            Step::Secret { key, sure: if sure { Sure::Certain } else { Sure::Ask } }
        }
        (0, _) if has(Mark::Qr) => Step::Qr,
        (0, _) => Step::Other,
        (2..=MOST_CANDIDATES, Some(last)) => {
            found.push(last);
            Step::Conflict(found.into_iter().map(|(key, _)| key).collect())
        }
        _ => Step::Conflict(Vec::new()),
    }
}

/// Whether a text shows where a code went: part of an address or number behind asterisks or bullets, or the two or three
/// digits in which a telephone number ends. A text message's field looks as the app's does, in every language. 30 is the
/// number of seconds that the app's codes live.
fn names_receiver(screen: &Screen) -> bool {
    let masked = |word: &str| word.contains("**") || word.contains("••") || word.contains("●●");
    let ending = |word: &str| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        (2..=3).contains(&bare.chars().count()) && bare.chars().all(char::is_numeric) && bare != "30"
    };
    let texts = screen.texts.iter().take(WATCH_PLAN.most_texts());
    texts.flat_map(|item| item.text.split_whitespace()).any(|word| masked(word) || ending(word))
}

/// The one backup code of the screen. A word of twelve letters can stand alone on a line too: it counts only where
/// nothing with a digit does, and two different ones are none.
fn backup_code(screen: &Screen) -> Option<Secret> {
    let mut found: Vec<Secret> = Vec::new();
    // Who sends longer texts is no sensor. UTF-8 takes up to four bytes for a character.
    let fits = |item: &&ScreenText| item.text.len() <= 4 * WATCH_PLAN.longest_text();
    for item in screen.texts.iter().take(WATCH_PLAN.most_texts()).filter(fits) {
        for code in item.text.lines().filter_map(candidate::backup_code) {
            if !found.contains(&code) {
                found.push(code);
            }
        }
    }
    let digit = |code: &Secret| code.expose().bytes().any(|c| c.is_ascii_digit());
    if found.iter().any(digit) {
        found.retain(digit);
    }
    let only = found.pop()?;
    found.is_empty().then_some(only)
}
