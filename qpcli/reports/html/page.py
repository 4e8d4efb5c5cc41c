"""The page: sections in the order in which a director asks, in one file that needs no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files

from qpcli.reports.html import all_payers, clinicians, contributions, entities, record, steps
from qpcli.reports.html.content import Content
from qpcli.reports.html.elements import Html, element
from qpcli.reports.html.palette import DARK, LIGHT, variables

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page under a heading of its own; `is_told`: whether the run has anything for it."""

    identifier: str
    title: str
    words: str
    body: Callable[[Content], Html]
    is_told: Callable[[Content], bool] = lambda _content: True


SECTIONS = (
    Section("entities", "APM Entities", "Those that need attention first.", entities.cards),
    Section(
        "snapshots",
        "Scores across snapshots",
        "A method meets the QP bar at the dashed line. The better of payments and patients counts, at each snapshot "
        "anew; who reached QP at one keeps it for the year.",
        entities.across,
    ),
    Section(
        "all-payers",
        "With all payers",
        "The scores above are of Medicare alone. Here are those with other payers' submissions (All-Payer Combination "
        "Option); a clinician has the better status.",
        all_payers.told,
        all_payers.are_submitted,
    ),
    Section(
        "steps",
        "What counts, step by step",
        "From everything that was billed to the denominator and the numerator.",
        steps.waterfalls,
    ),
    Section(
        "clinicians",
        "Clinicians",
        "By the newest determination of each. QPs are excluded from MIPS, Partial QPs may elect it, the others are "
        "subject to it.",
        clinicians.by_status,
    ),
    Section(
        "near",
        "Clinicians near the bar",
        "The best result of each clinician by each method, of Medicare alone, through an APM Entity or individually.",
        clinicians.near_the_bar,
    ),
    Section(
        "contributions",
        "What each TIN contributes",
        "The entity's score with the TIN left out and its patients counted again: patients are shared, so changes do "
        "not add up. Whom CMS would attribute then is not modelled.",
        contributions.by_tin,
        contributions.are_known,
    ),
    Section("findings", "Findings", "What was counted or doubted while reading and computing.", record.findings),
    Section(
        "assumptions",
        "Assumptions",
        "Where no published text settles a question, an assumption stands in; it is not CMS's word.",
        record.assumptions,
    ),
    Section("sources", "Sources", "Whose numbers these are.", record.sources),
)


def page(content: Content) -> bytes:
    """The whole page as UTF-8; the same bytes for the same run."""
    manifest = content.manifest
    title = f"QP status, performance year {manifest.performance_year}"
    body = element(
        "body",
        element("a", "To the content", href="#main", class_="skip"),
        element("header", *_opening(content, title)),
        element("main", *(_section(section, content) for section in _told(content)), id="main"),
        element("footer", *_closing(content)),
        element("script", Html(_asset("page.js"))),
    )
    return ("<!DOCTYPE html>\n" + element("html", _head(title), body, lang="en") + "\n").encode()


def _head(title: str) -> Html:
    light, dark = variables(LIGHT), variables(DARK)
    colours = (
        f":root{{color-scheme:light dark;{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"
    )
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        element("style", Html(f"{colours}\n{_asset('page.css')}")),
    )


def _opening(content: Content, title: str) -> list[Html]:
    links = [element("li", element("a", section.title, href=f"#{section.identifier}")) for section in _told(content)]
    return [
        element("h1", title),
        element("p", f"Law as of {content.manifest.law_as_of}; run {content.manifest.run_id}.", class_="muted"),
        element("p", entities.headline(content), class_="lead"),
        record.read_first(content),
        element("nav", element("ul", *links), aria_label="Sections"),
    ]


def _told(content: Content) -> list[Section]:
    return [section for section in SECTIONS if section.is_told(content)]


def _section(section: Section, content: Content) -> Html:
    heading = f"{section.identifier}-heading"
    return element(
        "section",
        element("h2", section.title, id=heading),
        element("p", section.words, class_="muted"),
        section.body(content),
        id=section.identifier,
        aria_labelledby=heading,
    )


def _closing(content: Content) -> list[Html]:
    versions = content.manifest.versions
    return [
        element(
            "p",
            f"Made by qpcli {versions.qpcli} from the run {content.manifest.run_id}.",
        ),
        element("p", "Only a determination by CMS counts."),
    ]


def _asset(name: str) -> str:
    return files("qpcli.reports.html").joinpath(name).read_text(encoding="utf-8")
