"""Remove HTML tags and decode HTML entities."""

import html
import re

from kortf.clean.rule import Example, Setting, TextRule

# Only tags of HTML: <조건> and List<String> are text.
_TAGS = (
    "a|abbr|address|article|aside|b|big|blockquote|body|br|button|caption|center|cite|code|col|dd|"
    "del|div|dl|dt|em|embed|fieldset|figcaption|figure|font|footer|form|h[1-6]|head|header|hr|html|"
    "i|iframe|img|input|ins|kbd|label|legend|li|link|main|meta|nav|nobr|object|ol|option|p|param|"
    "pre|q|ref|s|script|section|select|small|source|span|strike|strong|style|sub|sup|table|tbody|"
    "td|textarea|tfoot|th|thead|title|tr|tt|u|ul|video"
)
_TAG = re.compile(
    rf"</?(?:{_TAGS})(?:[ \t/][^<>\n\ud800]{{0,2000}})?>"
    r"|<!--(?:(?!<!--|-->)[^\n\ud800]){0,2000}-->|<!doctype [^<>\n\ud800]{1,200}>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_BREAKS = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029\ud800-\udfff]")


class Html(TextRule):
    """Removes tags and comments of HTML, and decodes entities.

    Example:
        >>> Html().apply("<p class='a'>A &amp; B</p><br/> 1 &lt; 2 <조건>")
        'A & B 1 < 2 <조건>'
    """

    name = "html"
    place = 10
    settings = (Setting("web.html", False, "tags of HTML go, entities are decoded"),)
    example = Example({"web.html": True}, "<p>봄&nbsp;꽃 &amp; 비</p>", "봄\u00a0꽃 & 비")

    def apply(self, text: str) -> str:
        """See `TextRule`."""
        if "<" in text:
            text = _TAG.sub("", text)
        if "&" in text:
            text = _ENTITY.sub(lambda match: _BREAKS.sub(" ", html.unescape(match[0])), text)
        return text
