/**
 * The table of tracks: columns filled straight from track frames, and the vertices that the GPU draws.
 *
 * Positions go to the GPU as web Mercator in two parts, because one 32-bit float is only good to some metres.
 */
import { eachRecord, type Placed } from '../wire/frame';

/** Floats of one vertex: x, y (high), x, y (low), velocity x, y, observed s, course rad, sprite. */
export const VERTEX_FLOATS = 9;
/** After this long a position is no longer carried on by its last speed. */
export const RECKON_MAX_S = 15;
/** After this long a track is drawn faded, with how long ago it was seen. */
export const FADED_AFTER_S = 30;

const CIRCUMFERENCE_M = 40_075_016.686;
const METRES_PER_DEGREE = CIRCUMFERENCE_M / 360;
const FIRST_CAPACITY = 1024;

/** Sprite flags, above the number of the sprite: see tracklayer.ts. */
export const SPRITE_OF_INTEREST = 64;
export const SPRITE_UNKNOWN = 128;

export class Tracks {
  /** One more than the highest slot in use. */
  size = 0;
  /** How many slots hold a track. */
  count = 0;
  version = 0;
  present = new Uint8Array(0);
  longitude_deg = new Float64Array(0);
  latitude_deg = new Float64Array(0);
  observed_s = new Float64Array(0);
  speed_mps = new Float32Array(0);
  course_deg = new Float32Array(0);
  altitude_m = new Float32Array(0);
  kind = new Uint8Array(0);
  party = new Uint8Array(0);
  flags = new Uint8Array(0);
  vertices = new Float32Array(0);

  /** Forgets every track. */
  clear(): void {
    this.size = 0;
    this.count = 0;
    this.present.fill(0);
    this.vertices.fill(0);
    this.version += 1;
  }

  /** Takes a frame; answers the node's time in it, in seconds since the epoch of `hello`. */
  take(frame: ArrayBuffer): number {
    const head = eachRecord(frame, (placed) => this.place(placed));
    this.version += 1;
    return head.node_ms / 1000;
  }

  /** Puts one track in its slot. */
  place(placed: Placed): void {
    const slot = placed.slot;
    this.reserve(slot);
    if (!this.present[slot]) {
      this.present[slot] = 1;
      this.count += 1;
    }
    this.size = Math.max(this.size, slot + 1);
    this.longitude_deg[slot] = placed.longitude_deg;
    this.latitude_deg[slot] = placed.latitude_deg;
    this.observed_s[slot] = placed.observed_ms / 1000;
    this.speed_mps[slot] = placed.speed_mps ?? NaN;
    this.course_deg[slot] = placed.course_deg ?? NaN;
    this.altitude_m[slot] = placed.altitude_m ?? NaN;
    this.kind[slot] = placed.kind;
    this.party[slot] = placed.party;
    this.flags[slot] = (placed.ofInterest ? 1 : 0) | (placed.inside ? 2 : 0) | (placed.state === 'unknown' ? 4 : 0);
    this.writeVertex(slot);
  }

  /** Forgets the tracks in these slots. */
  drop(slots: number[]): void {
    for (const slot of slots) {
      if (!this.present[slot]) continue;
      this.present[slot] = 0;
      this.count -= 1;
      this.vertices.fill(0, slot * VERTEX_FLOATS, (slot + 1) * VERTEX_FLOATS);
    }
    this.version += 1;
  }

  ofInterest(slot: number): boolean {
    return ((this.flags[slot] ?? 0) & 1) !== 0;
  }

  /** How long ago a track was seen, in seconds; 0 when its report is of the future. */
  age_s(slot: number, now_s: number): number {
    return Math.max(0, now_s - (this.observed_s[slot] ?? now_s));
  }

