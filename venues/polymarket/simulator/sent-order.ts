import { z } from 'zod';
import type { Hex } from '../contracts.js';

const hex = (bytes: number) =>
  z
    .string()
    .regex(new RegExp(`^0x[0-9a-fA-F]{${bytes * 2}}$`))
    .transform((text) => text as Hex); // the pattern is the type
const wholeNumber = z
  .string()
  .regex(/^\d{1,78}$/)
  .transform((text) => BigInt(text));

/** The body of `POST /order` as the venue takes it (venues.md 2.5). */
export const sentOrderShape = z.object({
  owner: z.string(),
  orderType: z.enum(['FAK', 'FOK', 'GTC', 'GTD']),
  deferExec: z.boolean().optional(),
  postOnly: z.boolean().optional(),
  order: z.object({
    salt: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
    maker: hex(20),
    signer: hex(20),
    tokenId: z.string().regex(/^\d{1,78}$/),
    makerAmount: wholeNumber,
    takerAmount: wholeNumber,
    side: z.enum(['BUY', 'SELL']),
    // The simulated wallets are plain accounts.
    signatureType: z.literal(0),
    timestamp: z.string().regex(/^\d{13}$/),
    expiration: z.string().regex(/^\d{1,12}$/),
    metadata: hex(32),
    builder: hex(32),
    signature: z.string(),
  }),
});
export type SentOrder = z.infer<typeof sentOrderShape>;
