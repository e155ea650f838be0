/**
 * Moments at which independent people come, in ms from the start: a Poisson process, so that the gaps between them are
 * exponential. They are drawn before anything runs, and so depend on nothing but the seed.
 */
export function poissonArrivals(ratePerSecond: number, seconds: number, random: () => number): number[] {
  const arrivals: number[] = [];
  if (!(ratePerSecond > 0)) return arrivals;
  for (let at = 0; ;) {
    at += (-Math.log(1 - random()) / ratePerSecond) * 1_000;
    if (at >= seconds * 1_000) return arrivals;
    arrivals.push(at);
  }
}
