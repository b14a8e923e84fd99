// What lies beneath: side navigation, timeline, settings, backup code; and which path shows what.
const SETTINGS = "/settings/account/login_verification";
const ENROL = "/i/flow/two-factor-auth-app-enrollment";
const UNENROL = "/i/flow/two-factor-unenrollment";

document.querySelector("#react-root").append(box("", box("place"),
  h("div", { id: "layers", class: "v layers" })));
const root = () => document.querySelector("#react-root .place");
const layers = () => document.querySelector("#layers");

const visit = (path) => {
  history.pushState({}, "", path);
  route();
};
const goer = (path) => (event) => {
  event.preventDefault();
  visit(path);
};

// The account that is signed in: its picture, the name that its owner chose, its handle.
const switcher = () => h("button", {
  role: "button", type: "button", class: "v row", "aria-label": "Account menu",
  "data-testid": "SideNav_AccountSwitcher_Button",
}, h("div", { class: "v", "data-testid": `UserAvatar-Container-${state.handle}` }),
h("div", { class: "v" }, h("div", { class: "v" }, text("bold", state.name)), h("div", { class: "v" }, text("gray", `@${state.handle}`))),
svg("", "M3 12h2M11 12h2M19 12h2"));

const shell = (title, ...content) => {
  document.title = `${title} / X`;
  const tab = (name, path, words) => h("a", {
    href: path, role: "link", "data-testid": `AppTabBar_${name}_Link`, onclick: goer(path),
  }, h("div", { dir: "ltr", class: "t" }, span(words)));
  const profile = `/${state.handle}`;
  // X's narrow layout has no link to the profile in its bottom bar.
  const nav = h("header", { role: "banner", class: "v" }, h("nav", { class: "v nav", role: "navigation" },
    tab("Home", "/home", "Home"), narrow() ? null : tab("Profile", profile, "Profile"),
    h("a", { href: "/settings", role: "link", "data-testid": "settings", onclick: goer(SETTINGS) },
      h("div", { dir: "ltr", class: "t" }, span("Settings")))));
  if (!narrow()) nav.append(switcher());
  root().replaceChildren(box("shell row", nav, h("main", { role: "main", class: "v column" }, ...content)));
};

const region = (title, ...content) => h("section", {
  "aria-labelledby": "detail-header", role: "region", class: "v",
}, h("h2", { id: "detail-header", dir: "ltr", "aria-level": "2", role: "heading", class: "t subtitle" },
  span(title)), ...content);

const method = (name, title, words, on, onchange) => {
  const check = h("input", { type: "checkbox", name, onchange });
  check.checked = on;
  return box("cell", h("label", { class: "v row" }, box("row grow", text("bold", title)), box("", check)),
    text("gray", words));
};

const settings = () => shell("Two-factor authentication", region("Two-factor authentication",
  method("Sms", "Text message", "A text message with a code at every login.", false, (event) => {
    event.target.checked = false;
  }),
  method("Totp", "Authentication app", "An app gives you a code to enter every time you log in.", state.totp,
    (event) => {
      // Controlled: what the server knows is shown, not what was clicked.
      event.target.checked = state.totp;
      visit(state.totp ? `${UNENROL}?method=authenticationApp` : ENROL);
    }),
  method("U2fSecurityKey", "Security key", "A key that plugs in or syncs to your device.", false, (event) => {
    event.target.checked = false;
  }),
  h("a", {
    href: `${SETTINGS}/backup_code`, role: "link", "data-testid": "pivot", class: "v cell",
    onclick: goer(`${SETTINGS}/backup_code`),
  }, text("bold", "Backup codes"))));

const backupPage = async () => {
  const show = (code) => shell("Backup Code", region("Backup Code",
    box("cell", text("gray", "If you ever lose access to your device, you can use this code to verify your identity.")),
    box("", box("row", text("title", code ? code.replace(/(.{4})(?=.)/gu, "$1 ") : ""))),
    box("cell actions", pill("copy", "Copy code", () => navigator.clipboard.writeText(code ?? "")),
      pill("generate", "Generate a new code", async () => {
        const told = await ask("POST", "backup", {});
        if (told.ok) show(told.backup);
        else toast("You’ve reached the limit of backup codes. Try again later.");
      }))));
  const told = await ask("GET", "backup");
  if (location.pathname === `${SETTINGS}/backup_code`) show(told.backup);
};

const post = (name, handle, words) => h("article", { role: "article", "data-testid": "tweet", class: "v post" },
  h("div", { class: "v row", "data-testid": "User-Name" }, text("bold", name), text("gray", ` @${handle}`)),
  h("div", { dir: "auto", lang: "en", class: "t", "data-testid": "tweetText" }, span(words)));

const timeline = () => shell("Home", region("Home",
  post("Acme Support", "acme_support", "We answer from nine to five."),
  post("Acme", "acme_de", "Our old test key was JBSWY3DPEHPK3PXP and everybody knew it."),
  post("Stand-in", state.handle, "A post that nobody needs.")));

const profile = (handle) => shell(`@${handle}`, region(`@${handle}`, post("Stand-in", handle, "A post that nobody needs.")));

const beneath = (path) => {
  if (path === SETTINGS) return settings();
  if (path === `${SETTINGS}/backup_code`) return backupPage();
  if (path.toLowerCase() === `/${state.handle}`.toLowerCase()) return profile(state.handle);
  return timeline();
};

// Where a dialog opens over what was there, the page beneath stays; a direct visit has the timeline.
const route = () => {
  // X's short address of its login.
  if (location.pathname === "/login") history.replaceState({}, "", "/i/flow/login");
  const path = location.pathname;
  layers().replaceChildren();
  document.documentElement.dataset.step = "";
  const dialog = { [ENROL]: enrol, [UNENROL]: steps.unenrol, "/i/flow/login": () => oldLogin("code") }[path];
  if (path === "/i/jf/onboarding/web") return newLogin();
  if (!dialog) return beneath(path);
  if (!root().hasChildNodes()) timeline();
  return dialog();
};

addEventListener("popstate", route);
route();
