"use strict";
// What the page does. Everything that came from a client is set as text, never as HTML.

const MOST_MESSAGES = 500;
const byId = (id) => document.getElementById(id);
const subscriptions = new Set();
let client = null, lastState = "";

function element(name, className, content) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (content !== undefined) made.textContent = content;
  return made;
}

function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

function shown(payload) {
  const text = new TextDecoder().decode(payload);
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { /* no JSON */ }
  const printable = [...text].every((c) => c >= " " || c === "\n" || c === "\t" || c === "\r");
  return printable && !text.includes("\ufffd") ? text : [...payload].map((b) => b.toString(16).padStart(2, "0")).join(" ");
}

function addMessage(message) {
  const item = element("li");
  const head = element("div", "message-head");
  head.append(element("b", "", message.topic), element("time", "", new Date().toLocaleTimeString()));
  head.append(element("span", "", `QoS ${message.qos}${message.retain ? ", retained" : ""}`));
  item.append(head, element("pre", "", shown(message.payload)));
  byId("messages").prepend(item);
  while (byId("messages").children.length > MOST_MESSAGES) byId("messages").lastChild.remove();
  byId("no-messages").hidden = true;
}

function showSubscriptions() {
  byId("subscriptions").replaceChildren(...[...subscriptions].map((filter) => {
    const item = element("li", "chip", filter);
    const button = element("button", "", "\u00d7");
    button.type = "button";
    button.ariaLabel = `Unsubscribe from ${filter}`;
    button.onclick = () => { client.unsubscribe(filter); subscriptions.delete(filter); showSubscriptions(); };
    item.append(button);
    return item;
  }));
}

function sayLink(className, text) { Object.assign(byId("link"), { className, textContent: text }); }

function say(text) { byId("said").textContent = text; }

function connect() {
  const url = new URL("mqtt", location.href);
  url.protocol = "ws:";
  client = new MqttClient(url, `test-client-${crypto.getRandomValues(new Uint32Array(1))[0].toString(16)}`, {
    opened() { sayLink("good", "connected"); subscriptions.forEach((filter) => client.subscribe(filter, 1)); },
    closed() { sayLink("bad", "not connected"); setTimeout(connect, 1500); },
    message: addMessage,
    subscribed(_id, codes) { if (codes.some((code) => code > 2)) say("The subscription was refused."); },
  });
}

byId("subscribe").onsubmit = (event) => {
  event.preventDefault();
  const filter = byId("filter").value.trim();
  if (!filter) return;
  client.subscribe(filter, 1);
  subscriptions.add(filter);
  showSubscriptions();
  say(`Subscribed to ${filter}.`);
};

byId("publish").onsubmit = (event) => {
  event.preventDefault();
  client.publish(byId("topic").value, byId("payload").value, byId("qos1").checked ? 1 : 0, byId("retain").checked);
  say(`Published to ${byId("topic").value}.`);
};

byId("clear").onclick = () => { byId("messages").replaceChildren(); byId("no-messages").hidden = false; };

function table(id, rows, cells, empty) {
  const body = byId(id);
  body.replaceChildren(...rows.map((row) => {
    const line = element("li");
    cells(row).forEach(([className, content]) => content && line.append(element("span", className, content)));
    return line;
  }));
  if (!rows.length) body.append(element("li", "empty", empty));
}

const short = (text) => text && text.length > 16 ? `${text.slice(0, 12)}\u2026` : text;
const words = (event) => event.replaceAll("_", " ");

function show(state) {
  byId("endpoint").textContent = `${state.about.mqtt}`;
  const billed = Object.values(state.billed).reduce((sum, n) => sum + n, 0);
  byId("billed").textContent = `${billed} billable messages`;
  byId("billed").title = Object.entries(state.billed).map(([kind, n]) => `${words(kind)}: ${n}`).join(", ");
  table("clients", state.clients, (c) => [["name", c.client_id],
    ["id", c.principal === "this page" ? "this page" : `certificate ${short(c.principal)}`],
    ["note", c.subscriptions.join(", ")]], "Nobody is connected.");
  table("refusals", state.refusals, (r) => [["time", new Date(r.time).toLocaleTimeString()], ["what", words(r.event)],
    ["name", r.client_id || r.rule || r.address || ""], ["note", [r.topic, r.reason].filter(Boolean).join(" \u2014 ")]],
    "Nothing was refused.");
  table("things", state.things, (t) => [["name", t.name], ["note", t.certificates.map((c) =>
    `${short(c.id)} ${c.status}, ${c.policies.length ? `policies ${c.policies.join(", ")}` : "no policy"}`).join("; ")
    || "no certificate"]], "There is no thing.");
  table("policies", state.policies, (p) => [["name", p.name], ["code", pretty(p.document)]], "There is no policy.");
  table("rules", state.rules, (r) => [["name", r.name], ["what", r.enabled ? "" : "switched off"], ["code", r.sql]],
    "There is no rule.");
  table("rows", state.tables.flatMap((t) => t.rows.map((row) => ({ table: t.name, row }))), (r) =>
    [["name", r.table], ["code", JSON.stringify(r.row)]], "There is no row.");
}

async function refresh() {
  try {
    const answer = await fetch("state.json");
    const text = await answer.text();
    if (answer.ok && text !== lastState) { lastState = text; show(JSON.parse(text)); }
  } catch { /* the local IoT core has ended: the line above says so */ }
  setTimeout(refresh, 1000);
}

connect();
refresh();
