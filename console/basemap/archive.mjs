/** Writes a PMTiles version 3 archive: one file of map tiles that a browser reads by byte ranges. */
import { gzipSync } from 'node:zlib';
import { zxyToTileId } from 'pmtiles';

const HEADER_BYTES = 127;
const ROOT_BYTES_MAX = 16_384 - HEADER_BYTES;
const LEAF_ENTRIES = 1024;
const GZIP = 2;
const VECTOR_TILES = 1;

/**
 * The archive that holds these tiles.
 *
 * Source: PMTiles version 3 specification, "Header" and "Directory serialization".
 * @param {{z: number, x: number, y: number, data: Uint8Array}[]} tiles
 * @param {object} metadata
 * @returns {Buffer}
 */
export function archive(tiles, metadata) {
  const { entries, bodies } = packed(tiles);
  const { root, leaves } = directories(entries);
  const json = squeezed(Buffer.from(JSON.stringify(metadata)));
  const zooms = tiles.map((tile) => tile.z);
  const rootAt = HEADER_BYTES;
  const jsonAt = rootAt + root.length;
  const leavesAt = jsonAt + json.length;
  const bodiesAt = leavesAt + leaves.length;
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('PMTiles', 0, 'ascii');
  header.writeUInt8(3, 7);
  const sizes = [rootAt, root.length, jsonAt, json.length, leavesAt, leaves.length, bodiesAt, bodies.length];
  const counts = [tiles.length, entries.length, new Set(entries.map((entry) => entry.offset)).size];
  [...sizes, ...counts].forEach((value, place) => header.writeBigUInt64LE(BigInt(value), 8 + 8 * place));
  header.writeUInt8(0, 96); // not clustered: equal tiles are stored once, out of their order
  header.writeUInt8(GZIP, 97);
  header.writeUInt8(GZIP, 98);
  header.writeUInt8(VECTOR_TILES, 99);
  header.writeUInt8(Math.min(...zooms), 100);
  header.writeUInt8(Math.max(...zooms), 101);
  [-180, -85, 180, 85].forEach((degrees, place) => header.writeInt32LE(degrees * 1e7, 102 + 4 * place));
  return Buffer.concat([header, root, json, leaves, bodies]);
}

/** Tiles in the order of their ids, each distinct body stored once. */
function packed(tiles) {
  const known = new Map();
  const chunks = [];
  let end = 0;
  const ordered = tiles
    .map((tile) => ({ id: zxyToTileId(tile.z, tile.x, tile.y), data: tile.data }))
    .sort((one, other) => one.id - other.id);
  const entries = [];
  for (const { id, data } of ordered) {
    const body = squeezed(Buffer.from(data));
    const key = body.toString('latin1');
    let place = known.get(key);
    if (place === undefined) {
      place = { offset: end, length: body.length };
      known.set(key, place);
      chunks.push(body);
      end += body.length;
    }
    const last = entries.at(-1);
    if (last && last.offset === place.offset && last.id + last.run === id) last.run += 1;
    else entries.push({ id, run: 1, ...place });
  }
  return { entries, bodies: Buffer.concat(chunks) };
}

/** The root directory and, where it would be too large for the first request, leaf directories. */
function directories(entries) {
  const single = directory(entries);
  if (single.length <= ROOT_BYTES_MAX) return { root: single, leaves: Buffer.alloc(0) };
  const leaves = [];
  const pointers = [];
  let offset = 0;
  for (let start = 0; start < entries.length; start += LEAF_ENTRIES) {
    const leaf = directory(entries.slice(start, start + LEAF_ENTRIES));
    pointers.push({ id: entries[start].id, run: 0, offset, length: leaf.length });
    leaves.push(leaf);
    offset += leaf.length;
  }
  return { root: directory(pointers), leaves: Buffer.concat(leaves) };
}

function directory(entries) {
  const bytes = [];
  varint(bytes, entries.length);
  entries.forEach((entry, place) => varint(bytes, place ? entry.id - entries[place - 1].id : entry.id));
  entries.forEach((entry) => varint(bytes, entry.run));
  entries.forEach((entry) => varint(bytes, entry.length));
  entries.forEach((entry, place) => {
    const before = entries[place - 1];
    const follows = before !== undefined && entry.offset === before.offset + before.length;
    varint(bytes, follows ? 0 : entry.offset + 1);
  });
  return squeezed(Buffer.from(bytes));
}

function varint(bytes, value) {
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

function squeezed(bytes) {
  return gzipSync(bytes, { level: 9 });
}
