# The documentation leads somewhere: each link to a file and to a heading is there, and each address on the net is an https address
# of a host that we mean.
import functools
import re
import urllib.parse

import pytest

from moongate import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob(".github/**/*.md")])
# Nothing is fetched: a test has no network. Another host is a choice that somebody should see.
HOSTS = {
    "docs.aws.amazon.com", "github.com", "keepachangelog.com", "luals.github.io", "semver.org", "www.powershellgallery.com",
    "www.swift.org",
}  # fmt: skip


def without_code(text):
    """A page without its blocks and words of code, in which nothing is a link; lines stay what they are."""
    text = re.sub(r"^(```.*?\n)(.*?)(^```$)", lambda block: "\n" * block[0].count("\n"), text, flags=re.M | re.S)
    return re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", "", text)


def links(page):
    """The line and the target of each link."""
    text = without_code(page.read_text())
    found = [*re.finditer(r"\]\(\s*<?([^)\s>]*)>?(?:\s+\"[^\"]*\")?\s*\)", text), *re.finditer(r"^\[[^\]]+\]:\s*(\S+)", text, re.M)]
    found += re.finditer(r"<(https?:[^>\s]*)>", text)
    return [(text.count("\n", 0, link.start()) + 1, link[1]) for link in found]


@functools.cache
def anchors(page):
    """What GitHub makes of the headings of a page."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.M | re.S)
    seen, found = {}, set()
    for heading in re.findall(r"^#{1,6} +(.*?) *#*$", text, re.M):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        count = seen[name] = seen.get(name, -1) + 1
        found.add(f"{name}-{count}" if count else name)
    return found | set(re.findall(r'<a (?:id|name)="([^"]+)"', text))


def problem(page, target):
    """What is wrong with a link; None when it leads somewhere."""
    address = urllib.parse.urlsplit(target)
    if address.scheme or address.netloc:
        if address.scheme != "https":
            return "is not https"
        if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", address.netloc):
            return "has no host"
        return None if address.netloc in HOSTS else f"leads to {address.netloc}, which is none of {sorted(HOSTS)}"
    path = (page.parent / urllib.parse.unquote(address.path)).resolve() if address.path else page
    if not path.exists() or ROOT not in [path, *path.parents]:
        return "leads to no file of the project"
    if address.fragment and (path.suffix != ".md" or address.fragment not in anchors(path)):
        return f"leads to no heading of {path.name}"
    return None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    found = [f"{page.name}:{line}: {target} {problem(page, target)}" for line, target in links(page) if problem(page, target)]
    assert not found, "\n".join(found)


def test_the_pages_have_links_and_a_dead_one_is_found(tmp_path):
    assert sum(len(links(page)) for page in PAGES) > 200
    page = ROOT / "docs/language.md"
    for target, expected in [
        ("nowhere.md", "no file"), ("../../outside", "no file"), ("language.md#nothing", "no heading"), ("#nothing", "no heading"),
        ("http://docs.aws.amazon.com/", "not https"), ("https:///path", "not https|no host"), ("https://example.com/", "none of"),
    ]:  # fmt: skip
        assert re.search(expected, problem(page, target) or ""), target
    for target in ("language.md#dates", "#dates", "../README.md", "https://docs.aws.amazon.com/x"):
        assert problem(page, target) is None, target


def test_no_two_headings_of_the_reference_have_one_anchor():
    text = (ROOT / "docs/lua-api.md").read_text()
    assert [name for name in anchors(ROOT / "docs/lua-api.md") if re.search(r"-\d+$", name)] == []
    assert text.count("\n### ") > 60
