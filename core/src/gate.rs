//! Who may say what: the browser's account of a sender and a message, admitted or refused. Pure, so that
//! each hostile sender is a native test.
//!
//! Measured in Chromium 156 and Firefox ESR 153: `sender.url` is stale after `pushState`, `sender.tab.url` is
//! right; an extension's popup has neither tab nor frame in Chromium. A fact that an audience must have
//! and that is missing means refused.

use crate::protocol::{FromContent, Message, Question};
use crate::refusal::Refusal;
use crate::sites::x::{self, Place};
use alloc::string::String;
use serde::{Deserialize, Serialize};

/// What the browser says about a sender (`runtime.MessageSender`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SenderFacts {
    /// The sending extension.
    pub id: Option<String>,
    /// The sender's origin.
    pub origin: Option<String>,
    /// The sender's address when its script was loaded.
    pub url: Option<String>,
    /// The frame in the tab.
    pub frame_id: Option<i32>,
    /// The document in the frame.
    pub document_id: Option<String>,
    /// The tab.
    pub tab: Option<TabFacts>,
}

/// What the browser says about a tab.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TabFacts {
    /// Its id.
    pub id: Option<i32>,
    /// Its address now.
    pub url: Option<String>,
    /// Whether it is private.
    #[serde(default)]
    pub incognito: bool,
}

/// Who we are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ourselves {
    /// Our id.
    pub id: String,
    /// Our origin with its slash: `chrome-extension://…/`.
    pub root: String,
}

/// A message whose sender may send it. Only this module makes one.
#[derive(Clone, Debug)]
pub struct Admitted(Inner);

#[derive(Clone, Debug)]
enum Inner {
    Content { tab: i32, document: Option<String>, host: &'static str, place: Place, incognito: bool, says: FromContent },
    Page(Question),
}

/// What was admitted, taken apart.
#[derive(Debug)]
pub enum Said {
    /// A watched page of X.
    Content {
        /// The tab.
        tab: i32,
        /// The document, where the browser names it.
        document: Option<String>,
        /// X's host.
        host: &'static str,
        /// Which page of X it shows.
        place: Place,
        /// Whether the tab is private.
        incognito: bool,
        /// What the sensor says.
        says: FromContent,
    },
    /// One of our pages.
    Page(Question),
}

impl Admitted {
    /// Whether it is a page's [`Question::Lock`].
    #[must_use]
    pub fn asks_to_lock(&self) -> bool {
        matches!(self.0, Inner::Page(Question::Lock))
    }

    /// Whether it is no occasion to store what could not be stored before: pages look again at each news, also of a failure, and
    /// what takes everything away must not wait for a write that fails.
    #[must_use]
    pub fn stores_nothing(&self) -> bool {
        matches!(self.0, Inner::Page(Question::View | Question::Past { .. } | Question::Erase { .. }))
    }

    /// A page's question that changes something; it is worth asking again if somebody else wrote first. A sign-in is not:
    /// nothing is sent a second time without a click.
    #[must_use]
    pub fn is_edit(&self) -> bool {
        match &self.0 {
            Inner::Page(question) => !matches!(
                question,
                Question::View
                    | Question::Past { .. }
                    | Question::Lock
                    | Question::SignIn { .. }
                    | Question::ConnectNew { .. }
                    | Question::ConnectCode { .. }
                    | Question::FanslyCode { .. }
                    | Question::Fansly { word: crate::protocol::FanslyAct::SignIn, .. }
            ),
            Inner::Content { .. } => false,
        }
    }

    /// Takes it apart.
    #[must_use]
    pub fn into_said(self) -> Said {
        match self.0 {
            Inner::Content { tab, document, host, place, incognito, says } => {
                Said::Content { tab, document, host, place, incognito, says }
            }
            Inner::Page(question) => Said::Page(question),
        }
    }
}

/// Admits or refuses.
///
/// # Errors
/// [`Refusal::NotAdmitted`].
pub fn admit(facts: &SenderFacts, ourselves: &Ourselves, message: Message) -> Result<Admitted, Refusal> {
    if facts.id.as_deref() != Some(ourselves.id.as_str()) {
        return Err(Refusal::NotAdmitted);
    }
    let inner = match message {
        Message::Content(says) => content(facts, says),
        Message::Page(question) => page(facts, ourselves, question),
    };
    inner.map(Admitted).ok_or(Refusal::NotAdmitted)
}

fn content(facts: &SenderFacts, says: FromContent) -> Option<Inner> {
    let origin = facts.origin.as_deref()?.strip_prefix("https://")?;
    let tab = facts.tab.as_ref()?;
    let host = x::HOSTS.iter().find(|it| **it == origin)?;
    // "Left" is said when the watched path was left: the tab may show any page by then, also one whose address is not told.
    let place = match (tab.url.as_deref().and_then(x::place), &says) {
        (Some(place), _) => place,
        (None, FromContent::Left) => Place::Elsewhere,
        (None, _) => return None,
    };
    let document = facts.document_id.clone();
    let top = facts.frame_id == Some(0);
    top.then_some(Inner::Content { tab: tab.id?, document, host, place, incognito: tab.incognito, says })
}

fn page(facts: &SenderFacts, ourselves: &Ourselves, question: Question) -> Option<Inner> {
    let root = ourselves.root.as_str();
    let page = facts.url.as_deref()?.strip_prefix(root)?;
    let same_origin = facts.origin.as_deref().is_none_or(|origin| root.strip_suffix('/') == Some(origin));
    let top = facts.frame_id.is_none_or(|frame| frame == 0);
    (page.starts_with("pages/") && same_origin && top).then_some(Inner::Page(question))
}
