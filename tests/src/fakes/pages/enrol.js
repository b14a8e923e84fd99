// The set-up of the authentication app, step by step, and its turning off. Each step replaces all
// nodes of the one before, as X does; the waits are of the kind that X's server and canvas cause.
const narrow = () => state.narrow || innerWidth < 480;

const appBar = (way, onclick) => box("bar",
  box("", h("button", {
    "aria-label": way === "back" ? "Back" : "Close", role: "button", class: "v icon",
    "data-testid": `app-bar-${way}`, type: "button", onclick,
  }, svg("", way === "back" ? "M20 12H4M10 6l-6 6 6 6" : "M5 5l14 14M19 5L5 19"))),
  box("logo", svg("X", "M4 4l16 16M20 4L4 20")));

const heading = (words) => h("h1", {
  dir: "ltr", "aria-level": "1", role: "heading", id: "modal-header", class: "t title",
}, span(words));

const intro = (title, words) =>
  box("", box("", heading(title), words ? box("", box("", text("gray", words))) : null));

// Desktop: a dialog over whatever was there. Narrow: a page of its own, with the footer twice.
const present = (step, bar, content, footer) => {
  document.documentElement.dataset.step = step;
  const foot = (name) => box(name, box("", box("", box("actions", ...footer()))));
  if (narrow()) {
    layers().replaceChildren();
    root().replaceChildren(h("main", { role: "main", class: "v" }, ...(bar ? [bar] : []),
      box("grow", box("grow scroll", box("slim", ...content)),
        h("div", { class: "v fixed", "data-testid": "controlView" }, foot("slim")),
        box("unseen", foot("slim")))));
    return;
  }
  const view = box("grow scroll", box("wide", ...content));
  view.setAttribute("data-viewportview", "true");
  const dialog = h("div", {
    "aria-labelledby": "modal-header", "aria-modal": "true", role: "dialog", class: "v dialog",
  }, box("", box("grow", ...(bar ? [bar] : []), box("grow", view, foot("wide")))));
  const group = h("div", { class: "v", role: "group" },
    box("mask"), box("center", box("none"), dialog));
  layers().replaceChildren(box(""), box("", box("", box("", box("", group)))));
};

// Escape closes a dialog, and so does a click that did not begin in it; where it was is what counts, since the dialog may
// have been replaced meanwhile. The last step has no way out but its button.
const closes = (dialog) => dialog && document.documentElement.dataset.step !== "done";
document.addEventListener("keydown", ({ key }) => {
  if (key === "Escape" && closes(layers().querySelector("[role=dialog]"))) away();
});
document.addEventListener("click", (event) => {
  const inside = event.composedPath().some((it) => it.matches?.("[role=dialog]"));
  if (!inside && closes(layers().querySelector("[role=dialog]"))) away();
});

const draw = (canvas, rows) => {
  const scale = 5;
  const margin = 5;
  const side = (rows.length + 2 * margin) * scale;
  canvas.width = canvas.height = side;
  canvas.style.width = canvas.style.height = `${side}px`;
  const paint = canvas.getContext("2d");
  const picture = paint.createImageData(side, side);
  for (let at = 0; at < side * side; at += 1) {
    const y = Math.floor(Math.floor(at / side) / scale) - margin;
    const x = Math.floor((at % side) / scale) - margin;
    picture.data.fill(rows[y]?.[x] === "1" ? 0 : 255, at * 4, at * 4 + 3);
    picture.data[at * 4 + 3] = 255;
  }
  paint.putImageData(picture, 0, 0);
};

// A step that comes late, unless the person has gone elsewhere meanwhile.
const later = (step, wait) => {
  const here = location.pathname;
  setTimeout(() => { if (location.pathname === here) step(); }, wait);
};

// One server answer holds the QR, the text and the code step: going back shows the same key.
let offered = null;

