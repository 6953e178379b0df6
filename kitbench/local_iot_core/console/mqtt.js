"use strict";
// MQTT 3.1.1 as far as a test client needs it: CONNECT, SUBSCRIBE, UNSUBSCRIBE, PUBLISH with QoS 0 and 1, PING.
// Source: OASIS MQTT 3.1.1. One instance is one connection.

const CONNACK = 2, PUBLISH = 3, PUBACK = 4, SUBACK = 9;
const encoder = new TextEncoder(), decoder = new TextDecoder();

function text(value) {
  const bytes = encoder.encode(value);
  return [bytes.length >> 8, bytes.length & 255, ...bytes];
}

function packet(head, body) {
  const size = [];
  let rest = body.length;
  do { size.push((rest % 128) | (rest > 127 ? 128 : 0)); rest = Math.floor(rest / 128); } while (rest);
  return new Uint8Array([head, ...size, ...body]);
}

class MqttClient {
  /** handlers: opened(), closed(why), message({topic, payload, qos, retain}), subscribed(id, codes) */
  constructor(url, clientId, handlers) {
    this.handlers = handlers;
    this.nextId = 1;
    this.buffer = new Uint8Array();
    this.socket = new WebSocket(url, "mqtt");
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = () => this.send(packet(0x10, [...text("MQTT"), 4, 2, 0, 60, ...text(clientId)]));
    this.socket.onmessage = (event) => this.take(new Uint8Array(event.data));
    this.socket.onclose = () => { clearInterval(this.pinging); handlers.closed(); };
    this.pinging = setInterval(() => this.send(packet(0xc0, [])), 30000);
  }

  send(bytes) { if (this.socket.readyState === WebSocket.OPEN) this.socket.send(bytes); }

  id() { this.nextId = this.nextId % 65535 + 1; return [this.nextId >> 8, this.nextId & 255]; }

  subscribe(filter, qos) { this.send(packet(0x82, [...this.id(), ...text(filter), qos])); return this.nextId; }

  unsubscribe(filter) { this.send(packet(0xa2, [...this.id(), ...text(filter)])); }

  publish(topic, payload, qos, retain) {
    const head = 0x30 | (qos << 1) | (retain ? 1 : 0);
    this.send(packet(head, [...text(topic), ...(qos ? this.id() : []), ...encoder.encode(payload)]));
  }

  take(bytes) {
    const joined = new Uint8Array(this.buffer.length + bytes.length);
    joined.set(this.buffer); joined.set(bytes, this.buffer.length);
    this.buffer = joined;
    for (let whole; (whole = this.cut()); ) this.handle(whole.head, whole.body);
  }

  cut() {
    let size = 0, factor = 1, at = 1;
    for (;; at++, factor *= 128) {
      if (at >= this.buffer.length || at > 4) return null;
      size += (this.buffer[at] & 127) * factor;
      if (!(this.buffer[at] & 128)) break;
    }
    const start = at + 1;
    if (this.buffer.length < start + size) return null;
    const whole = { head: this.buffer[0], body: this.buffer.slice(start, start + size) };
    this.buffer = this.buffer.slice(start + size);
    return whole;
  }

  handle(head, body) {
    const kind = head >> 4;
    if (kind === CONNACK) this.handlers.opened();
    if (kind === SUBACK) this.handlers.subscribed(body[0] << 8 | body[1], [...body.slice(2)]);
    if (kind === PUBLISH) this.handlePublish(head, body);
    if (kind === PUBACK) this.handlers.published?.();
  }

  handlePublish(head, body) {
    const length = body[0] << 8 | body[1], qos = head >> 1 & 3;
    const start = 2 + length + (qos ? 2 : 0);
    if (qos) this.send(packet(0x40, [...body.slice(2 + length, start)]));
    this.handlers.message({
      topic: decoder.decode(body.slice(2, 2 + length)), payload: body.slice(start), qos, retain: Boolean(head & 1),
    });
  }
}
