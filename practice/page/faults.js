// What the network and the chat platforms do wrong, as switches.
import { get, post } from "./control.js";
import { make, setText } from "./dom.js";

const GROUPS = { network: "ChargePoint", chat: "Chat" };
const WORDS = {
  slow_seconds: "slow, seconds",
  refused: "refuses our key",
  rubbish: "answers rubbish",
  busy_times: "busy, so many times",
  stalled: "says nothing at all",
  omit_users: "hides who drives",
  omit_credentials: "hides cards",
  events_dropped: "events lost, share",
  events_doubled: "events told twice, share",
  events_overtaken: "events out of order, share",
  events_late_seconds: "events late, seconds",
  events_omit_users: "events hide who drives",
  events_stalled: "feed says nothing at all",
  down: "is down",
  limited: "says: too many calls",
};

/** Asks for the switches while they are shown, and turns them. */
export class Faults {
  constructor(place, count, attempt) {
    this.place = place;
    this.count = count;
    this.attempt = attempt;
    this.shown = false;
    this.inputs = new Map(); // by group and name
    this.turning = 0; // switches whose turning is under way …
    this.turned = 0; // … and that have been turned
  }

  async open(shown) {
    this.shown = shown;
    if (shown) await this.attempt(() => this.look());
  }

  async look() {
    if (!this.shown || this.turning) return;
    const turned = this.turned;
    const groups = await get("faults");
    if (this.turning || turned !== this.turned) return; // it is how they stood before
    let wrong = 0;
    for (const [group, switches] of Object.entries(groups)) {
      for (const one of switches) {
        const input = this.input(group, one);
        if (one.most === null) input.checked = one.value;
        else if (input !== document.activeElement) input.value = String(one.value);
        wrong += Boolean(one.value);
      }
    }
    this.count.hidden = !wrong;
    setText(this.count, String(wrong));
  }

  async turn(group, name, value) {
    this.turning += 1;
    try {
      await post(group, { [name]: value });
    } finally {
      this.turning -= 1;
      this.turned += 1;
    }
  }

  input(group, { name, most }) {
    const key = `${group} ${name}`;
    if (!this.inputs.has(key)) this.inputs.set(key, this.build(group, name, most));
    return this.inputs.get(key);
  }

  build(group, name, most) {
    if (![...this.inputs.keys()].some((key) => key.startsWith(`${group} `))) {
      this.place.append(make("h3", {}, GROUPS[group] || group));
    }
    const given = most === null ? { type: "checkbox" } : { type: "number", min: "0", max: String(most), step: most > 1 ? "1" : "0.1" };
    const input = make("input", { ...given, data: { testid: `fault-${group}-${name}` } });
    input.addEventListener("change", () => {
      const value = most === null ? input.checked : Number(input.value);
      this.attempt(() => this.turn(group, name, value));
    });
    this.place.append(make("label", {}, WORDS[name] || name.replaceAll("_", " "), input));
    return input;
  }
}
