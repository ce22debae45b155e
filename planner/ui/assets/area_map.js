// Draws the areas of a place on one canvas and keeps it in step with what Python says about them.
// Leaflet's own code stands in front of this text when it reaches the browser.
const L = globalThis.L.noConflict();

const LINE = "#39424c";
const WATER = "#2a6f97";
const STREET = "#4b5058";
const CHOSEN = "#111111";
const NONE = -1;

// ---- patterns and shapes, the same in the map and in its legend ------------------------------

const PATTERN_PATHS = {
  stripes: "M0,4 L8,4",
  lines: "M4,0 L4,8",
  hatch: "M-2,2 L2,-2 M0,8 L8,0 M6,10 L10,6",
  back_hatch: "M-2,6 L2,10 M0,0 L8,8 M6,-2 L10,2",
  cross: "M0,0 L8,8 M8,0 L0,8",
  dots: "M2.8,4 a1.2,1.2 0 1,0 2.4,0 a1.2,1.2 0 1,0 -2.4,0",
  fine_dots: "M1.6,2 a.4,.4 0 1,0 .8,0 a.4,.4 0 1,0 -.8,0 M5.6,6 a.4,.4 0 1,0 .8,0 a.4,.4 0 1,0 -.8,0",
};
const tiles = new Map();

// A pattern must be seen against its ground: Python says in which ink.
function penOn(ink) {
  return ink === "#ffffff" ? ink : LINE;
}

function tile(context, pattern, colour, ink) {
  const key = `${pattern} ${colour}`;
  if (!tiles.has(key)) {
    const small = document.createElement("canvas");
    small.width = 8;
    small.height = 8;
    const pen = small.getContext("2d");
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 8, 8);
    pen.strokeStyle = penOn(ink);
    pen.lineWidth = 1.1;
    pen.stroke(new Path2D(PATTERN_PATHS[pattern]));
    tiles.set(key, small);
  }
  return context.createPattern(tiles.get(key), "repeat");
}

// Outlines within a circle of radius 1; y points down.
const SHAPES = {
  square: [[-0.8, -0.8], [0.8, -0.8], [0.8, 0.8], [-0.8, 0.8]],
  triangle: [[0, -1], [0.95, 0.75], [-0.95, 0.75]],
  diamond: [[0, -1.1], [0.95, 0], [0, 1.1], [-0.95, 0]],
  down: [[0, 1], [0.95, -0.75], [-0.95, -0.75]],
  plus: [[-0.35, -1], [0.35, -1], [0.35, -0.35], [1, -0.35], [1, 0.35], [0.35, 0.35],
    [0.35, 1], [-0.35, 1], [-0.35, 0.35], [-1, 0.35], [-1, -0.35], [-0.35, -0.35]],
  pentagon: [[0, -1], [0.95, -0.31], [0.59, 0.81], [-0.59, 0.81], [-0.95, -0.31]],
  star: Array.from({ length: 10 }, (_, i) => {
    const radius = i % 2 ? 0.5 : 1.25;
    const angle = (Math.PI * i) / 5 - Math.PI / 2;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  }),
};

function shapePath(shape, x, y, radius) {
  const path = new Path2D();
  const outline = SHAPES[shape];
  if (!outline) {
    path.arc(x, y, radius * 0.9, 0, 2 * Math.PI);
    return path;
  }
  outline.forEach(([dx, dy], i) => {
    path[i ? "lineTo" : "moveTo"](x + dx * radius, y + dy * radius);
  });
  path.closePath();
  return path;
}

