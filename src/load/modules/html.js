// The module k6/html (k6 reference, §11.6): Selection is jQuery's, as goquery has it.

import { elementOf, htmlOf, nodeOf, valueOf } from 'gantry:html-element';
import { findAll, isTag, matcher, parseTree, textOf } from 'gantry:html-parser';

const kSubmittable = 'input,select,textarea,keygen';
const kUnsent = new Set(['submit', 'button', 'reset', 'image', 'file']);

function unique(nodes) {
  return [...new Set(nodes)];
}

function attrOf(node, name) {
  return node?.attrs?.find((each) => each.name === name)?.value;
}

const childElements = (node) => (node.childNodes ?? []).filter(isTag);

function siblingsAfter(node) {
  const all = siblingNodes(node);
  return all.slice(all.indexOf(node) + 1).filter(isTag);
}

function siblingsBefore(node) {
  const all = siblingNodes(node);
  return all.slice(0, all.indexOf(node)).filter(isTag).reverse();
}

function siblingNodes(node) {
  return node.parentNode?.childNodes ?? [node];
}

function ancestors(node) {
  const found = [];
  for (let above = node.parentNode; above && isTag(above); above = above.parentNode) found.push(above);
  return found;
}

// "data-some-name" -> someName
const toProperty = (attribute) => attribute.replace(/-+([^-])/g, (_, letter) => letter.toUpperCase());
const toAttribute = (property) => property.replace(/[A-Z]/g, (letter, at) => (at > 0 ? '-' : '') + letter.toLowerCase()).replaceAll('_', '-');

function convertData(text) {
  if (text === '' || text === 'null' || text === 'undefined') return undefined;
  if (text[0] === '{' || text[0] === '[') {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }
  if (text === 'true' || text === 'false') return text === 'true';
  return Number.isFinite(Number(text)) && String(Number(text)) === text ? Number(text) : text;
}

function isSent(node) {
  const type = attrOf(node, 'type') ?? '';
  const isChecked = attrOf(node, 'checked') === 'checked' || (type !== 'checkbox' && type !== 'radio');
  return Boolean(attrOf(node, 'name')) && attrOf(node, 'disabled') !== 'disabled' && !kUnsent.has(type) && isChecked;
}

const encode = (text) => encodeURIComponent(text).replace(/%20/g, '+').replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

export class Selection {
  #nodes;
  #before;

  constructor(nodes, url, before) {
    this.#nodes = nodes;
    this.#before = before;
    this.url = url;
  }

