"use strict";
const config = {responsive: false, displaylogo: false, plotlyServerURL: "", showLink: false, modeBarButtonsToRemove: ["lasso2d", "select2d", "autoScale2d", "sendChartToCloud"]};
const NARROW = 560, PAPER = {page: 690, shrink: 0.75, groups: 5};
const folded = (text, most) => text.split(" ").reduce((lines, word) => {
  const last = lines[lines.length - 1];
  return last && (last + " " + word).length <= most ? [...lines.slice(0, -1), last + " " + word] : [...lines, word];
}, []).join("<br>");
const longest = texts => Math.max(0, ...texts.flatMap(text => text.split("<br>")).map(line => line.length));

/* What a kind of picture changes where it has few pixels across. */
const kinds = {
  ranking: (data, layout) => {
    for (const trace of data) {
      trace.y = trace.y.map(text => folded(text, 16));
      trace.text = trace.text.map(text => text.replace(": ", ":<br>"));
    }
    layout.xaxis.range[1] += 0.6 * (layout.xaxis.range[1] - layout.xaxis.range[0]);
    layout.margin.l = 24 + 7 * longest(data[0].y);
  },
  savings: (data, layout) => { layout.margin.r = 28; layout.yaxis.ticktext = layout.yaxis.ticktext.map(text => folded(text, 14)); },
  changes: (data, layout) => {
    layout.yaxis.ticktext = layout.yaxis.ticktext.map(text => folded(text, 19));
    layout.height += 14 * layout.yaxis.ticktext.length;
  },
  way: (data, layout) => {
    layout.height = 560;
    layout.xaxis.domain = layout.xaxis2.domain = [0, 1];
    layout.yaxis.domain = [0.47, 1];
    layout.yaxis2.domain = [0, 0.27];
    for (const axis of [layout.yaxis, layout.yaxis2]) {
      axis.ticktext = axis.ticktext.map(text => folded(text, 14));
      axis.tickfont = {size: 11};
    }
    for (const note of layout.annotations) if (note.name === "enlarged") Object.assign(note, {x: 0, y: 0.29});
  },
};

/* A picture as it is drawn "width" pixels across: titles folded, few ticks, nothing beyond its edges. */
const fitted = (name, width, paper) => {
  const {data, layout} = structuredClone(pictures[name]);
  layout.width = width;
  const kind = name.replace(/[0-9]+$/, "");
  const rows = layout.height > 200 && (kind === "changes" || layout.annotations?.some(note => note.name === "group"));
  if (paper && rows) layout.height = 112 + 0.6 * (layout.height - 130);
  if (paper && kind === "spread") layout.height = 300;
  const listed = layout.showlegend === false ? 0 : data.filter(trace => trace.showlegend !== false && trace.x?.length).length;
  if (width < NARROW) {
    layout.height += 18 * Math.max(0, listed - 1);
    layout.font.size = 12;
    layout.margin.r = Math.min(layout.margin.r, 12);
    kinds[kind]?.(data, layout);
    if (paper && kind === "way") layout.height -= 60;
    const named = layout.yaxis.ticktext;
    if (named && named.length) layout.margin.l = Math.max(20, 16 + 6.6 * longest(named));
  }
  for (const key of ["xaxis", "xaxis2"]) {
    const axis = layout[key];
    if (!axis) continue;
    const [begin, end] = axis.domain ?? [0, 1], room = (width - layout.margin.l - layout.margin.r) * (end - begin);
    const under = folded(axis.title?.text ?? "", Math.max(14, Math.floor(room / 7.6)));
    if (under) axis.title.text = under;
    const lines = under.split("<br>").length;
    if (!axis.tickvals && axis.type !== "category") Object.assign(axis, {tickangle: 0, nticks: Math.max(3, Math.floor(room / 62))});
    if (lines > 1) layout.margin.b = Math.max(layout.margin.b, 40 + 18 * lines);
  }
  if (layout.yaxis.title?.text && !layout.yaxis.ticktext) layout.yaxis.title.text = folded(layout.yaxis.title.text, 32);
  const groups = (layout.annotations ?? []).filter(note => note.name === "group");
  for (const note of groups) {
    note.bgcolor = "#ffffff";
    note.xshift = Math.min(note.xshift, 6 - layout.margin.l);
    note.text = `<b>${folded(note.text.slice(3, -4), Math.floor((width - 12) / 7.4))}</b>`;
  }
  const most = Math.max(1, ...groups.map(note => note.text.split("<br>").length));
  if (most > 2) layout.height = 130 + (layout.height - 130) * (15 * most + 6) / 42;
  return {data, layout};
};
const at = name => document.getElementById("plot-" + name);
const drawn = (name, width, paper = false) => { const {data, layout} = fitted(name, width, paper); return Plotly.react(at(name), data, layout, config); };
const onScreen = name => drawn(name, at(name).closest("figure").clientWidth);

