// The page: the stream brings messages, the composer makes them, the outbox carries them.

import { Composer } from "./composer.js";
import { element, find } from "./dom.js";
import { prepareLightbox } from "./lightbox.js";
import { Log } from "./log.js";
import { isEnd } from "./messages.js";
import { Outbox } from "./outbox.js";
import { prepareSheet } from "./press.js";
import { Stream } from "./stream.js";
import { translate, word } from "./words.js";

const PATIENCE = 1500; // milliseconds without a connection before the page speaks of it
const THINKING = 60; // seconds after which nobody believes in an answer any more

translate();
find("log").setAttribute("aria-label", word("conversation"));
prepareLightbox();
prepareSheet();

const log = new Log({ onReply: answer, onOutbox: changeOutbox });
const outbox = new Outbox({ onChange: () => { log.showOutbox(outbox.entries); reflect(); } });
const composer = new Composer({ onSend: say });
const stream = new Stream({ onFrame, onState });
let ready = false;
let stateTimer = 0;
let wanted = "connecting";

function onFrame(frame) {
  log.skew = frame.now - Date.now() / 1000;
  if (frame.type === "history") {
    log.clear();
    find("earlier").hidden = !frame.earlier;
  }
  const fresh = log.show(frame.messages);
  for (const message of fresh) if (message.client) outbox.remove(message.client);
  log.showOutbox(outbox.entries);
  if (frame.type === "history") {
    log.toEnd();
    ready = true;
    find("log").setAttribute("aria-busy", "false");
  } else {
    log.announce();
    if (document.hidden && fresh.some(isEnd)) document.title = `● ${word("title")}`;
  }
  reflect();
}

// What follows from the whole: welcome where there is nothing, dots while an answer is due.
function reflect() {
  find("welcome").hidden = !ready || log.messages.size > 0 || outbox.entries.length > 0;
  const last = log.last();
  const young = last && Date.now() / 1000 + log.skew - last.at < THINKING;
  const sending = outbox.entries.some((entry) => entry.state === "sending" || entry.state === "sent");
  const due = sending || (last?.kind === "user" && young && !outbox.entries.length);
  find("thinking").hidden = !due;
  log.follow();
}

// A connection that is back within PATIENCE was never gone, as far as anybody needs to know.
function onState(state) {
  const before = wanted;
  wanted = state;
  if (state === "connected") {
    clearTimeout(stateTimer);
    stateTimer = 0;
    if (before !== "connected") outbox.pump();
    showState();
  } else if (state === "offline" || find("connection").textContent) {
    showState();
  } else if (!stateTimer) {
    stateTimer = setTimeout(showState, PATIENCE);
  }
}

function showState() {
  const line = find("connection");
  line.dataset.state = wanted;
  line.textContent = wanted === "connected" ? "" : word(wanted);
}

function answer(message, media, number = 0) {
  const shown = media || message.media.find((one) => one.type.startsWith("image/"));
  const several = media && message.media.length > 1;
  const which = several ? ` · ${word("quotePicture", { n: number + 1 })}` : "";
  composer.answer({
    message: message.id,
    picture: several ? media.name : "",
    url: shown?.url,
    label: word("replying") + which,
  });
}

function say(message) {
  outbox.add(message);
  log.toEnd();
}

function changeOutbox(what, id) {
  const entry = outbox.entries.find((one) => one.id === id);
  if (!entry) return;
  outbox.remove(id);
  if (what !== "edit") return;
  composer.setText(entry.text);
  composer.uploads = entry.uploads.map((upload) => ({ ...upload, preview: upload.url }));
  composer.showTray();
  composer.answer(entry.reply || null);
}

function showExamples() {
  const names = ["example1", "example2", "example3"];
  const use = (text) => () => {
    composer.setText(text);
    find("input").focus();
  };
  find("examples").append(...names.map((name) =>
    element("li", {}, element("button", { type: "button", onclick: use(word(name)) }, word(name)))));
}

async function showEarlier() {
  const button = find("earlier");
  button.disabled = true;
  try {
    const answer_ = await fetch(`/chat/messages?before=${log.first()}`);
    if (answer_.ok) {
      const page = await answer_.json();
      log.show(page.messages, { earlier: true });
      button.hidden = !page.earlier;
    }
  } catch {
    // The bot is away; the button stays.
  }
  button.disabled = false;
}

showExamples();
find("help").addEventListener("click", () => say({ text: word("helpMessage"), uploads: [], reply: null }));
find("earlier").addEventListener("click", showEarlier);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) document.title = word("title");
});
setInterval(reflect, 5000);
log.showOutbox(outbox.entries);
onState("connecting");
stream.now();
if (matchMedia("(hover: hover)").matches) find("input").focus();
