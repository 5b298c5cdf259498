// What scripts import as https://jslib.k6.io/url/…/index.js: V8 alone has no URL. The WHATWG's, as core-js has it.

import URL from 'core-js-pure/actual/url';
import URLSearchParams from 'core-js-pure/actual/url-search-params';

export { URL, URLSearchParams };
export default { URL, URLSearchParams };
