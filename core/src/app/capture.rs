//! What the sensor on X's pages says, and what becomes of it. A page of X can add one pending key and attach
//! observations; it can never make a confirmed key stale, replaced or gone: the user's click on
//! [Save and get the code] is what allows a new key to take an old one's place.

use super::App;
use super::commit::NewSlot;
use super::memory::{Draft, Login, Strange, Submitted};
use super::undo::Gone;
use crate::capture::{Doubt, KeyState};
use crate::clock::Span;
use crate::code::matches;
use crate::effect::{Ask, Effect, Write};
use crate::env::Env;
use crate::label::{Handle, Id};
use crate::long_key::LongKey;
use crate::protocol::{Answer, FromContent, Mark, Screen, ToastWords};
use crate::refusal::Refusal;
use crate::reset::Task;
use crate::secret::Secret;
use crate::sites::qr::{self, QrKey, Settled};
use crate::sites::x::{self, Account, Method, Place, Step, Sure};
use crate::vault::Sighting;
use alloc::{boxed::Box, vec, vec::Vec};

/// Most drafts of one account that nobody has chosen: X made that many newer keys for it.
const MOST_OF_AN_ACCOUNT: usize = 8;
/// Most drafts of one tab that nobody has chosen: a page that shows key after key, each for another account, fills nothing.
const MOST_OF_A_TAB: usize = 32;
/// Most drafts that nobody has chosen, so that several such pages leave room for what the user does choose.
const MOST_IDLE: usize = 100;
/// Most drafts at all, so that a locked vault's inbox stays far below the store's quota.
pub(super) const MOST_DRAFTS: usize = 256;
/// X needs longer than this to make and show a new key; a page that shows them faster is not X.
pub(super) const PACE: Span = Span(100);

/// Drafts of a kind, and how many of them may lie idle.
type Bound<'a> = (&'a dyn Fn(&Draft) -> bool, usize);

impl App {
    pub(super) fn sensed(
        &mut self,
        tab: i32,
        place: Place,
        incognito: bool,
        says: FromContent,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) {
        match (says, place) {
            (FromContent::Saw(screen), place) => self.saw(tab, place, &screen, incognito, env, out),
            (FromContent::Typed(code), Place::Enrolment) => self.typed(tab, &code, env, out),
            (FromContent::Typed(_), Place::Login | Place::Onboarding) => {
                if self.tab(tab).login_anew() {
                    out.push(Effect::News);
                }
            }
            (FromContent::Still, Place::Enrolment) => self.still(tab, out),
            (FromContent::Left, _) => self.left(tab, out),
            (FromContent::Typed(_) | FromContent::Still, _) => {}
        }
    }

