/** The part of the node's HTTP API that is about lines, as docs/wire.md defines it under "The lines". */
import { ask, askFile } from './client';
import type {
  Holders,
  Line,
  LineMessage,
  MessageForm,
  OfficerForm,
  Pairing,
  PaperTaken,
  ReceiptForm,
  TextDifference,
  VoiceForm,
  VoiceWords,
  VoiceWordsForm,
  WordLanguage,
} from './linetypes';

/** So many messages of a thread are asked for at once. */
export const PAGE = 200;

const at = (line: string, rest = ''): string => `/lines/${encodeURIComponent(line)}${rest}`;

export const lineApi = {
  lines: () => ask<Line[]>('GET', '/lines'),
  line: (line: string) => ask<Line>('GET', at(line)),
  thread: (line: string, before = '') =>
    ask<LineMessage[]>('GET', at(line, `/messages?limit=${PAGE}${before && `&before=${before}`}`)),
  waiting: (line: string) => ask<LineMessage[]>('GET', at(line, '/waiting')),
  holders: (line: string, hash: string) => ask<Holders>('GET', at(line, `/messages/${hash}/holders`)),
  say: (line: string, form: MessageForm) => ask<LineMessage>('POST', at(line, '/messages'), form),
  receipt: (line: string, hash: string, form: ReceiptForm) =>
    ask<LineMessage>('POST', at(line, `/messages/${hash}/steps`), form),
  check: (line: string) => ask<LineMessage>('POST', at(line, '/check'), {}),
  attended: (line: string) => ask<Line>('POST', at(line, '/attended'), {}),
  cut: (line: string, cut: boolean) => ask<Line>('POST', at(line, '/cut'), { cut }),
  voiceWords: (line: string, form: VoiceWordsForm) => ask<VoiceWords>('POST', at(line, '/voice/words'), form),
  voice: (line: string, form: VoiceForm) => ask<LineMessage>('POST', at(line, '/voice'), form),
  compare: (mine: string, theirs: string) =>
    ask<{ differences: TextDifference[] }>('POST', '/lines/compare', { mine, theirs }),
  pairing: (line: string, card: string) => ask<Pairing>('POST', '/card/words', { line, card }),
  agree: (form: { line: string; card: string; words: string; words_in: WordLanguage; url?: string; folder?: string }) =>
    ask<Line>('POST', '/lines', form),
  open: (line: string, adds: OfficerForm[], passphrase?: string) =>
    ask<Line>('POST', at(line, '/open'), { adds, root_passphrase: passphrase || null }),
  keys: (line: string, adds: OfficerForm[], passphrase?: string) =>
    ask<Line>('POST', at(line, '/keys'), { adds, root_passphrase: passphrase || null }),
  takeBundle: (line: string, file: Blob) => ask<Line>('POST', at(line, '/bundle'), file),
  takePaper: (line: string, text: string) => ask<PaperTaken>('POST', at(line, '/paper'), { text }),
  takePicture: (line: string, file: Blob) => ask<PaperTaken>('POST', at(line, '/picture'), file),
  paper: (line: string) => ask<{ lines: string[] }>('GET', at(line, '/paper')),
  card: () => askFile('/card'),
  bundle: (line: string) => askFile(at(line, '/bundle')),
  exported: (line: string) => askFile(at(line, '/export')),
  form: (line: string, hash: string, language: WordLanguage) =>
    askFile(at(line, `/messages/${hash}/form?language=${language}`)),
};
