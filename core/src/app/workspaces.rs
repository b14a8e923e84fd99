//! Workspaces at Xquik: connecting, naming, another API key, leaving. Listing what they hold is in `accounts`.

use super::connecting::Connection;
use super::health::Watch;
use super::memory::Line;
use super::undo::Gone;
use super::{App, Listed};
use crate::effect::{Alarm, Ask, Effect, For, Joins, Listing};
use crate::env::Env;
use crate::label::Id;
use crate::protocol::{Answer, FanslyView};
use crate::refusal::Refusal;
use crate::secret::Secret;
use crate::services::xquik::{self, Account, ApiKey};
use crate::vault::Vault;
use crate::vault::workspaces::{self, Workspace};
use alloc::{vec, vec::Vec};
use core::mem;

/// Whether this API key may be that of a new workspace, or of the one that it replaces. Two workspaces with one key would
/// not know of each other's sign-ins and pauses.
pub(super) fn may_join(vault: &Vault, key: &ApiKey, replaces: Option<Id>) -> Result<(), Refusal> {
    let taken = |it: &Workspace| it.key == *key.secret() && Some(it.id) != replaces;
    if vault.workspaces.iter().any(taken) {
        return Err(Refusal::ApiKeyTaken);
    }
    let gone = replaces.is_some_and(|it| vault.workspace(it).is_none());
    if gone { Err(Refusal::NotConnected) } else { Ok(()) }
}

/// What goes with a connection that is ended, and comes back with it.
#[derive(Clone, Debug, Default)]
pub(super) struct Left {
    pub(super) workspaces: Vec<Workspace>,
    pub(super) listed: Vec<Listed>,
    pub(super) journal: Vec<Line>,
    pub(super) connections: Vec<Connection>,
    pub(super) fans: Option<(Secret, bool, FanslyView)>,
}

/// Takes out what fits; the rest stays in its order.
fn part<T>(list: &mut Vec<T>, fits: impl Fn(&T) -> bool) -> Vec<T> {
    let (gone, stay) = mem::take(list).into_iter().partition(fits);
    *list = stay;
    gone
}

impl App {
    /// A workspace's API key, from the open vault.
    pub(super) fn api_key(&mut self, workspace: Id) -> Result<ApiKey, Refusal> {
        let workspace = self.vault()?.vault.workspace(workspace).ok_or(Refusal::NotConnected)?;
        ApiKey::parse(&workspace.key)
    }

    /// Every workspace of the open vault.
    pub(super) fn workspaces(&self) -> Vec<Id> {
        self.open.iter().flat_map(|open| &open.vault.workspaces).map(|it| it.id).collect()
    }

    /// Asks Xquik with a new API key. It is kept only once Xquik has taken it.
    pub(super) fn connect(
        &mut self,
        api_key: &Secret,
        name: &str,
        replaces: Option<Id>,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let key = ApiKey::parse(api_key)?;
        let name = workspaces::name(name)?;
        let vault = &self.vault()?.vault;
        may_join(vault, &key, replaces)?;
        let call = xquik::list(&key, None);
        let listing = Listing {
            ask: Some(ask),
            workspace: replaces.unwrap_or_else(|| env.id()),
            key,
            asked: env.now,
            joins: Some(Joins { name, replaces: replaces.is_some() }),
            so_far: vec![],
            left_out: 0,
            pages: 0,
            again: false,
            rest: vec![],
            failed: None,
        };
        out.push(Effect::Send(call, For::List(listing)));
        Ok(())
    }

    /// Xquik has taken the key: the workspace is in the vault from now on, or has this key in place of its old one.
    pub(super) fn join(
        &mut self,
        workspace: Id,
        joins: Joins,
        key: &ApiKey,
        accounts: &[Account],
    ) -> Result<(), Refusal> {
        let Joins { name, replaces } = joins;
        // Once more: another page may have connected it, or left the workspace, meanwhile.
        may_join(&self.writable()?.vault, key, replaces.then_some(workspace))?;
        self.may_list(workspace, accounts)?;
        let vault = &mut self.writable()?.vault;
        let key = key.secret().clone();
        match vault.workspaces.iter_mut().find(|it| it.id == workspace) {
            Some(here) => (here.name, here.key) = (name, key),
            None => vault.workspaces.push(Workspace { id: workspace, name, key }),
        }
        Ok(())
    }

