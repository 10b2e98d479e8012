// The practice page: looks every half second, and changes only what has changed.
import { CarPark } from "./carpark.js";
import { get, post, Refused } from "./control.js";
import { capitalized, know, make, paint, setOptions, setText } from "./dom.js";
import { Faults } from "./faults.js";
import { Feed } from "./feed.js";
import { Board } from "./board.js";
import { Forms } from "./forms.js";
import { Home } from "./home.js";
import { Building } from "./building.js";
import { PLATFORMS, platformOf } from "./platforms.js";

const EVERY = 500; // milliseconds between looks
const BACKLOG = 500; // posts read when the page opens
const $ = (id) => document.getElementById(id);
const whoami = $("whoami");
const input = $("say-input");

const context = { people: {}, names: new Set(), platforms: {}, zone: "UTC", time: (moment) => clockTime(moment) };
const unread = new Map(); // direct messages that others have not seen, by name
const typed = []; // what was typed, for the arrow keys
let recalled = 0;
let unseen = 0; // posts since the channel was last on a narrow screen

const feed = new Feed($("messages"), { context, press });
const board = new Board($("board"), { context, press });
const park = new CarPark($("stations"), act);
const building = new Building($("building"), context);
const faults = new Faults($("switches"), $("faulty"), attempt);

const forms = new Forms($("form"), { context, send: (values) => screen({ form: values }), leave: () => screen({ close: true }) });
const home = new Home($("home"), { context, press: (action) => screen({ home: true, action }) });

function clockTime(moment) {
  return moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: context.zone });
}

function dayTime(moment) {
  const day = moment.toLocaleDateString("en", { weekday: "short", timeZone: context.zone });
  const time = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: context.zone };
  return `${day} ${moment.toLocaleTimeString("en", time)}`;
}

let silence = 0;

/** Say for a while what went wrong. */
function tell(words) {
  setText($("status"), words);
  clearTimeout(silence);
  if (words) silence = setTimeout(() => tell(""), 8000);
}

/** Do something that may be refused, say so if it is, and look at once. */
async function attempt(doing) {
  try {
    tell("");
    await doing();
  } catch (error) {
    tell(error.message);
  }
  await look();
}

function press(n, action) {
  return screen({ n, action });
}

/** Press, choose or send something; a form may stand before us then. */
function screen(what) {
  const driver = whoami.value;
  return attempt(async () => {
    const done = await post("press", { driver, ...what });
    if (done.error && what.form) tell(done.error);
    if (driver === whoami.value) forms.show(done.form, context.platforms[driver]);
  });
}

const isHome = () => document.body.dataset.screen === "home";

/** The messages, or the Home tab, which is opened anew each time. */
function showScreen(name) {
  document.body.dataset.screen = name;
  for (const button of document.querySelectorAll("[data-screen]")) {
    button.setAttribute("aria-pressed", String(button.dataset.screen === name));
  }
  $("home").hidden = name !== "home";
  $("messages").hidden = $("say").hidden = name === "home";
  if (name === "home") attempt(() => home.open(whoami.value));
  else feed.settle(true);
}

function act(station, port, what, body) {
  return attempt(() => post(`ports/${encodeURIComponent(station)}/${encodeURIComponent(port)}/${what}`, body));
}

let looking = null;

/** One look at a time; who asks meanwhile waits for the next. */
async function look() {
  while (looking) await looking;
  looking = see().finally(() => (looking = null));
  return looking;
}

async function see() {
  try {
    const state = await get("state");
    if (context.run && context.run !== state.run) return location.reload(); // another car park
    if (!whoami.value) open(state);
    const posts = await get(`messages?after=${feed.last}`);
    showState(state);
    showPosts(posts);
    board.update(await get("board"), whoami.value);
    await faults.look();
    if (isHome()) await home.look(whoami.value);
    document.body.classList.remove("lost");
  } catch (error) {
    document.body.classList.add("lost");
    const outside = error instanceof Refused || error instanceof TypeError; // as fetch fails
    if (!outside) throw error;
  }
}

/** The first look: who there is, and where to begin reading. */
function open(state) {
  know(state.drivers);
  setOptions(whoami, state.drivers.map((name) => [name, name === state.admin ? `${name} (admin)` : name]));
  const before = sessionStorage.getItem("whoami");
  whoami.value = state.drivers.includes(before) ? before : state.drivers[0];
  feed.last = Math.max(0, state.last - BACKLOG);
  const { people, platforms, timezone: zone } = state;
  Object.assign(context, { people, platforms, zone, names: new Set(state.drivers), run: state.run, direct: state.direct, home: state.home });
  $("restart").hidden = !state.can_restart;
  become(whoami.value);
  document.body.classList.add("open");
}

function showState(state) {
  const now = $("now");
  now.dateTime = state.now;
  setText(now, dayTime(new Date(state.now)));
  for (const button of document.querySelectorAll("[data-speed]")) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.speed) === state.speed));
  }
  const usual = document.querySelector(`[data-speed="${state.speed}"]`);
  setText($("speed"), usual ? "" : `now ${state.speed}×`);
  park.update(state.ports, state.drivers);
  building.update(state.meter);
  showLine(state.line);
  showPower(state.ports);
  const breaches = state.violations;
  $("violations").hidden = !breaches;
  const whose = [...new Set(Object.values(state.platforms))].map((each) => PLATFORMS[each].name).join(" and ");
  setText($("violations"), `${whose}'s rules were broken ${breaches === 1 ? "once" : `${breaches} times`}`);
}

/** What the building allows, if it is one of the choices and the same everywhere. */
function showPower(ports) {
  const limits = ports.map(({ percent, allowed_kw }) =>
    JSON.stringify(percent !== null ? { percent } : allowed_kw !== null ? { allowed_kw } : {}),
  );
  const shed = $("shed");
  const same = limits.every((limit) => limit === limits[0]);
  if (same && shed !== document.activeElement) shed.value = limits[0];
}

