// How does a person point at a spot or draw a shape, by hand or by keyboard? A part of the map.

const STEP = 24; // pixels an arrow key moves the cross
const FINE = 4; // the same with Shift
const NEAR = 14; // pixels within which a corner is meant again

function degrees(at) {
  return [Number(at.lat.toFixed(6)), Number(at.lng.toFixed(6))];
}

function pin(className, size, shape) {
  const picture = svg("svg", { width: size, height: size, viewBox: "0 0 32 32" });
  const paths = {
    cross: ["M16,2 L16,30 M2,16 L30,16"],
    drop: ["M16,30 L8,16.5 A9.5,9.5 0 1,1 24,16.5 Z"],
  }[shape];
  paths.forEach((d) => {
    picture.append(svg("path", { d, fill: "none", stroke: "#ffffff", "stroke-width": 6 }));
    const fill = shape === "drop" ? "#e69f00" : "none";
    picture.append(svg("path", { d, fill, stroke: CHOSEN, "stroke-width": 2 }));
  });
  const anchor = shape === "drop" ? [size / 2, size - 1] : [size / 2, size / 2];
  return L.divIcon({ className, html: picture, iconSize: [size, size], iconAnchor: anchor });
}

class Drawing {
  constructor(owner) {
    this.owner = owner; // the map of areas
    this.tools = element("div", "tools");
    this.start = this.tool("Draw a shape", () => this.begin());
    this.undo = this.tool("Take the last corner back", () => this.back());
    this.close = this.tool("Finish the shape", () => this.finish());
    this.stop = this.tool("Stop drawing", () => this.cancel());
    this.remove = this.tool("Remove the shape", () => this.owner.act.draw([]));
    this.reset();
  }

  tool(words, act) {
    const button = element("button", "plain", words);
    button.type = "button";
    button.addEventListener("click", act);
    this.tools.append(button);
    return button;
  }

  // A new map has been built: nothing of the old one is left.
  reset() {
    this.layers = null;
    this.cross = null;
    this.marker = null;
    this.corners = [];
    this.drawing = false;
    this.spotText = "";
    this.shapeText = "";
  }

  update(data) {
    const { map } = this.owner;
    this.layers ??= L.layerGroup().addTo(map);
    if (!data.asks_shape && this.drawing) {
      this.drawing = false;
      this.corners = [];
    }
    const spotText = JSON.stringify(data.asks_spot ? data.spot : null);
    if (spotText !== this.spotText) {
      this.spotText = spotText;
      this.drawSpot(data.asks_spot ? data.spot : null);
    }
    this.shapeText = JSON.stringify(data.shape);
    this.refresh();
  }

  // Whether arrow keys move the cross instead of going from area to area.
  get pointing() {
    return this.drawing || Boolean(this.owner.data.asks_spot);
  }

  drawSpot(spot) {
    this.marker?.remove();
    this.marker = null;
    if (!spot) {
      return;
    }
    this.marker = L.marker(spot, {
      icon: pin("spot-pin", 40, "drop"), draggable: true, keyboard: false, autoPan: true,
      zIndexOffset: 30000,
    });
    this.marker.on("dragend", () => this.owner.spot(this.marker.getLatLng()));
    this.marker.addTo(this.owner.map);
    this.marker.getElement()?.setAttribute("aria-hidden", "true");
    if (this.cross) {
      this.cross.setLatLng(spot);
    }
  }

  // ---- by keyboard: a cross that arrow keys move ----------------------------------------------

  showCross() {
    const { map, data } = this.owner;
    if (!this.cross) {
      const at = data.asks_spot && data.spot ? L.latLng(data.spot) : map.getCenter();
      this.cross = L.marker(at, {
        icon: pin("cross", 32, "cross"), interactive: false, keyboard: false, zIndexOffset: 40000,
      }).addTo(map);
      this.cross.getElement()?.setAttribute("aria-hidden", "true");
    }
    return this.cross.getLatLng();
  }

  hideCross() {
    this.cross?.remove();
    this.cross = null;
  }

  moveCross(dx, dy, step) {
    const { map } = this.owner;
    const at = this.showCross();
    const moved = map.containerPointToLatLng(
      map.latLngToContainerPoint(at).add([dx * step, dy * step])
    );
    this.cross.setLatLng(moved);
    if (!map.getBounds().pad(-0.05).contains(moved)) {
      map.panTo(moved, { animate: false });
    }
    if (this.drawing) {
      this.redraw(moved);
    }
    this.owner.say(this.whereWords(moved));
  }

