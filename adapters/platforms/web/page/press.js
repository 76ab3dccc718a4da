// A press on a button of the bot: once, answered at once, with a form where the bot asks for one.

import { find, newId, toast } from "./dom.js";
import { signIn } from "./stream.js";
import { word } from "./words.js";

const TRIES = [0, 600, 1500];
// What may be pressed again once it has been answered; the others are done for good.
const REPEATABLE = new Set(["again", "draw", "edit"]);

export async function press(button, message, action, text = "") {
  if (button.getAttribute("aria-disabled") === "true") return;
  take(button, "busy");
  // The same press keeps its name until it is answered, so that a lost answer does not make it two.
  const name = text ? "formPress" : "press_";
  button[name] ??= newId();
  const { press: what, job, value } = action;
  const body = { id: button[name], message: message.id, press: what, job, value, text };
  const answer = await post(body);
  if (!answer) {
    release(button);
    button.typed = text;
    toast(word("pressFailed"));
    return;
  }
  button[name] = undefined;
  if (answer.gone) {
    take(button, "done");
    toast(word("pressGone"));
    return;
  }
  toast(answer.toast);
  if (answer.form) {
    release(button);
    const typed = await ask(answer.form, button.typed);
    button.typed = "";
    if (typed !== null) await press(button, message, action, typed);
  } else if (REPEATABLE.has(what)) {
    setTimeout(() => release(button), 1500);
  } else {
    take(button, "done");
  }
}

async function post(body) {
  for (const wait of TRIES) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    try {
      const answer = await fetch("/chat/press", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
      if (answer.ok) return await answer.json();
      if (answer.status === 401) signIn();
      if (answer.status < 500) return { gone: true };
    } catch {
      // The bot is away; the next try may find it back.
    }
  }
  return null;
}

// aria-disabled rather than disabled: the button keeps the focus and says what became of it.
function take(button, state) {
  button.dataset.state = state;
  button.setAttribute("aria-disabled", "true");
}

function release(button) {
  delete button.dataset.state;
  button.removeAttribute("aria-disabled");
}

// Open a form, with what was typed before and could not be sent; what was typed, or null where it was closed.
function ask(form, before) {
  const sheet = find("sheet");
  const text = find("sheet-text");
  find("sheet-title").textContent = form.title;
  find("sheet-label").textContent = form.label;
  find("sheet-submit").textContent = form.submit;
  text.value = before || form.text;
  sheet.returnValue = "";
  sheet.showModal();
  text.focus();
  text.setSelectionRange(text.value.length, text.value.length);
  return new Promise((resolve) => {
    sheet.addEventListener("close", () => resolve(sheet.returnValue === "ok" ? text.value.trim() : null), { once: true });
  });
}

export function prepareSheet() {
  const sheet = find("sheet");
  const text = find("sheet-text");
  const submit = () => text.value.trim() && sheet.close("ok");
  find("sheet-form").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  find("sheet-cancel").addEventListener("click", () => sheet.close(""));
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      submit();
    }
  });
}
