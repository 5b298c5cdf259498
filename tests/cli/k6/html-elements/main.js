// Elements of k6/html: what the DOM has as properties is a method of each.
import { parseHTML } from 'k6/html';

const page = `<html lang="en"><head><base href="/base/" target="t"><link rel="a b" href="s.css"><meta http-equiv="refresh" content="1"></head><body>
<a id="l" href="https://me:pw@host.example:8443/p/q.html?x=1#frag" rel="nofollow noopener" hreflang="de">link</a><a id="r" href="rel/x">r</a>
<img src="i.png" width="12" height="x" ismap alt="A"><video src="v.mp4" autoplay preload="none"><track kind="captions" src="t"></video>
<form id="f" action="go" method="post" enctype="text/plain"><label for="i">L</label><input id="i" name="n" type="email" value="v" maxlength="5" list="d" required>
<fieldset id="fs" name="set"><button id="b" formaction="other" formmethod="get">B</button></fieldset>
<select id="s"><optgroup disabled><option>1</optgroup><option selected value="two">2</select><textarea id="t" rows="3" wrap="hard">x</textarea>
<progress id="p" value="2" max="8"></progress><meter id="m" min="1" max="5"></meter><output id="o" for="i">7</output></form>
<datalist id="d"><option>x<option>y</datalist><ol start="3" type="a"><li value="4">x</li></ol>
<table id="tab"><caption>C</caption><thead><tr><th scope="col">h</th></tr></thead><tbody><tr><td colspan="2">1</td><td id="c">2</td></tr></tbody></table>
<p id="para">t1<b>b1</b><!--c-->t2</p><time datetime="2020">x</time><svg id="g"></svg></body></html>`;

export const options = { iterations: 1 };

export default function () {
  const doc = parseHTML(page);
  const el = (css) => doc.find(css).get(0);
  const ask = (css, ...methods) => {
    for (const method of methods) {
      let told;
      try {
        const value = el(css)[method]();
        told = typeof value === 'object' && value !== null && typeof value.nodeName === 'function' ? `<${value.nodeName()}>`
          : Array.isArray(value) ? JSON.stringify(value.map((one) => (typeof one === 'object' ? one.nodeName() : one))) : JSON.stringify(value);
      } catch (error) {
        told = 'threw';
      }
      console.log(`${css}.${method}: ${told}`);
    }
  };
  ask('#l', 'href', 'hash', 'host', 'hostname', 'port', 'username', 'password', 'origin', 'pathname', 'protocol', 'search', 'rel', 'relList', 'hrefLang', 'text', 'target', 'toString');
  ask('#r', 'href', 'host', 'origin', 'pathname', 'protocol', 'search', 'hash');
  ask('base', 'href', 'target');
  ask('link', 'rel', 'relList', 'href', 'crossOrigin');
  ask('meta', 'httpEquiv', 'content', 'name');
  ask('img', 'src', 'width', 'height', 'isMap', 'alt', 'crossOrigin', 'referrerPolicy');
  ask('video', 'src', 'autoplay', 'controls', 'preload', 'textTracks');
  ask('track', 'kind', 'src', 'default');
  ask('form', 'action', 'method', 'enctype', 'elements', 'length', 'name', 'autocomplete', 'noValidate', 'id');
  ask('label', 'htmlFor', 'control', 'form');
  ask('#i', 'name', 'type', 'value', 'maxLength', 'list', 'required', 'form', 'labels', 'formAction', 'formMethod', 'formEnctype', 'checked', 'size', 'disabled');
  ask('fieldset', 'name', 'type', 'elements', 'form', 'disabled');
  ask('#b', 'formAction', 'formMethod', 'formEnctype', 'type', 'value', 'form', 'labels');
  ask('#s', 'length', 'options', 'selectedIndex', 'selectedOptions', 'size', 'type', 'value', 'form');
  ask('option', 'disabled', 'index', 'label', 'text', 'value', 'selected', 'form');
  ask('option[selected]', 'disabled', 'index', 'selected', 'value');
  ask('#t', 'rows', 'cols', 'wrap', 'type', 'value', 'length', 'form');
  ask('#p', 'value', 'max', 'position');
  ask('#m', 'min', 'max', 'high', 'labels');
  ask('#o', 'value', 'defaultValue', 'htmlFor', 'type');
  ask('ol', 'start', 'type', 'reversed');
  ask('li', 'value', 'type');
  ask('#tab', 'caption', 'tHead', 'tFoot', 'tBodies', 'rows');
  ask('th', 'scope', 'cellIndex', 'colSpan');
  ask('td', 'colSpan', 'rowSpan', 'cellIndex');
  ask('#c', 'cellIndex');
  ask('tbody tr', 'cells', 'rowIndex', 'sectionRowIndex');
  ask('tbody', 'rows');
  ask('time', 'datetime');
  ask('datalist', 'options');
  ask('#para', 'textContent', 'innerHTML', 'childNodes', 'children', 'childElementCount', 'firstChild', 'lastChild', 'firstElementChild', 'lastElementChild', 'nextElementSibling',
    'previousElementSibling', 'parentNode', 'parentElement', 'nodeType', 'nodeName', 'nodeValue', 'hasChildNodes', 'hasAttributes', 'className', 'classList', 'toString', 'namespaceURI', 'isDefaultNamespace', 'lang', 'ownerDocument');
  ask('html', 'lang', 'parentNode');
  const para = el('#para');
  console.log(para.firstChild().nodeType(), para.firstChild().nodeValue(), para.firstChild().nodeName(), para.childNodes()[2].nodeType(), para.childNodes()[2].nodeName());
  console.log(para.getAttribute('id'), para.getAttribute('x'), para.hasAttribute('id'), para.matches('p'), para.contains(para.firstElementChild()), para.contains(para));
  console.log(JSON.stringify(Object.keys(para.attributes())), para.attributes().id.name, para.attributes().id.value, para.getAttributeNode('id').localName());
  console.log(para.isSameNode(el('#para')), para.isEqualNode(el('#para')), para.isSameNode(el('#c')), para.selection().text());
  console.log(para.querySelector('b').textContent(), para.querySelectorAll('b').length, para.getElementsByTagName('b').length, el('body').getElementsByClassName('x').length);
}
