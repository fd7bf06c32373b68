// A customs service of Kazakhstan with nothing but Node.js (18.3 or later), against Corridor's HTTP API alone
// (docs/outside.md):
//
//     node docs/examples/outside_node.mjs --port 8643 CN=http://127.0.0.1:8479/CN RU=http://127.0.0.1:8479/RU
//     corridor conform http://127.0.0.1:8643 --as KZ --level basic      (which plays the partners, at 8479)
//
//     node docs/examples/outside_node.mjs --port 8643 CN=http://127.0.0.1:8641 RU=http://127.0.0.1:8644
//     corridor run china_europe_transit_fi --set services.KZ.url=http://127.0.0.1:8643 --arm recognition -r 1
//
// It does what outside_node.py does. This file is the contract: who is believed, receipts, time, sending. What a message
// means stands in outside_desk.mjs. Everything is kept in memory, and the keys are the fixed demo keys that are good on
// one machine only: a real node keeps a ledger, has keys of its own, and holds messages to the schemas.

import { createServer } from "node:http";
import { createHash, createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { parseArgs } from "node:util";
import { Desk, faults, read, text } from "./outside_desk.mjs";

const ME = "KZ";
const [WINDOW, AGAIN, LONGEST] = [300_000, 2_000, 4 * 1024 * 1024]; // milliseconds, milliseconds, bytes

class Refused extends Error {
  constructor(status, code, ...why) {
    super(why.join("; "));
    Object.assign(this, { status, code, why });
  }
}

const b64 = (data) => Buffer.from(data).toString("base64url");
const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const seconds = (time) => Math.floor(time.getTime() / 1000);

// The key of a member: PKCS #8 is a fixed beginning and the 32 bytes of an Ed25519 key.
function keyOf(member) {
  const raw = createHash("sha256").update(`corridor demo trust, loopback only: ${member}`).digest();
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), raw]);
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}

function signed(payload, header) {
  const head = b64(JSON.stringify({ alg: "Ed25519", kid: `demo-${ME}`, ...header }));
  return `${head}.${b64(payload)}.${b64(sign(null, Buffer.from(`${head}.${b64(payload)}`), keyOf(ME)))}`;
}

function detached(payload) {
  const [head, , signature] = signed(payload, { iat: seconds(now()) }).split(".");
  return `${head}..${signature}`;
}

// Return whose token this is and what it claims. With a payload it is a detached one, and its header claims.
function verified(token, payload) {
  try {
    const [head, body, signature, more] = token.split(".");
    const header = JSON.parse(Buffer.from(head, "base64url"));
    const member = /^demo-([A-Z]{2}(\.[A-Z0-9-]+)?)$/.exec(header.kid)?.[1];
    if (header.alg !== "Ed25519" || !member || "crit" in header || more !== undefined) throw new Error("not as agreed");
    if (payload !== undefined && (body !== "" || !Number.isInteger(header.iat))) throw new Error("not as agreed");
    const whole = Buffer.from(`${head}.${payload === undefined ? body : b64(payload)}`);
    if (!verify(null, whole, createPublicKey(keyOf(member)), Buffer.from(signature, "base64url")))
      throw new Error("it is not of these bytes and this key");
    return { member, claims: payload === undefined ? JSON.parse(Buffer.from(body, "base64url")) : header };
  } catch (error) {
    throw new Refused(401, "signature", `the signature does not hold: ${error.message}`);
  }
}

function timeOf(value) {
  const time = new Date(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) ? value : NaN);
  if (Number.isNaN(time.getTime())) throw new Refused(400, "bad-time", "write a time as 2018-03-05T00:00:00Z");
  return time;
}

const options = { port: { type: "string", default: "8643" }, clock: { type: "string", default: "stepped" } };
const given = parseArgs({ options, allowPositionals: true });
const clock = given.values.clock; // stepped (POST /time), paced (what Pix-Time says, going on), or live (this machine's)
const partners = Object.fromEntries(given.positionals.map((one) => one.split("=")));
const state = { told: new Date(0), ahead: 0, answers: new Map(), outbox: [], closed: {} };
const now = () => (clock === "stepped" ? state.told : new Date(Date.now() + state.ahead));
const desk = new Desk(ME, partners, now, (to, message) =>
  state.outbox.push({ due: new Date(now().getTime() + 1000), to, message }),
);

function hear(told) {
  state.told = new Date(Math.max(state.told, told));
  if (clock === "paced") state.ahead = told - Date.now();
}

