// What does a message from Python say of each area? A part of the map.

// Shapes come as steps from corner to corner in hundred-thousandths of a degree, ring after ring.
function unpack(packed) {
  let at = 0;
  let ring = 0;
  let polygon = 0;
  let lat = 0;
  let lng = 0;
  const readRing = () =>
    Array.from({ length: packed.rings[ring++] }, () => {
      lat += packed.steps[at++];
      lng += packed.steps[at++];
      return [lat / 1e5, lng / 1e5];
    });
  const readPolygon = () => Array.from({ length: packed.polygons[polygon++] }, readRing);
  return packed.shapes.map((count) => Array.from({ length: count }, readPolygon));
}

function boundsOf(shapes) {
  const bounds = L.latLngBounds([]);
  shapes.forEach((shape) =>
    shape.forEach((polygon) => polygon[0].forEach((corner) => bounds.extend(corner)))
  );
  return bounds;
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const DIGIT_AT = new Map([...DIGITS].map((digit, at) => [digit, at]));

// Figures come as so many digits each, counted from the least of them; nothing is 0.
function unpackFigures(packed, decimals) {
  if (!packed) {
    return null;
  }
  const { least, width, text } = packed;
  return Array.from({ length: text.length / width }, (_, at) => {
    let number = 0;
    for (let i = at * width; i < (at + 1) * width; i += 1) {
      number = number * 64 + DIGIT_AT.get(text[i]);
    }
    return number === 0 ? null : (number - 1 + least) / 10 ** decimals;
  });
}

function valueWords(data, position) {
  const value = data.figures ? data.figures[position] : null;
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

function sayAreas(count) {
  return count === 1 ? "1 area" : `${count.toLocaleString("en-GB")} areas`;
}
