//! Making a backup file: a passphrase of its own, three named steps, a file that was opened again and counted. Where the
//! browser puts it is the browser's business.

use super::words::{counted, day};
use super::{Face, Screen, dom, passphrase, trouble};
use crate::browser::{i18n, seen};
use crate::client;
use longkey_core::protocol::Question;
use web_sys::Element;

/// The screen.
pub struct Backup;

impl Backup {
    /// Opens it.
    pub fn open(face: &'static Face) -> Self {
        face.lay("backup");
        passphrase::place_choice(&face.slot("form"));
        dom::say(&face.slot("label"), "file_passphrase", &[]);
        dom::say(&face.slot("about"), "backup_text", &[]);
        dom::say(&face.slot("warning"), "backup_forgotten", &[]);
        dom::words(&face.slot("go"), "make_file");
        dom::hide(&face.slot("skip"));
        dom::hide(&face.slot("skip-hint"));
        face.stage("form");
        Self
    }
}

/// Shows which of the named steps is under way; those before it are done.
fn step(face: &'static Face, at: u32) {
    let mut number = 0;
    dom::each(&face.root, ".steps > li", |item| {
        number += 1;
        let (class, icon) = match number {
            _ if number < at => ("done", "good"),
            _ if number == at => ("on", "busy"),
            _ => ("", "todo"),
        };
        item.set_class_name(class);
        let mark = dom::slot(&item, "mark");
        dom::icon(&mark, icon);
        if let Some(svg) = mark.parent_element() {
            dom::class(&svg, "turning", number == at);
        }
    });
    dom::shown_if(at > 0, &face.slot("steps"));
}

impl Screen for Backup {
    fn refresh(&self, face: &'static Face) {
        let Some(view) = face.view() else { return };
        let last = view.backup().map(|it| i18n::message("last_backup", &[&i18n::date(it.0)]));
        dom::text(&face.slot("last"), &last.unwrap_or_default());
    }

    fn submit(&self, face: &'static Face, _: &str) {
        passphrase::choose(
            face,
            "making_file",
            Box::new(move |terms, derived| {
                step(face, 2);
                Question::MakeBackup { terms, derived }
            }),
            Box::new(move |answer, _| {
                step(face, 0);
                let Some(made) = answer.of::<seen::Backup>("backup") else { return };
                let name = ["longkey-backup-", &day(), ".longkey"].concat();
                if !trouble::save(&face.find("[data-wrong]"), &name, &made.file()) {
                    return;
                }
                // What it says stands in the view afterwards; if nobody hears it, the keys count as not backed up.
                client::ask(&Question::BackupSaved { made: made.made() }, Box::new(move |_| face.ask_again()));
                dom::text(&face.slot("saved"), &counted("backup_saved", made.accounts()));
                dom::say(&face.slot("saved-as"), "backup_saved_as", &[&name]);
                dom::announce(&counted("backup_saved", made.accounts()));
                face.stage("saved");
            }),
        );
        if face.slot("go").has_attribute("disabled") {
            step(face, 1);
        }
    }

    fn act(&self, face: &'static Face, act: &str, _: &Element) {
        if act == "retry" {
            step(face, 0);
        }
    }

    fn changed(&self, face: &'static Face, on: &Element) {
        passphrase::measure(face, on);
    }
}
