import { cargo } from '../../stack/index.js';
import { NATIVE_TESTED } from '../../tools/native-suites.js';

/**
 * An example of one of the native crates, which the build of their tests has compiled. It is asked
 * for among all of them: alone it agrees on fewer features, which are other crates to compile.
 */
export async function nativeExample(name: string): Promise<string> {
  const said: string[] = [];
  const which = ['--locked', ...NATIVE_TESTED, '--example', name];
  const args = ['build', ...which, '--message-format=json-render-diagnostics'];
  const { exitCode, output } = await cargo(args, (line) => said.push(line));
  if (exitCode !== 0) throw new Error(said.join('\n'));
  const found = new RegExp(`"executable":"([^"]+/${name})"`).exec(output);
  if (!found?.[1]) throw new Error('cargo names no program');
  return found[1];
}
