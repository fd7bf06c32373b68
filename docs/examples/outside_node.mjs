// A customs service of Kazakhstan with nothing but Node.js (18 or later), against Corridor's HTTP API alone
// (docs/outside.md):
//
//     node docs/examples/outside_node.mjs --port 8643 CN=http://127.0.0.1:8641
//     corridor run china_europe_transit_fi --set services.KZ.url=http://127.0.0.1:8643 --arm recognition -r 1
//
// It does what outside_node.py beside it does. It keeps everything in memory, reads the few fields it needs from XML
// with regular expressions, and trusts the fixed demo keys that are good on one machine only: a real node keeps a
// ledger, has keys of its own, and reads XML with a parser.

import { createServer } from "node:http";
import { createHash, createPrivateKey, createPublicKey, sign, verify } from "node:crypto";

const ME = "KZ";
const INFORMATION = "china-europe-transit-information";
const RECOGNITION = "china-europe-transit-recognition";
const LONGEST = 4 * 1024 * 1024;

const b64 = (data) => Buffer.from(data).toString("base64url");
const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const text = (time) => time.toISOString().replace(/\.\d+Z$/, "Z");
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

function detached(payload, time) {
  const [head, , signature] = signed(payload, { iat: seconds(time) }).split(".");
  return `${head}..${signature}`;
}

// Return whose token this is and what it claims; throw if it does not hold. With a payload it is a detached one.
function verified(token, payload) {
  const [head, body, signature] = token.split(".");
  const header = JSON.parse(Buffer.from(head, "base64url"));
  if (header.alg !== "Ed25519" || !/^demo-[A-Z]{2}(\.[A-Z0-9-]+)?$/.test(header.kid)) throw new Error("unknown key");
  const member = header.kid.slice("demo-".length);
  const whole = Buffer.from(`${head}.${payload === undefined ? body : b64(payload)}`);
  if (!verify(null, whole, createPublicKey(keyOf(member)), Buffer.from(signature, "base64url")))
    throw new Error("the signature does not fit the bytes and the key");
  return { member, claims: payload === undefined ? JSON.parse(Buffer.from(body, "base64url")) : header };
}

const state = { now: new Date(0), answers: new Map(), cases: new Map(), outbox: [], partners: {}, stepped: true };

function caseOf(ucr) {
  if (!state.cases.has(ucr)) state.cases.set(ucr, { mrn: null, offers: [], ordinal: 0 });
  return state.cases.get(ucr);
}

// Do what a message asks for; return the immediate replies to a post or trader.
function work(xml, head) {
  const get = (name) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? "";
  const copy = (...names) => names.map((name) => `<${name}>${get(name)}</${name}>`).join("");
  const ucr = get("UCR");
  const goods = caseOf(ucr);
  const make = (root, kind, to, body, agreement = "", on = head.MessageID) => {
    goods.ordinal += 1;
    const hash = sha256(`${ME}/${ucr}/${goods.ordinal}`);
    const id = hash.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-5$3-8$4-$5");
    const under = agreement && `<AgreementID>${agreement}</AgreementID>`;
    return (
      `<${root} xmlns="urn:corridor:pix:1" schemaVersion="1.0"><Header><MessageID>${id}</MessageID>` +
      `<MessageType>${kind}</MessageType><CorrelationID>${on}</CorrelationID><Sender>${ME}</Sender>` +
      `<Recipient>${to}</Recipient><SentAt>${text(state.now)}</SentAt><Ordinal>${goods.ordinal}</Ordinal>${under}` +
      `<TestIndicator>true</TestIndicator><FallbackIndicator>false</FallbackIndicator></Header>` +
      `<UCR>${ucr}</UCR>${body}</${root}>`
    );
  };
  const send = (to, message) => state.outbox.push({ due: new Date(state.now.getTime() + 1000), to, message });
  const recognise = (offer, stage) => {
    const body =
      `<ControlResultID>${offer.id}</ControlResultID><ActNumber>${offer.act}</ActNumber><Form>${offer.form}</Form>` +
      `<Office>99101</Office><Outcome>ACCEPTED</Outcome><Stage>${stage}</Stage>` +
      `<DecidedAt>${text(state.now)}</DecidedAt>`;
    send(offer.from, make("RecognitionResponse", "RCG", offer.from, body, RECOGNITION, offer.id));
  };
  const tell = (root, kind, body) => {
    if (!goods.mrn || !state.partners.CN) return;
    send("CN", make(root, kind, "CN", `<MRN>${goods.mrn}</MRN>${body}`, INFORMATION));
  };
  const decision = (...controls) => {
    const required = controls.map(
      ([form, extent], index) =>
        `<RequiredControl><SequenceNumber>${index + 1}</SequenceNumber><Form>${form}</Form>` +
        `<Extent>${extent}</Extent></RequiredControl>`,
    );
    const body = "<NotificationType>0</NotificationType><BeforeArrival>false</BeforeArrival>";
    return make("ControlDecision", "CTD", head.Sender, copy("Office", "Presentation") + body + required.join(""));
  };
  const ours = head.Sender.startsWith(`${ME}.`);
  switch (head.MessageType) {
    case "ADV": {
      const day = text(state.now).slice(2, 10).split("-").reverse().join("");
      const number = `${ME}/${day}/${sha256(ucr).slice(0, 9).toUpperCase()}`;
      const body = `<Result>REGISTERED</Result><PINumber>${number}</PINumber>`;
      return [make("RegistrationResult", "REG", head.Sender, body)];
    }
    case "ATR":
      goods.mrn = get("MRN");
      return [];
    case "CTR": {
      if (ours) return [decision()];
      const offer = { id: head.MessageID, act: get("ActNumber"), form: get("Form"), from: head.Sender };
      goods.offers.push(offer);
      if (state.partners[offer.from]) recognise(offer, "CONDITIONAL");
      return [];
    }
    case "ARR": {
      if (!ours) return [];
      for (const offer of goods.offers) if (state.partners[offer.from]) recognise(offer, "CONFIRMED");
      tell("ArrivalAdvice", "ARR", copy("Office", "Presentation", "ArrivedAt"));
      const papers = ["DOCUMENTARY", goods.mrn ? "CHECK" : "CAPTURE_AND_CHECK"];
      const scanned = goods.offers.some((offer) => offer.form === "SCAN");
      return [scanned ? decision(papers) : decision(papers, ["SCAN", "FULL"])];
    }
    case "NCF":
      if (ours) tell("NotificationOfCrossing", "NCF", copy("Office", "Presentation", "CrossedAt"));
      return [];
    default:
      return [];
  }
}

