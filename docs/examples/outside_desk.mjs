// What the service of outside_node.mjs decides: put your own system here.
//
// It registers what carriers file, asks for a scan only where the service before made none, recognises control results
// that are offered to it, and tells arrivals and crossings to the service that the goods came from.

import { createHash } from "node:crypto";

const AGREED = ["CN", "KZ", "RU", "FI"];
const INFORMATION = "china-europe-transit-information";
const RECOGNITION = "china-europe-transit-recognition";
const HEADER = ["MessageID", "MessageType", "Sender", "Recipient", "SentAt", "Ordinal"];
const NEEDED = {
  ADV: ["Office", "Kind"],
  ARR: ["Office", "Presentation", "ArrivedAt"],
  CTR: ["Office", "Form", "Extent", "Result"],
  NCF: ["Office", "CrossedAt"],
  WRO: ["MRN", "Result"],
};
const DEEPEST = 64;

export const text = (time) => time.toISOString().replace(/\.\d+Z$/, "Z");
const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const element = (fields) => Object.entries(fields).map(([name, value]) => `<${name}>${value}</${name}>`).join("");

// Read what is needed of a message: its root, and the texts of header and body. Not a parser for any XML there is: what
// it does not know, as a DOCTYPE or an entity, it refuses. Throws.
export function read(xml) {
  const rest = xml.replace(/<\?.*?\?>|<!--.*?-->/gs, "");
  const found = { root: "", attributes: "", head: {}, body: {} };
  const open = [];
  let at = 0;
  for (const tag of rest.matchAll(/([^<]*)<(\/?)([A-Za-z]\w*)([^<>]*)>/g)) {
    const [whole, value, closes, name, more] = tag;
    if (tag.index !== at || (at && !open.length)) break;
    at += whole.length;
    if (!closes) {
      if (!open.length) Object.assign(found, { root: name, attributes: more });
      open.push(name);
      if (open.length > DEEPEST) throw new Error("elements nested too deep");
    } else {
      if (open.pop() !== name) throw new Error(`</${name}> closes nothing`);
      if (open.length === 2 && open[1] === "Header") found.head[name] = value.trim();
      if (open.length === 1) found.body[name] = value.trim();
    }
  }
  if (!found.root || open.length || rest.slice(at).trim()) throw new Error("no XML that this node can read");
  return found;
}

// Return what is wrong with a message: what this service could not work with. A real one has the schemas for that.
export function faults(me, { attributes, head, body }) {
  const wrong = [...HEADER.filter((name) => !head[name]), ...(NEEDED[head.MessageType] ?? []).filter((n) => !body[n])];
  const found = wrong.map((name) => `${name} is missing`);
  if (!attributes.includes('xmlns="urn:corridor:pix:1"') || !/schemaVersion="1\.[01]"/.test(attributes))
    found.push("another message set than urn:corridor:pix:1, versions 1.0 and 1.1");
  if (head.Recipient !== me) found.push(`this is ${me}, the message is for somebody else`);
  return found;
}

// now() tells the time; send(recipient, message) takes what goes to a partner.
export class Desk {
  constructor(me, partners, now, send) {
    Object.assign(this, { me, partners, now, send, cases: new Map() });
  }

  // Return why this sender may not send this message; nothing if it may.
  mayNot({ Sender, MessageType }) {
    const [service, name = ""] = Sender.split(".");
    if (service !== this.me && (name || !AGREED.includes(service)))
      return ["no-agreement", `no agreement links ${this.me} with ${Sender}`];
    const trader = service === this.me && !/^\d+$/.test(name);
    if (name === "OPERATOR" || trader !== (MessageType === "ADV"))
      return ["role", `${MessageType} is not for ${Sender} to send`];
    return null;
  }

