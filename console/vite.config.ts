import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [svelte()],
  base: '/',
  build: {
    target: 'es2022',
    outDir: '../src/keepclear/edge/web',
    emptyOutDir: true,
    cssCodeSplit: false,
    // Nothing is inlined: the page's Content-Security-Policy allows no data: URL.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
  },
  server: { host: '127.0.0.1', proxy: { '/api': { target: 'http://127.0.0.1:8070', ws: true } } },
});
