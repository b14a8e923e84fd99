//! Where a page leads away from itself: back, into a tab, into the side panel.

use super::route::Route;
use super::{Face, events};
use crate::browser::{runtime, tabs};

impl Face {
    /// Goes one screen back.
    pub fn go_back(&'static self) {
        if let Route::Save(id) | Route::Code(id) = *self.route.borrow() {
            self.put_away(id);
        }
        let back = self.back.borrow().clone();
        events::go(&back);
    }

    /// Opens an address in a tab of its own.
    pub fn open_tab(&self, address: &str) {
        let popup = self.popup;
        tabs::open(address, move |opened| {
            if opened && popup {
                events::close();
            }
        });
    }

    /// Opens one of our screens in a tab.
    pub fn open_in_tab(&self, route: &Route) {
        self.open_tab(&runtime::address(&["pages/app.html", &route.print()].concat()));
    }

    /// Opens this screen beside the page, where it stays open; in a tab if the browser has no such place.
    pub fn keep_open(&'static self) {
        let route = self.route.borrow().clone();
        tabs::open_beside(self.window.get(), move |opened| {
            if !opened {
                self.open_in_tab(&route);
            } else if self.popup {
                events::close();
            }
        });
    }

    /// Whether [`Face::keep_open`] leads anywhere else than here.
    #[must_use]
    pub fn can_keep_open(&self) -> bool {
        self.popup
    }
}
