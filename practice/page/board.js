// The board of the channel, kept in sight above the messages.
import { setText } from "./dom.js";
import { PLATFORMS } from "./platforms.js";

export class Board {
  constructor(element, { context, press }) {
    this.element = element;
    this.context = context;
    this.press = press;
    this.shown = "";
  }

  /** `state` is what the control says of the boards; `driver` sees that of their own platform. */
  update(state, driver) {
    const mine = (state.boards || []).find((one) => one.platform === this.context.platforms[driver]);
    const link = this.element.querySelector("a");
    if (link.href !== state.link) link.href = state.link;
    this.element.hidden = !mine;
    const key = JSON.stringify(mine || null);
    if (!mine || key === this.shown) return;
    this.shown = key;
    setText(this.element.querySelector("b"), mine.pinned ? "The board, pinned" : "The board, not pinned");
    const words = PLATFORMS[mine.platform].render({ ...mine, by: "bot" }, this.context, (action) => this.press(mine.n, action));
    this.element.querySelector(".words").replaceChildren(...words);
  }
}
