/** `npm run learn -- N`: looks at the running shop for what step N of docs/learn was to bring about. */
import { checkOf, pageOf, steps } from './course.mjs';
import { Missing } from './missing.mjs';
import { findShop } from './running-shop.mjs';

const [given] = process.argv.slice(2);
const step = steps[Number(given) - 1];
if (!step) {
  console.error(`There is no step ${given}; there are 1 to ${steps.length}.`);
  process.exit(2);
}
const { check, isInCluster = false } = await checkOf(step);
try {
  await check(isInCluster ? undefined : await findShop(), (sentence) => console.log(`found    ${sentence}`));
} catch (error) {
  if (!(error instanceof Missing)) throw error;
  console.log(`missing  ${error.message}`);
  console.log(`Step ${given} is not done yet: ${pageOf(step)}.`);
  process.exit(1);
}
const next = steps[Number(given)];
console.log(`Step ${given} is done. ${next ? `Next: ${pageOf(next)}.` : 'That was the last one.'}`);
