"""The page in a real browser: no error, charts drawn, tables sorted, nothing cut off, contrasts as seen."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.cli.calling import qpcli

BROWSER = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
pytestmark = pytest.mark.skipif(not BROWSER, reason="no Chromium here: the page is not opened in a browser")

LIGHT, DARK = "--blink-settings=preferredColorScheme=1", "--blink-settings=preferredColorScheme=0"

LISTENING = """<script>
window.seen = [];
window.addEventListener("error", (event) => seen.push(String(event.message)));
document.addEventListener("securitypolicyviolation", (event) => seen.push("policy: " + event.violatedDirective));
const loud = console.error;
console.error = (...words) => { seen.push(words.join(" ")); loud(...words); };
</script>"""

ASKING = """<script>
const told = {};
const number = (text) => Number(text);
told.pictures = [...document.querySelectorAll("svg")].map((svg) => {
  const box = svg.getBoundingClientRect();
  const isDrawn = (one) => one.getBBox().width + one.getBBox().height > 0;
  return [box.width, box.height, [...svg.querySelectorAll("rect,circle,polyline,line")].filter(isDrawn).length];
});
told.cut = [...document.querySelectorAll("svg")].filter((svg) => {
  const {width, height} = svg.viewBox.baseVal, box = svg.getBBox();
  return box.x < -1 || box.y < -1 || box.x + box.width > width + 1 || box.y + box.height > height + 1;
}).map((svg) => svg.querySelector("title").textContent);
told.wide = document.documentElement.scrollWidth > window.innerWidth;
const isOfScores = (one) => one.caption.textContent.includes("Threshold Scores");
const table = [...document.querySelectorAll("table")].find(isOfScores);
const header = [...table.tHead.rows[0].cells].findIndex((cell) => cell.textContent.includes("Patients missing"));
const column = () => [...table.tBodies[0].rows].map((row) => row.cells[header].textContent);
const button = table.tHead.rows[0].cells[header].querySelector("button");
button.click();
told.ascending = [column(), table.tHead.rows[0].cells[header].getAttribute("aria-sort")];
button.click();
told.descending = [column(), table.tHead.rows[0].cells[header].getAttribute("aria-sort")];
const light = (colour) => {
  const parts = colour.match(/[0-9.]+/g).slice(0, 3).map((part) => number(part) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
};
const ground = (one) => {
  for (let here = one; here; here = here.parentElement) {
    const colour = getComputedStyle(here).backgroundColor;
    if (!/, 0\\)$/.test(colour)) return colour;
  }
  return "rgb(255, 255, 255)";
};
told.faint = [];
for (const one of document.querySelectorAll("h1,h2,h3,p,a,td,th,button,caption,figcaption,summary,span,text")) {
  if (!one.textContent.trim() || one.matches(".skip")) continue;
  const style = getComputedStyle(one);
  const [a, b] = [light(one.matches("text") ? style.fill : style.color), light(ground(one))];
  const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (contrast < 4.5) told.faint.push([one.tagName, one.textContent.slice(0, 30), contrast]);
}
told.ground = getComputedStyle(document.documentElement).backgroundColor;
window.dispatchEvent(new Event("beforeprint"));
told.folded = document.querySelectorAll("details:not([open])").length;
told.seen = window.seen;
const note = document.createElement("pre");
note.id = "told";
note.textContent = JSON.stringify(told);
document.body.append(note);
</script>"""

Look = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("browser")
    for words in (
        ("sample", "--out", "market", "--year", "2026", "--beneficiaries", "600", "--quiet"),
        ("init", "market", "--year", "2026"),
        ("determine", "--config", "market/qpcli.toml", "--out", "run", "--quiet"),
        ("report", "run", "--quiet"),
    ):
        assert qpcli(*words, cwd=place).status == 0
    return place / "run.html"


@pytest.fixture
def look(report: Path, tmp_path: Path) -> Look:
    def looked(*options: str, width: int = 1200) -> dict[str, Any]:
        text = report.read_text(encoding="utf-8")
        (tmp_path / "asked.html").write_text(
            text.replace("<head>", f"<head>{LISTENING}", 1).replace("</body>", f"{ASKING}</body>"), encoding="utf-8"
        )
        command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
        command += [f"--window-size={width},1000", *options, "--dump-dom", f"file://{tmp_path / 'asked.html'}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        found = re.search(r'<pre id="told">(.*?)</pre>', done.stdout, re.DOTALL)
        assert found is not None, "the page's script has not run to its end"
        return dict(json.loads(unescape(found.group(1))))

    return looked


@pytest.mark.parametrize("mode", [LIGHT, DARK])
def test_the_page_opens_without_an_error_and_can_be_read_in_both_modes(look: Look, mode: str) -> None:
    told = look(mode)
    assert told["seen"] == []
    assert told["faint"] == []
    assert told["ground"] == ("rgb(255, 255, 255)" if mode == LIGHT else "rgb(16, 21, 27)")


@pytest.mark.parametrize("width", [1200, 700, 500])
def test_every_chart_is_drawn_within_its_frame_at_any_width(look: Look, width: int) -> None:
    told = look(width=width)
    assert len(told["pictures"]) > 20
    assert all(wide > 150 and high > 30 and shapes > 0 for wide, high, shapes in told["pictures"])
    assert (told["cut"], told["wide"]) == ([], False)


def test_tables_are_sorted_up_and_down_by_number(look: Look) -> None:
    told = look()
    for name, is_reversed in (("ascending", False), ("descending", True)):
        column, direction = told[name]
        numbers = [int(text.replace(",", "")) for text in column if text != "-"]
        assert direction == name
        assert len(numbers) > 10
        assert numbers == sorted(numbers, reverse=is_reversed)
        assert column[len(numbers) :] == ["-"] * (len(column) - len(numbers))


def test_nothing_is_folded_on_paper(look: Look) -> None:
    assert look()["folded"] == 0


def test_it_prints(report: Path, tmp_path: Path) -> None:
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    paper = tmp_path / "page.pdf"
    subprocess.run(
        [*command, DARK, f"--print-to-pdf={paper}", f"file://{report}"], capture_output=True, timeout=120, check=True
    )
    assert paper.read_bytes().startswith(b"%PDF")
