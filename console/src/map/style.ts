/** The base map: land, borders, names and a graticule, all from the node itself. */
import type { ExpressionSpecification, StyleSpecification } from 'maplibre-gl';
import type { Language, Theme } from '../state/view.svelte';
import { PALETTE } from './palette';

/** Without a `glyphs` address MapLibre draws letters with the fonts of the page: no request leaves the host. */
export const FONTS = ['Inter Variable', 'IBM Plex Sans Arabic', 'Noto Sans', 'sans-serif'];

/** Layers that belong to the watch go below this one, so that names stay readable. */
export const NAMES = 'town';

export function baseStyle(theme: Theme, language: Language): StyleSpecification {
  const colours = PALETTE[theme];
  const style: StyleSpecification = {
    version: 8,
    sources: { grid: { type: 'geojson', data: graticule() } },
    layers: [
      { id: 'water', type: 'background', paint: { 'background-color': colours.water } },
      {
        id: 'grid',
        type: 'line',
        source: 'grid',
        minzoom: 5,
        paint: { 'line-color': colours.grid, 'line-width': 0.7 },
      },
    ],
  };
  style.sources.world = { type: 'vector', url: `pmtiles://${location.origin}/world.pmtiles` };
  const world = { source: 'world' } as const;
  style.layers.splice(1, 0, {
    id: 'land',
    type: 'fill',
    ...world,
    'source-layer': 'land',
    paint: { 'fill-color': colours.land },
  });
  style.layers.push(
    {
      id: 'border',
      type: 'line',
      ...world,
      'source-layer': 'border',
      filter: ['==', ['get', 'd'], 0],
      layout: { 'line-join': 'round' },
      paint: {
        'line-color': colours.border,
        'line-width': ['interpolate', ['linear'], ['zoom'], 2, 0.6, 8, 1.5],
      },
    },
    {
      id: 'disputed',
      type: 'line',
      ...world,
      'source-layer': 'border',
      filter: ['==', ['get', 'd'], 1],
      paint: { 'line-color': colours.disputed, 'line-width': 1.1, 'line-dasharray': [4, 3] },
    },
    {
      id: 'country',
      type: 'symbol',
      ...world,
      'source-layer': 'country',
      filter: soonEnough(0),
      maxzoom: 8.5,
      layout: {
        'text-field': ['coalesce', ['get', `n_${language}`], ['get', 'n']],
        'text-font': FONTS,
        'text-size': ['interpolate', ['linear'], ['zoom'], 2, 10.5, 7, 15],
        'text-letter-spacing': language === 'ar' ? 0 : 0.08,
        'text-max-width': 8,
        'text-padding': 8,
      },
      paint: { 'text-color': colours.country, 'text-halo-color': colours.halo, 'text-halo-width': 1.2 },
    },
    {
      id: 'town-dot',
      type: 'circle',
      ...world,
      'source-layer': 'place',
      filter: soonEnough(0.4),
      paint: { 'circle-radius': ['case', ['==', ['get', 'c'], 1], 2.4, 1.7], 'circle-color': colours.town },
    },
    {
      id: NAMES,
      type: 'symbol',
      ...world,
      'source-layer': 'place',
      filter: soonEnough(0.4),
      layout: {
        'text-field': ['get', 'n'],
        'text-font': FONTS,
        'text-size': ['interpolate', ['linear'], ['zoom'], 3, 10, 8, ['case', ['==', ['get', 'c'], 1], 13.5, 11.5]],
        'text-variable-anchor': ['left', 'right', 'top', 'bottom'],
        'text-radial-offset': 0.5,
        'text-justify': 'auto',
        'text-padding': 6,
        'symbol-sort-key': ['get', 'z'],
      },
      paint: {
        'text-color': colours.town,
        'text-halo-color': colours.halo,
        'text-halo-width': 1.2,
        'text-opacity': 0.85,
      },
    },
  );
  return style;
}

/** Names come in with the zoom that each was given when the map was built. */
function soonEnough(early: number): ExpressionSpecification {
  return ['<=', ['get', 'z'], ['+', ['zoom'], early]];
}

/** Every whole degree. */
function graticule(): GeoJSON.FeatureCollection {
  const features: GeoJSON.Feature[] = [];
  const line = (coordinates: [number, number][]) =>
    features.push({ type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates } });
  for (let east = -180; east <= 180; east += 1) line([[east, -85], [east, 85]]);
  for (let north = -85; north <= 85; north += 1) line([[-180, north], [180, north]]);
  return { type: 'FeatureCollection', features };
}