function showLine(names) {
  const line = $("line");
  const key = names.join(" ");
  if (line.dataset.names === key) return;
  line.dataset.names = key;
  const items = names.map((name) => {
    const item = make("li", {}, capitalized(name));
    paint(item, name);
    return item;
  });
  line.replaceChildren(...(items.length ? items : [make("li", { class: "nobody" }, "nobody")]));
}

function showPosts(posts) {
  const opening = unread.size === 0 && !feed.opened;
  feed.opened = true;
  for (const each of feed.add(posts)) {
    const here = platformOf(each) === context.platforms[whoami.value];
    const mine = here && (each.to === "channel" || each.to === whoami.value);
    if (mine && document.body.dataset.tab === "park" && !opening) unseen += 1;
    if (each.to !== "channel" && !mine && !each.ephemeral && !opening) unread.set(each.to, (unread.get(each.to) || 0) + 1);
  }
  showUnread();
}

function showUnread() {
  const count = $("unread");
  count.hidden = !unseen;
  setText(count, String(unseen));
  const mail = $("mail");
  const key = JSON.stringify([...unread]);
  if (mail.dataset.key === key) return;
  mail.dataset.key = key;
  mail.hidden = unread.size === 0;
  mail.replaceChildren("New mail for", ...[...unread].map(([name, n]) => mailFor(name, n)));
}

function mailFor(name, n) {
  const button = make("button", { type: "button", data: { testid: `mail-${name}` } }, `${capitalized(name)} ${n}`);
  button.setAttribute("aria-label", `Become ${name}, who has ${n} new message${n > 1 ? "s" : ""}`);
  button.addEventListener("click", () => {
    become(name);
    whoami.focus();
  });
  paint(button, name);
  return button;
}

function become(name) {
  whoami.value = name;
  const platform = context.platforms[name];
  document.body.dataset.platform = platform;
  setText($("sign"), PLATFORMS[platform].sign);
  setText($("channel"), PLATFORMS[platform].channel);
  setText($("platform"), PLATFORMS[platform].name);
  sessionStorage.setItem("whoami", name);
  const alone = $("say-to").querySelector("[value=bot]");
  alone.disabled = !context.direct.includes(platform);
  if (alone.disabled) $("say-to").value = "channel";
  unread.delete(name);
  feed.show(name);
  $("screens").hidden = $("shortcut").hidden = !context.home.includes(platform);
  showScreen(context.home.includes(platform) && isHome() ? "home" : "channel");
  park.offer(name);
  showUnread();
}

function recall(step) {
  if (!typed.length) return;
  recalled = Math.min(typed.length, Math.max(0, recalled + step));
  input.value = typed[recalled] ?? "";
  input.setSelectionRange(input.value.length, input.value.length);
}

function showTab(tab) {
  document.body.dataset.tab = tab;
  for (const button of document.querySelectorAll(".tabs button")) {
    button.setAttribute("aria-pressed", String(button.dataset.tab === tab));
  }
  if (tab === "chat") {
    unseen = 0;
    showUnread();
    feed.settle(true);
  }
}

whoami.addEventListener("change", () => become(whoami.value));

$("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value.trim();
  if (!text) return;
  if (typed.at(-1) !== text) typed.push(text);
  recalled = typed.length;
  input.value = "";
  attempt(() => post("say", { driver: whoami.value, text, to: $("say-to").value }));
});

input.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
  event.preventDefault();
  recall(event.key === "ArrowUp" ? -1 : 1);
});

for (const button of document.querySelectorAll("[data-screen]")) {
  button.addEventListener("click", () => showScreen(button.dataset.screen));
}
$("shortcut").addEventListener("click", (event) => screen({ shortcut: event.target.dataset.shortcut }));

for (const chip of document.querySelectorAll(".chips button:not([data-shortcut])")) {
  chip.addEventListener("click", () => {
    input.value = `/ev ${chip.textContent}`;
    input.focus();
  });
}

for (const button of document.querySelectorAll("[data-speed]")) {
  button.addEventListener("click", () => attempt(() => post("clock", { speed: Number(button.dataset.speed) })));
}
$("leap").addEventListener("click", () => attempt(() => post("clock", { advance_minutes: 15 })));
$("shed").addEventListener("change", (event) => attempt(() => post("shed", JSON.parse(event.target.value))));

for (const button of document.querySelectorAll(".tabs button")) {
  button.addEventListener("click", () => showTab(button.dataset.tab));
}
showTab("park");

/** The first steps lead to where they are done. */
const STEPS = {
  add() {
    showTab("chat");
    become("ana");
    $("say-to").value = "channel";
    input.value = "/ev add";
    input.focus();
  },
  unplug() {
    showTab("park");
    park.find("bob", "unplug")?.focus();
  },
  plug() {
    become("ana");
    showTab("chat");
    $("messages").focus();
  },
};
for (const button of document.querySelectorAll("[data-step]")) {
  button.addEventListener("click", () => STEPS[button.dataset.step]());
}

$("restart").addEventListener("click", async (event) => {
  event.target.disabled = true;
  setText(event.target, "Starting again …");
  localStorage.removeItem("hint");
  await attempt(() => post("restart"));
});

$("faults").addEventListener("toggle", () => faults.open($("faults").open));

$("hint").hidden = localStorage.getItem("hint") === "off";
$("hint-close").addEventListener("click", () => {
  $("hint").hidden = true;
  localStorage.setItem("hint", "off");
  input.focus();
});

for (;;) {
  await look();
  await new Promise((resolve) => setTimeout(resolve, document.hidden ? EVERY * 4 : EVERY));
}
