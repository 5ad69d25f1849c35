"""Plain text of wiki markup, in linear time."""

import html
import re

# Elements whose content is no prose.
_DROPPED = (
    "ref", "math", "gallery", "timeline", "syntaxhighlight", "source", "code", "pre", "score",
    "templatestyles", "imagemap", "graph", "mapframe", "hiero", "chem",
)  # fmt: skip
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,20})\b([^<>]{0,2000})>")
# `|}}` ends a template whose last argument is empty, `|}}}` a table inside of a template.
_BRACKETS = re.compile(r"\{\{|\{\||\|\}(?!\}(?!\}))|\}\}|\[\[|\]\]")
_EXTERNAL = re.compile(
    r"\[(?:https?:|ftp:|mailto:)?//[^\s\[\]<>\"]{1,2000}(?:[ \t]([^\[\]\n]{0,500}))?\]"
)
_MAGIC = re.compile(r"__[A-Z가-힣]{3,30}__")
_MEDIA = re.compile(r"\s*:?(?:file|image|media|파일|그림|미디어|category|분류)\s*:", re.IGNORECASE)
_EMPTY_LEAD = re.compile(r"\((?:\s?[,;])+\s?")
_EMPTY_PARENTHESES = re.compile(r"\(\s{0,3}\)")


def plain_lines(text: str) -> list[str]:
    """Return the prose of wiki markup, a paragraph, list item or section heading a line.

    Templates, tables, references, files, categories and comments are removed; links keep the text
    that a reader sees.

    Example:
        >>> plain_lines("== 역사 ==\\n'''[[서울시|서울]]'''은 <ref>각주</ref>크다.\\n* 하나")
        ['역사', '서울은 크다.', '하나']
    """
    text = _without_elements(_without_comments(text))
    text = _without_brackets(text)
    text = _EXTERNAL.sub(lambda match: match.group(1) or "", text)
    text = _MAGIC.sub("", _TAG.sub(_tag_text, text))
    lines = []
    for line in html.unescape(text).split("\n"):
        line = _line_text(line.strip())
        if line:
            lines.append(line)
    return lines


def _line_text(line: str) -> str:
    if line.startswith("=") and line.endswith("="):
        line = line.strip("=").strip()
    elif line.startswith("----"):
        line = line.lstrip("-")
    line = line.lstrip("*#:;").strip() if line[:1] in "*#:;" else line
    if "''" in line:
        line = line.replace("'''''", "").replace("'''", "").replace("''", "")
    if "(" in line:
        line = _EMPTY_PARENTHESES.sub("", _EMPTY_LEAD.sub("(", line))
    return line.strip()


def _tag_text(match: re.Match) -> str:
    return "\n" if match.group(2).lower() in ("br", "p", "div", "li", "tr") else ""


def _without_comments(text: str) -> str:
    parts, at = [], 0
    while (start := text.find("<!--", at)) >= 0:
        parts.append(text[at:start])
        end = text.find("-->", start)
        if end < 0:
            return "".join(parts)
        at = end + 3
    return "".join([*parts, text[at:]])


def _without_elements(text: str) -> str:
    """Remove references, formulas and the like with their content."""
    parts, at, hidden = [], 0, ""
    closing = {name: text.lower().rfind(f"</{name}") for name in _DROPPED}
    for match in _TAG.finditer(text):
        end, name, attributes = match.group(1), match.group(2).lower(), match.group(3)
        if hidden:
            if end and name == hidden:
                hidden, at = "", match.end()
            continue
        if name not in _DROPPED:
            continue
        parts.append(text[at : match.start()])
        at = match.end()
        # An element that is never closed hides nothing but its tag.
        if not end and not attributes.endswith("/") and closing[name] > match.start():
            hidden = name
    if not hidden:
        parts.append(text[at:])
    return "".join(parts)


def _without_brackets(text: str) -> str:
    """Remove templates and tables, and resolve links, however they are nested."""
    # Each level: how it was opened, and the text inside of it so far.
    stack: list[tuple[str, list[str]]] = [("", [])]
    at = 0
    for match in _BRACKETS.finditer(text):
        stack[-1][1].append(text[at : match.start()])
        at = match.end()
        token = match.group()
        if token in ("{{", "{|", "[["):
            stack.append((token, []))
            continue
        opening = {"}}": "{{", "|}": "{|", "]]": "[["}[token]
        if stack[-1][0] == opening:
            _, inside = stack.pop()
            if token == "]]":
                stack[-1][1].append(_link_text("".join(inside)))
        # A closing bracket without an opening one is dropped.
    stack[-1][1].append(text[at:])
    while len(stack) > 1:  # brackets that are never closed: their text stays
        _, inside = stack.pop()
        stack[-1][1].extend(inside)
    return "".join(stack[0][1])


def _link_text(inside: str) -> str:
    if _MEDIA.match(inside) and not inside.startswith(":"):
        return ""
    return inside.rpartition("|")[2]
