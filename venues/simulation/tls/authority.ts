import { generateKeyPairSync, randomBytes } from 'node:crypto';
import forge from 'node-forge';

/** What a server proves its name with. */
export interface ServerCertificate {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** A certificate authority that lives as long as this object: its key is never written anywhere. */
export interface Authority {
  /** What a client has to trust. */
  readonly certificatePem: string;
  /** For the addresses of this machine and nobody else's. */
  issue(commonName: string): ServerCertificate;
}

const RSA_BITS = 2_048;
const YEARS = 10;
const SERIAL_BYTES = 16;
/** A clock that was wrong when the certificate was made. */
const EARLIER_MS = 86_400_000;

type Extensions = Parameters<forge.pki.Certificate['setExtensions']>[0];

const authoritysExtensions: Extensions = [
  { name: 'basicConstraints', cA: true, critical: true },
  { name: 'keyUsage', keyCertSign: true, critical: true },
  { name: 'subjectKeyIdentifier' },
];

/** `type` as RFC 5280, 4.2.1.6 numbers a name: 2 is DNS, 7 an address. */
const serversExtensions: Extensions = [
  { name: 'basicConstraints', cA: false, critical: true },
  { name: 'keyUsage', digitalSignature: true, critical: true },
  { name: 'extKeyUsage', serverAuth: true },
  {
    name: 'subjectAltName',
    altNames: [
      { type: 2, value: 'localhost' },
      { type: 7, ip: '127.0.0.1' },
    ],
  },
];

/** Made of a new key. */
export function createAuthority(commonName: string): Authority {
  const keys = newKeys();
  const own = certificate({ of: keys, named: commonName, extensions: authoritysExtensions });
  own.setIssuer(own.subject.attributes);
  return {
    certificatePem: signed(own, keys),
    issue: (serverName) => {
      const serverKeys = newKeys();
      const named = { of: serverKeys, named: serverName, extensions: serversExtensions };
      const issued = certificate(named);
      issued.setIssuer(own.subject.attributes);
      return { certificatePem: signed(issued, keys), keyPem: serverKeys.privatePem };
    },
  };
}

interface Keys {
  readonly privatePem: string;
  readonly publicPem: string;
}

interface Naming {
  readonly of: Keys;
  readonly named: string;
  readonly extensions: Extensions;
}

function certificate({ of, named, extensions }: Naming): forge.pki.Certificate {
  const made = forge.pki.createCertificate();
  made.publicKey = forge.pki.publicKeyFromPem(of.publicPem);
  // Positive whatever was drawn: RFC 5280, 4.1.2.2.
  made.serialNumber = `01${randomBytes(SERIAL_BYTES).toString('hex')}`;
  made.validity.notBefore = new Date(Date.now() - EARLIER_MS);
  made.validity.notAfter.setFullYear(new Date().getFullYear() + YEARS);
  made.setSubject([{ name: 'commonName', value: named }]);
  made.setExtensions(extensions);
  return made;
}

function signed(made: forge.pki.Certificate, { privatePem }: Keys): string {
  made.sign(forge.pki.privateKeyFromPem(privatePem), forge.md.sha256.create());
  return forge.pki.certificateToPem(made);
}

/** By OpenSSL: the library would take seconds for a key. */
function newKeys(): Keys {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: RSA_BITS });
  return {
    privatePem: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}
