/** Signs of the tools of energy, on the same grid and stroke as all others. */

import { html, svg, type SVGTemplateResult, type TemplateResult } from "lit";

const PATHS: Readonly<Record<string, SVGTemplateResult>> = {
  renovate: svg`<path d="M3 9.500 10 4l7 5.500M5 8v8.500h10V8M8 16.500v-4h4v4"/>`,
  solar_modules: svg`<path d="M4.500 6h11l1.500 8H3zM10 6v8M3.800 10h12.400M10 14v3"/>`,
  heat_supply: svg`<path d="M3 5.500h14v9H3zM10 14.500v2.500"/><circle cx="8" cy="10" r="2.800"/><path d="M13 8h2M13 10.500h2"/>`,
  heat_network: svg`<circle cx="10" cy="10" r="2"/><circle cx="4" cy="4.500" r="1.500"/><circle cx="16" cy="4.500" r="1.500"/><circle cx="4" cy="15.500" r="1.500"/><circle cx="16" cy="15.500" r="1.500"/><path d="M8.500 8.600 5.200 5.500M11.500 8.600l3.300-3.100M8.500 11.400l-3.300 3.100M11.500 11.400l3.300 3.100"/>`,
  geothermal_field: svg`<path d="M2.500 6h15M6 3v12a1 1 0 0 0 2 0V3M12 3v12a1 1 0 0 0 2 0V3"/>`,
  sewer_heat: svg`<path d="M2.500 8c1.500-1.200 3-1.200 4.500 0s3 1.200 4.500 0 3-1.200 4.500 0M10 17v-5M7.800 14 10 11.800l2.200 2.200"/>`,
  battery: svg`<path d="M3 6.500h12v7H3zM15 8.500h2v3h-2M10 7.800 7.500 10.500h2.600L8.500 12.800"/>`,
  heat_store: svg`<path d="M6 4.500c0-1.300 8-1.300 8 0v11c0 1.300-8 1.300-8 0zM6 8.500h8M8.500 12h3"/>`,
  vehicle_share: svg`<path d="M3 13.500v-3l1.800-4h8.400l1.800 4v3zM3 10.500h12M5.500 13.500V15M12.500 13.500V15M17.500 6v5"/>`,
  set_points: svg`<path d="M8.500 11.200V4.500a1.500 1.500 0 0 1 3 0v6.700a3.200 3.200 0 1 1-3 0zM14 5h2.500M14 8h1.500"/>`,
};

export function energyIcon(tool: string, size = 20): TemplateResult {
  return html`<svg width=${size} height=${size} viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${PATHS[tool]}</svg>`;
}
