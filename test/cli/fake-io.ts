import type { Io } from '../../cli/io.ts';
import type { Flags, Verb } from '../../cli/verb.ts';

/** What a verb said, and how it ended. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly words: string;
}

/** Runs a verb with its defaults and files that exist only here. */
export async function runVerb(
  verb: Verb,
  operands: readonly string[],
  flags: Flags,
  files: Readonly<Record<string, string>> = {},
  run: Io['run'] = async () => ({ code: null, out: '', words: '' }),
): Promise<Ran> {
  const said = { out: '', words: '' };
  const io: Io = {
    out: (text) => {
      said.out += text;
    },
    words: (text) => {
      said.words += text;
    },
    read: async (file) => {
      const text = files[file];
      if (text === undefined) throw new Error('no such file or directory');
      return text;
    },
    configuration: async (file) => files[file] ?? null,
    list: async (folder) => {
      const below = Object.keys(files).filter((file) => file.startsWith(`${folder}/`));
      return below.length === 0 ? null : below.filter((file) => /\.(ya?ml|json)$/.test(file)).toSorted();
    },
    run,
    colours: false,
    today: '2026-11-21',
  };
  const fallbacks = verb.options.filter(({ fallback }) => fallback !== undefined);
  const defaults = Object.fromEntries(fallbacks.map(({ flags: words, fallback }) => [longName(words), fallback]));
  const code = await verb.run(operands, { ...defaults, ...flags }, io);
  return { code, ...said };
}

function longName(flags: string): string {
  return /--([a-z]+)/.exec(flags)?.[1] ?? '';
}

/** One app in YAML that compiles everywhere. */
export const shop = `apiVersion: edgeplane/v1
kind: App
name: cart
namespace: shop
image: registry.example.org/cart:1.4.2
ports:
  http: 8080
probes:
  readiness: { check: { http: { path: /healthz } } }
protection:
  open: a shop window that everyone may look at
routes:
  - hosts: [shop.example.org]
    paths: [/cart]
  - name: staff
    hosts: [shop.example.org]
    paths: [/cart/staff]
    methods: [GET]
    headers: { x-team: shop }
    rewrite: { stripPrefix: true }
    protection:
      apiKey: {}
`;

/** The same with three mistakes in different places. */
export const brokenShop = shop
  .replace('http: 8080', 'http: 80800')
  .replace('hosts: [shop.example.org]', 'hosts: [Shop.example.org]')
  .replace('image:', 'imgae:');
