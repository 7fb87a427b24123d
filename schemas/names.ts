import { z } from 'zod';

const named = (pattern: RegExp, message: string) => z.string('is a string').regex(pattern, message);

/** An id of ours that becomes part of a workflow id, for ever. */
export const intentIdSchema = named(/^[A-Za-z0-9._-]{1,64}$/, 'is 1 to 64 of A-Z a-z 0-9 . _ -');
/** Accounts, strategies and hosts: parts of keys, queue names and search attributes. */
export const nameSchema = named(/^[A-Za-z0-9._-]{1,64}$/, 'is 1 to 64 of A-Z a-z 0-9 . _ -');
export const pairIdSchema = named(/^[A-Za-z0-9._-]{1,128}$/, 'is 1 to 128 of A-Z a-z 0-9 . _ -');

/** Epoch milliseconds. The bound is the last that JSON carries exactly. */
export const epochMsSchema = z
  .number('is a number of epoch milliseconds')
  .int('is a whole number of epoch milliseconds')
  .min(0, 'is not before 1970');