  /** Where a track is drawn: its last report, carried on for at most RECKON_MAX_S. Longitude, latitude. */
  at(slot: number, now_s: number): [number, number] {
    const longitude = this.longitude_deg[slot] ?? 0;
    const latitude = this.latitude_deg[slot] ?? 0;
    const speed = this.speed_mps[slot] ?? NaN;
    const course = ((this.course_deg[slot] ?? NaN) * Math.PI) / 180;
    if (Number.isNaN(speed) || Number.isNaN(course)) return [longitude, latitude];
    const run_m = speed * Math.min(RECKON_MAX_S, this.age_s(slot, now_s));
    const east = (run_m * Math.sin(course)) / (METRES_PER_DEGREE * Math.cos((latitude * Math.PI) / 180));
    return [longitude + east, latitude + (run_m * Math.cos(course)) / METRES_PER_DEGREE];
  }

  /** The slot nearest to a place and within `reach_deg` of it, or -1. Tracks of interest win ties. */
  nearest(longitude_deg: number, latitude_deg: number, reach_deg: number, now_s: number): number {
    let best = -1;
    let closest = reach_deg * reach_deg;
    const shrink = Math.cos((latitude_deg * Math.PI) / 180);
    for (let slot = 0; slot < this.size; slot += 1) {
      if (!this.present[slot]) continue;
      const [longitude, latitude] = this.at(slot, now_s);
      const east = (longitude - longitude_deg) * shrink;
      const north = latitude - latitude_deg;
      const apart = (east * east + north * north) * (this.ofInterest(slot) ? 0.5 : 1);
      if (apart < closest) {
        closest = apart;
        best = slot;
      }
    }
    return best;
  }

  private writeVertex(slot: number): void {
    const at = slot * VERTEX_FLOATS;
    const latitude = ((this.latitude_deg[slot] ?? 0) * Math.PI) / 180;
    const course = ((this.course_deg[slot] ?? NaN) * Math.PI) / 180;
    const speed = this.speed_mps[slot] ?? NaN;
    const moving = !Number.isNaN(course) && !Number.isNaN(speed);
    const perSecond = moving ? speed / (CIRCUMFERENCE_M * Math.cos(latitude)) : 0;
    const x = ((this.longitude_deg[slot] ?? 0) + 180) / 360;
    const y = (1 - Math.log(Math.tan(Math.PI / 4 + latitude / 2)) / Math.PI) / 2;
    const vertices = this.vertices;
    vertices[at] = x;
    vertices[at + 1] = y;
    vertices[at + 2] = x - Math.fround(x);
    vertices[at + 3] = y - Math.fround(y);
    vertices[at + 4] = moving ? perSecond * Math.sin(course) : 0;
    vertices[at + 5] = moving ? -perSecond * Math.cos(course) : 0;
    vertices[at + 6] = this.observed_s[slot] ?? 0;
    vertices[at + 7] = Number.isNaN(course) ? 0 : course;
    vertices[at + 8] = this.sprite(slot) + 1;
  }

  private sprite(slot: number): number {
    const flags = this.flags[slot] ?? 0;
    const picture = Math.min(3, this.party[slot] ?? 0) * 8 + Math.min(7, this.kind[slot] ?? 0);
    return picture + (flags & 1 ? SPRITE_OF_INTEREST : 0) + (flags & 4 ? SPRITE_UNKNOWN : 0);
  }

  private reserve(slot: number): void {
    if (slot < this.present.length) return;
    const room = Math.max(FIRST_CAPACITY, 2 ** Math.ceil(Math.log2(slot + 1)));
    this.present = grown(this.present, new Uint8Array(room));
    this.longitude_deg = grown(this.longitude_deg, new Float64Array(room));
    this.latitude_deg = grown(this.latitude_deg, new Float64Array(room));
    this.observed_s = grown(this.observed_s, new Float64Array(room));
    this.speed_mps = grown(this.speed_mps, new Float32Array(room));
    this.course_deg = grown(this.course_deg, new Float32Array(room));
    this.altitude_m = grown(this.altitude_m, new Float32Array(room));
    this.kind = grown(this.kind, new Uint8Array(room));
    this.party = grown(this.party, new Uint8Array(room));
    this.flags = grown(this.flags, new Uint8Array(room));
    this.vertices = grown(this.vertices, new Float32Array(room * VERTEX_FLOATS));
  }
}

function grown<Column extends { set(from: Column): void }>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}
