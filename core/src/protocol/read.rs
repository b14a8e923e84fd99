//! Reads a [`Question`] as serde would, from one flat set of fields: what serde derives for an enum of many variants, each
//! with fields of its own, was 48 kB of WASM for fifty of them. The form is the same (external tagging, snake case); a
//! field that is known and belongs to another question is passed over, since only our own pages ask.

use super::question::{KeyChoice, PasskeyTerms, Question};
use super::{Address, FanslyAct, LockAfter, Notice, ResetMark, Store};
use crate::backup_codes::BackupMark;
use crate::clock::UnixTime;
use crate::label::{AccountRef, Id};
use crate::reset::Task;
use crate::secret::{Secret, exposed};
use crate::vault::slots::Terms;
use crate::vault::work::Work;
use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

/// Every field of every question.
#[derive(Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Fields {
    draft: Option<Id>,
    id: Option<Id>,
    entry: Option<Id>,
    slot: Option<Id>,
    workspace: Option<Id>,
    handle: Option<String>,
    account: Option<AccountRef>,
    name: Option<String>,
    credential: Option<String>,
    word: Option<String>,
    email: Option<String>,
    region: Option<String>,
    #[serde(with = "exposed")]
    text: Option<Secret>,
    #[serde(with = "exposed")]
    derived: Option<Secret>,
    #[serde(with = "exposed")]
    code: Option<Secret>,
    #[serde(with = "exposed")]
    typed: Option<Secret>,
    #[serde(with = "exposed")]
    file: Option<Secret>,
    #[serde(with = "exposed")]
    api_key: Option<Secret>,
    #[serde(with = "exposed")]
    password: Option<Secret>,
    terms: Option<AnyTerms>,
    made: Option<UnixTime>,
    added: Option<UnixTime>,
    since: Option<UnixTime>,
    key: Option<KeyChoice>,
    mark: Option<AnyMark>,
    member: Option<String>,
    notify: Option<bool>,
    hide_names: Option<bool>,
    watch_locked: Option<bool>,
}

/// Terms of a passphrase or of a passkey, which has no cost.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct AnyTerms {
    slot: Id,
    salt: String,
    #[serde(default)]
    work: Option<Work>,
}

/// A mark of a checklist or of a backup code.
#[derive(serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum AnyMark {
    Start,
    Done(Task),
    Undone(Task),
    End,
    Used(UnixTime),
    Refused(UnixTime),
    Next(UnixTime),
    NoneUsed,
    Dead,
    Undo,
}

/// Takes what a question needs out of the fields.
trait Take<T> {
    fn take(self) -> Option<T>;
}

impl<T> Take<T> for Option<T> {
    fn take(self) -> Option<T> {
        self
    }
}

impl Take<Self> for Option<Id> {
    fn take(self) -> Option<Self> {
        Some(self)
    }
}

impl Take<Self> for Option<UnixTime> {
    fn take(self) -> Option<Self> {
        Some(self)
    }
}

impl Take<Self> for Option<String> {
    fn take(self) -> Option<Self> {
        Some(self)
    }
}

impl Take<Address> for Option<String> {
    fn take(self) -> Option<Address> {
        match self?.as_str() {
            "new" => Some(Address::New),
            "old" => Some(Address::Old),
            _ => None,
        }
    }
}

impl Take<FanslyAct> for Option<String> {
    fn take(self) -> Option<FanslyAct> {
        match self?.as_str() {
            "sign_in" => Some(FanslyAct::SignIn),
            "check" => Some(FanslyAct::Check),
            "done" => Some(FanslyAct::Done),
            "digits" => Some(FanslyAct::Digits),
            "forget_key" => Some(FanslyAct::ForgetKey),
            "key_before" => Some(FanslyAct::KeyBefore),
            _ => None,
        }
    }
}

impl Take<Terms> for Option<AnyTerms> {
    fn take(self) -> Option<Terms> {
        self.and_then(|it| Some(Terms { slot: it.slot, salt: it.salt, work: it.work? }))
    }
}

impl Take<PasskeyTerms> for Option<AnyTerms> {
    fn take(self) -> Option<PasskeyTerms> {
        self.filter(|it| it.work.is_none()).map(|it| PasskeyTerms { slot: it.slot, salt: it.salt })
    }
}

impl Take<ResetMark> for Option<AnyMark> {
    fn take(self) -> Option<ResetMark> {
        match self? {
            AnyMark::Start => Some(ResetMark::Start),
            AnyMark::Done(step) => Some(ResetMark::Done(step)),
            AnyMark::Undone(step) => Some(ResetMark::Undone(step)),
            AnyMark::End => Some(ResetMark::End),
            _ => None,
        }
    }
}

impl Take<BackupMark> for Option<AnyMark> {
    fn take(self) -> Option<BackupMark> {
        match self? {
            AnyMark::Used(added) => Some(BackupMark::Used(added)),
            AnyMark::Refused(added) => Some(BackupMark::Refused(added)),
            AnyMark::Next(added) => Some(BackupMark::Next(added)),
            AnyMark::NoneUsed => Some(BackupMark::NoneUsed),
            AnyMark::Dead => Some(BackupMark::Dead),
            AnyMark::Undo => Some(BackupMark::Undo),
            _ => None,
        }
    }
}

