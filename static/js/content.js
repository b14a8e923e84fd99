// The sensor: reports what a watched page of X shows, types a code when told; judges and stores nothing.
(() => {
  "use strict";
  const plan = /*@watch-plan@*/null;
  // After an update the new sensor takes the old one's place.
  globalThis.longkeySensor?.stop();

  const QUIET_MS = 40;
  let observer, timer, last = "", handle, gone = false;

  const path = () => location.pathname.replace(/(.)\/+$/, "$1");
  const read = () => plan.paths.some((head) => path().startsWith(head));
  const visible = (el) => {
    if (!el.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
    const box = el.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && box.right > 0 && box.left < innerWidth;
  };
  const find = (scope, selector, fits = visible) => [...scope.querySelectorAll(selector)].find(fits);
  // X draws its switches over checkboxes without opacity.
  const shown = (el) => visible(el.type === "checkbox" ? el.parentElement : el);

  function say(content) {
    if (gone) return;
    try {
      chrome.runtime.sendMessage({ content }).catch(() => {});
    } catch {
      stop(); // updated or removed: nobody to talk to
    }
  }

  function scope() {
    const dialog = [...document.querySelectorAll(plan.dialog)].filter(visible).pop();
    if (dialog) return [dialog, ["dialog"]];
    // Before the dialog mounts a timeline is there.
    const whole = plan.whole.some((head) => path().startsWith(head));
    const narrow = plan.narrow
      .map((selector) => document.querySelector(selector))
      .find((el) => el && (whole || find(el, plan.narrow_proof)));
    return [narrow, []];
  }

  // The whole text of each visible element: children after parents, blocks kept apart.
  function texts(root) {
    const all = [];
    const walk = (el, within) => {
      if (el.matches(plan.skip)) return "";
      const at = all.push({ within, text: "" }) - 1;
      let text = "";
      if (el instanceof HTMLInputElement) {
        if (el.type === "text" && el.readOnly && visible(el)) text = el.value;
      } else {
        for (const child of el.childNodes) {
          if (child.nodeType === Node.TEXT_NODE) {
            if (child.data.trim() && visible(el)) text += child.data;
          } else if (child.nodeType === Node.ELEMENT_NODE) {
            const inner = walk(child, at);
            if (!inner) continue;
            text += getComputedStyle(child).display.startsWith("inline") ? inner : `\n${inner}\n`;
          }
        }
      }
      all[at].text = text.normalize("NFKC").trim();
      return text;
    };
    walk(root, null);
    // Only short texts travel, each with its nearest travelling ancestor.
    const place = new Map(), kept = [];
    all.forEach(({ within, text }, at) => {
      const above = within === null ? null : place.get(within) ?? null;
      const fits = text && text.length <= plan.longest_text && kept.length < plan.most_texts;
      place.set(at, fits ? kept.push({ within: above, text }) - 1 : above);
    });
    return kept;
  }

  function screen() {
    const [root, marks] = scope();
    const settings = root ?? document.querySelector("main");
    const found = { texts: root ? texts(root) : [], marks, handle: null };
    if (settings) {
      for (const [selector, mark] of plan.marks) if (find(settings, selector, shown)) marks.push(mark);
      for (const [selector, mark] of plan.document_marks) if (find(document, selector)) marks.push(mark);
    }
    const named = root?.querySelector(plan.handle_input)?.value
      || document.querySelector(plan.handle_link)?.getAttribute("href")?.replace(/^\//, "");
    if (named && /^\w{1,15}$/.test(named)) handle = named;
    if (handle) found.handle = handle;
    return found;
  }

  function look() {
    timer = undefined;
    if (!read()) return;
    const saw = screen();
    const text = JSON.stringify(saw);
    if (text === last) return;
    last = text;
    say({ saw });
  }
  const lookSoon = () => { timer ??= setTimeout(look, QUIET_MS); };

  function follow() {
    if (read() === Boolean(observer)) { if (observer) lookSoon(); return; }
    if (observer) {
      observer.disconnect();
      observer = undefined;
      last = handle = "";
      say("left");
      return;
    }
    observer = new MutationObserver(lookSoon);
    observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
    lookSoon();
  }

  const codeField = () => find(document, plan.code_field);
  function typed() {
    const digits = codeField()?.value.trim();
    if (read() && digits) say({ typed: digits.slice(0, 16) });
  }
  // The page's scripts can click too.
  const clicked = ({ isTrusted, target }) => { if (isTrusted && target.closest?.(plan.submit)) typed(); };
  const pressed = ({ isTrusted, key, target }) => {
    if (isTrusted && key === "Enter" && target.matches?.(plan.code_field)) typed();
  };

  function fill(code) {
    const field = plan.fill.includes(path()) && location.protocol === "https:"
      && (/^\d{5,10}$/.test(code) ? codeField() : find(document, plan.text_field));
    if (!field) return false;
    field.focus();
    field.value = code;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    return true;
  }

  // Words in a closed shadow root that no click can reach.
  let toast;
  function show(words) {
    toast?.remove();
    toast = document.createElement("div");
    toast.style.cssText = "all:initial;position:fixed;z-index:2147483647;inset-block-start:16px;"
      + "inset-inline-end:16px;pointer-events:none";
    const box = document.createElement("div");
    box.style.cssText = "box-sizing:border-box;max-width:320px;min-height:40px;padding:10px 16px;border-radius:12px;"
      + "border:1px solid #7a818e;background:#16181d;color:#fff;font:14px/20px system-ui,sans-serif";
    box.setAttribute("role", "status");
    box.dir = chrome.i18n.getMessage("@@bidi_dir");
    box.textContent = chrome.i18n.getMessage(`toast_${words}`);
    toast.attachShadow({ mode: "closed" }).append(box);
    document.documentElement.append(toast);
    const shown = toast;
    setTimeout(() => shown.remove(), 6000);
  }

  function told(message, _sender, answer) {
    if (typeof message?.fill === "string") answer(fill(message.fill));
    else if (typeof message?.toast === "string") { show(message.toast); answer(true); }
  }

  function stop() {
    gone = true;
    observer?.disconnect();
    clearTimeout(timer);
    try { chrome.runtime.onMessage.removeListener(told); } catch { /* the extension is gone */ }
    navigation.removeEventListener("currententrychange", follow);
    document.removeEventListener("click", clicked, true);
    document.removeEventListener("keydown", pressed, true);
  }

  navigation.addEventListener("currententrychange", follow);
  document.addEventListener("click", clicked, true);
  document.addEventListener("keydown", pressed, true);
  chrome.runtime.onMessage.addListener(told);
  globalThis.longkeySensor = { stop };
  follow();
})();
