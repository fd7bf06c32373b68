// A customs service of Kazakhstan in one file, with nothing but Node.js (18.3 or later), against Corridor's HTTP API
// alone (docs/outside.md). It does what outside_node.py does:
//
//     node docs/examples/outside_node.mjs --port 8643 CN=http://127.0.0.1:8641 RU=http://127.0.0.1:8644
//     corridor run china_europe_transit_fi --set services.KZ.url=http://127.0.0.1:8643 --arm recognition -r 1
//
//     node docs/examples/outside_node.mjs --port 8643 CN=http://127.0.0.1:8479/CN
//     corridor conform http://127.0.0.1:8643 --as KZ --level basic        (which plays China, at 8479)
//
// Everything is kept in memory, and the keys are the demo keys.

import { createServer } from "node:http";
import { createHash, createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { parseArgs } from "node:util";

const options = { port: { type: "string", default: "8643" }, clock: { type: "string", default: "stepped" } };
const given = parseArgs({ options, allowPositionals: true });
const { port, clock } = given.values; // stepped by POST /time, paced by Pix-Time, or live by this machine's clock
const PARTNERS = Object.fromEntries(given.positionals.map((one) => one.split("=")));
const LONGEST = 4 * 1024 * 1024; // bytes of a message
const SENT = {
  REG: "RegistrationResult", CTD: "ControlDecision", NCK: "FunctionalRejection",
  RCG: "RecognitionResponse", AAR: "AnticipatedArrivalRecord", ARR: "ArrivalAdvice", NCF: "NotificationOfCrossing",
}; // prettier-ignore
const AGREED = { RCG: "china-europe-transit-recognition", AAR: "eaeu-law" }; // what partners are told, and under what
AGREED.ARR = AGREED.NCF = "china-europe-transit-information";
const [ENTRY, EXIT] = ["99101", "99206010"]; // our office, and the one where goods leave the customs union, in Russia
const SERVICES = ["CN", "RU", "FI"]; // who is agreed with
const HEADER = ["MessageID", "MessageType", "Sender", "Recipient", "UCR"];
const NEEDED = { ADV: ["Office"], ARR: ["Office", "Presentation"], CTR: ["Form"], NCF: ["Office", "Presentation"] };
const TAG = /([^<]*)<(\/?)([A-Za-z]\w*)([^<>]*)>/g;
const DEEPEST = 64;

let [told, ahead] = [0, 0]; // the latest time heard, and how far it is from this machine's: milliseconds
const answers = new Map(); // sender and id → { digest, answer }, for a retry
const outbox = []; // { due, to, message }, in the order to send
const cases = new Map(); // by UCR

class Refused extends Error {}

function refuse(status, code, why, headers = {}) {
  throw Object.assign(new Refused(why), { status, code, headers });
}

const b64 = (data) => Buffer.from(data).toString("base64url");
const unb64 = (text) => Buffer.from(text, "base64url");
const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const now = () => (clock === "stepped" ? told : Date.now() + ahead);
const text = (time) => new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
const element = (fields) => Object.entries(fields).map(([name, value]) => `<${name}>${value}</${name}>`).join("");

// Return the demo key of a member: PKCS #8 is a fixed beginning and the 32 bytes of an Ed25519 key.
function key(kid) {
  const secret = sha256(`corridor demo trust, loopback only: ${kid.replace(/^demo-/, "")}`);
  const der = Buffer.from(`302e020100300506032b657004220420${secret}`, "hex");
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}

function signed(payload, more = {}) {
  const header = { alg: "Ed25519", kid: "demo-KZ", iat: Math.floor(now() / 1000), ...more };
  const both = `${b64(JSON.stringify(header))}.${b64(payload)}`;
  return `${both}.${b64(sign(null, Buffer.from(both), key("demo-KZ")))}`;
}

const detached = (message) => signed(message).replace(/\..*\./, "..");

// Return whose token this is, and what it says: its payload; of a signature over `payload`, its header.
function verified(token, payload) {
  try {
    const [head, body, signature, more] = token.split(".");
    const header = JSON.parse(unb64(head));
    const whole = Buffer.from(`${head}.${payload === undefined ? body : b64(payload)}`);
    const form = more === undefined && (payload === undefined || (body === "" && Number.isInteger(header.iat)));
    if (!form || header.alg !== "Ed25519" || "crit" in header) throw new Error("it is not as agreed");
    if (!verify(null, whole, createPublicKey(key(header.kid)), unb64(signature))) throw new Error("it does not hold");
    return [header.kid.replace(/^demo-/, ""), payload === undefined ? JSON.parse(unb64(body)) : header];
  } catch (error) {
    refuse(401, "signature", error.message, { "WWW-Authenticate": "Pix" });
  }
}

function timeOf(value) {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) ? Date.parse(value) : NaN;
  if (Number.isNaN(time)) refuse(400, "bad-time", "write a time as 2018-03-05T00:00:00Z");
  return time;
}