const Canvas = L.Canvas.extend({
  _fillStroke(context, layer) {
    const { options } = layer;
    if (options.fill && options.pattern) {
      context.globalAlpha = options.fillOpacity;
      context.fillStyle = tile(context, options.pattern, options.fillColor, options.ink);
      context.fill(options.fillRule || "evenodd");
      L.Canvas.prototype._fillStroke.call(this, context, {
        options: { ...options, fill: false },
      });
      return;
    }
    L.Canvas.prototype._fillStroke.call(this, context, layer);
  },
  _updateShape(layer) {
    if (!this._drawing || layer._empty()) {
      return;
    }
    const { options } = layer;
    const path = shapePath(options.shape, layer._point.x, layer._point.y, layer._radius);
    this._ctx.globalAlpha = 1;
    this._ctx.lineJoin = "round";
    this._ctx.setLineDash?.([]);
    this._ctx.strokeStyle = "#ffffff";
    this._ctx.lineWidth = 4;
    this._ctx.stroke(path);
    this._ctx.fillStyle = options.fillColor;
    this._ctx.fill(path);
    this._ctx.strokeStyle = CHOSEN;
    this._ctx.lineWidth = 1.2;
    this._ctx.stroke(path);
  },
});

const ShapeMarker = L.CircleMarker.extend({
  _updatePath() {
    this._renderer._updateShape(this);
  },
});

// ---- words ------------------------------------------------------------------------------------

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) {
    made.className = className;
  }
  if (text !== undefined) {
    made.textContent = text;
  }
  return made;
}

function valueWords(data, position) {
  const value = data.values ? data.values[position] : null;
  if (value === null || value === undefined) {
    return "";
  }
  const number = value.toLocaleString("en-GB", {
    minimumFractionDigits: data.decimals,
    maximumFractionDigits: data.decimals,
  });
  return `${data.before}${number}${data.unit}`;
}

function describe(data, position) {
  const index = classAt(data, position);
  const label = index === NONE ? "" : data.classes[index].label;
  return [valueWords(data, position), label].filter(Boolean).join("; ");
}

function classAt(data, position) {
  const mark = data.assigned[position];
  return mark === undefined || mark === "." ? NONE : parseInt(mark, 36);
}

const HOW_TO_CHOOSE =
  "Point at an area to read it, click to choose it. With a keyboard: arrow keys move between " +
  "areas, Enter chooses, plus and minus zoom. The list of areas does the same.";
const HOW_TO_SPOT =
  "Click anywhere to start there. With a keyboard: arrow keys move between areas, Enter starts " +
  "in the middle of one, plus and minus zoom. Typing the coordinates does the same.";

// ---- one map ----------------------------------------------------------------------------------

class AreaMap {
  constructor(root) {
    this.host = element("div", "planner-map");
    this.canvas = element("div", "canvas");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-roledescription", "map of areas");
    this.live = element("p", "live");
    this.live.setAttribute("aria-live", "polite");
    this.how = element("p", "how");
    this.how.id = "planner-map-how";
    this.canvas.setAttribute("aria-describedby", this.how.id);
    this.legend = element("div", "legend");
    const style = element("style", "", globalThis.plannerAreaMapStyles || "");
    this.host.append(style, this.canvas, this.live, this.legend, this.how);
    root.append(this.host);
    this.map = null;
    this.geometryId = "";
    this.focused = NONE;
    this.moved = false;
    this.watch = new ResizeObserver(() => this.fit());
    this.watch.observe(this.canvas);
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("blur", () => this.focusOn(NONE));
  }

  close() {
    this.watch.disconnect();
    this.map?.remove();
    this.host.remove();
  }

  fit() {
    if (!this.map) {
      return;
    }
    this.map.invalidateSize({ animate: false });
    const bounds = this.data?.fit ? L.latLngBounds(this.data.fit) : this.bounds;
    if (!this.moved && bounds.isValid()) {
      this.fitting = true;
      this.map.fitBounds(bounds, { animate: false, padding: [24, 24] });
      this.fitting = false;
    }
  }

