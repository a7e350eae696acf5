import { createHash, createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign, verify } from 'node:crypto';

/**
 * Keys and signatures of usign, which opkg verifies with: plain Ed25519 in the files of OpenBSD's signify. Two lines, a comment and
 * base64 of: algorithm `Ed`, for secret keys also the way of their encryption (none), 8 bytes that tell keys apart, the matter.
 */
export interface Key {
  /** 16 hex digits; the file's name in /etc/opkg/keys. */
  readonly id: string;
  readonly secret: KeyObject;
  readonly public: KeyObject;
}

const ALGORITHM = Buffer.from('Ed');
const NO_ENCRYPTION = Buffer.concat([Buffer.from('BK'), Buffer.alloc(4 + 16)]);
/** Before the 32 bytes of a key, in DER (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
/** Where things begin in a secret key. */
const [CHECKSUM, ID, SEED] = [24, 32, 40];

export function newKey(): Key {
  return keyOf(randomBytes(8), randomBytes(32));
}

/** Throws where the text is no secret key without a passphrase. */
export function readSecretKey(text: string): Key {
  const bytes = Buffer.from(text.split('\n')[1] ?? '', 'base64');
  const isPlain = bytes.length === 104 && bytes.subarray(0, CHECKSUM).equals(Buffer.concat([ALGORITHM, NO_ENCRYPTION]));
  if (!isPlain) throw new Error('this is no secret key of usign without a passphrase');
  return keyOf(bytes.subarray(ID, SEED), bytes.subarray(SEED, SEED + 32));
}

function keyOf(id: Buffer, seed: Buffer): Key {
  const secret = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  return { id: id.toString('hex'), secret, public: createPublicKey(secret) };
}

const tail = (key: KeyObject, type: 'pkcs8' | 'spki') =>
  (key.export({ format: 'der', type } as never) as unknown as Buffer).subarray(-32);

function file(comment: string, ...parts: Buffer[]): string {
  return `untrusted comment: ${comment}\n${Buffer.concat(parts).toString('base64')}\n`;
}

export function printPublicKey(key: Key): string {
  return file(`public key ${key.id}`, ALGORITHM, Buffer.from(key.id, 'hex'), tail(key.public, 'spki'));
}

export function printSecretKey(key: Key): string {
  const secret = Buffer.concat([tail(key.secret, 'pkcs8'), tail(key.public, 'spki')]);
  const checksum = createHash('sha512').update(secret).digest().subarray(0, 8);
  return file(`private key ${key.id}`, ALGORITHM, NO_ENCRYPTION, checksum, Buffer.from(key.id, 'hex'), secret);
}

export function printSignature(message: Buffer, key: Key): string {
  return file(`signed by key ${key.id}`, ALGORITHM, Buffer.from(key.id, 'hex'), sign(null, message, key.secret));
}

/** Whether the file was signed with the key of this file. */
export function isSigned(message: Buffer, signature: string, publicKey: string): boolean {
  const [by, key] = [signature, publicKey].map((text) => Buffer.from(text.split('\n')[1] ?? '', 'base64')) as [
    Buffer,
    Buffer,
  ];
  if (by.length !== 74 || key.length !== 42 || !by.subarray(0, 10).equals(key.subarray(0, 10))) return false;
  const spki = createPublicKey({ key: Buffer.concat([SPKI, key.subarray(10)]), format: 'der', type: 'spki' });
  return verify(null, message, spki, by.subarray(10));
}
