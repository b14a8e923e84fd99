//! What pages ask, and who answers it: one arm each.

use super::{App, connecting, rescue, sign_in};
use crate::effect::{Ask, Effect, Key};
use crate::env::Env;
use crate::protocol::{Answer, Notice, Question};
use crate::refusal::Refusal;
use crate::secret::Secret;
use alloc::{vec, vec::Vec};

impl App {
    pub(super) fn asked(
        &mut self,
        question: Question,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let everywhere = matches!(
            question,
            Question::SetPassphrase { .. } | Question::OnlyPassphrase { .. } | Question::RaiseWork { .. }
        );
        if everywhere && self.mirror_unread && self.stored.envelope.is_some() {
            // What the mirror holds would still open, or is newer than what is here: it is read first.
            let once_more = self.again(ask);
            self.reload(out);
            return if once_more { Ok(()) } else { Err(Refusal::StoreSilent) };
        }
        match question {
            Question::View => {
                self.poll_if_old(env.now, out);
                self.follow_connections(env.now, out);
                self.look_at_tabs(out);
                out.push(Effect::Answer(ask, Answer::View(self.view(env.now))));
                Ok(())
            }
            Question::KeepDraft { draft, handle } => self.keep_draft(draft, &handle, ask, env, out),
            Question::DropDraft { draft } => self.drop_draft(draft, ask, out),
            Question::Fill { id } => self.fill(id, ask, self.code_time(env.now), out),
            Question::AddKey { text, handle } => self.add_key(&text, &handle, ask, env, out),
            Question::Accepted { entry } => self.edit(entry, ask, env, out, |it, now| {
                if let Some(added) = it.waiting().map(|held| held.added) {
                    it.confirm(added, now);
                }
            }),
            Question::FillBackup { entry } => self.fill_backup(entry, ask, out),
            Question::NotAccepted { entry } => self.edit(entry, ask, env, out, |it, now| it.not_accepted(now)),
            Question::Trust { entry } => self.trust(entry, ask, env, out),
            Question::Refuses { entry } => self.edit(entry, ask, env, out, |it, now| it.refuse(now)),
            Question::AddBackupCodes { entry, text } => self.add_backup_codes(entry, &text, ask, env, out),
            Question::BackupCode { entry, added } => answer(out, ask, self.backup_code(entry, added)?),
            Question::MarkBackup { entry, mark } => self.mark_backup(entry, mark, ask, env, out),
            Question::Rename { entry, handle } => self.rename(entry, &handle, ask, env, out),
            Question::Delete { entry } => {
                self.change(ask, env, out, |vault, now| vault.delete(entry, now).then_some(Answer::Done))
            }
            Question::Undelete { entry } => {
                self.change(ask, env, out, |vault, now| vault.undelete(entry, now).map(Answer::Kept))
            }
            Question::Purge { entry } => {
                self.change(ask, env, out, |vault, _| vault.purge(entry).then_some(Answer::Done))
            }
            Question::SkipPassphrase => self.skip_passphrase(ask, env, out),
            Question::NewPassphraseTerms => answer(out, ask, Answer::Terms(Self::new_terms(env))),
            Question::SetPassphrase { terms, derived } => self.set_passphrase(&terms, &derived, ask, env, out),
            Question::UnlockTerms => answer(out, ask, Answer::Terms(self.unlock_terms()?)),
            Question::Unlock { slot, derived } => self.unlock(slot, &derived, ask, env, out),
            Question::CheckPassphrase { slot, derived } => {
                self.check_passphrase(slot, &derived, env.now)?;
                answer(out, ask, Answer::Done)
            }
            Question::Recover { code } => self.recover(&code, ask, env, out),
            Question::RaiseWork { slot, terms, derived } => self.raise_work(slot, &terms, &derived, ask, env, out),
            Question::NewRecovery => self.new_recovery(ask, env, out),
            Question::KeepRecovery { typed } => self.keep_recovery(&typed, ask, env, out),
            Question::NewPasskeyTerms => answer(out, ask, Answer::PasskeyTerms(Self::new_passkey_terms(env))),
            Question::AddPasskey { terms, credential, derived } => {
                self.add_passkey(&terms, &credential, &derived, ask, env, out)
            }
            Question::OnlyPassphrase { slot, derived } => self.only_passphrase(slot, &derived, ask, env, out),
            Question::Lock => {
                self.lock(out);
                answer(out, ask, Answer::Done)
            }
            Question::LockAfter(lock_after) => {
                self.changeable()?;
                let then = vec![Effect::Answer(ask, Answer::Done), Effect::News];
                self.set_lock_after(lock_after, env.now, then, out);
                Ok(())
            }
            Question::Watching { notify, hide_names, watch_locked } => {
                self.changeable()?;
                let settings = &mut self.settings;
                (settings.notify, settings.hide_names, settings.watch_locked) = (notify, hide_names, watch_locked);
                out.push(self.write_settings(vec![Effect::Answer(ask, Answer::Done), Effect::News]));
                Ok(())
            }
            Question::StaysShut(shut) => {
                self.changeable()?;
                self.settings.stays_shut = shut;
                out.push(self.write_settings(vec![Effect::Answer(ask, Answer::Done), Effect::News]));
                Ok(())
            }
            // `background.js` reads it where it speaks, at each event.
            Question::Language(language) => {
                out.push(Self::write(Key::Language, Secret::new(language), vec![Effect::Answer(ask, Answer::Done)]));
                Ok(())
            }
            Question::Past { account } => answer(out, ask, self.past(&account)?),
            Question::ClockSet => {
                self.clock_was_set(out);
                answer(out, ask, Answer::Done)
            }
            Question::Reload => {
                self.reload(out);
                answer(out, ask, Answer::Done)
            }
            // It was answered before: nobody has to choose any more.
            Question::Choose(_) => answer(out, ask, Answer::Done),
            Question::Dismissed(notice) => {
                self.memory.notices.retain(|it| *it != notice || notice == Notice::ReadOnly);
                out.push(Effect::News);
                answer(out, ask, Answer::Done)
            }
            Question::Sealed => {
                self.file_for = Some(ask);
                self.reload(out);
                Ok(())
            }
            Question::Erase { word } => self.start_over(&word, ask, out),
            Question::MakeBackup { terms, derived } => self.make_backup(&terms, &derived, ask, env, out),
            Question::BackupSaved { made } => self.change(ask, env, out, |vault, now| {
                let before = vault.backup.filter(|backup| *backup <= now);
                vault.backup = before.max(Some(made.min(now)));
                Some(Answer::Done)
            }),
            Question::BackupTerms { file } => answer(out, ask, Answer::FileTerms(rescue::terms(&file)?)),
            Question::PreviewBackup { file, derived } => answer(out, ask, self.preview(&file, &derived)?),
            Question::Restore { file, derived } => self.restore(&file, &derived, ask, env, out),
            Question::Connect { api_key, name, workspace } => self.connect(&api_key, &name, workspace, ask, env, out),
            Question::NameWorkspace { workspace, name } => self.name_workspace(workspace, &name, ask, env, out),
            Question::Disconnect { workspace } => self.disconnect(workspace, ask, env, out),
            Question::Refresh => self.refresh(ask, env.now, out),
            Question::SignIn { account, password, key, email, region, entry, since } => {
                let typed = sign_in::Typed { password: &password, key, email, region, shown: entry.zip(since) };
                self.sign_in(account, &typed, ask, env, out)
            }
            Question::CheckStatus { account } => self.check(account, ask, out),
            Question::Dismiss { account } => self.dismiss(&account, ask, out),
            Question::ConnectNew { workspace, handle, email, password, since } => {
                let typed = connecting::Typed { workspace, handle: &handle, email: &email, password: &password, since };
                self.connect_new(&typed, ask, env, out)
            }
            Question::ConnectCode { account, code } => self.connect_code(account, &code, ask, env.now, out),
            Question::ConnectCheck { account } => self.check_connection(account, ask, env.now, out),
            Question::ConnectDone { account } => self.connection_done(&account, ask, env.now, out),
            Question::Reset { handle, mark } => self.reset(&handle, mark, ask, env, out),
            Question::ConnectFans { api_key, word } => self.connect_fans(&api_key, word, ask, out),
            Question::TakeBack { draft, workspace, handle } => {
                self.take_back((draft, workspace, handle.as_deref()), ask, env, out)
            }
            Question::DisconnectFans => self.disconnect_fans(ask, env, out),
            Question::RefreshFans => self.refresh_fans(ask, out),
            Question::Fansly { member, word } => self.fansly_acts(member, word, ask, env, out),
            Question::FanslyCode { member, code } => self.fansly_code(member, &code, ask, env.now, out),
            Question::FanslyKey { member, text } => self.save_fansly_key(member, &text, ask, env, out),
        }
    }

