// A worker for one derivation: it is ended afterwards, since WASM memory never shrinks.
import init, { derive } from "../wasm/kdf.js";

const ready = init({ module_or_path: new URL("../wasm/kdf_bg.wasm", import.meta.url) });

self.onmessage = async ({ data: [passphrase, salt, memory, passes, lanes] }) => {
  try {
    await ready;
    self.postMessage(derive(passphrase, salt, memory, passes, lanes));
  } catch {
    self.postMessage(null);
  }
};