function hear(time, back = false) {
  told = back ? time : Math.max(told, time);
  if (clock === "paced") ahead = told - Date.now();
}

// Return the texts of a message by element: those right below its root, and those of its header. This is no parser for
// any XML there is: what it does not know, as a DOCTYPE or an entity, it refuses.
function read(xml) {
  const rest = xml.replace(/<\?.*?\?>|<!--.*?-->/gs, "");
  const found = {};
  const open = [];
  let at = 0;
  for (const one of rest.matchAll(TAG)) {
    const [tag, value, closes, name, attributes] = one;
    if (one.index !== at || (at && !open.length) || open.length > DEEPEST) break;
    at += tag.length;
    if (!closes) {
      if (!open.length) found.root = attributes;
      open.push(name);
    } else {
      if (open.pop() !== name) break;
      if (open.length === 1 || (open.length === 2 && open[1] === "Header")) found[name] = value.trim();
    }
  }
  if (!at || open.length || rest.slice(at).trim()) refuse(400, "not-xml", "this is no XML to be read here");
  found.Consignment = /<Consignment>.*<\/Consignment>/s.exec(rest)?.[0] ?? ""; // this one whole, as it stands
  return found.root.includes('xmlns="urn:corridor:pix:1"') ? found : {};
}

// Return a movement reference number: year, country, thirteen characters, and the check digit of ISO 6346.
function movementNumber(ucr, year) {
  const number = `${year}KZ${String(parseInt(sha256(ucr).slice(0, 12), 16)).padStart(15, "0").slice(-13)}`;
  const values = [...number].map((one) => ({ K: 21, Z: 38 })[one] ?? Number(one));
  return `${number}${(values.reduce((sum, value, place) => sum + value * 2 ** place, 0) % 11) % 10}`;
}

// Return a message about the goods of `cause`, the message that it follows from.
function write(to, code, body, { UCR, MessageID }) {
  const ordinal = ++cases.get(UCR).ordinal;
  const id = sha256(`KZ/${UCR}/${ordinal}`).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-5$3-8$4-$5");
  const head = { MessageID: id, MessageType: code, CorrelationID: MessageID, Sender: "KZ", Recipient: to };
  Object.assign(head, { SentAt: text(now()), Ordinal: ordinal });
  if (AGREED[code]) head.AgreementID = AGREED[code];
  const whole = element({ Header: element(head), UCR }) + body;
  return `<${SENT[code]} xmlns="urn:corridor:pix:1" schemaVersion="1.0">${whole}</${SENT[code]}>`;
}

