/** The small pictures that the map puts beside tracks and on sites: drawn here, so that none has to be fetched. */
import type { Palette } from './palette';

const SHARPNESS = 2;

/** Each picture by its name, to be shown at `SHARPNESS` pixels for one. */
export function pictures(colours: Palette): Record<string, ImageData> {
  return {
    'mark-alarm': drawn(48, (pen) => stroked(pen, colours.alarm, () => corners(pen, [24, 3, 45, 41, 3, 41]))),
    'mark-warning': drawn(48, (pen) => stroked(pen, colours.warning, () => pen.arc(24, 24, 20, 0, 2 * Math.PI))),
    'mark-caution': drawn(48, (pen) => stroked(pen, colours.caution, () => pen.rect(6, 6, 36, 36))),
    'mark-selected': drawn(48, (pen) => stroked(pen, colours.selected, () => brackets(pen))),
    site: drawn(32, (pen) => shield(pen, colours)),
  };
}

export const PICTURE_RATIO = SHARPNESS;

function drawn(size: number, draw: (pen: CanvasRenderingContext2D) => void): ImageData {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size * SHARPNESS;
  const pen = canvas.getContext('2d');
  if (!pen) throw new Error('this browser has no 2D canvas');
  pen.scale(SHARPNESS, SHARPNESS);
  draw(pen);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

function stroked(pen: CanvasRenderingContext2D, colour: string, path: () => void): void {
  pen.beginPath();
  path();
  pen.lineWidth = 2.4;
  pen.lineJoin = 'round';
  pen.strokeStyle = colour;
  pen.stroke();
}

function corners(pen: CanvasRenderingContext2D, points: number[]): void {
  for (let i = 0; i < points.length; i += 2) pen.lineTo(points[i] ?? 0, points[i + 1] ?? 0);
  pen.closePath();
}

function brackets(pen: CanvasRenderingContext2D): void {
  for (const [x, y, right, down] of [
    [3, 3, 1, 1],
    [45, 3, -1, 1],
    [3, 45, 1, -1],
    [45, 45, -1, -1],
  ] as const) {
    pen.moveTo(x + 9 * right, y);
    pen.lineTo(x, y);
    pen.lineTo(x, y + 9 * down);
  }
}

function shield(pen: CanvasRenderingContext2D, colours: Palette): void {
  pen.beginPath();
  pen.moveTo(16, 3);
  pen.lineTo(28, 7);
  pen.lineTo(28, 17);
  pen.quadraticCurveTo(27, 25, 16, 30);
  pen.quadraticCurveTo(5, 25, 4, 17);
  pen.lineTo(4, 7);
  pen.closePath();
  pen.fillStyle = colours.halo;
  pen.fill();
  pen.lineWidth = 2;
  pen.strokeStyle = colours.site;
  pen.stroke();
  pen.lineWidth = 2.4;
  pen.beginPath();
  pen.moveTo(16, 10);
  pen.lineTo(16, 22);
  pen.moveTo(10, 16);
  pen.lineTo(22, 16);
  pen.stroke();
}
