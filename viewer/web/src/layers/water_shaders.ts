/** What the graphics card does with water: a surface for depths, flat colours for every other field. */

import { FASTEST, OFFSET, SCALE } from "../core/field";

export const VERTEX = `
  uniform sampler2D field;
  uniform vec4 place;
  varying vec2 vAt;
  varying vec3 vWorld;
  void main() {
    vec3 spot = position;
    vAt = (position.xy - place.xy) * place.zw;
    vec2 inside = step(vec2(0.0), vAt) * step(vAt, vec2(1.0));
    float code = texture2D(field, vAt).r * inside.x * inside.y;
    spot.z += ${OFFSET.toFixed(4)} * (exp(code * ${SCALE.toFixed(6)}) - 1.0);
    vWorld = spot;
    gl_Position = projectionMatrix * viewMatrix * vec4(spot, 1.0);
  }`;

/**
 * Light on water: the colour of the legend, darker where one looks through more of it (Beer and Lambert), the sky by
 * Schlick's approximation with the reflectance of water, 0.02, and the sun on ripples that the flow carries along.
 * Ripples are carried in two phases that fade into each other, else they would be drawn out without end; PLAIN, for
 * where the processor draws, lets them drift as one.
 */
export const WATER_FRAGMENT = `
  uniform sampler2D field;
  uniform sampler2D flow;
  uniform sampler2D palette;
  uniform vec3 sun;
  uniform float hatch;
  uniform float clock;
  varying vec2 vAt;
  varying vec3 vWorld;

  float hash(vec2 p) {
    p = fract(p * vec2(0.1031, 0.1030));
    p += dot(p, p.yx + 33.33);
    return fract((p.x + p.y) * p.x);
  }
  // Smooth noise of cell 1 and its slope.
  vec3 noise(vec2 p) {
    vec2 i = floor(p), f = fract(p);
    vec2 u = f * f * (3.0 - 2.0 * f), du = 6.0 * f * (1.0 - f);
    float a = hash(i), b = hash(i + vec2(1.0, 0.0)), c = hash(i + vec2(0.0, 1.0)), d = hash(i + vec2(1.0, 1.0));
    float k = a - b - c + d;
    return vec3(a + (b - a) * u.x + (c - a) * u.y + k * u.x * u.y, du * (vec2(b - a, c - a) + k * u.yx));
  }
  vec2 ripple(vec2 at) {
    return noise(at * 0.55).yz * 0.55 + noise(at * 1.7 + 7.0).yz * 0.35;
  }

  void main() {
    if (vAt.x < 0.0 || vAt.y < 0.0 || vAt.x > 1.0 || vAt.y > 1.0) discard;
    float code = texture2D(field, vAt).r;
    vec4 tone = texture2D(palette, vec2((code * 255.0 + 0.5) / 256.0, 0.5));
    if (tone.a < 0.01) discard;
    float depth = ${OFFSET.toFixed(4)} * (exp(code * ${SCALE.toFixed(6)}) - 1.0);
    vec3 look = normalize(cameraPosition - vWorld);
    float point = length(fwidth(vWorld.xy));

    // Ripples: carried by the flow, calmer where water is thin or seen from afar.
    vec2 speed = (texture2D(flow, vAt).rg * 255.0 - 128.0) / 127.0 * ${FASTEST.toFixed(1)};
    float pace = length(speed);
    #ifdef PLAIN
    vec2 slope = ripple(vWorld.xy - vec2(0.12, 0.07) * mod(clock, 1000.0));
    #else
    vec2 drift = speed + vec2(0.12, 0.07);
    float phase = fract(clock / 4.0), other = fract(clock / 4.0 + 0.5);
    float blend = abs(2.0 * phase - 1.0);
    vec2 slope = mix(ripple(vWorld.xy - drift * phase * 4.0), ripple(vWorld.xy - drift * other * 4.0 + 31.7), blend);
    #endif
    float stir = (0.025 + 0.05 * min(pace, 2.0)) * smoothstep(0.01, 0.15, depth) * smoothstep(2.5, 0.2, point);
    vec3 up = normalize(vec3(-slope * stir, 1.0));

    // The longer the way through the water, the less of the bright ground comes back.
    float way = depth / max(look.z, 0.35);
    vec3 hue = tone.rgb * (1.0 - 0.10 * (1.0 - exp(-1.6 * way)));
    hue *= 1.0 + dot(slope, sun.xy) * stir * 1.1;
    float facing = clamp(dot(up, look), 0.0, 1.0);
    float sky = 0.02 + 0.98 * pow(1.0 - facing, 5.0);
    hue = mix(hue, vec3(0.93, 0.96, 0.99), 0.75 * sky * smoothstep(0.0, 0.1, depth));
    float glint = pow(max(dot(reflect(-sun, up), look), 0.0), 160.0);
    hue += 0.5 * glint * smoothstep(0.03, 0.2, depth);

    // Deeper than the hatch: where an adult no longer stands safely.
    float stripe = abs(fract((vWorld.x + vWorld.y) / 5.0) - 0.5) * 5.0;
    float soft = fwidth(vWorld.x + vWorld.y) + 0.05;
    float line = (1.0 - smoothstep(0.28, 0.28 + soft, stripe)) * smoothstep(2.5, 0.6, soft);
    float deep = smoothstep(hatch - 0.008, hatch + 0.008, code);
    hue = mix(hue, vec3(1.0), 0.32 * line * deep);

    // A soft shore with the faint bright rim of a film that climbs the ground.
    float shore = smoothstep(0.0, 0.16, tone.a);
    float rim = smoothstep(0.04, 0.3, tone.a) * (1.0 - smoothstep(0.3, 0.62, tone.a)) * smoothstep(1.2, 0.2, point);
    hue = mix(hue, vec3(1.0), 0.35 * rim);
    gl_FragColor = vec4(hue, tone.a * shore);
  }`;

export const MAP_FRAGMENT = `
  uniform sampler2D shares;
  uniform sampler2D palette;
  varying vec2 vAt;
  void main() {
    if (vAt.x < 0.0 || vAt.y < 0.0 || vAt.x > 1.0 || vAt.y > 1.0) discard;
    vec2 found = texture2D(shares, vAt).rg;
    if (found.g < 0.01) discard;
    vec4 tone = texture2D(palette, vec2((clamp(found.r / found.g, 0.0, 1.0) * 255.0 + 0.5) / 256.0, 0.5));
    float soft = max(fwidth(found.g), 0.02);
    gl_FragColor = vec4(tone.rgb, tone.a * smoothstep(0.45 - soft, 0.45 + soft, found.g));
  }`;