  // Do what a message asks for; return the immediate replies to a post or trader.
  work({ head, body }) {
    const ucr = body.UCR;
    if (!this.cases.has(ucr)) this.cases.set(ucr, { filed: [], mrn: null, offers: [], sides: new Map(), ordinal: 0 });
    const goods = this.cases.get(ucr);
    const copy = (...names) => element(Object.fromEntries(names.map((name) => [name, body[name] ?? ""])));
    const make = (kind, code, to, content, more = {}, on = head.MessageID) => {
      goods.ordinal += 1;
      const hash = sha256(`${this.me}/${ucr}/${goods.ordinal}`);
      const id = hash.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-5$3-8$4-$5");
      const start = { MessageID: id, MessageType: code, CorrelationID: on, Sender: this.me, Recipient: to };
      const end = { TestIndicator: "true", FallbackIndicator: "false" };
      const header = { ...start, SentAt: text(this.now()), Ordinal: goods.ordinal, ...more, ...end };
      return (
        `<${kind} xmlns="urn:corridor:pix:1" schemaVersion="1.0"><Header>${element(header)}</Header>` +
        `<UCR>${ucr}</UCR>${content}</${kind}>`
      );
    };
    const reply = (kind, code, content) => [make(kind, code, head.Sender, content)];
    const reject = (code, why) => {
      const error = { SequenceNumber: 1, ErrorClass: 2, Code: code, Severity: "ERROR", Text: why };
      return reply("FunctionalRejection", "NCK", element({ FunctionalError: element(error) }));
    };
    const decide = (controls) => {
      const start = copy("Office", "Presentation") + element({ NotificationType: 0, BeforeArrival: false });
      const each = controls.map(([form, extent], index) =>
        element({ RequiredControl: element({ SequenceNumber: index + 1, Form: form, Extent: extent }) }),
      );
      return reply("ControlDecision", "CTD", start + each.join(""));
    };
    const tell = (kind, code, ...names) => {
      if (!goods.mrn || !this.partners.CN) return;
      const content = element({ MRN: goods.mrn }) + copy(...names);
      this.send("CN", make(kind, code, "CN", content, { AgreementID: INFORMATION }));
    };
    const recognise = ({ id, of, names }, stage) => {
      const decided = { Office: "99101", Outcome: "ACCEPTED", Stage: stage, DecidedAt: text(this.now()) };
      const under = { AgreementID: RECOGNITION };
      this.send(of, make("RecognitionResponse", "RCG", of, names + element(decided), under, id));
    };
    const side = `${body.Office} ${body.Presentation}`;
    const required = goods.sides.get(side);
    if (head.MessageType === "ATR") goods.mrn = body.MRN;
    if (head.MessageType === "CTR" && this.partners[head.Sender]) {
      const names = element({ ControlResultID: head.MessageID }) + copy("ActNumber", "Form");
      goods.offers.push({ id: head.MessageID, of: head.Sender, form: body.Form, names });
      recognise(goods.offers.at(-1), "CONDITIONAL");
    }
    if (!head.Sender.startsWith(`${this.me}.`)) return [];
    switch (head.MessageType) {
      case "ADV": {
        if (goods.filed.includes(body.Office)) {
          const why = { Code: "DUPLICATE", Text: `These goods have been filed for office ${body.Office} already.` };
          return reply("RegistrationResult", "REG", element({ Result: "REFUSED", Reason: element(why) }));
        }
        goods.filed.push(body.Office);
        const day = text(this.now()).slice(2, 10).split("-").reverse().join("");
        const number = `${this.me}/${day}/${sha256(`${ucr}/${body.Office}`).slice(0, 9).toUpperCase()}`;
        return reply("RegistrationResult", "REG", element({ Result: "REGISTERED", PINumber: number }));
      }
      case "ARR": {
        if (!goods.filed.length && !goods.mrn) return reject(90, "Nobody told of these goods.");
        if (required) return reject(92, "These goods have arrived here already.");
        for (const offer of goods.offers) recognise(offer, "CONFIRMED");
        tell("ArrivalAdvice", "ARR", "Office", "Presentation", "ArrivedAt");
        const controls = [["DOCUMENTARY", goods.mrn ? "CHECK" : "CAPTURE_AND_CHECK"]];
        if (!goods.offers.some((offer) => offer.form === "SCAN")) controls.push(["SCAN", "FULL"]);
        goods.sides.set(side, controls);
        return decide(controls);
      }
      case "CTR": {
        const left = (required ?? []).filter(([form, extent]) => form !== body.Form || extent !== body.Extent);
        if (left.length === (required ?? []).length) return reject(92, "This control is not required here.");
        goods.sides.set(side, left);
        return decide(left);
      }
      case "NCF":
        if (!required || required.length) return reject(92, "The goods may not leave: they are not cleared.");
        tell("NotificationOfCrossing", "NCF", "Office", "Presentation", "CrossedAt");
        return [];
      default:
        return [];
    }
  }
}
