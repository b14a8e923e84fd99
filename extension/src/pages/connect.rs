//! Xquik: its workspaces, each with an API key and a name. The accounts behind them are in `accounts`.

use super::agree::{self, Service};
use super::notes;
use super::words::{counted, fail, refuse, time, workspace};
use super::{Face, Screen, bin, dom, events, now};
use crate::browser::seen::{View, Xquik};
use crate::browser::{i18n, permissions};
use crate::client::{self, Answer, Failure};
use longkey_core::label::Id;
use longkey_core::protocol::Question;
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
use longkey_core::services::xquik::ApiKey;
use std::cell::Cell;
use web_sys::Element;

/// What the form is open for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Form {
    /// Nothing, unless no workspace is connected.
    #[default]
    Shut,
    /// Another workspace.
    Another,
    /// Another API key for this workspace.
    Key(Id),
    /// Another name for it.
    Name(Id),
}

/// Connecting Xquik, and what it lists.
#[derive(Default)]
pub struct Connect {
    shown: Cell<Option<u32>>,
    form: Cell<Form>,
}

impl Connect {
    /// Opens it.
    pub fn open(face: &'static Face) -> Self {
        face.lay("connect");
        Self::default()
    }

    fn workspaces(face: &'static Face, view: &View) {
        let list = face.slot("workspaces");
        list.set_text_content(None);
        for it in view.xquik() {
            let part = dom::part("workspace");
            let id = String::from(it.id());
            let name = workspace(&it);
            dom::text(&dom::slot(&part, "name"), &name);
            dom::text(&dom::slot(&part, "facts"), &facts(&it));
            if let Some(verdict) = it.trouble() {
                notes::trouble(&dom::slot(&part, "notes"), &verdict, "");
            }
            dom::each(&part, "button", |button| {
                dom::set(&button, "data-workspace", &id);
                let words = button.text_content().unwrap_or_default();
                dom::set(&button, "aria-label", &i18n::message("of_workspace", &[&name, &words]));
            });
            dom::append(&list, &part);
        }
    }

    /// What the form shows for what it is open for.
    fn form(&self, face: &'static Face, view: &View) {
        let connected = view.xquik().count_all() > 0;
        let form = self.form.get();
        let about = match form {
            Form::Key(id) | Form::Name(id) => view.xquik().find(|it| it.id() == id),
            Form::Shut | Form::Another => None,
        };
        let title = match form {
            Form::Key(_) => "replace_key",
            Form::Name(_) => "rename",
            Form::Another => "connect_another",
            Form::Shut => "connect_xquik",
        };
        dom::say(&face.slot("form-title"), title, &[]);
        dom::shown_if(connected, &face.slot("form-title"));
        dom::shown_if(!connected, &face.slot("text"));
        dom::shown_if(!matches!(form, Form::Name(_)), &face.slot("key-part"));
        dom::shown_if(connected, &face.slot("shut"));
        dom::say(&face.slot("go"), self.word(face), &[]);
        dom::input("workspace-name").set_value(&about.map(|it| it.name()).unwrap_or_default());
        dom::input("api-key").set_value("");
        dom::hide(&face.find("[data-wrong]"));
        dom::hide(&face.find("[data-wrong-name]"));
    }

