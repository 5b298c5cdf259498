// An object that cannot be changed, and nothing in it either.
export function freeze(value) {
  if (typeof value !== 'object' || value === null) return value;
  Object.values(value).forEach(freeze);
  return Object.freeze(value);
}