const refusal = (status, why) => [status, { type: "about:blank", title: why, status, detail: why, errors: [] }];
const isDue = (row) => !state.stepped || row.due <= state.now;
const nextDue = () => (state.outbox.length ? text(new Date(Math.min(...state.outbox.map((row) => row.due)))) : null);

function take(request, data) {
  const told = request.headers["pix-time"] && new Date(request.headers["pix-time"]);
  if (told) state.now = state.stepped ? new Date(Math.max(state.now, told)) : told;
  let member;
  try {
    ({ member } = verified(request.headers["pix-signature"] ?? "", data));
  } catch (error) {
    return refusal(401, `the signature does not hold: ${error.message}`);
  }
  const xml = data.toString("utf8");
  const header = /<Header>(.*?)<\/Header>/s.exec(xml)?.[1];
  if (header === undefined || xml.includes("<!DOCTYPE")) return refusal(400, "not a message, or a DOCTYPE");
  const fields = [...header.matchAll(/<(\w+)>([^<]*)<\/\1>/g)];
  const head = Object.fromEntries(fields.map(([, name, value]) => [name, value]));
  if (head.Sender !== member) return refusal(403, `the key is ${member}'s`);
  const place = `${member} ${head.MessageID}`;
  const known = state.answers.get(place);
  if (known && known.digest !== sha256(data)) return refusal(409, "this id was used for other bytes");
  if (known) return [202, known.answer, true];
  const receipt = {
    message: head.MessageID, sender: member, sha256: sha256(data), recipient: ME,
    time: text(state.now), position: state.answers.size + 1, hash: "0".repeat(64),
  };
  const replies = work(xml, head).map((message) => ({ message, signature: detached(message, state.now) }));
  const answer = { receipt: signed(JSON.stringify(receipt), { typ: "pix-receipt" }), replies };
  state.answers.set(place, { digest: sha256(data), answer });
  return [202, answer];
}

async function step(request, data) {
  try {
    const { member, claims } = verified((request.headers.authorization ?? "").replace(/^Pix /, ""));
    if (member !== `${ME}.OPERATOR` || claims.method !== "POST" || claims.path !== "/time")
      return refusal(403, `${member} does not step this node`);
  } catch (error) {
    return refusal(401, `the credential does not hold: ${error.message}`);
  }
  const told = JSON.parse(data);
  const now = new Date(told.now);
  state.now = told.back && state.outbox.length === 0 ? now : new Date(Math.max(state.now, now));
  await deliver();
  return [200, { now: text(state.now), next_due: nextDue(), partners: {} }];
}

// Send what is due, in order. A partner that does not take it now gets it in a minute, signed anew.
async function deliver() {
  const due = state.outbox.filter(isDue);
  state.outbox = state.outbox.filter((row) => !due.includes(row));
  for (const row of due) {
    const headers = { "Content-Type": "application/xml", "Pix-Time": text(state.now) };
    headers["Pix-Signature"] = detached(row.message, state.now);
    try {
      const url = `${state.partners[row.to]}/messages`;
      const signal = AbortSignal.timeout(10000);
      const answer = await fetch(url, { method: "POST", body: row.message, headers, signal });
      if (answer.status >= 500 || answer.status === 429) throw new Error(`answered ${answer.status}`);
      if (answer.status !== 202) console.log(`${row.to} refused a message of ours: ${await answer.text()}`);
    } catch {
      state.outbox.push({ ...row, due: new Date(row.due.getTime() + 60000) });
    }
  }
}

async function body(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    if ((size += part.length) > LONGEST) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

const server = createServer(async (request, response) => {
  const data = await body(request);
  const health = { status: "ok", node: ME, stepped: state.stepped, now: text(state.now) };
  let found = refusal(404, "there is no such place");
  if (data === null) found = refusal(413, `a message has at most ${LONGEST} bytes`);
  else if (request.url === "/health") found = [200, health];
  else if (request.url === "/messages" && request.method === "POST") found = take(request, data);
  else if (request.url === "/time" && state.stepped) found = await step(request, data);
  const [status, value, replayed] = found;
  const headers = { "Content-Type": status < 400 ? "application/json" : "application/problem+json" };
  if (state.stepped) headers["Pix-Next-Due"] = nextDue() ?? "none";
  if (replayed) headers["Pix-Replayed"] = "true";
  response.writeHead(status, headers).end(JSON.stringify(value));
});

const given = process.argv.slice(2);
const port = given.includes("--port") ? Number(given[given.indexOf("--port") + 1]) : 8643;
state.partners = Object.fromEntries(given.filter((one) => one.includes("=")).map((one) => one.split("=")));
state.stepped = !given.includes("--live");
if (!state.stepped) {
  state.now = new Date();
  setInterval(deliver, 50);
}
server.listen(port, "127.0.0.1", () => console.log(`${ME} listens at http://127.0.0.1:${server.address().port}`));