// Take one message in; the order of the refusals is that of docs/conform.md.
function take(request, data) {
  const { headers, headersDistinct } = request;
  for (const name of ["pix-signature", "pix-time"])
    if (headersDistinct[name]?.length > 1) throw new Refused(400, "bad-header", `${name} came twice`);
  const told = headers["pix-time"] === undefined ? now() : timeOf(headers["pix-time"]);
  const [type, charset] = (headers["content-type"] ?? "").toLowerCase().split(/\s*;\s*charset=/);
  if (type !== "application/xml" || (charset ?? "utf-8") !== "utf-8" || headers["content-encoding"])
    throw new Refused(415, "media-type", "send application/xml in UTF-8, without Content-Encoding");
  if (data === null) throw new Refused(413, "too-large", `a message has at most ${LONGEST} bytes`);
  const { member, claims } = verified(headers["pix-signature"] ?? "", data);
  hear(told);
  let message;
  try {
    message = read(new TextDecoder("utf-8", { fatal: true }).decode(data));
  } catch (error) {
    throw new Refused(400, "not-xml", error.message);
  }
  const { head } = message;
  if ((head.Sender ?? member) !== member) throw new Refused(403, "sender", `the key is ${member}'s`);
  const place = `${member} ${head.MessageID}`;
  const known = state.answers.get(place);
  if (known && known.digest !== sha256(data)) throw new Refused(409, "conflict", "this id was used for other bytes");
  if (known) return [202, known.answer, { "Pix-Replayed": "true" }];
  if (Math.abs(claims.iat * 1000 - now()) > WINDOW) throw new Refused(401, "window", `signed too far from ${text(now())}`);
  const wrong = faults(ME, message);
  if (wrong.length) throw new Refused(422, "invalid", ...wrong);
  const refusal = desk.mayNot(head);
  if (refusal) throw new Refused(403, ...refusal);
  const receipt = {
    message: head.MessageID, sender: member, sha256: sha256(data), recipient: ME,
    time: text(now()), position: state.answers.size + 1, hash: "0".repeat(64),
  };
  const replies = desk.work(message).map((reply) => ({ message: reply, signature: detached(reply) }));
  const answer = { receipt: signed(JSON.stringify(receipt), { typ: "pix-receipt" }), replies };
  state.answers.set(place, { digest: sha256(data), answer });
  return [202, answer];
}

async function step(request, data) {
  const { member, claims } = verified((request.headers.authorization ?? "").replace(/^Pix /, ""));
  if (member !== `${ME}.OPERATOR` || claims.method !== "POST" || claims.path !== "/time")
    throw new Refused(403, "forbidden", `${member} does not step this node`);
  let told;
  try {
    told = JSON.parse(data);
  } catch {
    throw new Refused(400, "bad-body", 'write {"now": "2018-03-05T00:00:00Z"}');
  }
  const time = timeOf(told?.now);
  state.told = told.back && !state.outbox.length ? time : new Date(Math.max(state.told, time));
  await deliver();
  return [200, { now: text(now()), next_due: state.outbox.length ? nextDue() : null, partners: {} }];
}

const dueOf = (row) => Math.max(row.due, state.closed[row.to] ?? 0);
const nextDue = () => text(new Date(Math.min(...state.outbox.map(dueOf))));
let delivering = null;

// Send what is due, in order, one sending at a time. A partner that does not take it now gets it later, signed anew.
function deliver() {
  delivering ??= sendAll().finally(() => (delivering = null));
  return delivering;
}

async function sendAll() {
  for (const row of [...state.outbox]) {
    if (dueOf(row) > now()) continue;
    try {
      await post(row);
      state.outbox.splice(state.outbox.indexOf(row), 1);
    } catch {
      state.closed[row.to] = now().getTime() + AGAIN;
    }
  }
}

// Return when a message is done with: receipted, or refused for good.
async function post({ to, message }) {
  const headers = { "Content-Type": "application/xml", "Pix-Time": text(now()), "Pix-Signature": detached(message) };
  const signal = AbortSignal.timeout(10_000);
  const answer = await fetch(`${partners[to]}/messages`, { method: "POST", body: message, headers, signal });
  if (answer.status >= 500 || answer.status === 429) throw new Error(`answered ${answer.status}`);
  if (answer.status !== 202) return console.log(`${to} refused a message of ours: ${await answer.text()}`);
  const { member, claims } = verified((await answer.json()).receipt);
  if (member !== to || claims.sha256 !== sha256(message)) throw new Error("a receipt of something else");
}

async function bodyOf(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) if ((size += part.length) <= LONGEST) parts.push(part);
  return size > LONGEST ? null : Buffer.concat(parts);
}

const stepped = clock === "stepped";
const PLACES = {
  "/health": ["GET", () => [200, { status: "ok", node: ME, stepped, now: text(now()) }]],
  "/messages": ["POST", take],
  ...(stepped ? { "/time": ["POST", step] } : {}),
};

async function answer(request) {
  const data = await bodyOf(request);
  const [method, handle] = PLACES[request.url] ?? [];
  if (!handle) throw new Refused(404, "not-found", "there is no such place");
  if (request.method !== method) throw Object.assign(new Refused(405, "method", `write ${method}`), { allow: method });
  return handle(request, data);
}

const server = createServer(async (request, response) => {
  const [status, value, more] = await answer(request).catch((error) => {
    const { status, code, why, allow } = error.status ? error : new Refused(500, "internal", "this node has a fault");
    if (status === 500) console.log(error);
    const about = { type: `urn:corridor:problem:${code}`, title: code, status, detail: why.join("; ") };
    const headers = { ...(status === 401 && { "WWW-Authenticate": "Pix" }), ...(allow && { Allow: allow }) };
    return [status, { ...about, errors: why.map((one) => ({ text: one })) }, headers];
  });
  const headers = { "Content-Type": status < 400 ? "application/json" : "application/problem+json", ...more };
  if (stepped) headers["Pix-Next-Due"] = state.outbox.length ? nextDue() : "none";
  response.writeHead(status, headers).end(JSON.stringify(value));
});

if (!stepped) setInterval(deliver, 50);
server.listen(Number(given.values.port), "127.0.0.1", () =>
  console.log(`${ME} listens at http://127.0.0.1:${server.address().port}`),
);
