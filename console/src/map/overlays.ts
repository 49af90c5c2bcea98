/** The layers of the watch, above the base map: zones, trails, predictions, tracks, marks and labels. */
import type { ExpressionSpecification, GeoJSONSource, Map as GlMap } from 'maplibre-gl';
import type { Theme } from '../state/view.svelte';
import type { InterestShapes } from './interest';
import type { PlaceShapes } from './lineplaces';
import { PALETTE, type Palette } from './palette';
import { pictures, PICTURE_RATIO } from './pictures';
import { FONTS, NAMES } from './style';
import type { TrackLayer } from './tracklayer';
import type { ZoneShapes } from './zones';

/** Where a click finds a zone: a site before the zone around it. */
export const ZONE_LAYERS = ['site', 'zone-name', 'zone-fill'];

const SOURCES = ['zone-fills', 'zone-lines', 'zone-warnings', 'zone-names', 'place-fills', 'place-lines', 'place-names', 'trails', 'ahead', 'marks'];

/** Adds every source and layer; the style must be loaded, and without them. */
export function addOverlays(map: GlMap, theme: Theme, tracks: TrackLayer): void {
  const colours = PALETTE[theme];
  addPictures(map, theme);
  for (const id of SOURCES) {
    // Simplified less than MapLibre would: a circle must look like one.
    map.addSource(id, { type: 'geojson', tolerance: 0.05, data: { type: 'FeatureCollection', features: [] } });
  }
  addZones(map, colours);
  addMotion(map, colours);
  map.addLayer(tracks);
  if (map.getLayer(NAMES)) map.moveLayer(NAMES);
  addMarks(map, colours);
  addPlaces(map, colours);
}

/** Adds the pictures that are not there yet: tiles still under way when the style changes may ask for them first. */
export function addPictures(map: GlMap, theme: Theme): void {
  for (const [name, picture] of Object.entries(pictures(PALETTE[theme]))) {
    if (!map.hasImage(name)) map.addImage(name, picture, { pixelRatio: PICTURE_RATIO });
  }
}

export function showZones(map: GlMap, shapes: ZoneShapes): void {
  put(map, 'zone-fills', shapes.fills);
  put(map, 'zone-lines', shapes.lines);
  put(map, 'zone-warnings', shapes.warnings);
  put(map, 'zone-names', shapes.names);
}

/** The places of the message that is selected, over everything else that lies on the ground. */
export function showPlaces(map: GlMap, shapes: PlaceShapes): void {
  put(map, 'place-fills', shapes.fills);
  put(map, 'place-lines', shapes.lines);
  put(map, 'place-names', shapes.names);
}

export function showInterest(map: GlMap, shapes: InterestShapes): void {
  put(map, 'marks', shapes.marks);
  put(map, 'trails', shapes.trails);
  put(map, 'ahead', shapes.ahead);
}

function put(map: GlMap, id: string, data: GeoJSON.FeatureCollection): void {
  map.getSource<GeoJSONSource>(id)?.setData(data);
}

/** A colour by the kind of zone: sites and corridors have their own, every other kind is drawn as a zone. */
function byKind(zone: string, site: string, corridor: string): ExpressionSpecification {
  return ['match', ['get', 'kind'], 'protected-site', site, 'corridor', corridor, zone];
}

function addZones(map: GlMap, colours: Palette): void {
  const line = byKind(colours.zone, colours.site, colours.corridor);
  const dashed: ExpressionSpecification = ['in', ['get', 'kind'], ['literal', ['corridor', 'danger-area']]];
  map.addLayer({
    id: 'zone-fill',
    type: 'fill',
    source: 'zone-fills',
    paint: { 'fill-color': byKind(colours.zoneFill, colours.siteFill, colours.corridorFill), 'fill-antialias': false },
  });
  map.addLayer({
    id: 'zone-warning',
    type: 'line',
    source: 'zone-warnings',
    paint: { 'line-color': colours.warningRing, 'line-width': 1.1, 'line-dasharray': [2, 5], 'line-opacity': 0.85 },
  });
  map.addLayer({
    id: 'zone-glow',
    type: 'line',
    source: 'zone-lines',
    filter: ['!=', ['get', 'kind'], 'protected-site'],
    paint: { 'line-color': line, 'line-width': 9, 'line-blur': 8, 'line-opacity': 0.26 },
  });
  map.addLayer({
    id: 'zone-line',
    type: 'line',
    source: 'zone-lines',
    filter: ['!', dashed],
    layout: { 'line-join': 'round' },
    paint: { 'line-color': line, 'line-width': ['match', ['get', 'kind'], 'protected-site', 1.1, 2.2] },
  });
  map.addLayer({
    id: 'zone-dashed',
    type: 'line',
    source: 'zone-lines',
    filter: dashed,
    paint: { 'line-color': line, 'line-width': 1.6, 'line-dasharray': [5, 2.5] },
  });
}

