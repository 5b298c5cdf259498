// Selections of k6/html.
import { parseHTML } from 'k6/html';

const page = `<!DOCTYPE html>
<html lang="en"><head><title>A &amp; B</title><style>p > a { color: red }</style></head>
<body class="one two">
<h1 id="top" data-some-name="12" data-flag="true" data-list="[1,2]" data-none="null" data-text="01">Head <em>line</em></h1>
<ul><li class="a">1</li><li class="b">2<br>two</li><li class="a last">3</li></ul>
<p>One <a href="/x?a=1&amp;b='2'">x</a> two<p>Three <a href="#y" title='"q"'>y</a>
<form id="f" action="/send" method="POST">
<input name="text" value="t"><input name="none"><input type="checkbox" name="c1" checked="checked"><input type="checkbox" name="c2" checked>
<input type="radio" name="r" value="1"><input type="submit" name="s" value="go"><input name="off" disabled="disabled" value="x">
<select name="sel"><option value="1">one<option selected>two</select>
<select name="many" multiple><option selected value="a">A<option selected>B b</select>
<textarea name="area">
a &lt; b</textarea><button name="b" value="v">B</button></form>
<table><tr><td>cell<table></table>
<div><span>deep<!-- comment --></span></div>
</body></html>`;

function names(selection) {
  return selection.toArray().map((each) => each.get(0).nodeName()).join(',');
}

export const options = { iterations: 1 };

export default function () {
  const doc = parseHTML(page);
  const say = (name, value) => console.log(name + ': ' + (value === undefined ? 'undefined' : JSON.stringify(value)));
  say('title', doc.find('title').text());
  say('style', doc.find('style').html());
  say('lists', doc.find('li').map((i, each) => i + each.text()));
  say('classes', [doc.find('.a').size(), doc.find('ul > .a:last-child').text(), doc.find('li:nth-child(2)').html(), doc.find('li.a.last').text()]);
  say('attr', [doc.find('a').attr('href'), doc.find('a').attr('none', 'usual'), doc.find('a[href^="#"]').attr('title')]);
  say('attr of none', doc.find('nothing').attr('x'));
  say('data', doc.find('h1').data('some-name'));
  say('data camel', doc.find('h1').data('someName'));
  say('all data', Object.entries(doc.find('h1').data()).sort());
  say('html', doc.find('p').html());
  say('form html', doc.find('select').html());
  say('body classes', doc.find('body').get(0).classList());
  say('first last eq', [doc.find('li').first().text(), doc.find('li').last().text(), doc.find('li').eq(1).text(), doc.find('li').eq(9).size(), doc.find('li').eq(-2).text()]);
  say('filter', [doc.find('li').filter('.a').size(), doc.find('li').not('.a').size(), doc.find('li').not(doc.find('.last')).size()]);
  say('is has', [doc.find('li').is('.b'), doc.find('ul').has('.b').size(), doc.find('li').is('p')]);
  say('next prev', [doc.find('.b').next().text(), doc.find('.b').prev().text(), doc.find('.b').next('.x').size(), doc.find('li').nextAll().size(), doc.find('.last').prevAll().size()]);
  say('until', [doc.find('li').first().nextUntil('.last').size(), doc.find('.last').prevUntil('.a').size(), names(doc.find('em').parentsUntil('body'))]);
  say('parents', [names(doc.find('em').parent()), names(doc.find('em').parents()), names(doc.find('em').parents('body')), names(doc.find('em').closest('h1')), names(doc.find('td').closest('tr'))]);
  say('children', [names(doc.find('ul').children()), doc.find('ul').children('.a').size(), doc.find('h1').contents().size(), doc.find('.b').siblings().size(), doc.find('.b').siblings('.last').size()]);
  say('add', [doc.find('h1').add('em').size(), doc.find('h1').add(doc.find('li')).size()]);
  say('end', doc.find('ul').find('li').end().size());
  say('slice', [doc.find('li').slice(1).size(), doc.find('li').slice(0, 2).size(), doc.find('li').slice(1, 9).size(), doc.find('li').slice(-1).text()]);
  say('index', [doc.find('.b').index(), doc.find('li').index(doc.find('.last')), doc.find('.last').index('li'), doc.find('li').index(doc.find('p'))]);
  say('get', [doc.find('li').get().length, doc.find('li').get(1).textContent(), doc.find('li').get(-1).textContent()]);
  say('val', [doc.find('[name=text]').val(), doc.find('[name=none]').val(), doc.find('[name=c1]').val(), doc.find('[name=sel]').val(), doc.find('[name=many]').val(), doc.find('textarea').val(), doc.find('button').val()]);
  say('serializeArray', doc.find('form').serializeArray());
  say('serializeObject', Object.entries(doc.find('form').serializeObject()).sort());
  say('serialize', doc.find('form').serialize());
  say('inputs', doc.find('input').serialize());
  say('single', doc.single('li').size());
  let seen = '';
  doc.find('li').each((i, element) => { seen += i + element.nodeName() + element.innerHTML(); });
  say('each', seen);
  say('table', doc.find('table').html());
  say('comment', doc.find('span').html());
  say('empty', [parseHTML('').find('body').size(), parseHTML('text').find('body').html(), parseHTML('<p>a<div>b').find('body').html()]);
  say('foreign', parseHTML('<svg viewBox="0 0 1 1"><path d="M0"/><foreignObject><p>x</foreignObject></svg>').find('body').html());
  say('broken', parseHTML('<b><i>x</b>y</i><table><p>z</table><a href=1><a href=2>').find('body').html());
  say('pre', parseHTML('<pre>\n\nx</pre><script>1 < 2 && "3"</script>').find('body').html());
  say('entities', parseHTML('&eacute;&copy&#x41;&#0;&unknown;<p title="&amp;lt;">').find('body').html());
  for (const bad of ['li[', '>>', ':nope']) {
    try { say('selector ' + bad, doc.find(bad).size()); } catch (error) { say('selector ' + bad, 'threw'); }
  }
  try { doc.find(1); } catch (error) { say('find(1)', 'threw'); }
  try { doc.find('li').each(1); } catch (error) { say('each(1)', 'threw'); }
  try { parseHTML('<div>'.repeat(600)); say('deep', 'parsed'); } catch (error) { say('deep', 'threw'); }
}
