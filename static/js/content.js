// The sensor: reports what a watched page of X shows, types a code when told; judges and stores nothing.
// As arguments, names of the browser's that come often get short with all others.
((document, chrome, Math, setTimeout, clearTimeout, addEventListener, getComputedStyle) => {
  const plan = /*@watch-plan@*/null;
  // After an update the new sensor takes the old one's place.
  globalThis.longkeySensor?.stop();

  const QUIET_MS = 40;
  // A screen that stays the same for so long waits for somebody.
  const STILL_MS = 20000;
  // Drawing on a canvas, loading a picture and attaching a shadow root are no mutations: looked for again after so long,
  // then after twice as long, and so on, for eight seconds.
  const AGAIN_MS = 60, MOST_TRIES = 7;
  // A dialog's content may be scrolled out of sight; nobody scrolls this far.
  const FAR_PX = 2000;
  // Pictures that are looked at: their sides on the screen, their longest side as sent, how many; lines of a drawing.
  const LEAST_PX = 60, MOST_PX = 1024, SIDE_PX = 512, MOST_PICTURES = 4, MOST_SHAPES = 4000;
  // A name and a handle.
  const MOST_NAME = 99;
  const CHANGES = { subtree: true, childList: true, characterData: true, attributes: true };
  let observer, soon, later, still, tries = 0, lost = 0, unsettled = false, last = "", names = {};

  const boxOf = (el) => el.getBoundingClientRect();
  const path = () => location.pathname.replace(/(.)\/+$/, "$1");
  const under = (heads) => heads.some((head) => path().startsWith(head));
  const visible = (el) => {
    if (!el.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
    const { width, height, left, right, top, bottom } = boxOf(el);
    return width > 0 && height >= 4 && right > 0 && left < innerWidth && bottom > -FAR_PX && top < innerHeight + FAR_PX;
  };
  const strange = (el) => el.closest(plan.strangers);
  // X draws its switches over checkboxes without opacity.
  const shown = (el) => visible(el.type === "checkbox" ? el.parentElement : el);

  // What querySelector does not enter: open shadow roots, and frames of X's own origin. Both are watched once met.
  function inside(el) {
    // Asked of every element there is: once each, and a document or a root has neither.
    const root = el.shadowRoot, name = el.localName;
    if (root) observer?.observe(root, CHANGES);
    if (name !== "iframe") {
      // A web component may get its root later.
      if (!root && name?.includes("-")) unsettled = true;
      return root;
    }
    el.addEventListener("load", lookSoon);
    const page = el.contentDocument;
    if (page) observer?.observe(page, CHANGES);
    return page;
  }
  function* parts(root) {
    yield root;
    for (const el of [root, ...root.querySelectorAll("*")]) {
      const within = inside(el);
      if (within) yield* parts(within);
    }
  }
  // Where nothing lies inside anything, which X's own pages are, the whole page is gone through once a look.
  let flat;
  const rootsIn = (el) => flat ? [el] : [...parts(el)];
  const query = (roots, selector) => roots.flatMap((root) => [...root.querySelectorAll(selector)]);
  const find = (roots, selector, fits = visible) => query(roots, selector).find(fits);

  function say(content) {
    // No answer: it was lost on its way, or its listener ended. What was seen is told anew.
    const heard = (answer) => {
      if (answer) lost = 0;
      else if (content.saw && lost < MOST_TRIES) {
        last = "";
        later = setTimeout(look, AGAIN_MS << lost++);
      }
    };
    try {
      chrome.runtime.sendMessage({ content }).catch(() => {}).then(heard);
    } catch {
      stop(); // updated or removed: nobody to talk to
    }
  }

  function scope() {
    // A post may have whatever its reader's browser makes of it.
    const dialog = (roots) => query(roots, plan.dialog).filter((el) => visible(el) && !strange(el)).pop();
    const open = dialog([document]);
    flat = false;
    if (open) return open;
    const all = [...parts(document)];
    flat = !all[1];
    // Before the dialog mounts a timeline is there.
    const narrow = plan.narrow
      .map((selector) => document.querySelector(selector))
      .find((el) => el && (under(plan.whole) || find(rootsIn(el), plan.narrow_proof)));
    return narrow ?? dialog(all);
  }

  // What takes a text out of sight, and everything in it.
  const clipped = (el, style) => {
    if (style.opacity < 0.1 || style.clip !== "auto" || style.clipPath !== "none") return true;
    if (style.overflow === "visible" || style.display.startsWith("inline")) return false;
    const { width, height } = boxOf(el);
    return width < 8 || height < 8;
  };
  const seen = (el, style) => visible(el) && !/(a.*,|\/) 0\)$/.test(style.color);
  const beside = (box, before) => before && box.top < before.bottom - 1 && box.bottom > before.top + 1
    && (box.left > before.right - 1 || box.right < before.left + 1);
  function children(el) {
    if (el.localName === "iframe") return visible(el) && el.contentDocument?.body ? [el.contentDocument.body] : [];
    const given = el.localName === "slot" ? el.assignedNodes() : [];
    return given.length ? given : (el.shadowRoot ?? el).childNodes;
  }

  // The whole text of each visible element as a reader sees it: children after parents, one line for each row.
  function texts(root) {
    const all = [];
    const walk = (el, within) => {
      const style = getComputedStyle(el);
      if (el.matches(plan.skip) || el.matches(plan.strangers) || clipped(el, style)) return "";
      const at = all.push({ within, text: "" }) - 1;
      let text = "", before;
      if (el.localName === "input" || el.localName === "textarea") {
        if (/^text/.test(el.type) && (el.readOnly || el.disabled) && seen(el, style)) text = el.value;
      } else {
        const kept = /pre|break/.test(style.whiteSpace);
        for (const child of children(el)) {
          if (child.nodeName === "#text") {
            const words = kept ? child.data : child.data.replace(/[ \t\r\n]+/g, " ");
            if (words.trim() ? seen(el, style) : words) text += words;
          } else if (child.localName) {
            const inner = child.localName === "br" ? "\n" : walk(child, at);
            if (!inner) continue;
            if (/^(inline|contents)/.test(getComputedStyle(child).display)) {
              text += inner;
              continue;
            }
            const box = boxOf(child);
            text = `${text.trimEnd()}${beside(box, before) ? " " : "\n"}${inner}\n`;
            before = box;
          }
        }
      }
      all[at].text = text.normalize("NFKC").trim().replace(/\s*\n\s*/g, "\n");
      return text;
    };
    walk(root, null);
    // Only short texts travel, each with its nearest travelling ancestor, and none twice: X nests deeply.
    const place = new Map(), kept = [];
    all.forEach(({ within, text }, at) => {
      const above = within === null ? null : place.get(within) ?? null;
      const fits = text && text.length <= plan.longest_text && kept.length < plan.most_texts
        && kept[above]?.text !== text;
      place.set(at, fits ? kept.push({ within: above, text }) - 1 : above);
    });
    return kept;
  }

  // Lines and areas of an inline drawing. As an image it would have to be loaded, which X's policy might report.
  function trace(pen, drawing, box, scale) {
    for (const shape of [...drawing.querySelectorAll("rect,path")].slice(0, MOST_SHAPES)) {
      const { fill, fillRule, stroke, strokeWidth } = getComputedStyle(shape), to = shape.getScreenCTM();
      pen.setTransform(to.a * scale, to.b * scale, to.c * scale, to.d * scale,
        (to.e - box.left) * scale, (to.f - box.top) * scale);
      const line = new Path2D(shape.getAttribute("d") ?? "");
      if (shape.localName === "rect") {
        line.rect(...["x", "y", "width", "height"].map((side) => shape[side].baseVal.value));
      }
      if (fill !== "none") {
        pen.fillStyle = fill;
        pen.fill(line, fillRule);
      }
      if (stroke !== "none") {
        pen.strokeStyle = stroke;
        pen.lineWidth = parseFloat(strokeWidth);
        pen.stroke(line);
      }
    }
  }

  // One bit a pixel, over white paper; over black where nothing can be seen on white. Null if it is all one colour.
  function bits(el, box) {
    const own = { width: el.naturalWidth ?? el.width, height: el.naturalHeight ?? el.height };
    // A drawing's own width is an object, and that of some pictures is not known.
    const from = own.width > 0 ? own : box;
    const grown = Math.max(1, box.width / from.width);
    const scale = Math.min(grown, SIDE_PX / Math.max(from.width, from.height));
    const width = Math.round(from.width * scale), height = Math.round(from.height * scale);
    for (const paper of ["#fff", "#000"]) {
      const pen = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
      pen.fillStyle = paper;
      pen.fillRect(0, 0, width, height);
      pen.imageSmoothingEnabled = scale < 1;
      if (el.localName === "svg") trace(pen, el, box, width / box.width);
      else pen.drawImage(el, 0, 0, width, height);
      const pixels = pen.getImageData(0, 0, width, height).data;
      const bytes = new Uint8Array(Math.ceil(width * height / 8));
      let dark = 0;
      for (let at = 0; at < width * height; at += 1) {
        if (pixels[at * 4] * 299 + pixels[at * 4 + 1] * 587 + pixels[at * 4 + 2] * 114 >= 128000) continue;
        bytes[at >> 3] |= 128 >> (at & 7);
        dark += 1;
      }
      if (dark && dark < width * height) {
        return { width, height, bits: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")) };
      }
    }
    return null;
  }

  function pictures(roots, marks) {
    const found = [];
    for (const el of query(roots, plan.pictures)) {
      const box = boxOf(el), { width, height } = box;
      const fits = Math.min(width, height) >= LEAST_PX && Math.max(width, height) <= MOST_PX
        && Math.abs(width - height) <= width / 5;
      if (!fits || !visible(el) || strange(el) || found.length === MOST_PICTURES) continue;
      let picture;
      try {
        picture = bits(el, box);
        // Nothing is drawn on it yet, or it is not loaded.
        if (!picture) unsettled = true;
      } catch { /* another origin's picture cannot be read */ }
      if (picture) found.push(picture);
      if (!marks.includes("qr")) marks.push("qr");
    }
    return found;
  }

  function screen() {
    const root = scope(), marks = [];
    let found = [];
    const settings = root ?? document.querySelector("main");
    if (settings) {
      const within = rootsIn(settings);
      if (root) found = pictures(within, marks);
      for (const mark in plan.marks) if (find(within, plan.marks[mark], shown)) marks.push(mark);
    }
    if (find([document], plan.toast)) marks.push("toast");
    for (const name in plan.names) {
      const el = find([root ?? document, document], plan.names[name], Boolean);
      const text = el?.value || el?.pathname || el?.innerText;
      // Kept for the steps that do not show it any more.
      if (text) names[name] = text.slice(-MOST_NAME);
    }
    return { texts: root ? texts(root) : [], marks, pictures: found, ...names };
  }

  function look() {
    clearTimeout(soon);
    clearTimeout(later);
    soon = undefined;
    if (!observer) return;
    unsettled = false;
    const saw = screen();
    // The same words mean something else on another path.
    const text = path() + JSON.stringify(saw);
    if (text !== last) {
      last = text;
      say({ saw });
      clearTimeout(still);
      still = setTimeout(() => say("still"), STILL_MS);
    }
    if (unsettled && tries < MOST_TRIES) later = setTimeout(look, AGAIN_MS << tries++);
  }
  function lookSoon() {
    tries = 0;
    if (observer) soon ??= setTimeout(look, QUIET_MS);
  }

  function follow() {
    // What another path named is not who is meant here.
    names = {};
    if (!under(plan.paths)) return leave();
    if (!observer) {
      observer = new MutationObserver(lookSoon);
      observer.observe(document, CHANGES);
    }
    lookSoon();
  }
  function leave() {
    if (!observer) return;
    rest();
    last = "";
    say("left");
  }
  function rest() {
    observer?.disconnect();
    observer = undefined;
    clearTimeout(still);
    look();
  }

  const codeField = `${plan.marks.code_field},${plan.marks.six_digits}`;
  const field = (selector) => plan.fill.includes(path()) && find([...parts(document)], selector);
  function typed() {
    const digits = field(codeField)?.value?.trim();
    if (digits) say({ typed: digits.slice(0, 16) });
  }

  function fill(code) {
    const into = field(/^\d{5,10}$/.test(code) ? codeField : plan.marks.text_field);
    if (!into) return false;
    into.focus();
    into.value = code;
    into.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
    return true;
  }

  // Words in a closed shadow root. Beneath them may lie X's mask, on which a click closes the set-up, and then the key
  // is dead: a press on them closes them and reaches nobody. Their place tells, so that no event has them as its target.
  const make = () => document.createElement("div");
  const fade = (el, wait) => setTimeout(() => el.remove(), wait);
  let toast = make(), ours = false;
  function show([words, dir]) {
    toast.remove();
    toast = make();
    toast.style.cssText = "all:initial;position:fixed;z-index:2147483647;top:16px;"
      + "inset-inline-end:16px;pointer-events:none";
    const box = make();
    box.style.cssText = "box-sizing:border-box;max-width:320px;padding:10px 16px;border-radius:12px;"
      + "border:1px solid #7a818e;background:#16181d;color:#fff;font:14px/20px system-ui";
    box.role = "status";
    box.dir = dir;
    box.textContent = words;
    toast.attachShadow({ mode: "closed" }).append(box);
    document.documentElement.append(toast);
    fade(toast, 6000);
  }

  // On the window, before the page's own.
  const PRESSES = "pointerdown,mousedown,touchstart,pointerup,mouseup,touchend,click,auxclick,dblclick,contextmenu,"
    + "keydown";
  function press(event) {
    const { type, target, key, clientX, clientY } = event;
    // The page's scripts can click too.
    if (!event.isTrusted) return;
    // What begins on the words is theirs, wherever it ends; a key is never theirs. One that is held goes with a press.
    if (key ? !event.getModifierState(key) : type === "pointerdown") {
      const { left, right, top, bottom } = boxOf(toast);
      ours = clientX >= left && clientX < right && clientY >= top && clientY < bottom;
      // Many press twice: the second must not fall through.
      if (ours) fade(toast, 500);
    }
    if (ours) {
      event.stopImmediatePropagation();
      // Focus stays where it is. What follows from a pointer or a finger is the mouse's.
      if (!/^[pt]/.test(type)) event.preventDefault();
      return;
    }
    const where = { click: plan.submit, Enter: codeField }[key ?? type];
    if (where && target.closest?.(where)) typed();
  }

  function told(message, _sender, answer) {
    // Only the background can send here (nothing is externally connectable), and it sends words and the way they run.
    if (message?.fill) answer(fill(message.fill));
    else if (message?.toast) { show(message.toast); answer(true); }
  }

  const end = new AbortController(), first = { capture: true, signal: end.signal };
  function stop() {
    end.abort();
    rest();
    toast.remove();
    try { chrome.runtime.onMessage.removeListener(told); } catch { /* the extension is gone */ }
  }

  navigation.addEventListener("currententrychange", follow, first);
  // Gone to another page, and back again where the browser has kept this one.
  addEventListener("pagehide", leave, first);
  addEventListener("pageshow", follow, first);
  for (const kind of PRESSES.split(",")) addEventListener(kind, press, first);
  chrome.runtime.onMessage.addListener(told);
  globalThis.longkeySensor = { stop };
  follow();
})(document, chrome, Math, setTimeout, clearTimeout, addEventListener, getComputedStyle);
