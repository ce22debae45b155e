// Which areas are selected together? A part of the map.

class Many {
  constructor(owner) {
    this.owner = owner;
    this.several = false;
    this.codes = new Set();
    this.tools = element("div", "tools");
    this.mode = this.tool("Clicks select several", () => this.switchMode());
    this.clear = this.tool("Clear the selection", () => {
      if (this.codes.size) {
        this.set([], "Nothing is selected.");
      }
    });
    this.reset();
  }

  tool(words, act) {
    const button = element("button", "plain", words);
    button.type = "button";
    button.addEventListener("click", act);
    this.tools.append(button);
    return button;
  }

  reset() {
    this.rings = null;
    this.text = "";
  }

  switchMode() {
    this.several = !this.several;
    this.refresh();
    this.owner.say(this.several ? "Each click adds or removes an area." : "A click chooses one area.");
  }

  update(data) {
    this.rings ??= L.layerGroup().addTo(this.owner.map);
    this.codes = new Set(data.many || []);
    this.several = this.several && Boolean(data.many);
    this.refresh();
  }

  has(position) {
    return this.codes.has(this.owner.data.geometry.codes[position]);
  }

  toggle(position) {
    const { geometry, most_many: most } = this.owner.data;
    const codes = new Set(this.codes);
    const gone = codes.delete(geometry.codes[position]);
    if (!gone && codes.size >= most) {
      this.owner.say(`At most ${most} areas can be selected.`);
      return;
    }
    if (!gone) {
      codes.add(geometry.codes[position]);
    }
    const total = codes.size ? `${sayAreas(codes.size)} selected.` : "Nothing is selected.";
    this.set([...codes], `${gone ? "Removed" : "Added"}: ${geometry.names[position]}. ${total}`);
  }

  set(codes, words) {
    this.codes = new Set(codes);
    this.refresh();
    this.owner.say(words);
    this.owner.act.pickMany(codes);
  }

  refresh() {
    const { data } = this.owner;
    this.tools.hidden = !data.many || data.asks_spot;
    this.mode.setAttribute("aria-pressed", String(this.several));
    this.clear.setAttribute("aria-disabled", String(this.codes.size === 0));
    this.clear.textContent = `Clear the selection (${this.codes.size})`;
    const text = [...this.codes].join(" ");
    if (text === this.text) {
      return;
    }
    this.text = text;
    this.rings.clearLayers();
    this.codes.forEach((code) => {
      const position = this.owner.positions.get(code);
      if (position !== undefined) {
        this.rings.addLayer(this.owner.outline(position, { color: "#ffffff", weight: 7 }));
        this.rings.addLayer(this.owner.outline(position, { color: PICKED, weight: 4 }));
      }
    });
  }
}
