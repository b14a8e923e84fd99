// Listeners first, synchronously: a worker that is woken by an event loses the event otherwise.
import init, * as core from "../wasm/background.js";

let woken;
const wake = () => (woken ??=
  init({ module_or_path: new URL("../wasm/background_bg.wasm", import.meta.url) })
    .catch((error) => { woken = undefined; throw error; }));
// A trap leaves an instance that must not be used again: the next event starts afresh from the stores.
const trapped = (reason) => {
  if (reason instanceof WebAssembly.RuntimeError) { core.__wbg_reset_state(); woken = undefined; }
};
const on = (event, does) => event.addListener((...facts) => { wake().then(() => does(...facts)); });

chrome.runtime.onMessage.addListener((message, sender, answer) => {
  wake().then(() => core.message(message, sender)).then(answer, (reason) => { trapped(reason); answer(null); });
  return true;
});
on(chrome.runtime.onInstalled, ({ reason }) => core.installed(reason === "install"));
on(chrome.runtime.onStartup, () => core.started());
on(chrome.alarms.onAlarm, ({ name }) => core.rang(name));
on(chrome.idle.onStateChanged, (state) => core.presence(state));
on(chrome.tabs.onRemoved, (tab) => core.tab_closed(tab));

self.addEventListener("unhandledrejection", ({ reason }) => trapped(reason));
self.addEventListener("error", ({ error }) => trapped(error));
