/** What the map draws around tracks of interest: labels, marks of alerts, trails, and the way to a predicted entry. */
import geodesic from 'geographiclib-geodesic';
import { figureOf } from '../state/alerts';
import { distance } from '../text/figures';
import { instant, span } from '../text/time';
import { t } from '../words';
import { ltr } from '../words/fill';
import type { Alert, Track } from '../wire/types';
import { FADED_AFTER_S, RECKON_MAX_S, type Tracks } from './tracks';

const EARTH = geodesic.Geodesic.WGS84;
const TRAIL_PARTS = 6;
const AHEAD_MAX_S = 900;

export interface Scene {
  tracks: Tracks;
  near: Track[];
  alerts: Alert[];
  trails: Map<string, [number, number][]>;
  selected: string;
  now_ms: number;
  epoch_ms: number;
}

export interface InterestShapes {
  marks: GeoJSON.FeatureCollection;
  trails: GeoJSON.FeatureCollection;
  ahead: GeoJSON.FeatureCollection;
}

const RANK = { alarm: 0, warning: 1, caution: 2 } as const;

/** What the map's sources are given for this scene. */
export function interestShapes(scene: Scene): InterestShapes {
  const shapes: InterestShapes = { marks: collection(), trails: collection(), ahead: collection() };
  const now_s = (scene.now_ms - scene.epoch_ms) / 1000;
  for (const track of scene.near) {
    const at = scene.tracks.present[track.slot]
      ? scene.tracks.at(track.slot, now_s)
      : ([track.longitude_deg, track.latitude_deg] as [number, number]);
    const alert = gravest(scene.alerts, track.name);
    const age_s = Math.max(0, (scene.now_ms - instant(track.at)) / 1000);
    const detail = age_s > FADED_AFTER_S || track.state === 'unknown' ? lastSeen(age_s) : alertLine(alert, track, scene);
    shapes.marks.features.push(
      point(at, {
        name: track.callsign || track.name,
        detail,
        rank: alert ? RANK[alert.priority] : 5,
        ...(alert && alert.tracks[0] === track.name ? { mark: alert.priority } : {}),
        ...(track.name === scene.selected ? { selected: true } : {}),
      }),
    );
    addTrail(shapes.trails, [...(scene.trails.get(track.name) ?? []), at], scene.tracks.party[track.slot] ?? 0);
    addAhead(shapes.ahead, at, track, scene.now_ms, age_s);
  }
  return shapes;
}

function gravest(alerts: Alert[], name: string): Alert | undefined {
  return alerts
    .filter((alert) => alert.cleared === null && alert.tracks.includes(name))
    .sort((one, other) => RANK[one.priority] - RANK[other.priority])[0];
}

function lastSeen(age_s: number): string {
  return t('lastSeenLabel', { age: ltr(span(age_s)) });
}

function alertLine(alert: Alert | undefined, track: Track, scene: Scene): string {
  if (!alert || alert.tracks[0] !== track.name) return '';
  const figure = figureOf(alert, track, scene.now_ms);
  switch (figure.form) {
    case 'inside':
      return `${t('insideBy')} ${ltr(distance(figure.distance_m))}`;
    case 'outside':
      return `${ltr(distance(figure.distance_m))} ${t('fromEdge')}`;
    case 'entry':
      return figure.exact
        ? `${t('entryIn')} ${ltr(span(figure.seconds))}`
        : `${t('entryIn')} ${t('about', { minutes: Math.max(1, Math.round(figure.seconds / 60)) })}`;
    case 'silent':
      return lastSeen(figure.seconds);
    case 'ended':
    case 'none':
      return '';
  }
}

/** A trail in parts that grow stronger towards the track. */
function addTrail(into: GeoJSON.FeatureCollection, points: [number, number][], party: number): void {
  for (let part = 0; part < TRAIL_PARTS; part += 1) {
    const from = Math.floor((points.length * part) / TRAIL_PARTS);
    const line = points.slice(from, Math.floor((points.length * (part + 1)) / TRAIL_PARTS) + 1);
    if (line.length < 2) continue;
    into.features.push(lineOf(line, { party, strength: 0.12 + part * 0.15 }));
  }
}

/**
 * The line to where the node predicts that the track enters, with a mark for each minute. None from an old report: a
 * line drawn from where something was long ago would say more than is known.
 */
function addAhead(
  into: GeoJSON.FeatureCollection,
  at: [number, number],
  track: Track,
  now_ms: number,
  age_s: number,
): void {
  const times = track.zones.flatMap((zone) => (zone.entry_expected ? [instant(zone.entry_expected)] : []));
  const { course_deg, speed_mps } = track;
  if (!times.length || course_deg === null || speed_mps === null || age_s > RECKON_MAX_S) return;
  const until_s = (Math.min(...times) - now_ms) / 1000;
  if (until_s <= 0 || until_s > AHEAD_MAX_S) return;
  const after = (seconds: number) => destination(at, course_deg, speed_mps * seconds);
  into.features.push(lineOf([at, after(until_s)], {}));
  for (let seconds = 60; seconds < until_s; seconds += 60) into.features.push(point(after(seconds), { minute: true }));
  into.features.push(point(after(until_s), { entry: true }));
}

function destination([east, north]: [number, number], course_deg: number, metres: number): [number, number] {
  const found = EARTH.Direct(north, east, course_deg, metres);
  return [found.lon2 ?? east, found.lat2 ?? north];
}

function collection(): GeoJSON.FeatureCollection {
  return { type: 'FeatureCollection', features: [] };
}

function point(coordinates: [number, number], properties: GeoJSON.GeoJsonProperties): GeoJSON.Feature {
  return { type: 'Feature', properties, geometry: { type: 'Point', coordinates } };
}

function lineOf(coordinates: [number, number][], properties: GeoJSON.GeoJsonProperties): GeoJSON.Feature {
  return { type: 'Feature', properties, geometry: { type: 'LineString', coordinates } };
}
