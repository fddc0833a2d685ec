// Draws a tensor as maps, straight from the engine's buffers: one cell for each channel, in rows of cells.

struct View {
  /** Corner of the drawing on the canvas, and size of a cell, in pixels. */
  origin: vec2f, cell: vec2f,
  columnsOfCells: u32, cells: u32, firstCell: u32, palette: u32,
  rows: u32, columns: u32, first: u32, scaling: u32,
  channelStride: u32, rowStride: u32, columnStride: u32, colourStride: u32,
  paper: vec3f, scale: f32,
  /** Channels of the tensor, where `ranges` goes on with the range of all; pixels between cells. */
  channels: u32, gap: f32,
}

struct Range { least: f32, most: f32 }

@group(0) @binding(0) var<uniform> view: View;
@group(0) @binding(1) var<storage, read> values: array<f32>;
@group(0) @binding(2) var<storage, read> ranges: array<Range>;
/** 256 colours from small to large, 8 bits each of red, green and blue. */
@group(0) @binding(3) var<storage, read> colours: array<u32, 256>;

const SIGNED = 0u;
const UNSIGNED = 1u;
const FILTERS = 2u;

const OWN_SCALE = 0u;
const LAYER_SCALE = 1u;

/** `firstCell` for the channel with the largest value. */
const STRONGEST = 0xffffffffu;

@vertex fn corner(@builtin(vertex_index) i: u32) -> @builtin(position) vec4f {
  return vec4f(f32(i & 1) * 4 - 1, f32(i >> 1) * 4 - 1, 0, 1);
}

/** Blue below 0, orange above, paper at 0; the largest value has the full colour. */
fn signedColour(value: f32) -> vec3f {
  return mix(view.paper, select(vec3f(0.1, 0.42, 0.86), vec3f(0.93, 0.47, 0.05), value > 0), clamp(abs(value), 0, 1));
}

fn unsignedColour(value: f32) -> vec3f {
  let packed = colours[u32(clamp(value, 0, 1) * 255 + 0.5)];
  return vec3f(f32(packed & 255), f32((packed >> 8) & 255), f32((packed >> 16) & 255)) / 255;
}

/** Colours are drawn as they are written: the canvas has no sRGB format. A value that is not finite is magenta. */
@fragment fn paint(@builtin(position) position: vec4f) -> @location(0) vec4f {
  let at = (position.xy - view.origin) / view.cell;
  let cell = vec2u(at);
  let number = cell.y * view.columnsOfCells + cell.x;
  let inside = fract(at) * view.cell;
  let side = view.cell - view.gap;
  if (number >= view.cells || cell.x >= view.columnsOfCells) { return vec4f(view.paper, 1); }
  if (any(inside >= side)) { discard; }
  let channel = select(view.firstCell + number, u32(ranges[view.channels + 1].least), view.firstCell == STRONGEST);
  let row = min(u32(inside.y / side.y * f32(view.rows)), view.rows - 1);
  let column = min(u32(inside.x / side.x * f32(view.columns)), view.columns - 1);
  let place = view.first + channel * view.channelStride + row * view.rowStride + column * view.columnStride;
  let range = ranges[select(view.channels, channel, view.scaling == OWN_SCALE)];
  let known = view.scaling <= LAYER_SCALE;
  let largest = max(select(view.scale, max(abs(range.least), abs(range.most)), known), 1e-30);
  let value = values[place];
  if (!(abs(value) <= 3.4e38)) { return vec4f(0.9, 0, 0.8, 1); }
  switch view.palette {
    case SIGNED: { return vec4f(signedColour(value / largest), 1); }
    case FILTERS: { // Planes are blue, green and red.
      let colour = vec3f(values[place + 2 * view.colourStride], values[place + view.colourStride], value);
      return vec4f(0.5 + 0.5 * colour / largest, 1);
    }
    default: { // Values from 0 on are drawn from 0 on.
      let least = select(min(range.least, 0), 0, !known);
      return vec4f(unsignedColour((value - least) / max(select(view.scale, range.most, known) - least, 1e-30)), 1);
    }
  }
}
