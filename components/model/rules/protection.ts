import type { ParsedProtection } from '../definition.ts';
import type { Finding } from '../finding.ts';
import type { Path } from '../path.ts';
import { unless } from './rule.ts';

/** What the fields of one protection must say together, wherever it stands. */
export function protectionFindings(protection: ParsedProtection | undefined, path: Path): readonly Finding[] {
  if (protection === undefined || !('forwardAuth' in protection)) return [];
  const { app, url, namespace, port, path: asked } = protection.forwardAuth;
  const at = [...path, 'forwardAuth'];
  if ((app === undefined) === (url === undefined))
    return unless(false, 'forward-auth-target', at, {
      found: app === undefined ? 'neither app nor url' : 'both app and url',
      expected: 'exactly one of app and url',
      fix: 'Name the app that answers, or its URL when it is not defined here.',
    });
  return unless(url === undefined || (namespace ?? port ?? asked) === undefined, 'forward-auth-target', at, {
    found: 'url with namespace, port or path',
    expected: 'url alone: it says all of them',
    fix: 'Put them into the url.',
  });
}
