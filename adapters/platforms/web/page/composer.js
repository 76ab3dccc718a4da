// Where the person writes: text, pictures (pasted, dropped, picked), and what is being answered.

import { element, find, icon, toast } from "./dom.js";
import { signIn } from "./stream.js";
import { word } from "./words.js";

const MOST = 14;
const LARGEST = 15 * 1024 * 1024;
const TYPES = new Set(["image/png", "image/jpeg", "image/webp", "image/gif"]);
const DRAFT = "inkling.draft";

export class Composer {
  constructor({ onSend }) {
    this.onSend = onSend;
    this.uploads = [];
    this.reply = null;
    this.eager = false;
    this.input = find("input");
    this.listen();
    this.setText(sessionStorage.getItem(DRAFT) || "");
  }

  listen() {
    find("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.input.addEventListener("keydown", (event) => {
      // 229 is what Safari reports for the Enter that ends a composition.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.submit();
    });
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.reply && !event.isComposing) this.answer(null);
    });
    this.input.addEventListener("input", () => this.changed());
    find("attach").addEventListener("click", () => find("files").click());
    find("files").addEventListener("change", (event) => {
      this.attach(event.target.files);
      event.target.value = "";
    });
    addEventListener("paste", (event) => {
      if (event.clipboardData.files.length) {
        event.preventDefault();
        this.attach(event.clipboardData.files);
      }
    });
    this.listenForDrops();
  }

  listenForDrops() {
    const carries = (event) => event.dataTransfer.types.includes("Files");
    addEventListener("dragover", (event) => {
      if (!carries(event)) return;
      event.preventDefault();
      find("drop").hidden = false;
    });
    addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) find("drop").hidden = true;
    });
    addEventListener("drop", (event) => {
      find("drop").hidden = true;
      if (!carries(event)) return;
      event.preventDefault();
      this.attach(event.dataTransfer.files);
    });
  }

  setText(text) {
    this.input.value = text;
    this.changed();
  }

  changed() {
    sessionStorage.setItem(DRAFT, this.input.value);
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 220)}px`;
    const empty = !this.input.value.trim() && !this.uploads.length;
    find("send").setAttribute("aria-disabled", String(empty));
  }

  // Pictures -------------------------------------------------------------------------------------------

  attach(files) {
    for (const file of files) {
      if (this.uploads.length >= MOST) {
        toast(word("tooMany", { n: MOST }));
        break;
      }
      const name = file.name || word("picture");
      if (!TYPES.has(file.type)) toast(word("notPicture", { name }));
      else if (file.size > LARGEST) toast(word("tooLarge", { name }));
      else this.upload(file, name);
    }
    this.input.focus();
  }

  async upload(file, name) {
    const upload = { name, preview: URL.createObjectURL(file), id: "" };
    this.uploads.push(upload);
    this.showTray();
    const failure = await send(file, name, upload);
    if (failure) {
      toast(word(failure, { name }));
      this.detach(upload);
    }
    this.showTray();
    if (this.eager && this.uploads.every((one) => one.id)) this.submit();
  }

  detach(upload) {
    this.uploads = this.uploads.filter((one) => one !== upload);
    URL.revokeObjectURL(upload.preview);
    this.showTray();
  }

  showTray() {
    const tray = find("tray");
    tray.hidden = !this.uploads.length;
    tray.replaceChildren(...this.uploads.map((upload) => {
      const label = word(upload.id ? "remove" : "uploading", { name: upload.name });
      const remove = () => {
        this.detach(upload);
        this.input.focus();
      };
      return element("li", { "data-state": upload.id ? "here" : "coming" },
        element("img", { src: upload.preview, alt: upload.name }),
        element("button", { type: "button", class: "icon", "aria-label": label, title: label, onclick: remove }, icon("close")));
    }));
    this.changed();
  }

  // Answers --------------------------------------------------------------------------------------------

  // Answer a result: {message, picture, url, label}, or null to stop.
  answer(reply) {
    this.reply = reply;
    const box = find("quote");
    box.hidden = !reply;
    box.replaceChildren();
    if (reply) {
      const stop = { type: "button", class: "icon", "aria-label": word("dropReply"), title: word("dropReply"), onclick: () => this.answer(null) };
      box.append(
        reply.url ? element("img", { src: reply.url, alt: "" }) : "",
        element("span", {}, icon("reply"), reply.label),
        element("button", stop, icon("close")),
      );
    }
    this.input.focus();
  }

  submit() {
    const text = this.input.value.trim();
    if (!text && !this.uploads.length) return;
    this.eager = this.uploads.some((upload) => !upload.id);
    if (this.eager) return; // goes by itself once the pictures are there
    this.onSend({ text, uploads: this.uploads, reply: this.reply });
    this.uploads = [];
    this.showTray();
    this.answer(null);
    this.setText("");
  }
}

async function send(file, name, upload) {
  try {
    const headers = { "Content-Type": file.type, "X-File-Name": encodeURIComponent(name) };
    const answer = await fetch("/chat/uploads", { method: "POST", headers, body: file });
    if (answer.ok) {
      Object.assign(upload, await answer.json());
      upload.url = `/chat/uploads/${upload.id}`;
      return "";
    }
    if (answer.status === 401) signIn();
    return { 413: "tooLarge", 415: "notPicture" }[answer.status] || "uploadFailed";
  } catch {
    return "uploadFailed";
  }
}
