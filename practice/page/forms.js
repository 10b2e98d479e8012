// The form that somebody has before them: a modal in Slack, a dialog in Mattermost.
import { make } from "./dom.js";
import { PLATFORMS } from "./platforms.js";

/** Shows one form at a time; `send(values)` and `leave()` tell the platform. */
export class Forms {
  constructor(dialog, { context, send, leave }) {
    this.dialog = dialog;
    this.context = context;
    this.send = send;
    this.leave = leave;
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault(); // Escape closes it for the platform, too
      this.close();
    });
  }

  /** What the platform shows now; null: nothing. The focus goes to what is to be done next. */
  show(form, platform) {
    if (!form) return this.hide();
    const errors = Object.keys(form.errors || {});
    this.dialog.replaceChildren(this.drawn(form, platform));
    if (!this.dialog.open) this.dialog.showModal();
    const wrong = errors.length ? this.dialog.querySelector(`[name="${CSS.escape(errors[0])}"]`) : null;
    (wrong || this.dialog.querySelector("input, select") || this.dialog.querySelector("button")).focus();
    return undefined;
  }

  hide() {
    if (this.dialog.open) this.dialog.close();
  }

  async close() {
    this.hide();
    await this.leave();
  }

  drawn(form, platform) {
    const title = make("h2", { id: "form-title" }, form.title);
    const shown = PLATFORMS[platform].render({ text: form.text || "", blocks: [] }, this.context, () => {});
    const words = form.text ? [make("div", { class: "words" }, ...shown)] : [];
    const wrong = form.error ? [make("p", { class: "wrong", role: "alert" }, form.error)] : [];
    const cancel = make("button", { type: "button", data: { testid: "form-close" } }, form.close);
    cancel.addEventListener("click", () => this.close());
    const submit = form.submit ? [make("button", { type: "submit", class: "primary", data: { testid: "form-send" } }, form.submit)] : [];
    const drawn = make(
      "form",
      { method: "dialog", data: { testid: "form" } },
      title,
      ...words,
      ...form.fields.map((field) => this.field(field, form.errors[field.name])),
      ...wrong,
      make("div", { class: "actions" }, cancel, ...submit),
    );
    this.dialog.setAttribute("aria-labelledby", "form-title");
    drawn.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = drawn.querySelector("[type=submit]");
      if (button.disabled) return;
      button.disabled = true;
      await this.send(Object.fromEntries(new FormData(drawn)));
      button.disabled = false;
    });
    return drawn;
  }

  field(field, error) {
    const id = `field-${field.name}`;
    const control = field.kind === "choice" ? this.choice(field) : this.text(field);
    Object.assign(control, { id, name: field.name, required: !field.optional });
    control.dataset.testid = `field-${field.name}`;
    const notes = [];
    if (field.hint) notes.push(make("p", { id: `${id}-hint`, class: "context" }, field.hint));
    if (error) {
      notes.push(make("p", { id: `${id}-wrong`, class: "wrong", role: "alert" }, error));
      control.setAttribute("aria-invalid", "true");
    }
    if (notes.length) control.setAttribute("aria-describedby", notes.map((note) => note.id).join(" "));
    const optional = field.optional ? [make("small", {}, " (optional)")] : [];
    return make("div", { class: "field-row" }, make("label", { htmlFor: id }, field.label, ...optional), control, ...notes);
  }

  text(field) {
    const control = make("input", { type: field.kind === "time" ? "time" : "text", value: field.value, autocomplete: "off" });
    if (field.example && field.kind === "text") control.placeholder = field.example;
    if (field.most) control.maxLength = field.most;
    return control;
  }

  choice(field) {
    const options = field.options.map(({ value, label }) => make("option", { value, selected: value === field.value }, label));
    return make("select", {}, ...options);
  }
}
