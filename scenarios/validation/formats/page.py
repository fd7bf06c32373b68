"""Results as one HTML page that needs nothing else: files with their findings, filters, quotes with a caret; last,
folded, the files without findings."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable
from html import escape
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, TextIO

from scenarios.validation.checking import Checked
from scenarios.validation.formats import Summary, more
from scenarios.validation.quotes import Quote

if TYPE_CHECKING:
    from exchange.validation import Finding

_IN_MEMORY = 16 * 1024 * 1024
_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>corridor validate</title>
<style>
:root{color-scheme:light dark;--ink:#1b2430;--soft:#5b6675;--line:#d8dde4;--paper:#fff;--bad:#b3261e;--warn:#8a5a00;
--good:#1b6e3c;--code:#f4f6f8}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa5b4;--line:#39424e;--paper:#14181d;--bad:#ff8a80;
--warn:#f0b84a;--good:#79d29b;--code:#1e242b}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:0 auto;max-width:68rem;
padding:1.5rem}
h1{font-size:1.35rem;margin:0 0 .25rem}p.sum{margin:0 0 1rem;color:var(--soft)}
.bar{position:sticky;top:0;background:var(--paper);padding:.6rem 0;border-bottom:1px solid var(--line);display:flex;
gap:.75rem;flex-wrap:wrap}
input,select{font:inherit;padding:.3rem .5rem;border:1px solid var(--line);border-radius:.3rem;background:var(--paper);
color:inherit}input{flex:1;min-width:14rem}
details{border-bottom:1px solid var(--line);padding:.5rem 0}summary{cursor:pointer;overflow-wrap:anywhere}
.no{color:var(--bad)}.yes{color:var(--good)}.count{color:var(--soft)}
ol,ul{list-style:none;margin:.5rem 0 .5rem 1.1rem;padding:0}ol li{margin:0 0 .8rem}
.error b{color:var(--bad)}.warning b{color:var(--warn)}
.path{color:var(--soft);font-size:.88em;overflow-wrap:anywhere}
pre{background:var(--code);padding:.4rem .6rem;margin:.25rem 0 0;overflow-x:auto;font:13px/1.35 ui-monospace,monospace}
pre i{color:var(--bad);font-style:normal}
</style></head><body>
"""
_TAIL = """<script>
const text=document.querySelector("input"),code=document.querySelector("select");
function show(){const wanted=text.value.toLowerCase(),one=code.value;
for(const file of document.querySelectorAll("details.file")){let any=false;
const named=file.dataset.file.toLowerCase().includes(wanted);
for(const item of file.querySelectorAll("li")){const fits=(!one||item.dataset.code===one)&&
(named||item.textContent.toLowerCase().includes(wanted));item.hidden=!fits;any=any||fits}
file.hidden=!(any||(named&&!one))}}
text.addEventListener("input",show);code.addEventListener("change",show);
</script></body></html>
"""


def _item(finding: Finding, quote: Quote | None) -> str:
    mark = finding.rule or finding.code
    place = f"{finding.line}:{finding.column} " if finding.line else ""
    said = f"<b>{escape(finding.severity)} {escape(mark)}</b> {escape(finding.text)}"
    path = f'<div class="path">{place}{escape(finding.xpath)}</div>'
    shown = ""
    if quote is not None:
        shown = f"<pre>{escape(quote.line)}\n{' ' * quote.caret}<i>^</i></pre>"
    return f'<li class="{escape(finding.severity)}" data-code="{escape(mark)}">{said}{path}{shown}</li>\n'


def _fine(checked: Checked) -> str:
    code = f' <span class="count">{escape(checked.code)}</span>' if checked.code else ""
    return f"<li>{escape(checked.file)}{code}</li>\n"


def _file(checked: Checked) -> str:
    quotes = checked.quotes or (None,) * len(checked.findings)
    items = "".join(_item(finding, quote) for finding, quote in zip(checked.findings, quotes, strict=True))
    rest = more(checked)
    mark = '<b class="yes">valid</b>' if checked.valid else '<b class="no">invalid</b>'
    count = f"{checked.total:,} finding{'' if checked.total == 1 else 's'}" + (f" ({rest})" if rest else "")
    name = escape(checked.file)
    head = f'{mark} {name} <span class="count">{escape(checked.code or "")} {count}</span>'
    return f'<details class="file" data-file="{name}" open><summary>{head}</summary><ol>{items}</ol></details>\n'


def write(results: Iterable[Checked], out: TextIO) -> Summary:
    """Write all results as one page."""
    summary = Summary()
    codes: Counter[str] = Counter()
    with (
        SpooledTemporaryFile(_IN_MEMORY, mode="w+", encoding="utf-8") as files,
        SpooledTemporaryFile(_IN_MEMORY, mode="w+", encoding="utf-8") as fine,
    ):
        silent = 0
        for checked in results:
            if checked.findings:
                files.write(_file(checked))
            else:
                fine.write(_fine(checked))
                silent += 1
            codes.update(finding.rule or finding.code for finding in checked.findings)
            summary = summary.plus(checked)
        files.seek(0)
        fine.seek(0)
        out.write(_HEAD)
        noun = "message" if summary.files == 1 else "messages"
        out.write(f"<h1>{summary.files:,} {noun}: {summary.valid:,} valid, {summary.invalid:,} invalid</h1>\n")
        out.write(f'<p class="sum">{summary.findings:,} finding{"" if summary.findings == 1 else "s"}</p>\n')
        choices = "".join(
            f'<option value="{escape(code)}">{escape(code)} ({n:,})</option>' for code, n in codes.most_common()
        )
        out.write('<div class="bar"><input type="search" placeholder="file, text, path" aria-label="Search">')
        out.write(f'<select aria-label="Code"><option value="">all codes</option>{choices}</select></div>\n')
        shutil.copyfileobj(files, out)
        if silent:
            noun = "file" if silent == 1 else "files"
            out.write(f'<details><summary><b class="yes">{silent:,} valid {noun}</b> without findings</summary><ul>\n')
            shutil.copyfileobj(fine, out)
            out.write("</ul></details>\n")
        out.write(_TAIL)
    return summary


__all__ = ["write"]