// Yield what a message leads to: recipient, code and body of each answer. Your own system goes here.
function* work(message) {
  const { UCR, MessageID, MessageType: code, Sender: sender, Office, Presentation, Form, Extent, MRN } = message;
  if (!cases.has(UCR)) cases.set(UCR, { filed: [], mrn: "", made: [], required: {}, consignment: "", ordinal: 0 });
  const goods = cases.get(UCR);
  if (code === "ATR") goods.mrn = MRN;
  if (code === "CTR" && PARTNERS[sender]) { // a control made before is offered, and recognised
    goods.made.push(Form);
    const decided = { Office: ENTRY, Outcome: "ACCEPTED", Stage: "CONDITIONAL", DecidedAt: text(now()) };
    yield [sender, "RCG", element({ ControlResultID: MessageID, ActNumber: message.ActNumber, Form, ...decided })];
  }
  if (!sender.startsWith("KZ.") || !["ADV", "ARR", "CTR", "NCF"].includes(code)) return;
  const side = element({ Office, Presentation });
  const required = goods.required[side];
  const control = required?.findIndex((one) => one.Form === Form && one.Extent === Extent) ?? -1;
  if (code === "ADV" && goods.filed.includes(Office)) {
    const why = { Code: "DUPLICATE", Text: "These goods have been filed for this office already." };
    yield [sender, "REG", element({ Result: "REFUSED", Reason: element(why) })];
  } else if (code === "ADV") {
    goods.filed.push(Office);
    goods.consignment = message.Consignment;
    const day = text(now()).slice(2, 10).split("-").reverse().join("");
    const number = `KZ/${day}/${sha256(`${UCR} ${Office}`).slice(0, 9).toUpperCase()}`;
    yield [sender, "REG", element({ Result: "REGISTERED", PINumber: number })];
  } else if (code === "ARR" && !required && (goods.filed.length || goods.mrn)) {
    const scan = goods.made.includes("SCAN") ? [] : [{ Form: "SCAN", Extent: "FULL" }];
    goods.required[side] = [{ Form: "DOCUMENTARY", Extent: "CHECK" }, ...scan];
    if (goods.mrn) yield ["CN", "ARR", element({ MRN: goods.mrn }) + side + element({ ArrivedAt: message.ArrivedAt })];
  } else if (code === "CTR" && control >= 0) {
    required.splice(control, 1);
    if (!required.length && !goods.mrn) {
      const movement = { MRN: movementNumber(UCR, text(now()).slice(2, 4)), DepartureOffice: ENTRY };
      const released = { DestinationOffice: EXIT, ReleasedAt: text(now()), ControlResult: "A2" };
      yield ["RU", "AAR", element({ ...movement, ...released }) + goods.consignment];
    }
  } else if (code === "NCF" && required?.length === 0) {
    if (goods.mrn) yield ["CN", "NCF", element({ MRN: goods.mrn }) + side + element({ CrossedAt: message.CrossedAt })];
  } else {
    const error = { SequenceNumber: 1, ErrorClass: 2, Code: code === "ARR" && !required ? 90 : 92, Severity: "ERROR" };
    const why = element({ ...error, Text: "This cannot be, as things stand with these goods." });
    yield [sender, "NCK", element({ FunctionalError: why })];
    return;
  }
  if (code !== "ARR" && code !== "CTR") return;
  const left = goods.required[side].map((one, index) => element({ SequenceNumber: index + 1, ...one }));
  const list = left.map((one) => element({ RequiredControl: one })).join("");
  yield [sender, "CTD", side + element({ BeforeArrival: false }) + list];
}

// Take one message in; the order of the refusals is that of docs/conform.md.
function messages({ headers, headersDistinct }, data) {
  for (const name of ["pix-signature", "pix-time"])
    if (headersDistinct[name]?.length > 1) refuse(400, "bad-header", `${name} came twice`);
  const time = headers["pix-time"] === undefined ? told : timeOf(headers["pix-time"]);
  const kind = /^application\/xml(; *charset=utf-8)?$/i.test(headers["content-type"]);
  if (!kind || headers["content-encoding"]) refuse(415, "media-type", "send application/xml in UTF-8, as it is");
  if (data.length > LONGEST) refuse(413, "too-large", `a message has at most ${LONGEST} bytes`);
  const [sender, { iat }] = verified(headers["pix-signature"] ?? "", data);
  hear(time);
  let message;
  try {
    message = read(new TextDecoder("utf-8", { fatal: true }).decode(data));
  } catch (error) {
    refuse(400, "not-xml", error.message);
  }
  if ((message.Sender ?? sender) !== sender) refuse(403, "sender", `the key is ${sender}'s`);
  const [place, digest] = [`${sender} ${message.MessageID}`, sha256(data)];
  const known = answers.get(place);
  if (known && known.digest !== digest) refuse(409, "conflict", "this id was used for other bytes");
  if (known) return [202, known.answer, { "Pix-Replayed": "true" }];
  if (Math.abs(iat * 1000 - now()) > 300_000) refuse(401, "window", "signed more than five minutes from now");
  const missing = [...HEADER, ...(NEEDED[message.MessageType] ?? [])].filter((name) => !message[name]);
  if (missing.length) refuse(422, "invalid", `it lacks ${missing.join(", ")}`);
  const version = /schemaVersion="1\.[01]"/.test(message.root);
  if (message.Recipient !== "KZ" || !version) refuse(422, "invalid", "it is not for KZ, or not of version 1.0 or 1.1");
  const [service, name = ""] = sender.split(".");
  const agreed = service === "KZ" || (!name && SERVICES.includes(service));
  if (!agreed) refuse(403, "no-agreement", `no agreement links KZ with ${sender}`);
  const trader = service === "KZ" && !/^\d+$/.test(name);
  if (name === "OPERATOR" || trader !== (message.MessageType === "ADV"))
    refuse(403, "role", `${message.MessageType} is not for ${sender} to send`);
  const replies = [];
  for (const [to, code, body] of work(message)) {
    const one = write(to, code, body, message);
    if (to.startsWith("KZ.")) replies.push({ message: one, signature: detached(one) });
    else if (PARTNERS[to]) outbox.push({ due: now() + 1000, to, message: one });
  }
  const receipt = { message: message.MessageID, sender, sha256: digest, recipient: "KZ", time: text(now()) };
  Object.assign(receipt, { position: answers.size + 1, hash: "0".repeat(64) });
  const answer = { receipt: signed(JSON.stringify(receipt), { typ: "pix-receipt" }), replies };
  answers.set(place, { digest, answer });
  return [202, answer];
}

