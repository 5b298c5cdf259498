// The module k6/secrets (k6 reference, §11.10). What it gives is kept out of logs.

import { readSecret } from 'gantry:vu';

const sourceOf = (source) => ({ get: async (name) => readSecret(source, String(name)) });

export default { ...sourceOf('default'), source: (name) => sourceOf(String(name)) };
