// What do the colours, patterns and shapes mean, and which of them are shown? A part of the map.

// On a square the pattern is a mark of its own; elsewhere it says that there is no plain figure.
function isDashed(look, data) {
  return Boolean(look.pattern) && !(data.square && look.always);
}

function headCell(words, scope) {
  const cell = element("th", "", words);
  cell.scope = scope;
  return cell;
}

function legendItem(...pieces) {
  const item = element("li");
  item.append(...pieces);
  return item;
}

// The legend is read as words; each entry is a button that takes its areas or points off the map
// and puts them back. What is off is said in words and struck through, so not by colour alone.
class Legend {
  constructor(onChange) {
    this.box = element("div", "legend");
    this.box.tabIndex = -1;
    this.hidden = new Set();
    this.buttons = new Map();
    this.onChange = onChange;
    this.text = "";
  }

  // Which groups an area's class belongs to: itself, or its cell and its mark on a square.
  groupsOf(data, index) {
    const look = data.classes[index];
    if (!data.square || !look.always) {
      return [`class ${look.label}`];
    }
    const cell = data.square.colours.flatMap((row, at) =>
      row.flatMap((colour, column) => (colour === look.colour ? [`cell ${at} ${column}`] : []))
    );
    const keys = data.square.keys.filter((key) => key.pattern === look.pattern);
    return [...cell, ...keys.map((key) => `class ${key.label}`)];
  }

  // True for each class that is off.
  classesOff(data) {
    return data.classes.map((_, index) =>
      this.groupsOf(data, index).some((group) => this.hidden.has(group))
    );
  }

  isOff(set) {
    return this.hidden.has(`points ${set.label}`);
  }

  update(data) {
    const counts = data.classes.map(() => 0);
    for (let i = 0; i < data.geometry.codes.length; i += 1) {
      const index = classAt(data, i);
      if (index !== NONE) {
        counts[index] += 1;
      }
    }
    const said = {
      legend: data.legend, classes: data.classes, square: data.square, counts,
      over: data.over.map((piece) => [piece.label, piece.styles]),
      points: data.markers.map((set) => [set.label, set.shape, set.colour, set.names.length]),
    };
    const text = JSON.stringify(said);
    if (text !== this.text) {
      this.text = text; // what has not changed keeps its place, and a button in use the keyboard
      this.draw(data, counts);
    }
  }

  draw(data, counts) {
    const root = this.box.getRootNode();
    const inUse = [...this.buttons].find(([, button]) => button === root.activeElement)?.[0];
    this.buttons.clear();
    const areas = element("ul");
    data.square?.keys.forEach((look, index) => {
      const picture = swatch({ ...look, solid: true }, `key-${index}`);
      const off = this.toggle(`class ${look.label}`, look.label, look.count, "area", picture);
      areas.append(legendItem(off));
    });
    data.classes.forEach((look, index) => {
      if (look.always ? !data.square : counts[index]) {
        const group = `class ${look.label}`;
        const picture = swatch(look, index);
        areas.append(legendItem(this.toggle(group, look.label, counts[index], "area", picture)));
      }
    });
    const points = element("ul");
    data.markers.forEach((set) => {
      const group = `points ${set.label}`;
      points.append(
        legendItem(this.toggle(group, set.label, set.names.length, "point", badge(set)))
      );
    });
    const over = element("ul");
    data.over.forEach((piece) => {
      if (piece.label) {
        const picture = lineSwatch(piece.styles[piece.styles.length - 1]);
        over.append(legendItem(picture, element("span", "", piece.label)));
      }
    });
    this.all = element("button", "plain", "Show everything again");
    this.all.type = "button";
    this.all.addEventListener("click", () => this.showAll());
    this.box.replaceChildren(element("p", "", data.legend));
    if (data.square) {
      this.box.append(this.squareLegend(data.square));
    }
    this.box.append(...[areas, over, points].filter((list) => list.children.length), this.all);
    [...this.hidden].filter((group) => !this.buttons.has(group)).forEach((group) => {
      this.hidden.delete(group); // it is not in this legend any more
    });
    this.refresh();
    this.buttons.get(inUse)?.focus();
  }

  toggle(group, label, count, noun, ...pieces) {
    const button = element("button", "key");
    button.type = "button";
    const state = element("span", "state");
    const words = element("span", "words", noun === "cell" ? String(count) : `${label} (${count})`);
    button.append(...pieces, words, state);
    if (noun === "cell") {
      button.setAttribute("aria-label", `${label}: ${sayAreas(count)}`);
    }
    button.addEventListener("click", () => {
      const off = !this.hidden.delete(group);
      if (off) {
        this.hidden.add(group);
      }
      this.refresh();
      const many = noun === "point" ? (count === 1 ? "1 point" : `${count} points`) : sayAreas(count);
      this.onChange(`${off ? "Taken off the map" : "On the map again"}: ${label}, ${many}.`);
    });
    this.buttons.set(group, button);
    return button;
  }

  showAll() {
    this.hidden.clear();
    this.refresh();
    this.box.focus();
    this.onChange("Everything is on the map again.");
  }

  refresh() {
    this.buttons.forEach((button, group) => {
      const off = this.hidden.has(group);
      button.setAttribute("aria-pressed", String(!off));
      button.querySelector(".state").textContent = off ? " off" : "";
    });
    this.all.hidden = this.hidden.size === 0;
  }

  // Two things at once, as a table that is read out cell by cell.
  squareLegend(square) {
    const table = element("table", "square");
    table.append(element("caption", "", `${square.down}, ${square.across}`));
    const head = table.createTHead().insertRow();
    head.append(element("td"), ...square.columns.map((words) => headCell(words, "col")));
    const body = table.createTBody();
    square.rows.forEach((words, row) => {
      const line = body.insertRow();
      line.append(headCell(words, "row"));
      square.counts[row].forEach((count, column) => {
        const label = `${words}, ${square.columns[column]}`;
        const button = this.toggle(`cell ${row} ${column}`, label, count, "cell");
        const cell = element("td");
        button.style.background = square.colours[row][column];
        button.style.color = square.inks[row][column];
        cell.append(button);
        line.append(cell);
      });
    });
    return table;
  }
}
