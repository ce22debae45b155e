// The only part of the area map that travels with every message. The map's code, its styles and
// the place's geometry arrive once, under `data.once`, and stay in this module: Streamlit gives
// every map on every page of the app the same module. What the browser holds is reported back,
// so that Python sends it again only when the browser has lost it.
const held = { codeId: "", draw: null, geometries: new Map() };
const mounted = new WeakMap();
const MOST_GEOMETRIES = 4;

async function receive(once) {
  if (held.codeId !== once.code_id) {
    const url = URL.createObjectURL(new Blob([once.code], { type: "text/javascript" }));
    try {
      held.draw = (await import(url)).draw;
      held.codeId = once.code_id;
    } finally {
      URL.revokeObjectURL(url);
    }
  }
  held.geometries.set(once.geometry_id, once.geometry);
  while (held.geometries.size > MOST_GEOMETRIES) {
    held.geometries.delete(held.geometries.keys().next().value);
  }
}

export default async function (component) {
  const { data, parentElement, setTriggerValue } = component;
  if (data.once) {
    await receive(data.once);
  }
  const geometry = held.geometries.get(data.geometry_id);
  if (held.codeId !== data.code_id || !geometry) {
    setTriggerValue("held", "");
    return undefined;
  }
  const before = mounted.get(parentElement);
  if (before && before.draw !== held.draw) {
    before.close(); // drawn by code that has been replaced since
  }
  const close = held.draw({ ...data, geometry }, parentElement, {
    pick: (code) => setTriggerValue("picked", code),
    pickMany: (codes) => setTriggerValue("picked_many", codes),
    draw: (corners) => setTriggerValue("drawn", corners),
    spot: (place) => setTriggerValue("spotted", place),
  });
  mounted.set(parentElement, { draw: held.draw, close });
  if (data.once) {
    setTriggerValue("held", `${data.code_id} ${data.geometry_id}`);
  }
  return () => {
    mounted.delete(parentElement);
    close();
  };
}

// For the browser tests: forget everything, as a browser does that was short of memory.
globalThis.plannerAreaMapForget = () => {
  held.codeId = "";
  held.geometries.clear();
};
