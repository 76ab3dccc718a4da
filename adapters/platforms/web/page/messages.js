// One message as elements. What it says is the bot's; how it looks is decided here and in messages.css.

import { element, icon, link, linked } from "./dom.js";
import { press } from "./press.js";
import { openPictures } from "./lightbox.js";
import { language, word } from "./words.js";

const ENDS = new Set(["success", "failure", "cancelled"]);
const RETRY = 3000; // milliseconds until a picture that did not come is asked for again
// Where a line must not end: between a figure and its unit, or within "3 ~ 6 s".
const TORN = /(?<=\d) (?=\p{L})| (?=~ \d)|(?<=\d ~) /gu;
const LONG = 900; // letters of a person's message above which it is shown in part
// What comes in quick succession needs no time of its own.
const TIMED = new Set(["success", "failure", "cancelled"]);
const clock = new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en", { hour: "numeric", minute: "2-digit" });

export function isEnd(message) {
  return ENDS.has(message.kind);
}

// Fill an article with a message; called again when the message changes.
export function fill(article, message, { onReply, onOutbox }) {
  const before = article.querySelector("[role=progressbar]");
  // What has been read aloud once is not read again each time a figure in it changes.
  if (article.childElementCount) article.setAttribute("aria-live", "off");
  const mine = message.kind === "user";
  article.className = "message";
  article.dataset.kind = message.kind;
  article.dataset.settled = String(Boolean(message.settled));
  if (message.job) article.dataset.job = message.job;
  article.lang = message.language === "zh" ? "zh-CN" : message.language || "";
  const body = mine ? own(message, onOutbox) : said(message, onReply);
  const focused = article.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  article.replaceChildren(
    element("span", { class: "heard" }, word(mine ? "you" : "bot")),
    mine ? "" : icon("mark", "mark"),
    body,
  );
  glide(before, article.querySelector("[role=progressbar]"));
  if (focused) article.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

// A person's own message, sent or waiting.
function own(message, onOutbox) {
  const body = element("div", { class: "body" });
  if (message.quote) body.append(message.quote);
  if (message.media.length) body.append(gallery(message, null));
  if (message.text) body.append(...bubble(message.text));
  body.append(message.state ? waiting(message, onOutbox) : time(message));
  return body;
}

function bubble(text) {
  const node = element("p", { class: "bubble", dir: "auto" }, ...linked(text));
  if (text.length <= LONG) return [node];
  node.classList.add("clipped");
  const more = element("button", { type: "button", class: "quiet", "aria-expanded": "false" }, word("more"));
  more.addEventListener("click", () => {
    const clipped = node.classList.toggle("clipped");
    more.setAttribute("aria-expanded", String(!clipped));
    more.textContent = word(clipped ? "more" : "less");
  });
  return [node, more];
}

function waiting(message, onOutbox) {
  const row = element("div", { class: "state" }, element("span", {}, word(message.state === "sent" ? "sending" : message.state)));
  if (message.state === "refused" || message.state === "waiting") {
    const change = () => onOutbox("edit", message.client);
    row.append(element("button", { type: "button", class: "quiet", onclick: change }, word("editAgain")));
    const drop = () => onOutbox("discard", message.client);
    row.append(element("button", { type: "button", class: "quiet", onclick: drop }, word("discard")));
  }
  return row;
}

// What the bot said.
function said(message, onReply) {
  const body = element("div", { class: "body" });
  if (message.headline) body.append(element("p", { class: "headline", dir: "auto" }, ...linked(message.headline)));
  if (message.kind === "start") body.append(bloom());
  if (message.media.length) body.append(gallery(message, onReply));
  if (message.percent !== null && !message.settled) body.append(bar(message.percent));
  body.append(...lines(message.lines));
  const foot = element("div", { class: "foot" });
  for (const action of message.actions) foot.append(button(message, action));
  if (message.kind === "success") {
    const reply = () => onReply(message, null);
    foot.append(element("button", { type: "button", class: "button plain", "data-key": "reply", onclick: reply }, icon("reply"), word("reply")));
  }
  if (message.kind === "start") foot.append(element("span", { class: "elapsed", "aria-hidden": "true" }));
  if (TIMED.has(message.kind)) foot.append(time(message));
  if (foot.childElementCount) body.append(foot);
  return body;
}

// Ink that spreads in water where the picture will be.
function bloom() {
  const drops = [1, 2, 3, 4].map(() => element("i", {}, element("b")));
  return element("div", { class: "bloom", "aria-hidden": "true" }, ...drops);
}

function lines(all) {
  const nodes = [];
  let facts = null;
  for (const line of all) {
    const text = line.url ? [link(line.url, line.text || line.url)] : linked(line.text.replace(TORN, "\u00a0"));
    if (line.label) {
      facts ??= nodes[nodes.push(element("dl", { class: "facts" })) - 1];
      facts.append(element("div", {}, element("dt", {}, line.label), element("dd", {}, ...text)));
    } else {
      facts = null;
      const look = line.text.startsWith("• ") ? "line item" : "line";
      nodes.push(element("p", { class: look, dir: "auto" }, ...text));
    }
  }
  return nodes;
}

function bar(percent) {
  const fill_ = element("i");
  fill_.style.width = `${percent}%`;
  const values = { role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": String(percent) };
  return element("div", { class: "progress", ...values, "aria-label": word("progress") }, fill_);
}

// Let a bar that was there before grow from where it stood; it never shows more than the bot said.
function glide(before, now) {
  if (!before || !now) return;
  const end = now.firstElementChild.style.width;
  now.firstElementChild.style.width = before.firstElementChild.style.width;
  requestAnimationFrame(() => requestAnimationFrame(() => { now.firstElementChild.style.width = end; }));
}

function button(message, action) {
  const look = action.primary ? "button primary" : "button";
  const { job } = action;
  const key = [action.press, job, action.value].join(" ");
  const node = element("button", { type: "button", class: look, "data-press": action.press, "data-key": key, "data-about": job }, action.label);
  node.addEventListener("click", () => press(node, message, action));
  return node;
}

function gallery(message, onReply) {
  const pictures = message.media.filter((media) => media.type.startsWith("image/"));
  const grid = element("div", { class: "gallery", "data-count": String(Math.min(message.media.length, 5)) });
  for (const media of message.media) {
    const number = pictures.indexOf(media);
    grid.append(number < 0 ? film(media) : picture(message, pictures, number, onReply));
  }
  return grid;
}

function film(media) {
  return element("figure", {}, element("video", { src: media.url, controls: true, preload: "metadata", playsinline: true, loop: true }));
}

function picture(message, pictures, number, onReply) {
  const media = pictures[number];
  const total = pictures.length;
  const name = total > 1 ? word("pictureOf", { n: number + 1, total }) : word("picture");
  const image = element("img", { src: media.url, alt: name, decoding: "async", draggable: "true" });
  if (media.width && media.height) {
    image.width = media.width;
    image.height = media.height;
  }
  const open = element("button", { type: "button", class: "picture", "data-key": media.name, "aria-label": word("open", { name }) }, image);
  open.style.setProperty("--ratio", media.width && media.height ? String(media.width / media.height) : "1");
  const reply = onReply && ((index) => onReply(message, pictures[index], index));
  open.addEventListener("click", () => openPictures(pictures, number, reply));
  image.addEventListener("error", () => look(open, image, media.url));
  const figure = element("figure", {}, open);
  if (message.kind === "success") {
    const label = total > 1 ? `${word("save")} ${number + 1}` : word("save");
    const save = { class: "icon save", href: `${media.url}?download`, download: "", "data-key": `save ${media.name}` };
    figure.append(element("a", { ...save, "aria-label": label, title: label }, icon("download")));
  }
  return figure;
}

// A picture did not come: either it is no longer kept, or the bot is away and the next look may find it.
async function look(open, image, url) {
  const answer = await fetch(url, { method: "HEAD" }).catch(() => null);
  if (answer?.status === 404) open.replaceWith(element("p", { class: "gone" }, word("gone")));
  else setTimeout(() => { if (open.isConnected) image.src = url; }, RETRY);
}

function time(message) {
  const at = new Date(message.at * 1000);
  return element("time", { datetime: at.toISOString() }, clock.format(at));
}
