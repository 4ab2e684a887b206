#!/usr/bin/env python3
"""Checks that what a module of ours offers others says what it is: a public declaration has a doc comment.

The type that a file is about is told by the comment that the file opens with. One comment may stand above several lines that
belong together, with nothing between them. Initializers say what their type says, and what a protocol asks for is told where
the protocol asks for it. Prints each breach as file:line: declaration, and ends with 1 if there is one.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PUBLIC = re.compile(
    r"\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:public|open)\s+(?:(?:internal|private)\(set\)\s+)?"
    r"(?:(?:static|final|mutating|override|indirect|nonisolated|lazy|weak|unowned|borrowing|consuming)\s+)*"
    r"(func|var|let|struct|class|enum|protocol|typealias|subscript)\b\s*([^\s\w(]+|\w*)"
)
# Of protocols of Swift's.
TOLD_BY_SWIFT = {"description", "debugDescription", "customMirror", "hash", "next", "makeIterator", "==", "<"}


def requirements(sources):
    """The names that our own protocols ask for."""
    found = set()
    for source in sources:
        for body in re.findall(r"^(?:public )?protocol [^{]*\{(.*?)^\}", source, re.M | re.S):
            found |= set(re.findall(r"\b(?:func|var)\s+(\w+)", body))
    return found


def breaches(path, source, told_elsewhere):
    lines = source.split("\n")
    for number, line in enumerate(lines):
        declaration = PUBLIC.match(line)
        if not declaration or declaration[2] in told_elsewhere or lines[0].startswith(f"// {declaration[2]}:"):
            continue
        above = number - 1
        while above >= 0 and re.match(r"\s*@\w+(\(.*\))?\s*$", lines[above]):
            above -= 1
        before = lines[above] if above >= 0 else ""
        if not before.strip().startswith("///") and not PUBLIC.match(before):
            yield f"{path}:{number + 1}: {line.strip()}"


def check_itself():
    """The checker finds what is planted, and nothing in what is right."""
    wrong = "// Other: x.\npublic struct Thing {\n\n  public var a: Int\n}"
    assert len(list(breaches("planted", wrong, TOLD_BY_SWIFT))) == 2
    right = "// Thing: x.\npublic struct Thing {\n  /// A and b.\n  public var a: Int\n  public var b: Int\n\n  public init() {}\n}"
    assert not list(breaches("right", right, TOLD_BY_SWIFT))


def main():
    check_itself()
    paths = sorted((ROOT / "Sources").rglob("*.swift"))
    sources = {path: path.read_text() for path in paths}
    told_elsewhere = requirements(sources.values()) | TOLD_BY_SWIFT
    found = [breach for path, source in sources.items() for breach in breaches(path.relative_to(ROOT), source, told_elsewhere)]
    print("\n".join(found) if found else f"documentation: {len(paths)} files, nothing public without a word")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
