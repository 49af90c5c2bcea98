/** What the node holds, as far as it has told the console; and the console's link to it. */
import { Tracks } from '../map/tracks';
import { instant } from '../text/time';
import { api, NotDone } from '../wire/client';
import { connect } from '../wire/live';
import type { Line, LineChange } from '../wire/linetypes';
import type { Alert, Feed, LiveMessage, NodeState, Track, TrackLabel, Zones } from '../wire/types';
import { NodeClock } from './clock';

export type Link = 'connecting' | 'up' | 'down';

const TICK_MS = 250;
const TRAIL_POINTS_MAX = 600;
const TRAIL_MINUTES = 30;
const NO_ZONES: Zones = { type: 'FeatureCollection', features: [] };

class Watch {
  link = $state<Link>('connecting');
  node = $state.raw<NodeState | null>(null);
  zones = $state.raw<Zones>(NO_ZONES);
  alerts = $state.raw<Alert[]>([]);
  feeds = $state.raw<Feed[]>([]);
  near = $state.raw<Track[]>([]);
  /** The node's time, in milliseconds since 1970; told four times a second. */
  now_ms = $state(Date.now());
  count = $state(0);
  bytesPerSecond = $state(0);
  /** How far this machine's clock is ahead of a live node's, in milliseconds. */
  clockAhead_ms = $state(0);
  /** When the connection was lost, and when an alert was last closed; 0 for never. By the node's clock. */
  lost_ms = $state(0);
  lastClosed_ms = $state(0);

  readonly clock = new NodeClock();
  readonly tracks = new Tracks();
  readonly labels = new Map<number, TrackLabel>();
  readonly slots = new Map<string, number>();
  readonly trails = new Map<string, [number, number][]>();
  epoch_ms = 0;
  /** Told when an alert is raised, raised again or made more urgent. */
  onRaised: (alert: Alert) => void = () => undefined;
  /** Told every line at the start of a connection, and each one that changes. */
  onLines: (lines: Line[]) => void = () => undefined;
  onLine: (line: Line, change: LineChange) => void = () => undefined;

  private bytes = 0;
  private readonly trailsAsked = new Set<string>();
  private trailQueue: Promise<void> = Promise.resolve();

  /** Connects and keeps connected; returns what ends it. */
  start(): () => void {
    const end = connect({
      message: (message) => this.take(message),
      frame: (frame) => this.takeFrame(frame),
      up: () => (this.link = 'up'),
      down: () => {
        if (this.link !== 'down') this.lost_ms = this.clock.now();
        this.link = 'down';
        this.bytesPerSecond = 0;
      },
    });
    const tick = window.setInterval(() => {
      // Without the node the clock is carried on, so that every track is seen to grow old.
      this.now_ms = this.clock.now();
    }, TICK_MS);
    const meter = window.setInterval(() => {
      this.bytesPerSecond = this.bytes / 2;
      this.bytes = 0;
      this.count = this.tracks.count;
    }, 2_000);
    return () => {
      end();
      window.clearInterval(tick);
      window.clearInterval(meter);
    };
  }

  /** The node's time in seconds since the epoch of its track frames. */
  now_s(): number {
    return (this.clock.now() - this.epoch_ms) / 1000;
  }

  alert(id: string): Alert | undefined {
    return this.alerts.find((alert) => alert.id === id);
  }

  track(name: string): Track | undefined {
    return this.near.find((track) => track.name === name);
  }

  /** The callsign of a track, or its name where it has none. */
  callsign(name: string): string {
    const slot = this.slots.get(name);
    const label = slot === undefined ? undefined : this.labels.get(slot);
    return label?.callsign || name.replace(/^\w+:/, '');
  }

  putAlert(alert: Alert): void {
    const before = this.alert(alert.id);
    const others = this.alerts.filter((one) => one.id !== alert.id);
    this.alerts = alert.stage === 'closed' ? others : [...others, alert];
    if (alert.closed !== null) this.lastClosed_ms = Math.max(this.lastClosed_ms, instant(alert.closed));
    const again = alert.stage === 'raised' && (before?.stage !== 'raised' || before.priority !== alert.priority);
    if (again) this.onRaised(alert);
  }

  /**
   * Puts a track's history before what the console has seen of it itself; asked for once. One request at a time: a
   * node that has much to do must not have to answer dozens of them for the sake of lines behind symbols.
   */
  fetchTrail(name: string): void {
    if (this.trailsAsked.has(name)) return;
    this.trailsAsked.add(name);
    this.trailQueue = this.trailQueue.then(() => this.askTrail(name));
  }

  private fetchAlertTrails(): void {
    for (const alert of this.alerts) for (const name of alert.tracks) this.fetchTrail(name);
  }

  private async askTrail(name: string): Promise<void> {
    try {
      const { points } = await api.history(name, TRAIL_MINUTES);
      const past = points.map(([, latitude, longitude]): [number, number] => [longitude, latitude]);
      if (past.length) this.trails.set(name, past.slice(-TRAIL_POINTS_MAX));
    } catch (error) {
      if (!(error instanceof NotDone)) throw error;
    }
  }

  private take(message: LiveMessage): void {
    switch (message.type) {
      case 'hello':
        this.epoch_ms = message.epoch_ms;
        this.tracks.clear();
        this.takeNode(message.node);
        this.zones = message.zones;
        this.alerts = message.alerts.filter((alert) => alert.stage !== 'closed');
        this.feeds = message.feeds;
        this.onLines(message.lines ?? []);
        break;
      case 'line':
        this.onLine(message.line, message.change);
        break;
      case 'names':
        for (const label of message.tracks) {
          this.labels.set(label.slot, label);
          this.slots.set(label.name, label.slot);
        }
        break;
      case 'alert':
        this.putAlert(message.alert);
        break;
      case 'zones':
        this.zones = message.zones;
        break;
      case 'feeds':
        this.feeds = message.feeds;
        break;
      case 'node':
        this.takeNode(message.node);
        break;
      case 'near':
        this.near = message.tracks;
        this.fetchAlertTrails();
        this.lengthenTrails(message.tracks);
        break;
      case 'gone':
        this.tracks.drop(message.slots);
        this.count = this.tracks.count;
        break;
      case 'reset':
        this.forget();
        break;
    }
  }

  private takeNode(node: NodeState): void {
    this.node = node;
    this.clock.sync(instant(node.now), node.rate, node.paused);
    this.now_ms = this.clock.now();
    this.clockAhead_ms = node.mode === 'live' ? Date.now() - instant(node.now) : 0;
  }

  private takeFrame(frame: ArrayBuffer): void {
    this.bytes += frame.byteLength;
    this.tracks.take(frame);
    if (this.count === 0) this.count = this.tracks.count;
  }

  private lengthenTrails(tracks: Track[]): void {
    for (const track of tracks) {
      const trail = this.trails.get(track.name) ?? [];
      const last = trail.at(-1);
      if (last && last[0] === track.longitude_deg && last[1] === track.latitude_deg) continue;
      trail.push([track.longitude_deg, track.latitude_deg]);
      if (trail.length > TRAIL_POINTS_MAX) trail.shift();
      this.trails.set(track.name, trail);
    }
  }

  private forget(): void {
    this.tracks.clear();
    this.labels.clear();
    this.slots.clear();
    this.trails.clear();
    this.trailsAsked.clear();
    this.near = [];
    this.alerts = [];
    this.onLines([]);
  }
}

export const watch = new Watch();
