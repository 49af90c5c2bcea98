/**
 * The pictures of tracks, in one texture of 8 x 8 cells: a column for each kind, a row for each party. The upper four
 * rows hold full symbols, the lower four small glyphs that turn with the course.
 */
import type { Theme } from '../state/view.svelte';
import { PALETTE } from './palette';

export const CELL_PX = 64;
const COLUMNS = 8;
const PARTIES = 4;
const OUTLINE: Record<Theme, string> = { night: '#0a0f18', day: '#ffffff' };

type Draw = (pen: CanvasRenderingContext2D) => void;

const dart: Draw = (pen) => polygon(pen, [0, -11, 7, 9, 0, 5, -7, 9]);
const rotor: Draw = (pen) => polygon(pen, [0, -11, 3, -3, 9, 0, 3, 3, 3, 10, -3, 10, -3, 3, -9, 0, -3, -3]);
const wing: Draw = (pen) => polygon(pen, [0, -9, 10, 6, 0, 1, -10, 6]);
const box: Draw = (pen) => pen.rect(-5, -5, 10, 10);
const hull: Draw = (pen) => polygon(pen, [0, -11, 4.5, -3, 4.5, 9, -4.5, 9, -4.5, -3]);
const ring: Draw = (pen) => pen.arc(0, 0, 5.5, 0, 2 * Math.PI);
const needle: Draw = (pen) => polygon(pen, [0, -12, 2.5, -6, 2.5, 6, 6, 11, -6, 11, -2.5, 6, -2.5, -6]);

/** By the kind of track: unknown, aircraft, rotorcraft, unmanned, vehicle, vessel, person, missile. */
const GLYPHS: Draw[] = [ring, dart, rotor, wing, box, hull, ring, needle];

/** MIL-STD-2525C codes by kind; the star is the frame. Civil tracks have codes of their own where there are any. */
const CODES = [
  'S*GP------',
  'S*APMF----',
  'S*APMH----',
  'S*APMFQ---',
  'S*GPEV----',
  'S*SP------',
  'S*GPU-----',
  'S*APWM----',
];
const CIVIL_CODES = [
  'S*GP------',
  'S*APCF----',
  'S*APCH----',
  'S*APMFQ---',
  'S*GPEVC---',
  'S*SPXM----',
  'S*GPU-----',
  'S*APWM----',
];

/**
 * The frame by party: unknown, own, other, civil. Another party is drawn with the neutral frame, never the hostile
 * one: the system says where something is, not what it means.
 */
const FRAMES = ['U', 'F', 'N', 'N'];
const CIVIL = 3;

/** Small glyphs in every row: what is drawn until the full symbols have arrived. */
export function glyphAtlas(theme: Theme): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = CELL_PX * COLUMNS;
  const pen = pencil(canvas);
  for (let row = 0; row < 2 * PARTIES; row += 1) {
    GLYPHS.forEach((draw, column) => {
      pen.save();
      pen.translate((column + 0.5) * CELL_PX, (row + 0.5) * CELL_PX);
      pen.scale(2, 2);
      drawGlyph(pen, draw, PALETTE[theme].parties[row % PARTIES] ?? '', OUTLINE[theme]);
      pen.restore();
    });
  }
  return canvas;
}

/** The whole atlas, with MIL-STD-2525 symbols; the symbols come in a part of the program of their own. */
export async function symbolAtlas(theme: Theme): Promise<HTMLCanvasElement> {
  const { default: milsymbol } = await import('milsymbol');
  const canvas = glyphAtlas(theme);
  const pen = pencil(canvas);
  for (let party = 0; party < PARTIES; party += 1) {
    (party === CIVIL ? CIVIL_CODES : CODES).forEach((code, column) => {
      const line = everyFrame(PALETTE[theme].parties[party] ?? '');
      const symbol = new milsymbol.Symbol(code.replace('*', FRAMES[party] ?? 'U'), {
        size: 34,
        colorMode: everyFrame(PALETTE[theme].symbolFills[party] ?? ''),
        frameColor: line,
        iconColor: line,
        civilianColor: false,
        strokeWidth: 5,
        outlineWidth: 3,
        outlineColor: theme === 'night' ? 'rgba(6,10,16,.85)' : 'rgba(255,255,255,.9)',
      });
      place(pen, symbol.asCanvas(1), column, party);
    });
  }
  return canvas;
}

/** One glyph of a track, for the plain plot. */
export function plotGlyph(pen: CanvasRenderingContext2D, kind: number, colour: string, outline: string): void {
  drawGlyph(pen, GLYPHS[kind] ?? ring, colour, outline);
}

function drawGlyph(pen: CanvasRenderingContext2D, draw: Draw, colour: string, outline: string): void {
  pen.beginPath();
  draw(pen);
  pen.fillStyle = colour;
  pen.fill();
  pen.lineWidth = 1.4;
  pen.strokeStyle = outline;
  pen.stroke();
}

function place(pen: CanvasRenderingContext2D, picture: HTMLCanvasElement, column: number, row: number): void {
  const shrink = Math.min(1, (CELL_PX - 4) / Math.max(picture.width, picture.height));
  const width = picture.width * shrink;
  const height = picture.height * shrink;
  const left = column * CELL_PX;
  const top = row * CELL_PX;
  pen.clearRect(left, top, CELL_PX, CELL_PX);
  pen.drawImage(picture, left + (CELL_PX - width) / 2, top + (CELL_PX - height) / 2, width, height);
}

function everyFrame(colour: string) {
  return { Civilian: colour, Friend: colour, Hostile: colour, Neutral: colour, Unknown: colour, Suspect: colour };
}

function pencil(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  if (!pen) throw new Error('this browser has no 2D canvas');
  return pen;
}

function polygon(pen: CanvasRenderingContext2D, corners: number[]): void {
  for (let i = 0; i < corners.length; i += 2) pen.lineTo(corners[i] ?? 0, corners[i + 1] ?? 0);
  pen.closePath();
}
