import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentedProduction, shown } from '../documented';
import { named, ofKind, render, repository } from '../helm';
import { objectionsTo } from '../kubeconform';
import { parts, serviceDeployments } from '../scenarios';

describe('production as docs/kubernetes.md shows it', () => {
  const objects = render('bulkhead', documentedProduction(), { release: 'shop', files: ['values-production.yaml'] });

  test('is accepted, by the charts and by Kubernetes', () => {
    expect([...serviceDeployments(objects).keys()].sort()).toEqual(parts);
    expect(objectionsTo(objects.map((object) => `---\n${JSON.stringify(object)}\n`).join(''))).toEqual([]);
  });

  test('distinguishes customers, sends mails, and needs no unpublished images', () => {
    expect(named(objects, 'ConfigMap', 'shop-gateway')['data'].TRUSTED_HOPS).toBe('1');
    const mail = { to: [{ ipBlock: { cidr: '10.5.0.0/28' } }], ports: [{ port: 587, protocol: 'TCP' }] };
    expect(named(objects, 'NetworkPolicy', 'shop-notification')['spec'].egress).toContainEqual(mail);
    expect(JSON.stringify(objects)).not.toContain('docker.io/bulkhead');
    expect(ofKind(objects, 'Gateway')).toHaveLength(1);
  });

  test('builds the images before it installs them, under the name that its values say', () => {
    const { registry, repository: prefix, tag } = documentedProduction().global.image;
    const text = readFileSync(join(repository, 'docs/kubernetes.md'), 'utf8').split(/^## Production$/m)[1]!;
    const [, images = '', install = ''] = /```sh\n(npm run images.*)\n(helm install .*)\n/.exec(text) ?? [];
    expect(images).toBe(`npm run images -- --repository ${registry}/${prefix} --tag ${tag} --push`);
    expect(install).toContain('values-production.yaml');
  });

  test('leads nobody to everywhere but the payment provider', () => {
    for (const { metadata, spec } of ofKind(objects, 'NetworkPolicy'))
      for (const rule of spec.egress ?? [])
        if (!rule.to || JSON.stringify(rule.to).includes('0.0.0.0/0'))
          expect([metadata.name.replace(/-preflight$/, ''), rule.ports]).toEqual(['shop-payment', [{ port: 443, protocol: 'TCP' }]]);
  });
});

test('what docs/kubernetes.md shows for Cilium is there before the first Job', () => {
  const found = shown('Other clusters').find((values) => values.extraObjects);
  const objects = render('bulkhead', found, { release: 'shop' });
  const policy = named(objects, 'CiliumNetworkPolicy', 'shop-api-server');
  const weights = objects.map(({ metadata }) => Number(metadata.annotations?.['helm.sh/hook-weight'] ?? 0));
  expect(Number(policy.metadata.annotations?.['helm.sh/hook-weight'])).toBe(Math.min(...weights));
  const [pod] = serviceDeployments(objects).values();
  expect(pod?.['spec'].template.metadata.labels).toMatchObject(policy['spec'].endpointSelector.matchLabels);
});
