//! What a service gets, said before it gets anything: a card that names what, to whom and why, and one press that agrees to
//! it. Without it the screens that send a password, a key or a code stay shut; everything else works. Kept for this browser
//! profile beside the choice of colours: it is no secret, and where it is lost the question comes again.
//!
//! Firefox's own consent to hand data over is asked in the same press (`permissions`); this one says more, and in words. That
//! consent is one for both services, so that it goes back when neither needs it, and takes both along when the browser has it back.

use super::route::Route;
use super::settings::FANS;
use super::{Face, Screen, dom, events, now};
use crate::browser::permissions::{self, Answered, Right};
use crate::browser::seen::View;
use crate::browser::{choices, i18n, runtime};
use crate::client;
use longkey_core::protocol::Question;
use web_sys::Element;

/// Who gets something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Xquik.
    Xquik,
    /// Fans API.
    Fans,
}

impl Service {
    const ALL: [Self; 2] = [Self::Xquik, Self::Fans];

    fn place(self) -> &'static str {
        match self {
            Self::Xquik => "agreed.xquik",
            Self::Fans => "agreed.fans",
        }
    }

    /// Firefox's consents that it needs. They are Longkey's, not one service's.
    fn consents(self) -> &'static [&'static str] {
        match self {
            Self::Xquik => &[permissions::SIGN_IN, permissions::PERSON],
            Self::Fans => &[permissions::SIGN_IN],
        }
    }

    /// Where its connection is shown.
    fn page(self) -> Route {
        match self {
            Self::Xquik => Route::Connect,
            Self::Fans => Route::Fansly,
        }
    }

    fn has_host(self, host: &str) -> bool {
        match self {
            Self::Xquik => permissions::XQUIK.contains(&host),
            Self::Fans => [permissions::FANS, permissions::FANS_OLD].concat().contains(&host),
        }
    }

    fn name(self) -> String {
        match self {
            Self::Xquik => i18n::message("xquik", &[]),
            Self::Fans => FANS.into(),
        }
    }

    fn is_connected(self, view: &View) -> bool {
        match self {
            Self::Xquik => view.xquik().count_all() > 0,
            Self::Fans => view.fansly().is_some(),
        }
    }

    fn of(route: &Route) -> Option<Self> {
        match route {
            Route::SignIn(_) | Route::Run | Route::NewAccount(_) | Route::Connection(_) => Some(Self::Xquik),
            Route::FanslyAccount(_) => Some(Self::Fans),
            _ => None,
        }
    }
}

/// Where it is written that Firefox's consent was given along: only that can have been taken back in its own settings.
const CONSENTED: &str = "agreed.consent";

fn since(service: Service) -> Option<u64> {
    choices::kept(service.place()).parse().ok()
}

/// Whether the user has agreed to what this service gets.
#[must_use]
pub fn stands(service: Service) -> bool {
    since(service).is_some()
}

/// The user has pressed the button that says so.
pub fn give(service: Service) {
    if !stands(service) {
        choices::keep(service.place(), &now().0.to_string());
    }
    if runtime::is_firefox() {
        choices::keep(CONSENTED, "1");
    }
}

/// Takes it back, and of Firefox's consents those that the other service does not need.
fn withdraw(service: Service) {
    choices::keep(service.place(), "");
    let needed = |it: &&str| Service::ALL.into_iter().any(|other| stands(other) && other.consents().contains(it));
    let gone: Vec<&str> = service.consents().iter().copied().filter(|it| !needed(it)).collect();
    permissions::withdraw(&gone);
    if gone.contains(&permissions::SIGN_IN) {
        choices::keep(CONSENTED, "");
    }
}

/// Firefox has taken back this consent: whoever needs it is agreed to anew.
pub(super) fn taken_back(consent: &str) {
    for service in Service::ALL.into_iter().filter(|it| it.consents().contains(&consent)) {
        choices::keep(service.place(), "");
    }
    if consent == permissions::SIGN_IN {
        choices::keep(CONSENTED, "");
    }
}

/// What is shown may be a screen that sends, and it is not agreed to any more: then the question takes its place, and what was
/// typed there goes.
fn look_again(face: &'static Face) {
    let route = face.route.borrow().clone();
    if missing(&route).is_some() {
        face.open(route);
    }
}

/// When a page opens: the consent may have been taken back in Firefox's own settings. The one for e-mail addresses is asked
/// for where one is typed, each time. From then on another page may take it back.
pub(super) fn look(face: &'static Face) {
    if let Some(window) = web_sys::window() {
        events::on(&window, "storage", move |_| look_again(face));
    }
    if choices::kept(CONSENTED).is_empty() {
        return;
    }
    let right = Right::of(permissions::CONSENTS, &[permissions::SIGN_IN]);
    permissions::has(&right, Answered::Yes, move |granted| {
        if !granted {
            taken_back(permissions::SIGN_IN);
            look_again(face);
        }
    });
}

/// Everything is deleted: what the browser allowed on the way goes back too, or a key out of a backup file would be sent before
/// the card was seen. What was agreed to goes with the other choices.
pub fn forget() {
    permissions::withdraw(&[permissions::SIGN_IN, permissions::PERSON]);
    let hosts = [permissions::XQUIK, permissions::FANS, permissions::FANS_OLD].concat();
    for (kind, names) in [("origins", hosts.as_slice()), ("permissions", permissions::NOTIFICATIONS)] {
        permissions::give_up(kind, names);
    }
}

