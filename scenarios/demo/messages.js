// The sequence picture of the messages, and what is clicked in a message or a story. Texts become text, never markup.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const ROW = 24, TOP = 40;
  const last = {};

  function node(name, attributes, text) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function pick(arm, id) { emitEvent("corridor_letter", { arm, id }); }

  // Where the columns stand: x of each service and of its posts and traders.
  function lanes(services, width) {
    const wide = width >= 640, narrow = width < 420;
    const left = narrow ? 84 : 128;
    const text = wide ? Math.min(330, width * 0.4) : 0;
    const each = (width - left - text - 6) / services.length;
    const place = {};
    services.forEach(([name], number) => {
      place[name] = { service: left + each * (number + 0.66), posts: left + each * (number + 0.3) };
    });
    return { place, each, wide, narrow, text: width - text, left };
  }

  function column(member, place) {
    const found = place[member.slice(0, 2)];
    return found ? (member.includes(".") ? found.posts : found.service) : null;
  }

  function head(data, laid, width) {
    const svg = node("svg", { width, height: TOP, class: "c-seq-head", "aria-hidden": "true" });
    data.services.forEach(([name, title], number) => {
      const { service, posts } = laid.place[name];
      const above = node("text", { x: service, y: 20, "text-anchor": "middle", class: "c-seq-name" }, name);
      above.append(node("title", {}, title));
      const beside = node("text", { x: posts, y: 36, "text-anchor": "middle", class: "c-seq-posts" }, "●");
      beside.append(node("title", {}, data.posts[number]));
      svg.append(above, beside, node("text", { x: service, y: 36, "text-anchor": "middle", class: "c-seq-posts" }, "■"));
    });
    return svg;
  }

  function arrow(from, to, y, good) {
    const way = to > from ? 1 : -1;
    const group = node("g", { class: "c-seq-arrow" });
    group.append(node("line", { x1: from, y1: y, x2: to - 6 * way, y2: y }));
    group.append(node("path", { d: `M${to},${y}l${-9 * way},-4.5v9z` }));
    if (!good) {
      const x = (from + to) / 2;
      group.append(node("path", { class: "c-seq-cross", d: `M${x - 5},${y - 5}l10,10m0,-10l-10,10` }));
    }
    return group;
  }

  function row(one, number, laid, width, id) {
    const [name, time, code, sender, recipient, good, said, consignment, title] = one;
    const y = number * ROW + ROW / 2;
    const between = !sender.includes(".") && !recipient.includes(".");
    const group = node("g", {
      class: `c-seq-row${good ? "" : " c-seq-bad"}${between ? " c-seq-between" : ""}`,
      id: `${id}-${number}`, role: "option", "aria-label": title, "data-id": name,
    });
    group.append(node("title", {}, title), node("rect", { x: 0, y: y - ROW / 2, width, height: ROW }));
    if (laid.narrow) group.append(node("text", { x: 4, y: y + 5, class: "c-seq-time" }, time.slice(6)));
    else group.append(node("text", { x: 4, y: y + 5, class: "c-seq-time" }, time));
    group.append(node("text", { x: laid.narrow ? 44 : 90, y: y + 5, class: "c-seq-code" }, code));
    const from = column(sender, laid.place), to = column(recipient, laid.place);
    if (from !== null && to !== null && from !== to) group.append(arrow(from, to, y, good));
    if (laid.wide) {
      const room = Math.floor((width - laid.text) / 7.4);
      const whole = `${said} · ${consignment}`;
      const shown = whole.length > room ? `${whole.slice(0, room - 1)}…` : whole;
      group.append(node("text", { x: laid.text, y: y + 5, class: "c-seq-said" }, shown));
    }
    return group;
  }

  function draw(root, id, data) {
    const width = root.clientWidth - 14;
    if (width < 100) return;
    const laid = lanes(data.services, width);
    const body = node("svg", { width, height: Math.max(1, data.rows.length) * ROW + 4, "aria-hidden": "false" });
    for (const { service, posts } of Object.values(laid.place)) {
      body.append(node("line", { x1: service, x2: service, y1: 0, y2: "100%", class: "c-seq-lane" }));
      body.append(node("line", { x1: posts, x2: posts, y1: 0, y2: "100%", class: "c-seq-lane c-seq-thin" }));
    }
    data.rows.forEach((one, number) => body.append(row(one, number, laid, width, id)));
    if (!data.rows.length) body.append(node("text", { x: 8, y: 18, class: "c-seq-said" }, data.none));
    let box = root.querySelector(".c-seq-box");
    const atEnd = !box || box.scrollTop + box.clientHeight >= box.scrollHeight - 2 * ROW;
    if (!box) {
      box = document.createElement("div");
      box.className = "c-seq-box";
      box.tabIndex = 0;
      box.setAttribute("role", "listbox");
      box.setAttribute("aria-label", root.getAttribute("aria-label") || "");
      box.addEventListener("keydown", (event) => key(event, id));
      box.addEventListener("click", (event) => {
        const found = event.target.closest(".c-seq-row");
        if (!found) return;
        box.focus({ preventScroll: true });
        pick(last[id].arm, found.dataset.id);
        const whole = document.querySelector(".c-letter");  // on a phone it stands below
        if (whole && window.innerWidth <= 820) setTimeout(() => whole.scrollIntoView({ block: "start" }), 400);
      });
      root.replaceChildren(document.createElement("div"), box);
    }
    root.firstChild.replaceChildren(head(data, laid, width));
    box.replaceChildren(body);
    mark(box, data.chosen);
    if (data.follow && atEnd) box.scrollTop = box.scrollHeight;
  }

  function mark(box, chosen, seek) {
    box.removeAttribute("aria-activedescendant");
    for (const one of box.querySelectorAll(".c-seq-row")) {
      const here = one.dataset.id === chosen;
      one.setAttribute("aria-selected", String(here));
      if (here) {
        box.setAttribute("aria-activedescendant", one.id);
        if (seek) one.querySelector("rect").scrollIntoView({ block: "nearest" });
      }
    }
  }

  function key(event, id) {
    const { rows, chosen, arm } = last[id];
    const place = rows.findIndex((one) => one[0] === chosen);
    const steps = { ArrowUp: -1, ArrowDown: 1, PageUp: -15, PageDown: 15, Home: -rows.length, End: rows.length };
    if (!(event.key in steps) || !rows.length) return;
    event.preventDefault();
    if (place === 0 && (event.key === "ArrowUp" || event.key === "PageUp")) { emitEvent("corridor_older"); return; }
    if (place === rows.length - 1 && (event.key === "ArrowDown" || event.key === "PageDown")) {
      emitEvent("corridor_newer");
      return;
    }
    const from = place < 0 ? (steps[event.key] < 0 ? rows.length : -1) : place;
    const next = Math.min(Math.max(from + steps[event.key], 0), rows.length - 1);
    last[id].chosen = rows[next][0];
    mark(event.currentTarget, rows[next][0], true);
    clearTimeout(key.waiting);
    key.waiting = setTimeout(() => pick(arm, rows[next][0]), 120);
  }

  function sequence(id, data) {
    const root = document.getElementById(id);
    if (!root) return;
    if (!last[id]) new ResizeObserver(() => draw(root, id, last[id])).observe(root);
    last[id] = data;
    draw(root, id, data);
  }

  document.addEventListener("click", (event) => {
    const found = event.target.closest("[data-letter]");
    if (found) { event.preventDefault(); pick(found.dataset.arm, found.dataset.letter); }
  });
  window.corridor.sequence = sequence;
})();
