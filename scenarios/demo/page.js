// What the live page does in the browser: pictures by plotly, and vehicles, queues and work moved on the SVG map.
window.corridor = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const symbols = {
    baseline: "M-7,0a7,7 0 1,0 14,0a7,7 0 1,0 -14,0",
    advance: "M-6.5,-6.5h13v13h-13z",
    recognition: "M0,-9L9,0L0,9L-9,0z",
  };

  function dark() { return document.body.classList.contains("body--dark"); }

  function colours(layout) {
    if (!dark()) return layout;
    const text = "#eef2f6", paper = "#12181f", rule = "#3a4653";
    const copy = structuredClone(layout);
    copy.paper_bgcolor = copy.plot_bgcolor = paper;
    copy.font = { ...copy.font, color: text };
    for (const key of Object.keys(copy)) {
      if (/^[xy]axis/.test(key)) copy[key] = { ...copy[key], gridcolor: rule, linecolor: text, tickcolor: rule };
    }
    for (const note of copy.annotations || []) note.font = { ...note.font, color: text };
    return copy;
  }

  // The pictures' script is large: it is fetched with the first picture, so that no page waits for it.
  let fetched = null;
  function plotly() {
    fetched ??= new Promise((done) => {
      const script = document.createElement("script");
      script.src = "/corridor/plotly.min.js";
      script.onload = done;
      document.head.append(script);
    });
    return fetched;
  }

  const wanted = {};

  // Draws or redraws a picture. A zoom that the visitor chose is kept (uirevision).
  async function picture(id, figure) {
    wanted[id] = figure;
    if (!window.Plotly) await plotly();
    const place = document.getElementById(id);
    const latest = wanted[id];
    delete wanted[id];
    if (!place || !latest) return;
    const layout = colours({ uirevision: id, ...latest.layout, autosize: true });
    Plotly.react(place, latest.data, layout, { displaylogo: false, responsive: true, modeBarButtonsToRemove: ["toImage", "lasso2d", "select2d"] });
  }

  function restyle(id, update, traces) {
    const place = document.getElementById(id);
    if (place && place.data && window.Plotly) Plotly.restyle(place, update, traces);
  }

  function zoom(id, x, y) {
    const place = document.getElementById(id);
    if (!place || !place.layout || !window.Plotly) return;
    const change = x ? { "xaxis.range": x, "yaxis.range": y } : { "xaxis.autorange": true, "yaxis.autorange": true };
    Plotly.relayout(place, change);
  }

  // vehicles: [name, arm, x, y, standing, title]; marks: [number, bucket, text, [[arm, waiting], …]]
  function map(id, vehicles, marks) {
    const root = document.getElementById(id);
    if (!root) return;
    const group = root.querySelector(".c-vehicles");
    const seen = new Set();
    for (const [name, arm, x, y, standing, title] of vehicles) {
      const key = `${arm}-${name}`;
      seen.add(key);
      let mark = group.querySelector(`[data-key="${CSS.escape(key)}"]`);
      if (!mark) {
        mark = document.createElementNS(SVG, "g");
        mark.dataset.key = key;
        const shape = document.createElementNS(SVG, "path");
        shape.setAttribute("d", symbols[arm] || symbols.baseline);
        const text = document.createElementNS(SVG, "title");
        mark.append(text, shape);
        group.append(mark);
      }
      mark.setAttribute("class", `c-vehicle c-arm-${arm}${standing ? " c-standing" : ""}`);
      mark.style.transform = `translate(${x}px, ${y}px)`;
      mark.querySelector("title").textContent = title;
    }
    for (const mark of [...group.children]) if (!seen.has(mark.dataset.key)) mark.remove();
    for (const [number, bucket, text, queues] of marks) {
      const mark = root.querySelector(`#c-mark-${number}`);
      if (!mark) continue;
      mark.dataset.bucket = bucket;
      mark.querySelector(".c-doing").textContent = text;
      const circle = mark.querySelector("circle");
      const bars = mark.querySelector(".c-queues");
      bars.replaceChildren(...queues.map(([arm, waiting], place) => {
        const bar = document.createElementNS(SVG, "rect");
        const high = Math.min(waiting, 40) * 2;
        bar.setAttribute("x", +circle.getAttribute("cx") - 13 + 9 * place);
        bar.setAttribute("y", +circle.getAttribute("cy") - 12 - high);
        bar.setAttribute("width", 7);
        bar.setAttribute("height", high);
        bar.setAttribute("class", `c-arm-${arm}`);
        return bar;
      }));
    }
  }

  // Names of countries in the visitor's language, as the browser knows them.
  function countries(language) {
    const names = new Intl.DisplayNames([language], { type: "region" });
    for (const place of document.querySelectorAll("[data-country]")) place.textContent = names.of(place.dataset.country);
    for (const place of document.querySelectorAll("[data-country-title]")) place.title = names.of(place.dataset.countryTitle);
  }

  // Says in the visitor's language that the connection is lost; shown and taken away by the page itself.
  function lost(text) {
    document.addEventListener("DOMContentLoaded", () => {
      const notice = document.getElementById("popup");
      if (!notice) return;
      notice.setAttribute("role", "alert");
      const [first, second] = notice.querySelectorAll("span");
      first.textContent = text;
      second.remove();
    });
  }

  return { picture, restyle, zoom, map, countries, lost };
})();
