import { readFile } from 'node:fs/promises';
import { testWorkflowBundle } from '../support/stack.js';

/** Methods of the desks' that a task passes, and what they begin with in the bundle. */
const methods = {
  /** An arbitrage's, once its shot is answered. */
  fired: 'fired(legs) {',
  /** Custody's, before it looks at a case. */
  attendRequest: 'attendRequest({ case: found, tries }) {',
} as const;

/** What a deploy may bring: a workflow that breaks a promise in every task that comes there. */
export async function brokenBundle(at: keyof typeof methods): Promise<{ readonly code: string }> {
  const { codePath } = await testWorkflowBundle();
  const code = await readFile(codePath, 'utf8');
  const begins = `    ${methods[at]}\n`;
  const broken = code.replace(
    begins,
    `${begins}      throw Object.assign(new Error("mutated: ${at}"), { name: "InvariantError" });\n`,
  );
  if (broken === code) throw new Error(`the bundle has no "${methods[at]}" to be mutated`);
  return { code: broken };
}
