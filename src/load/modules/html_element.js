// Elements of k6/html (k6 reference, §11.6): what the DOM has as properties is a method of each here.

import { findAll, isTag, matcher, textOf, walk } from 'gantry:html-parser';
import { parseUrl, resolveUrl } from 'gantry:url-reference';
import { Selection } from 'k6/html';

const kNodeTypes = { '#text': 3, '#comment': 8, '#document': 9, '#documentType': 10 };
const kNamespaces = { svg: 'http://www.w3.org/2000/svg', math: 'http://www.w3.org/1998/Math/MathML' };
const kDefaultPorts = { http: '80', https: '443', ftp: '21' };

const nodeTypeOf = (node) => (isTag(node) ? 1 : kNodeTypes[node.nodeName]);
const attrOf = (node, name) => node.attrs?.find((each) => each.name === name)?.value;
const rootOf = (node) => {
  while (node.parentNode) node = node.parentNode;
  return node;
};
const findIn = (node, selector) => findAll(matcher(selector), node.childNodes ?? []);
const findAnywhere = (node, selector) => findAll(matcher(selector), [rootOf(node)]);
function closest(node, name) {
  for (; node && isTag(node); node = node.parentNode) if (node.tagName === name) return node;
  return undefined;
}

// Written as Go's html.Render does it.
const kVoid = new Set(['area', 'base', 'br', 'col', 'embed', 'hr', 'img', 'input', 'keygen', 'link', 'meta', 'param', 'source', 'track', 'wbr']);
const kRaw = new Set(['iframe', 'noembed', 'noframes', 'noscript', 'plaintext', 'script', 'style', 'xmp']);
const kFeeds = new Set(['listing', 'pre', 'textarea']);
const kEscapes = { '&': '&amp;', "'": '&#39;', '<': '&lt;', '>': '&gt;', '"': '&#34;', '\r': '&#13;' };
const escape = (text) => text.replace(/[&'<>"\r]/g, (character) => kEscapes[character]);

function render(node, isRaw) {
  switch (nodeTypeOf(node)) {
    case 3: return isRaw ? node.value : escape(node.value);
    case 8: return `<!--${node.data}-->`;
    case 9: return htmlOf(node);
    case 10: return `<!DOCTYPE ${node.name}>`;
    default: {
      const attributes = node.attrs.map(({ prefix, name, value }) => ` ${prefix ? `${prefix}:` : ''}${name}="${escape(value)}"`).join('');
      if (kVoid.has(node.tagName)) return `<${node.tagName}${attributes}/>`;
      // The parser drops a line feed there.
      const feed = kFeeds.has(node.tagName) && node.childNodes[0]?.value?.startsWith('\n') ? '\n' : '';
      return `<${node.tagName}${attributes}>${feed}${htmlOf(node, kRaw.has(node.tagName))}</${node.tagName}>`;
    }
  }
}

// What is inside of a node; elements nest no deeper than the parser allows. Texts of scripts are escaped as others are where they stand alone.
export function htmlOf(node, isRaw = false) {
  return (node.childNodes ?? []).map((child) => render(child, isRaw)).join('');
}

export function valueOrHtml(node) {
  return node === undefined ? '' : attrOf(node, 'value') ?? htmlOf(node);
}

// Of a field of a form; undefined for what is none.
export function valueOf(node) {
  switch (node?.tagName) {
    case 'input': return attrOf(node, 'value') ?? (['radio', 'checkbox'].includes(attrOf(node, 'type')) ? 'on' : '');
    case 'button': return attrOf(node, 'value') ?? '';
    case 'textarea': return htmlOf(node);
    case 'option': return valueOrHtml(node);
    case 'select': {
      const selected = findIn(node, 'option[selected]');
      return attrOf(node, 'multiple') === undefined ? valueOrHtml(selected[0]) : selected.map(valueOrHtml);
    }
    default: return undefined;
  }
}

const kNodes = new WeakMap();

// The node of an element; undefined for what is none.
export function nodeOf(element) {
  return typeof element === 'object' && element !== null ? kNodes.get(element) : undefined;
}

class Attribute {
  constructor(owner, { name, value, prefix }) {
    this.owner_element = owner;
    this.name = name;
    this.value = value;
    Object.defineProperty(this, 'prefixOf', { value: prefix ?? '' });
  }
  prefix() { return this.prefixOf; }
  namespaceURI() { return kNamespaces[this.prefixOf] ?? 'http://www.w3.org/1999/xhtml'; }
  localName() { return this.name; }
}

class Element {
  #selection;

  constructor(node, selection) {
    kNodes.set(this, node);
    this.#selection = new Selection([node], selection.url);
  }

  get url() { return this.#selection.url; }
  one(node) { return node ? elementOf(node, this.#selection) : undefined; }
  all(nodes) { return nodes.map((node) => elementOf(node, this.#selection)); }
  text_(name) { return attrOf(kNodes.get(this), name) ?? ''; }
  link(name, usual) {
    const given = attrOf(kNodes.get(this), name);
    if (!this.url) return given ?? '';
    return given === undefined ? usual : String(resolveUrl(given, this.url));
  }

  selection() { return this.#selection; }
  attributes() {
    return Object.fromEntries((kNodes.get(this).attrs ?? []).map((each) => [each.name, new Attribute(this, each)]));
  }
  getAttribute(name) { return attrOf(kNodes.get(this), name); }
  getAttributeNode(name) {
    const found = kNodes.get(this).attrs?.find((each) => each.name === name);
    return found && new Attribute(this, found);
  }
  hasAttribute(name) { return attrOf(kNodes.get(this), name) !== undefined; }
  hasAttributes() { return (kNodes.get(this).attrs ?? []).length > 0; }
  hasChildNodes() { return (kNodes.get(this).childNodes ?? []).length > 0; }
  id() { return this.text_('id'); }
  className() { return attrOf(kNodes.get(this), 'class'); }
  classList() { return this.text_('class').split(/\s+/).filter((name) => name !== ''); }
  lang() { return attrOf(kNodes.get(this), 'lang'); }
  textContent() { return textOf([kNodes.get(this)]); }
  innerHTML() { return htmlOf(kNodes.get(this)); }
  nodeName() { return kNodes.get(this).nodeName; }
  nodeType() { return nodeTypeOf(kNodes.get(this)); }
  nodeValue() {
    const node = kNodes.get(this);
    return node.nodeName === '#text' ? node.value : node.nodeName === '#comment' ? '' : undefined;
  }
  toString() { return isTag(kNodes.get(this)) ? '[object html.Node]' : `[object ${this.nodeName()}]`; }
  isEqualNode(other) { return nodeOf(other) !== undefined && htmlOf(nodeOf(other)) === this.innerHTML(); }
  isSameNode(other) { return nodeOf(other) === kNodes.get(this); }
  contains(other) {
    const [self, node] = [kNodes.get(this), nodeOf(other)];
    if (node === undefined || node === self) return false;
    for (const each of walk([self])) if (each === node) return true;
    return false;
  }
  matches(selector) { return matcher(selector)(kNodes.get(this)); }
  querySelector(selector) { return this.one(findIn(kNodes.get(this), selector)[0]); }
  querySelectorAll(selector) { return this.all(findIn(kNodes.get(this), selector)); }
  getElementsByClassName(name) { return this.querySelectorAll(`.${name}`); }
  getElementsByTagName(name) { return this.querySelectorAll(name); }
  ownerDocument() { return this.one(rootOf(kNodes.get(this))); }
  namespaceURI() { return kNodes.get(this).namespaceURI ?? 'http://www.w3.org/1999/xhtml'; }
  isDefaultNamespace() { return this.namespaceURI() === 'http://www.w3.org/1999/xhtml'; }

  childNodes() { return this.all(kNodes.get(this).childNodes ?? []); }
  firstChild() { return this.one(kNodes.get(this).childNodes?.[0]); }
  lastChild() { return this.one(kNodes.get(this).childNodes?.at(-1)); }
  children() { return this.all((kNodes.get(this).childNodes ?? []).filter(isTag)); }
  childElementCount() { return this.children().length; }
  firstElementChild() { return this.children()[0]; }
  lastElementChild() { return this.children().at(-1); }
  parentNode() { return this.one(kNodes.get(this).parentNode); }
  parentElement() {
    const parent = kNodes.get(this).parentNode;
    return parent && isTag(parent) ? this.one(parent) : undefined;
  }
  nextSibling() { return this.one(this.sibling(1)); }
  previousSibling() { return this.one(this.sibling(-1)); }
  nextElementSibling() { return this.one(this.sibling(1, isTag)); }
  previousElementSibling() { return this.one(this.sibling(-1, isTag)); }
  sibling(step, test = () => true) {
    const node = kNodes.get(this);
    const all = node.parentNode?.childNodes ?? [node];
    for (let i = all.indexOf(node) + step; i >= 0 && i < all.length; i += step) if (test(all[i])) return all[i];
    return undefined;
  }

  // The form that it belongs to, around it or by its id.
  ownerForm() {
    const node = kNodes.get(this);
    const id = attrOf(node, 'form');
    return closest(node, 'form') ?? (id ? findAnywhere(node, `#${id}`)[0] : undefined);
  }
  allLabels() {
    const node = kNodes.get(this);
    const around = closest(node, 'label');
    const id = attrOf(node, 'id');
    const named = id ? findAnywhere(node, `label[for="${id}"]`) : [];
    return this.all([...new Set([...(around ? [around] : []), ...named])]);
  }
}

// Methods that tell an attribute: text, a flag, a whole number, a URL, one of some words, or a constant.
const text = (name) => function get() { return this.text_(name); };
const flag = (name) => function get() { return this.hasAttribute(name); };
const number = (name, usual = 0) => function get() {
  const given = this.getAttribute(name);
  return given !== undefined && /^[-+]?\d+$/.test(given) ? Number(given) : usual;
};
const link = (name) => function get() { return this.link(name, ''); };
const word = (name, ...words) => function get() { return words.includes(this.text_(name)) ? this.text_(name) : words[0]; };
const wordOrNone = (name, ...words) => function get() {
  const given = this.getAttribute(name);
  return given === undefined ? undefined : words.includes(given) ? given : words[0];
};
const constant = (value) => () => value;
const content = () => function get() { return this.textContent(); };
const list = (name) => function get() { return this.text_(name) === '' ? [] : this.text_(name).split(' '); };
const elements = (selector) => function get() { return this.querySelectorAll(selector); };
const count = (selector) => function get() { return this.querySelectorAll(selector).length; };
const child = (name) => function get() { return this.children().find((each) => each.nodeName() === name); };
const form = () => function get() { return this.one(this.ownerForm()); };
const labels = () => function get() { return this.allLabels(); };
const ownValue = () => function get() { return valueOrHtml(nodeOf(this)); };
// Its place among those of a kind below what is around it.
const indexIn = (around, kind, none = -1) => function get() {
  for (let above = nodeOf(this).parentNode; above && isTag(above); above = above.parentNode) {
    if (around.includes(above.tagName)) return findIn(above, kind).indexOf(nodeOf(this));
  }
  return none;
};

const kCrossOrigin = wordOrNone('crossorigin', 'anonymous', 'use-credentials');
const kReferrer = word('referrerpolicy', '', 'no-referrer', 'no-referrer-when-downgrade', 'origin', 'origin-when-cross-origin', 'unsafe-url');
const kAutocomplete = word('autocomplete', 'on', 'off');
const kEncoding = word('enctype', 'application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain');

const kHref = {
  accessKey: text('accesskey'), download: text('download'), href: link('href'), hrefLang: text('hreflang'), referrerPolicy: kReferrer,
  rel: text('rel'), relList: list('rel'), target: text('target'), text: content(), toString: link('href'), type: text('type'),
  hash() { return this.parts().fragment ? `#${this.parts().fragment}` : ''; },
  host() {
    const { host, scheme } = this.parts();
    return host.endsWith(`:${kDefaultPorts[scheme]}`) ? host.slice(0, host.lastIndexOf(':')) : host;
  },
  hostname() { return this.parts().host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1'); },
  port() { return /:(\d*)$/.exec(this.parts().host)?.[1] ?? ''; },
  username() { return (this.parts().user ?? '').split(':')[0]; },
  password() { return (this.parts().user ?? '').split(':').slice(1).join(':'); },
  origin() {
    const { scheme, host } = this.parts();
    return scheme === '' ? '' : scheme === 'file' ? this.href() : `${scheme}://${host}`;
  },
  pathname() { return this.parts().path; },
  protocol() { return this.parts().scheme || ':'; },
  search() { return this.parts().query ? `?${this.parts().query}` : ''; },
  parts() {
    const given = this.getAttribute('href');
    return given === undefined ? parseUrl('') : resolveUrl(given, this.url ?? '');
  },
};
const kMedia = {
  autoplay: flag('autoplay'), controls: flag('controls'), crossOrigin: kCrossOrigin, currentSrc: text('src'), defaultMuted: flag('muted'),
  loop: flag('loop'), mediaGroup: text('mediagroup'), muted: flag('muted'), preload: word('preload', 'auto', 'metadata', 'none'),
  src: link('src'), textTracks: elements('track'),
};
const kField = {
  form: form(), labels: labels(), name: text('name'),
  formAttribute(name) {
    const owner = this.ownerForm();
    return this.getAttribute(`form${name}`) ?? (owner ? attrOf(owner, name) : undefined);
  },
  formAction() {
    const action = this.formAttribute('action');
    if (!this.url) return action ?? '';
    return action ? String(resolveUrl(action, this.url)) : this.url;
  },
  formEnctype() {
    const given = this.formAttribute('enctype');
    return ['multipart/form-data', 'text/plain'].includes(given) ? given : 'application/x-www-form-urlencoded';
  },
  formMethod() { return (this.formAttribute('method') ?? '').toLowerCase() === 'post' ? 'post' : 'get'; },
  formNoValidate() { return this.formAttribute('novalidate') !== undefined; },
  formTarget() { return this.formAttribute('target') ?? ''; },
};
const kChange = { cite: text('cite'), datetime: text('datetime') };
const kSection = { rows: elements('tr') };
const kCell = { cellIndex: indexIn(['tr'], 'th,td'), colSpan: number('colspan', 1), headers: text('headers'), rowSpan: number('rowspan', 1) };

// What each kind of element has besides.
const kKinds = {
  a: kHref,
  area: kHref,
  audio: kMedia,
  base: { href() { return this.link('href', this.url); }, target: text('target') },
  button: {
    ...kField, accessKey: text('accesskey'), autofocus: flag('autofocus'), disabled: flag('disabled'), tabIndex: number('tabindex'),
    type: word('type', 'submit', 'button', 'menu', 'reset'), value: ownValue(),
  },
  canvas: { height: number('height', 150), width: number('width', 150) },
  col: { span() { return Math.max(1, number('span', 1).call(this)); } },
  data: { value: text('value') },
  datalist: { options: elements('option') },
  del: kChange,
  embed: { height: text('height'), src: text('src'), type: text('type'), width: text('width') },
  fieldset: {
    disabled: flag('disabled'), elements: elements('input,select,button,textarea'), form: form(), name: text('name'), type: constant('fieldset'),
    validity: constant(undefined),
  },
  form: {
    acceptCharset: text('accept-charset'), action: link('action'), autocomplete: kAutocomplete, elements: elements('input,select,button,textarea,fieldset'),
    encoding: kEncoding, enctype: kEncoding, length: count('input,select,button,textarea,fieldset'),
    method() { return this.text_('method') === 'post' ? 'post' : 'get'; }, name: text('name'), noValidate: flag('novalidate'), target: text('target'),
  },
  iframe: {
    allowfullscreen: flag('allowfullscreen'), height: text('height'), name: text('name'), referrerPolicy: kReferrer, src: link('src'), width: text('width'),
  },
  img: {
    alt: text('alt'), crossOrigin: kCrossOrigin, currentSrc: link('src'), height: number('height'), isMap: flag('ismap'), name: text('name'),
    referrerPolicy: kReferrer, sizes: text('sizes'), src: link('src'), srcset: text('srcset'), useMap: text('usemap'), width: number('width'),
  },
  input: {
    ...kField, accept: text('accept'), accessKey: text('accesskey'), alt: text('alt'), autocomplete: kAutocomplete, autofocus: flag('autofocus'),
    checked: flag('checked'), defaultChecked: flag('checked'), defaultValue: text('value'), dirName: text('dirname'), disabled: flag('disabled'),
    height: text('height'), max: text('max'), maxLength: number('maxlength', -1), min: text('min'), multiple: flag('multiple'), pattern: text('pattern'),
    placeholder: text('placeholder'), readonly: flag('readonly'), required: flag('required'), size: number('size'), src: link('src'), step: text('step'),
    tabIndex: number('tabindex'), value: text('value'), width: text('width'),
    type: word(
      'type', 'text', 'button', 'checkbox', 'color', 'date', 'datetime-local', 'email', 'file', 'hidden', 'image', 'month', 'number', 'password', 'radio',
      'range', 'reset', 'search', 'submit', 'tel', 'time', 'url', 'week',
    ),
    list() {
      const id = this.text_('list');
      if (id === '' || ['hidden', 'checkbox', 'radio', 'file', 'button'].includes(this.text_('type'))) return undefined;
      return this.one(findAnywhere(nodeOf(this), `datalist[id="${id}"]`)[0]);
    },
  },
  ins: kChange,
  keygen: {
    autofocus: flag('autofocus'), challenge: text('challenge'), disabled: flag('disabled'), form: form(), keytype: word('keytype', 'RSA', 'DSA', 'EC'),
    labels: labels(), name: text('name'), type: constant('keygen'),
  },
  label: {
    control() {
      const id = this.getAttribute('for');
      return id === undefined ? undefined : this.one(findAnywhere(nodeOf(this), `#${id}`)[0]);
    },
    form: form(), htmlFor: text('for'),
  },
  legend: { accessKey: text('accesskey'), form: form() },
  li: { type: word('type', '', '1', 'a', 'A', 'i', 'I', 'disc', 'square', 'circle'), value: number('value') },
  link: {
    crossOrigin: kCrossOrigin, href: link('href'), hreflang: text('hreflang'), media: text('media'), referrerPolicy: kReferrer, rel: text('rel'),
    relList: list('rel'), target: text('target'), type: text('type'),
  },
  map: {
    areas: elements('area'),
    images() {
      const id = this.getAttribute('id');
      return id === undefined ? [] : this.all(findAnywhere(nodeOf(this), `img[usemap="#${id}"],object[usemap="#${id}"]`));
    },
    name: text('name'),
  },
  meta: { content: text('content'), httpEquiv: word('http-equiv', 'content-type', 'default-style', 'refresh'), name: text('name') },
  meter: { high: number('high'), labels: labels(), low: number('low'), max: number('max'), min: number('min'), optimum: number('optimum') },
  object: {
    data: link('data'), form: form(), height: text('height'), name: text('name'), tabIndex: number('tabindex'), type: text('type'),
    typeMustMatch: flag('typemustmatch'), useMap: text('usemap'), width: text('width'),
  },
  ol: { reversed: flag('reversed'), start: number('start'), type: word('type', '1', 'a', 'A', 'i', 'I') },
  optgroup: { disabled: flag('disabled'), label: text('label') },
  option: {
    defaultSelected: flag('selected'), form: form(), index: indexIn(['select', 'datalist'], 'option', 0), selected: flag('selected'), text: content(),
    value: ownValue(),
    disabled() {
      const group = closest(nodeOf(this).parentNode, 'optgroup');
      return this.hasAttribute('disabled') || (group !== undefined && attrOf(group, 'disabled') !== undefined);
    },
    label() { return this.getAttribute('label') ?? this.textContent(); },
  },
  output: {
    defaultValue: content(), form: form(), htmlFor: text('for'), labels: labels(), name: text('name'), type: constant('output'), value: content(),
  },
  param: { name: text('name'), value: text('value') },
  pre: { name: text('name'), value: text('value') },
  progress: {
    labels: labels(),
    max() {
      const max = Number(this.getAttribute('max') ?? NaN);
      return max >= 0 ? max : 1;
    },
    value() { return this.share(0); },
    position() { return this.share(-1); },
    share(none) {
      const value = Number(this.getAttribute('value') ?? NaN);
      return value >= 0 ? value / this.max() : none;
    },
  },
  quote: { cite: text('cite') },
  script: {
    async: flag('async'), charset: text('charset'), crossOrigin: text('crossorigin'), defer: flag('defer'), noModule: flag('nomodule'), src: link('src'),
    text: content(), type: text('type'),
  },
  select: {
    autofocus: flag('autofocus'), disabled: flag('disabled'), form: form(), labels: labels(), length: count('option'), multiple: flag('multiple'),
    name: text('name'), options: elements('option'), required: flag('required'), selectedOptions: elements('option[selected]'), tabIndex: number('tabindex'),
    selectedIndex() { return findIn(nodeOf(this), 'option').indexOf(findIn(nodeOf(this), 'option[selected]')[0]); },
    size() { return this.hasAttribute('multiple') ? 4 : 1; },
    type() { return this.hasAttribute('multiple') ? 'select-multiple' : 'select'; },
    value() { return valueOrHtml(findIn(nodeOf(this), 'option[selected]')[0]); },
  },
  source: { keySystem: text('keysystem'), media: text('media'), sizes: text('sizes'), src: link('src'), srcset: text('srcset'), type: text('type') },
  style: { media: text('media'), type() { return this.text_('type') || 'text/css'; } },
  table: {
    caption: child('caption'), rows: elements('tr'), sortable: flag('sortable'), tBodies: elements('tbody'), tFoot: child('tfoot'), tHead: child('thead'),
  },
  tbody: kSection,
  td: kCell,
  textarea: {
    accessKey: text('accesskey'), autocapitalize: word('autocapitalize', 'sentences', 'none', 'off', 'characters', 'words'), autocomplete: kAutocomplete,
    cols: number('cols'), defaultValue: text('value'), form: form(), labels: labels(), length() { return this.text_('value').length; },
    maxLength: number('maxlength'), placeholder: text('placeholder'), readOnly: flag('readonly'), required: flag('required'), rows: number('rows'),
    tabIndex: number('tabindex'), type: constant('textarea'), value: text('value'), wrap: word('wrap', 'soft', 'hard', 'off'),
  },
  tfoot: kSection,
  th: { ...kCell, abbr: text('abbr'), scope: word('scope', '', 'row', 'col', 'colgroup', 'rowgroup'), sorted: flag('sorted') },
  thead: kSection,
  time: { datetime: text('datetime') },
  title: { text: content() },
  tr: { cells: elements('th,td'), rowIndex: indexIn(['table'], 'tr'), sectionRowIndex: indexIn(['thead', 'tbody', 'tfoot'], 'tr') },
  track: {
    default: flag('default'), kind: word('kind', 'subtitle', 'captions', 'descriptions', 'chapters', 'metadata'), label: text('label'), src: link('src'),
    srclang: text('srclang'),
  },
  ul: { type: text('type') },
  video: kMedia,
};

const kClasses = new Map();

export function elementOf(node, selection) {
  const kind = Object.hasOwn(kKinds, node.tagName ?? '') ? node.tagName : '';
  if (!kClasses.has(kind)) {
    const made = class extends Element {};
    for (const [name, value] of Object.entries(kKinds[kind] ?? {})) Object.defineProperty(made.prototype, name, { value });
    kClasses.set(kind, made);
  }
  return new (kClasses.get(kind))(node, selection);
}