macro_rules! questions {
    (
        words { $($word:literal $just:ident,)+ }
        one { $($one:literal $alone:ident($kind:ty),)+ }
        fields { $($tag:literal $name:ident { $($field:ident),+ },)+ }
    ) => {
        const TAGS: &[&str] = &[$($word,)+ $($one,)+ $($tag,)+];

        impl Question {
            /// Its name between pages and background.
            #[must_use]
            pub const fn tag(&self) -> &'static str {
                match self {
                    $(Self::$just => $word,)+
                    $(Self::$alone(_) => $one,)+
                    $(Self::$name { .. } => $tag,)+
                }
            }
        }

        fn by_word(word: &str) -> Option<Question> {
            match word {
                $($word => Some(Question::$just),)+
                _ => None,
            }
        }

        fn alone<'de, A: MapAccess<'de>>(tag: &str, map: &mut A) -> Result<Option<Question>, A::Error> {
            match tag {
                $($one => map.next_value::<$kind>().map(|it| Some(Question::$alone(it))),)+
                _ => Ok(None),
            }
        }

        fn by_fields(tag: &str, it: Fields) -> Option<Question> {
            match tag {
                $($tag => Some(Question::$name { $($field: Take::take(it.$field)?),+ }),)+
                _ => None,
            }
        }
    };
}

questions! {
    words {
        "view" View,
        "skip_passphrase" SkipPassphrase,
        "new_passphrase_terms" NewPassphraseTerms,
        "unlock_terms" UnlockTerms,
        "new_recovery" NewRecovery,
        "new_passkey_terms" NewPasskeyTerms,
        "lock" Lock,
        "reload" Reload,
        "sealed" Sealed,
        "refresh" Refresh,
        "clock_set" ClockSet,
        "disconnect_fans" DisconnectFans,
        "refresh_fans" RefreshFans,
    }
    one {
        "lock_after" LockAfter(LockAfter),
        "choose" Choose(Store),
        "dismissed" Dismissed(Notice),
        "stays_shut" StaysShut(bool),
        "language" Language(String),
    }
    fields {
        "keep_draft" KeepDraft { draft, handle },
        "drop_draft" DropDraft { draft },
        "take_back" TakeBack { draft, workspace, handle },
        "fill" Fill { id },
        "add_key" AddKey { text, handle },
        "accepted" Accepted { entry },
        "not_accepted" NotAccepted { entry },
        "trust" Trust { entry },
        "refuses" Refuses { entry },
        "add_backup_codes" AddBackupCodes { entry, text },
        "backup_code" BackupCode { entry, added },
        "fill_backup" FillBackup { entry },
        "mark_backup" MarkBackup { entry, mark },
        "rename" Rename { entry, handle },
        "delete" Delete { entry },
        "undelete" Undelete { entry },
        "purge" Purge { entry },
        "set_passphrase" SetPassphrase { terms, derived },
        "unlock" Unlock { slot, derived },
        "recover" Recover { code },
        "raise_work" RaiseWork { slot, terms, derived },
        "keep_recovery" KeepRecovery { typed },
        "add_passkey" AddPasskey { terms, credential, derived },
        "only_passphrase" OnlyPassphrase { slot, derived },
        "check_passphrase" CheckPassphrase { slot, derived },
        "erase" Erase { word },
        "make_backup" MakeBackup { terms, derived },
        "backup_saved" BackupSaved { made },
        "backup_terms" BackupTerms { file },
        "preview_backup" PreviewBackup { file, derived },
        "restore" Restore { file, derived },
        "connect" Connect { api_key, name, workspace },
        "name_workspace" NameWorkspace { workspace, name },
        "disconnect" Disconnect { workspace },
        "sign_in" SignIn { account, password, key, email, region, entry, since },
        "check_status" CheckStatus { account },
        "dismiss" Dismiss { account },
        "connect_new" ConnectNew { workspace, handle, email, password, since },
        "connect_code" ConnectCode { account, code },
        "connect_check" ConnectCheck { account },
        "connect_done" ConnectDone { account },
        "reset" Reset { handle, mark },
        "connect_fans" ConnectFans { api_key, word },
        "fansly" Fansly { member, word },
        "fansly_code" FanslyCode { member, code },
        "fansly_key" FanslyKey { member, text },
        "watching" Watching { notify, hide_names, watch_locked },
        "past" Past { account },
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Question;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a question")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Question, E> {
        by_word(word).ok_or_else(|| E::unknown_variant(word, TAGS))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Question, A::Error> {
        let tag = map.next_key::<Cow<'_, str>>()?.ok_or_else(|| A::Error::custom("an empty question"))?;
        let question = match alone(&tag, &mut map)? {
            Some(question) => question,
            None if !TAGS.contains(&&*tag) => return Err(A::Error::unknown_variant(&tag, TAGS)),
            None => by_fields(&tag, map.next_value()?).ok_or_else(|| A::Error::custom("a field is missing"))?,
        };
        match map.next_key::<Cow<'_, str>>()? {
            None => Ok(question),
            Some(_) => Err(A::Error::custom("two questions in one")),
        }
    }
}

impl<'de> Deserialize<'de> for Question {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader)
    }
}