    pub(super) fn saw(
        &mut self,
        tab: i32,
        place: Place,
        screen: &Screen,
        incognito: bool,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) {
        let before = self.tab(tab).standing();
        self.tab(tab).showing = place == Place::Enrolment;
        let it = self.tab(tab);
        it.private = incognito;
        match x::account(place, screen) {
            Account::Told(handle) => {
                // Another account was signed in since: what was shown to the one before is not this one's.
                if it.subject_of.as_ref().is_some_and(|before| *before != handle) {
                    (it.subject, it.subject_of, it.submitted) = (None, None, None);
                }
                (it.handle, it.unclear) = (Some(handle), false);
            }
            Account::Unclear => (it.handle, it.unclear) = (None, true),
            // The sensor keeps the name of a login; what a page before it named is not who signs in.
            Account::Untold if matches!(place, Place::Login | Place::Onboarding) => {
                (it.handle, it.unclear) = (None, false)
            }
            Account::Untold => {}
        }
        let Some(codes) = self.qr_codes(tab, place, screen, incognito, env.now, out) else {
            if self.tab(tab).standing() != before {
                out.push(Effect::News);
            }
            return;
        };
        let Settled { step, code, rivals } = qr::settle(x::judge_at(place, screen), screen, &codes);
        let step = x::limited(place, step);
        let login = match step {
            // X's toast goes by itself; what it said stands until another code is sent.
            Step::LoginCode { refused } => {
                Some(Login::Code { refused: refused || self.tab(tab).login.is_some_and(Login::is_refused) })
            }
            Step::LoginText => Some(Login::Text),
            Step::LoginSent => Some(Login::Sent),
            _ => None,
        };
        let fits = |it: Option<Login>| it.is_some_and(|it| !it.is_sent());
        let asks = fits(login) && !fits(self.tab(tab).login);
        self.tab(tab).login = login;
        let nothing = place == Place::Enrolment
            && match &step {
                Step::Other => !screen.marks.contains(&Mark::Before),
                Step::Conflict(_) => rivals.is_empty(),
                _ => false,
            };
        let it = self.tab(tab);
        it.strange = match it.strange {
            Some(Strange::Told) if nothing => Some(Strange::Told),
            _ => nothing.then_some(Strange::Seen),
        };
        if !matches!(step, Step::Code { .. }) {
            self.tab(tab).code_wanted = false;
        }
        if place == Place::BackupCode {
            self.warn_full(tab, if let Step::Backup(code) = &step { Some(code) } else { None }, out);
        }
        match step {
            Step::Secret { key, sure } => {
                self.tab(tab).showing = true;
                self.saw_key(tab, key, code.as_ref(), sure, env, out);
            }
            Step::Code { refused } => self.saw_code_field(tab, refused, out),
            Step::Success { backup } => {
                self.saw_success(tab, env, out);
                if let Some(code) = backup {
                    self.private_or(tab, incognito, &code, env, out);
                }
            }
            Step::Backup(code) => self.private_or(tab, incognito, &code, env, out),
            Step::Conflict(_) if !rivals.is_empty() => self.saw_rivals(tab, rivals, env, out),
            Step::LoginCode { .. } | Step::LoginText if asks => self.login_asks(tab, out),
            Step::Unenrolment(Method::App) => self.turning_off(tab, env, out),
            Step::Qr
            | Step::Conflict(_)
            | Step::LoginCode { .. }
            | Step::LoginText
            | Step::LoginSent
            | Step::Unenrolment(_)
            | Step::Other => {}
        }
        if place == Place::Settings {
            self.saw_settings(tab, screen, env, out);
        }
        if self.tab(tab).standing() != before {
            out.push(Effect::News);
        }
    }

    /// Nothing known has stood on X's set-up for 20 seconds: if X shows a key there, only the user sees it.
    fn still(&mut self, tab: i32, out: &mut Vec<Effect>) {
        let it = self.tab(tab);
        if it.strange == Some(Strange::Seen) && it.showing {
            it.strange = Some(Strange::Told);
            out.push(Effect::Tell(tab, ToastWords::PageChanged));
            out.push(Effect::News);
        }
    }

    /// From a private window nothing is kept unasked; a backup code can be added by hand, and X shows it again.
    fn private_or(&mut self, tab: i32, incognito: bool, code: &Secret, env: &mut Env<'_>, out: &mut Vec<Effect>) {
        if !incognito {
            return self.saw_backup(tab, code, env, out);
        }
        if !core::mem::replace(&mut self.tab(tab).private_told, true) {
            out.push(Effect::Tell(tab, ToastWords::CodeNotSaved));
        }
    }

    fn turning_off(&mut self, tab: i32, env: &mut Env<'_>, out: &mut Vec<Effect>) {
        if let Some(handle) = self.tab(tab).handle.clone() {
            self.doubt(&handle, Doubt::TurningOff, env, out);
        }
    }

