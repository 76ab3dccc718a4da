// The conversation in its order: what is new, what changed, what is still on its way out.

import { element, find, icon } from "./dom.js";
import { fill, isEnd } from "./messages.js";
import { language, word } from "./words.js";

const NEAR = 120; // pixels from the end that still count as being there
const days = new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en", { weekday: "long", month: "long", day: "numeric" });

export class Log {
  constructor({ onReply, onOutbox }) {
    this.doors = { onReply, onOutbox };
    this.box = find("log");
    this.scroll = find("scroll");
    this.messages = new Map(); // id → {message, article}
    this.pending = new Map(); // the person's own id → article
    this.pinned = true;
    this.skew = 0;
    this.scroll.addEventListener("scroll", () => this.scrolled(), { passive: true });
    new ResizeObserver(() => this.follow()).observe(this.box);
    new ResizeObserver(() => this.follow()).observe(this.scroll);
    find("pill").addEventListener("click", () => this.toEnd(true));
    setInterval(() => this.tick(), 1000);
  }

  // Messages -------------------------------------------------------------------------------------------

  clear() {
    this.messages.clear();
    this.box.replaceChildren(...this.pending.values());
  }

  // Show messages that are new or have changed. `earlier`: they go before all others.
  show(messages, { earlier = false } = {}) {
    const first = this.first();
    const fresh = messages.filter((message) => this.messages.has(message.id) || earlier || message.position >= first || !this.messages.size);
    const height = this.scroll.scrollHeight;
    for (const message of fresh) this.put(message);
    this.arrange();
    if (earlier) this.scroll.scrollTop += this.scroll.scrollHeight - height;
    return fresh;
  }

  put(message) {
    const known = this.messages.get(message.id);
    const waiting = message.client && this.pending.get(message.client);
    const article = known?.article || waiting || element("article");
    if (waiting) this.pending.delete(message.client);
    article.id = `m-${message.id}`;
    this.messages.set(message.id, { message, article });
    fill(article, { ...message, quote: this.quote(message.reply) }, this.doors);
  }

  // Show what is still on its way out, after everything else.
  showOutbox(entries) {
    const wanted = new Set(entries.map((entry) => entry.id));
    for (const [id, article] of this.pending) {
      if (wanted.has(id)) continue;
      article.remove();
      this.pending.delete(id);
    }
    const arrived = new Set([...this.messages.values()].map(({ message }) => message.client));
    for (const entry of entries) {
      if (arrived.has(entry.id)) continue;
      const article = this.pending.get(entry.id) || element("article");
      this.pending.set(entry.id, article);
      const media = entry.uploads.map((upload) => ({ ...upload, url: upload.preview || upload.url, type: "image/", link: "" }));
      fill(article, { ...entry, kind: "user", client: entry.id, media, quote: this.quote(entry.reply) }, this.doors);
    }
    this.arrange();
  }

  quote(reply) {
    if (!reply) return null;
    const known = this.messages.get(reply.message)?.message;
    const media = known?.media.find((one) => one.name === reply.picture) || known?.media[0];
    const go = () => find(`m-${reply.message}`)?.scrollIntoView({ block: "center", behavior: "smooth" });
    return element("button", { type: "button", class: "quoted", onclick: go },
      media ? element("img", { src: media.url, alt: "" }) : "", element("span", {}, icon("reply"), word("replying")));
  }

  first() {
    return Math.min(...[...this.messages.values()].map(({ message }) => message.position));
  }

  last() {
    const all = [...this.messages.values()].map(({ message }) => message);
    return all.reduce((a, b) => (a && a.position > b.position ? a : b), null);
  }

  // Put the articles in order, mark days and who goes on speaking, and what is over.
  arrange() {
    const ordered = [...this.messages.values()].sort((a, b) => a.message.position - b.message.position);
    const nodes = [];
    let day = "";
    let speaker = "";
    for (const { message, article } of ordered) {
      const date = new Date(message.at * 1000);
      if (date.toDateString() !== day) {
        day = date.toDateString();
        nodes.push(this.separator(date));
        speaker = "";
      }
      const now = message.kind === "user" ? "user" : "bot";
      article.classList.toggle("goes-on", now === speaker);
      speaker = now;
      nodes.push(article);
    }
    nodes.push(...this.pending.values());
    place(this.box, nodes);
    this.settle(ordered.map((entry) => entry.message));
  }

  // A job that has ended has nothing left to wait for or to call off.
  settle(messages) {
    const over = new Set(messages.filter(isEnd).map((message) => message.job).filter(Boolean));
    for (const { message, article } of this.messages.values()) {
      if (message.kind === "start" || message.kind === "progress") article.dataset.over = String(over.has(message.job));
    }
    for (const button of this.box.querySelectorAll("[data-press=cancel]")) button.hidden = over.has(button.dataset.about);
    this.tick();
  }

  separator(date) {
    const key = date.toDateString();
    const known = [...this.box.children].find((node) => node.dataset.day === key);
    if (known) return known;
    const ago = Math.round((new Date(new Date().toDateString()) - new Date(key)) / 86_400_000);
    const text = ago === 0 ? word("today") : ago === 1 ? word("yesterday") : days.format(date);
    return element("div", { class: "day", "data-day": key }, text);
  }

  // Seconds since a job began, counted by the bot's clock.
  tick() {
    const now = Date.now() / 1000 + this.skew;
    for (const { message, article } of this.messages.values()) {
      if (message.kind !== "start") continue;
      const node = article.querySelector(".elapsed");
      const over = article.dataset.over === "true" || message.settled || !message.actions.length;
      if (node) node.textContent = over ? "" : word("elapsed", { n: Math.max(0, Math.floor(now - message.at)) });
    }
  }

  // Scrolling ------------------------------------------------------------------------------------------

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroll;
    this.pinned = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.pinned) find("pill").hidden = true;
  }

  follow() {
    // An empty conversation shows its welcome from the top.
    if (this.pinned) this.scroll.scrollTop = this.box.childElementCount ? this.scroll.scrollHeight : 0;
  }

  // Something of the bot came in: go along, or say so to somebody who reads further up.
  announce() {
    if (this.pinned) this.follow();
    else find("pill").hidden = false;
  }

  toEnd(smooth = false) {
    this.pinned = true;
    find("pill").hidden = true;
    if (!smooth) {
      this.follow();
      return;
    }
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scroll.scrollTo({ top: this.scroll.scrollHeight, behavior: calm ? "auto" : "smooth" });
  }
}

// Make these the children, in this order, and move only what is out of place.
function place(box, nodes) {
  const wanted = new Set(nodes);
  for (const node of [...box.children]) if (!wanted.has(node)) node.remove();
  nodes.forEach((node, index) => {
    if (box.children[index] !== node) box.insertBefore(node, box.children[index] || null);
  });
}
