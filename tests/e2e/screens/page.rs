//! What runs in the page during the walk: time stands still there, what changes from run to run is put to one value, and axe
//! looks at it. Knows no screen by name.

/// Before the page's own scripts. With `scene` in its address, the page's clock stands (`second` of its half minute, or `at` a moment), moments are
/// named as one moment, animations pause, and digits that nobody can foresee become others.
pub(crate) const STILL: &str = r"(() => {
    const asked = new URLSearchParams(location.search);
    if (!location.protocol.startsWith('chrome-extension') || !asked.has('scene')) return;
    const Real = Date, now = Number(asked.get('at')) || Math.floor(Real.now() / 30000) * 30000 + Number(asked.get('second') ?? 9) * 1000;
    window.Date = class extends Real {
        constructor(...given) { given.length ? super(...given) : super(now); }
        static now() { return now; }
    };
    Performance.prototype.now = () => 1000;
    const moment = Real.UTC(2026, 10, 21, 14, 32);
    const { get } = Object.getOwnPropertyDescriptor(Intl.DateTimeFormat.prototype, 'format');
    Object.defineProperty(Intl.DateTimeFormat.prototype, 'format', {
        configurable: true, get() { const named = get.call(this); return () => named(moment); },
    });
    const put = (it, text) => { if (it.textContent !== text) it.textContent = text; };
    const all = (css, does) => document.querySelectorAll(css).forEach(does);
    const tidy = () => {
        all('.digits', it => [...it.children].forEach((half, at) => put(half, ['482', '913'][at])));
        all('.after', it => put(it, it.textContent.replace(/\d{3} \d{3}/, '105 227')));
        all('.groups [data-slot=code]', it => [...it.children].forEach(group => put(group, 'ABC7DE')));
        all('[data-slot=took]', it => put(it, it.textContent.replace(/\d+/, '12')));
        all('[data-slot=diagnostic]', it => put(it, it.textContent.replace(/[0-9a-f]*\d[0-9a-f.]*/g, '0')));
        all('[aria-description]', it => {
            const said = it.getAttribute('aria-description'), other = said.replace(/\d( \d){5}/, '4 8 2 9 1 3');
            if (other !== said) it.setAttribute('aria-description', other);
        });
        all('[data-slot=version]', it => put(it, it.textContent.replace(/\d+\.\d+\.\d+/, '0.0.0')));
        const texts = document.createTreeWalker(document.body ?? document, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
            // `.after` has had its own digits; others here would be put back for ever.
            if (texts.currentNode.parentElement?.closest('.after')) continue;
            const { data } = texts.currentNode, other = data.replace(/\b\d{1,2}:\d\d(:\d\d)?\b/g, '14:32').replace(/\b\d{3} \d{3}\b/g, '482 913')
                .replace(/…([\u202a-\u202e\u2066-\u2069]*)[0-9a-f]{4}\b/g, (_, marks) => `…${marks}0000`);
            if (other !== data) texts.currentNode.data = other;
        }
    };
    // Shop windows show codes as they are.
    if (!asked.has('own')) new MutationObserver(tidy).observe(document, {
        subtree: true, childList: true, characterData: true, attributeFilter: ['aria-description'],
    });
    // What was asked of the browser or the background and is not answered yet, for who waits until the page is done.
    globalThis.underWay = 0;
    const counted = (part, name) => {
        const call = part[name];
        part[name] = function (...given) {
            const answer = call.apply(this, given), over = () => { globalThis.underWay -= 1; };
            if (typeof answer?.then === 'function') {
                globalThis.underWay += 1;
                answer.then(over, over);
            }
            return answer;
        };
    };
    // Before any script of the page's own: they are all deferred.
    document.addEventListener('readystatechange', () => {
        const { storage, ...others } = chrome;
        const parts = ['runtime', 'action', 'permissions', 'tabs', 'windows', 'commands', 'extension'].map(name => others[name]);
        for (const part of [...parts, storage?.local, storage?.session]) for (const name in part) {
            if (typeof part[name] === 'function') counted(part, name);
        }
    }, { once: true });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('*, *::before, *::after { animation-play-state: paused !important; transition: none !important; caret-color: transparent !important; }');
    // On record is what is seen: how much lies below is none of it.
    if (asked.has('pinned')) sheet.insertRule('* { scrollbar-color: transparent transparent !important; }');
    document.adoptedStyleSheets = [sheet];
    if (asked.has('pinned')) addEventListener('DOMContentLoaded', () => {
        const { style } = document.documentElement, tokens = getComputedStyle(document.documentElement);
        for (const name of ['--body', '--strong', '--big', '--title', '--small', '--code', '--row-code', '--mono']) {
            const [, shape, family] = tokens.getPropertyValue(name).match(/^(.*?\d+px(?:\/\d+px)? )(.*)$/s);
            style.setProperty(name, `${shape}'DejaVu Sans${family.includes('mono') ? ' Mono' : ''}'`);
        }
    });
})()";

/// Waits until nothing that the page has asked for is under way (where [`STILL`] counts that), it has not changed for a moment, and
/// was painted. A question that nobody answers is waited for ten seconds: that there is none is a screen too.
pub(super) const QUIET: &str = "
    await document.fonts.ready;
    await new Promise(done => {
        let calm = 0;
        const watch = new MutationObserver(() => { calm = 0; });
        watch.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
        const timer = setInterval(() => {
            calm += 1;
            if (calm < 6 || (window.underWay ?? 0) > 0 && calm < 500) return;
            clearInterval(timer);
            watch.disconnect();
            done();
        }, 20);
    });
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));";