    /// Whether a workspace may have these accounts: one Xquik user has several API keys, and two of them would have each account
    /// twice, the one line not knowing of the other's sign-ins and pauses. The same account of X under another id is another
    /// user's connection of it.
    pub(super) fn may_list(&self, workspace: Id, accounts: &[Account]) -> Result<(), Refusal> {
        let same = |one: &Account, other: &Account| {
            one.x_user.is_some() && (&one.id, &one.x_user) == (&other.id, &other.x_user)
        };
        let mut others = self.stored.listed.iter().filter(|it| it.workspace != workspace).flat_map(|it| &it.accounts);
        let taken = others.any(|here| accounts.iter().any(|it| same(here, it)));
        if taken { Err(Refusal::WorkspaceTaken) } else { Ok(()) }
    }

    pub(super) fn name_workspace(
        &mut self,
        workspace: Id,
        name: &str,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let name = workspaces::name(name)?;
        let mut here = self.writable()?.vault.workspaces.iter_mut();
        here.find(|it| it.id == workspace).ok_or(Refusal::NotConnected)?.name = name;
        let effect = self.saved(env, vec![Effect::Answer(ask, Answer::Done), Effect::News])?;
        out.push(effect);
        Ok(())
    }

    pub(super) fn disconnect(
        &mut self,
        workspace: Id,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let open = self.writable()?;
        // By another page, perhaps: what that one can take back stays.
        open.vault.workspace(workspace).ok_or(Refusal::NotConnected)?;
        let gone = part(&mut open.vault.workspaces, |it| it.id == workspace);
        let stored = &mut self.stored;
        let left = Left {
            workspaces: gone,
            listed: part(&mut stored.listed, |it| it.workspace == workspace),
            journal: part(&mut stored.journal, |it| it.account.workspace == workspace),
            connections: part(&mut stored.connections, |it| it.account.workspace == workspace),
            fans: None,
        };
        let also = vec![self.listed_text(), self.journal_text(), self.connections_text()];
        let mut then = vec![Effect::Answer(ask, Answer::Done), Effect::News];
        if self.workspaces().is_empty() {
            then.insert(0, Effect::Alarm(Alarm::Poll, None));
        }
        out.push(self.commit(env, also, then).ok_or(Refusal::Internal)?);
        self.offer(Gone::Connection(left.into()), out);
        Ok(())
    }

    /// A connection that was ended comes back whole.
    pub(super) fn connect_again(
        &mut self,
        left: Left,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let open = self.writable()?;
        open.vault.workspaces.extend(left.workspaces);
        let fans = left.fans.filter(|_| open.vault.fans_key.is_none());
        if let Some((key, old, seen)) = fans {
            (open.vault.fans_key, open.vault.fans_old) = (Some(key), old);
            self.stored.fansly = seen;
        }
        self.stored.listed.extend(left.listed);
        self.stored.journal.extend(left.journal);
        self.stored.connections.extend(left.connections);
        // An answer that came meanwhile was nobody's.
        self.mark_interrupted();
        let also = vec![self.listed_text(), self.journal_text(), self.connections_text(), self.fansly_text()];
        let mut then = vec![Effect::Answer(ask, Answer::Done), Effect::News];
        self.schedule_poll(env.now, &mut then);
        out.push(self.commit(env, also, then).ok_or(Refusal::Internal)?);
        Ok(())
    }

    /// What was listed of a workspace; made where there is nothing yet.
    pub(super) fn listed_mut(&mut self, workspace: Id) -> &mut Listed {
        let listed = &mut self.stored.listed;
        let at = listed.iter().position(|it| it.workspace == workspace).unwrap_or_else(|| {
            let (checked, trouble, watch) = (None, None, Watch::default());
            listed.push(Listed { workspace, checked, accounts: vec![], left_out: 0, trouble, watch });
            listed.len() - 1
        });
        &mut listed[at]
    }
}
