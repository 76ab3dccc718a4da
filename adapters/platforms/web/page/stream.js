// The stream of what happens in the room. Reconnects by itself and goes on from the last change it saw.

const SILENCE = 45_000; // the bot says something every 15 s
const NO_SESSION = 4401;

export class Stream {
  constructor({ onFrame, onState }) {
    this.onFrame = onFrame;
    this.onState = onState;
    this.epoch = "";
    this.revision = 0;
    this.failures = 0;
    this.timer = 0;
    addEventListener("online", () => this.now());
    addEventListener("offline", () => this.onState("offline"));
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.now();
    });
    setInterval(() => {
      if (this.socket && Date.now() - this.heard > SILENCE) this.drop();
    }, 5000);
  }

  // Connect at once, unless connected.
  now() {
    if (this.socket) return;
    clearTimeout(this.timer);
    this.connect();
  }

  connect() {
    const address = new URL("/chat/stream", location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    if (this.epoch) address.search = new URLSearchParams({ epoch: this.epoch, since: this.revision });
    const socket = new WebSocket(address);
    this.socket = socket;
    this.heard = Date.now();
    socket.onmessage = (event) => this.hear(JSON.parse(event.data));
    socket.onclose = (event) => {
      if (this.socket === socket) this.lost(event.code);
    };
  }

  hear(frame) {
    this.heard = Date.now();
    this.failures = 0;
    this.onState("connected");
    if (frame.type === "alive") return;
    if (frame.type === "history") this.revision = 0;
    this.epoch = frame.epoch;
    for (const message of frame.messages) this.revision = Math.max(this.revision, message.revision);
    this.onFrame(frame);
  }

  drop() {
    const socket = this.socket;
    this.lost(0);
    socket.close();
  }

  lost(code) {
    this.socket = null;
    if (code === NO_SESSION) {
      signIn();
      return;
    }
    this.onState(navigator.onLine === false ? "offline" : "reconnecting");
    const wait = Math.min(3000, 300 * 1.5 ** this.failures) * (0.75 + Math.random() / 2);
    this.failures += 1;
    this.timer = setTimeout(() => this.now(), wait);
  }
}

// The page itself hands out the cookie, or asks for the token.
export function signIn() {
  const last = Number(sessionStorage.getItem("inkling.signed-in") || 0);
  if (Date.now() - last < 5000) return;
  sessionStorage.setItem("inkling.signed-in", Date.now());
  location.reload();
}
