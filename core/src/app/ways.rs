//! Ways of opening the vault: passphrase, recovery code, passkey. Adding one wraps the same vault key once more; setting,
//! changing or removing one makes a new vault key that the passphrase alone opens.

use super::App;
use super::commit::{NewSlot, Places};
use crate::clock::{Span, UnixTime};
use crate::effect::{Ask, Effect};
use crate::env::Env;
use crate::label::Id;
use crate::protocol::{Answer, PasskeyTerms, Terms, Way};
use crate::refusal::Refusal;
use crate::secret::{Key32, Secret};
use crate::vault::recovery::RecoveryCode;
use crate::vault::slots::{Kind, Slot};
use crate::vault::work::Work;
use alloc::{vec, vec::Vec};

/// Wrong passphrases that cost no wait.
const FREE: u32 = 3;
/// The longest wait. Argon2id is what makes guessing slow; this only stops a page that would try without end.
const LONGEST_WAIT: Span = Span::seconds(5);

impl App {
    /// First run, skipped: capture works at once, and the state says that nothing is locked.
    pub(super) fn skip_passphrase(
        &mut self,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let answer = vec![Effect::Answer(ask, Answer::Done), Effect::News];
        if self.stored.envelope.is_some() {
            out.extend(answer);
            return Ok(());
        }
        let write = self.create(env, NewSlot::Device).ok_or(Refusal::Internal)?;
        out.push(Effect::Write { write, then: answer });
        Ok(())
    }

    pub(super) fn new_terms(env: &mut Env<'_>) -> Terms {
        Terms { slot: env.id(), salt: crate::base64::print(&env.random::<16>()), work: Work::USUAL }
    }

    /// Sets or changes the passphrase: a new vault key, and no other way in.
    pub(super) fn set_passphrase(
        &mut self,
        terms: &Terms,
        derived: &Secret,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let derived = Key32::from_text(derived).ok_or(Refusal::Internal)?;
        let slot = NewSlot::Passphrase(terms.slot, terms.kind().ok_or(Refusal::Internal)?, &derived);
        let write = if self.stored.envelope.is_none() {
            self.create(env, slot)
        } else {
            self.vault()?;
            // The inbox is empty or holds what the open vault has shown as drafts; they are sealed anew.
            self.rekey(env, slot)
        };
        let then =
            vec![self.lock_alarm(self.deadline(env.now), env.now), Effect::Answer(ask, Answer::Done), Effect::News];
        out.push(Effect::Write { write: write.ok_or(Refusal::Internal)?, then });
        Ok(())
    }

    pub(super) fn unlock_terms(&mut self) -> Result<Terms, Refusal> {
        // Somebody has typed a passphrase a moment ago.
        self.memory.away = false;
        self.slots()?.iter().find_map(Terms::of).ok_or(Refusal::NoVault)
    }

    fn slots(&self) -> Result<&[Slot], Refusal> {
        self.stored.envelope.as_ref().map(|it| it.header.slots.as_slice()).ok_or(Refusal::NoVault)
    }

    /// The ways that there are, readable while locked.
    pub(super) fn ways(&self) -> Vec<Way> {
        let way = |slot: &Slot| match &slot.kind {
            Kind::Passphrase { work, .. } => Some(Way::Passphrase { small: *work == Work::SMALL }),
            Kind::Recovery => Some(Way::Recovery),
            Kind::Passkey { credential, salt } => Some(Way::Passkey {
                terms: PasskeyTerms { slot: slot.id, salt: crate::base64::print(salt) },
                credential: crate::base64::print(credential),
            }),
            Kind::Device => None,
        };
        self.slots().unwrap_or_default().iter().filter_map(way).collect()
    }

    /// The vault key that this secret unwraps from a slot; a wrong one counts, and after some the next must wait.
    fn unwrap(
        &mut self,
        which: impl Fn(&Slot) -> bool,
        secret: &Key32,
        wrong: Refusal,
        now: UnixTime,
    ) -> Result<Key32, Refusal> {
        // A clock that was set back must not lock anybody out.
        let wait = self.memory.try_from.since(now);
        if wait > Span(0) && wait <= LONGEST_WAIT {
            return Err(Refusal::TooSoon { seconds: u32::try_from(wait.0.div_ceil(1000)).unwrap_or(u32::MAX) });
        }
        let header = &self.stored.envelope.as_ref().ok_or(Refusal::NoVault)?.header;
        let key = header.slots.iter().filter(|slot| which(slot)).find_map(|slot| slot.open(&header.vault, secret));
        if let Some(key) = key {
            self.memory.wrong = 0;
            return Ok(key);
        }
        self.memory.wrong = self.memory.wrong.saturating_add(1);
        if let Some(more) = self.memory.wrong.checked_sub(FREE + 1) {
            let wait = Span::seconds(1_u64 << more.min(8)).min(LONGEST_WAIT);
            self.memory.try_from = now.after(wait);
        }
        Err(wrong)
    }

