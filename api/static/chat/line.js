// The line to the server: a session, one websocket, and both again after every interruption.
// Tells by events what happened; what is to be shown is decided elsewhere.

import { keep, kept } from "./keeping.js";

const FIRST_PAUSE = 500, LONGEST_PAUSE = 20000;
const SILENCE = 45000; // ms without a frame after which we ask whether the server is still there
const PATIENCE = 10000; // ms that it may take to answer

export class Line extends EventTarget {
  #socket = null;
  #pause = FIRST_PAUSE;
  #timers = {};
  session = null; // {access_token, expires_at, user, conversation}
  joined = false;

  constructor(slug, resume, secret = null) {
    super();
    this.slug = slug;
    this.resume = resume; // gives {after, seen} of what is shown
    this.secret = secret; // under which name the session's secret is kept here; null: in a cookie, which frames on other sites lack
    addEventListener("online", () => this.#hurry());
    addEventListener("offline", () => { if (this.#socket) this.#lost(); });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.#check(); });
  }

  get open() { return this.session !== null; }

  async connect() {
    if (this.#socket || this.connecting) return;
    this.connecting = true;
    this.#tell("state", { state: "connecting" });
    try {
      this.session = await this.#openSession();
      this.#dial();
    } catch (problem) {
      if (problem.final) this.#tell("state", { state: "refused", reason: problem.message });
      else this.#again();
    } finally { this.connecting = false; }
  }

  send(item) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(item));
    return true;
  }

  // In the conversation: adds its id.
  say(type, fields = {}) {
    return this.send({ type, conversation_id: this.session?.conversation, ...fields });
  }

  // A request to the API on the session's behalf. Throws an error with `final` when trying again would not help.
  async call(path, options = {}) {
    const headers = { authorization: `Bearer ${this.session.access_token}`, ...options.headers };
    return read(await fetch(`/api/v1${path}`, { ...options, headers }));
  }

  // As `call`, for what is to be kept as a file.
  async file(path) {
    const answer = await fetch(`/api/v1${path}`, { headers: { authorization: `Bearer ${this.session.access_token}` } });
    return answer.ok ? answer.blob() : read(answer);
  }

  async #openSession() {
    const own = this.secret ? { cookie: false, refresh_token: kept(this.secret) ?? "" } : {};
    const said = await read(await fetch(`/api/v1/public/personas/${encodeURIComponent(this.slug)}/session`, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(own),
      credentials: this.secret ? "omit" : "same-origin",
    }));
    if (said.refresh_token) keep(this.secret, said.refresh_token);
    this.#tell("session", said);
    return said;
  }

  #dial() {
    const address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/${this.session.user}`;
    const socket = new WebSocket(address, ["gator", `gator.bearer.${this.session.access_token}`]);
    this.#socket = socket;
    socket.onmessage = (event) => { if (socket === this.#socket) this.#take(JSON.parse(event.data)); };
    socket.onclose = () => { if (socket === this.#socket) this.#lost(); };
    this.#later("renew", () => this.#renew(), Math.max(new Date(this.session.expires_at) - Date.now() - 60000, 5000));
    this.#listen();
  }

  #take(frame) {
    this.#listen();
    if (frame.conversation_id && frame.conversation_id !== this.session.conversation) return;
    if (frame.type === "authenticated" && !this.joined) this.say("join_conversation", this.resume());
    if (frame.type === "conversation_joined") {
      this.joined = true;
      this.#pause = FIRST_PAUSE;
      this.#tell("state", { state: "joined" });
    }
    this.#tell("frame", frame);
  }

  #lost() {
    const socket = this.#socket;
    this.#socket = null;
    this.joined = false;
    socket?.close();
    for (const name of ["renew", "silence"]) clearTimeout(this.#timers[name]);
    this.#again();
  }

  #again() {
    this.#tell("state", { state: navigator.onLine ? "lost" : "offline" });
    if (navigator.onLine) this.#later("again", () => this.connect(), this.#pause * (0.7 + Math.random() * 0.6));
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
  }

  #hurry() {
    this.#pause = FIRST_PAUSE;
    clearTimeout(this.#timers.again);
    if (this.open && !this.#socket) this.connect();
  }

  // A line that died without a word is found by asking.
  #listen() {
    this.#later("silence", () => this.#check(), SILENCE);
  }

  #check() {
    if (!this.#socket) { if (this.open && navigator.onLine) this.#hurry(); return; }
    this.send({ type: "ping" });
    this.#later("silence", () => this.#lost(), PATIENCE);
  }

  async #renew() {
    try {
      this.session = await this.#openSession();
      this.send({ type: "authenticate", token: this.session.access_token });
      this.#later("renew", () => this.#renew(), Math.max(new Date(this.session.expires_at) - Date.now() - 60000, 5000));
    } catch { /* the server ends the socket, and connecting starts over */ }
  }

  #later(name, what, ms) {
    clearTimeout(this.#timers[name]);
    this.#timers[name] = setTimeout(what, ms);
  }

  #tell(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail })); }
}

async function read(answer) {
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  const final = answer.status < 500 && answer.status !== 429 && answer.status !== 401;
  throw Object.assign(new Error([said.detail, said.remedy].filter(Boolean).join(" ") || answer.statusText), { final });
}