/// Puts the page into a theme, and waits until it was painted.
pub(super) const THEME: &str = "
    document.documentElement.dataset.theme = arguments[0];
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));";

/// Axe's findings, each on one line. `target-size` is WCAG 2.2's and has to be asked for by name.
pub(super) const AXE: &str = "
    const axe = globalThis.axe ?? window.axe;
    const found = await axe.run(document, {
        runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] },
        rules: { 'target-size': { enabled: true } },
        resultTypes: ['violations'],
    });
    return found.violations.flatMap(it => it.nodes.map(node =>
        `${it.id}: ${node.html.slice(0, 160)} ${[...node.any, ...node.all].map(it => it.message).join('; ')}`));";

/// What stands in the page but not in its width, what may be pressed but is cut off, what is there twice, and a page whose
/// content has no room beside what sticks to its ends.
pub(super) const EDGES: &str = "
    const faults = [];
    const seen = css => [...document.querySelectorAll(css)].filter(it => it.checkVisibility({ visibilityProperty: true }));
    if (document.documentElement.scrollWidth > window.innerWidth) faults.push('wider than the window');
    for (const it of seen('#screen main, #screen .list, #screen dialog')) {
        if (it.scrollWidth > it.clientWidth + 1) faults.push(`wider than its place: ${it.outerHTML.slice(0, 80)}`);
    }
    for (const it of seen('#screen button, #screen a[href], #screen h1, #screen h2, #screen p, #screen input, #screen select, #screen label')) {
        if (it.closest('.unseen')) continue;
        const box = it.getBoundingClientRect();
        const out = box.left < -0.5 || box.right > window.innerWidth + 0.5;
        const cut = it.matches('button, a, h2, p, label') && it.clientWidth > 0 && it.scrollWidth > it.clientWidth + 1;
        if (out || cut) faults.push(`${out ? 'over the edge' : 'cut off'}: ${it.outerHTML.slice(0, 160)}`);
    }
    const ids = [...document.querySelectorAll('#screen [id]')].map(it => it.id);
    faults.push(...ids.filter((it, at) => ids.indexOf(it) !== at).map(it => 'twice: ' + it));
    const main = document.querySelector('#screen main');
    if (main && main.clientHeight < 80) faults.push(`main is ${main.clientHeight} px high`);
    return faults;";

/// What moves, or would at a touch, although nothing should: everything but opacity. Our own sheet, which lets nothing move, is
/// put aside meanwhile.
pub(super) const MOTION: &str = r"
    const ours = document.adoptedStyleSheets;
    document.adoptedStyleSheets = [];
    const faults = new Set();
    for (const it of document.getAnimations()) {
        const moves = it.effect.getKeyframes().some(frame => Object.keys(frame).some(name =>
            !['opacity', 'offset', 'computedOffset', 'easing', 'composite'].includes(name)));
        if (moves && it.playState === 'running') faults.add(`moves: ${it.effect.target?.outerHTML.slice(0, 120)}`);
    }
    for (const it of document.querySelectorAll('body, body *')) for (const part of [null, '::before', '::after']) {
        const style = getComputedStyle(it, part);
        if (style.animationName !== 'none') faults.add(`has the animation ${style.animationName}: ${it.outerHTML.slice(0, 120)}`);
        const takes = style.transitionDuration.split(', ').some(time => parseFloat(time) > 0);
        if (takes && style.transitionProperty !== 'opacity') faults.add(`would move, ${style.transitionProperty}: ${it.outerHTML.slice(0, 120)}`);
    }
    document.adoptedStyleSheets = ours;
    return [...faults].slice(0, 20);";

/// Where the browser chooses the colours and draws no shadows: what has the focus has an outline, by itself or around it; and what
/// is chosen by a box that nobody sees differs from what is not, in more than our colours.
pub(super) const FORCED: &str = r"
    const faults = [], seen = new Set(), had = document.activeElement;
    const drawn = it => {
        const style = getComputedStyle(it);
        return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
    };
    for (const it of document.querySelectorAll(`#screen :is(a[href], button, input, select, textarea, summary, [tabindex='0'])`)) {
        if (!it.checkVisibility() || it.disabled) continue;
        // One of a kind is enough: a thousand rows have one style.
        const kind = [it, it.parentElement].map(one => `${one.tagName}.${one.className}.${one.type ?? ''}`).join(' ');
        if (seen.has(kind)) continue;
        seen.add(kind);
        // What has the focus already would keep the look that a click gave it.
        document.activeElement?.blur();
        it.focus({ focusVisible: true });
        if (document.activeElement !== it) continue;
        const around = [it, it.parentElement, it.parentElement.parentElement];
        if (!around.some(drawn)) faults.push(`has no ring: ${it.outerHTML.slice(0, 160)}`);
    }
    had?.focus();
    const look = it => {
        const style = getComputedStyle(it);
        return ['border', 'outline', 'textDecoration'].map(name => style[name]).join();
    };
    for (const it of document.querySelectorAll('#screen input:checked')) {
        if (!it.checkVisibility() || getComputedStyle(it).opacity !== '0') continue;
        const label = it.closest('label');
        const other = [...document.querySelectorAll(`#screen input[name='${it.name}']:not(:checked)`)].map(it => it.closest('label'));
        if (other.some(it => look(it) === look(label))) faults.push(`does not look chosen: ${label.outerHTML.slice(0, 160)}`);
    }
    return faults;";
