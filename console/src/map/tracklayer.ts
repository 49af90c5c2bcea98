/**
 * Draws every track as one GPU point: carried on by its last speed in the shader, for at most fifteen seconds.
 *
 * Positions are taken relative to the middle of the map, in two parts, so that they do not jitter when zoomed in.
 */
import type { CustomLayerInterface, CustomRenderMethodInput, Map as GlMap } from 'maplibre-gl';
import {
  FADED_AFTER_S,
  RECKON_MAX_S,
  SPRITE_OF_INTEREST,
  SPRITE_UNKNOWN,
  VERTEX_FLOATS,
  type Tracks,
} from './tracks';

/** From this zoom on every track is drawn with its full symbol. */
const FULL_SYMBOLS_ZOOM = 8.3;
const OF_INTEREST_PX = 34;
const PROBE_PX = 8;

const VERTEX_SHADER = `#version 300 es
precision highp float;
in vec4 place; in vec4 motion; in float sprite;
uniform mat4 matrix; uniform vec4 centre; uniform float now, size, interestSize, full, pass, turn;
flat out vec3 cell; flat out vec2 rotation; flat out float opacity;
void main() {
  float rest = sprite - 1.0;
  float lost = step(${SPRITE_UNKNOWN.toFixed(1)}, rest); rest -= ${SPRITE_UNKNOWN.toFixed(1)} * lost;
  float hot = step(${SPRITE_OF_INTEREST.toFixed(1)}, rest); rest -= ${SPRITE_OF_INTEREST.toFixed(1)} * hot;
  if (sprite < 0.5 || abs(hot - pass) > 0.5) { gl_Position = vec4(2.0, 2.0, 2.0, 1.0); gl_PointSize = 1.0; return; }
  float age = max(now - motion.z, 0.0);
  vec2 away = (place.xy - centre.xy) + (place.zw - centre.zw) + motion.xy * min(age, ${RECKON_MAX_S.toFixed(1)});
  gl_Position = matrix * vec4(away, 0.0, 1.0);
  float whole = max(hot, full);
  float party = floor(rest / 8.0);
  cell = vec3(mod(rest, 8.0), party + (whole > 0.5 ? 0.0 : 4.0), whole);
  float heading = motion.w + turn;
  rotation = whole > 0.5 ? vec2(1.0, 0.0) : vec2(cos(heading), sin(heading));
  gl_PointSize = hot > 0.5 ? interestSize : (whole > 0.5 ? size * 1.35 : size);
  float dim = hot > 0.5 ? 1.0 : (whole > 0.5 ? 0.92 : (party > 2.5 ? 0.62 : 0.9));
  opacity = dim * (age > ${FADED_AFTER_S.toFixed(1)} || lost > 0.5 ? 0.35 : 1.0);
}`;

const FRAGMENT_SHADER = `#version 300 es
precision highp float;
flat in vec3 cell; flat in vec2 rotation; flat in float opacity;
uniform sampler2D atlas;
out vec4 colour;
void main() {
  vec2 at = gl_PointCoord - 0.5;
  at = vec2(rotation.x * at.x + rotation.y * at.y, -rotation.y * at.x + rotation.x * at.y) + 0.5;
  if (any(lessThan(at, vec2(0.0))) || any(greaterThan(at, vec2(1.0)))) discard;
  colour = texture(atlas, (cell.xy + at) / 8.0) * opacity;
  if (colour.a < 0.02) discard;
}`;

const UNIFORMS = [
  'matrix', 'centre', 'now', 'size', 'interestSize', 'full', 'pass', 'turn', 'atlas',
] as const;
type Uniforms = Record<(typeof UNIFORMS)[number], WebGLUniformLocation | null>;

export interface TrackLayerHooks {
  tracks: () => Tracks;
  /** The time of the picture, in seconds since the epoch of the frames. */
  now_s: () => number;
  /** Told when the GPU does not draw what it is asked to. */
  failed: (why: string) => void;
  small: boolean;
}

export class TrackLayer implements CustomLayerInterface {
  readonly id = 'tracks';
  readonly type = 'custom' as const;
  readonly renderingMode = '2d' as const;

