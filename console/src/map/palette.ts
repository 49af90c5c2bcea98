/** The colours that the map draws with: the tokens of app.css, where a style sheet cannot reach. */
import type { Theme } from '../state/view.svelte';

export interface Palette {
  water: string;
  land: string;
  border: string;
  disputed: string;
  grid: string;
  country: string;
  town: string;
  halo: string;
  label: string;
  zone: string;
  zoneFill: string;
  warningRing: string;
  corridor: string;
  corridorFill: string;
  site: string;
  siteFill: string;
  alarm: string;
  warning: string;
  caution: string;
  selected: string;
  /** By the party number of a track frame: unknown, own, other, civil. */
  parties: [string, string, string, string];
  symbolFills: [string, string, string, string];
}

export const PALETTE: Record<Theme, Palette> = {
  night: {
    water: '#0a111b',
    land: '#141d29',
    border: '#3a4e67',
    disputed: '#4d6079',
    grid: '#1d2a3a',
    country: '#5c7089',
    town: '#7f93ab',
    halo: '#0b121c',
    label: '#dfe9f5',
    zone: '#c99be0',
    zoneFill: 'rgba(178,120,214,.10)',
    warningRing: '#9b78b3',
    corridor: '#6ec6d6',
    corridorFill: 'rgba(72,170,190,.11)',
    site: '#f0f4fa',
    siteFill: 'rgba(240,244,250,.05)',
    alarm: '#ff6b5e',
    warning: '#ffb547',
    caution: '#e8d35c',
    selected: '#ffffff',
    parties: ['#ecd46a', '#7cc0f2', '#5fd0ae', '#b9b4e6'],
    symbolFills: ['#3f3814', '#10324d', '#0d3a30', '#2f2b52'],
  },
  day: {
    water: '#cfdde8',
    land: '#f5f3ee',
    border: '#a0978d',
    disputed: '#b0a59a',
    grid: '#dedad2',
    country: '#8a8378',
    town: '#5d6874',
    halo: '#f8f6f2',
    label: '#14202c',
    zone: '#7b3fa0',
    zoneFill: 'rgba(123,63,160,.09)',
    warningRing: '#9a72b5',
    corridor: '#0f6f83',
    corridorFill: 'rgba(15,111,131,.10)',
    site: '#17324d',
    siteFill: 'rgba(23,50,77,.05)',
    alarm: '#c2261a',
    warning: '#9a5b00',
    caution: '#7d6800',
    selected: '#14202c',
    parties: ['#8a6d00', '#0b63a8', '#0a7a5a', '#5d4fa8'],
    symbolFills: ['#fbf2c4', '#d3e9fb', '#d2f1e6', '#e6e2fa'],
  },
};
