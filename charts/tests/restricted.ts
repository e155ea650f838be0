type Loose = any;

const volumeKinds = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

/**
 * Pod Security Standard "restricted", as https://kubernetes.io/docs/concepts/security/pod-security-standards has it, and
 * beyond it a read-only root file system, no default token and no service links.
 * @returns what a pod template breaks
 */
export function breaches(template: Loose): string[] {
  const spec = template.spec;
  const found: string[] = [];
  const must = (holds: unknown, what: string) => {
    if (!holds) found.push(what);
  };
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC', 'hostUsers'])
    must(!spec[field], `${field} is ${spec[field]}`);
  for (const volume of spec.volumes ?? [])
    must(
      Object.keys(volume).every((key) => key === 'name' || volumeKinds.includes(key)),
      `volume ${volume.name} is of a kind that is not allowed`,
    );
  must(spec.automountServiceAccountToken !== undefined, 'automountServiceAccountToken is not said');
  must(spec.enableServiceLinks === false, 'enableServiceLinks is not false');
  const pod = spec.securityContext ?? {};
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
    const own = { ...pod, ...container.securityContext };
    const at = `container ${container.name}: `;
    must(own.runAsNonRoot === true, `${at}runAsNonRoot`);
    must(own.runAsUser !== 0, `${at}runAsUser is 0`);
    must(own.allowPrivilegeEscalation === false, `${at}allowPrivilegeEscalation`);
    must(!own.privileged, `${at}privileged`);
    must(own.capabilities?.drop?.includes('ALL') && !own.capabilities.add, `${at}capabilities`);
    must(['RuntimeDefault', 'Localhost'].includes(own.seccompProfile?.type), `${at}seccompProfile`);
    must(own.readOnlyRootFilesystem === true, `${at}readOnlyRootFilesystem`);
    must(
      (container.ports ?? []).every((port: Loose) => !port.hostPort),
      `${at}hostPort`,
    );
    must(container.resources?.requests?.cpu && container.resources.requests.memory, `${at}requests`);
    must(container.resources?.limits?.memory, `${at}memory limit`);
  }
  return found;
}
