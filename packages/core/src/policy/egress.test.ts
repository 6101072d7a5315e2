import { describe, expect, test } from 'vitest';
import { createEgress } from './egress.js';

const allowed = (to: string | URL, rules: string[] = []): boolean => createEgress(rules)(to).allowed;

describe('egress by default', () => {
  test.each([
    'http://localhost:3000/x',
    'localhost',
    'localhost:80',
    'http://localhost./',
    'http://127.0.0.1',
    '127.8.9.1:80',
    'http://[::1]:80/',
    '::1',
    '[::1]:80',
    'http://10.1.2.3/',
    'http://172.16.0.1',
    'http://172.31.255.255',
    'http://192.168.1.1',
    'http://[fd00::1]/',
    'http://169.254.1.1',
    'http://[fe80::1]/',
    'fe80::1%eth0',
    'http://helloworld:5000/hello',
    'helloworld',
    'HELLOWORLD:5000',
    'http://a.default.svc',
    'http://a.default.svc.cluster.local./x',
    'db.internal',
    'printer.local',
    'app.localhost:80',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://[::ffff:10.0.0.1]/',
    'ws://helloworld/',
    'nats://10.0.0.1:4222',
    'http://user:pass@helloworld/',
    'https://HelloWorld.Default.SVC/',
  ])('%s is inside', (to) => expect(allowed(to)).toBe(true));

  test.each([
    'http://example.com',
    'example.com',
    'http://8.8.8.8',
    '8.8.8.8',
    'http://172.32.0.1',
    'http://[2001:db8::1]/',
    'http://[::ffff:8.8.8.8]/',
    // What only looks like a place inside: userinfo, path, query, fragment, backslash, suffix of another name.
    'http://localhost@example.com/',
    'http://helloworld:5000@example.com',
    'http://example.com/localhost',
    'http://example.com?.svc',
    'http://example.com#.internal',
    'http://example.com\\.internal',
    'http://127.0.0.1.example.com',
    'http://localhost.example.com',
    'localhost@example.com',
    'example.com/.svc',
    'example.com#.svc',
    'example.com\\.svc',
    'http://evilsvc.com',
    'http://ai./',
    'http://example.com.',
    '',
    'http://',
    'not a host',
    'file:///etc/passwd',
    'http://10.1.2.3.example.com',
    'nats://example.com',
    'http://ex%61mple.com',
    'http://％65xample.com',
  ])('%s is outside', (to) => expect(allowed(to)).toBe(false));

  test('a URL object is read by its host, too', () => {
    expect(allowed(new URL('http://helloworld/x?y'))).toBe(true);
    expect(allowed(new URL('http://localhost@example.com/'))).toBe(false);
  });
});

describe('egress by rule', () => {
  test('hosts, suffixes, addresses and blocks', () => {
    const rules = [
      'api.partner.example',
      '*.prod.example',
      '203.0.113.7',
      '198.51.100.0/24',
      '2001:db8::/32',
      'BÜCHER.example',
    ];
    for (const to of [
      'https://api.partner.example/x',
      'API.PARTNER.EXAMPLE:443',
      'http://a.prod.example',
      'http://a.b.prod.example.',
      'http://203.0.113.7',
      '198.51.100.200:80',
      'http://[2001:db8::5]/',
      'http://bücher.example/',
      'http://xn--bcher-kva.example',
    ])
      expect([to, allowed(to, rules)]).toEqual([to, true]);
    for (const to of [
      'http://partner.example',
      'http://x.api.partner.example',
      'http://prod.example',
      'http://xprod.example',
      'http://203.0.113.8',
      'http://198.51.101.1',
      'http://a.prod.example.evil.example',
      'http://a.prod.example@evil.example',
    ])
      expect([to, allowed(to, rules)]).toEqual([to, false]);
  });

  test('remembers decisions without growing with what is called', () => {
    const egress = createEgress([]);
    for (let i = 0; i < 5_000; i++) expect(egress(`http://host-${i}.example/`).allowed).toBe(false);
    expect(egress('http://host-1.internal/')).toEqual({ allowed: true, host: 'host-1.internal' });
  });
});
