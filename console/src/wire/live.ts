/** The WebSocket to the node: opened again, more and more slowly, for as long as the console is open. */
import { token } from './client';
import type { LiveMessage } from './types';

const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 8_000;
/** The node sends at least once a second; silence this long means that the connection is dead. */
const SILENCE_MAX_MS = 6_000;

export interface LiveHooks {
  message: (message: LiveMessage) => void;
  frame: (frame: ArrayBuffer) => void;
  up: () => void;
  down: () => void;
}

/** Keeps a connection open and reports what it brings; returns what ends it for good. */
export function connect(hooks: LiveHooks): () => void {
  let socket: WebSocket | null = null;
  let timer = 0;
  let wait_ms = RETRY_FIRST_MS;
  let heard = performance.now();
  let ended = false;

  const open = (): void => {
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const url = `${scheme}//${location.host}/api/v1/live`;
    socket = token() ? new WebSocket(url, ['keepclear', token()]) : new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    heard = performance.now();
    socket.onopen = () => {
      wait_ms = RETRY_FIRST_MS;
      hooks.up();
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      heard = performance.now();
      if (typeof data === 'string') hooks.message(JSON.parse(data) as LiveMessage);
      else hooks.frame(data);
    };
    socket.onclose = () => {
      if (ended) return;
      hooks.down();
      timer = window.setTimeout(open, wait_ms);
      wait_ms = Math.min(RETRY_MAX_MS, wait_ms * 1.7);
    };
  };

  const guard = window.setInterval(() => {
    if (socket?.readyState === WebSocket.OPEN && performance.now() - heard > SILENCE_MAX_MS) socket.close();
  }, 1_000);
  open();
  return () => {
    ended = true;
    window.clearInterval(guard);
    window.clearTimeout(timer);
    socket?.close();
  };
}