    fn saw_key(
        &mut self,
        tab: i32,
        key: LongKey,
        code: Option<&QrKey>,
        sure: Sure,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) {
        let it = self.tab(tab);
        let (ask, private) = (sure == Sure::Ask, it.private);
        it.handle = it.whose(code.and_then(|it| it.handle.clone()));
        it.subject_of.clone_from(&it.handle);
        it.submitted = None;
        it.refused = false;
        if let Some(known) = self.knows(&key) {
            if self.tab(tab).subject != Some(known) {
                self.tab(tab).subject = Some(known);
                out.push(Effect::News);
            }
            let news = self.settled(tab, known, sure, code);
            // From a private window nothing is kept unasked, however certain it has become.
            let certain = self.draft(known).is_some_and(|draft| !draft.is_asked());
            let settled = news && certain;
            // Its first write may have failed.
            let unsealed =
                certain && self.stored.envelope.is_some() && self.stored.inbox.iter().all(|item| item.id != known);
            if (settled || unsealed) && !self.read_only {
                self.store_draft(known, vec![Effect::News], env, out);
            } else if news {
                out.push(Effect::News);
            }
            if settled && let Some(handle) = self.tab(tab).handle.clone() {
                self.tick(&handle, Task::BEFORE_THE_KEY, out);
                self.superseded(&handle, known, env, out);
            }
            return;
        }
        // A clock that was set back must not silence X's next key.
        let newest = self.tab(tab).newest;
        if newest <= env.now && env.now.since(newest) < PACE {
            return;
        }
        self.forget_rivals(tab, None);
        let handle = self.tab(tab).handle.clone();
        let anothers = |draft: &Draft| matches!((&draft.sighting.handle, &handle), (Some(was), Some(is)) if was != is);
        // X made a new key: the one this tab showed before is dead unless the user kept it, or it is another account's.
        let dead = self.tab(tab).subject.take();
        // What is only asked may be no key at all: it drops nothing that was certain.
        self.forget_drafts(|draft| {
            Some(draft.id) == dead && draft.is_idle() && (draft.is_asked() || !(ask || private || anothers(draft)))
        });
        // What was only asked makes room, and for what is certain an older key of the account. Any other that was certain is
        // somebody's key, and X shows it no second time.
        let of_account = |it: &Draft| handle.is_some() && it.sighting.handle == handle;
        let bounds: [Bound<'_>; 3] =
            [(&of_account, MOST_OF_AN_ACCOUNT), (&|it| it.tab == Some(tab), MOST_OF_A_TAB), (&|_| true, MOST_IDLE)];
        let idle = || self.memory.drafts.iter().filter(|it| it.is_idle());
        if let Some((of, _)) = bounds.into_iter().find(|(of, most)| idle().filter(|it| of(it)).count() >= *most) {
            let older = || idle().find(|it| of_account(it) && !(ask || private));
            let Some(gone) = idle().find(|it| it.is_asked() && of(it)).or_else(older).map(|it| it.id) else {
                cannot_save(tab, &FromContent::Saw(Screen::default()), out);
                return;
            };
            self.forget_drafts(|draft| draft.id == gone);
        }
        // While locked, drafts leave the memory; what they left in the inbox counts as well.
        if self.memory.drafts.len().max(self.stored.inbox.len()) >= MOST_DRAFTS {
            cannot_save(tab, &FromContent::Saw(Screen::default()), out);
            return;
        }
        self.tab(tab).newest = env.now;
        let recipe = code.map(|it| it.recipe).unwrap_or_default();
        let id = env.id();
        let sighting =
            Sighting { key, handle: handle.clone(), seen: env.now, kept: false, state: KeyState::Pending, recipe };
        self.memory.drafts.push(Draft { id, sighting, tab: Some(tab), ask, private });
        self.tab(tab).subject = Some(id);
        self.rows_changed = true;
        let then = vec![Effect::News, Effect::OpenPopup(tab)];
        if self.read_only {
            // It stays in memory, and the page says what that means.
            out.push(Effect::Tell(tab, ToastWords::NotSaved));
        }
        let stored = !(ask || private || self.read_only);
        if stored {
            self.store_draft(id, then, env, out);
        } else {
            out.extend(then);
        }
        // After the key itself: a lesser write that fails must not take it along.
        if let Some(handle) = handle {
            self.tick(&handle, Task::BEFORE_THE_KEY, out);
            if stored {
                self.superseded(&handle, id, env, out);
            }
        }
    }

    /// The draft or entry that has this key already.
    pub(super) fn knows(&self, key: &LongKey) -> Option<Id> {
        let draft = self.memory.drafts.iter().find(|draft| draft.sighting.key == *key).map(|draft| draft.id);
        draft.or_else(|| {
            let entries = &self.open.as_ref()?.vault.entries;
            entries.iter().find(|entry| entry.holds(key)).map(|entry| entry.id)
        })
    }

    pub(super) fn forget_drafts(&mut self, which: impl Fn(&Draft) -> bool) {
        let inbox = &mut self.stored.inbox;
        self.memory.drafts.retain(|draft| {
            let gone = which(draft);
            if gone {
                inbox.retain(|item| item.id != draft.id);
            }
            !gone
        });
        self.rows_changed = true;
    }

    fn saw_code_field(&mut self, tab: i32, refused: bool, out: &mut Vec<Effect>) {
        let it = self.tab(tab);
        // As at the login.
        let refused = (refused || it.refused) && it.submitted.is_some();
        let first = !it.code_wanted && !refused;
        it.code_wanted = true;
        it.refused = refused;
        let subject = it.subject;
        // The popup closed when X's Next was clicked: once more, with the code.
        if first && subject.is_some() {
            out.push(Effect::OpenPopup(tab));
        }
    }

    /// The code typed on X equals ours: the right key, not yet accepted.
    fn typed(&mut self, tab: i32, code: &str, env: &mut Env<'_>, out: &mut Vec<Effect>) {
        let now = env.now;
        let Some(subject) = self.tab(tab).subject else { return };
        let then = self.code_time(now);
        let fits = |key: &LongKey, recipe| matches(key, recipe, code, then);
        let mut submitted = Submitted::Other;
        if let Some(draft) = self.memory.drafts.iter_mut().find(|draft| draft.id == subject) {
            if fits(&draft.sighting.key, draft.sighting.recipe) {
                submitted = Submitted::Ours(None);
                if draft.sighting.state == KeyState::Pending {
                    draft.sighting.state = KeyState::Matched;
                    self.rows_changed = true;
                    self.keep_sealed(subject, env, out);
                }
            }
        } else if let Some(open) = self.open.as_mut()
            && let Some(entry) = open.vault.entry_mut(subject)
            && let Some(waiting) = entry.waiting()
        {
            let (added, state) = (waiting.added, waiting.state);
            if fits(&waiting.key, waiting.recipe) {
                submitted = Submitted::Ours(Some(added));
                if state == KeyState::Pending {
                    entry.matched(added, now);
                    out.extend(self.commit(env, vec![], vec![Effect::News]));
                }
            }
        }
        let it = self.tab(tab);
        it.submitted = Some(submitted);
        it.refused = false;
        out.push(Effect::News);
    }

    fn saw_success(&mut self, tab: i32, env: &mut Env<'_>, out: &mut Vec<Effect>) {
        let it = self.tab(tab);
        let (Some(subject), Some(Submitted::Ours(added))) = (it.subject, it.submitted.take()) else { return };
        let handle = it.handle.clone();
        if let Some(draft) = self.memory.drafts.iter_mut().find(|draft| draft.id == subject) {
            draft.sighting.state = KeyState::Confirmed;
            self.rows_changed = true;
            self.keep_sealed(subject, env, out);
        } else if let Some(entry) = self.open.as_mut().and_then(|open| open.vault.entry_mut(subject)) {
            let now = env.now;
            // A draft whose code was typed and that was kept since: the key that waits now is that one.
            if let Some(added) = added.or_else(|| entry.waiting().map(|held| held.added)) {
                entry.confirm(added, now);
            }
            let then = vec![Effect::Tell(tab, ToastWords::Saved), Effect::News];
            out.extend(self.commit(env, vec![], then));
        }
        if let Some(handle) = handle {
            self.app_is_on(&handle, out);
            self.no_doubt(&handle);
            self.tick(&handle, &[Task::Digits], out);
        }
        out.push(Effect::News);
    }

    fn saw_settings(&mut self, tab: i32, screen: &Screen, env: &mut Env<'_>, out: &mut Vec<Effect>) {
        let Some(handle) = self.tab(tab).handle.clone() else { return };
        let off = match (screen.marks.contains(&Mark::AppOff), screen.marks.contains(&Mark::AppOn)) {
            (true, false) => true,
            (false, true) => false,
            _ => return,
        };
        // This page is where the first two steps lead.
        self.tick(&handle, &[Task::Security, Task::TheApp], out);
        let begun = self.stored.resets.iter_mut().find(|reset| reset.handle == handle);
        if let Some(reset) = begun
            && reset.app_off != off
        {
            reset.app_off = off;
            self.write_resets(out);
        }
        if off {
            self.doubt(&handle, Doubt::AppOff, env, out);
        } else {
            self.no_doubt(&handle);
        }
    }

    pub(super) fn popup_refused(&mut self, tab: i32, out: &mut Vec<Effect>) {
        out.push(Effect::Tell(tab, ToastWords::KeySeen));
    }

    /// The user wants no popup that opens by itself: a key that nobody has saved yet is told by the toast, and by the badge.
    pub(super) fn stay_shut(&self, out: &mut Vec<Effect>) {
        let waits = self.memory.drafts.iter().any(|draft| !draft.sighting.kept);
        let told = out.iter().any(|it| matches!(it, Effect::Tell(..)));
        out.retain_mut(|effect| {
            let Effect::OpenPopup(tab) = *effect else { return true };
            *effect = Effect::Tell(tab, ToastWords::KeySeen);
            waits && !told
        });
    }

    pub(super) fn keep_draft(
        &mut self,
        id: Id,
        handle: &str,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let handle = Handle::parse(handle)?;
        self.changeable()?;
        self.choose_rival(id);
        let at = self.memory.drafts.iter().position(|draft| draft.id == id).ok_or(Refusal::DraftUnknown)?;
        self.memory.drafts[at].sighting.kept = true;
        self.memory.drafts[at].sighting.handle = Some(handle.clone());
        self.rows_changed = true;
        let mut write = match &self.stored.envelope {
            Some(_) => Write::default(),
            None => self.create(env, NewSlot::Device).unwrap_or_default(),
        };
        if self.open.is_none() {
            // Locked: the inbox takes it, its first code is shown all the same.
            self.seal_draft(id, env);
            write = self.with_inbox(write);
            out.push(Effect::Write { write, then: vec![Effect::Answer(ask, Answer::Kept(id)), Effect::News] });
            self.tick(&handle, &[Task::Save], out);
            return Ok(());
        }
        if !write.set.is_empty() {
            out.push(Effect::Write { write, then: vec![] });
        }
        let sighting = self.memory.drafts[at].sighting.clone();
        let now = env.now;
        let home = self.home_of(&handle, now).unwrap_or(id);
        let open = self.open.as_mut().ok_or(Refusal::Internal)?;
        let entry = open.vault.keep_sighting(home, &handle, &sighting, now);
        self.stored.inbox.retain(|item| item.id != id);
        for tab in self.memory.tabs.iter_mut().filter(|tab| tab.subject == Some(id)) {
            tab.subject = Some(entry);
        }
        self.codes_of(id, entry);
        let inbox = self.inbox_text();
        let then = vec![Effect::Forget(id), Effect::Answer(ask, Answer::Kept(entry)), Effect::News];
        out.push(self.commit(env, vec![inbox], then).ok_or(Refusal::Internal)?);
        self.tick(&handle, &[Task::Save], out);
        Ok(())
    }

    pub(super) fn drop_draft(&mut self, id: Id, ask: Ask, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let draft = self.draft(id).ok_or(Refusal::DraftUnknown)?;
        if draft.state() == KeyState::Confirmed {
            return Err(Refusal::AcceptedByX);
        }
        self.changeable()?;
        let sealed = self.stored.inbox.iter().any(|item| item.id == id);
        let gone = Gone::Draft(Box::new(draft.clone()), sealed);
        self.forget_drafts(|draft| draft.id == id);
        self.offer(gone, out);
        let then = vec![Effect::Answer(ask, Answer::Done), Effect::News];
        out.push(Effect::Write { write: self.with_inbox(Write::default()), then });
        Ok(())
    }
}

/// A key that is on X's page now and cannot be kept: said at once, since X will not show it again.
pub(super) fn cannot_save(tab: i32, says: &FromContent, out: &mut Vec<Effect>) {
    if matches!(says, FromContent::Saw(_)) {
        out.push(Effect::Tell(tab, ToastWords::NotSaved));
        out.push(Effect::OpenPopup(tab));
    }
}
