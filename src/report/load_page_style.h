#pragma once

// How the pages about a load test look: on light and on dark screens, on paper, on a phone. Lines of charts differ by their strokes too, and
// verdicts by their words, for those who cannot tell the colours apart. Private to report.

#include <string_view>

namespace gantry::report {

inline constexpr std::string_view kLoadPageStyle = R"(
:root{color-scheme:light dark;--page:#ffffff;--text:#1f2328;--soft:#59636e;--line:#d8dee4;--tile:#f6f8fa;--good:#1a7f37;
--bad:#b3261e;--warn:#8a5a00;--a:#0969da;--b:#1a7f37;--c:#8250df;--d:#b3261e;--mark:#f8d7a8}
@media(prefers-color-scheme:dark){:root{--page:#0d1117;--text:#e6edf3;--soft:#9198a1;--line:#30363d;--tile:#161b22;
--good:#3fb950;--bad:#f2766d;--warn:#e3b341;--a:#58a6ff;--b:#3fb950;--c:#bc8cff;--d:#f2766d;--mark:#5a3d12}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1040px;padding:32px 20px 64px;background:var(--page);color:var(--text);
font:15px/1.5 system-ui,sans-serif}
h1{font-size:26px;margin:0;overflow-wrap:anywhere}h2{font-size:18px;margin:40px 0 12px}p{margin:6px 0}
.soft,.note{color:var(--soft)}
.verdict{margin:20px 0;padding:12px 16px;border-left:6px solid;background:var(--tile);font-weight:600;overflow-wrap:anywhere}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:0}
.tiles div{background:var(--tile);border:1px solid var(--line);border-radius:8px;padding:10px 14px}
.tiles dt{color:var(--soft);font-size:13px}.tiles dd{margin:0;font-size:22px;font-weight:600;overflow-wrap:anywhere}
.tiles .under{display:block;font-size:13px;font-weight:400;color:var(--soft)}
.remarks{margin:0;padding-left:22px}.remarks li{margin:6px 0}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:5px 12px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}
thead th{color:var(--soft);font-weight:500;font-size:13px}tbody th{font-weight:500;overflow-wrap:anywhere}
td.figure,th.figure{text-align:right;white-space:nowrap}
svg{width:100%;height:auto;margin:0 0 18px;font:12px system-ui,sans-serif}svg text{fill:var(--text)}
svg .title{font-weight:600;font-size:14px}svg .note{fill:var(--soft)}svg .grid{stroke:var(--line);fill:none}
svg .line{fill:none;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}svg .mark{fill:var(--mark)}
svg .a{stroke:var(--a)}svg .b{stroke:var(--b);stroke-dasharray:6 4}svg .c{stroke:var(--c);stroke-dasharray:2 4}
svg .d{stroke:var(--d)}
.chart svg{min-width:680px}
@media(max-width:680px){tbody th{min-width:10em}}
details{margin:16px 0}summary{cursor:pointer;font-weight:600}
pre{background:var(--tile);padding:12px;overflow-x:auto;font:13px/1.45 ui-monospace,monospace}
footer{margin-top:48px;color:var(--soft);font-size:13px}
@media print{details>*{display:block}h2{break-after:avoid}svg{break-inside:avoid}}
)";

}  // namespace gantry::report