    /// What helps while no vault can be opened.
    pub(super) fn asked_in_trouble(
        &mut self,
        question: Question,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let trouble = self.trouble.clone().unwrap_or(Refusal::StoreSilent);
        let gone = matches!(trouble, Refusal::StoreGone | Refusal::StoreDamaged);
        let answer = match question {
            Question::View => Answer::View(self.view(env.now)),
            // It was read just now.
            Question::Lock | Question::Reload => Answer::Done,
            Question::Sealed => Self::sealed(self.damaged.as_ref().ok_or(trouble)?, env)?,
            Question::BackupTerms { file } => Answer::FileTerms(rescue::terms(&file)?),
            Question::PreviewBackup { file, derived } if gone => self.preview(&file, &derived)?,
            Question::Restore { file, derived } if gone => return self.restore(&file, &derived, ask, env, out),
            Question::Erase { word } if gone || trouble == Refusal::StoreConflict => {
                return self.start_over(&word, ask, out);
            }
            Question::Choose(store) if trouble == Refusal::StoreConflict => {
                self.chosen = Some(store);
                self.reload(out);
                Answer::Done
            }
            _ => return Err(trouble),
        };
        out.push(Effect::Answer(ask, answer));
        Ok(())
    }
}

fn answer(out: &mut Vec<Effect>, ask: Ask, answer: Answer) -> Result<(), Refusal> {
    out.push(Effect::Answer(ask, answer));
    Ok(())
}