for (const name of Object.keys(pictures)) onScreen(name);
for (const box of document.querySelectorAll(".scroll")) if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;

let wide = innerWidth;
addEventListener("resize", () => {
  if (innerWidth === wide) return;
  wide = innerWidth;
  for (const name of Object.keys(pictures)) onScreen(name);
});

for (const select of document.querySelectorAll("select[data-flow]")) {
  select.addEventListener("change", () => {
    const flow = select.dataset.flow, data = choices[flow][select.value];
    for (const [name, first] of [["way" + flow, 1], ["stops" + flow, 0]]) {
      for (const [key, parts] of Object.entries(data[name.startsWith("way") ? "way" : "stops"])) {
        parts.forEach((part, number) => { pictures[name].data[number + first][key] = part; });
      }
      onScreen(name);
    }
  });
}

/* A picture of many groups stands on paper in parts, one above the other, or it would leave a page half empty. */
const parted = (name, {data, layout}) => {
  const groups = (layout.annotations ?? []).filter(note => note.name === "group");
  const count = Math.ceil(groups.length / PAPER.groups);
  if (count < 2) return [{data, layout}];
  const [foot, head] = layout.yaxis.range, each = Math.ceil(groups.length / count), high = (layout.height - 112) / (foot - head);
  return [...Array(count).keys()].map(number => {
    const [above, below] = [groups[number * each], groups[(number + 1) * each]].map(note => note && note.y - 1.1);
    const range = [below ?? foot, number ? above : head], inside = y => y < range[0] && y > range[1];
    const part = structuredClone({data, layout});
    for (const trace of part.data) {
      const kept = trace.y.map(inside), only = list => Array.isArray(list) ? list.filter((_, index) => kept[index]) : list;
      for (const key of ["x", "base", "text", "y"]) if (key in trace) trace[key] = only(trace[key]);
      for (const key of ["array", "arrayminus"]) if (trace.error_x?.[key]) trace.error_x[key] = only(trace.error_x[key]);
    }
    part.layout.annotations = layout.annotations.filter(note => note.name !== "group" || inside(note.y));
    part.layout.xaxis.range = at(name)._fullLayout.xaxis.range;
    Object.assign(part.layout, {height: (number ? 70 : 112) + high * (range[0] - range[1]), yaxis: {...layout.yaxis, range}});
    if (number) part.layout.showlegend = false;
    return part;
  });
};

/* On paper pictures are drawn larger than their place and shrunk into it, so that their letters are as small as those of the tables. */
const shrunk = (plot, place, {data, layout}) => {
  Plotly.react(plot, data, layout, config);
  Object.assign(plot.style, {width: place / PAPER.shrink + "px", transform: `scale(${PAPER.shrink})`, transformOrigin: "0 0"});
  Object.assign(plot.parentElement.style, {width: place + "px", height: plot.layout.height * PAPER.shrink + "px"});
};
const whole = () => { for (const part of document.querySelectorAll(".frame.more")) part.remove(); };
addEventListener("beforeprint", () => {
  whole();
  for (const part of document.querySelectorAll("details")) part.open = true;
  for (const name of Object.keys(pictures)) {
    const plot = at(name);
    const place = plot.closest(".trio") ? (PAPER.page - 28) / 3 : plot.closest(".pair") ? (PAPER.page - 12) / 2 : PAPER.page;
    const made = fitted(name, Math.floor(place / PAPER.shrink), true);
    const [first, ...more] = plot.closest(".pair") ? [made] : parted(name, made);
    shrunk(plot, place, first);
    plot.closest("figure").classList.toggle("parted", more.length > 0);
    for (const part of more.reverse()) {
      const frame = document.createElement("div");
      frame.className = "frame more";
      plot.parentElement.after(frame);
      shrunk(frame.appendChild(document.createElement("div")), place, part);
    }
  }
});
addEventListener("afterprint", () => {
  whole();
  for (const name of Object.keys(pictures)) {
    const plot = at(name);
    Object.assign(plot.style, {width: "", transform: "", transformOrigin: ""});
    Object.assign(plot.parentElement.style, {width: "", height: ""});
    onScreen(name);
  }
});
