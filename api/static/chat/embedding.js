// The frame's side of widget.js: what the chat tells the site that it stands on, and hears from it. Only that the frame is there,
// that it wants to be closed and that something was said: no words, and only sites that may frame this page hear it.

export class Embedding {
  constructor(field) {
    document.getElementById("chat-close").addEventListener("click", () => this.#tell("close"));
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]")) this.#tell("close");
    });
    addEventListener("message", (event) => {
      if (event.source !== parent || event.data?.gator !== "opened") return;
      // On a phone the keyboard would cover what there is to read.
      (event.data.small ? document.getElementById("chat-title") : field).focus();
    });
    this.#tell("ready");
  }

  said() { this.#tell("said"); }

  #tell(what) { parent.postMessage({ gator: what }, "*"); }
}
