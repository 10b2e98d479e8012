// The car park: stations, and their ports drawn as bays with cars.
import { capitalized, draw, make, paint, setOptions, setText } from "./dom.js";

const WORDS = {
  AVAILABLE: "free",
  INUSE: "in use",
  UNREACHABLE: "out of reach",
  UNKNOWN: "unknown",
};
const STRANGER = "";

/** Draws what `/practice/state` says; `act(station, port, what, body)` does what was clicked. */
export class CarPark {
  constructor(place, act) {
    this.place = place;
    this.act = act;
    this.cards = new Map();
    this.driver = "";
  }

  /** A button of the port where somebody's car is. */
  find(driver, what) {
    return [...this.cards.values()].find((card) => card.driver === driver)?.[what];
  }

  /** The driver that a free port offers to plug in, until another is chosen there. */
  offer(driver) {
    this.driver = driver;
    for (const card of this.cards.values()) if (!card.chosen) card.who.value = driver;
  }

  update(ports, drivers) {
    ports.forEach((port, at) => {
      const key = `${port.station}/${port.port}`;
      if (!this.cards.has(key)) this.cards.set(key, this.build(port, at + 1));
      this.show(this.cards.get(key), port, drivers);
    });
  }

  build(port, number) {
    const card = { chosen: false, number };
    const button = (what, label, body) => {
      const made = make("button", { type: "button", data: { testid: what } }, label);
      made.setAttribute("aria-label", `${label}: port ${number}`);
      made.addEventListener("click", () => this.act(port.station, port.port, what, body && body()));
      return made;
    };
    card.who = make("select", { data: { testid: "who" }, "aria-label": `Who plugs in at port ${number}` });
    card.who.addEventListener("change", () => (card.chosen = true));
    card.plug = button("plug", "Plug in", () => {
      card.chosen = false;
      return { driver: card.who.value === STRANGER ? null : card.who.value };
    });
    card.unplug = button("unplug", "Unplug");
    card.full = button("full", "Full");
    card.unreachable = button("unreachable", "Lose sight");
    card.reachable = button("reachable", "Regain sight");
    card.status = make("span", { class: "pill" });
    card.name = make("strong", { class: "name", data: { testid: "occupant" } });
    card.load = make("span", { class: "kw" });
    card.cap = make("span", { class: "cap" });
    card.meter = make("span", { class: "meter", "aria-hidden": "true" }, make("i"));
    card.bay = make("div", { class: "bay" }, make("span", { class: "cable" }), draw("car", "car"), card.name);
    card.element = make(
      "article",
      { class: "port", data: { testid: `port-${port.station}-${port.port}` }, "aria-label": `Port ${number}` },
      make("header", {}, make("h4", {}, `Port ${number}`), card.status),
      card.bay,
      make("p", { class: "power" }, card.load, card.meter, card.cap),
      make("div", { class: "acts" }, card.who, card.plug, card.unplug, card.full, card.unreachable, card.reachable),
    );
    this.station(port.station).append(card.element);
    return card;
  }

  station(id) {
    const there = [...this.place.children].find((each) => each.dataset.station === id);
    if (there) return there.lastChild;
    const title = make("h3", {}, make("span", { class: "pedestal", "aria-hidden": "true" }), `Station ${id}`);
    const ports = make("div", { class: "ports" });
    this.place.append(make("section", { class: "station", data: { station: id } }, title, ports));
    return ports;
  }

  show(card, port, drivers) {
    const dark = port.status === "UNREACHABLE";
    const taken = port.status === "INUSE" || port.driver !== null || port.load_kw > 0;
    const flows = port.load_kw > 0;
    const { dataset } = card.element;
    if (card.taken && !taken) card.chosen = false;
    card.taken = taken;
    card.driver = port.driver;
    Object.assign(dataset, { status: port.status, taken, flows, capped: isCapped(port) });
    setText(card.status, WORDS[port.status] || port.status);
    setText(card.name, taken ? (port.driver ? capitalized(port.driver) : "a stranger") : dark ? "" : "free");
    if (taken) paint(card.bay, port.driver || "?");
    setText(card.load, taken ? `${port.load_kw.toFixed(1)} kW` : "");
    card.meter.firstChild.style.inlineSize = `${Math.min(100, (port.load_kw / 6.6) * 100)}%`;
    card.meter.hidden = !taken;
    setText(card.cap, cap(port));
    setOptions(card.who, [...drivers.map((name) => [name, name]), [STRANGER, "a stranger"]]);
    if (!card.chosen && document.activeElement !== card.who) card.who.value = this.driver;
    this.offerActs(card, taken, dark);
  }

  /** Only what can be done now; who stood on a button that goes stays in the card. */
  offerActs(card, taken, dark) {
    const shown = { who: !taken, plug: !taken, unplug: taken, full: taken, unreachable: !dark, reachable: dark };
    const focused = document.activeElement;
    for (const [what, visible] of Object.entries(shown)) card[what].hidden = !visible;
    if (card.element.contains(focused) && focused.hidden) card[taken ? "unplug" : "plug"].focus();
  }
}

function isCapped(port) {
  return port.allowed_kw !== null || port.percent !== null;
}

function cap(port) {
  if (port.allowed_kw !== null) return `at most ${port.allowed_kw} kW`;
  return port.percent === null ? "" : `${port.percent} % less`;
}
