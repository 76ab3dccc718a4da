// What the person has written and the bot does not have yet. Kept over a reload, sent again by itself
// under the same id, so that it arrives once.

import { newId } from "./dom.js";
import { signIn } from "./stream.js";

const PREFIX = "inkling.out.";

export class Outbox {
  constructor({ onChange }) {
    this.onChange = onChange;
    this.entries = stored();
    this.busy = false;
    this.failures = 0;
    this.timer = 0;
  }

  add(entry) {
    const whole = { ...entry, id: newId(), at: Date.now() / 1000, state: "sending" };
    this.entries.push(whole);
    keep(whole);
    this.onChange();
    this.pump();
  }

  // Take back what was not sent.
  remove(id) {
    for (const upload of this.entries.find((entry) => entry.id === id)?.uploads ?? []) URL.revokeObjectURL(upload.preview);
    this.entries = this.entries.filter((entry) => entry.id !== id);
    localStorage.removeItem(PREFIX + id);
    this.onChange();
  }

  // Send what waits, in order, now.
  pump() {
    clearTimeout(this.timer);
    if (!this.busy) this.run();
  }

  async run() {
    this.busy = true;
    let next;
    while ((next = this.entries.find((entry) => entry.state === "sending" || entry.state === "waiting"))) {
      const result = await post(next);
      if (result === "again") {
        this.mark(next, "waiting");
        this.failures += 1;
        this.timer = setTimeout(() => this.pump(), Math.min(10_000, 500 * 1.6 ** this.failures));
        break;
      }
      this.failures = 0;
      localStorage.removeItem(PREFIX + next.id);
      this.mark(next, result);
    }
    this.busy = false;
  }

  mark(entry, state) {
    if (entry.state === state) return;
    entry.state = state;
    this.onChange();
  }
}

async function post(entry) {
  const body = { id: entry.id, text: entry.text, uploads: entry.uploads.map((upload) => upload.id) };
  if (entry.reply) Object.assign(body, { reply_to: entry.reply.message, picture: entry.reply.picture || "" });
  try {
    const answer = await fetch("/chat/messages", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (answer.ok) return "sent";
    if (answer.status === 401) signIn();
    return answer.status === 401 || answer.status === 429 || answer.status >= 500 ? "again" : "refused";
  } catch {
    return "again";
  }
}

function keep(entry) {
  try {
    const uploads = entry.uploads.map(({ preview, ...upload }) => upload); // a preview does not outlive its page
    localStorage.setItem(PREFIX + entry.id, JSON.stringify({ ...entry, uploads }));
  } catch {
    // Private windows may have no storage; the message is then kept for as long as the page is open.
  }
}

function stored() {
  const entries = [];
  for (let index = 0; index < localStorage.length; index += 1) {
    const name = localStorage.key(index);
    if (!name.startsWith(PREFIX)) continue;
    try {
      entries.push({ ...JSON.parse(localStorage.getItem(name)), state: "waiting" });
    } catch {
      localStorage.removeItem(name);
    }
  }
  return entries.sort((a, b) => a.at - b.at);
}