    /// What the form's button says.
    fn word(&self, face: &'static Face) -> &'static str {
        let slot = face.slot("agree");
        if let Form::Name(_) = self.form.get() {
            slot.set_text_content(None);
            return "rename";
        }
        match (agree::place(face, &slot, Service::Xquik), self.form.get()) {
            ("connect", Form::Key(_)) => "replace_key",
            (word, _) => word,
        }
    }

    /// The form is open for this.
    fn turn(&self, face: &'static Face, form: Form) {
        self.form.set(form);
        let Some(view) = face.view() else { return };
        self.form(face, &view);
        self.show(face, &view);
        events::settle_focus(&face.root);
    }

    fn show(&self, face: &'static Face, view: &View) {
        let connected = view.xquik().count_all() > 0;
        let open = !connected || self.form.get() != Form::Shut;
        dom::shown_if(open, &face.slot("form"));
        dom::shown_if(connected && !open, &face.slot("connected"));
        dom::say(&face.slot("title"), if connected { "xquik" } else { "connect_xquik" }, &[]);
        if connected && !open {
            agree::standing(face, Service::Xquik);
        }
    }

    fn send(&self, face: &'static Face) {
        let (go, field, name) = (face.slot("go"), dom::input("api-key"), dom::input("workspace-name"));
        let (wrong, wrong_name) = (face.find("[data-wrong]"), face.find("[data-wrong-name]"));
        if go.has_attribute("disabled") {
            return;
        }
        let (named, word) = (name.value().trim().to_string(), self.word(face));
        let naming = matches!(self.form.get(), Form::Name(_));
        let done = {
            let (go, field, wrong) = (go.clone(), field.clone(), wrong.clone());
            move |done: Result<Answer, Failure>| {
                dom::flag(&go, "disabled", false);
                dom::say(&go, word, &[]);
                match done {
                    Ok(_) => {
                        field.set_value("");
                        // The form was open for this; it closes now.
                        face.retry();
                        face.ask_again();
                    }
                    Err(Failure::Refused(code, arguments)) if naming || code == Refusal::NameShape.code() => {
                        fail(&wrong_name, &Failure::Refused(code, arguments), now());
                        dom::focus(&name);
                    }
                    Err(failure) => {
                        fail(&wrong, &failure, now());
                        dom::focus(&field);
                    }
                }
            }
        };
        let workspace = match self.form.get() {
            Form::Name(workspace) => {
                dom::flag(&go, "disabled", true);
                return client::ask(&Question::NameWorkspace { workspace, name: named }, Box::new(done));
            }
            Form::Key(workspace) => Some(workspace),
            Form::Shut | Form::Another => None,
        };
        let typed = Secret::new(field.value());
        let key = match ApiKey::parse(&typed) {
            Ok(key) => key,
            Err(refusal) => {
                refuse(&wrong, refusal);
                return dom::focus(&field);
            }
        };
        dom::hide(&wrong);
        dom::flag(&go, "disabled", true);
        dom::say(&go, "connecting", &[]);
        // Before anything is awaited: the browser asks only while the click is fresh.
        permissions::ask_to_send(permissions::XQUIK, move |granted| {
            if granted {
                agree::give(Service::Xquik);
                let question = Question::Connect { api_key: key.secret().clone(), name: named, workspace };
                client::ask(&question, Box::new(done));
            } else {
                done(Err(Refusal::NoPermission.into()));
            }
        });
    }
}

/// The end of its key, how many accounts, and when that was.
fn facts(it: &Xquik) -> String {
    let mut facts = counted("connected", it.accounts().count_all());
    let mut add = |words: String| facts = i18n::message("two_facts", &[&facts, &words]);
    if it.left_out() > 0 {
        add(counted("left_out", it.left_out()));
    }
    if !it.name().is_empty() && !it.last_four().is_empty() {
        add(i18n::message("workspace_unnamed", &[&it.last_four()]));
    }
    if let Some(checked) = it.checked() {
        add(i18n::message("checked_at", &[&time(checked, now())]));
    }
    facts
}

/// A button that asks something without more to type.
fn press(face: &'static Face, question: &Question, button: &Element, busy: &str) {
    let ended = if let Question::Disconnect { workspace } = question { Some(*workspace) } else { None };
    let told = move |done: Result<Answer, Failure>| {
        let notes = face.slot("notes");
        notes.set_text_content(None);
        if ended.is_some() && done.is_ok() {
            bin::disconnected(face, ended);
        }
        // What a workspace answered stands with the workspace.
        if let Err(failure) = done
            && !matches!(failure, Failure::Verdict(_))
        {
            notes::fail(&notes, &failure);
        }
    };
    face.press_for(button, busy, question, Box::new(told));
}

impl Screen for Connect {
    fn refresh(&self, face: &'static Face) {
        let Some(view) = face.view() else { return };
        let before = self.shown.replace(Some(face.news()));
        if before == Some(face.news()) {
            return;
        }
        if before.is_none() {
            self.form(face, &view);
        }
        self.show(face, &view);
        Self::workspaces(face, &view);
        let accounts: u32 = view.xquik().map(|it| it.accounts().count_all()).sum();
        dom::shown_if(accounts > 0, &face.slot("all-accounts"));
        dom::shown_if(accounts == 0, &face.slot("none"));
        if before.is_none() {
            events::settle_focus(&face.root);
        }
    }

    fn act(&self, face: &'static Face, act: &str, on: &Element) {
        let about = on.get_attribute("data-workspace").and_then(|it| Id::parse(&it));
        match (act, about) {
            ("refresh", _) => press(face, &Question::Refresh, on, "refreshing"),
            ("disconnect", Some(workspace)) => {
                press(face, &Question::Disconnect { workspace }, on, "one_moment");
            }
            ("another", _) => self.turn(face, Form::Another),
            ("replace", Some(workspace)) => self.turn(face, Form::Key(workspace)),
            // From a note, which names no workspace.
            ("replace", None) => {
                let refused = |it: &Xquik| it.trouble().is_some_and(|it| it.word() == "api_key_refused");
                if let Some(it) = face.view().and_then(|view| view.xquik().find(refused)) {
                    self.turn(face, Form::Key(it.id()));
                }
            }
            ("rename", Some(workspace)) => self.turn(face, Form::Name(workspace)),
            ("retry" | "shut", _) => self.turn(face, Form::Shut),
            _ => {}
        }
    }

    fn submit(&self, face: &'static Face, _: &str) {
        self.send(face);
    }

    fn changed(&self, face: &'static Face, _: &Element) {
        dom::hide(&face.find("[data-wrong]"));
        dom::hide(&face.find("[data-wrong-name]"));
    }
}
