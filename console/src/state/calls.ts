/** What nobody has answered yet, on the alerts and on the lines: what sounds, and what is said to a screen reader. */
import { soundMessage, type Call } from '../sound';
import { t } from '../words';
import type { LineMessage } from '../wire/linetypes';
import { lines } from './lines.svelte';
import { isOverdue, isOverdueHere, saysOf } from './linethread';
import { view } from './view.svelte';
import { watch } from './watch.svelte';

/** Raised alerts, a STOP that rings here, and whatever on a line has waited too long for a person. */
export function openCalls(): Call[] {
  const raised = watch.alerts.filter((alert) => alert.stage === 'raised');
  const stops = lines.stops.filter((stop) => !stop.own).map((stop): Call => ({ id: stop.hash, priority: 'alarm' }));
  const late = Object.values(lines.threads)
    .flat()
    .filter((message) => isOverdue(message, watch.now_ms) || isOverdueHere(message, watch.now_ms))
    .map((message): Call => ({ id: `late ${message.hash}`, priority: 'warning' }));
  return [...raised, ...stops, ...late];
}

/** Has the watch tell the lines what changes, and says what comes on them: a STOP at once, all else politely. */
export function followLines(urgently: (words: string) => void): void {
  watch.onLines = (list) => {
    // A demonstration begins with its guide; any other watch that has a line begins with that.
    if (!lines.list.length && list.length && !watch.node?.guide.length && view.side === 'guide') view.side = 'line';
    lines.takeAll(list);
  };
  watch.onLine = (line, change) => lines.take(line, change);
  lines.onMessage = (message) => {
    const words = t('line.newMessage', { party: message.from, kind: t(`line.kind.${message.kind}`) });
    if (saysOf(message) === 'stop') urgently(`${words}. ${textOf(message)}`);
    else {
      view.said = words;
      soundMessage(view.screen_ms);
    }
  };
}

function textOf(message: LineMessage): string {
  return message.contents.text?.text ?? '';
}
