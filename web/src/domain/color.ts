/**
 * Colors of categories, tags and saved filters: a person's `#rrggbb`, made visible on a background.
 *
 * The contrast is that of WCAG 2.2 (relative luminance of sRGB). The lightness is changed in OKLCH
 * (CSS Color 4), so that the hue stays the same.
 */

/** Red, green and blue from 0 to 1, in sRGB. */
type Rgb = readonly [red: number, green: number, blue: number];

/** The least contrast of graphics (WCAG 2.2, 1.4.11). */
export const GRAPHICS_CONTRAST = 3;

const HEX = /^#[0-9a-f]{6}$/i;
const BISECTIONS = 12;

/** Return whether the text is a color: `#rrggbb`. */
export function isColor(text: string): boolean {
  return HEX.test(text);
}

/**
 * Return the contrast ratio of two colors, from 1 to 21.
 *
 * @throws RangeError if a text is not `#rrggbb`.
 */
export function getContrast(one: string, other: string): number {
  const [low = 0, high = 0] = [getLuminance(parseHex(one)), getLuminance(parseHex(other))].sort(
    (a, b) => a - b,
  );
  return (high + 0.05) / (low + 0.05);
}

/**
 * Return a color with at least a contrast on a background: the color itself, or the nearest
 * lightness of its hue that has the contrast, darker on a light background and lighter on a dark one.
 *
 * @param contrast - up to 4.5, which every background allows in one of the directions.
 * @throws RangeError if a text is not `#rrggbb`.
 */
export function adjustColor(
  color: string,
  background: string,
  contrast = GRAPHICS_CONTRAST,
): string {
  if (getContrast(color, background) >= contrast) return color;
  const [lightness, chroma, hue] = toOklch(parseHex(color));
  const isDarker = getContrast("#000000", background) > getContrast("#ffffff", background);
  // The end of the range always has the contrast: black or white.
  let [near, far] = [lightness, isDarker ? 0 : 1];
  for (let step = 0; step < BISECTIONS; step++) {
    const middle = (near + far) / 2;
    if (getContrast(writeOklch(middle, chroma, hue), background) >= contrast) far = middle;
    else near = middle;
  }
  return writeOklch(far, chroma, hue);
}

function parseHex(color: string): Rgb {
  if (!isColor(color)) throw new RangeError(`${color} is not a color of the form #rrggbb.`);
  const part = (start: number) => Number.parseInt(color.slice(start, start + 2), 16) / 255;
  return [part(1), part(3), part(5)];
}

function writeHex(rgb: Rgb): string {
  const parts = rgb.map((part) => {
    const byte = Math.round(Math.min(Math.max(part, 0), 1) * 255);
    return byte.toString(16).padStart(2, "0");
  });
  return `#${parts.join("")}`;
}

function getLuminance(rgb: Rgb): number {
  const [red, green, blue] = [toLinear(rgb[0]), toLinear(rgb[1]), toLinear(rgb[2])];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function toLinear(part: number): number {
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}

function fromLinear(part: number): number {
  return part <= 0.0031308 ? part * 12.92 : 1.055 * part ** (1 / 2.4) - 0.055;
}

/** Return lightness (0 to 1), chroma and hue (radians). */
function toOklch(rgb: Rgb): [lightness: number, chroma: number, hue: number] {
  const [red, green, blue] = [toLinear(rgb[0]), toLinear(rgb[1]), toLinear(rgb[2])];
  const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const medium = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  const a = 1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short;
  const b = 0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short;
  const lightness = 0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short;
  return [lightness, Math.hypot(a, b), Math.atan2(b, a)];
}

/** Return a color of OKLCH as `#rrggbb`, with less chroma if sRGB does not have the color. */
function writeOklch(lightness: number, chroma: number, hue: number): string {
  const full = fromOklch(lightness, chroma, hue);
  if (isInGamut(full)) return writeHex(full);
  let [low, high] = [0, chroma];
  for (let step = 0; step < BISECTIONS; step++) {
    const middle = (low + high) / 2;
    if (isInGamut(fromOklch(lightness, middle, hue))) low = middle;
    else high = middle;
  }
  return writeHex(fromOklch(lightness, low, hue));
}

function isInGamut(rgb: Rgb): boolean {
  return rgb.every((part) => part >= -0.0001 && part <= 1.0001);
}

function fromOklch(lightness: number, chroma: number, hue: number): Rgb {
  const [a, b] = [chroma * Math.cos(hue), chroma * Math.sin(hue)];
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    fromLinear(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
    fromLinear(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
    fromLinear(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short),
  ];
}
