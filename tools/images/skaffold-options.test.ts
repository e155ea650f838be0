const { readSkaffoldOptions } = jest.requireActual<{
  readSkaffoldOptions: (
    options: readonly string[],
    images: readonly string[],
  ) => { profile?: string; apps: string[] };
}>('./skaffold-options.ts');

const images = ['auth', 'chart-jobs', 'gateway', 'order'];

it.each([
  [
    ['-m', 'order'],
    ['chart-jobs', 'order'],
  ],
  [
    ['--module=order,gateway', '-v', 'debug'],
    ['chart-jobs', 'gateway', 'order'],
  ],
  [
    ['-m=order', '-m', 'auth'],
    ['auth', 'chart-jobs', 'order'],
  ],
  [['-m', 'infra'], ['chart-jobs']],
  [['-m', 'shop'], images],
  [[], images],
])('%j needs the bundles of %j', (options, apps) => {
  expect(readSkaffoldOptions(options, images).apps).toEqual(apps);
});

it.each([
  [['-p', 'kind'], 'kind'],
  [['--profile', 'observability,minikube'], 'minikube'],
  [['-p=kind'], 'kind'],
  [['-p', 'observability'], undefined],
  [['-m', 'kind'], undefined],
])('%j serves the shop by the Gateway of %s', (options, profile) => {
  expect(readSkaffoldOptions(options, images).profile).toBe(profile);
});
