//! [Undo] of what no bin keeps: a connection that was ended, a capture or a checklist that was put away. Keys hang on the first
//! two, so what would come back lies in memory alone, and goes when the time is over, when the vault is locked, and with the worker.

use super::App;
use super::memory::{Draft, Reset};
use super::workspaces::{Left, may_join};
use crate::clock::Span;
use crate::effect::{Ask, Effect, Later, Write};
use crate::env::Env;
use crate::label::Id;
use crate::protocol::Answer;
use crate::refusal::Refusal;
use crate::services::xquik::ApiKey;
use alloc::{boxed::Box, vec, vec::Vec};

/// Pages offer it for eight seconds; a press at their end is still on its way then.
const KEEPS: Span = Span::seconds(10);

/// What can be taken back.
#[derive(Clone, Debug)]
pub(super) enum Gone {
    /// A connection that was ended.
    Connection(Box<Left>),
    /// A capture that was put away, and whether it lay in the inbox.
    Draft(Box<Draft>, bool),
    /// A checklist that was put away.
    Reset(Reset),
}

impl Gone {
    fn is(&self, draft: Option<Id>, workspace: Option<Id>, handle: Option<&str>) -> bool {
        match (self, draft, handle) {
            (Self::Draft(it, _), Some(draft), _) => draft == it.id,
            (Self::Reset(it), None, Some(handle)) => it.handle.as_str().eq_ignore_ascii_case(handle),
            (Self::Connection(it), None, None) => workspace == it.workspaces.first().map(|it| it.id),
            _ => false,
        }
    }
}

/// The last of it.
#[derive(Debug, Default)]
pub(super) struct Undo {
    gone: Option<Gone>,
    /// Who took it back. What comes back is forgotten only once that is written.
    asked: Option<Ask>,
    /// Waits that are not over. Counted, not timed: a clock that is set back must not keep a key.
    waits: u32,
}

impl App {
    /// From now on this comes back, and nothing that went before it.
    pub(super) fn offer(&mut self, gone: Gone, out: &mut Vec<Effect>) {
        (self.undo.gone, self.undo.asked) = (Some(gone), None);
        self.undo.waits += 1;
        out.push(Effect::Later(Later::Undo, KEEPS));
    }

    /// A wait is over; the last one is that of what went last.
    pub(super) fn undo_is_over(&mut self) {
        self.undo.waits = self.undo.waits.saturating_sub(1);
        if self.undo.waits == 0 {
            self.forget_undo();
        }
    }

    /// Nothing comes back any more.
    pub(super) fn forget_undo(&mut self) {
        (self.undo.gone, self.undo.asked) = (None, None);
    }

    /// What came back stands in the stores.
    pub(super) fn undo_is_done(&mut self, out: &[Effect]) {
        let stands = |ask: Ask| out.iter().any(|it| matches!(it, Effect::Answer(to, Answer::Done) if *to == ask));
        if self.undo.asked.is_some_and(stands) {
            self.forget_undo();
        }
    }

    /// Brings back what went last, if it is what is asked for. What is refused, or could not be written, stays for another press.
    pub(super) fn take_back(
        &mut self,
        (draft, workspace, handle): (Option<Id>, Option<Id>, Option<&str>),
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let gone = self.undo.gone.as_ref().filter(|it| it.is(draft, workspace, handle)).cloned();
        let gone = gone.ok_or(Refusal::UndoOver)?;
        self.changeable()?;
        self.undo.asked = Some(ask);
        match gone {
            Gone::Connection(left) => {
                let keys: Result<Vec<_>, _> = left.workspaces.iter().map(|it| ApiKey::parse(&it.key)).collect();
                let open = self.writable()?;
                for key in keys? {
                    // It may have been connected anew meanwhile.
                    may_join(&open.vault, &key, None)?;
                }
                for listed in &left.listed {
                    self.may_list(listed.workspace, &listed.accounts)?;
                }
                self.connect_again(*left, ask, env, out)
            }
            Gone::Draft(draft, sealed) => {
                self.capture_again(*draft, sealed, vec![Effect::Answer(ask, Answer::Done), Effect::News], env, out);
                Ok(())
            }
            Gone::Reset(reset) => {
                // One that was begun anew meanwhile knows less.
                self.stored.resets.retain(|it| it.handle != reset.handle);
                self.stored.resets.push(reset);
                let (key, text) = self.resets_text();
                out.push(Self::write(key, text, vec![Effect::Answer(ask, Answer::Done), Effect::News]));
                Ok(())
            }
        }
    }

    fn capture_again(
        &mut self,
        draft: Draft,
        sealed: bool,
        then: Vec<Effect>,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) {
        let id = draft.id;
        match self.knows(&draft.sighting.key) {
            // X shows it still, and it was seen anew: then it is there already.
            Some(known) if known != id => return out.extend(then),
            // By a press whose write failed.
            Some(_) => {}
            None => self.memory.drafts.push(draft),
        }
        self.rows_changed = true;
        if !sealed {
            return out.extend(then);
        }
        self.seal_draft(id, env);
        out.push(Effect::Write { write: self.with_inbox(Write::default()), then });
    }
}