const steps = {
  password() {
    let typed = "";
    const pw = field("Password", {
      autocomplete: "current-password", name: "password", type: "password", dir: "auto", value: "",
    });
    controlled(pw.querySelector("input"), (value) => { typed = value; });
    const name = h("input", { name: "username", type: "hidden", value: state.handle });
    present("password", appBar("close", leave), [
      intro("Enter your password", "To get started, first enter your X password to confirm it’s really you."),
      box("", name, pw),
    ], () => [pill("LoginForm_Login_Button", "Confirm", async () => {
      const told = await ask("POST", "password", { password: typed });
      if (told.ok) later(steps.begin, 150);
      else toast("Wrong password!");
    })]);
  },

  begin() {
    present("begin", appBar("close", leave), [
      intro("Protect your account in just two steps"),
      box("", text("bold", "Link an authentication app"), text("gray", "Enter the confirmation code")),
    ], () => [pill("ActionListNextButton", "Get started", async () => {
      const told = await ask("POST", "enrol/begin", {});
      if (!told.ok) return toast("Something went wrong. Try again.");
      offered = told;
      later(steps.qr, 300);
    })]);
  },

  qr() {
    const canvas = h("canvas", { height: "235", width: "235", style: "height: 235px; width: 235px;" });
    present("qr", appBar("close", leave), [
      intro("Link the app to your X account",
        "Use your authentication app to scan this QR code. If you don’t have an authentication app on your device, you’ll need to install one now."),
      box("picture", canvas, box("", link("Can’t scan the QR code?", steps.secret))),
    ], () => [pill("ocfShowCodeNextLink", "Next", steps.code)]);
    setTimeout(() => draw(canvas, offered.qr), 120);
  },

  secret() {
    present("secret", appBar("back", steps.qr), [
      intro("Can’t scan the QR code?",
        "If you can’t scan the QR code with your camera, enter the following code into the authentication app to link it to your X account."),
      text("code", offered.secret),
      box(""),
    ], () => [pill("ocfShowCodeNextLink", "Next", steps.code)]);
  },

  code() {
    let typed = "";
    const input = codeField("");
    present("code", appBar("back", steps.qr), [
      intro("Enter the confirmation code",
        "Follow the instructions on the authentication app to link your X account. Once the authentication app generates a confirmation code, enter it here."),
      input,
    ], () => [pill("ocfEnterTextNextButton", "Confirm", async () => {
      const told = await ask("POST", "enrol/confirm", { code: typed });
      if (told.ok) later(() => steps.done(told.backup), 200);
      else toast("Incorrect. Please try again.");
    }, true)]);
    controlled(input.querySelector("input"), (value) => {
      typed = value;
      for (const button of testid("ocfEnterTextNextButton")) enable(button, value !== "");
    });
    input.querySelector("input").focus();
  },

  done(backup) {
    offered = null;
    present("done", null, [
      box("", heading("You’re all set")),
      text("gray", `Now you can use the mobile authentication app to get an authentication code any time you log in to X.\n\nSave this single-use backup code in a safe place.\n\n${backup}\n\nThis backup code lets you log in to X if you don’t have access to any of your other two-factor authentication methods.`),
    ], () => [pill("OCF_CallToAction_Button", "Done", leave)]);
  },

  unenrol() {
    present("unenrol", appBar("close", leave), [
      intro("Turn off two-factor authentication?", "Turning this off makes your account less safe."),
    ], () => [pill("OCF_CallToAction_Button", "Turn off", async () => {
      await ask("POST", "unenrol", {});
      leave();
    })]);
  },
};

const leave = async () => {
  if (offered) {
    offered = null;
    await ask("POST", "enrol/cancel", {});
  }
  visit("/settings/account/login_verification");
};

// A login's dialog leads home.
const away = () => (location.pathname === "/i/flow/login" ? visit("/home") : leave());

const enrol = () => (state.passwordRecent ? steps.begin() : steps.password());
