// The Home tab of one driver, as Slack would show it.
import { get } from "./control.js";
import { render } from "./blocks.js";

/** Drawn anew only when it has changed, so that the focus and a screen reader stay calm. */
export class Home {
  constructor(region, { context, press }) {
    this.region = region;
    this.context = context;
    this.press = press;
    this.key = "";
  }

  /** Somebody opens it: the app is told, and draws it. */
  async open(driver) {
    this.show(await get(`home?driver=${encodeURIComponent(driver)}`));
  }

  /** What stands there now. */
  async look(driver) {
    this.show(await get(`home?driver=${encodeURIComponent(driver)}&look=1`));
  }

  show({ driver, blocks }) {
    const key = JSON.stringify([driver, blocks]);
    if (key === this.key) return;
    this.key = key;
    const focused = this.region.contains(document.activeElement) ? document.activeElement.dataset.action : "";
    const words = document.createElement("div");
    words.className = "words";
    words.append(...render({ text: "", blocks }, this.context, (action) => this.press(action)));
    words.querySelectorAll("p.header").forEach((element, at) => {
      element.setAttribute("role", "heading");
      element.setAttribute("aria-level", at ? "4" : "3");
    });
    this.region.replaceChildren(words);
    if (focused) (words.querySelector(`[data-action="${CSS.escape(focused)}"]`) || this.region).focus();
  }
}
