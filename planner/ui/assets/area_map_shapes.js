// Patterns, shapes and small pictures: the same on the map and in its legend.
// Leaflet's own code stands in front of this text when it reaches the browser, and the other parts
// of the map behind it: all of them are one module.
const L = globalThis.L.noConflict();

const LINE = "#39424c";
const WATER = "#2a6f97";
const STREET = "#4b5058";
const CHOSEN = "#111111";
const PICKED = "#0b5394";
const NONE = -1;

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
  const key = `${pattern} ${colour} ${ink}`;
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
