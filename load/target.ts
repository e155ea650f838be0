/** Loopback as RFC 1122 and RFC 4291 have it, and its usual name. */
const isLoopback = (host: string) => /^(127(\.\d{1,3}){3}|\[::1\]|localhost)$/.test(host);

/**
 * Where the load goes. Load is an attack on whoever did not ask for it, so any host but this machine has to be named
 * a second time.
 * @param allowedHost host (without port) that may be loaded although it is not this machine
 * @throws Error with a sentence
 */
export function checkTarget(url: string, allowedHost: string | undefined): URL {
  if (!URL.canParse(url)) throw new Error(`${url} is no URL; give one such as http://127.0.0.1:3000.`);
  const target = new URL(url);
  if (!/^https?:$/.test(target.protocol)) throw new Error(`${url} is neither http nor https.`);
  if (isLoopback(target.hostname) || target.hostname === allowedHost) return target;
  throw new Error(
    `${target.hostname} is not this machine. If it is yours to load, say so: --allow-host ${target.hostname}`,
  );
}
