//! Backup codes as pages ask for them: added by hand, one shown, what became of each. What may become of them is in
//! `backup_codes`.
//!
//! A page gets the one code that was clicked on, by a question, and not all of them in the session's rows: rows are there so
//! that ticking codes are painted before the background wakes; a backup code is wanted once in a year, and should lie in
//! as few places as can be.

use super::App;
use crate::backup_codes::{BackupCode, BackupMark};
use crate::clock::UnixTime;
use crate::effect::{Ask, Effect};
use crate::env::Env;
use crate::label::Id;
use crate::protocol::Answer;
use crate::refusal::Refusal;
use crate::secret::Secret;
use alloc::{vec, vec::Vec};

impl App {
    pub(super) fn add_backup_codes(
        &mut self,
        entry: Id,
        text: &Secret,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let codes = BackupCode::parse_list(text.expose())?;
        let now = env.now;
        let entry = self.writable()?.vault.entry_mut(entry).ok_or(Refusal::EntryUnknown)?;
        entry.backup.add(codes, now)?;
        let handle = entry.handle.clone();
        out.push(self.saved(env, vec![Effect::Answer(ask, Answer::Done), Effect::News])?);
        self.backup_kept(&handle, out);
        Ok(())
    }

    pub(super) fn backup_code(&mut self, entry: Id, added: UnixTime) -> Result<Answer, Refusal> {
        let entry = self.vault()?.vault.entry(entry).ok_or(Refusal::EntryUnknown)?;
        let slip = entry.backup.slip(added).ok_or(Refusal::BackupUnknown)?;
        Ok(Answer::BackupCode(slip.code.grouped()))
    }

    pub(super) fn mark_backup(
        &mut self,
        entry: Id,
        mark: BackupMark,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let now = env.now;
        let entry = self.writable()?.vault.entry_mut(entry).ok_or(Refusal::EntryUnknown)?;
        if !entry.backup.mark(mark, now) {
            return Err(Refusal::BackupUnknown);
        }
        out.push(self.saved(env, vec![Effect::Answer(ask, Answer::Done), Effect::News])?);
        Ok(())
    }
}
