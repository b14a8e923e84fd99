// Starts the pages' WASM module. The rows are asked for at once, so that the first code waits for nothing else.
import init, { start } from "../wasm/pages.js";

const { dataset } = document.documentElement;
dataset.in = new URLSearchParams(location.search).get("in") ?? "tab";
dataset.theme = localStorage.getItem("theme") ?? "";
// Zoomed, or on a low screen, Chromium gives a popup less than 600 px and adds a scrollbar beside the 380 px: then the
// page takes the height that there is, so that its foot stays in sight.
addEventListener("resize", () => {
  if (dataset.in === "popup" && innerWidth > 380 && innerHeight < 600) {
    document.documentElement.style.setProperty("--high", `${innerHeight}px`);
  }
});
const rows = chrome.storage.session.get("rows");
await init({ module_or_path: new URL("../wasm/pages_bg.wasm", import.meta.url) });
start(rows);