  private map: GlMap | null = null;
  private gl: WebGL2RenderingContext | null = null;
  private program: WebGLProgram | null = null;
  private vertexArray: WebGLVertexArrayObject | null = null;
  private buffer: WebGLBuffer | null = null;
  private texture: WebGLTexture | null = null;
  private uniforms = {} as Uniforms;
  private uploaded: Tracks | null = null;
  private uploadedVersion = -1;
  private uploadedFloats = 0;
  private tested = false;
  private broken = false;

  constructor(
    private readonly hooks: TrackLayerHooks,
    private atlas: HTMLCanvasElement,
  ) {}

  onAdd(map: GlMap, context: WebGLRenderingContext | WebGL2RenderingContext): void {
    const gl = context as WebGL2RenderingContext;
    this.map = map;
    this.gl = gl;
    this.program = this.link(gl);
    if (!this.program) return;
    this.buffer = gl.createBuffer();
    this.vertexArray = gl.createVertexArray();
    gl.bindVertexArray(this.vertexArray);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    this.attribute(gl, 'place', 4, 0);
    this.attribute(gl, 'motion', 4, 16);
    this.attribute(gl, 'sprite', 1, 32);
    gl.bindVertexArray(null);
    for (const name of UNIFORMS) this.uniforms[name] = gl.getUniformLocation(this.program, name);
    this.texture = gl.createTexture();
    this.setAtlas(this.atlas);
  }

  onRemove(_map: GlMap, gl: WebGLRenderingContext | WebGL2RenderingContext): void {
    gl.deleteProgram(this.program);
    gl.deleteBuffer(this.buffer);
    gl.deleteTexture(this.texture);
    if (this.gl) this.gl.deleteVertexArray(this.vertexArray);
    this.gl = null;
    this.uploadedVersion = -1;
  }

