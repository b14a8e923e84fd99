//! Templates, slots and text. HTML stays in `static/pages/app.html`; nothing here builds markup or knows a screen.
//!
//! A slot or template that is missing yields an element that nobody sees instead of a trap: one missing
//! word must not take the codes away. A test looks for every name that is used.

use crate::browser::{i18n, timer};
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use web_sys::{Document, DocumentFragment, Element, HtmlElement, HtmlInputElement, HtmlTemplateElement, Node};

thread_local! {
    /// What was announced in this moment.
    static SAID: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The document; every page has one.
#[must_use]
pub fn document() -> Document {
    web_sys::window().and_then(|it| it.document()).expect("a page has a document")
}

/// A copy of a template's content, its words filled in.
#[must_use]
pub fn fragment(name: &str) -> DocumentFragment {
    let document = document();
    let template = find(&document, &["template[data-part=\"", name, "\"]"].concat())
        .and_then(|it| it.dyn_into::<HtmlTemplateElement>().ok());
    let Some(template) = template else { return document.create_document_fragment() };
    let content = template.content();
    // Words go into the template itself, once: a thousand rows are copies of it.
    if !template.has_attribute("data-ready") {
        fill_words(&content);
        let _ = template.set_attribute("data-ready", "");
    }
    content
        .clone_node_with_deep(true)
        .ok()
        .and_then(|it| it.dyn_into().ok())
        .unwrap_or_else(|| document.create_document_fragment())
}

/// A copy of a template that holds one element.
#[must_use]
pub fn part(name: &str) -> Element {
    fragment(name).first_element_child().unwrap_or_else(unseen)
}

/// The element that has that slot.
#[must_use]
pub fn slot(within: &Element, name: &str) -> Element {
    within.query_selector(&["[data-slot=\"", name, "\"]"].concat()).ok().flatten().unwrap_or_else(unseen)
}

/// The input with that id.
#[must_use]
pub fn input(id: &str) -> HtmlInputElement {
    document()
        .get_element_by_id(id)
        .and_then(|it| it.dyn_into().ok())
        .unwrap_or_else(|| element("input").unchecked_into())
}

/// A new element without content.
#[must_use]
pub fn element(tag: &str) -> Element {
    document().create_element(tag).expect("the names of tags are constants")
}

/// An element that nobody sees, in place of one that is missing.
#[must_use]
pub fn unseen() -> Element {
    element("span")
}

/// The first match in the document.
#[must_use]
pub fn find(document: &Document, selector: &str) -> Option<Element> {
    document.query_selector(selector).ok().flatten()
}

/// Every match below an element.
pub fn each(within: &Element, selector: &str, mut does: impl FnMut(Element)) {
    if let Ok(list) = within.query_selector_all(selector) {
        for at in 0..list.length() {
            if let Some(found) = list.item(at).and_then(|it| it.dyn_into().ok()) {
                does(found);
            }
        }
    }
}

/// Shows it.
pub fn show(element: &Element) {
    let _ = element.remove_attribute("hidden");
}

/// Hides it, from screen readers too.
pub fn hide(element: &Element) {
    set(element, "hidden", "");
}

/// Shows it if that is so, else hides it.
pub fn shown_if(condition: bool, element: &Element) {
    if condition { show(element) } else { hide(element) }
}

/// Shows it if that is so, and says it when it comes; else hides it.
pub fn said_if(condition: bool, element: &Element) {
    if condition && element.has_attribute("hidden") {
        announce(&element.text_content().unwrap_or_default());
    }
    shown_if(condition, element);
}

/// Sets an attribute.
pub fn set(element: &Element, name: &str, value: &str) {
    // The names of attributes are constants; the browser refuses none of them.
    let _ = element.set_attribute(name, value);
}

/// Sets or removes an attribute that is true by being there.
pub fn flag(element: &Element, name: &str, on: bool) {
    if on {
        set(element, name, "");
    } else {
        let _ = element.remove_attribute(name);
    }
}

/// Adds or takes away a class.
pub fn class(element: &Element, name: &str, on: bool) {
    let _ = element.class_list().toggle_with_force(name, on);
}

/// The icon that a `<use>` shows.
pub fn icon(slot: &Element, name: &str) {
    set(slot, "href", &["#i-", name].concat());
}

/// As [`say`], and aloud if that is news to who heard what stood there before.
pub fn tell(element: &Element, key: &str) {
    let before = element.text_content().unwrap_or_default();
    say(element, key, &[]);
    let words = element.text_content().unwrap_or_default();
    if !before.is_empty() && before != words {
        announce(&words);
    }
}

/// Text as it is; untouched if it says so already.
pub fn text(element: &Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

/// A sentence of `_locales`, its arguments in isolates, so that a handle keeps its direction in any language.
pub fn say(element: &Element, key: &str, arguments: &[&str]) {
    if arguments.is_empty() {
        return text(element, &i18n::message(key, &[]));
    }
    // Placeholders are filled with control characters that no sentence has, then cut out again.
    const MARKS: [&str; 9] = ["\u{1}", "\u{2}", "\u{3}", "\u{4}", "\u{5}", "\u{6}", "\u{7}", "\u{8}", "\u{e}"];
    let sentence = i18n::message(key, MARKS.get(..arguments.len()).unwrap_or(&MARKS));
    element.set_text_content(None);
    let mut plain = String::new();
    for letter in sentence.chars() {
        let place = MARKS.iter().position(|it| it.starts_with(letter));
        match place.and_then(|it| arguments.get(it)) {
            Some(argument) => {
                append_text(element, &plain);
                plain.clear();
                append_isolate(element, argument);
            }
            None => plain.push(letter),
        }
    }
    append_text(element, &plain);
}

/// The words that an element has while it is not [`busy`].
pub fn words(element: &Element, key: &str) {
    set(element, "data-i18n", key);
    say(element, key, &[]);
}

/// Takes a button out of use, with words that say what it is doing.
pub fn busy(button: &Element, key: &str) {
    flag(button, "disabled", true);
    say(button, key, &[]);
}

/// Gives it back, with its own words.
pub fn idle(button: &Element) {
    flag(button, "disabled", false);
    if let Some(key) = button.get_attribute("data-i18n") {
        say(button, &key, &[]);
    }
}

/// A sentence that was hidden.
pub fn reveal(element: &Element, key: &str) {
    say(element, key, &[]);
    show(element);
    announce(&element.text_content().unwrap_or_default());
}

fn append_text(element: &Element, text: &str) {
    if !text.is_empty() {
        append(element, &document().create_text_node(text));
    }
}

fn append_isolate(parent: &Element, text: &str) {
    let isolate = element("bdi");
    if text.starts_with('@') {
        set(&isolate, "dir", "ltr");
        set(&isolate, "class", "at");
    }
    isolate.set_text_content(Some(text));
    append(parent, &isolate);
}

/// Puts a node at the end.
pub fn append(parent: &Node, child: &Node) {
    // A fresh node can be put anywhere.
    let _ = parent.append_child(child);
}

/// Takes everything out and puts this in.
pub fn fill(parent: &Element, child: &Node) {
    parent.set_text_content(None);
    append(parent, child);
}

/// Moves the keyboard there.
pub fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        // An element that cannot take the focus leaves it where it is.
        let _ = element.focus();
    }
}

