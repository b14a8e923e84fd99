//! X's tabs: what is known of each, and when that ends. Deliberately not what a page shows: that is `capture`'s to judge.

use super::App;
use super::memory::TabMemory;
use crate::effect::Effect;
use crate::protocol::FromContent;
use crate::sites::x;
use alloc::{string::String, vec::Vec};

impl App {
    pub(super) fn tab(&mut self, tab: i32) -> &mut TabMemory {
        let at = match self.memory.tabs.iter().position(|it| it.tab == tab) {
            Some(at) => at,
            None => {
                self.memory.tabs.push(TabMemory::new(tab));
                self.memory.tabs.len() - 1
            }
        };
        &mut self.memory.tabs[at]
    }

    /// Whether it is the farewell of a page whose place another has taken: messages of two documents may overtake each other
    /// (each has a channel of its own to the browser), and what the new page shows must not be forgotten with the old one.
    pub(super) fn is_of_the_page_before(
        &mut self,
        tab: i32,
        document: Option<String>,
        says: &FromContent,
        out: &mut Vec<Effect>,
    ) -> bool {
        let it = self.tab(tab);
        let another = it.document.is_some() && document.is_some() && it.document != document;
        if matches!(says, FromContent::Left) {
            return another;
        }
        it.document = document;
        if another {
            // Its farewell has not come yet, or never will: nothing that was true of it is true of this one.
            self.left(tab, out);
        }
        false
    }

    pub(super) fn left(&mut self, tab: i32, out: &mut Vec<Effect>) {
        let it = self.tab(tab);
        it.code_wanted = false;
        it.showing = false;
        it.login = None;
        it.strange = None;
        it.refused = false;
        it.submitted = None;
        it.full_told = false;
        // Another account may be signed in when X's flow is opened next.
        (it.handle, it.unclear) = (None, false);
        self.pictures.forget(tab);
        out.push(Effect::News);
    }

    /// A page that crashed, or whose sensor was cut off by an update, says no word when it goes: before a page of ours shows what X
    /// waits for, the tabs are looked at.
    pub(super) fn look_at_tabs(&self, out: &mut Vec<Effect>) {
        let waits = |tab: &&TabMemory| tab.showing || tab.code_wanted || tab.login.is_some() || tab.strange.is_some();
        out.extend(self.memory.tabs.iter().filter(waits).map(|tab| Effect::LookAt(tab.tab)));
    }

    pub(super) fn shows(&mut self, tab: i32, address: Option<&str>, out: &mut Vec<Effect>) {
        let known = self.memory.tabs.iter().any(|it| it.tab == tab);
        if known && address.and_then(x::place).is_none() {
            self.left(tab, out);
        }
    }

    pub(super) fn tab_closed(&mut self, tab: i32) {
        self.memory.tabs.retain(|it| it.tab != tab);
        self.pictures.forget(tab);
    }
}
