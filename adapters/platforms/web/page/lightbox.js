// Pictures at full size: arrows, swipe, Escape. The dialog element keeps the focus inside and gives it back.

import { element, find } from "./dom.js";
import { word } from "./words.js";

let pictures = [];
let at = 0;
let reply = null;

export function openPictures(all, number, onReply) {
  pictures = all;
  reply = onReply;
  find("lightbox-reply").hidden = !onReply;
  find("previous").hidden = find("next").hidden = all.length < 2;
  show(number);
  find("lightbox").showModal();
  find("lightbox-close").focus();
}

function show(number) {
  at = (number + pictures.length) % pictures.length;
  const media = pictures[at];
  const total = pictures.length;
  const name = total > 1 ? word("pictureOf", { n: at + 1, total }) : word("picture");
  const image = element("img", { src: media.url, alt: name });
  if (media.width && media.height) {
    image.width = media.width;
    image.height = media.height;
  }
  find("stage").replaceChildren(image);
  find("count").textContent = total > 1 ? `${at + 1} / ${total}` : "";
  find("lightbox-save").href = `${media.url}?download`;
}

export function prepareLightbox() {
  const box = find("lightbox");
  const close = () => box.close();
  find("lightbox-close").addEventListener("click", close);
  find("previous").addEventListener("click", () => show(at - 1));
  find("next").addEventListener("click", () => show(at + 1));
  find("lightbox-reply").addEventListener("click", () => {
    const chosen = reply;
    const number = at;
    close();
    chosen?.(number);
  });
  find("stage").addEventListener("click", (event) => {
    if (event.target === event.currentTarget) close();
  });
  box.addEventListener("keydown", (event) => {
    if (pictures.length < 2) return;
    if (event.key === "ArrowLeft") show(at - 1);
    if (event.key === "ArrowRight") show(at + 1);
  });
  swipe(box);
}

function swipe(box) {
  let from = null;
  box.addEventListener("touchstart", (event) => {
    from = event.touches.length === 1 ? event.touches[0].clientX : null;
  }, { passive: true });
  box.addEventListener("touchend", (event) => {
    if (from === null || pictures.length < 2) return;
    const moved = event.changedTouches[0].clientX - from;
    if (Math.abs(moved) > 50) show(at + (moved < 0 ? 1 : -1));
  }, { passive: true });
}
