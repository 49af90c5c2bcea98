/** Looking back: the node as it was at a moment, shown in place of the live picture. Nothing can be done in it. */
import { Tracks } from '../map/tracks';
import { iso } from '../text/time';
import { api, NotDone } from '../wire/client';
import type { Alert, Track } from '../wire/types';
import { pastAlert, pastTrack, placedOf } from './past';
import { watch } from './watch.svelte';

const SETTLE_MS = 120;

class LookBack {
  /** The moment looked at, in milliseconds since 1970; null while the picture is live. */
  at_ms = $state<number | null>(null);
  /** Open alerts and tracks of that moment; a track's slot is its place in the list. */
  alerts = $state.raw<Alert[]>([]);
  listed = $state.raw<Track[]>([]);
  refusal = $state('');
  /** Whether the node has not yet told what it held at that moment. */
  asking = $state(false);
  readonly tracks = new Tracks();

  private timer = 0;

  get active(): boolean {
    return this.at_ms !== null;
  }

  /** Looks at a moment; the latest call wins. */
  look(at_ms: number): void {
    this.at_ms = Math.min(at_ms, watch.clock.now());
    this.asking = true;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.fetch(this.at_ms ?? at_ms), SETTLE_MS);
  }

  /** Back to the live picture. */
  live(): void {
    window.clearTimeout(this.timer);
    this.at_ms = null;
    this.asking = false;
    this.alerts = [];
    this.listed = [];
    this.refusal = '';
    this.tracks.clear();
  }

  private async fetch(at_ms: number): Promise<void> {
    try {
      const moment = await api.moment(iso(at_ms));
      if (this.at_ms !== at_ms) return;
      this.asking = false;
      this.refusal = '';
      this.listed = moment.tracks.map(pastTrack);
      this.alerts = moment.alerts
        .map((alert) => pastAlert(alert, this.listed))
        .filter((alert) => alert.stage !== 'closed');
      const members = new Set(this.alerts.flatMap((alert) => alert.tracks));
      this.tracks.clear();
      for (const track of this.listed) {
        const ofInterest = members.has(track.name) || watch.track(track.name) !== undefined;
        this.tracks.place(placedOf(track, { epoch_ms: watch.epoch_ms, ofInterest, party: partyNumber(track) }));
      }
    } catch (error) {
      if (!(error instanceof NotDone)) throw error;
      this.asking = false;
      this.refusal = error.message;
    }
  }
}

export const lookBack = new LookBack();

/** The number of a party as the live frames give it; where the track is not live, what its name tells. */
function partyNumber(track: Track): number {
  const slot = watch.slots.get(track.name);
  if (slot !== undefined && watch.tracks.present[slot]) return watch.tracks.party[slot] ?? 0;
  if (!track.party) return 0;
  return track.party === watch.node?.party ? 1 : 2;
}

/** The alerts of the picture that is shown: live, or of the moment looked at. */
export function shownAlerts(): Alert[] {
  return lookBack.active ? lookBack.alerts : watch.alerts;
}

/** The tracks of interest of the picture that is shown. */
export function shownNear(): Track[] {
  return lookBack.active ? lookBack.listed.filter((track) => lookBack.tracks.ofInterest(track.slot)) : watch.near;
}

/** The time of the picture that is shown, in milliseconds since 1970. */
export function shownNow_ms(): number {
  return lookBack.at_ms ?? watch.now_ms;
}
