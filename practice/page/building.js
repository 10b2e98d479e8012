// The building's power beside its cars': what flows now, on each phase, and the hours before.
import { make, setText } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 300;
const HEIGHT = 60;
const PHASES = ["L1", "L2", "L3"];

/** Draws `meter` of `/practice/state`; `context` has the site's time. */
export class Building {
  constructor(place, context) {
    this.place = place;
    this.context = context;
    this.power = make("strong", { data: { testid: "building-kw" } });
    this.limit = make("span", { data: { testid: "building-limit" } });
    this.phases = PHASES.map((name) => {
      const bar = make("meter", { min: "0", "aria-label": `Phase ${name}` });
      const amps = make("span", { class: "amps" });
      return { bar, amps, row: make("div", { class: "phase" }, make("span", {}, name), bar, amps) };
    });
    this.note = make("p", { class: "note", data: { testid: "building-note" } });
    this.picture = document.createElementNS(SVG, "svg");
    this.picture.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    this.picture.setAttribute("role", "img");
    this.picture.setAttribute("preserveAspectRatio", "none");
    this.curve = document.createElementNS(SVG, "polyline");
    this.fuse = document.createElementNS(SVG, "line");
    this.fuse.setAttribute("class", "fuse");
    this.picture.append(this.fuse, this.curve);
    place.append(
      make("div", { class: "now" }, make("h3", {}, "Building"), this.power, this.limit),
      make("div", { class: "phases" }, ...this.phases.map((each) => each.row)),
      this.picture,
      this.note,
    );
  }

  update(meter) {
    this.place.hidden = !meter;
    if (!meter) return;
    setText(this.power, `${meter.kw.toFixed(1)} kW`);
    setText(this.limit, `of ${meter.limit_kw} kW (fuse ${meter.fuse_amps} A)`);
    this.phases.forEach(({ bar, amps }, n) => {
      bar.max = meter.fuse_amps;
      bar.high = meter.fuse_amps * 0.9;
      bar.value = meter.amps[n];
      setText(amps, meter.nulls ? "–" : `${meter.amps[n].toFixed(0)} A`);
    });
    this.draw(meter);
    setText(this.note, note(meter));
  }

  draw(meter) {
    const key = meter.past.length ? meter.past[meter.past.length - 1][0] : "";
    if (this.key === key) return;
    this.key = key;
    const most = Math.max(meter.limit_kw, ...meter.past.map(([, kw]) => kw)) * 1.05;
    const step = WIDTH / Math.max(1, meter.past.length - 1);
    const height = (kw) => HEIGHT - (kw / most) * HEIGHT;
    const points = meter.past.map(([, kw], n) => `${(n * step).toFixed(1)},${height(kw).toFixed(1)}`);
    this.curve.setAttribute("points", points.join(" "));
    for (const [name, value] of Object.entries({ x1: 0, x2: WIDTH, y1: height(meter.limit_kw), y2: height(meter.limit_kw) })) {
      this.fuse.setAttribute(name, value);
    }
    const since = meter.past.length ? ` since ${this.context.time(new Date(meter.past[0][0]))}` : "";
    this.picture.setAttribute("aria-label", `Power of the building${since}, at most ${most.toFixed(0)} kW; dashed: the limit`);
  }
}

function note(meter) {
  if (meter.stalled) return "The meter sends nothing.";
  if (meter.refused) return `The meter's readings aren't taken: ${meter.refused}`;
  return meter.forced ? "The amps are set by hand." : "";
}
