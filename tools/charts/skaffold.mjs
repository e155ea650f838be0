/** skaffold.yaml: a module and a release for each service; `-m order` works on one of them and on what it requires. */
import { stringify } from 'yaml';

const apiVersion = 'skaffold/v4beta13';

/** How Skaffold calls the parts of an image in its templates. */
const templateName = (app) => `bulkhead_${app.replaceAll('-', '_')}`;
const imageValues = (key, app) => ({
  [`${key}.repository`]: `{{.IMAGE_REPO_${templateName(app)}}}`,
  [`${key}.tag`]: `{{.IMAGE_TAG_${templateName(app)}}}`,
  [`${key}.digest`]: `{{.IMAGE_DIGEST_${templateName(app)}}}`,
});

/** An image made of the bundle in dist; in `dev`, a new bundle is put over the one in the running pod. */
const artifact = (app) => ({
  image: `bulkhead/${app}`,
  custom: {
    buildCommand: `node tools/images/skaffold-image.mjs ${app}`,
    dependencies: { paths: [`dist/apps/${app}/**`, 'Dockerfile'] },
  },
  ...(app !== 'chart-jobs' && {
    sync: {
      manual: ['main.js*', ...(app === 'storefront' ? ['site/**'] : [])].map((files) => ({
        src: `dist/apps/${app}/${files}`,
        dest: '/app',
        strip: `dist/apps/${app}/`,
      })),
    },
  }),
});

const tagPolicy = { inputDigest: {} };

const release = (chart, values, templates) => ({
  name: chart,
  chartPath: `charts/${chart}`,
  skipBuildDependencies: true,
  setValues: values,
  setValueTemplates: templates,
});

/** In production one release holds them all; these modules then only build. */
const buildsOnly = { name: 'production', patches: [{ op: 'remove', path: '/deploy' }] };
const config = (name, rest) => ({ apiVersion, kind: 'Config', metadata: { name }, ...rest });

const development = { 'global.logLevel': 'debug', 'global.telemetry.tracesRatio': 1 };
const watched = 'global.monitoring.open';
const traced = {
  'global.telemetry.otlpEndpoint': 'http://otel-collector.observability:4318',
  'global.telemetry.tracesMode': 'tail',
  [watched]: true,
};
const patchValues = (values) =>
  Object.entries(values).map(([key, value]) => ({
    op: 'add',
    path: `/deploy/helm/releases/0/setValues/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
    value,
  }));

/** By the Gateway that k8s/gateway.yaml sets up. */
const exposed = {
  'exposure.type': 'gateway',
  'exposure.host': 'shop.localhost',
  'exposure.gateway.className': 'eg',
  'exposure.from[0].namespaceSelector.matchLabels.kubernetes\\.io/metadata\\.name': 'envoy-gateway-system',
  'global.publicUrl': 'http://shop.localhost:8080',
};

const infra = () =>
  config('infra', {
    build: { tagPolicy, artifacts: [artifact('chart-jobs')] },
    deploy: {
      helm: {
        releases: [
          // Its data lies on volumes: each session gives the pods another label, and so makes them anew.
          release(
            'infra',
            { 'postgresql.storage.persistent': true, 'rabbitmq.storage.persistent': true },
            imageValues('global.jobsImage', 'chart-jobs'),
          ),
        ],
      },
    },
    profiles: [{ name: 'observability', patches: patchValues({ [watched]: true }) }, buildsOnly],
  });

const service = (name) =>
  config(name, {
    requires: [{ configs: ['infra'] }],
    build: { tagPolicy, artifacts: [artifact(name)] },
    deploy: {
      helm: {
        releases: [
          release(name, development, {
            ...imageValues('image', name),
            ...imageValues('global.jobsImage', 'chart-jobs'),
          }),
        ],
      },
    },
    ...(name === 'gateway' && {
      portForward: [{ resourceType: 'service', resourceName: 'gateway', port: 8080, localPort: 8081 }],
    }),
    profiles: [
      ...(name === 'gateway'
        ? [
            { name: 'kind', patches: patchValues(exposed) },
            { name: 'minikube', patches: patchValues(exposed) },
          ]
        : []),
      // Only `dev` copies bundles into pods; `debug` needs to see the command that it changes.
      {
        name: 'reload',
        activation: [{ command: 'dev' }],
        patches: patchValues({ 'development.watch': true }),
      },
      { name: 'observability', patches: patchValues(traced) },
      buildsOnly,
    ],
  });

/** The acceptance suite, as an image that only `verify` needs: it holds all packages of the tests. */
const verification = {
  name: 'verify',
  activation: [{ command: 'verify' }],
  build: {
    artifacts: [{ image: 'bulkhead/acceptance', docker: { dockerfile: 'apps/acceptance/Dockerfile' } }],
  },
  verify: [
    {
      name: 'acceptance',
      timeout: 600,
      container: {
        name: 'acceptance',
        image: 'bulkhead/acceptance',
        env: [{ name: 'BASE_URL', value: 'http://gateway:8080' }],
      },
      executionMode: { kubernetesCluster: { jobManifestPath: 'k8s/acceptance-job.yaml' } },
    },
  ],
};

/** Everything: what `verify` asks of it, what is seen of it, and its one release in production. */
const shop = (names) =>
  config('shop', {
    requires: names.map((name) => ({ configs: [name] })),
    build: { tagPolicy },
    profiles: [
      verification,
      {
        name: 'observability',
        manifests: { kustomize: { paths: ['k8s/observability'] } },
        deploy: { kubectl: {} },
      },
      {
        name: 'production',
        deploy: {
          helm: {
            releases: [
              {
                name: 'bulkhead',
                chartPath: 'charts/bulkhead',
                skipBuildDependencies: true,
                wait: true,
                valuesFiles: ['charts/bulkhead/values-production.yaml', '{{.BULKHEAD_VALUES}}'],
                setValueTemplates: {
                  ...imageValues('global.jobsImage', 'chart-jobs'),
                  ...Object.assign({}, ...names.map((name) => imageValues(`${name}.image`, name))),
                },
              },
            ],
          },
        },
      },
    ],
  });

/** @param {readonly string[]} names of all services */
export const skaffoldYaml = (names, note) =>
  `# ${note}\n${[infra(), ...names.map(service), shop(names)].map((each) => stringify(each, { lineWidth: 0 })).join('---\n')}`;
