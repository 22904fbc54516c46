/** Where the sun stands over Brussels, and the lights of the model with their one shadow map. */

import { Color, DirectionalLight, HemisphereLight, type Scene, Vector3 } from "three";

const RADIANS = Math.PI / 180;
/** Brussels-Capital, for a city whose own place is not known to the page. */
const LATITUDE = 50.85;
const LONGITUDE = 4.35;
/** The day whose light the maquette shows: high summer, when storms come. */
const DAY = { year: 2021, month: 6, day: 15 };

/** Height above the horizon and azimuth clockwise from north, degrees. */
export interface SunPosition {
  elevation: number;
  azimuth: number;
}

/**
 * The sun for a moment in UTC, to about 0.01 degree.
 *
 * Low-precision formulas of the Astronomical Almanac, as in Michalsky (1988), doi:10.1016/0038-092X(88)90045-X.
 */
export function sunPosition(moment: Date, latitude = LATITUDE, longitude = LONGITUDE): SunPosition {
  const days = moment.getTime() / 86_400_000 - 10_957.5; // since J2000.0
  const meanLongitude = 280.46 + 0.9856474 * days;
  const anomaly = (357.528 + 0.9856003 * days) * RADIANS;
  const ecliptic = (meanLongitude + 1.915 * Math.sin(anomaly) + 0.02 * Math.sin(2 * anomaly)) * RADIANS;
  const obliquity = (23.439 - 4e-7 * days) * RADIANS;
  const ascension = Math.atan2(Math.cos(obliquity) * Math.sin(ecliptic), Math.cos(ecliptic));
  const declination = Math.asin(Math.sin(obliquity) * Math.sin(ecliptic));
  const hours = moment.getUTCHours() + moment.getUTCMinutes() / 60 + moment.getUTCSeconds() / 3600;
  const sidereal = 6.697375 + 0.0657098242 * days + hours; // hours at Greenwich
  const hourAngle = (sidereal * 15 + longitude) * RADIANS - ascension;
  const phi = latitude * RADIANS;
  const up = Math.sin(declination) * Math.sin(phi) + Math.cos(declination) * Math.cos(phi) * Math.cos(hourAngle);
  const east = -Math.cos(declination) * Math.sin(hourAngle);
  const north = Math.sin(declination) * Math.cos(phi) - Math.cos(declination) * Math.sin(phi) * Math.cos(hourAngle);
  return { elevation: Math.asin(up) / RADIANS, azimuth: (Math.atan2(east, north) / RADIANS + 360) % 360 };
}

/** The moment of an hour of Brussels summer time on the model's day. */
export function momentOf(hour: number): Date {
  return new Date(Date.UTC(DAY.year, DAY.month, DAY.day, 0, Math.round((hour - 2) * 60)));
}

/** Unit vector from the ground to the sun in the local frame (x east, y north, z up). */
export function towards({ elevation, azimuth }: SunPosition): Vector3 {
  const [e, a] = [elevation * RADIANS, azimuth * RADIANS];
  return new Vector3(Math.cos(e) * Math.sin(a), Math.cos(e) * Math.cos(a), Math.sin(e));
}

export class Sunlight {
  private readonly sky = new HemisphereLight(0xf4f7ff, 0xe6dccb, 1);
  private readonly sun = new DirectionalLight(0xffffff, 1);
  /** To the sun, unit length; read by the water for its glint. */
  readonly direction = new Vector3(0, 0, 1);

  constructor(scene: Scene, mapSize: number) {
    this.sky.position.set(0, 0, 1);
    this.sun.castShadow = true;
    this.sun.shadow.mapSize.set(mapSize, mapSize);
    this.sun.shadow.autoUpdate = false;
    this.sun.shadow.radius = 2.5;
    scene.add(this.sky, this.sun, this.sun.target);
  }

  /** Place the sun, its shadow map laid over a disc of the ground. */
  set(place: SunPosition, centre: Vector3, radius: number): void {
    // Under 4 degrees shadows outgrow the table; the model then keeps a low evening light.
    this.direction.copy(towards({ ...place, elevation: Math.max(place.elevation, 4) }));
    const height = Math.max(0, Math.sin(place.elevation * RADIANS));
    const day = Math.min(1, height / 0.4);
    const dusk = Math.min(1, Math.max(0, (place.elevation + 8) / 16));
    // Level ground in full sun shows its albedo at any hour of the day: half of the light from the sky, half from the sun.
    this.sky.intensity = Math.PI * (0.34 + 0.18 * dusk);
    this.sky.groundColor = new Color(0x5d5a66).lerp(new Color(0xe6dccb), dusk);
    this.sky.color = new Color(0xb4c3de).lerp(new Color(0xf4f7ff), day);
    this.sun.intensity = (Math.PI * 0.52 * Math.min(1, height / 0.1)) / Math.max(height, 0.42);
    this.sun.color = new Color(0xffc58a).lerp(new Color(0xfffaf0), day);
    // Offsets in the measure of one point of the shadow map, or slopes shade themselves.
    const texel = (2 * radius) / this.sun.shadow.mapSize.x;
    this.sun.shadow.normalBias = 2.4 * texel;
    this.sun.shadow.bias = -0.15 * (texel / radius);
    this.sun.target.position.copy(centre);
    this.sun.position.copy(centre).addScaledVector(this.direction, radius * 2);
    const lens = this.sun.shadow.camera;
    Object.assign(lens, { left: -radius, right: radius, top: radius, bottom: -radius, near: radius * 0.5, far: radius * 3.5 });
    lens.updateProjectionMatrix();
    this.sun.updateMatrixWorld();
    this.sun.target.updateMatrixWorld();
    this.refresh();
  }

  /** Draw the shadows anew with the next picture. */
  refresh(): void {
    this.sun.shadow.needsUpdate = true;
  }
}
