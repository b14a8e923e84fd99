// The parts that all pages are made of, nested as deeply as X nests them.
"use strict";
let state = served;

const h = (tag, attributes, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === "function") node[name] = value;
    else if (value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
};
const box = (name, ...children) => h("div", { class: `v ${name}`.trim() }, ...children);
const span = (text) => h("span", { class: "t" }, text);
const text = (name, words) => h("div", { dir: "ltr", class: `t ${name}` }, span(words));
const testid = (id, within = document) => within.querySelectorAll(`[data-testid="${id}"]`);

const svg = (label, path) => {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("viewBox", "0 0 24 24");
  if (label) picture.setAttribute("aria-label", label);
  else picture.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(space, "path");
  line.setAttribute("d", path);
  picture.append(line);
  return picture;
};

const pill = (id, words, onclick, disabled) => {
  const inner = h("span", { class: "t" }, span(words));
  const attributes = { role: "button", class: "v pill", "data-testid": id, type: "button", onclick };
  if (disabled) Object.assign(attributes, { disabled: "", "aria-disabled": "true", tabindex: "-1" });
  return h("button", attributes, h("div", { dir: "ltr", class: "t" }, inner));
};
const enable = (button, able) => {
  button.toggleAttribute("disabled", !able);
  if (able) {
    button.removeAttribute("aria-disabled");
    button.removeAttribute("tabindex");
  } else {
    button.setAttribute("aria-disabled", "true");
    button.setAttribute("tabindex", "-1");
  }
};
const link = (words, onclick) =>
  h("div", { dir: "ltr", class: "t" },
    h("button", { dir: "ltr", role: "button", class: "t link", type: "button", onclick }, span(words)));

// X's own goes after some seconds. This one stays until something is done in the page or the next one comes: however slow
// the machine is, whoever looks sees it.
const clear = () => { for (const node of testid("toast")) node.remove(); };
for (const kind of ["click", "keydown", "input"]) addEventListener(kind, clear, true);
const toast = (words) => {
  clear();
  document.body.append(h("div", { class: "v toast", role: "alert", "data-testid": "toast" }, text("", words)));
};

// An input that behaves as under React: a value set through the page's own setter is remembered, an
// event that brings nothing new is ignored, and what the state does not know is taken back.
const controlled = (input, changed) => {
  const native = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
  const shown = () => native.get.call(input);
  let tracked = shown();
  let known = tracked;
  Object.defineProperty(input, "value", {
    configurable: true,
    get: shown,
    set(next) {
      tracked = String(next);
      native.set.call(input, next);
    },
  });
  // React listens to both; WebDriver's clear sends only the second.
  for (const event of ["input", "change"]) {
    input.addEventListener(event, () => {
      if (shown() === tracked) return;
      tracked = known = shown();
      changed(known);
    });
  }
  input.addEventListener("blur", () => {
    if (shown() !== known) input.value = known;
  });
  return { put(next) { known = next; input.value = next; } };
};

const field = (label, attributes) =>
  box("", h("label", { class: "v field row" },
    box("grow",
      box("row", text("gray", label)),
      box("row", h("div", { dir: "ltr", class: "t grow" }, h("input", attributes))))),
  box(""));

const codeField = (label) => field(label, {
  autocapitalize: "none", autocomplete: "on", autocorrect: "off", inputmode: "numeric", name: "text",
  spellcheck: "false", type: "text", dir: "auto", "data-testid": "ocfEnterTextTextInput", value: "",
});

// Every answer carries what X now knows about the account.
const ask = async (method, call, body) => {
  const answer = await fetch(`/fake/api/${call}`, {
    method,
    headers: body ? { "content-type": "application/json" } : {},
    body: body ? JSON.stringify(body) : undefined,
  });
  const told = await answer.json();
  if (told.state) state = told.state;
  return told;
};
