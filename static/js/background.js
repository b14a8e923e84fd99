// Listeners first, synchronously: a worker that is woken by an event loses the event otherwise.
import init, * as core from "../wasm/background.js";
import initQr, * as qr from "../wasm/qr.js";
import { words } from "./words.js";

// The browser lets content scripts read storage.local unless it is told not to: an attacker in a page's process would have
// the vault, and without a passphrase what opens it. Firefox has no such switch (ESR 153).
chrome.storage.local.setAccessLevel?.({ accessLevel: "TRUSTED_CONTEXTS" });

let woken;
const wake = () => (woken ??=
  init({ module_or_path: new URL("../wasm/background_bg.wasm", import.meta.url) })
    .catch((error) => { woken = undefined; throw error; }));
// An error that comes out of the core leaves an instance that must not be used again (a trap runs no destructors). Who
// waits for it hears at once that there is no answer; the next event starts afresh from the stores.
const open = new Set();
// Pages hold a port only where the vault is to lock with the last of them.
const pages = new Set();
function failed() {
  if (!woken) return;
  core.__wbg_reset_state();
  for (const answer of open) answer(null);
  open.clear();
}
const trapped = (reason) => { if (reason instanceof WebAssembly.RuntimeError) failed(); };
// After locking the instance goes as well, with whatever its memory still holds; open tabs of X notice nothing. A
// question that came meanwhile keeps it.
globalThis.longkeyRetire = () => setTimeout(() => { if (core.is_spent()) core.__wbg_reset_state(); });
// The glue is here because Chromium's workers have no import(); the module itself is fetched with the first picture. An
// instance reads once: its memory never shrinks, and a picture that makes it trap costs that picture alone.
globalThis.longkeyDecode = async (pictures) => {
  await initQr({ module_or_path: new URL("../wasm/qr_bg.wasm", import.meta.url) });
  return pictures.map(([bits, width, height]) => {
    try { return qr.from_bits(bits, width, height); } catch { return []; } finally { bits.fill(0); qr.__wbg_reset_state(); }
  });
};
// What Longkey says outside its own pages is in the language that was chosen there. It lies in storage.local: a worker has
// no localStorage.
globalThis.longkeyWords = async () => words((await chrome.storage.local.get("language")).language);
const on = (event, does) => event.addListener((...facts) => { wake().then(() => does(...facts)).catch(trapped); });

chrome.runtime.onMessage.addListener((message, sender, answer) => {
  const once = (value) => { if (open.delete(once)) answer(value); };
  open.add(once);
  wake().then(() => core.message(message, sender)).then(once, (reason) => { trapped(reason); once(null); });
  return true;
});
on(chrome.runtime.onInstalled, ({ reason }) => core.installed(reason === "install"));
on(chrome.runtime.onStartup, () => core.started());
on(chrome.alarms.onAlarm, ({ name }) => { core.pages_open(pages.size); core.rang(name); });
on(chrome.idle.onStateChanged, (state) => core.presence(state));
on(chrome.tabs.onRemoved, (tab) => core.tab_closed(tab));
on(chrome.commands.onCommand, (command) => { if (command === "lock") core.lock_pressed(); });
// An optional permission: the API is there once it was given, in Chromium also within this life of the worker.
const pressed = (id) => { chrome.notifications.clear(id); wake().then(() => core.alert_pressed(id)).catch(trapped); };
const heed = () => chrome.notifications?.onClicked.addListener(pressed);
heed();
chrome.permissions.onAdded.addListener(heed);
const count = () => wake().then(() => core.pages_open(pages.size)).catch(trapped);
chrome.runtime.onConnect.addListener((port) => {
  pages.add(port);
  port.onDisconnect.addListener(() => { pages.delete(port); count(); });
  count();
});

self.addEventListener("error", failed);
self.addEventListener("unhandledrejection", ({ reason }) => trapped(reason));
