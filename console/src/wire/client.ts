/** The node's HTTP API, as docs/wire.md defines it. */
import type {
  Alert,
  Moment,
  NodeState,
  RecordHead,
  RecordPage,
  StepRequest,
  TimelineEntry,
  Track,
  TrackHistory,
} from './types';

const BASE = '/api/v1';
const TOKEN_KEY = 'keepclear.token';

/** The node's answer where it did not do what was asked: its code and its words. Code "unreachable": no answer. */
export class NotDone extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

export function token(): string {
  return localStorage.getItem(TOKEN_KEY) ?? '';
}

export function keepToken(value: string): void {
  localStorage.setItem(TOKEN_KEY, value.trim());
}

export const api = {
  node: () => ask<NodeState>('GET', '/node'),
  track: (name: string) => ask<Track>('GET', `/tracks/${encodeURIComponent(name)}`),
  history: (name: string, minutes: number) =>
    ask<TrackHistory>('GET', `/tracks/${encodeURIComponent(name)}/history?minutes=${minutes}`),
  moment: (at: string) => ask<Moment>('GET', `/moment?at=${encodeURIComponent(at)}`),
  timeline: (from: string, to: string) =>
    ask<{ entries: TimelineEntry[] }>(
      'GET',
      `/timeline?from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`,
    ),
  head: () => ask<RecordHead>('GET', '/record/head'),
  entries: (start: number, limit: number) =>
    ask<RecordPage>('GET', `/record/entries?start=${start}&limit=${limit}`),
  step: (alert: string, step: StepRequest) =>
    ask<Alert>('POST', `/alerts/${encodeURIComponent(alert)}/steps`, step),
  replay: (change: { paused?: boolean; rate?: number; seek?: string }) =>
    ask<NodeState>('POST', '/replay', change),
  declare: (name: string, zone: object) => ask<unknown>('PUT', `/zones/${encodeURIComponent(name)}`, zone),
};

/** Asks the node; a Blob goes as it is, anything else as JSON. Throws NotDone for every answer that is a refusal. */
export async function ask<Answer>(method: string, path: string, body?: object): Promise<Answer> {
  const text = await (await asked(method, path, body)).text();
  return (text ? JSON.parse(text) : null) as Answer;
}

/** A file that the node gives out, and the name that it gives to it, which may be empty. */
export async function askFile(path: string): Promise<{ name: string; blob: Blob }> {
  const response = await asked('GET', path);
  const named = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '');
  return { name: named?.[1] ?? '', blob: await response.blob() };
}

async function asked(method: string, path: string, body?: object): Promise<Response> {
  const headers = new Headers({ Accept: 'application/json' });
  const file = body instanceof Blob;
  if (body) headers.set('Content-Type', file ? 'application/octet-stream' : 'application/json');
  if (token()) headers.set('Authorization', `Bearer ${token()}`);
  let response: Response;
  try {
    response = await fetch(BASE + path, { method, headers, body: file ? body : body && JSON.stringify(body) });
  } catch {
    throw new NotDone('unreachable', 'The node does not answer.', 0);
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

async function refusal(response: Response): Promise<NotDone> {
  try {
    const said = (await response.json()) as { code?: string; message?: string };
    return new NotDone(said.code ?? 'http', said.message ?? response.statusText, response.status);
  } catch {
    return new NotDone('http', `The node answered ${response.status}.`, response.status);
  }
}
