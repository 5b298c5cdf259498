// What scripts import as https://jslib.k6.io/k6-summary/…/index.js: the data of handleSummary() as text, and as JUnit XML.

const kUnits = [[3600e3, 'h'], [60e3, 'm'], [1e3, 's'], [1, 'ms'], [1e-3, 'µs']];

// Cut, not rounded, as k6 does it.
function cut(value, digits) {
  const factor = 10 ** digits;
  return String(Math.trunc(value * factor) / factor);
}

function humanizeDuration(milliseconds, unit) {
  const fixed = { s: 1e-3, ms: 1, us: 1e3 }[unit];
  if (fixed !== undefined) return `${(milliseconds * fixed).toFixed(2)}${unit === 'us' ? 'µs' : unit}`;
  if (milliseconds === 0) return '0s';
  const [size, name] = kUnits.find(([each]) => Math.abs(milliseconds) >= each) ?? [1e-6, 'ns'];
  if (size < 60e3) return cut(milliseconds / size, 2) + name;
  const seconds = Math.trunc(milliseconds / 1000);
  const hours = Math.trunc(seconds / 3600);
  const rest = `${Math.trunc((seconds % 3600) / 60)}m${seconds % 60}s`;
  return hours > 0 ? `${hours}h${rest}` : rest;
}

function humanizeBytes(bytes) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let order = 0;
  while (bytes >= 1000 && order + 1 < units.length) {
    bytes /= 1000;
    ++order;
  }
  return `${order === 0 ? Math.trunc(bytes) : bytes.toFixed(1)} ${units[order]}`;
}

export function humanizeValue(value, metric, timeUnit) {
  if (metric.type === 'rate') return `${cut(value * 100, 2)}%`;
  if (metric.contains === 'time') return humanizeDuration(value, timeUnit);
  return metric.contains === 'data' ? humanizeBytes(value) : cut(value, 6);
}

function figures(metric, options) {
  const show = (value) => humanizeValue(value, metric, options.summaryTimeUnit);
  const { values } = metric;
  switch (metric.type) {
    case 'counter': return `${show(values.count)} ${show(values.rate)}/s`;
    case 'gauge': return `${show(values.value)} min=${show(values.min)} max=${show(values.max)}`;
    case 'rate': return `${show(values.rate)} ✓ ${values.passes} ✗ ${values.fails}`;
    default: return Object.keys(values).map((stat) => `${stat}=${stat === 'count' ? values[stat] : show(values[stat])}`).join(' ');
  }
}

function linesOfGroup(group, indent, mark) {
  const lines = [];
  for (const check of group.checks) {
    if (check.fails === 0) lines.push(`${indent}${mark('✓', true)} ${check.name}`);
    else {
      const share = Math.floor((100 * check.passes) / (check.passes + check.fails));
      lines.push(`${indent}${mark('✗', false)} ${check.name}`, `${indent} ↳  ${share}% — ✓ ${check.passes} / ✗ ${check.fails}`);
    }
  }
  for (const inner of group.groups) lines.push('', `${indent}█ ${inner.name}`, '', ...linesOfGroup(inner, `${indent}  `, mark));
  return lines;
}

export function textSummary(data, options = {}) {
  const indent = options.indent ?? ' ';
  const coloured = options.enableColors ?? !data.options.noColor;
  const mark = (sign, isGood) => (coloured ? `\u001b[3${isGood ? 2 : 1}m${sign}\u001b[0m` : sign);
  const lines = linesOfGroup(data.root_group, `${indent}    `, mark);
  if (lines.length > 0) lines.push('');
  const names = Object.keys(data.metrics).sort();
  const width = Math.max(0, ...names.map((name) => name.length)) + 3;
  for (const name of names) {
    const metric = data.metrics[name];
    const thresholds = Object.values(metric.thresholds ?? {});
    const sign = thresholds.length === 0 ? ' ' : thresholds.every((each) => each.ok) ? mark('✓', true) : mark('✗', false);
    lines.push(`${indent} ${sign} ${name.padEnd(width, '.')}: ${figures(metric, { ...data.options, ...options })}`);
  }
  return lines.join('\n');
}

function escapeXml(text) {
  const names = { '<': '&lt;', '>': '&gt;', '&': '&amp;', "'": '&apos;', '"': '&quot;' };
  return String(text).replace(/[<>&'"]/g, (character) => names[character]);
}

// Each threshold is a test case.
export function jUnit(data, options = {}) {
  const cases = [];
  let failures = 0;
  for (const [name, metric] of Object.entries(data.metrics)) {
    for (const [expression, threshold] of Object.entries(metric.thresholds ?? {})) {
      if (!threshold.ok) ++failures;
      const failure = threshold.ok ? '' : `<failure message="${escapeXml(`${metric.type} threshold failed: ${name}`)}" />`;
      cases.push(`<testcase name="${escapeXml(`${name} - ${expression}`)}">${failure}</testcase>`);
    }
  }
  const name = escapeXml(options.name ?? 'k6 thresholds');
  return `<?xml version="1.0"?>\n<testsuites tests="${cases.length}" failures="${failures}">\n` +
    `<testsuite name="${name}" tests="${cases.length}" failures="${failures}">${cases.join('\n')}</testsuite>\n</testsuites>`;
}

export default { humanizeValue, jUnit, textSummary };
