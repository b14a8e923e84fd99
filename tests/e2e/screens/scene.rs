//! A screen in one state: where it is shown, how it is reached, and when it is there. What is asked of it is the walk's to say.

use std::path::{Path, PathBuf};

use serde_json::json;

/// WCAG 2.2, 1.4.10: what a window of 1280 × 1024 has at 400 %.
pub(super) const NARROW: (u32, u32) = (320, 512);

/// Where a screen belongs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Surface {
    Popup,
    Tab,
    /// Chrome's side panel and Firefox's sidebar: as wide as its user has drawn it, from 320 px on.
    Panel,
}

impl Surface {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Popup => "popup",
            Self::Tab => "tab",
            Self::Panel => "panel",
        }
    }

    pub(super) fn size(self) -> (u32, u32) {
        match self {
            Self::Popup => (380, 600),
            Self::Tab => (1000, 760),
            Self::Panel => (400, 700),
        }
    }

    /// The same window at 200 %. A popup keeps its 380 px, and Chromium gives it 600 real ones in height.
    pub(super) fn doubled(self) -> (u32, u32) {
        match self {
            Self::Popup => (380, 300),
            Self::Tab => (500, 380),
            // Twice as large it would be narrower than browsers let it be.
            Self::Panel => (320, 350),
        }
    }
}

/// What a person does on a screen before it is as the catalogue wants it.
pub(super) enum Step {
    Click(&'static str),
    Type(&'static str, String),
    File(&'static str, PathBuf),
    /// Waits for this expression.
    Until(String),
}

/// One screen in one state.
pub(super) struct Scene {
    pub(super) name: &'static str,
    pub(super) surface: Surface,
    pub(super) route: String,
    pub(super) steps: Vec<Step>,
    pub(super) there: String,
    pub(super) second: u8,
    pub(super) tree: Option<()>,
}

impl Scene {
    pub(super) fn popup(name: &'static str, route: &str) -> Self {
        Self::on(Surface::Popup, name, route)
    }

    pub(super) fn tab(name: &'static str, route: &str) -> Self {
        Self::on(Surface::Tab, name, route)
    }

    pub(super) fn panel(name: &'static str, route: &str) -> Self {
        Self::on(Surface::Panel, name, route)
    }

    fn on(surface: Surface, name: &'static str, route: &str) -> Self {
        let there = "document.querySelector('#screen main')".to_owned();
        Self { name, surface, route: route.to_owned(), steps: vec![], there, second: 9, tree: None }
    }

    /// There when this element is shown.
    pub(super) fn shows(mut self, css: &str) -> Self {
        self.there = shown(css);
        self
    }

    /// There when this is true.
    pub(super) fn when(mut self, expression: &str) -> Self {
        expression.clone_into(&mut self.there);
        self
    }

    /// Shown, and then pressed.
    pub(super) fn click(mut self, css: &'static str) -> Self {
        self.steps.push(Step::Click(css));
        self
    }

    /// Typed there.
    pub(super) fn types(mut self, css: &'static str, text: &str) -> Self {
        self.steps.push(Step::Type(css, text.to_owned()));
        self
    }

    /// Chosen there.
    pub(super) fn file(mut self, css: &'static str, file: &Path) -> Self {
        self.steps.push(Step::File(css, file.to_owned()));
        self
    }

    /// Waited for before the next step.
    pub(super) fn until(mut self, css: &str) -> Self {
        self.steps.push(Step::Until(shown(css)));
        self
    }

    /// At this second of a code's thirty.
    pub(super) fn second(mut self, second: u8) -> Self {
        self.second = second;
        self
    }

    /// What a screen reader is given is on record too.
    pub(super) fn with_tree(mut self) -> Self {
        self.tree = Some(());
        self
    }
}

fn shown(css: &str) -> String {
    format!("document.querySelector({})?.checkVisibility()", json!(css))
}
