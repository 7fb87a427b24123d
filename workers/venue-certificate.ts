import { join } from 'node:path';
import { createAuthority, type ServerCertificate } from '../venues/simulation/index.js';
import { madeOnce } from './made-once.js';

// Apart from the accounts' keys: whoever trades reads those at every start, and no simulator.

/** What the simulated venues prove their name with, and who vouches for it. */
export interface VenueCertificate extends ServerCertificate {
  /** PEM; its key is gone, so that nothing else is ever signed by it. */
  readonly authorityPem: string;
}

/** Made at the first start and kept with the data: an engine trusts its venues again after a restart. */
export function simulatedVenueCertificate(folder: string): VenueCertificate {
  return madeOnce(join(folder, 'venues-tls.json'), () => {
    const authority = createAuthority('Legwork simulated venues');
    return {
      ...authority.issue('simulated venue'),
      authorityPem: authority.certificatePem,
    };
  });
}
