// One person over several apps: the dialog behind "Link another app", and what /link and /unlink typed here do.

export class Linking {
  constructor(dialog, line, language, say) {
    Object.assign(this, { dialog, line, language, say });
    this.text = dialog.querySelector(".text");
    this.code = dialog.querySelector("input");
    this.yes = dialog.querySelector(".yes");
    dialog.querySelector(".make").addEventListener("click", () => this.#ask({}));
    dialog.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.code.value.trim()) this.#ask({ code: this.code.value.trim() });
    });
    this.yes.addEventListener("click", () => this.#ask({ code: this.code.value.trim(), agreed: true }));
    dialog.querySelector(".close-dialog").addEventListener("click", () => dialog.close());
  }

  open(code = "") {
    this.text.textContent = "";
    this.yes.hidden = true;
    this.code.value = code;
    this.dialog.showModal();
    if (code) this.#ask({ code });
  }

  async #ask(what) {
    try {
      const said = await this.#post("/me/link", what);
      this.text.textContent = said.text;
      this.yes.hidden = said.outcome !== "explain";
      if (said.outcome === "explain") this.yes.focus();
    } catch (problem) { this.text.textContent = problem.message; }
  }

  async unlink() {
    try { this.say((await this.#post("/me/unlink", {})).text); } catch (problem) { this.say(problem.message); }
  }

  #post(path, fields) {
    const body = JSON.stringify({ ...fields, language: this.language });
    return this.line.call(path, { method: "POST", headers: { "content-type": "application/json" }, body });
  }
}
