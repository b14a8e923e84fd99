// Counts what the sensor asks of the browser and how long it runs. Stands before it in the same isolated world; what it
// takes the place of calls through.
(() => {
  chrome.runtime.sendMessage({ probe: location.href }).catch(() => {});
  const asked = { observers: 0, watching: 0, timers: 0, waiting: 0, listeners: [], sent: [], others: [], runs: {}, spent: 0 };
  globalThis.longkeyProbe = asked;

  // The same wrapper for the same listener: the browser hears each once.
  const known = new Map();
  const timed = (kind, does) => {
    const wrapped = known.get(does) ?? {};
    known.set(does, wrapped);
    return wrapped[kind] ??= function (...given) {
      const begun = performance.now();
      try {
        return Reflect.apply(does, this, given);
      } finally {
        asked.spent += performance.now() - begun;
        asked.runs[kind] = (asked.runs[kind] ?? 0) + 1;
      }
    };
  };

  const Observer = MutationObserver;
  globalThis.MutationObserver = class {
    #real;
    #watches = 0;
    constructor(does) {
      asked.observers += 1;
      this.#real = new Observer(timed("observer", does));
    }
    observe(...what) {
      asked.watching += 1 - this.#watches;
      this.#watches = 1;
      this.#real.observe(...what);
    }
    disconnect() {
      asked.watching -= this.#watches;
      this.#watches = 0;
      this.#real.disconnect();
    }
  };

  const { setTimeout, clearTimeout } = globalThis;
  const waiting = new Set();
  const count = () => { asked.waiting = waiting.size; };
  globalThis.setTimeout = (does, wait) => {
    asked.timers += 1;
    const id = setTimeout(() => {
      waiting.delete(id);
      count();
      timed("timer", does)();
    }, wait);
    waiting.add(id);
    count();
    return id;
  };
  globalThis.clearTimeout = (id) => {
    waiting.delete(id);
    count();
    clearTimeout(id);
  };

  const hear = EventTarget.prototype.addEventListener;
  const listen = function (kind, does, how) {
    asked.listeners.push(kind);
    // In Firefox the isolated world's own global is no window.
    return hear.call(this === globalThis ? window : this ?? window, kind, timed(kind, does), how);
  };
  EventTarget.prototype.addEventListener = globalThis.addEventListener = listen;

  for (const name of ["sendMessage", "connect"]) {
    const says = chrome.runtime[name].bind(chrome.runtime);
    Object.defineProperty(chrome.runtime, name, { value: (...what) => {
      asked.sent.push(typeof what[0]?.content === "string" ? what[0].content : Object.keys(what[0]?.content ?? {}).join());
      return says(...what);
    } });
  }

  // None of these is the sensor's to use.
  const others = ["setInterval", "requestAnimationFrame", "requestIdleCallback", "queueMicrotask", "fetch", "XMLHttpRequest",
    "WebSocket", "Worker", "BroadcastChannel", "IntersectionObserver", "ResizeObserver", "PerformanceObserver", "postMessage"];
  for (const name of others) {
    const real = globalThis[name];
    const note = (does) => (...given) => {
      asked.others.push(name);
      return does(...given);
    };
    globalThis[name] = /^[A-Z]/.test(name)
      ? new Proxy(real, { construct: (_, given) => note((...it) => Reflect.construct(real, it))(...given) })
      : note((...given) => real(...given));
  }
  asked.begun = performance.now();
})();
