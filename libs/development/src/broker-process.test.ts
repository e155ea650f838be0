import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startBroker } from './broker-process';

/** RabbitMQ 4.0.5 on data of 3.10.8, among other words. */
const lastWords = `
    reductions: 67
    error: failed_to_initialize_feature_flags_registry
Crash dump is being written to: erl_crash.dump...done`;

test('data that the RabbitMQ of this machine does not take over ends in a sentence', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-another-version-'));
  const given = process.env['PATH'];
  try {
    const [programs, dataDir] = [path.join(folder, 'programs'), path.join(folder, 'data')];
    await mkdir(programs);
    await mkdir(dataDir);
    await writeFile(path.join(dataDir, 'version'), '3.10.8');
    const script = async (name: string, text: string) => {
      await writeFile(path.join(programs, name), `#!/bin/sh\n${text}\n`);
      await chmod(path.join(programs, name), 0o755);
    };
    await script('rabbitmq-server', `cat <<'END'\n${lastWords}\nEND\nexit 1`);
    await script('epmd', 'exec sleep 60');
    process.env['PATH'] = `${programs}${path.delimiter}${given}`;
    await expect(startBroker({ dataDir })).rejects.toThrow(
      `${dataDir} was made by RabbitMQ 3.10.8, whose data the RabbitMQ of this machine cannot take over`,
    );
  } finally {
    process.env['PATH'] = given;
    await rm(folder, { recursive: true, force: true });
  }
}, 30_000);
