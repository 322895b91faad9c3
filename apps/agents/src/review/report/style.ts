/** The report's only style: no font, picture or script from elsewhere. */
export const STYLE = `
:root{color-scheme:light dark;--paper:#fbfbfa;--card:#fff;--ink:#1c2024;--soft:#5c646d;--line:#dfe2e6;--track:#eceef0;--plain:#3b6fb6;--good:#2f855a;--fair:#b7791f;--bad:#c53030}
@media(prefers-color-scheme:dark){:root{--paper:#14171a;--card:#1c2024;--ink:#e8eaed;--soft:#a0a8b1;--line:#343a41;--track:#2a2f35;--plain:#6ea3e8;--good:#5fbf8f;--fair:#e0b252;--bad:#f07f7f}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:68rem;margin:0 auto;padding:2rem 1rem 4rem}
h1{font-size:1.7rem;margin:0 0 .25rem;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:0 0 .75rem}
h3{font-size:1rem;margin:1.25rem 0 .5rem}
p{margin:.4rem 0}
.soft,.note{color:var(--soft)}
.note{font-size:.9rem}
section,.top{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1.25rem;margin-top:1.25rem}
.top{display:flex;gap:1.5rem;align-items:center;flex-wrap:wrap}
.top>div{flex:1 1 20rem}
.gauge{width:200px;flex:none}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.75rem;margin:0}
.facts div{border-left:3px solid var(--line);padding-left:.6rem}
.facts dt{color:var(--soft);font-size:.85rem}
.facts dd{margin:0;font-size:1.25rem;font-variant-numeric:tabular-nums}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-weight:600}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.path{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.85em;overflow-wrap:anywhere}
.chart{width:100%;max-width:44rem;height:auto;display:block}
svg text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--ink)}
svg .value{fill:var(--soft)}
svg .big{font-size:44px;font-weight:700}
svg .track{fill:var(--track)}
svg .plain{fill:var(--plain)}svg rect.good{fill:var(--good)}svg rect.fair{fill:var(--fair)}svg rect.bad{fill:var(--bad)}
svg .grid{stroke:var(--line);stroke-width:1}
svg .dot{fill:var(--plain);fill-opacity:.75;stroke:var(--card)}
.arc{fill:none;stroke-width:16;stroke-linecap:butt}
.arc.rest{stroke:var(--track)}.arc.good{stroke:var(--good)}.arc.fair{stroke:var(--fair)}.arc.bad{stroke:var(--bad)}
.bad-text{color:var(--bad);font-weight:600}
footer{margin-top:2rem;font-size:.85rem;color:var(--soft)}
@media print{section,.top{break-inside:avoid}}
`;