    /// The screen may have been locked while a key was derived: then whoever typed it has left. Refused once, since a browser
    /// that does not tell that somebody came back must lock nobody out.
    fn is_there(&mut self) -> Result<(), Refusal> {
        if core::mem::take(&mut self.memory.away) { Err(Refusal::Locked) } else { Ok(()) }
    }

    fn opened(&mut self, key: Key32, ask: Ask, env: &mut Env<'_>, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        self.is_there()?;
        let until = self.deadline(env.now);
        self.open_with(key, Some(until), env)?;
        out.push(self.lock_alarm(until, env.now));
        if core::mem::take(&mut self.unproved) {
            // It opened: now it is read once more, put right and made official.
            out.push(Effect::Remember(self.memory_text()));
            self.reload(out);
        } else {
            self.absorb(env, out);
        }
        out.push(Effect::Answer(ask, Answer::Done));
        out.push(Effect::News);
        Ok(())
    }

    pub(super) fn unlock(
        &mut self,
        slot: Id,
        derived: &Secret,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let secret = Key32::from_text(derived).ok_or(Refusal::Internal)?;
        let of = |it: &&Slot| it.id == slot;
        let wrong = match self.slots()?.iter().find(of).map(|it| &it.kind) {
            Some(Kind::Passkey { .. }) => Refusal::PasskeyWrong,
            _ => Refusal::PassphraseWrong,
        };
        // A recovery code comes by its own question, which checks its form.
        let which = |it: &Slot| it.id == slot && matches!(it.kind, Kind::Passphrase { .. } | Kind::Passkey { .. });
        let key = self.unwrap(which, &secret, wrong, env.now)?;
        self.opened(key, ask, env, out)
    }

    /// Whether this is the passphrase of the vault, which is open and stays as it is: a recovery code that waits to be typed
    /// back, and a passphrase that is due, are none of this question's business.
    pub(super) fn check_passphrase(&mut self, slot: Id, derived: &Secret, now: UnixTime) -> Result<(), Refusal> {
        self.vault()?;
        let secret = Key32::from_text(derived).ok_or(Refusal::Internal)?;
        let which = |it: &Slot| it.id == slot && matches!(it.kind, Kind::Passphrase { .. });
        self.unwrap(which, &secret, Refusal::PassphraseWrong, now).map(drop)
    }

    /// Opens with the recovery code. It is used up by the passphrase that has to be set now; that it was used is written
    /// down, so that it is asked for again after the next unlocking.
    pub(super) fn recover(
        &mut self,
        code: &Secret,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let code = RecoveryCode::parse(code.expose())?;
        let key = self.unwrap(|it| it.kind == Kind::Recovery, &code.key(), Refusal::RecoveryWrong, env.now)?;
        self.is_there()?;
        self.settings.recovered = true;
        out.push(self.write_settings(vec![]));
        self.opened(key, ask, env, out)
    }

    /// The same passphrase at the usual cost. Both places are written: the cheaper slot must not stay.
    pub(super) fn raise_work(
        &mut self,
        slot: Id,
        terms: &Terms,
        derived: &Secret,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let secret = Key32::from_text(derived).ok_or(Refusal::Internal)?;
        let kind = terms.kind().ok_or(Refusal::Internal)?;
        let key = self.vault()?.key.clone();
        let header = &self.stored.envelope.as_ref().ok_or(Refusal::NoVault)?.header;
        let vault = header.vault;
        // By its id: a passphrase that was changed meanwhile has another.
        let small =
            |it: &Slot| it.id == slot && matches!(it.kind, Kind::Passphrase { work, .. } if work == Work::SMALL);
        let mut slots = header.slots.clone();
        let old = slots.iter_mut().find(|slot| small(slot)).ok_or(Refusal::NoVault)?;
        *old = Slot::make(env, &vault, terms.slot, kind, &secret, &key);
        self.rewrapped(slots, Places::Every, ask, env, out)
    }

