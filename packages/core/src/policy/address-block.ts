import { BlockList, isIP } from 'node:net';

/** A block of addresses. */
export interface AddressBlock {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** Parses an address or a CIDR block; `undefined` for anything else. */
export function parseBlock(rule: string): AddressBlock | undefined {
  const [address = '', bits, rest] = rule.split('/');
  const version = isIP(address);
  if (version === 0 || rest !== undefined) return undefined;
  const widest = version === 4 ? 32 : 128;
  if (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > widest)) return undefined;
  return {
    address,
    prefix: bits === undefined ? widest : Number(bits),
    family: version === 4 ? 'ipv4' : 'ipv6',
  };
}

/** Returns a function that tests whether an address is in one of the blocks. */
export function createAddressMatcher(blocks: readonly AddressBlock[]): (address: string) => boolean {
  const list = new BlockList();
  for (const { address, prefix, family } of blocks) list.addSubnet(address, prefix, family);
  // BlockList compares an IPv4-mapped IPv6 address (`::ffff:a00:1`) as an IPv4 address.
  return (address) => list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}
