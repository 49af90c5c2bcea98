/** The past as the node tells it, in the shapes in which the console shows the present. */
import { instant } from '../text/time';
import type { Placed } from '../wire/frame';
import type { Alert, Evidence, PastAlert, PastTrack, Track } from '../wire/types';

/** By the number of a kind in a track frame. */
const KINDS = ['unknown', 'aircraft', 'rotorcraft', 'unmanned', 'vehicle', 'vessel', 'person', 'missile'];

/** A track of the past. Its slot is its place in the list of that moment. */
export function pastTrack(track: PastTrack, place: number): Track {
  return { ...track, slot: place, zones: [] };
}

/** An alert of the past: nothing can be done about it, and its evidence is where its first track then was. */
export function pastAlert(alert: PastAlert, tracks: Track[]): Alert {
  const callsigns = new Map(tracks.map((track) => [track.name, track.callsign]));
  const lead = tracks.find((track) => track.name === alert.tracks[0]);
  const seen = evidenceOf(alert, lead);
  return {
    ...alert,
    raised: alert.raised ?? alert.since,
    labels: alert.tracks.map((name) => callsigns.get(name) || name.replace(/^\w+:/, '')),
    holding: [],
    first: seen,
    latest: seen,
    steps: [],
    prompted: false,
    source: '',
    next: [],
    todo: [],
    unattended_at: null,
    answer_at: null,
  };
}

export interface Placing {
  epoch_ms: number;
  ofInterest: boolean;
  party: number;
}

/** A track of the past as the map's table takes it. */
export function placedOf(track: Track, placing: Placing): Placed {
  return {
    slot: track.slot,
    longitude_deg: track.longitude_deg,
    latitude_deg: track.latitude_deg,
    observed_ms: instant(track.at) - placing.epoch_ms,
    altitude_m: track.altitude_m,
    speed_mps: track.speed_mps,
    course_deg: track.course_deg,
    kind: Math.max(0, KINDS.indexOf(track.kind)),
    state: track.state,
    ofInterest: placing.ofInterest,
    inside: false,
    party: placing.party,
  };
}

function evidenceOf(alert: PastAlert, track: Track | undefined): Evidence {
  return {
    at: track?.at ?? alert.since,
    track: track?.name ?? null,
    source: track?.source ?? '',
    latitude_deg: track?.latitude_deg ?? null,
    longitude_deg: track?.longitude_deg ?? null,
    altitude_m: track?.altitude_m ?? null,
    altitude_datum: track?.altitude_datum ?? '',
    speed_mps: track?.speed_mps ?? null,
    course_deg: track?.course_deg ?? null,
    accuracy_m: track?.accuracy_m ?? null,
    distance_m: null,
    certain: true,
    entry_earliest: null,
    entry_expected: null,
    entry_latest: null,
    words: alert.words,
  };
}
