/**
 * Takes pictures of the console against the development node, and fails on any error, refused load or foreign request.
 *
 * node dev/shots.mjs [--origin http://127.0.0.1:8470] [name ...]; with an origin, of a node that already runs there.
 * Needs Debian's chromium. Pictures go to shots/.
 */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const OUT = fileURLToPath(new URL('../shots/', import.meta.url));
const NODE = fileURLToPath(new URL('./node.mjs', import.meta.url));
const PORT = 8071;
const { values: options, positionals: wanted } = parseArgs({
  options: { origin: { type: 'string' } },
  allowPositionals: true,
});
const ORIGIN = options.origin ?? `http://127.0.0.1:${PORT}`;
const QUIET = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
];
const DRAWN = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'];
const PLAIN = ['--disable-gpu', '--disable-3d-apis'];

const wait = (page, seconds) => page.waitForTimeout(seconds * 1000);
const officer = { name: 'M. Haddad', role: 'watch officer' };

async function openAlarm(page) {
  await page.keyboard.press('KeyJ');
  await page.waitForSelector('[data-alert].open');
}

const SCENES = {
  night: { run: async (page) => wait(page, 9) },
  day: { theme: 'day', run: async (page) => wait(page, 9) },
  alert: {
    run: async (page) => {
      await wait(page, 9);
      await openAlarm(page);
      await page.keyboard.press('KeyA');
      await wait(page, 1);
      await page.keyboard.press('KeyD');
      await wait(page, 2);
    },
  },
  advised: {
    theme: 'day',
    run: async (page) => {
      await wait(page, 9);
      await openAlarm(page);
      await page.keyboard.press('KeyA');
      await wait(page, 1);
      await page.keyboard.press('KeyD');
      await wait(page, 1);
      await page.keyboard.press('Control+Enter');
      await page.locator('#alerts button', { hasText: 'OCHA-12' }).first().click();
      await wait(page, 3);
    },
  },
  arabic: {
    language: 'ar',
    run: async (page) => {
      await wait(page, 9);
      await openAlarm(page);
      await wait(page, 2);
    },
  },
  plain: { flags: PLAIN, run: async (page) => wait(page, 9) },
  replay: {
    run: async (page) => {
      await wait(page, 9);
      await page.keyboard.press('BracketLeft');
      await wait(page, 3);
    },
  },
  record: {
    theme: 'day',
    run: async (page) => {
      await wait(page, 9);
      await page.locator('header .record').click();
      await wait(page, 2);
    },
  },
  silent: { run: async (page) => wait(page, 14), node: ['--rate', '8'] },
  lost: {
    run: async (page, node) => {
      await wait(page, 8);
      node.kill();
      await wait(page, 4);
    },
  },
  empty: { node: ['--empty'], run: async (page) => wait(page, 4) },
  zone: {
    run: async (page) => {
      await wait(page, 9);
      await page.mouse.click(830, 520);
      await wait(page, 2);
    },
  },
  world: {
    theme: 'day',
    run: async (page) => {
      await wait(page, 7);
      for (let i = 0; i < 3; i += 1) {
        await page.locator('.buttons button').nth(1).click();
        await wait(page, 1);
        await page.locator('.buttons button').nth(1).click();
        await wait(page, 1.5);
      }
    },
  },
  help: {
    run: async (page) => {
      await wait(page, 6);
      await page.keyboard.press('?');
      await wait(page, 1);
    },
  },
  signon: {
    nobody: true,
    run: async (page) => {
      await wait(page, 6);
      await page.locator('button.start').click();
      await wait(page, 1);
    },
  },
};

mkdirSync(OUT, { recursive: true });
let failed = false;
for (const [name, scene] of Object.entries(SCENES)) {
  if (wanted.length && !wanted.includes(name)) continue;
  const faults = await shoot(name, scene);
  for (const fault of faults) console.log(`${name}: ${fault}`);
  failed ||= faults.length > 0;
  console.log(`${name}: shots/${name}.png`);
}
process.exit(failed ? 1 : 0);

async function started(more) {
  const node = spawn(process.execPath, [NODE, '--port', String(PORT), ...more], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => node.stdout.once('data', resolve));
  return node;
}

async function shoot(name, scene) {
  const node = options.origin ? { kill: () => undefined } : await started(scene.node ?? []);
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [...QUIET, ...(scene.flags ?? DRAWN)],
  });
  const faults = [];
  try {
    const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
    page.on('console', (message) => {
      const expected = name === 'lost' && /ERR_CONNECTION_REFUSED|WebSocket|Failed to fetch/.test(message.text());
      if (['error', 'warning'].includes(message.type()) && !expected && !/GPU stall|GL Driver/.test(message.text())) faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('request', (request) => {
      if (!request.url().startsWith(ORIGIN) && !request.url().startsWith('blob:')) faults.push(`left the host: ${request.url()}`);
    });
    await page.addInitScript(([who, theme, language]) => {
      if (who) localStorage.setItem('keepclear.officer', JSON.stringify(who));
      localStorage.setItem('keepclear.theme', theme);
      localStorage.setItem('keepclear.language', language);
    }, [scene.nobody ? null : officer, scene.theme ?? 'night', scene.language ?? 'en']);
    await page.goto(`${ORIGIN}/watch`);
    await scene.run(page, node);
    await page.screenshot({ path: `${OUT}${name}.png` });
  } finally {
    await browser.close();
    node.kill();
  }
  return faults;
}
