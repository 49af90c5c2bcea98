/** Whether this machine can draw the map, and with what. */
import type { Drawing } from '../state/view.svelte';

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** `plain` when there is no WebGL 2, `software` when the processor stands in for a graphics card. */
export function drawingOf(): Exclude<Drawing, 'starting'> {
  const gl = document.createElement('canvas').getContext('webgl2');
  if (!gl) return 'plain';
  const named = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(gl.getParameter(named ? named.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return SOFTWARE.test(renderer) ? 'software' : 'gpu';
}
