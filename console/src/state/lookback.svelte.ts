/** Looking back: the node as it was at a moment, shown in place of the live picture. Nothing can be done in it. */
import { Tracks } from '../map/tracks';
import { instant, iso } from '../text/time';
import { api, NotDone } from '../wire/client';
import type { Moment, Track } from '../wire/types';
import { watch } from './watch.svelte';

const SETTLE_MS = 120;
const KINDS = ['unknown', 'aircraft', 'rotorcraft', 'unmanned', 'vehicle', 'vessel', 'person', 'missile'];

class LookBack {
  /** The moment looked at, in milliseconds since 1970; null while the picture is live. */
  at_ms = $state<number | null>(null);
  moment = $state.raw<Moment | null>(null);
  refusal = $state('');
  readonly tracks = new Tracks();

  private timer = 0;

  get active(): boolean {
    return this.at_ms !== null;
  }

  /** Looks at a moment; the latest call wins. */
  look(at_ms: number): void {
    this.at_ms = Math.min(at_ms, watch.clock.now());
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.fetch(this.at_ms ?? at_ms), SETTLE_MS);
  }

  /** Back to the live picture. */
  live(): void {
    window.clearTimeout(this.timer);
    this.at_ms = null;
    this.moment = null;
    this.refusal = '';
    this.tracks.clear();
  }

  private async fetch(at_ms: number): Promise<void> {
    try {
      const moment = await api.moment(iso(at_ms));
      if (this.at_ms !== at_ms) return;
      this.moment = moment;
      this.refusal = '';
      this.tracks.clear();
      for (const track of moment.tracks) this.tracks.place(placed(track));
    } catch (error) {
      if (!(error instanceof NotDone)) throw error;
      this.refusal = error.message;
    }
  }
}

function placed(track: Track) {
  return {
    slot: track.slot,
    longitude_deg: track.longitude_deg,
    latitude_deg: track.latitude_deg,
    observed_ms: instant(track.at) - watch.epoch_ms,
    altitude_m: track.altitude_m,
    speed_mps: track.speed_mps,
    course_deg: track.course_deg,
    kind: Math.max(0, KINDS.indexOf(track.kind)),
    state: track.state,
    ofInterest: track.zones.length > 0,
    inside: track.zones.some((zone) => zone.state === 'inside'),
    party: partyNumber(track),
  };
}

/** The number of a party as the live frames give it; where the track is not live, what its name tells. */
function partyNumber(track: Track): number {
  if (watch.labels.get(track.slot)?.name === track.name && watch.tracks.present[track.slot]) {
    return watch.tracks.party[track.slot] ?? 0;
  }
  if (!track.party) return 0;
  return track.party === watch.node?.party ? 1 : 2;
}

export const lookBack = new LookBack();

/** The alerts of the picture that is shown: live, or of the moment looked at. */
export function shownAlerts() {
  return lookBack.active
    ? (lookBack.moment?.alerts ?? []).filter((alert) => alert.stage !== 'closed')
    : watch.alerts;
}

/** The tracks of interest of the picture that is shown. */
export function shownNear(): Track[] {
  return lookBack.active ? (lookBack.moment?.tracks ?? []).filter((track) => track.zones.length > 0) : watch.near;
}

export function shownZones() {
  return lookBack.moment?.zones ?? watch.zones;
}

/** The time of the picture that is shown, in milliseconds since 1970. */
export function shownNow_ms(): number {
  return lookBack.at_ms ?? watch.now_ms;
}
