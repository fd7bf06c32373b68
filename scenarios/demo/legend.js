// The legend of a picture, set apart above it: it takes as many lines as its names need, and none of the picture's room.
// A name is a button that shows or hides what it stands for.
window.corridorLegend = (() => {
  const SVG = "http://www.w3.org/2000/svg", WIDE = 30, HIGH = 14;
  const dashes = { dash: "9 5", dot: "2.5 3.5" };
  const patterns = {
    "/": "M-2,14L8,0M6,14L16,0M14,14L24,0M22,14L32,0",
    "\\": "M-2,0L8,14M6,0L16,14M14,0L24,14M22,0L32,14",
    ".": "M4,4h2M12,4h2M20,4h2M8,10h2M16,10h2M24,10h2",
  };
  patterns.x = patterns["/"] + patterns["\\"];
  const symbols = {
    circle: "M11,7a4,4 0 1,0 8,0a4,4 0 1,0 -8,0",
    square: "M11,3h8v8h-8z",
    diamond: "M15,2L20,7L15,12L10,7z",
    "triangle-down": "M8,2h14L15,13z",
  };

  function part(name, attributes) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  // What a trace looks like in the picture: its bar with its pattern, or its line with its mark.
  function sample(trace) {
    const { line = {}, marker = {}, mode = "lines" } = trace;
    const svg = part("svg", { width: WIDE, height: HIGH, viewBox: `0 0 ${WIDE} ${HIGH}`, "aria-hidden": "true" });
    if (trace.type === "bar") {
      svg.append(part("rect", { x: 3, y: 1, width: 24, height: 12, fill: marker.color }));
      const drawn = patterns[marker.pattern?.shape];
      if (drawn) svg.append(part("path", { d: drawn, fill: "none", stroke: marker.pattern.fgcolor, "stroke-opacity": 0.6, "clip-path": "inset(1px 3px)" }));
      return svg;
    }
    if (mode.includes("lines")) {
      const stroke = { stroke: line.color, "stroke-width": Math.min(line.width ?? 2, 8), fill: "none" };
      svg.append(part("path", { d: "M0,7H30", ...stroke, ...(dashes[line.dash] && { "stroke-dasharray": dashes[line.dash] }) }));
    }
    if (mode.includes("markers")) {
      const edge = marker.line?.color ? { stroke: marker.line.color, "stroke-width": 1.5 } : {};
      svg.append(part("path", { d: symbols[marker.symbol] || symbols.circle, fill: marker.color, ...edge }));
    }
    return svg;
  }

  const hidden = {};

  // The traces of picture "id", those that the visitor has hidden left undrawn.
  function kept(id, traces) {
    const off = hidden[id];
    return off?.size ? traces.map((trace) => (off.has(trace.name) ? { ...trace, visible: false } : trace)) : traces;
  }

  // Writes the legend of picture "id" into "place", anew only where it has changed; "again" draws the picture.
  function write(place, id, traces, again) {
    const named = traces.filter((trace) => trace.name && trace.showlegend !== false && trace.x?.length);
    const looks = JSON.stringify(named.map(({ name, type, mode, line, marker }) => [name, type, mode, line, marker]));
    if (place.corridorLooks === looks) return;
    place.corridorLooks = looks;
    const off = (hidden[id] ??= new Set());
    const list = document.createElement("ul");
    for (const trace of named) {
      const button = document.createElement("button"), item = document.createElement("li");
      button.type = "button";
      button.append(sample(trace), trace.name);
      button.setAttribute("aria-pressed", !off.has(trace.name));
      button.addEventListener("click", () => {
        if (!off.delete(trace.name)) off.add(trace.name);
        button.setAttribute("aria-pressed", !off.has(trace.name));
        again();
      });
      item.append(button);
      list.append(item);
    }
    place.replaceChildren(list);
  }

  return { kept, write };
})();
