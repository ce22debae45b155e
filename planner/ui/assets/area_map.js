// Draws the areas of a place on one canvas and keeps it in step with what Python says about them.

const HOW_TO_CHOOSE =
  "Point at an area to read it, click to choose it. With a keyboard: arrow keys move between " +
  "areas, Enter chooses, plus and minus zoom, Escape leaves the map. The list of areas does the " +
  "same. Entries of the legend take their areas off the map and put them back.";
const HOW_TO_SELECT =
  " To select several, hold Ctrl or Shift while you click, or press the space bar on each; the " +
  "list of selected areas does the same.";
const HOW_TO_SPOT =
  "Click where it is, or drag the pin. With a keyboard: arrow keys move a cross (with Shift in " +
  "small steps), Enter puts it there, plus and minus zoom, Escape leaves the map. Typing the " +
  "coordinates does the same.";
const HOW_TO_DRAW =
  " To draw a shape: press Draw a shape, click each corner, and finish with a double click. With " +
  "a keyboard: arrow keys move the cross, the space bar puts a corner, Backspace takes the last " +
  "one back, Enter finishes, Escape stops. Choosing areas from the list does the same.";

function howTo(data) {
  if (data.asks_spot) {
    return HOW_TO_SPOT;
  }
  return HOW_TO_CHOOSE + (data.many ? HOW_TO_SELECT : "") + (data.asks_shape ? HOW_TO_DRAW : "");
}

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
    this.legend = new Legend((words) => this.filter(words));
    this.drawing = new Drawing(this);
    this.many = new Many(this);
    const style = element("style", "", globalThis.plannerAreaMapStyles || "");
    const tools = element("div", "tool-row");
    tools.append(this.many.tools, this.drawing.tools);
    this.host.append(style, this.canvas, tools, this.live, this.legend.box, this.how);
    root.append(this.host);
    this.map = null;
    this.geometryId = "";
    this.focused = NONE;
    this.moved = false;
    this.announced = null;
    this.onMarker = false;
    this.watch = new ResizeObserver(() => this.fit());
    this.watch.observe(this.canvas);
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("blur", () => {
      this.focusOn(NONE);
      this.drawing.hideCross();
    });
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
      boxZoom: false, // with Shift a click adds an area
      dragging: !touch, // a finger must be able to scroll the page past the map
      zoomSnap: 0.25,
      minZoom: 4,
      maxZoom: 18,
      fadeAnimation: false,
      zoomAnimation: false,
      markerZoomAnimation: false,
      inertia: false,
    });
    // The view comes first: what is added to a map without one has to wait, and wait in a queue.
    const shapes = unpack(data.geometry.areas);
    this.bounds = boundsOf(shapes);
    this.fit();
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
    this.drawAreas(data.geometry, shapes);
    this.drawBackdrop(data.geometry);
    this.over = L.layerGroup().addTo(this.map);
    this.overText = "";
    this.fitText = "null";
    this.markers = L.layerGroup().addTo(this.map);
    this.markersText = "";
    this.map.on("click", (event) => this.click(event));
    this.map.on("dblclick", () => this.drawing.drawing && this.drawing.finish());
    this.map.on("mousemove", (event) => this.hover(event.latlng));
    this.map.on("mouseout", () => this.map.closeTooltip(this.tip));
    this.drawing.reset();
    this.many.reset();
    this.looks = [];
    this.ring = null;
    this.focusRing = null;
    // A browser short of memory may take what a canvas shows; it says so when it has room again.
    this.renderer._container?.addEventListener("contextrestored", () => this.renderer._redraw());
    this.drawNames(data.geometry);
    this.map.on("zoomend moveend resize", () => this.showNames());
    this.showNames();
  }

  drawContext(geometry) {
    unpack(geometry.context).forEach((shape) => {
      L.polygon(shape, {
        renderer: this.renderer, interactive: false,
        color: "#8a9299", weight: 0.7, fillColor: "#e7e6e1", fillOpacity: 1,
      }).addTo(this.map);
    });
  }

  drawAreas(geometry, shapes) {
    // No area listens by itself: the map asks which one lies under the pointer.
    this.areas = shapes.map((shape) =>
      L.polygon(shape, {
        renderer: this.renderer, interactive: false,
        color: LINE, weight: 0.7, opacity: 0.9, fillOpacity: 0.92, smoothFactor: 0.5,
      }).addTo(this.map)
    );
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
    this.how.textContent = howTo(data);
    this.legend.update(data);
    this.paint();
    this.drawOver(data.over);
    this.drawMarkers(data.markers.filter((set) => !this.legend.isOff(set)));
    this.mark(data.chosen);
    this.many.update(data);
    this.drawing.update(data);
    const fitText = JSON.stringify(data.fit);
    if (fitText !== this.fitText) {
      this.fitText = fitText;
      this.moved = false;
      this.fit();
    }
  }

  // Give each area its look; one whose look is as before is left as it is.
  paint() {
    const { data } = this;
    const off = this.legend.classesOff(data);
    const looks = data.classes.map((look, index) => ({
      fillColor: off[index] ? "#ffffff" : look.colour,
      fillOpacity: off[index] ? 0.35 : 0.92,
      opacity: off[index] ? 0.3 : 0.9,
      pattern: off[index] ? "" : look.pattern,
      ink: look.ink,
      dashArray: !off[index] && isDashed(look, data) ? "3 3" : null,
    }));
    const none = {
      fillColor: "#ffffff", fillOpacity: 0.92, opacity: 0.9, pattern: "", ink: "", dashArray: null,
    };
    const names = looks.map((look) => JSON.stringify(look));
    this.areas.forEach((layer, position) => {
      const index = classAt(data, position);
      const name = index === NONE ? "" : names[index];
      if (this.looks[position] !== name) {
        this.looks[position] = name;
        layer.setStyle(index === NONE ? none : looks[index]);
      }
    });
    this.off = off;
  }

  filter(words) {
    this.paint();
    this.drawMarkers(this.data.markers.filter((set) => !this.legend.isOff(set)));
    this.say(words);
  }

  say(words) {
    this.live.textContent = words;
  }

  isOff(position) {
    const index = classAt(this.data, position);
    return index !== NONE && this.off[index];
  }

  // Position of the area at a spot; areas that the legend took off the map are not there.
  areaAt(at) {
    const spot = this.map.latLngToLayerPoint(at);
    return this.areas.findIndex(
      (layer, position) =>
        layer._pxBounds && layer.getBounds().contains(at) && layer._containsPoint(spot) &&
        !this.isOff(position)
    );
  }

  hover(at) {
    const position = this.onMarker || this.drawing.drawing ? NONE : this.areaAt(at);
    this.canvas.classList.toggle("on-area", position !== NONE);
    if (position === NONE) {
      this.map.closeTooltip(this.tip);
    } else {
      this.point(position, at);
    }
  }

  click(event) {
    if (this.drawing.pointing) {
      this.drawing.click(event.latlng);
      return;
    }
    const position = this.areaAt(event.latlng);
    const { ctrlKey, metaKey, shiftKey } = event.originalEvent;
    if (position !== NONE) {
      this.pickAt(position, ctrlKey || metaKey || shiftKey);
    }
  }

  drawMarkers(sets) {
    const text = JSON.stringify(sets);
    if (text === this.markersText) {
      return;
    }
    this.markersText = text;
    this.onMarker = false;
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
        marker.on("mouseover", () => {
          this.onMarker = true;
          this.map.closeTooltip(this.tip);
        });
        marker.on("mouseout", () => {
          this.onMarker = false;
        });
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

  pickAt(position, more) {
    if (this.data.many && (more || this.many.several)) {
      this.many.toggle(position);
    } else {
      this.act.pick(this.data.geometry.codes[position]);
    }
  }

  spot(at) {
    this.act.spot(`${at.lat.toFixed(5)}, ${at.lng.toFixed(5)}`);
  }

  outline(position, style) {
    return L.polygon(this.areas[position].getLatLngs(), {
      renderer: this.renderer, interactive: false, fill: false, ...style,
    }).addTo(this.map);
  }

  mark(code) {
    this.ring?.forEach((layer) => layer.remove());
    this.ring = null;
    const position = this.positions.get(code);
    this.announce(position);
    if (position === undefined) {
      return;
    }
    this.ring = [
      this.outline(position, { color: "#ffffff", weight: 6 }),
      this.outline(position, { color: CHOSEN, weight: 3 }),
    ];
  }

  // Say what has changed since the last message, and nothing else.
  announce(position) {
    const { data, announced } = this;
    const chosen = position === undefined
      ? ""
      : `Chosen: ${data.geometry.names[position]}. ${describe(data, position)}`;
    const shows = `The map now shows: ${data.legend}`;
    if (announced && (announced.chosen !== chosen || announced.shows !== shows)) {
      this.say([chosen, announced.shows === shows ? "" : shows].filter(Boolean).join(". "));
    } else if (!announced) {
      this.say(chosen);
    }
    this.announced = { chosen, shows };
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
    const taken = this.many.has(position) ? " Selected." : "";
    this.say(`${this.data.geometry.names[position]}. ${describe(this.data, position)}${taken}`);
  }

  neighbour(from, dx, dy) {
    const here = this.map.project(this.centres[from], 14);
    let best = NONE;
    let least = Infinity;
    this.centres.forEach((centre, position) => {
      const there = this.map.project(centre, 14).subtract(here);
      const along = there.x * dx + there.y * dy;
      const aside = Math.abs(there.x * dy) + Math.abs(there.y * dx);
      if (position === from || along <= 0 || this.isOff(position)) {
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
    if (this.drawing.key(event)) {
      // A spot or a shape took it.
    } else if (steps[event.key]) {
      const chosen = this.positions.get(this.data.chosen);
      const from = this.focused === NONE ? chosen : this.focused;
      const next = from === undefined ? this.middle() : this.neighbour(from, ...steps[event.key]);
      if (next !== NONE) {
        this.focusOn(next);
      }
    } else if (event.key === "Enter" || event.key === " ") {
      if (this.focused !== NONE) {
        this.pickAt(this.focused, event.key === " " || event.shiftKey);
      }
    } else if (event.key === "+" || event.key === "=") {
      this.map.zoomIn();
    } else if (event.key === "-") {
      this.map.zoomOut();
    } else if (event.key === "Escape") {
      this.legend.box.focus(); // the next thing on the page
      this.say("Left the map.");
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  middle() {
    const centre = this.map.project(this.bounds.getCenter(), 14);
    const away = this.centres.map((at, position) =>
      this.isOff(position) ? Infinity : this.map.project(at, 14).distanceTo(centre)
    );
    const least = away.reduce((best, one, at) => (one < away[best] ? at : best), 0);
    return away[least] === Infinity ? NONE : least;
  }
}

const maps = new WeakMap();

export function draw(data, root, act) {
  let map = maps.get(root);
  if (!map) {
    map = new AreaMap(root);
    maps.set(root, map);
  }
  map.update({ ...data, figures: unpackFigures(data.values, data.decimals) }, act);
  return () => {
    maps.delete(root);
    map.close();
  };
}