  whereWords(at) {
    const position = this.owner.areaAt(at);
    return position === NONE ? "Outside the areas." : `${this.owner.data.geometry.names[position]}.`;
  }

  // Return whether the key was meant for drawing.
  key(event) {
    const steps = {
      ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1],
    };
    if (!this.pointing) {
      return false;
    }
    if (steps[event.key]) {
      this.moveCross(...steps[event.key], event.shiftKey ? FINE : STEP);
    } else if (this.drawing && event.key === "Enter") {
      this.finish();
    } else if (event.key === " " || event.key === "Enter") {
      this.click(this.showCross());
    } else if (this.drawing && event.key === "Backspace") {
      this.back();
    } else if (this.drawing && event.key === "Escape") {
      this.cancel();
    } else {
      return false;
    }
    return true;
  }

  // ---- a shape ----------------------------------------------------------------------------------

  begin() {
    this.drawing = true;
    this.corners = [];
    this.owner.map.doubleClickZoom.disable();
    this.refresh();
    this.owner.canvas.focus();
    this.showCross();
    this.owner.say(
      "Drawing. Click each corner, or move the cross with the arrow keys and put a corner with " +
      "the space bar. Enter finishes."
    );
  }

  click(at) {
    const { map, data } = this.owner;
    if (!this.drawing) {
      this.owner.spot(at);
      return;
    }
    const here = map.latLngToContainerPoint(at);
    const meant = (corner) => corner && map.latLngToContainerPoint(corner).distanceTo(here) < NEAR;
    if (this.corners.length > 2 && meant(this.corners[0])) {
      this.finish();
    } else if (meant(this.corners[this.corners.length - 1])) {
      this.owner.say("There is a corner already.");
    } else if (this.corners.length >= data.most_corners) {
      this.owner.say(`A shape has at most ${data.most_corners} corners.`);
    } else {
      this.corners.push(at);
      this.refresh();
      this.owner.say(`Corner ${this.corners.length}. ${this.whereWords(at)}`);
    }
  }

  back() {
    if (this.corners.pop()) {
      this.refresh();
      this.owner.say(`Taken back; ${this.corners.length} left.`);
    }
  }

  finish() {
    if (this.corners.length < 3) {
      this.owner.say("A shape needs at least three corners.");
      return;
    }
    const shape = this.corners.map(degrees);
    this.end();
    this.owner.say(`The shape is drawn, with ${shape.length} corners.`);
    this.owner.act.draw(shape);
  }

  cancel() {
    this.end();
    this.owner.say("Stopped drawing. Nothing has changed.");
  }

  end() {
    this.drawing = false;
    this.corners = [];
    this.hideCross();
    this.owner.map.doubleClickZoom.enable();
    this.owner.canvas.focus();
    this.refresh();
  }

  refresh() {
    const { data } = this.owner;
    this.tools.hidden = !data.asks_shape;
    this.start.hidden = this.drawing;
    this.start.textContent = data.shape ? "Draw another shape" : "Draw a shape";
    this.remove.hidden = this.drawing || !data.shape;
    [this.undo, this.close, this.stop].forEach((button) => {
      button.hidden = !this.drawing;
    });
    this.owner.canvas.classList.toggle("pointing", this.pointing);
    this.redraw();
  }

  redraw(to) {
    const { data, renderer } = this.owner;
    this.layers.clearLayers();
    const line = (points, look) => {
      const style = { renderer, interactive: false, fill: false, ...look };
      this.layers.addLayer(L.polyline(points, { ...style, color: "#ffffff", weight: 6 }));
      this.layers.addLayer(L.polyline(points, { ...style, color: PICKED, weight: 3 }));
    };
    if (this.drawing) {
      const points = to ? [...this.corners, to] : this.corners;
      line(points, { dashArray: "7 5" });
      this.corners.forEach((corner) => {
        this.layers.addLayer(new ShapeMarker(corner, {
          renderer, interactive: false, radius: 6, shape: "square", fillColor: "#e69f00",
        }));
      });
    } else if (data.asks_shape && data.shape) {
      line([...data.shape, data.shape[0]], {});
    }
  }
}