  setAtlas(atlas: HTMLCanvasElement): void {
    this.atlas = atlas;
    const gl = this.gl;
    if (!gl) return;
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, atlas);
    gl.generateMipmap(gl.TEXTURE_2D);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    this.map?.triggerRepaint();
  }

  render(context: WebGLRenderingContext | WebGL2RenderingContext, input: CustomRenderMethodInput): void {
    const gl = context as WebGL2RenderingContext;
    const map = this.map;
    if (!map || !this.program || this.broken) return;
    const tracks = this.hooks.tracks();
    gl.useProgram(this.program);
    gl.bindVertexArray(this.vertexArray);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.uniform1i(this.uniforms.atlas, 0);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.STENCIL_TEST);
    if (!this.tested) this.test(gl);
    if (tracks.size > 0 && !this.broken) {
      this.upload(gl, tracks);
      this.draw(gl, map, input.defaultProjectionData.mainMatrix, tracks.size);
    }
    gl.bindVertexArray(null);
  }

  private draw(gl: WebGL2RenderingContext, map: GlMap, projection: ArrayLike<number>, count: number): void {
    const zoom = map.getZoom();
    const pixels = map.getPixelRatio();
    const size = Math.min(20, Math.max(7, 7 + (zoom - 3) * 1.9)) * (this.hooks.small ? 0.85 : 1);
    gl.uniform1f(this.uniforms.now, this.hooks.now_s());
    gl.uniform1f(this.uniforms.size, size * pixels);
    gl.uniform1f(this.uniforms.interestSize, OF_INTEREST_PX * pixels);
    gl.uniform1f(this.uniforms.full, zoom >= FULL_SYMBOLS_ZOOM ? 1 : 0);
    gl.uniform1f(this.uniforms.turn, (-map.getBearing() * Math.PI) / 180);
    const bounds = map.getBounds();
    const first = Math.floor((bounds.getWest() + 180) / 360);
    const last = Math.floor((bounds.getEast() + 180) / 360);
    for (let world = first; world <= last; world += 1) {
      this.centre(gl, map, projection, world);
      for (const pass of [0, 1]) {
        gl.uniform1f(this.uniforms.pass, pass);
        gl.drawArrays(gl.POINTS, 0, count);
      }
    }
  }

  /** Moves the origin to the middle of the map, in double precision, before anything becomes a 32-bit float. */
  private centre(gl: WebGL2RenderingContext, map: GlMap, projection: ArrayLike<number>, world: number): void {
    const { lng, lat } = map.getCenter();
    const x = (lng + 180) / 360;
    const y = (1 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / Math.PI) / 2;
    const matrix = new Float32Array(16);
    for (let i = 0; i < 12; i += 1) matrix[i] = projection[i] ?? 0;
    for (let i = 0; i < 4; i += 1) {
      matrix[12 + i] = (projection[i] ?? 0) * x + (projection[4 + i] ?? 0) * y + (projection[12 + i] ?? 0);
    }
    const shifted = x - world;
    gl.uniformMatrix4fv(this.uniforms.matrix, false, matrix);
    gl.uniform4f(
      this.uniforms.centre,
      Math.fround(shifted),
      Math.fround(y),
      shifted - Math.fround(shifted),
      y - Math.fround(y),
    );
  }

  private upload(gl: WebGL2RenderingContext, tracks: Tracks): void {
    if (this.uploaded === tracks && this.uploadedVersion === tracks.version) return;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    if (this.uploadedFloats === tracks.vertices.length && this.uploaded === tracks) {
      gl.bufferSubData(gl.ARRAY_BUFFER, 0, tracks.vertices, 0, tracks.size * VERTEX_FLOATS);
    } else {
      gl.bufferData(gl.ARRAY_BUFFER, tracks.vertices, gl.DYNAMIC_DRAW);
      this.uploadedFloats = tracks.vertices.length;
    }
    this.uploaded = tracks;
    this.uploadedVersion = tracks.version;
  }

  /**
   * Draws one track where no one sees it and reads it back. A shader that links and paints nothing would show an
   * empty sky, which looks like safety.
   */
  private test(gl: WebGL2RenderingContext): void {
    this.tested = true;
    const target = gl.getParameter(gl.FRAMEBUFFER_BINDING) as WebGLFramebuffer | null;
    const viewport = gl.getParameter(gl.VIEWPORT) as Int32Array;
    const picture = gl.createTexture();
    const frame = gl.createFramebuffer();
    gl.bindTexture(gl.TEXTURE_2D, picture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, PROBE_PX, PROBE_PX, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, picture, 0);
    gl.viewport(0, 0, PROBE_PX, PROBE_PX);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    const aircraft = new Float32Array([0.5, 0.5, 0, 0, 0, 0, 0, 0, 1 + 1 + SPRITE_OF_INTEREST]);
    gl.bufferData(gl.ARRAY_BUFFER, aircraft, gl.DYNAMIC_DRAW);
    this.uploadedVersion = -1;
    this.uploadedFloats = 0;
    gl.uniformMatrix4fv(this.uniforms.matrix, false, new Float32Array([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]));
    gl.uniform4f(this.uniforms.centre, 0.5, 0.5, 0, 0);
    gl.uniform1f(this.uniforms.now, 0);
    gl.uniform1f(this.uniforms.interestSize, PROBE_PX);
    gl.uniform1f(this.uniforms.pass, 1);
    gl.drawArrays(gl.POINTS, 0, 1);
    const pixels = new Uint8Array(PROBE_PX * PROBE_PX * 4);
    gl.readPixels(0, 0, PROBE_PX, PROBE_PX, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    gl.bindFramebuffer(gl.FRAMEBUFFER, target);
    gl.viewport(viewport[0] ?? 0, viewport[1] ?? 0, viewport[2] ?? 0, viewport[3] ?? 0);
    gl.deleteFramebuffer(frame);
    gl.deleteTexture(picture);
    if (!pixels.some((value) => value > 0)) this.fail('the self-test drew nothing');
  }

  private link(gl: WebGL2RenderingContext): WebGLProgram | null {
    const program = gl.createProgram();
    for (const [kind, source] of [
      [gl.VERTEX_SHADER, VERTEX_SHADER],
      [gl.FRAGMENT_SHADER, FRAGMENT_SHADER],
    ] as const) {
      const shader = gl.createShader(kind);
      if (!shader) return this.fail('no shader can be made');
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) {
        return this.fail(gl.getShaderInfoLog(shader) ?? 'a shader does not compile');
      }
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (gl.getProgramParameter(program, gl.LINK_STATUS)) return program;
    return this.fail(gl.getProgramInfoLog(program) ?? 'the shaders do not link');
  }

  private fail(why: string): null {
    this.broken = true;
    this.hooks.failed(why);
    return null;
  }

  private attribute(gl: WebGL2RenderingContext, name: string, floats: number, offset_bytes: number): void {
    if (!this.program) return;
    const place = gl.getAttribLocation(this.program, name);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, floats, gl.FLOAT, false, VERTEX_FLOATS * 4, offset_bytes);
  }
}