/// Says it in the one polite live region. What is said in the same moment is said together: the region holds one text, and a
/// second one would take the first away before anybody has read it.
pub fn announce(words: &str) {
    let Some(live) = document().get_element_by_id("live") else { return };
    let said = SAID.with_borrow_mut(|said| {
        if said.is_empty() {
            timer::after(0, || SAID.with_borrow_mut(String::clear));
        } else {
            said.push(' ');
        }
        said.push_str(words);
        said.clone()
    });
    // The same words twice are not a change, so nothing would be read; the empty text in between makes it one.
    live.set_text_content(None);
    live.set_text_content(Some(&said));
}

fn fill_words(content: &DocumentFragment) {
    for (attribute, target) in [("data-i18n", ""), ("data-i18n-label", "aria-label"), ("data-i18n-hint", "placeholder")]
    {
        let Ok(list) = content.query_selector_all(&["[", attribute, "]"].concat()) else { continue };
        for at in 0..list.length() {
            let Some(found) = list.item(at).and_then(|it| it.dyn_into::<Element>().ok()) else { continue };
            let words = i18n::message(&found.get_attribute(attribute).unwrap_or_default(), &[]);
            if target.is_empty() {
                found.set_text_content(Some(&words));
            } else {
                set(&found, target, &words);
                if target == "aria-label" {
                    set(&found, "title", &words);
                }
            }
        }
    }
}
