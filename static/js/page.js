// Starts the pages' WASM module. The rows are asked for at once, so that the first code waits for nothing else.
import init, { start } from "../wasm/pages.js";

const { dataset } = document.documentElement;
dataset.in = new URLSearchParams(location.search).get("in") ?? "tab";
dataset.theme = localStorage.getItem("theme") ?? "";
const rows = chrome.storage.session.get("rows");
await init({ module_or_path: new URL("../wasm/pages_bg.wasm", import.meta.url) });
start(rows);