/// Whether the browser may not be asked to allow this host yet: then the page of its service is shown, with the card. From a
/// popup in a tab, as the browser's question closes it.
pub(super) fn stops(face: &'static Face, host: &str) -> bool {
    let Some(service) = Service::ALL.into_iter().find(|it| it.has_host(host) && !stands(*it)) else { return false };
    let page = service.page();
    if *face.route.borrow() == page {
        dom::focus(&face.find(".agree[tabindex]"));
    } else if face.popup {
        face.open_in_tab(&page);
    } else {
        events::go(&page);
    }
    true
}

/// What has to be agreed to before this screen opens.
#[must_use]
pub fn missing(route: &Route) -> Option<Service> {
    Service::of(route).filter(|it| !stands(*it))
}

/// The card, without a button: it stands above the one that agrees.
fn card(service: Service) -> Element {
    let card = dom::part("agree");
    let (title, lead, rest): (_, _, &[&str]) = match service {
        Service::Xquik => (
            "flow_agree_xquik",
            "flow_agree_xquik_why",
            &["flow_agree_api_key", "flow_agree_password", "flow_agree_more", "flow_agree_new"],
        ),
        Service::Fans => ("flow_agree_fans", "flow_agree_fans_why", &["flow_agree_api_key", "flow_agree_code"]),
    };
    dom::say(&dom::slot(&card, "agree-title"), title, &[]);
    dom::set(&card, "aria-label", &i18n::message(title, &[]));
    dom::say(&dom::slot(&card, "agree-why"), lead, &[]);
    let list = dom::slot(&card, "agree-what");
    for words in rest {
        let item = dom::element("li");
        dom::say(&item, words, &[]);
        dom::append(&list, &item);
    }
    card
}

/// What nothing is sent before; of a service that is connected Longkey has the key, and sends it.
fn until(card: &Element, face: &'static Face, service: Service) {
    let Some(view) = face.view() else { return };
    let line = dom::slot(card, "agree-until");
    if service.is_connected(&view) {
        dom::say(&line, "flow_agree_connected", &[&service.name()]);
    } else {
        dom::say(&line, "flow_agree_until", &[]);
    }
}

/// Shows the card in a form that connects, unless the user has agreed already; gives the word of the form's button.
pub fn place(face: &'static Face, slot: &Element, service: Service) -> &'static str {
    if stands(service) {
        slot.set_text_content(None);
        return "connect";
    }
    lay(face, slot, service);
    "flow_agree_connect"
}

/// A card that stands there stays, and the keyboard in it. Says whether it is a new one.
fn lay(face: &'static Face, slot: &Element, service: Service) -> bool {
    let new = !matches!(slot.query_selector(".agree"), Ok(Some(_)));
    if new {
        dom::fill(slot, &card(service));
    }
    until(slot, face, service);
    new
}

/// Where a connection is shown: since when the user has agreed, and the way back; or the card, with its own button.
pub fn standing(face: &'static Face, service: Service) {
    let slot = face.slot("agreed");
    let Some(since) = since(service) else {
        if lay(face, &slot, service) {
            let card = dom::slot(&slot, "agree-card");
            dom::set(&card, "tabindex", "-1");
            dom::flag(&card, "data-first", true);
            dom::append(&card, &dom::fragment("agree-here"));
            dom::set(&dom::slot(&card, "agree-go"), "data-to", service.place());
        }
        return;
    };
    let line = dom::part("agreed");
    dom::say(&dom::slot(&line, "agreed-words"), "flow_agreed", &[&i18n::date(since)]);
    dom::set(&dom::slot(&line, "withdraw"), "data-to", service.place());
    dom::fill(&slot, &line);
}

/// [Withdraw] on a page that shows a connection, [Agree and continue] there and in place of a screen.
pub(super) fn act(face: &'static Face, act: &str, on: &Element) {
    let to = on.get_attribute("data-to").unwrap_or_default();
    let Some(service) = Service::ALL.into_iter().find(|it| it.place() == to) else { return };
    if act == "agree" {
        return ask(face, service);
    }
    withdraw(service);
    standing(face, service);
    dom::announce(&i18n::message("flow_agree_again", &[&service.name()]));
    dom::focus(&face.find("h1"));
}

fn ask(face: &'static Face, service: Service) {
    let hosts = match service {
        Service::Xquik => permissions::XQUIK,
        Service::Fans if face.view().and_then(|it| it.fansly()).is_some_and(|it| it.old()) => permissions::FANS_OLD,
        Service::Fans => permissions::FANS,
    };
    // Before anything is awaited: the browser asks only while the click is fresh.
    permissions::ask_to_send(hosts, move |granted| {
        if !granted {
            return dom::reveal(&face.find("[data-wrong-agree]"), "flow_not_allowed");
        }
        give(service);
        let route = events::address();
        // What was not allowed until now; Fansly's page asks when it opens.
        if route == Route::Connect {
            client::ask(&Question::Refresh, Box::new(|_| face.ask_again()));
        }
        face.open(route);
    });
}

/// Stands in place of a screen that would send something.
pub struct Ask {
    service: Service,
}

impl Ask {
    /// Opens it.
    pub fn open(face: &'static Face, service: Service) -> Self {
        face.lay("agree-screen");
        let card = card(service);
        // Its title is the screen's.
        dom::text(&face.slot("title"), &dom::slot(&card, "agree-title").text_content().unwrap_or_default());
        dom::hide(&dom::slot(&card, "agree-head"));
        dom::fill(&face.slot("card"), &card);
        dom::set(&face.slot("agree-go"), "data-to", service.place());
        Self { service }
    }
}

impl Screen for Ask {
    fn refresh(&self, face: &'static Face) {
        until(&face.slot("card"), face, self.service);
    }
}
