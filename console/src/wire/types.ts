/** What the node says, as docs/wire.md defines it. Times are ISO 8601 text in UTC. */
import type { Line, LineChange } from './linetypes';

export type Priority = 'caution' | 'warning' | 'alarm';
export type StepName = 'acknowledge' | 'advise' | 'warn' | 'escalate' | 'close';
export type Stage = 'raised' | 'acknowledged' | 'advised' | 'warned' | 'escalated' | 'closed';
export type AlertKind = 'approach' | 'entry' | 'already-inside' | 'overstay' | 'silence' | 'feed-lost';

export interface NodeState {
  name: string;
  party: string;
  version: string;
  now: string;
  rate: number;
  paused: boolean;
  mode: 'live' | 'replay' | 'demo';
  started: string;
  record: { size: number; root: string };
  guide: string[];
  /** What a scenario tells of its past up to now. */
  story: { at: string; words: string }[];
}

export interface Evidence {
  at: string;
  track: string | null;
  source: string;
  latitude_deg: number | null;
  longitude_deg: number | null;
  altitude_m: number | null;
  altitude_datum: string;
  speed_mps: number | null;
  course_deg: number | null;
  accuracy_m: number | null;
  distance_m: number | null;
  certain: boolean;
  entry_earliest: string | null;
  entry_expected: string | null;
  entry_latest: string | null;
  words: string;
}

export interface ResponseStep {
  step: StepName;
  at: string;
  by: string;
  reason: string;
  channel: string;
  text: string;
  reception: string;
  second: string;
}

export interface Alert {
  id: string;
  kind: AlertKind;
  zone: string | null;
  party: string;
  tracks: string[];
  labels: string[];
  /** Those of `tracks` for which the condition still holds. */
  holding: string[];
  priority: Priority;
  stage: Stage;
  raised: string;
  since: string;
  words: string;
  first: Evidence;
  latest: Evidence;
  steps: ResponseStep[];
  cleared: string | null;
  closed: string | null;
  prompted: boolean;
  source: string;
  next: StepName[];
  todo: string[];
  unattended_at: string | null;
  answer_at: string | null;
}

export interface StepRequest {
  step: StepName;
  by: string;
  reason?: string;
  channel?: string;
  text?: string;
  reception?: string;
  second?: string;
}

export type Standing = 'outside' | 'approaching' | 'entering' | 'inside' | 'leaving' | 'lost' | 'missing';

export interface TrackInZone {
  zone: string;
  state: Standing;
  distance_m: number | null;
  certain: boolean;
  entry_earliest: string | null;
  entry_expected: string | null;
  entry_latest: string | null;
}

export interface Track {
  slot: number;
  name: string;
  callsign: string;
  party: string;
  kind: string;
  source: string;
  at: string;
  latitude_deg: number;
  longitude_deg: number;
  altitude_m: number | null;
  altitude_datum: string;
  speed_mps: number | null;
  course_deg: number | null;
  accuracy_m: number | null;
  state: 'live' | 'aging' | 'unknown';
  age_s: number;
  zones: TrackInZone[];
}

export interface TrackLabel {
  slot: number;
  name: string;
  callsign: string;
  party: string;
  kind: string;
  source: string;
}

export interface Feed {
  name: string;
  kind: string;
  state: 'waiting' | 'live' | 'late' | 'lost' | 'ended';
  last: string | null;
  reports: number;
  refused: number;
  per_second: number;
  words: string;
}

export interface Stand {
  party: string;
  stand: string;
}

export interface ZoneHeight {
  height_m?: number | null;
  height_ft?: number | null;
  flight_level?: number | null;
  datum?: string | null;
}

/** `outline` and `warning_outline` are closed lines along the true edge, made by the node. */
export interface ZoneProperties {
  keepclear?: {
    name?: string;
    kind?: string;
    declared_by?: string;
    basis?: string;
    recognition?: Stand[];
    admitted?: string[];
    lower?: ZoneHeight | null;
    upper?: ZoneHeight | null;
    warning_distance_m?: number;
    warning_time_s?: number | null;
    steps?: string[];
    circle?: { radius_m?: number };
    corridor?: { half_width_m?: number };
  };
  outline?: number[][][];
  warning_outline?: number[][][];
}

export interface ZoneFeature {
  type: 'Feature';
  id?: string | number;
  geometry: { type: string; coordinates: unknown };
  properties: ZoneProperties;
}

export interface Zones {
  type: 'FeatureCollection';
  features: ZoneFeature[];
}

/** An alert as the record tells it: its evidence and steps are entries of their own. */
export type PastAlert = Pick<Alert, 'id' | 'kind' | 'zone' | 'party' | 'tracks' | 'priority' | 'stage' | 'words'> &
  Pick<Alert, 'since' | 'cleared' | 'closed'> & { raised: string | null };

/** A track as the archive tells it: how it stood to the zones is not in it. */
export type PastTrack = Omit<Track, 'slot' | 'zones'>;

export interface Moment {
  at: string;
  alerts: PastAlert[];
  tracks: PastTrack[];
}

export interface TimelineEntry {
  index: number;
  at: string;
  kind: string;
  subject: string;
  priority: Priority | null;
  words: string;
}

export interface RecordEntry {
  index: number;
  at: string;
  kind: string;
  hash: string;
  body: unknown;
}

export interface RecordPage {
  size: number;
  entries: RecordEntry[];
}

export interface RecordHead {
  size: number;
  root: string;
  checkpoint: string;
}

export interface TrackHistory {
  track: string;
  points: [number, number, number, number | null][];
}

export type LiveMessage =
  | { type: 'hello'; node: NodeState; zones: Zones; alerts: Alert[]; feeds: Feed[]; lines?: Line[]; epoch_ms: number }
  | { type: 'line'; line: Line; change: LineChange }
  | { type: 'names'; tracks: TrackLabel[] }
  | { type: 'alert'; alert: Alert }
  | { type: 'zones'; zones: Zones }
  | { type: 'feeds'; feeds: Feed[] }
  | { type: 'node'; node: NodeState }
  | { type: 'near'; tracks: Track[] }
  | { type: 'gone'; slots: number[] }
  | { type: 'reset' };
