// A persona's chat on a site of yours: <script src="https://YOUR-GATOR/widget.js" data-persona="SLUG" async></script>
// More on the tag, all optional: data-position="left", data-greeting="Questions?", data-language="de".
// A button, and behind it a frame with Gator's own page /p/SLUG/embed (chat/embedding.js is its side of what is said here).
// The frame is loaded when the button is first pressed, not before. Nothing here needs more from the site's content security
// policy than script-src, connect-src and frame-src with Gator's address: styles are constructed, mark-up is made by hand.

(() => {
  "use strict";

  const PATIENCE = 10000; // ms until a frame that has not said anything counts as refused
  const SMALL = "(max-width: 480px), (max-height: 480px)"; // the chat fills the screen
  const STYLE = `
    :host { all: initial !important; }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    button, dialog { font: 600 16px/1.3 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
    button {
      min-width: 44px; min-height: 44px; margin: 0; border: 0; border-radius: 999px; cursor: pointer;
      background: var(--accent); color: var(--on-accent);
    }
    :focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
    .gator {
      --accent: hsl(152 58% 30%); --on-accent: #fff; --card: #fff; --ink: #1c1a17; --line: #e5dfd3;
      color-scheme: light dark;
    }
    .open {
      position: fixed; z-index: 2147483646; bottom: calc(16px + env(safe-area-inset-bottom)); inset-inline-end: 16px;
      display: flex; align-items: center; gap: 10px; min-width: 56px; min-height: 56px; padding: 8px 16px;
      max-width: calc(100vw - 32px); text-align: start; box-shadow: 0 10px 28px -10px #000a; transition: transform .18s ease;
    }
    .open:hover { transform: translateY(-2px); }
    .left .open { inset-inline: 16px auto; }
    .open svg { flex: none; width: 24px; height: 24px; }
    .news { position: absolute; top: 2px; inset-inline-end: 2px; width: 14px; height: 14px; border-radius: 50%; background: #d9412b; border: 2px solid var(--card); }
    dialog {
      position: fixed; z-index: 2147483647; inset: auto; bottom: calc(88px + env(safe-area-inset-bottom)); inset-inline-end: 16px;
      width: min(400px, calc(100vw - 32px)); height: min(640px, calc(100dvh - 112px)); max-width: none; max-height: none;
      margin: 0; padding: 0; border: 1px solid var(--line); border-radius: 20px; overflow: hidden;
      background: var(--card); color: var(--ink); box-shadow: 0 24px 60px -20px #000a;
    }
    .left dialog { inset-inline: 16px auto; }
    dialog[open] { animation: rise .18s ease; }
    @keyframes rise { from { opacity: 0; transform: translateY(12px); } }
    iframe { position: absolute; inset: 0; width: 100%; height: 100%; border: 0; }
    .wait { display: grid; gap: 14px; align-content: center; justify-items: center; height: 100%; padding: 24px; text-align: center; }
    .wait p { margin: 0; font-weight: 400; }
    .wait a { color: var(--accent); display: inline-block; padding: 11px; }
    .wait button { padding: 8px 20px; }
    @media ${SMALL} {
      dialog, .left dialog { inset: 0; width: 100%; height: 100%; border: 0; border-radius: 0; }
    }
    @media (prefers-color-scheme: dark) {
      .gator { --accent: hsl(152 52% 68%); --on-accent: #14130f; --card: #1d1b17; --ink: #f3efe7; --line: #332f28; }
    }
    @media (prefers-reduced-motion: reduce) {
      .open, dialog[open] { animation: none; transition: none; }
    }
    @media print { .gator { display: none; } }
  `;

  const script = document.currentScript;
  const { persona, position = "right", greeting = "", language = "" } = script?.dataset ?? {};

  function warn(text) { console.warn(`Gator's chat is not shown: ${text}`); }

  if (!persona) { warn('the tag lacks data-persona="SLUG".'); return; }
  if (document.querySelector("gator-chat")) { warn("there is one on this page already."); return; }

  const gator = new URL(script.src).origin;
  const place = `${gator}/p/${encodeURIComponent(persona)}`;
  const asked = language ? `?language=${encodeURIComponent(language)}` : "";
  const small = matchMedia(SMALL);

  function make(name, about = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(about)) {
      if (key in made) made[key] = value; else made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  }

  function drawing(...paths) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    for (const d of paths) {
      const path = svg.appendChild(document.createElementNS(space, "path"));
      for (const [name, value] of Object.entries({ d, fill: "none", stroke: "currentColor", "stroke-width": "2.2", "stroke-linecap": "round", "stroke-linejoin": "round" })) path.setAttribute(name, value);
    }
    return svg;
  }

  class Widget {
    #ready = false;
    #timer = 0;

    constructor({ language, words }) {
      this.language = language;
      this.words = words;
      this.bubble = drawing("M4 5h16v11H10l-5 4v-4H4z", "M8.5 10.5h.01M12 10.5h.01M15.5 10.5h.01");
      this.cross = drawing("M6 6l12 12M18 6L6 18");
      this.news = make("span", { className: "news", hidden: true });
      this.label = make("span", { textContent: greeting, hidden: !greeting });
      this.button = make("button", { type: "button", className: "open", "aria-haspopup": "dialog" }, this.bubble, this.cross, this.label, this.news);
      this.text = make("p", { role: "status" });
      this.alone = make("a", { href: place, target: "_blank", rel: "noopener", textContent: words.alone, hidden: true });
      this.leave = make("button", { type: "button", textContent: words.close });
      this.wait = make("div", { className: "wait" }, this.text, this.alone, this.leave);
      this.frame = make("iframe", { title: words.open, allow: "microphone; autoplay", referrerPolicy: "origin", hidden: true });
      this.dialog = make("dialog", { "aria-label": words.open }, this.wait, this.frame);
      this.#name();
      this.#listen();
      this.#stand();
    }

    #stand() {
      const host = make("gator-chat");
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      const shadow = host.attachShadow({ mode: "open" });
      shadow.adoptedStyleSheets = [sheet];
      shadow.append(make("div", { className: `gator ${position === "left" ? "left" : ""}`, lang: this.language }, this.button, this.dialog));
      document.body.append(host);
    }

    #listen() {
      this.button.addEventListener("click", () => (this.dialog.open ? this.close() : this.open()));
      this.leave.addEventListener("click", () => this.close());
      this.dialog.addEventListener("close", () => this.#closed());
      this.dialog.addEventListener("keydown", (event) => { if (event.key === "Escape") this.close(); });
      small.addEventListener("change", () => { if (this.dialog.open) { this.dialog.close(); this.#show(); } });
      visualViewport?.addEventListener("resize", () => this.#fit());
      visualViewport?.addEventListener("scroll", () => this.#fit());
      addEventListener("message", (event) => {
        if (event.source === this.frame.contentWindow && event.origin === gator) this.#hear(event.data?.gator);
      });
    }

    // What the frame says: that it is there, that it wants to be closed, that the persona said something.
    #hear(what) {
      if (what === "ready") this.#arrived();
      else if (what === "close") this.close();
      else if (what === "said" && !this.dialog.open) { this.news.hidden = false; this.#name(); }
    }

    open() {
      this.news.hidden = true;
      if (!this.#ready) this.#load();
      this.#show();
      this.#name();
      if (this.#ready) this.#enter();
    }

    close() { this.dialog.close(); }

    // A phone's whole screen keeps the rest of the page out of reach; beside a page the chat leaves it usable.
    #show() {
      if (small.matches) this.dialog.showModal(); else this.dialog.show();
      this.#fit();
    }

    // A phone's keyboard makes what is seen smaller, not the page.
    #fit() {
      const full = small.matches && this.dialog.open && visualViewport;
      this.dialog.style.height = full ? `${visualViewport.height}px` : "";
      this.dialog.style.top = full ? `${visualViewport.offsetTop}px` : "";
    }

    #closed() {
      if (this.dialog.open) return; // it moved from the whole screen to beside the page, or back
      clearTimeout(this.#timer);
      this.#name();
      this.button.focus();
    }

    #load() {
      this.text.textContent = this.words.opening;
      this.alone.hidden = true;
      this.frame.src = `${place}/embed${asked}`;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => { this.text.textContent = this.words.lost; this.alone.hidden = false; }, PATIENCE);
    }

    #arrived() {
      this.#ready = true;
      clearTimeout(this.#timer);
      this.wait.hidden = true;
      this.frame.hidden = false;
      if (this.dialog.open) this.#enter();
    }

    #enter() {
      this.frame.focus();
      this.frame.contentWindow.postMessage({ gator: "opened", small: small.matches }, gator);
    }

    // The button's name begins with the words that are seen on it (WCAG 2.5.3).
    #name() {
      const { open, close, said } = this.words;
      const does = this.dialog.open ? close : this.news.hidden ? open : `${open}: ${said}`;
      this.button.setAttribute("aria-label", greeting ? `${greeting} – ${does}` : does);
      this.bubble.toggleAttribute("hidden", this.dialog.open);
      this.cross.toggleAttribute("hidden", !this.dialog.open);
    }
  }

  async function begin() {
    const answer = await fetch(`${place}/widget${asked}`, { credentials: "omit" });
    if (!answer.ok) { warn(`${gator} has no persona "${persona}" for everybody.`); return; }
    const shown = await answer.json();
    if (document.readyState === "loading") await new Promise((there) => addEventListener("DOMContentLoaded", there, { once: true }));
    if (!document.querySelector("gator-chat")) new Widget(shown);
  }

  begin().catch(() => warn(`${gator} cannot be reached, or its GATOR_CORS_ORIGINS does not name ${location.origin}.`));
})();
