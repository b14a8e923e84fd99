// Both login pages at the step that asks for the second factor. There is no session behind them: a
// right code leads to the timeline.
const landed = () => location.assign("/home");

const oldLogin = (way) => {
  let typed = "";
  const backup = way === "backup";
  const input = codeField(backup ? "Enter backup code" : "Enter code");
  const other = backup ? "Use your code generator app" : "Choose a different verification method";
  present("login", appBar("close", () => visit("/home")), [
    intro(backup ? "Enter your backup code" : "Enter your verification code",
      backup
        ? "Enter the single-use backup code that you saved when you set up two-factor authentication."
        : "Use your code generator app to generate a code and enter it below."),
    input,
    box("", link(other, () => oldLogin(backup ? "code" : "backup")), text("", "\n\n"), link("Contact X Support", () => {})),
  ], () => [pill("ocfEnterTextNextButton", "Next", async () => {
    const told = await ask("POST", `login/${backup ? "backup" : "code"}`, { code: typed });
    if (told.ok) landed();
    else toast("Incorrect. Please try again.");
  }, true)]);
  controlled(input.querySelector("input"), (value) => {
    typed = value;
    for (const button of testid("ocfEnterTextNextButton")) enable(button, value !== "");
  });
  input.querySelector("input").focus();
};

// The newer login: six inputs laid over six boxes, one string behind them, sent by itself.
const newLogin = () => {
  document.documentElement.dataset.step = "login";
  let code = "";
  const cells = Array.from({ length: 6 }, () => h("div", { class: "digit" }));
  const inputs = Array.from({ length: 6 }, () =>
    h("input", { maxlength: "6", inputmode: "numeric", autocomplete: "one-time-code", value: "" }));
  const trouble = h("p", { class: "trouble", role: "alert" });
  const show = () => {
    inputs.forEach((input, at) => {
      input.put(code[at] ?? "");
      cells[at].textContent = code[at] ?? "";
    });
    inputs[Math.min(code.length, 5)].focus();
  };
  const changed = async () => {
    show();
    if (code.length !== 6) return;
    const told = await ask("POST", "login/code", { code });
    if (told.ok) return landed();
    trouble.textContent = "Incorrect code, please try again.";
    code = "";
    show();
  };
  inputs.forEach((input, at) => {
    const hold = controlled(input, (value) => {
      code = (code.slice(0, at) + value + code.slice(at + 1)).replace(/\D/gu, "").slice(0, 6);
      changed();
    });
    input.put = hold.put;
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Backspace") return;
      event.preventDefault();
      code = code.slice(0, -1);
      show();
    });
  });
  root().replaceChildren(h("main", {}, h("div", {},
    h("div", { class: "ghost", "aria-hidden": "true" },
      h("input", { name: "username_or_email", type: "text", value: "" }),
      h("input", { name: "password", type: "password", value: "" })),
    h("div", {}, h("p", {}, "Enter your verification code"),
      h("p", {}, "Use your code generator app to generate a code and enter it below.")),
    h("div", { class: "six", id: "otp" }, ...cells, h("div", { class: "over" }, ...inputs)),
    trouble,
    h("button", { type: "button" }, h("div", {}, h("p", {}, "Choose a different verification method"))))));
  layers().replaceChildren();
  history.replaceState(null, "", `${location.pathname}${location.search}#/s/two_factor_code/r-fake`);
  inputs[0].focus();
};
