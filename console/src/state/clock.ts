/** The node's clock, carried on between its messages. It may run faster than real time, or stand still. */

export class NodeClock {
  private at_ms = Date.now();
  private heard = performance.now();
  private rate = 1;

  /** Takes the node's time, how fast it runs, and whether it is paused. */
  sync(at_ms: number, rate: number, paused: boolean): void {
    this.at_ms = at_ms;
    this.heard = performance.now();
    this.rate = paused ? 0 : rate;
  }

  /** The node's time now, in milliseconds since 1970. */
  now(): number {
    return this.at_ms + (performance.now() - this.heard) * this.rate;
  }
}
