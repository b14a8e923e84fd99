// Starts the pages' WASM module. The rows, and where a popup was left, are asked for at once, so that the first code waits for nothing else.
import init, { start } from "../wasm/pages.js";
import { words } from "./words.js";

// A profile may have no such store, or a damaged one: then asking throws (Firefox: NS_ERROR_FILE_CORRUPTED), and a page without
// colours that were chosen is better than none.
const kept = (name) => { try { return localStorage.getItem(name) ?? ""; } catch { return ""; } };
const { dataset } = document.documentElement;
dataset.in = new URLSearchParams(location.search).get("in") ?? "tab";
dataset.theme = kept("theme");
dataset.handles = kept("handles");
// Zoomed, or on a low screen, Chromium gives a popup less than 600 px and adds a scrollbar beside the 380 px: then the
// page takes the height that there is, so that its foot stays in sight.
addEventListener("resize", () => {
  if (dataset.in === "popup" && innerWidth > 380 && innerHeight < 600) {
    document.documentElement.style.setProperty("--high", `${innerHeight}px`);
  }
});
const stored = chrome.storage.session.get(["rows", "place"]);
const [chosen] = await Promise.all([
  words(kept("language")),
  init({ module_or_path: new URL("../wasm/pages_bg.wasm", import.meta.url) }),
]);
start(stored, chosen);
