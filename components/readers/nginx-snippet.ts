import type { Note, NoteText } from './kube-object.ts';
import { harmlessDirectives } from './tables/nginx-annotations.ts';

/** What in a snippet may ask somebody, or let somebody in whom a protection would refuse. */
const mayAsk =
  /\b(?:auth_\w+|satisfy|access_by_lua\w*|\w*_by_lua\w*|js_\w+|perl\w*|include|allow|deny|proxy_pass|rewrite|internal)\b/;

/**
 * What is to be told of a snippet of nginx configuration. Where nobody is asked, one that can only refuse or change
 * headers leaves the route open; beside a protection only directives that are known to leave it alone do.
 */
export function snippetNote(annotation: string, text: string, isOpen: boolean): NoteText & Pick<Note, 'severity'> {
  const harmless = isOpen ? !mayAsk.test(text) : onlyHarmless(text);
  return {
    severity: harmless ? 'note' : 'doubt',
    code: 'snippet',
    found: `${annotation}: ${text.length} characters of nginx configuration${harmless ? ', which ask nobody' : ''}`,
    expected: 'annotations that say what a route means',
    fix: 'Read the snippet by hand, and write what it does as fields of the route.',
  };
}

/** Whether a snippet has simple directives alone, all of them from the list. */
function onlyHarmless(text: string): boolean {
  if (/[{}]/.test(text.replaceAll(/"[^"]*"|'[^']*'/g, ''))) return false;
  const directives = text
    .replaceAll(/^\s*#.*$/gm, '')
    .replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, 'text')
    .split(';')
    .map((directive) => directive.trim().split(/\s/)[0] ?? '')
    .filter((name) => name !== '');
  return directives.every((name) => harmlessDirectives.has(name));
}