  build(data) {
    this.map?.remove();
    this.geometryId = data.geometry_id;
    this.moved = false;
    this.focused = NONE;
    const touch = L.Browser.mobile;
    this.map = L.map(this.canvas, {
      attributionControl: false,
      keyboard: false,
      scrollWheelZoom: false,
      dragging: !touch, // a finger must be able to scroll the page past the map
      zoomSnap: 0.25,
      minZoom: 4,
      maxZoom: 18,
      fadeAnimation: false,
      zoomAnimation: false,
      markerZoomAnimation: false,
      inertia: false,
    });
    this.renderer = new Canvas({ padding: 0.3 });
    this.map.addLayer(this.renderer);
    L.control.scale({ imperial: false, position: "bottomleft" }).addTo(this.map);
    this.map.on("zoomstart dragstart", () => {
      if (!this.fitting) {
        this.moved = true;
        if (touch) {
          this.map.dragging.enable();
        }
      }
    });
    this.canvas.addEventListener("focusin", () => this.map.scrollWheelZoom.enable());
    this.canvas.addEventListener("focusout", () => this.map.scrollWheelZoom.disable());
    this.tip = L.tooltip({ sticky: true, direction: "auto", offset: [12, 0], opacity: 1 });
    this.drawContext(data.geometry);
    this.drawAreas(data.geometry);
    this.drawBackdrop(data.geometry);
    this.over = L.layerGroup().addTo(this.map);
    this.overText = "";
    this.fitText = "null";
    this.markers = L.layerGroup().addTo(this.map);
    this.markersText = "";
    this.map.on("click", (event) => {
      if (this.data.asks_spot) {
        this.spot(event.latlng.lat, event.latlng.lng);
      }
    });
    this.ring = null;
    this.focusRing = null;
    this.fit();
    this.drawNames(data.geometry);
    this.map.on("zoomend moveend resize", () => this.showNames());
    this.showNames();
  }

  drawContext(geometry) {
    L.geoJSON(geometry.context, {
      renderer: this.renderer,
      interactive: false,
      style: { color: "#8a9299", weight: 0.7, fillColor: "#e7e6e1", fillOpacity: 1 },
    }).addTo(this.map);
  }

  drawAreas(geometry) {
    this.areas = [];
    this.bounds = L.latLngBounds([]);
    geometry.areas.forEach((shape, position) => {
      const layer = L.geoJSON(shape, {
        renderer: this.renderer,
        style: { color: LINE, weight: 0.7, opacity: 0.9, fillOpacity: 0.92 },
      }).getLayers()[0];
      layer.on("mousemove", (event) => this.point(position, event.latlng));
      layer.on("mouseout", () => this.map.closeTooltip(this.tip));
      layer.on("click", () => this.pickAt(position));
      layer.addTo(this.map);
      this.areas.push(layer);
      this.bounds.extend(layer.getBounds());
    });
    this.positions = new Map(geometry.codes.map((code, position) => [code, position]));
    this.centres = geometry.centres;
  }

  drawBackdrop(geometry) {
    const lines = (shapes, style) =>
      L.geoJSON(shapes, { renderer: this.renderer, interactive: false, style }).addTo(this.map);
    lines(geometry.water, { color: "#ffffff", weight: 4, opacity: 0.55, fill: false });
    lines(geometry.water, {
      color: WATER, weight: 2.2, opacity: 0.85, fillColor: "#9cc3d5", fillOpacity: 0.9,
    });
    lines(geometry.streets, { color: "#ffffff", weight: 2.6, opacity: 0.45 });
    lines(geometry.streets, { color: STREET, weight: 1.1, opacity: 0.75 });
    lines(geometry.outline, { color: CHOSEN, weight: 2, opacity: 0.9, fill: false });
  }

  drawNames(geometry) {
    this.names = geometry.places.map((place) => {
      const label = element("span", "", place.name);
      const icon = L.divIcon({ className: "place-name", html: label, iconSize: null });
      const marker = L.marker([place.lat, place.lon], {
        icon, interactive: false, keyboard: false,
      });
      return { marker, text: place.name };
    });
  }

