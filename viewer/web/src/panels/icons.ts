/** The few signs of the page, drawn on a grid of 20, one stroke weight. */

import { html, svg, type SVGTemplateResult, type TemplateResult } from "lit";

const PATHS = {
  play: svg`<path d="M7 4.6v10.8a.6.6 0 0 0 .9.5l8.6-5.4a.6.6 0 0 0 0-1L7.9 4.100a.6.6 0 0 0-.9.5z" fill="currentColor" stroke="none"/>`,
  pause: svg`<path d="M6.5 4.500v11M13.5 4.500v11" stroke-width="3"/>`,
  wall: svg`<path d="M3 15V8.500h14V15zM3 11.800h14M7.5 8.500v3.300M12.5 8.500v3.300M10 11.800V15M5.5 11.800V15M14.5 11.800V15"/>`,
  land_cover: svg`<path d="M3 14.500c3-1 4.5-4 8-4s4 2 6 1.500M10 10.500V5M10 7.500c-2.5 0-3.5-1.5-3.5-3.500C9 4 10 5.5 10 7.500zM10 6.500c0-2 1-3.2 3.2-3.2 0 2-1 3.2-3.2 3.200z"/>`,
  add_building: svg`<path d="M4 16.500V7l5-3.500L14 7v9.500zM4 16.500h13M7.5 9h3M7.5 12.500h3M16.5 5v5M14 7.500h5"/>`,
  kerb: svg`<path d="M3 9h8v6M3 6.500h10.5V15M3 15h14"/>`,
  basin: svg`<path d="M2.5 6h3l2 7.500h5l2-7.500h3M6.6 10c1.1-.8 2.200-.8 3.400 0s2.300.8 3.400 0"/>`,
  block_drain: svg`<path d="M4 7.500h12v6H4zM7 7.500v6M10 7.500v6M13 7.500v6M3.5 16.500l13-13"/>`,
  swale: svg`<path d="M2.5 7.500c3 0 3.500 6 7.500 6s4.500-6 7.500-6M6 7l-1-2.500M14 7l1-2.500M8.500 10.500V8M11.500 10.500V8"/>`,
  rain_garden: svg`<path d="M3 13c2 3 12 3 14 0M10 13V8.500M10 10c-2 0-3-1-3-2.800 2 0 3 1 3 2.800zM10 8.500c0-2 1-3 3-3 0 2-1 3-3 3zM5.500 3.500 5 5M9 2.500 8.500 4"/>`,
  permeable_paving: svg`<path d="M3 5h6v3.500H3zM11 5h6v3.500h-6zM7 11h6v0M6 12v3M10 11v4.500M14 12v3M4.800 14 6 15.400 7.200 14M12.800 14l1.200 1.400 1.200-1.400M8.800 14.600 10 16l1.200-1.400"/>`,
  depave: svg`<path d="M3 14.500h5M12 14.500h5M3 17h14M10 14.500V9M10 11c-2.200 0-3.200-1.200-3.200-3.200C9 7.800 10 9 10 11zM10 9.500c0-2 1-3.200 3.200-3.200 0 2-1 3.200-3.200 3.200M4 5.500l3-2.500"/>`,
  green_roof: svg`<path d="M3.500 17v-7l6.500-4 6.500 4v7zM6 7.500V5M10 5V2.500M14 7.500V5M8 6V4M12 6V4"/>`,
  raised_threshold: svg`<path d="M6 17V4h8v13M3 17h14M6 13.500h8M11.500 9v1M2.500 11.500V6M1 7.500 2.500 6 4 7.500"/>`,
  tree: svg`<path d="M10 17v-6M10 13l-2.500-2M10 12l2-1.600"/><path d="M10 3a4.300 4.300 0 0 0-4 5.600A3.300 3.300 0 0 0 8 14h4a3.300 3.300 0 0 0 2-5.400A4.300 4.300 0 0 0 10 3z"/>`,
  move_tree: svg`<path d="M7 16v-4"/><path d="M7 4.500a3.300 3.300 0 0 0-3 4.300A2.600 2.600 0 0 0 5.500 13h3A2.600 2.600 0 0 0 10 8.800a3.300 3.300 0 0 0-3-4.300zM12 14h5.500M15.300 11.500 17.800 14l-2.500 2.500"/>`,
  remove_tree: svg`<path d="M7.500 17v-5"/><path d="M7.500 4a3.700 3.700 0 0 0-3.400 4.800A2.900 2.900 0 0 0 5.800 13.500h3.400a2.900 2.900 0 0 0 1.700-4.700A3.700 3.700 0 0 0 7.500 4zM13 12.500l4 4M17 12.500l-4 4"/>`,
  shade_sail: svg`<path d="M3 6c4 2 10 2 14-1-1 4-3 6-5.500 7.500C8 11 5 9 3 6zM3 6v11M17 5v12M11.500 12.500V17"/>`,
  albedo: svg`<path d="M2.500 14.500h15M4 4l5 8.500M16 4l-5 8.500M13.200 4.600 16 4l.6 2.800"/>`,
  cool_roof: svg`<path d="M3 10.500 10 5l7 5.500M5 9.500V17h10V9.500M7.500 3.500 6 2M12.500 3.500 14 2M10 3V1"/>`,
  close_street: svg`<path d="M3 7.500h14v4H3zM6 11.500V16M14 11.500V16M5 7.500l3 4M9.500 7.500l3 4M14 7.500l2.500 3.300M6 7.500V5.500M14 7.500V5.500"/>`,
  speed_limit: svg`<circle cx="10" cy="10" r="7"/><path d="M6.6 8c.4-.8 2.500-.8 2.500.6 0 .8-.8 1.100-1.400 1.100.8 0 1.600.4 1.600 1.300 0 1.500-2.400 1.600-2.900.6M11 9.800c0-1.500.5-2.300 1.300-2.300s1.300.8 1.300 2.300-.5 2.400-1.300 2.400-1.300-.9-1.300-2.400z"/>`,
  bike_lane: svg`<circle cx="5.500" cy="13" r="3"/><circle cx="14.500" cy="13" r="3"/><path d="m5.500 13 2.800-5.500h4.700L10 13H5.500M8.300 7.500 10 13M14.500 13l-2-7h2M7 7.500h2.400"/>`,
  low_traffic_neighbourhood: svg`<path d="M4 3.500h12v13H4zM4 9.500h3M13 9.500h3M10 3.500v3M10 13.500v3M10 8v4M8 10h4"/>`,
  school_street: svg`<path d="m2.500 8 7.500-3.500L17.500 8 10 11.500zM5.500 9.600V13.500c2.500 2 6.500 2 9 0V9.600M17.500 8v4.500"/>`,
  travel_demand: svg`<path d="M3 13.500V10l1.800-4.500h10.400L17 10v3.500zM3 10h14M5.500 13.500v2M14.500 13.500v2M6 11.800h1.500M12.500 11.800H14"/>`,
  pin: svg`<path d="M10 17.500s5.500-5 5.500-9.200a5.500 5.500 0 0 0-11 0c0 4.200 5.500 9.200 5.500 9.200z"/><circle cx="10" cy="8.300" r="1.900"/>`,
  table: svg`<path d="M3.500 4.500h13v11h-13zM3.500 8.200h13M3.500 11.800h13M8 4.500v11"/>`,
  save: svg`<path d="M10 3.500v8.500M6.500 9 10 12.500 13.500 9M4 15.500h12"/>`,
  trash: svg`<path d="M4.5 6h11M8 6V4h4v2M6 6l.7 10h6.600L14 6M8.7 9v4.500M11.3 9v4.5"/>`,
  undo: svg`<path d="M7 4 3.5 7.5 7 11M3.5 7.500h8a4.5 4.5 0 0 1 0 9H8"/>`,
  redo: svg`<path d="m13 4 3.5 3.500L13 11M16.5 7.500h-8a4.5 4.5 0 0 0 0 9H12"/>`,
  close: svg`<path d="m5 5 10 10M15 5 5 15"/>`,
  share: svg`<path d="M8 12.5 12.5 8M9 5.500l1.5-1.500a3.9 3.9 0 0 1 5.5 5.500L14.5 11M11 14.5 9.5 16A3.9 3.9 0 0 1 4 10.500L5.5 9"/>`,
  exemplary_building: svg`<path d="M4 16.500V8l5-4 5 4v8.500zM4 16.500h13M9.800 7.500 7.500 11h3l-1 3.300M16.500 4.500c0 2-1 3-3 3 0-2 1-3 3-3z"/>`,
  energy: svg`<path d="M11.500 2.500 5 11.500h4.500l-1 6L15 8.500h-4.500z"/>`,
  home: svg`<path d="M3.5 9.5 10 4l6.5 5.500M5.5 8.500V16h9V8.5"/>`,
  how: svg`<circle cx="10" cy="10" r="7"/><path d="M8 8a2 2 0 1 1 2.6 1.900c-.4.1-.6.5-.6.9v.7M10 13.800v.2"/>`,
  rail: svg`<path d="M3.5 4.500h13v11h-13zM8 4.500v11"/>`,
  storm: svg`<path d="M6 12.500a3.3 3.3 0 0 1 .3-6.6 4.2 4.2 0 0 1 8 1.1 2.8 2.8 0 0 1-.3 5.500M8 12.500l-1 3M11 11.5 9.5 14h2l-1.5 3M13.5 12.500l-.7 2.5"/>`,
  heat: svg`<circle cx="10" cy="10" r="3.3"/><path d="M10 2.500v2M10 15.500v2M2.5 10h2M15.5 10h2M4.7 4.700l1.4 1.400M13.9 13.900l1.4 1.400M15.3 4.700l-1.4 1.400M6.1 13.900l-1.4 1.4"/>`,
  street: svg`<path d="M6.5 3 4 17M13.5 3 16 17M10 4v2.500M10 9v2.500M10 14v2.5"/>`,
  swipe: svg`<path d="M10 2.500v15M6.5 7 3.5 10l3 3M13.5 7l3 3-3 3"/>`,
  difference: svg`<path d="M10 4v6M7 7h6M7 15h6"/>`,
  people: svg`<circle cx="7.500" cy="7" r="2.500"/><path d="M2.800 16c.3-3.400 2-5 4.700-5s4.400 1.600 4.700 5M12.600 4.800a2.500 2.500 0 0 1 0 4.500M13.800 11.300c2 .5 3.100 2.100 3.400 4.700"/>`,
  eye: svg`<path d="M2.5 10S5 5 10 5s7.5 5 7.5 5-2.5 5-7.5 5-7.5-5-7.5-5z"/><circle cx="10" cy="10" r="2.3"/>`,
  sun: svg`<circle cx="10" cy="10" r="3"/><path d="M10 3v1.500M10 15.500V17M3 10h1.500M15.5 10H17M5 5l1 1M14 14l1 1M15 5l-1 1M6 14l-1 1"/>`,
} as const satisfies Record<string, SVGTemplateResult>;

export type Icon = keyof typeof PATHS;

export function icon(name: Icon, size = 20): TemplateResult {
  return html`<svg width=${size} height=${size} viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${PATHS[name]}</svg>`;
}
