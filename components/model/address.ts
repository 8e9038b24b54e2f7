interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** Whether an address lies in one of the ranges (CIDR). What is no address lies in none. IPv4 in IPv6 form is IPv4. */
export function addressIn(address: string, ranges: readonly string[]): boolean {
  const parsed = readAddress(address);
  return parsed !== null && ranges.some((range) => covers(range, parsed));
}

/** Addresses that no public network routes: RFC 1918 and RFC 4193. */
export const privateRanges: readonly string[] = Object.freeze([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  'fc00::/7',
]);

/** Whether a whole range (CIDR) is private. */
export function isPrivateRange(range: string): boolean {
  const [base = '', length = ''] = range.split('/');
  return privateRanges.some((outer) => Number(length) >= Number(outer.split('/')[1]) && addressIn(base, [outer]));
}

function covers(range: string, address: Address): boolean {
  const [base = '', length = ''] = range.split('/');
  const parsed = readAddress(base);
  if (parsed === null || parsed.bits !== address.bits || !/^[0-9]{1,3}$/.test(length)) return false;
  const shift = BigInt(Math.max(0, address.bits - Number(length)));
  return parsed.value >> shift === address.value >> shift;
}

function readAddress(text: string): Address | null {
  const mapped = /^::ffff:([0-9.]+)$/i.exec(text);
  return readIpv4(mapped?.[1] ?? text) ?? readIpv6(text);
}

function readIpv4(text: string): Address | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255))
    return null;
  return { bits: 32, value: parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n) };
}

function readIpv6(text: string): Address | null {
  if (!/^[0-9a-fA-F:]+$/.test(text) || !URL.canParse(`http://[${text}]/`)) return null;
  const [head = '', tail] = text.split('::');
  const groups = (half: string) => (half === '' ? [] : half.split(':'));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const value = [...before, ...zeros, ...after].reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
  return { bits: 128, value };
}
