import { readFile } from 'node:fs/promises';
import { testWorkflowBundle } from '../support/stack.js';

/** What a deploy may bring: an arbitrage whose every task breaks a promise once its shot is answered. */
export async function brokenBundle(): Promise<{ readonly code: string }> {
  const { codePath } = await testWorkflowBundle();
  const code = await readFile(codePath, 'utf8');
  const broken = code.replace(
    /^(\s*)fired\(legs\) \{$/m,
    '$&\n$1  throw Object.assign(new Error("mutated: fired"), { name: "InvariantError" });',
  );
  if (broken === code) throw new Error('the bundle has no `fired(legs) {` to be mutated');
  return { code: broken };
}
