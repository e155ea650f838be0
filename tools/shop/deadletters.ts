/** `npm run deadletters -- list|show|redrive|drop`: bundles the command as the apps are bundled, and runs it. */
import { runCommandBundled } from '../build/run-command-bundled.ts';

await runCommandBundled('libs/messaging/src/dead-letters-cli.ts');
