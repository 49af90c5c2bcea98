/** What this person at this screen has chosen: kept in the browser, and nowhere else. */

export type Theme = 'night' | 'day';
export type Language = 'en' | 'ar';
export type Side = 'line' | 'guide' | 'selected' | 'record';
export type Drawing = 'starting' | 'gpu' | 'software' | 'plain';

export interface Officer {
  name: string;
  role: string;
}

const SILENCE_MS = 30_000;

class View {
  theme = $state<Theme>(kept('theme', ['night', 'day']) ?? 'night');
  language = $state<Language>(kept('language', ['en', 'ar']) ?? 'en');
  officer = $state<Officer | null>(keptOfficer());
  /** The alert that is open in the list. */
  alert = $state('');
  /** The track that is selected, by name. */
  track = $state('');
  /** The zone that is selected, by name; a track and a zone are not selected at once. */
  zone = $state('');
  side = $state<Side>('guide');
  sideOpen = $state(true);
  /** Whether the screen has no room for a column of the line: it is then a tab beside the alerts. */
  narrow = $state(false);
  /** What the left panel shows on a narrow screen. */
  left = $state<'alerts' | 'line'>('alerts');
  help = $state(false);
  signing = $state(false);
  drawing = $state<Drawing>('starting');
  soundOn = $state(false);
  /** This screen's own clock, told once a second: silence is counted in real seconds, whatever the node's rate. */
  screen_ms = $state(Date.now());
  silentUntil_ms = $state(0);
  /** What was last said to a screen reader, politely. */
  said = $state('');
  /** A refusal by the node, shown until it is put away. */
  refusal = $state('');

  toggleTheme(): void {
    this.theme = this.theme === 'night' ? 'day' : 'night';
    localStorage.setItem('keepclear.theme', this.theme);
  }

  toggleLanguage(): void {
    this.language = this.language === 'en' ? 'ar' : 'en';
    localStorage.setItem('keepclear.language', this.language);
  }

  signIn(officer: Officer): void {
    this.officer = officer;
    localStorage.setItem('keepclear.officer', JSON.stringify(officer));
  }

  silence(): void {
    this.screen_ms = Date.now();
    this.silentUntil_ms = this.screen_ms + SILENCE_MS;
  }

  /** Brings the line to the front, wherever it has its place. */
  showLine(): void {
    if (this.narrow) this.left = 'line';
    else {
      this.side = 'line';
      this.sideOpen = true;
    }
  }

  showTrack(name: string): void {
    this.select(name, '');
  }

  showZone(name: string): void {
    this.select('', name);
  }

  private select(track: string, zone: string): void {
    this.track = track;
    this.zone = zone;
    this.side = 'selected';
    this.sideOpen = true;
  }
}

/** How a step is signed: the name, and the role the person is in. */
export function signature(officer: Officer): string {
  return officer.role ? `${officer.name}, ${officer.role}` : officer.name;
}

function kept<Choice extends string>(key: string, choices: Choice[]): Choice | null {
  const asked = new URLSearchParams(location.search).get(key) ?? localStorage.getItem(`keepclear.${key}`);
  return choices.find((choice) => choice === asked) ?? null;
}

function keptOfficer(): Officer | null {
  try {
    const found = JSON.parse(localStorage.getItem('keepclear.officer') ?? 'null') as Officer | null;
    return found && typeof found.name === 'string' && typeof found.role === 'string' ? found : null;
  } catch {
    return null;
  }
}

export const view = new View();
