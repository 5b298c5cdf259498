// What a link or a redirect says, as the URL that it means (RFC 3986).

export function parseUrl(text) {
  const [, scheme = '', authority, path, query, fragment] = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/is.exec(text) ?? [];
  const [, user, host = ''] = /^(?:(.*)@)?(.*)$/s.exec(authority ?? '');
  return { scheme: scheme.toLowerCase(), hasHost: authority !== undefined, user, host, path: path ?? '', query, fragment, toString: formatUrl };
}

function formatUrl() {
  const { scheme, hasHost, user, host, path, query, fragment } = this;
  const authority = hasHost ? `//${user === undefined ? '' : `${user}@`}${host}` : '';
  return `${scheme ? `${scheme}:` : ''}${authority}${path}${query === undefined ? '' : `?${query}`}${fragment === undefined ? '' : `#${fragment}`}`;
}

function removeDots(path) {
  const names = [];
  for (const name of path.split('/')) {
    if (name === '..') {
      if (names.length > 1) names.pop();
    } else if (name !== '.') names.push(name);
  }
  if (/(^|\/)\.{1,2}$/.test(path)) names.push('');
  return names.join('/');
}

// RFC 3986, §5.2.
export function resolveUrl(reference, base) {
  const to = parseUrl(reference);
  if (to.scheme && !to.hasHost) return to;
  const from = parseUrl(base);
  if (to.hasHost) return { ...to, scheme: to.scheme || from.scheme, path: removeDots(to.path) };
  const { fragment } = to;
  if (to.path === '') return { ...from, query: to.query ?? from.query, fragment };
  const path = to.path.startsWith('/') ? to.path : from.path.slice(0, from.path.lastIndexOf('/') + 1) + to.path;
  return { ...from, path: removeDots(path.startsWith('/') ? path : `/${path}`), query: to.query, fragment };
}
