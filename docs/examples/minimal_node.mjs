// The least that takes Kazakhstan's place in a run, with nothing but Node.js (18.3 or later), against Corridor's HTTP
// API alone (docs/outside.md). It does what minimal_node.py does:
//
//     node docs/examples/minimal_node.mjs --port 8643
//     corridor run china_europe_transit_fi --set services.KZ.url=http://127.0.0.1:8643 --arm recognition -r 1 \
//         --set "delivery.late_share=0 %"
//
// It registers what carriers file, and asks for a scan where China made none. It tells its partners nothing, so that
// all goods must be told of by China (the last line). outside_node.mjs does the rest.

import { createServer } from "node:http";
import { createHash, createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { parseArgs } from "node:util";

const options = { port: { type: "string", default: "8643" }, clock: { type: "string", default: "stepped" } };
const { port, clock } = parseArgs({ options }).values; // stepped by POST /time, paced by Pix-Time, or live
const LONGEST = 4 * 1024 * 1024; // bytes of a message
const NEEDED = { ARR: ["Office", "Presentation"], CTR: ["Office", "Presentation", "Form"] };
const TAG = /([^<]*)<(\/?)([A-Za-z]\w*)([^<>]*)>/gy; // the text before a tag, and the tag
const DEEPEST = 64;

let [told, ahead] = [0, 0]; // the latest time heard, and how far it is from this machine's: milliseconds
const answers = new Map(); // sender and message id → digest and answer, for a sender that did not get it
const cases = new Map(); // by UCR

function refuse(status, why, headers = {}) {
  throw Object.assign(new Error(why), { status, headers });
}

const b64 = (data) => Buffer.from(data).toString("base64url");
const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const now = () => (clock === "stepped" ? told : Date.now() + ahead);
const text = (time) => new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
const element = (fields) => Object.entries(fields).map(([name, value]) => `<${name}>${value}</${name}>`).join("");

// Return the demo key of a member. Everybody has it, so it is good on one machine only.
function key(member) {
  const secret = sha256(`corridor demo trust, loopback only: ${member}`);
  const der = Buffer.from(`302e020100300506032b657004220420${secret}`, "hex"); // PKCS #8 of an Ed25519 key
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}

// Return a signed token with its payload in it.
function signed(payload, more) {
  const both = `${b64(JSON.stringify({ alg: "Ed25519", kid: "demo-KZ", ...more }))}.${b64(payload)}`;
  return `${both}.${b64(sign(null, Buffer.from(both), key("KZ")))}`;
}

// Return who signed a token, and its header. With `payload` the token is detached, and over that.
function verified(token, payload) {
  try {
    const [head, body, signature] = token.split(".");
    const header = JSON.parse(Buffer.from(head, "base64url"));
    const member = header.kid.replace(/^demo-/, "");
    const whole = Buffer.from(`${head}.${payload ? b64(payload) : body}`);
    const good = header.alg === "Ed25519" && !("crit" in header);
    const theirs = createPublicKey(key(member));
    if (good && verify(null, whole, theirs, Buffer.from(signature, "base64url"))) return [member, header];
  } catch {} // what cannot be read is no token
  refuse(401, "the signature does not hold", { "WWW-Authenticate": "Pix" });
}

function hear(time) {
  const heard = Date.parse(time);
  if (Number.isNaN(heard)) refuse(400, "write a time as 2018-03-05T00:00:00Z");
  told = Math.max(told, heard);
  if (clock === "paced") ahead = told - Date.now();
}

// Return the texts of a message by element: those right below its root, and those of its header. This is no parser for
// any XML there is: it refuses what it does not know, as a DOCTYPE.
function read(data) {
  const xml = new TextDecoder("utf-8", { fatal: true }).decode(data);
  const rest = xml.replace(/<\?.*?\?>|<!--.*?-->/gs, "").trim();
  const [found, open] = [{}, []];
  let at = 0;
  for (const [tag, value, closes, name, attributes] of rest.matchAll(TAG)) {
    at += tag.length;
    if (!closes) {
      if (!open.length) found.root = attributes;
      if (open.push(name) > DEEPEST) break;
    } else {
      if (open.pop() !== name) break;
      if (open.length === 1 || (open.length === 2 && open[1] === "Header")) found[name] = value;
      if (open.length) continue;
      if (at < rest.length) break;
      return found.root.includes('xmlns="urn:corridor:pix:1"') ? found : refuse(422, "it is of another message set");
    }
  }
  refuse(400, "this is no XML to be read here");
}

// Return the answer to a post or a trader: code, kind and body. Your own system goes here.
function work({ UCR, MessageType: code, Sender: sender, Office, Presentation, Form }, goods) {
  if (!sender.startsWith("KZ.")) goods.made.push(Form); // a partner tells, among other things, of controls it made
  else if (code === "ADV") {
    const [year, month, day] = text(now()).slice(2, 10).split("-");
    const number = `KZ/${day}${month}${year}/${sha256(UCR).slice(0, 9).toUpperCase()}`;
    return ["REG", "RegistrationResult", element({ Result: "REGISTERED", PINumber: number })];
  } else if (code === "ARR" || code === "CTR") {
    const wanted = goods.made.includes("SCAN") ? ["DOCUMENTARY"] : ["DOCUMENTARY", "SCAN"];
    goods.left = code === "ARR" ? wanted : goods.left.filter((one) => one !== Form);
    const controls = goods.left.map((one, index) => {
      const extent = one === "DOCUMENTARY" ? "CHECK" : "FULL";
      return element({ RequiredControl: element({ SequenceNumber: index + 1, Form: one, Extent: extent }) });
    });
    return ["CTD", "ControlDecision", element({ Office, Presentation, BeforeArrival: false }) + controls.join("")];
  }
}

// Return a signed message to the sender of `cause`, about its goods.
function reply({ UCR, MessageID, Sender }, goods, [code, kind, body]) {
  const ordinal = ++goods.ordinal;
  const id = sha256(`KZ/${UCR}/${ordinal}`).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-5$3-8$4-$5");
  const head = { MessageID: id, MessageType: code, CorrelationID: MessageID, Sender: "KZ", Recipient: Sender };
  const whole = element({ Header: element({ ...head, SentAt: text(now()), Ordinal: ordinal }), UCR }) + body;
  const message = `<${kind} xmlns="urn:corridor:pix:1" schemaVersion="1.0">${whole}</${kind}>`;
  const token = signed(message, { iat: Math.floor(now() / 1000) });
  return { message, signature: token.replace(/\..*\./, "..") }; // detached
}

// Take one message in: believe its signature, read it, receipt it, and answer it.
function messages(headers, data) {
  const [sender, { iat = 0 }] = verified(headers["pix-signature"], data);
  hear(headers["pix-time"] ?? text(told));
  const message = read(data);
  if (message.Sender !== sender || message.Recipient !== "KZ") refuse(403, `it is not from ${sender} to KZ`);
  const [place, digest] = [`${sender} ${message.MessageID}`, sha256(data)];
  const known = answers.get(place);
  if (known && known.digest !== digest) refuse(409, "this id was used for other bytes");
  if (known) return [known.answer, 202, { "Pix-Replayed": "true" }];
  if (Math.abs(iat * 1000 - now()) > 300_000) refuse(401, "it was not signed within five minutes of now");
  const needed = ["MessageID", "UCR", "MessageType", ...(NEEDED[message.MessageType] ?? [])];
  const missing = needed.filter((name) => !message[name]);
  if (missing.length) refuse(422, `it lacks ${missing.join(", ")}`);
  if (!cases.has(message.UCR)) cases.set(message.UCR, { made: [], left: [], ordinal: 0 });
  const goods = cases.get(message.UCR);
  const receipt = { message: message.MessageID, sender, sha256: digest, recipient: "KZ", time: text(now()) };
  Object.assign(receipt, { position: answers.size + 1, hash: "0".repeat(64) });
  const answer = { receipt: signed(JSON.stringify(receipt), { typ: "pix-receipt" }) };
  const found = work(message, goods);
  answer.replies = found ? [reply(message, goods, found)] : [];
  answers.set(place, { digest, answer });
  return [answer, 202];
}

// Move the clock as the operator says. A node that sends by itself would send what is due.
function time({ authorization = "" }, data) {
  if (verified(authorization.replace(/^Pix /, ""))[0] !== "KZ.OPERATOR") refuse(403, "this is the operator's");
  hear(JSON.parse(data).now);
  return [{ now: text(now()), next_due: null, partners: {} }];
}

const health = () => [{ status: "ok", node: "KZ", stepped: clock === "stepped", now: text(now()) }];
const routes = { "GET /health": health, "POST /messages": messages };
if (clock === "stepped") routes["POST /time"] = time;

// Answer a request; each refusal is a problem document (RFC 9457). Pix-Next-Due says when a node has something to send.
const server = createServer(async (request, response) => {
  const parts = [];
  let [size, answer] = [0, null];
  for await (const part of request) if ((size += part.length) <= LONGEST) parts.push(part);
  try {
    const handle = routes[`${request.method} ${request.url}`];
    if (!handle) refuse(404, "there is no such place");
    if (size > LONGEST) refuse(413, `a message has at most ${LONGEST} bytes`);
    answer = handle(request.headers, Buffer.concat(parts));
  } catch (error) {
    const { status = 400, headers, message } = error; // 400: garbage
    const problem = { type: "about:blank", title: "Refused", status, detail: message, errors: [{ text: message }] };
    answer = [problem, status, { "Content-Type": "application/problem+json", ...headers }];
  }
  const [value, status = 200, more] = answer;
  response.writeHead(status, { "Content-Type": "application/json", "Pix-Next-Due": "none", ...more });
  response.end(JSON.stringify(value));
});
server.listen(Number(port), "127.0.0.1", () => console.log(`KZ listens at http://127.0.0.1:${port}`));
