/**
 * Returns the interpolated quantile: a share `q` of the values is below it.
 *
 * @param {number[]} values
 * @param {number} q from 0 to 1
 * @returns {number}
 */
export function quantile(values, q) {
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  return below + (above - below) * (position - Math.floor(position));
}

/**
 * @param {number[]} values
 * @returns {number}
 */
export function median(values) {
  return quantile(values, 0.5);
}

/**
 * Returns the value that a tenth of the values is below.
 *
 * @param {number[]} values
 * @returns {number}
 */
export function lowestTenth(values) {
  return quantile(values, 0.1);
}

/**
 * Returns the value that a quarter of the values is below.
 *
 * @param {number[]} values
 * @returns {number}
 */
export function lowerQuartile(values) {
  return quantile(values, 0.25);
}

/**
 * Returns the median and the quartiles.
 *
 * @typedef {object} Spread
 * @property {number} median
 * @property {number} low the lower quartile
 * @property {number} high the upper quartile
 *
 * @param {number[]} values
 * @returns {Spread}
 */
export function spread(values) {
  return { median: median(values), low: quantile(values, 0.25), high: quantile(values, 0.75) };
}