  showNames() {
    // Greedy, in the order Python ranked them: a name that would sit on another one stays away.
    const taken = [];
    const size = this.map.getSize();
    this.names.forEach(({ marker, text }) => {
      const at = this.map.latLngToContainerPoint(marker.getLatLng());
      const half = 3.6 * text.length + 6;
      const box = [at.x - half, at.y - 10, at.x + half, at.y + 10];
      const free =
        box[0] > 0 && box[2] < size.x && box[1] > 0 && box[3] < size.y - 30 &&
        taken.every((o) => box[2] < o[0] || box[0] > o[2] || box[3] < o[1] || box[1] > o[3]);
      if (free) {
        taken.push(box);
        marker.addTo(this.map);
        marker.getElement()?.setAttribute("aria-hidden", "true");
      } else {
        marker.remove();
      }
    });
  }

  update(data, act) {
    this.data = data;
    this.act = act;
    if (this.geometryId !== data.geometry_id) {
      this.build(data);
    }
    this.canvas.setAttribute("aria-label", data.title);
    this.how.textContent = data.asks_spot ? HOW_TO_SPOT : HOW_TO_CHOOSE;
    this.areas.forEach((layer, position) => {
      const index = classAt(data, position);
      const look = index === NONE ? null : data.classes[index];
      layer.setStyle({
        fillColor: look ? look.colour : "#ffffff",
        pattern: look ? look.pattern : "",
        ink: look ? look.ink : "",
        dashArray: look && isDashed(look, data) ? "3 3" : null,
      });
    });
    this.drawOver(data.over);
    this.drawMarkers(data.markers);
    this.mark(data.chosen);
    const fitText = JSON.stringify(data.fit);
    if (fitText !== this.fitText) {
      this.fitText = fitText;
      this.moved = false;
      this.fit();
    }
    this.drawLegend(data);
  }

  drawMarkers(sets) {
    const text = JSON.stringify(sets);
    if (text === this.markersText) {
      return;
    }
    this.markersText = text;
    this.markers.clearLayers();
    sets.forEach((set) => {
      set.names.forEach((name, i) => {
        const marker = new ShapeMarker([set.lat[i], set.lon[i]], {
          renderer: this.renderer, radius: set.size, shape: set.shape, fillColor: set.colour,
          fillOpacity: 1, weight: 1,
        });
        const words = element("span");
        words.append(element("span", "tip-name", name), element("span", "", set.label));
        marker.bindTooltip(words, { direction: "top", opacity: 1 });
        this.markers.addLayer(marker);
      });
    });
  }

  drawOver(pieces) {
    const text = JSON.stringify(pieces);
    if (text === this.overText) {
      return;
    }
    this.overText = text;
    this.markersText = ""; // points are drawn again, on top
    this.over.clearLayers();
    pieces.forEach((piece) => {
      piece.styles.forEach((style) => {
        const look = { fill: false, ...style };
        this.over.addLayer(
          L.geoJSON(piece.shape, { renderer: this.renderer, interactive: false, style: look })
        );
      });
    });
    pieces.forEach((piece) => {
      if (piece.mark) {
        const label = element("span", "", piece.mark);
        const className = `over-mark${piece.above ? " above" : ""}`;
        const icon = L.divIcon({ className, html: label, iconSize: null });
        const marker = L.marker([piece.lat, piece.lon], {
          icon, interactive: false, keyboard: false, zIndexOffset: piece.above ? 20000 : 10000,
        });
        this.over.addLayer(marker);
        marker.getElement()?.setAttribute("aria-hidden", "true");
      }
    });
  }

  pickAt(position) {
    if (!this.data.asks_spot) {
      this.act.pick(this.data.geometry.codes[position]);
    }
  }

  spot(lat, lon) {
    this.act.spot(`${lat.toFixed(5)}, ${lon.toFixed(5)}`);
  }

  outline(position, style) {
    const shape = L.geoJSON(this.data.geometry.areas[position], {
      renderer: this.renderer, interactive: false, style: { fill: false, ...style },
    });
    return shape.addTo(this.map);
  }

  mark(code) {
    this.ring?.forEach((layer) => layer.remove());
    this.ring = null;
    const position = this.positions.get(code);
    if (position === undefined) {
      this.live.textContent = "";
      return;
    }
    this.ring = [
      this.outline(position, { color: "#ffffff", weight: 6 }),
      this.outline(position, { color: CHOSEN, weight: 3 }),
    ];
    this.live.textContent = `Chosen: ${this.data.geometry.names[position]}. ${describe(
      this.data, position)}`;
  }

