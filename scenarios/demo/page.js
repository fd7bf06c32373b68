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
    for (const shape of copy.shapes || []) shape.line = { ...shape.line, color: text };
    for (const note of copy.annotations || []) note.font = { ...note.font, color: text };
    return copy;
  }

  // Lines that are dark on paper are light on a dark page.
  function traces(data) {
    if (!dark()) return data;
    const light = { "#4a4a4a": "#c9d0d8", "#0072b2": "#58b4f0", "#1f2933": "#eef2f6" };
    const dots = { ...light, "#c44e00": "#ff9a52" };  // as a line or a bar that colour is also a phase's
    return data.map((trace) => {
      const line = trace.line && { ...trace.line, color: light[trace.line.color] || trace.line.color };
      const dot = trace.mode === "markers" && dots[trace.marker?.color];
      return { ...trace, ...(line && { line }), ...(dot && { marker: { ...trace.marker, color: dot } }) };
    });
  }

  // The pictures' script is large: it is fetched with the first picture, so that no page waits for it.
  let fetched = null, locale = null;
  // How pictures speak: what their buttons say and how their numbers are written, by plotly's own words in English.
  function speak(name, dictionary, decimal, thousands) {
    locale = { moduleType: "locale", name, dictionary, format: { decimal, thousands } };
  }
  function plotly() {
    fetched ??= new Promise((done) => {
      const script = document.createElement("script");
      script.src = "/corridor/plotly.min.js";
      script.onload = () => { if (locale) Plotly.register(locale); done(); };
      document.head.append(script);
    });
    return fetched;
  }

  // Where there is room letters can be read from the back row; where there is little, long titles go over two lines.
  function fitted(layout, width, edge) {
    const wide = width > 460, copy = structuredClone(layout);
    copy.font = { ...copy.font, size: wide ? 14 : 12 };
    copy.showlegend = false;  // it stands above the picture
    const places = copy.yaxis?.ticktext;
    if (places && !wide) copy.yaxis.ticktext = places.map((text) => folded(text, width / 24));
    for (const key of Object.keys(copy)) {
      if (!/^xaxis/.test(key) || !copy[key].title?.text) continue;
      const text = wide ? copy[key].title.text : folded(copy[key].title.text, width / 14);
      copy[key].title = { ...copy[key].title, text, font: { size: wide ? 15 : 12 } };
    }
    for (const note of copy.annotations || []) {
      if (wide) note.font = { ...note.font, size: 14 };
      if (note.name !== "group") continue;
      note.bgcolor = copy.paper_bgcolor;  // no line of the picture goes through a title
      if (edge) note.xshift = 4 - edge;
      if (wide) continue;
      note.font = { ...note.font, size: 11.5 };
      note.text = note.text.replace(/<\/?b>/g, "");
    }
    return copy;
  }

  function folded(text, most) {
    const lines = [""];
    for (const word of text.split(" ")) {
      const last = lines[lines.length - 1];
      if (last && last.length + word.length >= most) lines.push(word);
      else lines[lines.length - 1] = last ? `${last} ${word}` : word;
    }
    return lines.join("<br>");
  }

  const wanted = {}, shown = {}, edges = {}, widths = {};

  // Pictures follow when the visitor turns to dark or light colours.
  document.addEventListener("DOMContentLoaded", () => {
    let was = dark();
    new MutationObserver(() => {
      if (dark() === was) return;
      was = dark();
      for (const [id, figure] of Object.entries(shown)) picture(id, figure);
    }).observe(document.body, { attributeFilter: ["class"] });
  });

  // They also follow when the page gives their place more or less room, as it does for what opens at its side; not for
  // as little as a scroll bar takes, which may come and go with them.
  const room = new ResizeObserver((places) => {
    for (const { target } of places) {
      if (!target.clientWidth || Math.abs(widths[target.id] - target.clientWidth) < 20) continue;
      delete edges[target.id];
      picture(target.id, shown[target.id]);
    }
  });

  // Draws or redraws a picture. A zoom that the visitor chose is kept (uirevision).
  async function picture(id, figure) {
    wanted[id] = figure;
    if (!window.Plotly) await plotly();
    const place = document.getElementById(id);
    const latest = wanted[id];
    delete wanted[id];
    if (!place || !latest) return;
    shown[id] = latest;
    const width = widths[id] = place.clientWidth;
    room.observe(place);
    const layout = fitted(colours({ uirevision: id, ...latest.layout, autosize: true }), width, edges[id]);
    const data = traces(latest.data), legend = place.previousElementSibling;
    if (legend?.classList.contains("c-legend")) corridorLegend.write(legend, id, data, () => picture(id, shown[id]));
    await Plotly.react(place, corridorLegend.kept(id, data), layout, { displaylogo: false, responsive: true, locale: document.documentElement.lang, modeBarButtonsToRemove: ["toImage", "lasso2d", "select2d", "sendChartToCloud"] });
    // names of groups begin at the picture's edge, which is known once it is drawn
    const edge = place._fullLayout._size.l, grouped = (layout.annotations || []).some((note) => note.name === "group");
    if (grouped && shown[id] === latest && Math.abs(edge - (edges[id] || 0)) > 2) {
      edges[id] = edge;
      await picture(id, latest);
    }
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

  // moved: [["arm vehicle", x, y, standing], …]; gone: ["arm vehicle", …];
  // marks: [[number, phase, text, [[arm, waiting], …]], …]. Only what has changed is told.
  function map(id, [moved, gone, marks]) {
    const root = document.getElementById(id);
    const group = root && root.querySelector(".c-vehicles");
    if (!group) return;
    const known = (group.corridorKnown ??= new globalThis.Map());
    for (const [key, x, y, standing] of moved) {
      const cut = key.indexOf(" "), arm = key.slice(0, cut);
      let mark = known.get(key);
      if (!mark) {
        mark = document.createElementNS(SVG, "g");
        const shape = document.createElementNS(SVG, "path");
        shape.setAttribute("d", symbols[arm] || symbols.baseline);
        const text = document.createElementNS(SVG, "title");
        text.textContent = key.slice(cut + 1);
        mark.append(text, shape);
        group.append(mark);
        known.set(key, mark);
      }
      mark.setAttribute("class", `c-vehicle c-arm-${arm}${standing ? " c-standing" : ""}`);
      mark.style.transform = `translate(${x}px, ${y}px)`;
    }
    for (const key of gone) {
      known.get(key)?.remove();
      known.delete(key);
    }
    for (const [number, phase, text, queues] of marks) {
      const mark = root.querySelector(`#c-mark-${number}`);
      if (!mark) continue;
      mark.dataset.bucket = phase;
      mark.querySelector(".c-doing").textContent = text;
      const circle = mark.querySelector("circle");
      const left = +circle.getAttribute("cx") - 13, foot = +circle.getAttribute("cy") - 12;
      const bars = queues.filter(([, waiting]) => waiting > 0).map(([arm, waiting], place) => {
        const bar = document.createElementNS(SVG, "rect");
        const high = 3 + Math.min(waiting, 30) * 1.2;
        for (const [name, value] of Object.entries({ x: left + 9 * place, y: foot - high, width: 7, height: high, class: `c-arm-${arm}` })) {
          bar.setAttribute(name, value);
        }
        return bar;
      });
      const most = Math.max(0, ...queues.map(([, waiting]) => waiting));
      if (most) {
        const count = document.createElementNS(SVG, "text");
        const above = foot - 7 - Math.min(most, 30) * 1.2;
        for (const [name, value] of Object.entries({ x: left + 13, y: above, "text-anchor": "middle", class: "c-count" })) count.setAttribute(name, value);
        count.textContent = most;
        bars.push(count);
      }
      mark.querySelector(".c-queues").replaceChildren(...bars);
    }
  }

  // Names of countries in the visitor's language, as the browser knows them.
  function countries(language) {
    const names = new Intl.DisplayNames([language], { type: "region" });
    for (const place of document.querySelectorAll("[data-country]")) place.textContent = names.of(place.dataset.country);
    for (const place of document.querySelectorAll("[data-country-title]")) place.title = names.of(place.dataset.countryTitle);
  }

  // The space bar plays and pauses; the page does not move under it.
  document.addEventListener("keydown", (event) => {
    if (event.key === " " && event.target === document.body) event.preventDefault();
  });

  // Says notices in the visitor's language that are shown and taken away by the page itself: id of one → its text.
  function notices(texts) {
    document.addEventListener("DOMContentLoaded", () => {
      for (const [id, text] of Object.entries(texts)) {
        const notice = document.getElementById(id);
        if (!notice) continue;
        notice.setAttribute("role", "alert");
        const [first, second] = notice.querySelectorAll("span");
        first.textContent = text;
        second.remove();
      }
    });
  }

  return { picture, restyle, zoom, map, countries, notices, speak };
})();
