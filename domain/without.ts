/** The value without one of its parts: plain data says "absent" by absence, never by `undefined`. */
export function without<T extends object, Key extends keyof T>(value: T, key: Key): Omit<T, Key> {
  const rest = { ...value };
  Reflect.deleteProperty(rest, key);
  return rest;
}
