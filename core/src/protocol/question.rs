//! What a page asks of the background.

use super::{Address, FanslyAct, LockAfter, Notice, Store};
use crate::backup_codes::BackupMark;
use crate::clock::UnixTime;
use crate::label::{AccountRef, Id};
use crate::reset::Task;
use crate::secret::{Secret, exposed};
use crate::vault::slots::Terms;
use alloc::string::String;
use serde::{Deserialize, Serialize};

/// Which key a sign-in uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyChoice {
    /// Send the saved key.
    Saved,
    /// Use the one Xquik has: nothing is sent.
    Theirs,
    /// This account has no Authenticator App: nothing is sent.
    NoApp,
}

/// What a page asks of the background. Read by `read`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Everything a page shows, without secrets. Answer: [`Answer::View`].
    View,
    /// [Save and get the code]: keep this sighting for that account.
    KeepDraft {
        /// The sighting.
        draft: Id,
        /// The account it belongs to.
        handle: String,
    },
    /// [Not now]: forget this sighting.
    DropDraft {
        /// The sighting.
        draft: Id,
    },
    /// [Fill on X]: type the code of this entry (or of a kept draft) into X's field.
    Fill {
        /// Entry or draft.
        id: Id,
    },
    /// A key typed or pasted by hand: base32 or an `otpauth` address.
    AddKey {
        /// What was pasted.
        #[serde(with = "exposed")]
        text: Secret,
        /// The account; may be empty if the address names it.
        handle: String,
    },
    /// "X accepted it": the pending key is confirmed by hand.
    Accepted {
        /// The entry.
        entry: Id,
    },
    /// X did not accept the key that waits: it is stale.
    NotAccepted {
        /// The entry.
        entry: Id,
    },
    /// [It still works]: what X's pages showed against the confirmed key is not so.
    Trust {
        /// The entry.
        entry: Id,
    },
    /// [X refuses this key]: the confirmed key is stale.
    Refuses {
        /// The entry.
        entry: Id,
    },
    /// Backup codes typed or pasted by hand, in the order X gave them.
    AddBackupCodes {
        /// The entry.
        entry: Id,
        /// What was pasted.
        #[serde(with = "exposed")]
        text: Secret,
    },
    /// One backup code, to be shown or copied on a click. Answer: [`Answer::BackupCode`].
    BackupCode {
        /// The entry.
        entry: Id,
        /// Which of its codes, by when it came.
        added: UnixTime,
    },
    /// [Fill on X]: type the backup code that is next into the field of X's login.
    FillBackup {
        /// The entry.
        entry: Id,
    },
    /// What became of a backup code.
    MarkBackup {
        /// The entry.
        entry: Id,
        /// What the user says.
        mark: BackupMark,
    },
    /// X calls the entry's account by another handle now.
    Rename {
        /// The entry.
        entry: Id,
        /// The handle that X has for it.
        handle: String,
    },
    /// Put an entry with its keys into the bin, where it stays for 30 days.
    Delete {
        /// The entry.
        entry: Id,
    },
    /// Take an entry out of the bin again.
    Undelete {
        /// The entry.
        entry: Id,
    },
    /// Remove an entry from the bin for good.
    Purge {
        /// The entry.
        entry: Id,
    },
    /// Go on without a passphrase: a vault with a device slot.
    SkipPassphrase,
    /// What a new passphrase is to be derived with. Answer: [`Answer::Terms`].
    NewPassphraseTerms,
    /// Set the passphrase; new vault key.
    SetPassphrase {
        /// The terms that [`Question::NewPassphraseTerms`] gave.
        terms: Terms,
        /// What Argon2id derived, base64.
        #[serde(with = "exposed")]
        derived: Secret,
    },
    /// What the passphrase is to be derived with. Answer: [`Answer::Terms`].
    UnlockTerms,
    /// Open the vault with a passphrase or a passkey.
    Unlock {
        /// The slot: of the terms that [`Question::UnlockTerms`] gave, or of a [`Way::Passkey`].
        slot: Id,
        /// What Argon2id derived or the passkey gave, base64.
        #[serde(with = "exposed")]
        derived: Secret,
    },
    /// Whether this passphrase opens the vault, which is open: once more before something that is worth it. A wrong one counts
    /// as with [`Question::Unlock`], and nothing else changes.
    CheckPassphrase {
        /// The slot that [`Question::UnlockTerms`] named.
        slot: Id,
        /// What Argon2id derived, base64.
        #[serde(with = "exposed")]
        derived: Secret,
    },
    /// Open the vault with the recovery code. A new passphrase is due after it.
    Recover {
        /// As typed.
        #[serde(with = "exposed")]
        code: Secret,
    },
    /// The same passphrase at the usual cost, where its slot had to be made at a smaller one.
    RaiseWork {
        /// The slot that it takes the place of.
        slot: Id,
        /// The terms that [`Question::NewPassphraseTerms`] gave.
        terms: Terms,
        /// What Argon2id derived, base64.
        #[serde(with = "exposed")]
        derived: Secret,
    },
    /// A recovery code to write down. Answer: [`Answer::Recovery`]. It opens nothing before it was typed back.
    NewRecovery,
    /// The recovery code, typed back: from now on it opens the vault.
    KeepRecovery {
        /// As typed.
        #[serde(with = "exposed")]
        typed: Secret,
    },
    /// What a new passkey is made with. Answer: [`Answer::PasskeyTerms`].
    NewPasskeyTerms,
    /// A passkey that has given its secret twice: from now on it opens the vault.
    AddPasskey {
        /// The terms that [`Question::NewPasskeyTerms`] gave.
        terms: PasskeyTerms,
        /// WebAuthn's id of the credential, base64.
        credential: String,
        /// What the passkey gave, base64.
        #[serde(with = "exposed")]
        derived: Secret,
    },
    /// A new vault key that this passphrase alone opens: recovery code and passkey open nothing any more.
    OnlyPassphrase {
        /// The slot that [`Question::UnlockTerms`] named.
        slot: Id,
        /// What Argon2id derived, base64.
        #[serde(with = "exposed")]
        derived: Secret,
    },
    /// Lock now.
    Lock,
    /// When to lock by itself.
    LockAfter(LockAfter),
    /// How accounts are watched.
    Watching {
        /// Whether a notification tells of an account that needs the user.
        notify: bool,
        /// Whether it names nobody.
        hide_names: bool,
        /// Whether accounts are asked for while the vault is locked.
        watch_locked: bool,
    },
    /// What is remembered of one account at Xquik. Answer: [`Answer::Past`].
    Past {
        /// The account at Xquik.
        account: AccountRef,
    },
    /// This computer's clock was set, or stood still: what was measured before is void.
    ClockSet,
    /// Whether the popup waits until it is opened, also when X shows a key.
    StaysShut(bool),
    /// The language of what is said outside our own pages; empty for the browser's.
    Language(String),
    /// Read both stores again.
    Reload,
    /// Two vaults were found: go on with this one; the other is set aside.
    Choose(Store),
    /// The user has read this.
    Dismissed(Notice),
    /// Everything that lies in the stores, sealed or damaged as it is. Answer: [`Answer::File`].
    Sealed,
    /// Start over: delete the vault, its copies and everything beside it.
    Erase {
        /// The word that was typed: `erase`.
        word: String,
    },
    /// A backup file under a passphrase of its own. Answer: [`Answer::Backup`].
    MakeBackup {
        /// The terms that [`Question::NewPassphraseTerms`] gave.
        terms: Terms,
        /// What Argon2id derived, base64.
        #[serde(with = "exposed")]
        derived: Secret,
    },
    /// The backup of that moment was handed to the browser as a file.
    BackupSaved {
        /// As [`Answer::Backup`] told.
        made: UnixTime,
    },
    /// What a backup file's passphrase is to be derived with. Answer: [`Answer::FileTerms`].
    BackupTerms {
        /// The file.
        #[serde(with = "exposed")]
        file: Secret,
    },
    /// What a backup file would add. Answer: [`Answer::Preview`].
    PreviewBackup {
        /// The file.
        #[serde(with = "exposed")]
        file: Secret,
        /// What Argon2id derived by each of the [`Answer::FileTerms`], one after the other, then the key of the recovery
        /// code, if what was typed has the form of one; base64.
        #[serde(with = "exposed")]
        derived: Secret,
    },
    /// Add what a backup file has and the vault has not. Where there is no vault, one is made that the file's passphrase
    /// opens; without a passphrase where the file asked for none.
    Restore {
        /// The file.
        #[serde(with = "exposed")]
        file: Secret,
        /// What Argon2id derived by each of the [`Answer::FileTerms`], one after the other, then the key of the recovery
        /// code, if what was typed has the form of one; base64.
        #[serde(with = "exposed")]
        derived: Secret,
    },
    /// Connect a workspace at Xquik with this API key: lists its accounts once; saved only if Xquik takes it.
    /// Answer: [`Answer::Done`], [`Answer::Verdict`] or [`Answer::Refused`].
    Connect {
        /// `xq_` and 64 hex digits.
        #[serde(with = "exposed")]
        api_key: Secret,
        /// What the user calls it; may be empty.
        name: String,
        /// The workspace that gets this key in place of the one it has.
        workspace: Option<Id>,
    },
    /// Another name for a workspace.
    NameWorkspace {
        /// The workspace.
        workspace: Id,
        /// Its name; may be empty.
        name: String,
    },
    /// Forget a workspace: its API key and its accounts.
    Disconnect {
        /// The workspace.
        workspace: Id,
    },
    /// Bring back what was taken away last, if it is this: a capture that was put away, a workspace, a checklist, or, where none
    /// is named, Fans API. Another page may have taken something else away since.
    TakeBack {
        /// The capture.
        draft: Option<Id>,
        /// The workspace.
        workspace: Option<Id>,
        /// Whose checklist.
        handle: Option<String>,
    },
    /// Ask Xquik for the accounts of every workspace. Answer as for [`Question::Connect`].
    Refresh,
    /// Sign this account in again: one POST.
    SignIn {
        /// The account at Xquik.
        account: AccountRef,
        /// X's password: lives in this message and in one request.
        #[serde(with = "exposed")]
        password: Secret,
        /// Which key.
        key: KeyChoice,
        /// Replaces the e-mail stored at Xquik.
        email: Option<String>,
        /// Two letters.
        region: Option<String>,
        /// The entry whose key the page shows; only that one is sent. Nothing where no saved key is to be sent.
        entry: Option<Id>,
        /// And since when its key has the state that the page shows.
        since: Option<UnixTime>,
    },
    /// What does Xquik say about this account now? (GET)
    CheckStatus {
        /// The account at Xquik.
        account: AccountRef,
    },
    /// [Done] on a result: it needs no more showing.
    Dismiss {
        /// The account at Xquik.
        account: AccountRef,
    },
    /// Connect a new account to a workspace at Xquik, with the key that is saved for its handle: one POST.
    ConnectNew {
        /// The workspace.
        workspace: Id,
        /// The account's handle.
        handle: String,
        /// Its e-mail: lives in this message and in one request.
        email: String,
        /// X's password: as the e-mail.
        #[serde(with = "exposed")]
        password: Secret,
        /// Since when the key that the page shows has its state: another one is not sent.
        since: UnixTime,
    },
    /// The code that X has e-mailed for a new account: one POST.
    ConnectCode {
        /// The workspace, and the handle in small letters.
        account: AccountRef,
        /// As typed.
        #[serde(with = "exposed")]
        code: Secret,
    },
    /// What became of a new account? (GET)
    ConnectCheck {
        /// As in [`Question::ConnectCode`].
        account: AccountRef,
    },
    /// [Done] on what came of a new account.
    ConnectDone {
        /// As in [`Question::ConnectCode`].
        account: AccountRef,
    },
    /// Start or end X's reset checklist for a handle, or tick a step of it.
    Reset {
        /// The account.
        handle: String,
        /// What to do.
        mark: ResetMark,
    },
    /// Connect Fans API with this key: lists the accounts once; saved only if the service takes it.
    /// Answer: [`Answer::Done`], [`Answer::Fans`] or [`Answer::Refused`].
    ConnectFans {
        /// As pasted.
        #[serde(with = "exposed")]
        api_key: Secret,
        /// Where.
        word: Address,
    },
    /// Forget the key of Fans API and the accounts; their authenticators' keys stay.
    DisconnectFans,
    /// Ask Fans API for the accounts. Answer as for [`Question::ConnectFans`].
    RefreshFans,
    /// Something about one Fansly account.
    Fansly {
        /// The service's id.
        member: String,
        /// What.
        word: FanslyAct,
    },
    /// The code that Fansly asks for: one PUT.
    FanslyCode {
        /// The service's id.
        member: String,
        /// As typed, or as [`Answer::Digits`] gave it.
        #[serde(with = "exposed")]
        code: Secret,
    },
    /// The long key of a Fansly account's authenticator.
    FanslyKey {
        /// The service's id.
        member: String,
        /// What was pasted.
        #[serde(with = "exposed")]
        text: Secret,
    },
}

/// What happens to a checklist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ResetMark {
    /// Begin at the first task.
    Start,
    /// This task is done.
    Done(Task),
    /// This task is not done after all.
    Undone(Task),
    /// Put the list away.
    End,
}

/// What a passkey's slot is made with.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct PasskeyTerms {
    /// The slot.
    pub slot: Id,
    /// The input of WebAuthn's PRF, 32 bytes, base64.
    pub salt: String,
}
