/** Track frames: packed records of positions, as docs/wire.md defines them. */

export const HEAD_BYTES = 16;
export const RECORD_BYTES = 24;
const MARK = 0x3154434b; // "KCT1", little-endian
const ALTITUDE_UNKNOWN = -32768;
const UNKNOWN_16 = 65535;

export type TrackState = 'live' | 'aging' | 'unknown';
const STATES: TrackState[] = ['live', 'aging', 'unknown', 'unknown'];

export interface Placed {
  slot: number;
  longitude_deg: number;
  latitude_deg: number;
  /** When observed, in milliseconds since the epoch that `hello` named. */
  observed_ms: number;
  altitude_m: number | null;
  speed_mps: number | null;
  course_deg: number | null;
  kind: number;
  state: TrackState;
  ofInterest: boolean;
  inside: boolean;
  party: number;
}

export interface FrameHead {
  count: number;
  /** The node's time, in milliseconds since the epoch that `hello` named. */
  node_ms: number;
}

/** The head of a frame. Throws when the bytes are not a whole frame: half a frame is never drawn. */
export function frameHead(frame: ArrayBuffer): FrameHead {
  const view = new DataView(frame);
  if (frame.byteLength < HEAD_BYTES || view.getUint32(0, true) !== MARK) {
    throw new RangeError(`not a track frame: ${frame.byteLength} bytes`);
  }
  const count = view.getUint32(4, true);
  const wanted = HEAD_BYTES + count * RECORD_BYTES;
  if (frame.byteLength !== wanted) {
    throw new RangeError(`a frame of ${count} records must have ${wanted} bytes, has ${frame.byteLength}`);
  }
  return { count, node_ms: Number(view.getBigUint64(8, true)) };
}

/** Calls `take` with each record. The object is used again for the next one: copy what is to be kept. */
export function eachRecord(frame: ArrayBuffer, take: (placed: Placed) => void): FrameHead {
  const head = frameHead(frame);
  const view = new DataView(frame);
  const placed = {} as Placed;
  for (let at = HEAD_BYTES; at < frame.byteLength; at += RECORD_BYTES) {
    readRecord(view, at, placed);
    take(placed);
  }
  return head;
}

function readRecord(view: DataView, at: number, into: Placed): void {
  const altitude = view.getInt16(at + 16, true);
  const speed = view.getUint16(at + 18, true);
  const course = view.getUint16(at + 20, true);
  const flags = view.getUint16(at + 22, true);
  into.slot = view.getUint32(at, true);
  into.longitude_deg = view.getInt32(at + 4, true) / 1e7;
  into.latitude_deg = view.getInt32(at + 8, true) / 1e7;
  into.observed_ms = view.getUint32(at + 12, true);
  into.altitude_m = altitude === ALTITUDE_UNKNOWN ? null : altitude * 4;
  into.speed_mps = speed === UNKNOWN_16 ? null : speed / 100;
  into.course_deg = course === UNKNOWN_16 ? null : course / 100;
  into.kind = flags & 15;
  into.state = STATES[(flags >> 4) & 3] ?? 'unknown';
  into.ofInterest = (flags & 64) !== 0;
  into.inside = (flags & 128) !== 0;
  into.party = (flags >> 8) & 7;
}