// Move the clock as the operator says, and send what is due.
async function step({ headers }, data) {
  const [member] = verified((headers.authorization ?? "").replace(/^Pix /, ""));
  if (member !== "KZ.OPERATOR") refuse(403, "forbidden", "only the operator tells the time");
  let asked;
  try {
    asked = JSON.parse(data);
  } catch {
    refuse(400, "bad-body", 'write {"now": "2018-03-05T00:00:00Z"}');
  }
  hear(timeOf(asked?.now), asked.back && !outbox.length); // a new run begins earlier
  await deliver();
  return [200, { now: text(now()), next_due: outbox.length ? text(outbox[0].due) : null, partners: {} }];
}

// Return whether an answer holds the recipient's receipt for this message.
async function receipted(answer, to, message) {
  try {
    const [signer, receipt] = verified((await answer.json()).receipt);
    return signer === to && receipt.sha256 === sha256(message);
  } catch {
    return false;
  }
}

// Send what is due, in order. What a partner does not take now it gets again two seconds later.
async function deliver() {
  while (outbox.length && outbox[0].due <= now()) {
    const { to, message } = outbox[0];
    const proof = { "Pix-Time": text(now()), "Pix-Signature": detached(message) };
    const request = { method: "POST", body: message, headers: { "Content-Type": "application/xml", ...proof } };
    request.signal = AbortSignal.timeout(10_000);
    outbox[0].due = now() + 2000;
    const answer = await fetch(`${PARTNERS[to]}/messages`, request).catch(() => null);
    const refused = answer && answer.status >= 400 && answer.status < 500 && answer.status !== 429; // for good
    if (refused || (answer?.status === 202 && (await receipted(answer, to, message)))) outbox.shift();
  }
}

const health = () => [200, { status: "ok", node: "KZ", stepped: clock === "stepped", now: text(now()) }];
const ROUTES = { "/health": ["GET", health], "/messages": ["POST", messages] };
if (clock === "stepped") ROUTES["/time"] = ["POST", step];

async function answered(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) if ((size += part.length) <= LONGEST + part.length) parts.push(part);
  const [method, handle] = ROUTES[request.url] ?? [];
  if (!handle) refuse(404, "not-found", "there is no such place");
  if (request.method !== method) refuse(405, "method", `write ${method}`, { Allow: method });
  return handle(request, Buffer.concat(parts));
}

const server = createServer(async (request, response) => {
  const [status, value, more] = await answered(request).catch((error) => {
    if (!(error instanceof Refused)) console.log(error); // a fault of this node
    const { status = 500, code = "internal", headers } = error;
    const problem = { type: `urn:corridor:problem:${code}`, title: code, status, detail: error.message };
    return [status, { ...problem, errors: [{ text: error.message }] }, headers];
  });
  const headers = { "Content-Type": status < 400 ? "application/json" : "application/problem+json", ...more };
  if (clock === "stepped") headers["Pix-Next-Due"] = outbox.length ? text(outbox[0].due) : "none";
  response.writeHead(status, headers).end(JSON.stringify(value));
});

async function sending() {
  await deliver();
  setTimeout(sending, 50);
}

if (clock !== "stepped") sending();
server.listen(Number(port), "127.0.0.1", () => console.log(`KZ listens at http://127.0.0.1:${port}`));