function addPlaces(map: GlMap, colours: Palette): void {
  const plotted: ExpressionSpecification = ['==', ['get', 'role'], 'plotted'];
  const line: ExpressionSpecification = ['case', plotted, colours.warning, colours.corridor];
  map.addLayer({
    id: 'place-fill',
    type: 'fill',
    source: 'place-fills',
    paint: { 'fill-color': colours.corridorFill, 'fill-antialias': false },
  });
  for (const [id, filter, dashes] of [
    ['place-line', ['!', plotted], [5, 2.5]],
    ['place-plotted', plotted, [1.5, 1.5]],
  ] as [string, ExpressionSpecification, number[]][]) {
    map.addLayer({
      id,
      type: 'line',
      source: 'place-lines',
      filter,
      paint: { 'line-color': line, 'line-width': 2.4, 'line-dasharray': dashes },
    });
  }
  map.addLayer({
    id: 'place-dot',
    type: 'circle',
    source: 'place-names',
    filter: ['has', 'dot'],
    paint: { 'circle-radius': 5, 'circle-color': colours.halo, 'circle-stroke-color': line, 'circle-stroke-width': 2.4 },
  });
  map.addLayer({
    id: 'place-name',
    type: 'symbol',
    source: 'place-names',
    layout: {
      'text-field': ['get', 'text'],
      'text-font': FONTS,
      'text-size': 12.5,
      'text-anchor': 'bottom',
      'text-offset': [0, -0.6],
      'text-allow-overlap': true,
    },
    paint: { 'text-halo-color': colours.halo, 'text-halo-width': 1.8, 'text-color': line },
  });
}

function addMotion(map: GlMap, colours: Palette): void {
  const [unknown, own, other, civil] = colours.parties;
  map.addLayer({
    id: 'trail',
    type: 'line',
    source: 'trails',
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: {
      'line-color': ['match', ['get', 'party'], 1, own, 2, other, 3, civil, unknown],
      'line-width': 1.6,
      'line-opacity': ['get', 'strength'],
    },
  });
  map.addLayer({
    id: 'ahead',
    type: 'line',
    source: 'ahead',
    filter: ['==', ['geometry-type'], 'LineString'],
    paint: { 'line-color': colours.label, 'line-width': 1.3, 'line-dasharray': [2, 2.5], 'line-opacity': 0.8 },
  });
  map.addLayer({
    id: 'ahead-minute',
    type: 'circle',
    source: 'ahead',
    filter: ['has', 'minute'],
    paint: { 'circle-radius': 2, 'circle-color': colours.label },
  });
  map.addLayer({
    id: 'ahead-entry',
    type: 'circle',
    source: 'ahead',
    filter: ['has', 'entry'],
    paint: {
      'circle-radius': 5,
      'circle-color': colours.halo,
      'circle-stroke-color': colours.warning,
      'circle-stroke-width': 2,
    },
  });
}

function addMarks(map: GlMap, colours: Palette): void {
  const halo = { 'text-halo-color': colours.halo, 'text-halo-width': 1.8 };
  map.addLayer({
    id: 'zone-name',
    type: 'symbol',
    source: 'zone-names',
    filter: ['!=', ['get', 'kind'], 'protected-site'],
    layout: {
      'text-field': ['get', 'text'],
      'text-font': FONTS,
      'text-size': ['match', ['get', 'kind'], 'warning', 11, 12.5],
      'text-anchor': 'top',
      'text-offset': [0, 0.7],
      'text-padding': 3,
      // Where there is no room for both, a zone's name matters more than how far out its warning begins.
      'symbol-sort-key': ['match', ['get', 'kind'], 'warning', 1, 0],
    },
    paint: {
      ...halo,
      'text-color': ['match', ['get', 'kind'], 'warning', colours.warningRing, 'corridor', colours.corridor, colours.zone],
    },
  });
  for (const [id, filter, image] of [
    ['mark', ['has', 'mark'], ['concat', 'mark-', ['get', 'mark']]],
    ['selected', ['has', 'selected'], 'mark-selected'],
  ] as [string, ExpressionSpecification, ExpressionSpecification | string][]) {
    map.addLayer({
      id,
      type: 'symbol',
      source: 'marks',
      filter,
      layout: { 'icon-image': image, 'icon-allow-overlap': true, 'icon-ignore-placement': true },
    });
  }
  map.addLayer({
    id: 'label',
    type: 'symbol',
    source: 'marks',
    layout: {
      'text-field': [
        'case',
        ['==', ['get', 'detail'], ''],
        ['get', 'name'],
        ['format', ['get', 'name'], {}, '\n', {}, ['get', 'detail'], { 'font-scale': 0.86 }],
      ],
      'text-font': FONTS,
      'text-size': 12.5,
      'text-variable-anchor': ['left', 'right', 'bottom-left', 'top-left', 'bottom-right', 'top-right'],
      'text-radial-offset': 2,
      'text-justify': 'auto',
      'text-line-height': 1.15,
      'symbol-sort-key': ['get', 'rank'],
      'text-padding': 1,
    },
    paint: {
      ...halo,
      'text-color': [
        'match',
        ['get', 'rank'],
        0,
        colours.alarm,
        1,
        colours.warning,
        2,
        colours.caution,
        colours.label,
      ],
    },
  });
  // The topmost layer is placed first: labels of tracks then keep off the sites.
  map.addLayer({
    id: 'site',
    type: 'symbol',
    source: 'zone-names',
    filter: ['==', ['get', 'kind'], 'protected-site'],
    layout: {
      'icon-image': 'site',
      'icon-size': 0.8,
      'icon-allow-overlap': true,
      'text-field': ['step', ['zoom'], '', 7.2, ['get', 'text']],
      'text-font': FONTS,
      'text-size': 11,
      'text-anchor': 'top',
      'text-offset': [0, 1.3],
      'text-optional': true,
    },
    paint: { ...halo, 'text-color': colours.site },
  });
}