  static nodesOf(selection) { return selection.#nodes; }
  #with(nodes) { return new Selection(nodes, this.url, this); }

  // What an argument means: a test of nodes.
  #test(what, name) {
    if (typeof what === 'string') return matcher(what);
    if (what instanceof Selection) return (node) => what.#nodes.includes(node);
    if (typeof what === 'function') return (node, i) => Boolean(what.call(what, i, this.#with([node])));
    const node = nodeOf(what);
    if (node === undefined) throw new Error(`invalid argument, cannot use a '${what === null ? 'null' : typeof what}' as a selector in ${name}()`);
    return (each) => each === node;
  }
  #filtered(nodes, selector) {
    return this.#with(unique(selector === undefined ? nodes : nodes.filter(matcher(String(selector)))));
  }
  #until(step, until, filter) {
    const isEnd = until === undefined || until === null || until === '' ? () => false : this.#test(until, 'until');
    const found = this.#nodes.flatMap((node) => {
      const all = step(node);
      const end = all.findIndex((each, i) => isEnd(each, i));
      return end < 0 ? all : all.slice(0, end);
    });
    return this.#filtered(found, filter);
  }

  add(what) {
    if (typeof what === 'string') return this.#with(unique([...this.#nodes, ...this.#roots().flatMap((root) => findAll(matcher(what), [root]))]));
    const more = what instanceof Selection ? what.#nodes : [nodeOf(what)];
    return this.#with(unique([...this.#nodes, ...more]));
  }
  #roots() {
    return unique(this.#nodes.map((node) => {
      let root = node;
      while (root.parentNode) root = root.parentNode;
      return root;
    }));
  }
  find(what) {
    const test = this.#test(what, 'find');
    return this.#with(unique(this.#nodes.flatMap((node) => findAll(test, node.childNodes ?? []))));
  }
  single(selector) { return this.#with(Selection.nodesOf(this.find(selector)).slice(0, 1)); }
  closest(what) {
    const test = this.#test(what, 'closest');
    return this.#with(unique(this.#nodes.map((node) => [node, ...ancestors(node)].find((each, i) => test(each, i))).filter((each) => each !== undefined)));
  }
  has(what) {
    const test = this.#test(what, 'has');
    return this.#with(this.#nodes.filter((node) => findAll(test, node.childNodes ?? []).length > 0));
  }
  not(what) {
    const test = this.#test(what, 'not');
    return this.#with(this.#nodes.filter((node, i) => !test(node, i)));
  }
  filter(what) {
    if (nodeOf(what) !== undefined || !['string', 'function', 'object'].includes(typeof what) || what === null) {
      throw new Error('the argument to filter() must be a function, a selector or a selection');
    }
    const test = this.#test(what, 'filter');
    return this.#with(this.#nodes.filter((node, i) => test(node, i)));
  }
  is(what) {
    const test = this.#test(what, 'is');
    return this.#nodes.some((node, i) => test(node, i));
  }

  next(selector) { return this.#filtered(this.#nodes.flatMap((node) => siblingsAfter(node).slice(0, 1)), selector); }
  nextAll(selector) { return this.#filtered(this.#nodes.flatMap(siblingsAfter), selector); }
  nextUntil(until, filter) { return this.#until(siblingsAfter, until, filter); }
  prev(selector) { return this.#filtered(this.#nodes.flatMap((node) => siblingsBefore(node).slice(0, 1)), selector); }
  prevAll(selector) { return this.#filtered(this.#nodes.flatMap(siblingsBefore), selector); }
  prevUntil(until, filter) { return this.#until(siblingsBefore, until, filter); }
  parent(selector) { return this.#filtered(this.#nodes.flatMap((node) => ancestors(node).slice(0, 1)), selector); }
  parents(selector) { return this.#filtered(this.#nodes.flatMap(ancestors), selector); }
  parentsUntil(until, filter) { return this.#until(ancestors, until, filter); }
  siblings(selector) {
    return this.#filtered(this.#nodes.flatMap((node) => siblingNodes(node).filter((each) => isTag(each) && each !== node)), selector);
  }
  children(selector) { return this.#filtered(this.#nodes.flatMap(childElements), selector); }
  contents() { return this.#with(this.#nodes.flatMap((node) => node.childNodes ?? [])); }

  size() { return this.#nodes.length; }
  end() { return this.#before ?? new Selection([], this.url); }
  eq(index) {
    const at = index < 0 ? this.#nodes.length + index : index;
    return this.#with(this.#nodes.slice(at, at + 1).slice(0, at < 0 ? 0 : 1));
  }
  first() { return this.eq(0); }
  last() { return this.eq(-1); }
  slice(start, end) { return this.#with(this.#nodes.slice(start, end)); }
  get(index) {
    if (index === undefined) return this.#nodes.map((node) => elementOf(node, this));
    return index < this.#nodes.length && index > -this.#nodes.length ? elementOf(this.#nodes.at(index), this) : undefined;
  }
  toArray() { return this.#nodes.map((node) => this.#with([node])); }
  index(what) {
    if (what === undefined) return this.#nodes.length > 0 ? siblingsBefore(this.#nodes[0]).length : -1;
    if (typeof what === 'string') return this.#roots().flatMap((root) => findAll(matcher(what), [root])).indexOf(this.#nodes[0]);
    return this.#nodes.indexOf(what instanceof Selection ? what.#nodes[0] : nodeOf(what));
  }
  each(fn) {
    if (typeof fn !== 'function') throw new Error('the argument to each() must be a function');
    this.#nodes.forEach((node, i) => fn.call(fn, i, elementOf(node, this)));
    return this;
  }
  map(fn) {
    if (typeof fn !== 'function') throw new Error('the argument to map() must be a function');
    return this.#nodes.map((node, i) => fn.call(fn, i, this.#with([node])));
  }

  text() { return textOf(this.#nodes); }
  html() { return this.#nodes.length > 0 ? htmlOf(this.#nodes[0]) : ''; }
  attr(name, usual) { return attrOf(this.#nodes[0], String(name)) ?? usual; }
  val() { return valueOf(this.#nodes[0]); }
  data(key) {
    const attributes = this.#nodes[0]?.attrs ?? [];
    if (attributes.length === 0) return undefined;
    if (key !== undefined) {
      const text = attrOf(this.#nodes[0], `data-${toAttribute(String(key))}`);
      return text === undefined ? undefined : convertData(text);
    }
    const data = {};
    for (const { name, value } of attributes) if (name.startsWith('data-') && name.length > 5) data[toProperty(name.slice(5))] = convertData(value);
    return data;
  }

  serializeArray() {
    const isSubmittable = matcher(kSubmittable);
    const inputs = this.is('form') ? Selection.nodesOf(this.find(kSubmittable)) : this.#nodes.filter(isSubmittable);
    return inputs.filter(isSent).map((node) => ({ name: attrOf(node, 'name'), value: valueOf(node) }));
  }
  serializeObject() {
    return Object.fromEntries(this.serializeArray().map(({ name, value }) => [name, value]));
  }
  serialize() {
    const values = this.serializeObject();
    return Object.keys(values).sort()
      .flatMap((name) => [values[name]].flat().filter((value) => value !== undefined).map((value) => `${encode(name)}=${encode(value)}`))
      .join('&');
  }
}

export function parseHTML(text, url = '') {
  return new Selection([parseTree(String(text))], url);
}

export default { parseHTML };
