// The module k6/timers: the global ones (k6 reference, §11.10).

export const { clearInterval, clearTimeout, setInterval, setTimeout } = globalThis;

export default { clearInterval, clearTimeout, setInterval, setTimeout };