  point(position, at) {
    const { data } = this;
    const words = element("span");
    words.append(
      element("span", "tip-name", data.geometry.names[position]),
      element("span", "", describe(data, position) || "nothing to show")
    );
    this.tip.setContent(words).setLatLng(at);
    this.map.openTooltip(this.tip);
  }

  focusOn(position) {
    this.focusRing?.forEach((layer) => layer.remove());
    this.focusRing = null;
    this.focused = position;
    if (position === NONE) {
      this.map?.closeTooltip(this.tip);
      return;
    }
    this.focusRing = [
      this.outline(position, { color: "#ffffff", weight: 6 }),
      this.outline(position, { color: "#0b5394", weight: 3, dashArray: "6 4" }),
    ];
    const at = L.latLng(this.centres[position]);
    if (!this.map.getBounds().contains(at)) {
      this.map.panTo(at, { animate: false });
    }
    this.point(position, at);
    this.live.textContent = `${this.data.geometry.names[position]}. ${describe(
      this.data, position)}`;
  }

  neighbour(from, dx, dy) {
    const here = this.map.project(this.centres[from], 14);
    let best = NONE;
    let least = Infinity;
    this.centres.forEach((centre, position) => {
      const there = this.map.project(centre, 14).subtract(here);
      const along = there.x * dx + there.y * dy;
      const aside = Math.abs(there.x * dy) + Math.abs(there.y * dx);
      if (position === from || along <= 0) {
        return;
      }
      // Sideways counts double, so that "right" means right before it means near.
      const cost = Math.hypot(along, 2 * aside) * (aside > along ? 3 : 1);
      if (cost < least) {
        least = cost;
        best = position;
      }
    });
    return best;
  }

