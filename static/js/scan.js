// A worker for one picture: it is ended afterwards, since WASM memory never shrinks, and earlier if it takes too long. Or
// for the drawings of one code, whose text comes in a list.
import init, { draw, from_rgba } from "../wasm/qr.js";

// A photograph is read at several sizes: shrinking takes its noise away.
const SIDES = [1600, 800];
const ready = init({ module_or_path: new URL("../wasm/qr_bg.wasm", import.meta.url) });

// What captureVisibleTab gives. The policy lets no fetch reach a data: address.
function unpack(address) {
  const bytes = Uint8Array.from(atob(address.slice(address.indexOf(",") + 1)), (letter) => letter.charCodeAt(0));
  return new Blob([bytes]);
}

self.onmessage = async ({ data }) => {
  try {
    if (Array.isArray(data)) {
      await ready;
      self.postMessage(draw(data[0]));
      return;
    }
    const image = await createImageBitmap(typeof data === "string" ? unpack(data) : data);
    await ready;
    let texts = [], last;
    for (const side of SIDES) {
      const scale = Math.min(1, side / Math.max(image.width, image.height));
      if (texts.length || scale === last) break;
      last = scale;
      const width = Math.max(1, Math.round(image.width * scale)), height = Math.max(1, Math.round(image.height * scale));
      const paper = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
      paper.drawImage(image, 0, 0, width, height);
      texts = from_rgba(paper.getImageData(0, 0, width, height).data, width, height);
    }
    self.postMessage(texts);
  } catch (error) {
    // A trap is a picture that says nothing; anything else is no picture.
    self.postMessage(error instanceof WebAssembly.RuntimeError ? [] : null);
  }
};
