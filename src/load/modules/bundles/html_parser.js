// HTML into a tree, as browsers read it, and CSS selectors on that: parse5 and css-select. A tree has nodes as parse5's default has them.

import { compile } from 'css-select';
import { defaultTreeAdapter as tree, parse } from 'parse5';

// As deep as Go's parser lets elements nest, which is k6's.
const kDepthMax = 512;
const kTextMax = 32 << 20;

function deepen(parent, node) {
  node.depth = (parent.depth ?? 0) + 1;
  if (node.depth > kDepthMax) throw new Error(`html: open stack of elements exceeds ${kDepthMax} nodes`);
}

export function parseTree(text) {
  if (text.length > kTextMax) throw new Error(`html: a document of more than ${kTextMax >> 20} million characters`);
  return parse(text, {
    treeAdapter: {
      ...tree,
      appendChild(parent, node) {
        deepen(parent, node);
        tree.appendChild(parent, node);
      },
      insertBefore(parent, node, before) {
        deepen(parent, node);
        tree.insertBefore(parent, node, before);
      },
    },
  });
}

const isTag = (node) => node.tagName !== undefined;
const childrenOf = (node) => node.childNodes ?? [];
const parentOf = (node) => (node.parentNode && isTag(node.parentNode) ? node.parentNode : null);

// All below some nodes, in the order of the document, without recursion.
export function* walk(nodes) {
  const waiting = [...nodes].reverse();
  while (waiting.length > 0) {
    const node = waiting.pop();
    yield node;
    const children = childrenOf(node);
    for (let i = children.length - 1; i >= 0; --i) waiting.push(children[i]);
  }
}

export function textOf(nodes) {
  let text = '';
  for (const node of walk(nodes)) if (node.nodeName === '#text') text += node.value;
  return text;
}

function findAll(test, nodes) {
  const found = [];
  for (const node of walk(nodes)) if (isTag(node) && test(node)) found.push(node);
  return found;
}

function findOne(test, nodes) {
  for (const node of walk(nodes)) if (isTag(node) && test(node)) return node;
  return null;
}

const adapter = {
  isTag,
  existsOne: (test, nodes) => findOne(test, nodes) !== null,
  findAll,
  findOne,
  getAttributeValue: (node, name) => node.attrs?.find((each) => each.name === name)?.value,
  getChildren: childrenOf,
  getName: (node) => node.tagName,
  getParent: parentOf,
  getSiblings: (node) => (node.parentNode ? childrenOf(node.parentNode) : [node]),
  getText: (node) => textOf([node]),
  hasAttrib: (node, name) => node.attrs?.some((each) => each.name === name) ?? false,
  removeSubsets: (nodes) => nodes.filter((node) => !nodes.some((other) => {
    for (let above = node.parentNode; above; above = above.parentNode) if (above === other) return true;
    return false;
  })),
};

const kOptions = { adapter, cacheResults: false };
const kSelectors = new Map();  // compiled, by text; there are few in a script
const kSelectorsMax = 1000;

// Whether a node is what a selector means. One that is none means nothing, as in k6.
export function matcher(selector) {
  let test = kSelectors.get(selector);
  if (test === undefined) {
    try {
      const compiled = compile(selector, kOptions);
      test = (node) => isTag(node) && compiled(node);
    } catch {
      test = () => false;
    }
    if (kSelectors.size >= kSelectorsMax) kSelectors.clear();
    kSelectors.set(selector, test);
  }
  return test;
}

export { findAll, isTag };
