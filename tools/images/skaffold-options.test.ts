const { readSkaffoldOptions } = jest.requireActual<{
  readSkaffoldOptions: (
    options: readonly string[],
    images: readonly string[],
  ) => { profile?: string; apps: string[]; others: string[]; isOwnFile: boolean };
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

it.each([
  [['-m', 'order', '--port-forward'], ['--port-forward']],
  [
    ['--module=order', '-v', 'debug', '-m=auth'],
    ['-v', 'debug'],
  ],
  [
    ['-p', 'kind', '-n', 'shop'],
    ['-p', 'kind', '-n', 'shop'],
  ],
])('%j without modules is %j', (options, others) => {
  expect(readSkaffoldOptions(options, images)).toMatchObject({ others, isOwnFile: false });
});

it('knows of a file of its own', () => {
  expect(readSkaffoldOptions(['-f', 'mine.yaml'], images).isOwnFile).toBe(true);
});