    fn rewrapped(
        &mut self,
        slots: Vec<Slot>,
        places: Places,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let write = self.rewrap(env, slots, places).ok_or(Refusal::Internal)?;
        out.push(Effect::Write { write, then: vec![Effect::Answer(ask, Answer::Done), Effect::News] });
        Ok(())
    }

    /// A code to write down. The session keeps it until it was typed back; it opens nothing before.
    pub(super) fn new_recovery(&mut self, ask: Ask, env: &mut Env<'_>, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let code = RecoveryCode::make(env);
        let open = self.vault()?;
        // Without a passphrase there is nothing to forget.
        open.until.ok_or(Refusal::PassphraseMissing)?;
        out.push(Effect::Answer(ask, Answer::Recovery(code.print())));
        open.new_recovery = Some(code);
        Ok(())
    }

    /// Typed back: the code opens the vault from now on.
    pub(super) fn keep_recovery(
        &mut self,
        typed: &Secret,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let typed = RecoveryCode::parse(typed.expose())?;
        let open = self.vault()?;
        // Another page had one made since, or the vault was locked meanwhile: what was written down opens nothing.
        let code = open.new_recovery.as_ref().ok_or(Refusal::RecoveryDiffers)?;
        if *code != typed {
            return Err(Refusal::RecoveryDiffers);
        }
        open.new_recovery = None;
        self.add_slot(Kind::Recovery, env.id(), &typed.key(), ask, env, out)
    }

    pub(super) fn new_passkey_terms(env: &mut Env<'_>) -> PasskeyTerms {
        PasskeyTerms { slot: env.id(), salt: crate::base64::print(&env.random::<32>()) }
    }

    pub(super) fn add_passkey(
        &mut self,
        terms: &PasskeyTerms,
        credential: &str,
        derived: &Secret,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let secret = Key32::from_text(derived).ok_or(Refusal::Internal)?;
        let salt = crate::base64::parse(&terms.salt).and_then(|it| <[u8; 32]>::try_from(it).ok());
        let salt = salt.ok_or(Refusal::Internal)?;
        // WebAuthn Level 3 §6.1.1: an id has at most 1023 bytes.
        let credential = crate::base64::parse(credential).filter(|it| (1..=1023).contains(&it.len()));
        let kind = Kind::Passkey { credential: credential.ok_or(Refusal::Internal)?, salt };
        self.add_slot(kind, terms.slot, &secret, ask, env, out)
    }

    /// One more way in, beside the passphrase; a second of its kind would outlive the first's removal.
    fn add_slot(
        &mut self,
        kind: Kind,
        id: Id,
        secret: &Key32,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let open = self.vault()?;
        open.until.ok_or(Refusal::PassphraseMissing)?;
        let key = open.key.clone();
        let header = &self.stored.envelope.as_ref().ok_or(Refusal::NoVault)?.header;
        let alike = |slot: &Slot| core::mem::discriminant(&slot.kind) == core::mem::discriminant(&kind);
        if header.slots.iter().any(alike) {
            return Err(Refusal::WayTaken);
        }
        let vault = header.vault;
        let mut slots = header.slots.clone();
        slots.push(Slot::make(env, &vault, id, kind, secret, &key));
        self.rewrapped(slots, Places::Other, ask, env, out)
    }

    /// A new vault key, and the passphrase alone opens it.
    pub(super) fn only_passphrase(
        &mut self,
        slot: Id,
        derived: &Secret,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        self.vault()?;
        let secret = Key32::from_text(derived).ok_or(Refusal::Internal)?;
        let which = |it: &Slot| it.id == slot && matches!(it.kind, Kind::Passphrase { .. });
        self.unwrap(which, &secret, Refusal::PassphraseWrong, env.now)?;
        let kind = self.slots()?.iter().find(|it| which(it)).map(|it| it.kind.clone());
        let slot = NewSlot::Passphrase(slot, kind.ok_or(Refusal::NoVault)?, &secret);
        let write = self.rekey(env, slot).ok_or(Refusal::Internal)?;
        let then =
            vec![self.lock_alarm(self.deadline(env.now), env.now), Effect::Answer(ask, Answer::Done), Effect::News];
        out.push(Effect::Write { write, then });
        Ok(())
    }
}
