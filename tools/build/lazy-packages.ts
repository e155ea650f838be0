import { createRequire } from 'node:module';
import type { Plugin } from 'esbuild';

const require = createRequire(import.meta.url);

/**
 * Packages that OpenTelemetry's NodeSDK imports in case a variable of the environment asks for them: of all its exporters
 * and propagators a process needs one or two, and gRPC alone is half of what is loaded.
 */
const neededByFew = [
  ...['logs', 'metrics', 'trace'].flatMap((signal) =>
    ['grpc', 'http', 'proto'].map((protocol) => `@opentelemetry/exporter-${signal}-otlp-${protocol}`),
  ),
  '@opentelemetry/exporter-prometheus',
  '@opentelemetry/exporter-zipkin',
  '@opentelemetry/propagator-b3',
];

/** Reads `OTEL_CONFIG_FILE` for `startNodeSdk`, which no program calls: 1 MB with its parser of YAML. */
const neverNeeded = '@opentelemetry/configuration';

const filter = new RegExp(`^(${[...neededByFew, neverNeeded].join('|')})$`);
const namespace = 'lazy-package';

/** For esbuild: what NodeSDK imports of these is in the bundle, and evaluated when something of it is first used. */
export const lazyPackages: Plugin = {
  name: 'lazy-packages',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter }, ({ path, importer, resolveDir }) =>
      /[\\/]@opentelemetry[\\/]sdk-node[\\/]/.test(importer)
        ? { path, namespace, pluginData: resolveDir }
        : undefined,
    );
    onLoad({ filter: /./, namespace }, ({ path, pluginData }) => ({
      resolveDir: pluginData as string,
      contents: (path === neverNeeded ? [] : Object.keys(require(path) as object))
        .map(
          (name) =>
            `Object.defineProperty(exports, '${name}', { enumerable: true, get: () => require('${path}').${name} });`,
        )
        .join('\n'),
    }));
  },
};