  key(event) {
    const steps = {
      ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1],
    };
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (event.target !== this.canvas) {
      return; // the zoom buttons answer for themselves
    }
    if (steps[event.key]) {
      const chosen = this.positions.get(this.data.chosen);
      const from = this.focused === NONE ? chosen : this.focused;
      const next = from === undefined ? this.middle() : this.neighbour(from, ...steps[event.key]);
      if (next !== NONE) {
        this.focusOn(next);
      }
    } else if (event.key === "Enter" || event.key === " ") {
      if (this.focused !== NONE && this.data.asks_spot) {
        this.spot(...this.centres[this.focused]);
      } else if (this.focused !== NONE) {
        this.pickAt(this.focused);
      }
    } else if (event.key === "+" || event.key === "=") {
      this.map.zoomIn();
    } else if (event.key === "-") {
      this.map.zoomOut();
    } else if (event.key === "Escape") {
      this.focusOn(NONE);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  middle() {
    const centre = this.map.project(this.bounds.getCenter(), 14);
    const away = this.centres.map((at) => this.map.project(at, 14).distanceTo(centre));
    return away.indexOf(Math.min(...away));
  }

  drawLegend(data) {
    const counts = data.classes.map(() => 0);
    for (let i = 0; i < data.geometry.codes.length; i += 1) {
      const index = classAt(data, i);
      if (index !== NONE) {
        counts[index] += 1;
      }
    }
    const areas = element("ul");
    data.square?.keys.forEach((look, index) => {
      areas.append(legendItem(swatch({ ...look, solid: true }, `key-${index}`), `${look.label} (${look.count})`));
    });
    data.classes.forEach((look, index) => {
      if (look.always ? !data.square : counts[index]) {
        const words = `${look.label} (${counts[index]})`;
        areas.append(legendItem(swatch(look, index), words));
      }
    });
    const shapes = element("ul");
    data.markers.forEach((set) => {
      shapes.append(legendItem(badge(set), `${set.label} (${set.names.length})`));
    });
    this.legend.replaceChildren(element("p", "", data.legend));
    if (data.square) {
      this.legend.append(squareLegend(data.square));
    }
    this.legend.append(areas);
    const over = element("ul");
    data.over.forEach((piece) => {
      if (piece.label) {
        over.append(legendItem(lineSwatch(piece.styles[piece.styles.length - 1]), piece.label));
      }
    });
    if (over.children.length) {
      this.legend.append(over);
    }
    if (shapes.children.length) {
      this.legend.append(shapes);
    }
  }
}

// On a square the pattern is a mark of its own; elsewhere it says that there is no plain figure.
function isDashed(look, data) {
  return Boolean(look.pattern) && !(data.square && look.always);
}

// Two things at once, as a table that is read out cell by cell.
function squareLegend(square) {
  const table = element("table", "square");
  table.append(element("caption", "", `${square.down}, ${square.across}`));
  const head = table.createTHead().insertRow();
  head.append(element("td"), ...square.columns.map((words) => headCell(words, "col")));
  const body = table.createTBody();
  square.rows.forEach((words, row) => {
    const line = body.insertRow();
    line.append(headCell(words, "row"));
    square.counts[row].forEach((count, column) => {
      const cell = element("td", "", String(count));
      cell.style.background = square.colours[row][column];
      cell.style.color = square.inks[row][column];
      line.append(cell);
    });
  });
  return table;
}

function headCell(words, scope) {
  const cell = element("th", "", words);
  cell.scope = scope;
  return cell;
}

function legendItem(picture, words) {
  const item = element("li");
  item.append(picture, element("span", "", words));
  return item;
}

const SVG = "http://www.w3.org/2000/svg";

function svg(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
  return made;
}

function swatch(look, index) {
  const picture = svg("svg", { width: 24, height: 18, "aria-hidden": "true" });
  picture.append(svg("rect", { x: 0.5, y: 0.5, width: 23, height: 17, fill: look.colour }));
  if (look.pattern) {
    const name = `pattern-${index}`;
    const pattern = svg("pattern", {
      id: name, width: 8, height: 8, patternUnits: "userSpaceOnUse",
    });
    pattern.append(
      svg("path", {
        d: PATTERN_PATHS[look.pattern], stroke: penOn(look.ink),
        "stroke-width": 1.1, fill: "none",
      })
    );
    picture.append(pattern, svg("rect", {
      x: 0.5, y: 0.5, width: 23, height: 17, fill: `url(#${name})`,
    }));
  }
  picture.append(svg("rect", {
    x: 0.5, y: 0.5, width: 23, height: 17, fill: "none", stroke: LINE,
    "stroke-dasharray": look.pattern && !look.solid ? "3 3" : "none",
  }));
  return picture;
}

function lineSwatch(style) {
  const picture = svg("svg", { width: 30, height: 18, "aria-hidden": "true" });
  const look = {
    fill: style.fill ? style.fillColor : "none", "fill-opacity": style.fillOpacity ?? 1,
    stroke: style.color, "stroke-width": style.weight,
    "stroke-dasharray": style.dashArray || "none", "stroke-linecap": style.lineCap || "butt",
  };
  picture.append(
    style.fill
      ? svg("rect", { x: 1, y: 1, width: 28, height: 16, ...look })
      : svg("path", { d: "M3,9 L27,9", ...look })
  );
  return picture;
}

function badge(set) {
  const picture = svg("svg", { width: 20, height: 20, "aria-hidden": "true" });
  const outline = SHAPES[set.shape];
  const look = { fill: set.colour, stroke: CHOSEN, "stroke-width": 1.2 };
  picture.append(
    outline
      ? svg("polygon", { points: outline.map(([x, y]) => `${10 + 7 * x},${10 + 7 * y}`).join(" "), ...look })
      : svg("circle", { cx: 10, cy: 10, r: 6.3, ...look })
  );
  return picture;
}

const maps = new WeakMap();

export function draw(data, root, act) {
  let map = maps.get(root);
  if (!map) {
    map = new AreaMap(root);
    maps.set(root, map);
  }
  map.update(data, act);
  return () => {
    maps.delete(root);
    map.close();
  };
}
