import { describe, expect, it } from 'vitest';
import { eachRecord, frameHead, HEAD_BYTES, RECORD_BYTES, type Placed } from '../src/wire/frame';

/** Written byte by byte from the table in docs/wire.md, and not with the code that reads it. */
function frameOf(records: number[][], node_ms = 0n): ArrayBuffer {
  const bytes = new ArrayBuffer(16 + records.length * 24);
  const view = new DataView(bytes);
  [0x4b, 0x43, 0x54, 0x31].forEach((letter, i) => view.setUint8(i, letter));
  view.setUint32(4, records.length, true);
  view.setBigUint64(8, node_ms, true);
  records.forEach(([slot, lon, lat, at, alt, speed, course, flags], i) => {
    const o = 16 + i * 24;
    view.setUint32(o, slot ?? 0, true);
    view.setInt32(o + 4, lon ?? 0, true);
    view.setInt32(o + 8, lat ?? 0, true);
    view.setUint32(o + 12, at ?? 0, true);
    view.setInt16(o + 16, alt ?? 0, true);
    view.setUint16(o + 18, speed ?? 0, true);
    view.setUint16(o + 20, course ?? 0, true);
    view.setUint16(o + 22, flags ?? 0, true);
  });
  return bytes;
}

function all(frame: ArrayBuffer): Placed[] {
  const found: Placed[] = [];
  eachRecord(frame, (placed) => found.push({ ...placed }));
  return found;
}

describe('a track frame', () => {
  it('gives back what docs/wire.md says that its bytes mean', () => {
    const frame = frameOf([[7, 386175000, -335058000, 61_250, 1_525, 18_500, 31_805, 0b010_1_1_01_0001]], 90_000n);
    expect(frameHead(frame)).toEqual({ count: 1, node_ms: 90_000 });
    expect(all(frame)).toEqual([
      {
        slot: 7,
        longitude_deg: 38.6175,
        latitude_deg: -33.5058,
        observed_ms: 61_250,
        altitude_m: 6_100,
        speed_mps: 185,
        course_deg: 318.05,
        kind: 1,
        state: 'aging',
        ofInterest: true,
        inside: true,
        party: 2,
      },
    ]);
  });

  it('tells an unknown height, speed and course apart from nought', () => {
    const [unknown] = all(frameOf([[0, 0, 0, 0, -32768, 65535, 65535, 0]]));
    const [nought] = all(frameOf([[0, 0, 0, 0, 0, 0, 0, 0]]));
    expect([unknown?.altitude_m, unknown?.speed_mps, unknown?.course_deg]).toEqual([null, null, null]);
    expect([nought?.altitude_m, nought?.speed_mps, nought?.course_deg]).toEqual([0, 0, 0]);
  });

  it('reads a state that does not exist yet as unknown, never as live', () => {
    expect(all(frameOf([[0, 0, 0, 0, 0, 0, 0, 0b11_0000]]))[0]?.state).toBe('unknown');
  });

  it('is refused whole when it is cut short, too long or of another kind', () => {
    const frame = frameOf([
      [1, 0, 0, 0, 0, 0, 0, 0],
      [2, 0, 0, 0, 0, 0, 0, 0],
    ]);
    for (let size = 0; size < frame.byteLength; size += 1) {
      expect(() => frameHead(frame.slice(0, size))).toThrow(RangeError);
    }
    const longer = new Uint8Array(frame.byteLength + 1);
    longer.set(new Uint8Array(frame));
    expect(() => frameHead(longer.buffer)).toThrow(RangeError);
    const other = frame.slice(0);
    new DataView(other).setUint8(3, 0x32);
    expect(() => frameHead(other)).toThrow(RangeError);
    expect(frame.byteLength).toBe(HEAD_BYTES + 2 * RECORD_BYTES);
  });
});
