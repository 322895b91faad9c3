import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Path of a script beside the caller, with the extension that the caller itself has: `.ts` from source, `.js` when built. */
export function scriptBeside(callerUrl: string, name: string): string {
  return fileURLToPath(new URL(`./${name}${extname(fileURLToPath(callerUrl))}`, callerUrl));
}
