//! What the list shows while something is searched for.

use super::home::{icon, row, under};
use super::route::Route;
use super::rows::{self, FIRST};
use super::words::{at, workspace};
use super::{Face, dom, now};
use longkey_core::protocol::Group;

/// Accounts that the list leaves out for their number are found all the same: as many as can be read at once.
fn found(face: &'static Face, query: &str) {
    let (needs, waits) = (face.slot("needs-list"), face.slot("waiting-list"));
    for list in [&needs, &waits] {
        dom::each(list, "li[data-found]", |it| it.remove());
    }
    let Some(view) = face.view().filter(|_| !query.is_empty()) else { return };
    let (mut left, moment) = (FIRST, now());
    let several = view.xquik().count_all() > 1;
    let all = view.xquik().flat_map(|it| {
        let whose = if several { workspace(&it) } else { String::new() };
        it.accounts().map(move |account| (account, whose.clone()))
    });
    for (account, whose) in all {
        let list = match account.group() {
            Group::NeedsYou => &needs,
            Group::Waiting => &waits,
            Group::Fine => continue,
        };
        let route = Route::SignIn(account.id()).print();
        let there = || list.query_selector(&["li[data-key=\"", &route, "\"]"].concat()).ok().flatten().is_some();
        if left == 0 || !account.handle().to_ascii_lowercase().contains(query) || there() {
            continue;
        }
        left -= 1;
        let tone = if list == &needs { "now" } else { "later" };
        let words = under(&account, &whose, moment);
        let item = row(&at(&account.handle()), &words, icon(&account), &route, tone);
        dom::set(&item, "data-found", "");
        dom::append(list, &item);
    }
}

/// Shows what the search finds, and all where nothing is searched for.
pub(super) fn filter(face: &'static Face) {
    // Nothing in it could end the selector that it stands in.
    let query = rows::query(&face.find("[data-slot=query]"));
    found(face, &query);
    let (mut hidden, mut all) = (0, 0);
    dom::each(&face.root, ".list > li", |item| {
        dom::show(&item);
        all += 1;
    });
    if !query.is_empty() {
        dom::each(&face.root, &[".list > li:not([data-find*=\"", &query, "\"])"].concat(), |item| {
            dom::hide(&item);
            hidden += 1;
        });
    }
    dom::said_if(all > 0 && hidden == all, &face.slot("no-match"));
}
